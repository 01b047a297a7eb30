// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {Answers} from "../libraries/Answers.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Deal} from "../libraries/Deal.sol";
import {Ids} from "../libraries/Ids.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Words} from "../libraries/Words.sol";
import {Commit, Docket, SignedVerdict, Sweep} from "../types/Types.sol";
import {Results} from "./Results.sol";

/// @title Hearings
/// @notice Who said what about a commit, and what each is paid for it.
/// @dev Of an unmarked commit the court knows nothing, and it isn't asked. There are three shares at most: what is
/// kept for each is a third of a word, as in the deal. Its 80 bits hold the fees of a commit too, since its price is
/// at most the token's cap of 80 bits.
abstract contract Hearings is Results {
    /// @dev The verdicts of a commit's shares, and what they say about the award in hand.
    struct Hearing {
        bytes32 domain; // Of the court.
        address[] judges;
        uint256[] sums; // Of the deal.
        uint256 sizes; // A third each: all of its answers.
        uint256 heard; // A third each: the verdict, counted from one; 0 for none.
        uint256 clean; // A third each: 1 where it upholds everything.
        bool whole; // Whether every share upholds everything.
        uint256 fees; // A third each: what the judge is owed.
        uint256 answers; // Of all shares about the award.
        uint256 earned; // A third each: those that the share's judge upheld.
        uint256 cleared; // Those that a panel gave: nobody is paid for them.
        StandIns[] standIns;
    }

    /// @dev Two substitutes in a silent judge's place, or one twice.
    struct StandIns {
        address first;
        address second;
        uint256 earned;
    }

    uint256 private constant THIRD = Deal.THIRD;
    uint256 private constant MASK = type(uint80).max;

    /// @dev Holds the verdicts against their judges, or against what was posted where the court has a record. Of
    /// two for one share the last counts.
    function _hear(
        Sweep calldata sweep,
        Commit calldata commit_,
        Docket memory d,
        uint256[] memory sums,
        SignedVerdict[] calldata verdicts
    ) internal view returns (Hearing memory hearing) {
        hearing.domain = _courtDomain();
        hearing.judges = _judges(sweep, commit_, d);
        hearing.sums = sums;
        hearing.sizes = Deal.totals(sums);
        for (uint256 i; i < verdicts.length; ++i) {
            _hearOne(d, hearing, Words.nth(verdicts, i), i + 1);
        }
        unchecked {
            hearing.whole = hearing.sizes & ~(hearing.clean * MASK) == 0;
        }
    }

    /// @dev Counts the answers about an award. Returns, a third each, those that no verdict upholds.
    function _count(uint256 index, Hearing memory hearing, SignedVerdict[] calldata verdicts)
        internal
        pure
        returns (uint256 missing)
    {
        uint256 counts = Deal.counts(hearing.sums, index);
        // Answers are few: nothing can wrap.
        unchecked {
            hearing.answers = (counts & MASK) + (counts >> THIRD & MASK) + (counts >> 2 * THIRD);
            uint256 shares = hearing.whole ? 0 : hearing.judges.length;
            for (uint256 share; share < shares; ++share) {
                if (_upheld(hearing, verdicts, index, share)) continue;
                missing |= counts & MASK << THIRD * share;
            }
        }
        hearing.earned = counts ^ missing;
        if (hearing.cleared != 0) hearing.cleared = 0;
        if (hearing.standIns.length != 0) hearing.standIns = new StandIns[](0);
    }

    /// @dev Whether the court has somebody in the place of each share that does not uphold an award: two stand-ins
    /// or a panel. They are noted even where they are not enough.
    /// @param missing The answers that the shares owe, a third each.
    function _replaced(
        Sweep calldata sweep,
        Commit calldata commit_,
        uint256 index,
        Docket memory d,
        Hearing memory hearing,
        uint256 missing
    ) internal view returns (bool all) {
        if (!d.marked) return false;
        bytes32 id = Words.nth(Words.awards(commit_), index).award.id;
        all = true;
        for (uint256 share; share < d.shares; ++share) {
            uint256 answers = missing >> THIRD * share & MASK;
            if (answers == 0 || _standIn(sweep, id, d, hearing, share, answers)) continue;
            if (COURT.cleared(d.commitId, id, uint8(share))) hearing.cleared += answers;
            else all = false;
        }
    }

    /// @dev Puts the judges' fees for an award on their account, and pays the stand-ins.
    function _charge(address token, uint256 perAnswer, Hearing memory hearing)
        internal
        returns (uint256 fees)
    {
        // All together are a part of the commit's audit fees: nothing wraps, nor runs into the next third.
        unchecked {
            uint256 owed = perAnswer * hearing.earned;
            hearing.fees += owed;
            fees = (owed & MASK) + (owed >> THIRD & MASK) + (owed >> 2 * THIRD);
            for (uint256 i; i < hearing.standIns.length; ++i) {
                StandIns memory pair = hearing.standIns[i];
                uint256 half = perAnswer * pair.earned / 2;
                fees += 2 * half;
                _credit(token, pair.first, half);
                _credit(token, pair.second, half);
            }
        }
    }

    function _payJudges(uint256 where, Hearing memory hearing) internal {
        (address[] memory judges, uint256 fees) = (hearing.judges, hearing.fees);
        mapping(address => Account) storage book = _book(where);
        for (uint256 share; share < judges.length; ++share) {
            _enter(book, judges[share], fees & MASK);
            fees >>= THIRD;
        }
    }

    /// @dev Whether nothing can settle the award any more.
    function _ranOut(
        Sweep calldata sweep,
        Commit calldata commit_,
        uint256 index,
        Docket memory d,
        uint256[] memory sums
    ) internal view returns (bool) {
        if (d.seed == 0) return RANDOMNESS.lost(commit_.blockNumber, commit_.time);
        if (!d.marked) return false;
        bytes32 id = Words.nth(Words.awards(commit_), index).award.id;
        uint256 counts = Deal.counts(sums, index);
        for (uint256 share; share < d.shares; ++share) {
            if (counts >> THIRD * share & MASK == 0) continue;
            if (COURT.ranOut(sweep, d.commitId, id, uint8(share))) return true;
        }
        return false;
    }

    /// @dev `VALIDATORS.pick` for the shares, the commit's parties skipped. Both lists are made one after the other,
    /// right where the call wants them: nothing has to be encoded again.
    function _judges(Sweep calldata sweep, Commit calldata commit_, Docket memory d)
        private
        view
        returns (address[] memory judges)
    {
        uint256 head;
        assembly ("memory-safe") {
            head := mload(0x40)
            mstore(0x40, add(head, 160))
        }
        Ids.parties(sweep, commit_);
        uint256[] memory draws = AuditDraw.judges(d.seed, d.shares);
        (address set, uint256 time) = (address(VALIDATORS), commit_.time);
        uint256 selector = uint32(IValidatorSet.pick.selector);
        assembly ("memory-safe") {
            mstore(head, selector)
            mstore(add(head, 32), time)
            mstore(add(head, 64), calldataload(add(sweep, 160)))
            mstore(add(head, 96), 128)
            mstore(add(head, 128), sub(draws, add(head, 32)))
            judges := mload(0x40)
            let begin := add(head, 28)
            if iszero(staticcall(gas(), set, begin, sub(judges, begin), 0, 0)) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
            // Behind the list's offset. Where nothing came back this reverts.
            let size := sub(returndatasize(), 32)
            returndatacopy(judges, 32, size)
            mstore(0x40, add(judges, size))
        }
    }

    function _hearOne(
        Docket memory d,
        Hearing memory hearing,
        SignedVerdict calldata verdict,
        uint256 number
    ) private view {
        uint256 share = Words.share(verdict);
        if (share >= d.shares) revert SweepMarket_NoSuchShare(verdict.share, d.shares);
        unchecked {
            uint256 shift = THIRD * share;
            uint256 mask = MASK << shift;
            uint256 size = (hearing.sizes & mask) >> shift;
            bool clean = _checkAnswers(d.commitId, share, size, Words.answers(verdict));
            _checkAuthor(d, hearing, share, verdict);
            hearing.heard = hearing.heard & ~mask | number << shift;
            hearing.clean &= ~mask;
            if (clean) hearing.clean |= uint256(1) << shift;
        }
    }

    /// @dev Whether a verdict's answers are as many and as formed as they must be; returns whether all are
    /// `upheld`.
    function _checkAnswers(bytes32 commitId, uint256 share, uint256 size, bytes calldata answers)
        private
        pure
        returns (bool clean)
    {
        if (size != 0 && Answers.isWhole(answers)) return true;
        bool good = Answers.rightLength(answers, size) && Answers.wellFormed(answers, size);
        if (!good) revert SweepMarket_BadAnswers(commitId, uint8(share));
        return Answers.allUpheld(answers, 0, size);
    }

    /// @dev What was posted for a share is the only verdict that counts for it; once its judge is summoned,
    /// nothing else does.
    function _checkAuthor(
        Docket memory d,
        Hearing memory hearing,
        uint256 share,
        SignedVerdict calldata verdict
    ) private view {
        bytes32 hash = TypedData.hashVerdict(d.commitId, verdict);
        if (d.marked) {
            bytes32 posted = COURT.postedVerdict(d.commitId, uint8(share), 0);
            if (posted == hash) return;
            if (posted != 0 || COURT.share(d.commitId, uint8(share)).summonedAt != 0) {
                revert SweepMarket_NotPosted(d.commitId, uint8(share));
            }
        }
        bytes32 digest = TypedData.digest(hearing.domain, hash);
        _requireSigned(d.commitId, hearing.judges[share], digest, Words.signature(verdict));
    }

    /// @dev Whether the share's verdict upholds its own items of an award and those that it doubles.
    function _upheld(
        Hearing memory hearing,
        SignedVerdict[] calldata verdicts,
        uint256 index,
        uint256 share
    ) private pure returns (bool) {
        unchecked {
            uint256 shift = THIRD * share;
            if (hearing.clean >> shift & 1 != 0) return true;
            uint256 heard = hearing.heard >> shift & MASK;
            if (heard == 0) return false;
            bytes calldata answers = Words.answers(Words.nth(verdicts, heard - 1));
            return Deal.upholds(answers, Deal.placesOf(hearing.sums, index, share));
        }
    }

    /// @dev Whether substitutes stand in for a share's silent judge.
    function _standIn(
        Sweep calldata sweep,
        bytes32 id,
        Docket memory d,
        Hearing memory hearing,
        uint256 share,
        uint256 answers
    ) private view returns (bool) {
        if (hearing.heard >> THIRD * share & MASK != 0) return false;
        (address first, address second) = COURT.standIns(sweep, d.commitId, id, uint8(share));
        if (first == address(0)) return false;
        StandIns[] memory before = hearing.standIns;
        hearing.standIns = new StandIns[](before.length + 1);
        for (uint256 i; i < before.length; ++i) {
            hearing.standIns[i] = before[i];
        }
        hearing.standIns[before.length] = StandIns(first, second, answers);
        return true;
    }
}
