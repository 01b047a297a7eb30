// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    Commit,
    DisputeStatus,
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
    function _within(string memory name) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(name, gas);
        vm.assertLt(gas, MOST, name);
    }

    function _summonAll() private {
        _pass(VERDICT_TIME);
        for (uint8 share; share < 3; ++share) {
            court.summon(sweep, _case(), share);
            _within("summon");
        }
        _pass(JUDGE_TIME + 1);
    }

    /// @dev Refutes a share's first item of the awards from one on, and upholds the rest.
    function _refuting(uint8 share, uint8 seat, uint256 index)
        private
        view
        returns (SignedVerdict memory, uint256 disputed)
    {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[share], 5);
        for (; index < AWARDS; ++index) {
            (uint256 place,,,) = _unpacked(d.places[3 * index + share]);
            _setAnswer(answers, place, 3);
            ++disputed;
        }
        return (_verdictOf(sweep, _case(), d, share, seat, answers), disputed);
    }

    function _unpacked(uint256 word) private pure returns (uint256, uint256, uint256, uint256) {
        return (uint64(word), uint64(word >> 64), uint64(word >> 128), word >> 192);
    }

    function _settle() private returns (uint256 settled) {
        settled = market.settle(sweep, _case(), new SignedVerdict[](0));
        _within("settle");
    }

    function test_settle_with_every_judge_replaced_by_two_that_uphold_all() public {
        _summonAll();
        for (uint8 share; share < 3; ++share) {
            for (uint8 seat = 1; seat < 3; ++seat) {
                _post(_upheld(share, seat), seat);
                _within("post");
            }
        }
        vm.assertEq(_settle(), AWARDS);
    }
}
