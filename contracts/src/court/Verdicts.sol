// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {Answers} from "../libraries/Answers.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {Deal} from "../libraries/Deal.sol";
import {Signers} from "../libraries/Signers.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Commit, DisputeKind, Docket, SignedVerdict, Sweep, Terms} from "../types/Types.sol";
import {Records} from "./Records.sol";

/// @title Verdicts
/// @notice What judges and their substitutes say, and what becomes of a silent judge.
/// @dev Happy verdicts never come here.
abstract contract Verdicts is Records {
    /// @dev Who says a verdict.
    /// @param whole Whether it upholds all of its share.
    struct Speaker {
        uint8 share;
        uint8 seat;
        address holder;
        bool whole;
    }

    /// @dev What a verdict has against an award.
    /// @param place Of the item that is named, else of the first that was not to be had.
    /// @param named How many items it names.
    /// @param refuted Whether it refutes items without naming them.
    struct Finding {
        uint256 place;
        uint256 named;
        bool refuted;
    }

    /// @inheritdoc IAuditCourt
    function post(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        uint8 seat
    ) external {
        Docket memory d = _docket(sweep, commit);
        _requireSeed(d, commit);
        uint256 size = _checkAnswers(d, verdict);
        Speaker memory speaker;
        (speaker.share, speaker.seat) = (verdict.share, seat);
        Standing memory standing = _checkTurn(sweep.terms, d.commitId, speaker);
        speaker.holder = _holder(sweep, commit, d, speaker.share, seat);
        speaker.whole = Answers.allUpheld(verdict.answers, 0, size);
        bytes32 hash = _checkSignature(d.commitId, verdict, speaker.holder);

        bool firstSubstitute = seat != 0 && standing.seats == 0;
        postedVerdict[d.commitId][speaker.share][seat] = hash;
        _record(d.commitId, speaker, standing);
        emit VerdictPosted(
            d.commitId, speaker.share, seat, speaker.holder, verdict.answers, verdict.evidence
        );
        _mark(d, commit);
        if (firstSubstitute) _fineJudge(sweep.terms, commit, d, speaker.share, standing.judge);
        bool open;
        for (uint256 i; i < d.slots.length; ++i) {
            if (_hear(commit.awards[i].award.id, i, d, verdict, speaker)) open = true;
        }
        if (!open) revert AuditCourt_NothingOpen(d.commitId);
    }

    /// @inheritdoc IAuditCourt
    function summon(Sweep calldata sweep, Commit calldata commit, uint8 share_) external {
        Docket memory d = _docket(sweep, commit);
        _requireSeed(d, commit);
        _requireShare(share_, d.shares);
        Standing storage standing = _standings[d.commitId][share_];
        bool answered = d.sizes[share_] == 0 || standing.seats & 1 != 0;
        if (answered) revert AuditCourt_Answered(d.commitId, share_);
        if (standing.summonedAt != 0) revert AuditCourt_AlreadySummoned(d.commitId, share_);
        uint256 from = Math.max(
            MARKET.settleFrom(sweep.terms, commit.time), commit.time + sweep.terms.verdictTime
        );
        if (block.timestamp < from) revert AuditCourt_TooEarly(d.commitId, from);
        if (!_concerns(d, share_)) revert AuditCourt_NothingOpen(d.commitId);

        address judge = _judge(sweep, commit, d, share_);
        (standing.summonedAt, standing.judge) = (uint40(block.timestamp), judge);
        emit Summoned(d.commitId, share_, judge);
        _mark(d, commit);
    }

    /// @inheritdoc IAuditCourt
    function standIns(Sweep calldata sweep, bytes32 commitId, bytes32 awardId, uint8 share_)
        external
        view
        returns (address first, address second)
    {
        return _standIns(sweep, commitId, awardId, share_);
    }

    /// @inheritdoc IAuditCourt
    function ranOut(Sweep calldata sweep, bytes32 commitId, bytes32 awardId, uint8 share_)
        external
        view
        returns (bool)
    {
        Standing memory standing = _standings[commitId][share_];
        if (standing.summonedAt == 0 || standing.seats & 1 != 0) return false;
        uint256 by = _turn(sweep.terms, standing.summonedAt, TURNS);
        return block.timestamp > by && _upholders(commitId, awardId, share_) == 0;
    }

    /// @inheritdoc IAuditCourt
    function judgeOf(Sweep calldata sweep, Commit calldata commit, uint8 share_, uint8 seat)
        external
        view
        returns (address)
    {
        Docket memory d = MARKET.docket(sweep, commit);
        _requireSeed(d, commit);
        _requireShare(share_, d.shares);
        _requireSeat(seat);
        return _holder(sweep, commit, d, share_, seat);
    }

    // --- checks ---

    function _requireShare(uint256 share_, uint256 shares) private pure {
        if (share_ >= shares) revert AuditCourt_NoSuchShare(share_, shares);
    }

    function _requireSeat(uint256 seat) private pure {
        if (seat > AuditDraw.SUBSTITUTES) revert AuditCourt_NoSuchSeat(seat);
    }

    /// @dev Returns how many answers the share has.
    function _checkAnswers(Docket memory d, SignedVerdict calldata verdict)
        private
        pure
        returns (uint256 size)
    {
        uint8 share_ = verdict.share;
        _requireShare(share_, d.shares);
        size = d.sizes[share_];
        bytes calldata answers = verdict.answers;
        bool good =
            size != 0 && Answers.rightLength(answers, size) && Answers.wellFormed(answers, size);
        if (!good) revert AuditCourt_BadAnswers(d.commitId, share_);
    }

    /// @dev Whether the seat may speak now. A share that nobody summoned is taken as if it were summoned
    /// now, so its substitutes are early.
    function _checkTurn(Terms calldata terms, bytes32 commitId, Speaker memory speaker)
        private
        view
        returns (Standing memory standing)
    {
        (uint8 share_, uint8 seat) = (speaker.share, speaker.seat);
        _requireSeat(seat);
        standing = _standings[commitId][share_];
        if (standing.seats >> seat & 1 != 0) {
            revert AuditCourt_AlreadyPosted(commitId, share_, seat);
        }
        bool summoned = standing.summonedAt != 0;
        if (seat == 0) {
            uint256 last = _turn(terms, standing.summonedAt, 0);
            if (summoned && block.timestamp > last) revert AuditCourt_TooLate(commitId, last);
            return standing;
        }
        bool answered = standing.seats & 1 != 0 || _two(standing.upheld);
        if (answered) revert AuditCourt_Answered(commitId, share_);
        uint256 since = summoned ? standing.summonedAt : block.timestamp;
        uint256 after_ = _turn(terms, since, (seat - 1) / 2);
        if (block.timestamp <= after_) revert AuditCourt_TooEarly(commitId, after_ + 1);
        uint256 by = _turn(terms, since, TURNS);
        if (block.timestamp > by) revert AuditCourt_TooLate(commitId, by);
    }

    function _checkSignature(bytes32 commitId, SignedVerdict calldata verdict, address holder)
        private
        view
        returns (bytes32 hash)
    {
        hash = TypedData.hashVerdict(commitId, verdict);
        bytes32 digest = TypedData.digest(TypedData.domain(address(this)), hash);
        if (!Signers.signed(holder, digest, verdict.signature)) {
            revert AuditCourt_BadSignature(commitId, holder);
        }
    }

    /// @dev Whether an open award has answers of the share.
    function _concerns(Docket memory d, uint8 share_) private pure returns (bool) {
        for (uint256 i; i < d.slots.length; ++i) {
            if (_isOpen(d.slots[i]) && Deal.answers(_places(d, i, share_)) != 0) return true;
        }
        return false;
    }

    // --- what is heard ---

    function _record(bytes32 commitId, Speaker memory speaker, Standing memory standing) private {
        uint8 bit = uint8(2 ** speaker.seat);
        standing.seats |= bit;
        if (speaker.seat == 0) standing.judge = speaker.holder;
        else _substitutes[commitId][speaker.share][speaker.seat] = speaker.holder;
        if (speaker.seat != 0 && speaker.whole) standing.upheld |= bit;
        _standings[commitId][speaker.share] = standing;
    }

    /// @dev The judge loses as much as its share is worth, all of it burned.
    function _fineJudge(
        Terms calldata terms,
        Commit calldata commit,
        Docket memory d,
        uint8 share_,
        address judge
    ) private {
        uint256 fees;
        for (uint256 i; i < d.slots.length; ++i) {
            fees += _fee(commit.awards[i], d, i, share_);
        }
        uint256 cap = MARKET.tokenTerms(terms.token).cap;
        uint256 amount = Bonds.worth(fees, VALIDATORS.leastBond(), cap);
        VALIDATORS.fine(judge, amount, new address[](0), 0);
    }

    /// @dev Takes a verdict's word on one award. Returns whether the award is open, and the share has a word.
    function _hear(
        bytes32 awardId,
        uint256 index,
        Docket memory d,
        SignedVerdict calldata verdict,
        Speaker memory speaker
    ) private returns (bool) {
        uint256 places = _places(d, index, speaker.share);
        if (!_isOpen(d.slots[index]) || Deal.answers(places) == 0) return false;
        if (speaker.whole) return true;
        Record storage record = _records[d.commitId][awardId];
        if (Deal.upholds(verdict.answers, places)) {
            uint256 bit = 2 ** (8 * uint256(speaker.share) + speaker.seat);
            if (speaker.seat != 0) record.upheld |= uint24(bit);
            return true;
        }
        record.disputed |= uint8(2 ** speaker.share);
        _accuse(awardId, index, d, verdict.answers, speaker);
        return true;
    }

    function _accuse(
        bytes32 awardId,
        uint256 index,
        Docket memory d,
        bytes calldata answers,
        Speaker memory speaker
    ) private {
        uint256 places = _places(d, index, speaker.share);
        (uint256 place, DisputeKind kind) = _disputed(awardId, answers, places);
        uint256 subject = Deal.itemAt(d.seed, d.ends, index, speaker.share, d.shares, place, places);
        subject |= uint256(speaker.share) << 32;
        _open(d, index, awardId, subject, kind, speaker.holder);
    }

    /// @dev The place of what answers that don't uphold an award are about: the one refuted item that the
    /// judge names, or, where it refutes none, the first that it could not get.
    function _disputed(bytes32 awardId, bytes calldata answers, uint256 places)
        private
        pure
        returns (uint256, DisputeKind)
    {
        (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo) = Deal.unpack(places);
        Finding memory finding;
        _scan(answers, doubledFrom, doubledTo, finding);
        _scan(answers, from, to, finding);
        if (finding.named == 1) return (finding.place, DisputeKind.REFUTATION);
        if (finding.named != 0 || finding.refuted) {
            revert AuditCourt_NamesNotOne(awardId, finding.named);
        }
        return (finding.place, DisputeKind.WITHHELD);
    }

    /// @dev Backwards, so that of the unavailable items the first is noted last.
    function _scan(bytes calldata answers, uint256 from, uint256 to, Finding memory finding)
        private
        pure
    {
        for (uint256 i = to; i > from;) {
            uint256 outcome = Answers.outcome(answers, --i);
            if (outcome == Answers.NAMED) (finding.place, finding.named) = (i, finding.named + 1);
            else if (outcome == Answers.REFUTED) finding.refuted = true;
            else if (outcome == Answers.UNAVAILABLE && finding.named == 0) finding.place = i;
        }
    }
}
