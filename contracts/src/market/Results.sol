// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {Deal} from "../libraries/Deal.sol";
import {Ids} from "../libraries/Ids.sol";
import {Signers} from "../libraries/Signers.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Words} from "../libraries/Words.sol";
import {Award, AwardStatus, Commit, Docket, Posted, Submission, Sweep} from "../types/Types.sol";
import {Awards} from "./Awards.sol";

/// @title Results
/// @notice From an award to its posted result, and what follows from a commit.
abstract contract Results is Awards {
    /// @dev So many can be settled, or posted about, within half of a transaction's gas, however many validators.
    uint256 private constant MOST_AWARDS = 64;

    /// @inheritdoc ISweepMarket
    function commit(Sweep calldata sweep, Submission[] calldata submissions)
        external
        returns (bytes32 commitId)
    {
        bytes32 sweepId = Ids.sweepId(address(this), sweep);
        uint256[] memory open = _openSubmissions(sweep, sweepId, submissions);
        (uint256 lines, bytes32 hash) = Ids.lines(submissions, open);
        commitId = Ids.commitId(address(this), block.number, hash);

        for (uint256 i; i < open.length; ++i) {
            _post(sweepId, commitId, Words.nth(submissions, open[i]));
        }
        bytes32 committed = Committed.selector;
        assembly ("memory-safe") {
            // The lines as they were hashed are the event's data.
            log4(lines, add(64, mul(96, mload(open))), committed, sweepId, commitId, caller())
        }
    }

    /// @inheritdoc ISweepMarket
    function expireAward(Sweep calldata sweep, Award calldata award_) external {
        bytes32 id = award_.id;
        uint256 slot = awardSlot[id].word;
        _requireStatus(id, slot, AwardStatus.AWARDED);
        _requireTag(id, slot, Ids.awardedTag(Ids.sweepId(address(this), sweep), award_));
        _requireTime(Words.deadline(award_) + GRACE + 1);

        awardSlot[id].word = Ids.moved(slot, AwardStatus.EXPIRED, block.timestamp);
        _giveBack(sweep, award_, slot, 2, 0);
        emit Expired(id);
    }

    /// @inheritdoc ISweepMarket
    function docket(Sweep calldata sweep, Commit calldata commit_)
        external
        view
        returns (Docket memory d)
    {
        uint256[] memory sums;
        (d, sums) = _docket(sweep, commit_);
        if (d.seed != 0) (d.places, d.sizes) = Deal.out(sums, d.shares);
    }

    /// @dev The docket without places and sizes, and the sums of the deal, from which they follow.
    function _docket(Sweep calldata sweep, Commit calldata commit_)
        internal
        view
        returns (Docket memory d, uint256[] memory sums)
    {
        d.sweepId = Ids.sweepId(address(this), sweep);
        d.commitId = Ids.commitId(address(this), commit_.blockNumber, Ids.results(commit_));
        Posted[] calldata awards = Words.awards(commit_);
        uint256 trials = _findSlots(awards, commit_.time, commit_.relayer, d);
        d.marked = d.slots[0] & Ids.MARKED != 0;
        d.shares = AuditDraw.shares(trials);
        bytes32 entropy = RANDOMNESS.entropy(commit_.blockNumber, commit_.time);
        if (entropy == 0) return (d, sums);
        d.seed = AuditDraw.seed(entropy, d.commitId);
        d.ends = _ends(awards, d.seed, Words.perTrial(sweep));
        sums = Deal.sums(d.seed, d.ends, d.shares);
    }

    /// @dev What an award still has of its bond.
    function _bondLeft(Sweep calldata sweep, Award calldata award_, uint256 slot, uint256 terms)
        internal
        view
        returns (uint256 bond)
    {
        uint256 price = Words.price(award_);
        bond = _bond(price, Words.segments(award_), Words.perTrial(sweep), terms);
        if (slot & Ids.DOCKED != 0) {
            uint256 panel = _panelFee(price, terms);
            bond -= Bonds.sellersPart(price * Words.segments(award_), panel);
        }
    }

    /// @dev The bond goes back to its seller, the rest to the buyer: all that it paid but some tips and fees.
    function _giveBack(
        Sweep calldata sweep,
        Award calldata award_,
        uint256 slot,
        uint256 tips,
        uint256 fees
    ) internal {
        address token = Words.token(sweep);
        uint256 terms = _termsOf(token);
        uint256 cost = _cost(Words.price(award_), Words.segments(award_), tips * _tip(terms));
        uint256 bond = _bondLeft(sweep, award_, slot, terms);
        _unlock(_book(_bookOf(token)), Words.seller(award_), bond, 0);
        _credit(token, sweep.buyer, cost - fees);
    }

    function _requireTime(uint256 from) internal view {
        if (block.timestamp < from) revert SweepMarket_TooEarly(from);
    }

    function _requireSigned(bytes32 id, address signer, bytes32 digest, bytes calldata signature)
        internal
        view
    {
        if (!Signers.signed(signer, digest, signature)) {
            revert SweepMarket_BadSignature(id, signer);
        }
    }

    function _requireTag(bytes32 awardId, uint256 slot, uint256 tag) private pure {
        if (Ids.tagOf(slot) != tag) revert SweepMarket_UnknownAward(awardId);
    }

    /// @dev Finds the slots of a commit, and returns the number of its trials.
    function _findSlots(Posted[] calldata awards, uint256 time, address relayer, Docket memory d)
        private
        view
        returns (uint256 trials)
    {
        if (awards.length == 0) revert SweepMarket_UnknownAward(0);
        uint256[] memory slots = new uint256[](awards.length);
        for (uint256 i; i < slots.length; ++i) {
            Award calldata award_ = Words.nth(awards, i).award;
            uint256 slot = awardSlot[award_.id].word;
            uint256 tag = Ids.postedTag(d.sweepId, award_, d.commitId, time, relayer);
            _requireTag(award_.id, slot, tag);
            slots[i] = slot;
            // Each has 32 bits.
            unchecked {
                trials += Words.trials(award_);
            }
        }
        d.slots = slots;
    }

    function _ends(Posted[] calldata awards, bytes32 seed, uint256 perTrial)
        private
        pure
        returns (uint256[] memory ends)
    {
        ends = new uint256[](awards.length);
        uint256 end;
        for (uint256 i; i < ends.length; ++i) {
            Posted calldata posted = Words.nth(awards, i);
            // At most 1,024 in all.
            unchecked {
                end += AuditDraw.items(seed, posted.award.id, Words.done(posted), perTrial);
            }
            ends[i] = end;
        }
    }

    /// @dev The places of the submissions whose awards are open; everything else about them is checked.
    function _openSubmissions(
        Sweep calldata sweep,
        bytes32 sweepId,
        Submission[] calldata submissions
    ) private view returns (uint256[] memory open) {
        open = new uint256[](submissions.length);
        bytes32 domain = _domain();
        uint256 count;
        uint256 items;
        uint256 price;
        for (uint256 i; i < submissions.length; ++i) {
            Submission calldata submission = Words.nth(submissions, i);
            if (!_checkSubmission(sweepId, domain, submission)) continue;
            // Numbers of awards that were made: sums of them fit.
            unchecked {
                open[count++] = i;
                items += AuditDraw.mostItems(Words.done(submission), Words.perTrial(sweep));
                price += Words.price(submission.award) * Words.segments(submission.award);
            }
        }
        if (count == 0) revert SweepMarket_NothingToCommit(sweepId);
        if (count > MOST_AWARDS) revert SweepMarket_TooManyAwards(count, MOST_AWARDS);
        if (items > AuditDraw.MOST_ITEMS) {
            revert SweepMarket_TooManyItems(items, AuditDraw.MOST_ITEMS);
        }
        // One alone was held against the cap when it was awarded.
        if (count > 1) _requireCap(Words.token(sweep), price);
        assembly ("memory-safe") {
            mstore(open, count)
        }
    }

    function _requireCap(address token, uint256 price) private view {
        uint256 cap = _cap(_termsOf(token));
        if (price > cap) revert SweepMarket_AboveCap(price, cap);
    }

    /// @dev False where the award is not open any more.
    function _checkSubmission(bytes32 sweepId, bytes32 domain, Submission calldata submission)
        private
        view
        returns (bool)
    {
        Award calldata award_ = submission.award;
        bytes32 id = award_.id;
        uint256 slot = awardSlot[id].word;
        if (Ids.statusOf(slot) > AwardStatus.AWARDED) return false;
        _requireTag(id, slot, Ids.awardedTag(sweepId, award_));
        uint256 by;
        // A deadline has 40 bits.
        unchecked {
            by = Words.deadline(award_) + GRACE;
        }
        if (block.timestamp > by) revert SweepMarket_TooLate(by);
        uint256 done = Words.done(submission);
        if (done == 0 || done > Words.segments(award_)) {
            revert SweepMarket_BadDone(id, submission.done, award_.segments);
        }
        bytes32 hash = TypedData.hashResult(id, submission.root, done);
        bytes32 digest = TypedData.digest(domain, hash);
        _requireSigned(id, Words.seller(award_), digest, Words.signature(submission));
        return true;
    }

    function _post(bytes32 sweepId, bytes32 commitId, Submission calldata submission) private {
        bytes32 id = submission.award.id;
        // An award named twice in one commit is open no more the second time.
        Slot storage slot = awardSlot[id];
        _requireStatus(id, slot.word, AwardStatus.AWARDED);
        uint256 tag =
            Ids.postedTag(sweepId, submission.award, commitId, block.timestamp, msg.sender);
        slot.word = Ids.slot(AwardStatus.POSTED, block.timestamp, tag);
    }
}
