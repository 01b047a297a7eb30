// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    Docket,
    SignedVerdict,
    SignedVote,
    Sweep
} from "../src/types/Types.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {Fixture} from "./Fixture.t.sol";

/// @notice One posted commit before the court: its sixty trials are two sellers', thirty each.
abstract contract Courtroom is Fixture {
    uint256 internal constant JUDGE_TIME = 60;
    uint256 internal constant PANEL_TIME = 120;
    uint256 internal constant CHALLENGE = 1 << 255;

    Sweep internal sweep;
    bytes private packed;
    /// @dev Of all commits that were ever brought.
    Award[] private known;

    function setUp() public virtual override {
        super.setUp();
        (Sweep memory s, Commit memory c) = _posted(60, 2);
        _bring(s, c);
    }

    function _bring(Sweep memory s, Commit memory c) internal {
        sweep = s;
        packed = abi.encode(c);
        for (uint256 i; i < c.awards.length; ++i) {
            known.push(c.awards[i].award);
        }
    }

    // --- what lies before it ---

    function _case() internal view returns (Commit memory) {
        return abi.decode(packed, (Commit));
    }

    function _docket() internal view returns (Docket memory) {
        return market.docket(sweep, _case());
    }

    function _caseId() internal view returns (bytes32) {
        return _commitId(_case());
    }

    function _awardAt(uint256 index) internal view returns (Award memory) {
        return _case().awards[index].award;
    }

    function _statusAt(uint256 index, AwardStatus status) internal view {
        _assertStatus(_awardAt(index).id, status);
    }

    /// @dev The items that a share answers of an award, its own first.
    function _itemsOf(uint256 index, uint256 share) internal view returns (uint256[] memory items) {
        Docket memory d = _docket();
        items = _list(d, share);
        uint256 count;
        for (uint256 i; i < items.length; ++i) {
            if (_indexOf(d, items[i]) == index) items[count++] = items[i];
        }
        assembly ("memory-safe") {
            mstore(items, count)
        }
    }

    /// @dev The subject of one of a share's items of an award.
    function _subjectAt(uint256 index, uint256 share, uint256 place)
        internal
        view
        returns (uint256)
    {
        return _subjectOf(share, _itemsOf(index, share)[place]);
    }

    function _idOf(uint256 index, uint256 subject) internal view returns (bytes32) {
        return _disputeId(_caseId(), _awardAt(index).id, subject);
    }

    function _disputeOf(uint256 index, uint256 subject) internal view returns (Dispute memory) {
        return court.dispute(_idOf(index, subject));
    }

    // --- who sits where ---

    function _seat(uint8 share, uint8 seat) internal view returns (address) {
        return court.judgeOf(sweep, _case(), share, seat);
    }

    function _panel(uint256 index, uint256 subject) internal view returns (address[] memory) {
        return court.panelOf(sweep, _case(), index, subject);
    }

    function _seatsOf(address who, address[] memory seats) internal pure returns (uint256 count) {
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i] == who) ++count;
        }
    }

    /// @dev Who is paid where the whole panel agrees: in the order of the votes, and who sits twice in a row.
    function _allOf(address[] memory seats) internal pure returns (address[] memory paid) {
        paid = new address[](seats.length);
        uint256 count;
        for (uint256 i; i < seats.length; ++i) {
            if (_seatsOf(seats[i], paid) != 0) continue;
            for (uint256 held = _seatsOf(seats[i], seats); held > 0; --held) {
                paid[count++] = seats[i];
            }
        }
    }

    // --- what is done ---

    /// @dev A seat's verdict on all of its share, but for one answer where there is a subject.
    function _said(uint8 share, uint8 seat, uint256 item, uint8 nibble)
        internal
        view
        returns (SignedVerdict memory)
    {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[share], 5);
        _setAnswer(answers, _placeOf(d, share, item), nibble);
        return _verdictOf(sweep, _case(), d, share, seat, answers);
    }

    function _upheld(uint8 share, uint8 seat) internal view returns (SignedVerdict memory) {
        Docket memory d = _docket();
        return _verdictOf(sweep, _case(), d, share, seat, _answers(d.sizes[share], 5));
    }

    function _post(SignedVerdict memory verdict, uint8 seat) internal {
        court.post(sweep, _case(), verdict, seat);
    }

    /// @dev The judge of the subject's share refutes its item.
    function _refutes(uint256 subject) internal {
        _post(_refutation(sweep, _case(), subject), 0);
        _mine(3);
    }

    function _misses(uint256 subject) internal {
        _post(_withheld(sweep, _case(), subject), 0);
        _mine(3);
    }

    function _challenge(address who, uint256 index, uint256 position)
        internal
        returns (uint256 subject)
    {
        Commit memory commit = _case();
        vm.prank(who);
        court.challenge(sweep, commit, index, position);
        _mine(3);
        return CHALLENGE | position;
    }

    function _vote(uint256 index, uint256 subject, bool upheld)
        internal
        view
        returns (SignedVote[] memory)
    {
        return _votes(_panel(index, subject), _idOf(index, subject), upheld);
    }

    /// @dev The whole panel could not get something.
    function _starve(uint256 index, uint256 subject) internal {
        SignedVote[] memory votes =
            _votes(_panel(index, subject), _idOf(index, subject), UNAVAILABLE);
        court.resolve(sweep, _case(), index, subject, votes);
    }

    function _resolve(uint256 index, uint256 subject, bool upheld) internal {
        SignedVote[] memory votes = _vote(index, subject, upheld);
        court.resolve(sweep, _case(), index, subject, votes);
    }

    function _expire(uint256 index, uint256 subject) internal {
        court.expire(sweep, _case(), index, subject);
    }

    /// @dev Three panels that don't decide.
    function _lapse(uint256 index, uint256 subject) internal {
        for (uint256 i; i < 3; ++i) {
            _pass(PANEL_TIME + 1);
            _expire(index, subject);
        }
    }

    // --- money ---

    function _panelFee(Award memory award) internal pure returns (uint256 fee) {
        fee = 6 * uint256(award.price);
        if (fee < PANEL_FLOOR) fee = PANEL_FLOOR;
    }

    function _depositOf(Award memory award) internal pure returns (uint256 deposit) {
        deposit = (_price(award) + 4) / 5 + _panelFee(award);
    }

    /// @dev Of a bond, to a challenger that was right.
    function _challengersPart(Award memory award) internal pure returns (uint256) {
        return _depositOf(award) / 4;
    }

    /// @dev Base units of the native coin as a token, in the native coin as validators bond it.
    function _worth(uint256 amount) internal pure returns (uint256) {
        return uint256(LEAST_BOND) * amount / (2 * uint256(CAP));
    }

    /// @dev Of a judge that could not get what a panel got.
    function _accusersPart(Award memory award) internal pure returns (uint256) {
        return _worth((_price(award) + 4) / 5 + _panelFee(award) / 2);
    }

    /// @dev Of a wrong judge, where that is more than the panel.
    function _fineOf(Award memory award) internal pure returns (uint256) {
        return uint256(LEAST_BOND) * _price(award) / (4 * uint256(CAP));
    }

    /// @dev A share's part of an award's audit fee, everything being done.
    function _feeOf(uint256 index, uint256 share) internal view returns (uint256) {
        uint256 all;
        for (uint256 i; i < _docket().shares; ++i) {
            all += _itemsOf(index, i).length;
        }
        return _fee(_price(_awardAt(index))) / all * _itemsOf(index, share).length;
    }

    /// @dev Everything that the market was ever paid is still somebody's, or waits for an award's end.
    function _assertBooks() internal view {
        uint256 owed;
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) {
            owed += _free(all[i]) + _locked(all[i]);
        }
        for (uint256 i; i < known.length; ++i) {
            AwardStatus status = _status(known[i].id);
            bool open = status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
            if (open) owed += _cost(known[i]);
        }
        vm.assertEq(owed, address(market).balance, "the market's books");

        uint256 bonds;
        for (uint256 i; i < all.length; ++i) {
            IValidatorSet.Validator memory v = validators.validator(all[i]);
            bonds += uint256(v.bond) + v.unbonding + v.credit;
        }
        vm.assertEq(bonds, address(validators).balance, "the validators' books");
    }

    function _everybody() private view returns (address[] memory all) {
        all = new address[](judges.length + sellers.length + 4);
        for (uint256 i; i < judges.length; ++i) {
            all[i] = judges[i];
        }
        for (uint256 i; i < sellers.length; ++i) {
            all[judges.length + i] = sellers[i];
        }
        uint256 last = judges.length + sellers.length;
        (all[last], all[last + 1], all[last + 2]) = (buyer, relayer, BURN);
        all[last + 3] = address(this);
    }

    function _bonded(address who) internal view returns (uint256) {
        return validators.validator(who).bond;
    }

    function _credited(address who) internal view returns (uint256) {
        return validators.validator(who).credit;
    }
}
