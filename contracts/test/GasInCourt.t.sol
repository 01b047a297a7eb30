// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    Commit,
    Docket,
    Offer,
    Profile,
    SignedVerdict,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

/// @dev A validator without a key: whatever has a signature's length is its word.
contract Consent {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return signature.length == 65 ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

/// @notice The dearest commit there is: as many awards and items as one takes, each award another seller's, and a
/// full set of validators that are all alike to one of the parties in what a draw looks at first.
/// Each call is a transaction of its own, calldata and the 21,000 counted.
/// forge-config: default.isolate = true
contract GasInCourtTest is Courtroom {
    uint256 private constant AWARDS = 64;
    uint256 private constant TRIALS = 15;
    uint256 private constant VALIDATORS = 512;
    /// @dev Half of what a transaction may use.
    uint256 private constant MOST = 2 ** 23;
    /// @dev A verdict may dispute every award, and be the first in its judge's place.
    uint256 private constant FIRST = 2 ** 22 * 3;

    function setUp() public override {
        super.setUp();
        Profile memory profile = demo();
        (profile.seats, profile.quorum) = (7, 4);
        _deploy(profile);
        _crowd();
        Sweep memory other = _sweep();
        Offer[] memory offers = new Offer[](AWARDS);
        for (uint256 i; i < AWARDS; ++i) {
            offers[i] = _offer(_bid(other, sellers[i], TRIALS * i, TRIALS));
        }
        Award[] memory awards = _award(other, offers);
        _within("award");
        Commit memory commit = _commit(other, _submissions(awards));
        _within("commit");
        _bring(other, commit);
        _mine(3);
        vm.assertEq(_docket().ends[AWARDS - 1], 1024);
    }

    function _crowd() private {
        while (sellers.length < AWARDS) {
            sellers.push(_actor(string.concat("seller", vm.toString(sellers.length))));
        }
        for (uint256 i; i < AWARDS; ++i) {
            _deposit(sellers[i], NATIVE, 10 ether);
        }
        bytes memory code = address(new Consent()).code;
        for (uint256 i; i < VALIDATORS; ++i) {
            address who = address(uint160((0xc0de00 + i) << 8 | uint8(uint160(sellers[0]))));
            vm.etch(who, code);
            vm.deal(who, LEAST_BOND);
            keyOf[who] = 1;
            _bondValidator(who, LEAST_BOND, 24);
        }
        _pass(EPOCH);
    }

    /// @dev What the last call used.
    function _within(string memory name, uint256 most) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(name, gas);
        vm.assertLt(gas, most, name);
    }

    function _within(string memory name) private {
        _within(name, MOST);
    }

    function _summon(uint8 share) private {
        court.summon(sweep, _case(), share);
        _within("summon");
    }

    function _summonAll() private {
        _pass(VERDICT_TIME);
        for (uint8 share; share < 3; ++share) {
            _summon(share);
        }
        _pass(JUDGE_TIME + 1);
    }

    /// @dev Answers the first item of all awards from one on alike, and upholds the rest.
    function _but(uint8 share, uint8 seat, uint256 index, uint8 nibble)
        private
        view
        returns (SignedVerdict memory)
    {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[share], 5);
        for (; index < AWARDS; ++index) {
            _setAnswer(answers, uint64(d.places[3 * index + share]), nibble);
        }
        return _verdictOf(sweep, _case(), d, share, seat, answers);
    }

    /// @dev Each share's first two substitutes uphold all of it, or all awards before one.
    function _replaceAll(uint256 index) private {
        _summonAll();
        for (uint8 share; share < 3; ++share) {
            for (uint8 seat = 1; seat < 3; ++seat) {
                _post(index == AWARDS ? _upheld(share, seat) : _but(share, seat, index, 3), seat);
                _within("post", FIRST);
            }
        }
    }

    function _settles(SignedVerdict[] memory verdicts, uint256 settled) private {
        Commit memory commit = _case();
        vm.prank(relayer);
        vm.assertEq(market.settle(sweep, commit, verdicts), settled);
        _within("settle");
    }

    function _settles(uint256 settled) private {
        _settles(new SignedVerdict[](0), settled);
    }

    // --- settle ---

    function test_settle_with_every_judges_verdict() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _pass(VERDICT_TIME);
        _settles(verdicts, AWARDS);
    }

    function test_settle_with_every_judge_replaced_by_two_that_uphold_all() public {
        _replaceAll(AWARDS);
        _settles(AWARDS);
    }

    function test_settle_with_every_judge_replaced_by_two_that_dispute_an_award() public {
        _replaceAll(AWARDS - 1);
        _settles(AWARDS - 1);
    }

    function test_settle_with_every_judge_replaced_by_one() public {
        _summonAll();
        for (uint8 share; share < 3; ++share) {
            _post(_upheld(share, 1), 1);
        }
        _pass(3 * VERDICT_TIME);
        _settles(AWARDS);
    }

    function test_settle_with_one_judge_overruled_and_two_replaced() public {
        Docket memory d = _docket();
        SignedVerdict[] memory verdicts = new SignedVerdict[](1);
        verdicts[0] = _but(0, 0, 3 * AWARDS / 4, 3);
        _post(verdicts[0], 0);
        _mine(3);
        for (uint256 i = 3 * AWARDS / 4; i < AWARDS; ++i) {
            _resolve(i, _subjectOf(0, 3 * uint64(d.places[3 * i])), true);
            _within("resolve");
        }
        _pass(VERDICT_TIME);
        _summon(1);
        _summon(2);
        _pass(JUDGE_TIME + 1);
        for (uint8 share = 1; share < 3; ++share) {
            _post(_upheld(share, 1), 1);
            _post(_upheld(share, 2), 2);
        }
        _settles(verdicts, AWARDS);
    }

    // --- what ends an award otherwise ---

    function test_expirePosted_beside_judges_that_were_replaced() public {
        _summonAll();
        for (uint8 share; share < 2; ++share) {
            _post(_upheld(share, 1), 1);
            _post(_upheld(share, 2), 2);
        }
        _pass(3 * VERDICT_TIME);
        market.expirePosted(sweep, _case(), AWARDS - 1, new SignedVerdict[](0));
        _within("expirePosted");
    }

    function test_post_and_panels_where_a_substitute_disputes_every_award() public {
        _replaceAll(0);
        _mine(3);
        uint256 last = AWARDS - 1;
        _resolve(last, _subjectAt(last, 0, 0), false);
        _within("resolve, refuted");
        _resolve(0, _subjectAt(0, 0, 0), true);
        _within("resolve, upheld");
        for (uint256 i; i < 3; ++i) {
            _pass(PANEL_TIME + 1);
            for (uint8 share = 1; share < 3; ++share) {
                _expire(0, _subjectAt(0, share, 0));
                _within("expire");
            }
        }
        _statusAt(0, AwardStatus.REFUNDED);
    }

    function test_resolve_where_a_judge_could_not_get_an_item() public {
        for (uint8 share; share < 3; ++share) {
            _post(_but(share, 0, 0, 0), 0);
        }
        _mine(3);
        uint256 last = AWARDS - 1;
        for (uint8 share; share < 3; ++share) {
            _resolve(last, _subjectAt(last, share, 0), share != 2);
            _within("resolve");
        }
        _statusAt(last, AwardStatus.SLASHED);
    }

    function test_challenge() public {
        uint256 subject = _challenge(sellers[1], AWARDS - 1, 0);
        _within("challenge");
        _resolve(AWARDS - 1, subject, false);
        _within("resolve");
    }

    // --- words that are held against who said them ---

    /// @dev Five seats say the same, and the last of them is asked about, without a signature.
    function test_oversight_of_the_last_substitute() public {
        _summonAll();
        _pass(2 * VERDICT_TIME);
        uint256 item = _itemsOf(0, 0)[0];
        uint256 subject = _subjectOf(0, item);
        _post(_said(0, 1, item, 3), 1);
        for (uint8 seat = 2; seat < 7; ++seat) {
            _post(_but(0, seat, AWARDS - 1, 3), seat);
        }
        _mine(3);
        SignedVerdict memory verdict = _but(0, 6, AWARDS - 1, 3);
        verdict.signature = "";
        address judge = _seat(0, 6);
        oversight.demand{value: DEMAND_DEPOSIT}(sweep, _case(), verdict, judge, item);
        _within("demand");
        _resolve(0, subject, false);
        oversight.overturn(sweep, _case(), 0, subject, verdict, judge);
        _within("overturn");
    }
}
