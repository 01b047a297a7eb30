// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISweepMarket} from "./interfaces/ISweepMarket.sol";
import {Answers} from "./libraries/Answers.sol";
import {AuditDraw} from "./libraries/AuditDraw.sol";
import {Bonds} from "./libraries/Bonds.sol";
import {Ids} from "./libraries/Ids.sol";
import {Signers} from "./libraries/Signers.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {Awards} from "./market/Awards.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Docket,
    Listing,
    Posted,
    Profile,
    SignedVerdict,
    Sweep,
    Terms,
    TokenTerms
} from "./types/Types.sol";

/// @title SweepMarket
/// @notice Escrow, bonds and settlement of sweeps.
/// @dev Whatever can be worked out from calldata is not stored. What is escrowed for an award is nowhere as
/// a number: it follows from the award, which its slot authenticates.
contract SweepMarket is Awards {
    /// @dev What a settlement owes, summed up so that every payee's account is written once.
    struct Tab {
        bool late;
        uint256 clean;
        address[] judges;
        uint256[] heard;
        uint256[] fees;
        uint256 refund;
        uint256 tip;
        uint256 panelFloor;
    }

    /// @dev Nobody holds its key: what is credited to it is burned without a transfer that could fail.
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;

    constructor(
        address validators_,
        address court_,
        address randomness_,
        Profile memory profile_,
        Listing[] memory tokens
    ) Awards(validators_, court_, randomness_, profile_, tokens) {}

    modifier onlyCourt() {
        _onlyCourt();
        _;
    }

    /// @inheritdoc ISweepMarket
    function settle(
        Sweep calldata sweep,
        Commit calldata commit_,
        SignedVerdict[] calldata verdicts
    ) external returns (uint256 settled) {
        Docket memory d = _docket(sweep, commit_);
        if (d.seed == 0) revert SweepMarket_SeedUnknown(commit_.blockNumber + DRAW_DELAY);
        Tab memory tab = _hear(sweep, commit_, d, verdicts);

        for (uint256 i; i < d.slots.length; ++i) {
            if (Ids.statusOf(d.slots[i]) != AwardStatus.POSTED) continue;
            if (_settleIfUpheld(sweep, commit_.awards[i], i, d, tab, verdicts)) ++settled;
        }
        if (settled == 0) revert SweepMarket_NothingToSettle(d.commitId);
        _payTab(sweep, tab, tab.tip * settled);
    }

    /// @inheritdoc ISweepMarket
    function expirePosted(Sweep calldata sweep, Commit calldata commit_, uint256 index) external {
        Docket memory d = _docket(sweep, commit_);
        Award calldata award_ = commit_.awards[index].award;
        _requireStatus(award_.id, d.slots[index], AwardStatus.POSTED);
        if (!_unanswered(sweep.terms, commit_, index, d)) revert SweepMarket_StillOpen(award_.id);

        awardSlot[award_.id] = Ids.withStatus(d.slots[index], AwardStatus.REFUNDED);
        _giveBack(sweep, award_, 1);
        emit Refunded(award_.id);
    }

    /// @inheritdoc ISweepMarket
    function dispute(bytes32 awardId, bytes32 disputeId) external onlyCourt {
        _move(awardId, AwardStatus.POSTED, AwardStatus.DISPUTED);
        emit Disputed(awardId, disputeId);
    }

    /// @inheritdoc ISweepMarket
    function restore(bytes32 awardId) external onlyCourt {
        _move(awardId, AwardStatus.DISPUTED, AwardStatus.POSTED);
        emit Restored(awardId);
    }

    /// @inheritdoc ISweepMarket
    function refund(Sweep calldata sweep, Award calldata award_) external onlyCourt {
        _move(award_.id, AwardStatus.DISPUTED, AwardStatus.REFUNDED);
        _giveBack(sweep, award_, 1);
        emit Refunded(award_.id);
    }

    /// @inheritdoc ISweepMarket
    function slash(
        Sweep calldata sweep,
        Award calldata award_,
        address[] calldata payees,
        uint256[] calldata amounts
    ) external onlyCourt {
        _move(award_.id, AwardStatus.DISPUTED, AwardStatus.SLASHED);
        address token = sweep.terms.token;
        TokenTerms memory terms = _tokens[token];
        uint256 bond = _bond(sweep.terms, award_.price, award_.segments, terms.panelFloor);
        // The tip of `commit` was paid: the bond makes the buyer whole.
        uint256 refunded = _cost(award_.price, award_.segments, 2 * uint256(terms.tip));

        _accounts[award_.seller][token].locked -= SafeCast.toUint112(bond);
        _credit(sweep.buyer, token, refunded);
        uint256 left = bond - terms.tip;
        for (uint256 i; i < payees.length; ++i) {
            uint256 paid = Math.min(amounts[i], left);
            left -= paid;
            _credit(payees[i], token, paid);
        }
        _credit(BURN, token, left);
        emit Slashed(award_.id, award_.seller, bond, refunded, left);
    }

    /// @inheritdoc ISweepMarket
    function docket(Sweep calldata sweep, Commit calldata commit_)
        external
        view
        returns (Docket memory)
    {
        return _docket(sweep, commit_);
    }

    function _docket(Sweep calldata sweep, Commit calldata commit_)
        private
        view
        returns (Docket memory d)
    {
        d.sweepId = Ids.sweepId(address(this), sweep);
        d.commitId = Ids.commitId(address(this), commit_.blockNumber, Ids.results(commit_));
        Posted[] calldata awards = commit_.awards;
        d.slots = new uint256[](awards.length);
        uint256 trials;
        uint256 slot;
        for (uint256 i; i < awards.length; ++i) {
            Award calldata award_ = awards[i].award;
            slot = awardSlot[award_.id];
            if (Ids.tagOf(slot) != Ids.postedTag(d.sweepId, award_, d.commitId)) {
                revert SweepMarket_UnknownAward(award_.id);
            }
            d.slots[i] = slot;
            trials += award_.trials;
        }
        d.time = Ids.timeOf(slot);
        d.shares = AuditDraw.shares(trials);
        bytes32 entropy = RANDOMNESS.entropy(commit_.blockNumber + DRAW_DELAY);
        if (entropy == 0) return d;
        d.seed = AuditDraw.seed(entropy, d.commitId);
        d.ends = _ends(commit_, d.seed, sweep.terms.segments);
    }

    function _ends(Commit calldata commit_, bytes32 seed, uint256 perTrial)
        private
        pure
        returns (uint256[] memory ends)
    {
        Posted[] calldata awards = commit_.awards;
        ends = new uint256[](awards.length);
        uint256 end;
        for (uint256 i; i < awards.length; ++i) {
            Posted calldata posted = awards[i];
            end += AuditDraw.items(seed, posted.award.id, posted.done, perTrial);
            ends[i] = end;
        }
    }

    /// @dev Holds the verdicts against their judges, or against what was posted once that alone counts.
    function _hear(
        Sweep calldata sweep,
        Commit calldata commit_,
        Docket memory d,
        SignedVerdict[] calldata verdicts
    ) private view returns (Tab memory tab) {
        (uint256 settleFrom, uint256 answerBy) = times(sweep.terms, d.time);
        if (block.timestamp < settleFrom) revert SweepMarket_TooEarly(settleFrom);
        tab.late = block.timestamp > answerBy;
        tab.judges = VALIDATORS.pick(
            d.time,
            sweep.terms.vramGib,
            Ids.parties(sweep, commit_),
            AuditDraw.judges(d.seed, d.shares)
        );
        tab.heard = new uint256[](d.shares);
        tab.fees = new uint256[](d.shares);
        TokenTerms storage terms = _tokens[sweep.terms.token];
        (tab.tip, tab.panelFloor) = (terms.tip, terms.panelFloor);

        bytes32 domain = TypedData.domain(address(COURT));
        for (uint256 i; i < verdicts.length; ++i) {
            tab.heard[_checkVerdict(d, tab, domain, verdicts[i])] = i + 1;
        }
    }

    /// @dev Returns the verdict's share, and marks it clean where it upholds everything.
    function _checkVerdict(
        Docket memory d,
        Tab memory tab,
        bytes32 domain,
        SignedVerdict calldata verdict
    ) private view returns (uint8 share) {
        share = verdict.share;
        if (share >= d.shares) revert SweepMarket_NoSuchShare(share, d.shares);
        uint256 count = AuditDraw.dealt(d.ends[d.ends.length - 1], share, d.shares);
        bytes calldata answers = verdict.answers;
        if (!Answers.rightLength(answers, count)) revert SweepMarket_BadAnswers(d.commitId, share);
        if (Answers.allUpheld(answers, 0, count)) {
            tab.clean |= 2 ** share;
        } else if (!Answers.wellFormed(answers, count)) {
            revert SweepMarket_BadAnswers(d.commitId, share);
        }
        bytes32 hash = TypedData.hashVerdict(d.commitId, verdict);
        if (tab.late) {
            if (COURT.postedVerdict(d.commitId, share) != hash) {
                revert SweepMarket_NotPosted(d.commitId, share);
            }
        } else if (!Signers.signed(
                tab.judges[share], TypedData.digest(domain, hash), verdict.signature
            )) {
            revert SweepMarket_BadSignature(d.commitId, tab.judges[share]);
        }
    }

    function _settleIfUpheld(
        Sweep calldata sweep,
        Posted calldata posted,
        uint256 index,
        Docket memory d,
        Tab memory tab,
        SignedVerdict[] calldata verdicts
    ) private returns (bool) {
        bytes32 id = posted.award.id;
        uint256 begin = index == 0 ? 0 : d.ends[index - 1];
        uint256 end = d.ends[index];
        uint256[3] memory earned;
        if (!_judged(id, begin, end, earned, d, tab, verdicts)) return false;
        awardSlot[id] = Ids.withStatus(d.slots[index], AwardStatus.SETTLED);
        _pay(sweep, posted, end - begin, earned, tab);
        return true;
    }

    /// @dev Whether an award's items, from one to before another, are all upheld by their share or by a panel
    /// in its place; notes how many of them each share is paid for.
    function _judged(
        bytes32 awardId,
        uint256 begin,
        uint256 end,
        uint256[3] memory earned,
        Docket memory d,
        Tab memory tab,
        SignedVerdict[] calldata verdicts
    ) private view returns (bool) {
        for (uint256 share; share < d.shares; ++share) {
            uint256 from = AuditDraw.dealt(begin, share, d.shares);
            uint256 to = AuditDraw.dealt(end, share, d.shares);
            if (from == to) continue;
            bool upheld =
                tab.clean >> share & 1 != 0 || _answered(verdicts, tab.heard[share], from, to);
            if (upheld) earned[share] = to - from;
            else if (!COURT.cleared(d.commitId, awardId, uint8(share))) return false;
        }
        return true;
    }

    function _answered(SignedVerdict[] calldata verdicts, uint256 heard, uint256 from, uint256 to)
        private
        pure
        returns (bool)
    {
        return heard != 0 && Answers.allUpheld(verdicts[heard - 1].answers, from, to);
    }

    /// @dev Pays the seller, and puts judges and buyer on the tab.
    function _pay(
        Sweep calldata sweep,
        Posted calldata posted,
        uint256 items,
        uint256[3] memory earned,
        Tab memory tab
    ) private {
        Award calldata award_ = posted.award;
        (uint256 price, uint256 segments) = (award_.price, award_.segments);
        // A price has 128 bits, a count 32: the product fits.
        uint256 paid;
        unchecked {
            paid = price * posted.done;
        }
        uint256 fees = _charge(Bonds.auditFee(paid) / items, earned, tab);
        uint256 refunded = _cost(price, segments, 0) - paid - fees;
        tab.refund += refunded;
        uint256 bond = _bond(sweep.terms, price, segments, tab.panelFloor);
        _unlock(award_.seller, sweep.terms.token, bond, paid);
        emit Settled(award_.id, award_.seller, paid, refunded, fees);
    }

    /// @dev Puts the shares' fees on the tab. Together they are a part of the audit fee: nothing wraps.
    function _charge(uint256 perItem, uint256[3] memory earned, Tab memory tab)
        private
        pure
        returns (uint256 fees)
    {
        uint256[] memory owed = tab.fees;
        unchecked {
            for (uint256 share; share < owed.length; ++share) {
                uint256 fee = perItem * earned[share];
                fees += fee;
                owed[share] += fee;
            }
        }
    }

    function _payTab(Sweep calldata sweep, Tab memory tab, uint256 tips) private {
        address token = sweep.terms.token;
        for (uint256 share; share < tab.fees.length; ++share) {
            _credit(tab.judges[share], token, tab.fees[share]);
        }
        _credit(sweep.buyer, token, tab.refund);
        _credit(msg.sender, token, tips);
    }

    /// @dev The places of a share's answers about an award: from one to before another.
    function _range(Docket memory d, uint256 index, uint256 share)
        private
        pure
        returns (uint256 from, uint256 to)
    {
        uint256 begin = index == 0 ? 0 : d.ends[index - 1];
        from = AuditDraw.dealt(begin, share, d.shares);
        to = AuditDraw.dealt(d.ends[index], share, d.shares);
    }

    /// @dev Whether nothing can settle the award any more.
    function _unanswered(
        Terms calldata terms,
        Commit calldata commit_,
        uint256 index,
        Docket memory d
    ) private view returns (bool) {
        if (d.seed == 0) return RANDOMNESS.lost(commit_.blockNumber + DRAW_DELAY);
        (, uint256 answerBy) = times(terms, d.time);
        if (block.timestamp <= answerBy) return false;
        for (uint256 share; share < d.shares; ++share) {
            (uint256 from, uint256 to) = _range(d, index, share);
            if (from != to && COURT.postedVerdict(d.commitId, uint8(share)) == 0) return true;
        }
        return false;
    }

    function _move(bytes32 awardId, AwardStatus from, AwardStatus to) private {
        uint256 slot = awardSlot[awardId];
        _requireStatus(awardId, slot, from);
        awardSlot[awardId] = Ids.withStatus(slot, to);
    }

    function _onlyCourt() private view {
        if (msg.sender != address(COURT)) revert SweepMarket_NotCourt(msg.sender);
    }
}
