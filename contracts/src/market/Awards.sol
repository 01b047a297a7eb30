// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {Ids} from "../libraries/Ids.sol";
import {Signers} from "../libraries/Signers.sol";
import {Trials} from "../libraries/Trials.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {
    Award,
    AwardStatus,
    Bid,
    BidFault,
    Entry,
    Funding,
    Listing,
    Offer,
    Profile,
    Submission,
    Sweep,
    Terms,
    TokenTerms
} from "../types/Types.sol";
import {Accounts} from "./Accounts.sol";

/// @title Awards
/// @notice From a bid to its posted result: what is awarded, committed, or never delivered.
abstract contract Awards is Accounts {
    /// @dev What every bid of one `award` is held against.
    struct Round {
        bytes32 sweepId;
        bytes32 domain;
        uint256 validating;
        uint256 cost;
        TokenTerms terms;
    }

    uint256 private constant LEAST_SEGMENTS = 24;
    uint256 private constant MOST_SEGMENTS = 1024;
    uint256 private constant MOST_OFFERS = 255;
    /// @dev So many can be settled, posted about and slashed within a transaction's gas.
    uint256 private constant MOST_AWARDS = 64;

    IValidatorSet internal immutable VALIDATORS;
    IAuditCourt internal immutable COURT;
    IRandomness internal immutable RANDOMNESS;

    uint256 internal immutable DRAW_DELAY;
    uint256 private immutable WINDOW_LEAST;
    uint256 private immutable WINDOW_VERDICT_BPS;
    uint256 private immutable VERDICT_TIME_LEAST;
    uint256 private immutable VERDICT_TIME_MOST;
    uint256 private immutable PANEL_TIME;
    uint256 private immutable GRACE;
    uint256 private immutable LEAST_VALIDATORS;
    uint256 private immutable SEATS;
    uint256 private immutable QUORUM;

    /// @inheritdoc ISweepMarket
    mapping(bytes32 awardId => uint256) public awardSlot;

    constructor(
        address validators_,
        address court_,
        address randomness_,
        Profile memory profile_,
        Listing[] memory tokens
    ) Accounts(tokens) {
        if (profile_.drawDelay == 0 || 2 * profile_.quorum <= profile_.seats) {
            revert SweepMarket_BadProfile();
        }
        VALIDATORS = IValidatorSet(validators_);
        COURT = IAuditCourt(court_);
        RANDOMNESS = IRandomness(randomness_);
        DRAW_DELAY = profile_.drawDelay;
        WINDOW_LEAST = profile_.windowLeast;
        WINDOW_VERDICT_BPS = profile_.windowVerdictBps;
        VERDICT_TIME_LEAST = profile_.verdictTimeLeast;
        VERDICT_TIME_MOST = profile_.verdictTimeMost;
        PANEL_TIME = profile_.panelTime;
        GRACE = profile_.grace;
        LEAST_VALIDATORS = profile_.leastValidators;
        SEATS = profile_.seats;
        QUORUM = profile_.quorum;
    }

    /// @inheritdoc ISweepMarket
    function award(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding
    ) external payable returns (uint256 awardedTrials) {
        Round memory round = _open(sweep, offers);
        for (uint256 i; i < offers.length; ++i) {
            awardedTrials += _accept(round, sweep, offers[i], i);
        }
        if (awardedTrials == 0 || awardedTrials < leastTrials) {
            revert SweepMarket_TooFewTrials(awardedTrials, leastTrials);
        }
        _fund(sweep.terms.token, round.cost, funding);
    }

    /// @inheritdoc ISweepMarket
    function commit(Sweep calldata sweep, Submission[] calldata submissions)
        external
        returns (bytes32 commitId)
    {
        bytes32 sweepId = Ids.sweepId(address(this), sweep);
        uint256[] memory open = _openSubmissions(sweep, sweepId, submissions);
        Entry[] memory entries = new Entry[](open.length);
        for (uint256 i; i < open.length; ++i) {
            Submission calldata submission = submissions[open[i]];
            entries[i] = Entry(submission.award.id, submission.root, submission.done);
        }
        commitId = Ids.commitId(address(this), block.number, Ids.resultsOf(entries));

        for (uint256 i; i < open.length; ++i) {
            _post(sweepId, commitId, submissions[open[i]]);
        }
        address token = sweep.terms.token;
        _credit(msg.sender, token, _tokens[token].tip * open.length);
        emit Committed(sweepId, commitId, msg.sender, entries);
    }

    /// @inheritdoc ISweepMarket
    function expireAward(Sweep calldata sweep, Award calldata award_) external {
        uint256 slot = awardSlot[award_.id];
        bytes32 sweepId = Ids.sweepId(address(this), sweep);
        _requireStatus(award_.id, slot, AwardStatus.AWARDED);
        if (Ids.tagOf(slot) != Ids.awardedTag(sweepId, award_)) {
            revert SweepMarket_UnknownAward(award_.id);
        }
        uint256 by = award_.deadline + GRACE;
        if (block.timestamp <= by) revert SweepMarket_TooEarly(by + 1);

        awardSlot[award_.id] = Ids.withStatus(slot, AwardStatus.EXPIRED);
        _giveBack(sweep, award_, 2);
        emit Expired(award_.id);
    }

    /// @inheritdoc ISweepMarket
    function profile() external view returns (Profile memory) {
        return Profile({
            drawDelay: uint32(DRAW_DELAY),
            windowLeast: uint32(WINDOW_LEAST),
            windowVerdictBps: uint32(WINDOW_VERDICT_BPS),
            verdictTimeLeast: uint32(VERDICT_TIME_LEAST),
            verdictTimeMost: uint32(VERDICT_TIME_MOST),
            panelTime: uint32(PANEL_TIME),
            grace: uint32(GRACE),
            leastValidators: uint16(LEAST_VALIDATORS),
            seats: uint8(SEATS),
            quorum: uint8(QUORUM)
        });
    }

    /// @inheritdoc ISweepMarket
    function court() external view returns (address) {
        return address(COURT);
    }

    /// @inheritdoc ISweepMarket
    function validators() external view returns (address) {
        return address(VALIDATORS);
    }

    /// @inheritdoc ISweepMarket
    function randomness() external view returns (address) {
        return address(RANDOMNESS);
    }

    /// @inheritdoc ISweepMarket
    function times(Terms calldata terms, uint256 commitTime)
        public
        view
        returns (uint256 settleFrom, uint256 answerBy)
    {
        uint256 window = Math.max(WINDOW_LEAST, terms.verdictTime * WINDOW_VERDICT_BPS / 10_000);
        settleFrom = commitTime + window;
        answerBy = settleFrom + terms.verdictTime;
    }

    /// @dev Refuses what no bid could heal, and marks the sellers that are validators.
    function _open(Sweep calldata sweep, Offer[] calldata offers)
        private
        returns (Round memory round)
    {
        Terms calldata terms = sweep.terms;
        if (msg.sender != sweep.buyer) revert SweepMarket_NotBuyer(msg.sender, sweep.buyer);
        round.terms = _tokens[terms.token];
        if (!round.terms.listed) revert SweepMarket_TokenNotListed(terms.token);
        if (offers.length > MOST_OFFERS) {
            revert SweepMarket_TooManyOffers(offers.length, MOST_OFFERS);
        }
        _requireTerms(terms);
        round.validating = _validating(sweep, offers);
        round.sweepId = Ids.sweepId(address(this), sweep);
        round.domain = TypedData.domain(address(this));
        emit SweepOpened(round.sweepId, sweep.buyer, sweep.specHash, terms);
    }

    function _requireTerms(Terms calldata terms) private view {
        bool outside = terms.segments < LEAST_SEGMENTS || terms.segments > MOST_SEGMENTS
            || terms.verdictTime < VERDICT_TIME_LEAST || terms.verdictTime > VERDICT_TIME_MOST;
        if (outside) revert SweepMarket_BadTerms(terms.segments, terms.verdictTime);
    }

    /// @dev Bit i: the seller of offer i is a validator.
    function _validating(Sweep calldata sweep, Offer[] calldata offers)
        private
        view
        returns (uint256)
    {
        uint256 last = offers.length;
        address[] memory parties = new address[](last + 1);
        for (uint256 i; i < last; ++i) {
            parties[i] = offers[i].bid.seller;
        }
        parties[last] = sweep.buyer;
        (uint256 count,, uint256 related) =
            VALIDATORS.eligible(block.timestamp, sweep.terms.vramGib, parties);
        if (related >> last != 0) revert SweepMarket_BuyerValidates(sweep.buyer);
        if (count < LEAST_VALIDATORS) {
            revert SweepMarket_TooFewValidators(count, LEAST_VALIDATORS);
        }
        return related;
    }

    /// @dev Awards one bid, or says why not. Returns the trials awarded.
    function _accept(Round memory round, Sweep calldata sweep, Offer calldata offer, uint256 index)
        private
        returns (uint256 trials)
    {
        Bid calldata bid = offer.bid;
        bytes32 id = TypedData.digest(round.domain, TypedData.hashBid(bid));
        trials = Trials.count(bid.trials);
        BidFault fault = _fault(round, sweep, bid, trials, index);
        if (fault == BidFault.NONE) fault = _lock(round, sweep, offer, id, trials);
        if (fault != BidFault.NONE) {
            emit BidSkipped(id, bid.seller, fault);
            return 0;
        }
    }

    /// @dev What is wrong with a bid as it is written.
    function _fault(
        Round memory round,
        Sweep calldata sweep,
        Bid calldata bid,
        uint256 trials,
        uint256 index
    ) private view returns (BidFault) {
        if (bid.sweepId != round.sweepId) return BidFault.SWEEP;
        if (bid.start != 0 || bid.first != 0) return BidFault.START;
        uint256 perTrial = sweep.terms.segments;
        if (bid.segments == 0 || bid.segments > perTrial) return BidFault.SEGMENTS;
        uint256 segments = trials * bid.segments;
        if (trials == 0 || AuditDraw.mostItems(segments, perTrial) > AuditDraw.MOST_ITEMS) {
            return BidFault.TRIALS;
        }
        if (bid.price < round.terms.leastPrice || bid.price * segments > round.terms.cap) {
            return BidFault.PRICE;
        }
        if (block.timestamp > bid.expiry || block.timestamp > bid.deadline) return BidFault.LATE;
        if (round.validating >> index & 1 != 0) return BidFault.VALIDATOR;
        return BidFault.NONE;
    }

    /// @dev Holds a bid against its seller, locks the bond and writes the award.
    function _lock(
        Round memory round,
        Sweep calldata sweep,
        Offer calldata offer,
        bytes32 id,
        uint256 trials
    ) private returns (BidFault) {
        if (awardSlot[id] != 0) return BidFault.USED;
        Award memory award_ = _awardOf(offer.bid, id, trials);
        Account storage account_ = _accounts[award_.seller][sweep.terms.token];
        Account memory seller = account_;
        if (seller.nonce != offer.bid.nonce) return BidFault.NONCE;
        uint256 bond = _bond(sweep.terms, award_.price, award_.segments, round.terms.panelFloor);
        if (bond > seller.free) return BidFault.BOND;
        if (!Signers.signed(award_.seller, id, offer.signature)) return BidFault.SIGNATURE;

        // Fits: the bond is no more than the free balance.
        account_.free = seller.free - uint112(bond);
        account_.locked = seller.locked + uint112(bond);
        awardSlot[id] =
            Ids.slot(AwardStatus.AWARDED, block.timestamp, Ids.awardedTagOf(round.sweepId, award_));
        uint256 cost = _cost(award_.price, award_.segments, 2 * uint256(round.terms.tip));
        round.cost += cost;
        _emitAwarded(round.sweepId, award_, bond, cost);
        return BidFault.NONE;
    }

    function _awardOf(Bid calldata bid, bytes32 id, uint256 trials)
        private
        pure
        returns (Award memory)
    {
        // Fits: an award has at most 1,024 items.
        uint32 count = uint32(trials);
        return Award(id, bid.seller, count, count * bid.segments, bid.price, bid.deadline);
    }

    function _emitAwarded(bytes32 sweepId, Award memory award_, uint256 bond, uint256 cost)
        private
    {
        emit Awarded(
            sweepId,
            award_.id,
            award_.seller,
            award_.trials,
            award_.segments,
            award_.price,
            award_.deadline,
            bond,
            cost
        );
    }

    /// @dev The buyer pays: what it brings along first, the rest from its free balance.
    function _fund(address token, uint256 cost, Funding calldata funding) private {
        uint256 brought = funding.amount;
        if (brought > cost) _credit(msg.sender, token, brought - cost);
        if (brought < cost) _debit(msg.sender, token, cost - brought);
        if (brought != 0) emit Deposited(token, msg.sender, msg.sender, brought);
        if (funding.permit.deadline != 0) _permit(token, brought, funding.permit);
        _pull(token, msg.sender, brought);
    }

    /// @dev The places of the submissions whose awards are open; everything else about them is checked.
    function _openSubmissions(
        Sweep calldata sweep,
        bytes32 sweepId,
        Submission[] calldata submissions
    ) private view returns (uint256[] memory open) {
        open = new uint256[](submissions.length);
        bytes32 domain = TypedData.domain(address(this));
        uint256 count;
        uint256 items;
        uint256 price;
        for (uint256 i; i < submissions.length; ++i) {
            Submission calldata submission = submissions[i];
            if (!_checkSubmission(sweepId, domain, submission)) continue;
            open[count++] = i;
            items += AuditDraw.mostItems(submission.done, sweep.terms.segments);
            price += uint256(submission.award.price) * submission.award.segments;
        }
        if (count == 0) revert SweepMarket_NothingToCommit();
        if (count > MOST_AWARDS) revert SweepMarket_TooManyAwards(count, MOST_AWARDS);
        if (items > AuditDraw.MOST_ITEMS) {
            revert SweepMarket_TooManyItems(items, AuditDraw.MOST_ITEMS);
        }
        uint256 cap = _tokens[sweep.terms.token].cap;
        if (price > cap) revert SweepMarket_AboveCap(price, cap);
        assembly ("memory-safe") {
            mstore(open, count)
        }
    }

    /// @dev False where the award is not open any more.
    function _checkSubmission(bytes32 sweepId, bytes32 domain, Submission calldata submission)
        private
        view
        returns (bool)
    {
        Award calldata award_ = submission.award;
        uint256 slot = awardSlot[award_.id];
        AwardStatus status = Ids.statusOf(slot);
        if (status > AwardStatus.AWARDED) return false;
        if (status == AwardStatus.NONE || Ids.tagOf(slot) != Ids.awardedTag(sweepId, award_)) {
            revert SweepMarket_UnknownAward(award_.id);
        }
        uint256 by = award_.deadline + GRACE;
        if (block.timestamp > by) revert SweepMarket_TooLate(by);
        uint32 done = submission.done;
        if (done == 0 || done > award_.segments) {
            revert SweepMarket_BadDone(award_.id, done, award_.segments);
        }
        bytes32 digest =
            TypedData.digest(domain, TypedData.hashResult(award_.id, submission.root, done));
        if (!Signers.signed(award_.seller, digest, submission.signature)) {
            revert SweepMarket_BadSignature(award_.id, award_.seller);
        }
        return true;
    }

    function _post(bytes32 sweepId, bytes32 commitId, Submission calldata submission) private {
        bytes32 id = submission.award.id;
        // An award named twice in one commit is open no more the second time.
        _requireStatus(id, awardSlot[id], AwardStatus.AWARDED);
        uint256 tag = Ids.postedTag(sweepId, submission.award, commitId);
        awardSlot[id] = Ids.slot(AwardStatus.POSTED, block.timestamp, tag);
    }

    /// @dev Price, audit fee and the unpaid tips go back to the buyer, the bond to its seller.
    function _giveBack(Sweep calldata sweep, Award calldata award_, uint256 tips) internal {
        address token = sweep.terms.token;
        TokenTerms memory terms = _tokens[token];
        uint256 bond = _bond(sweep.terms, award_.price, award_.segments, terms.panelFloor);
        _unlock(award_.seller, token, bond, 0);
        _credit(sweep.buyer, token, _cost(award_.price, award_.segments, tips * terms.tip));
    }

    function _bond(Terms calldata terms, uint256 price, uint256 segments, uint256 floor)
        internal
        view
        returns (uint256)
    {
        uint256 panel = Bonds.panelFee(SEATS, price, floor);
        return Bonds.bond(price, segments, terms.segments, panel);
    }

    function _cost(uint256 price, uint256 segments, uint256 tips) internal pure returns (uint256) {
        unchecked {
            uint256 total = price * segments;
            return total + Bonds.auditFee(total) + tips;
        }
    }

    function _requireStatus(bytes32 awardId, uint256 slot, AwardStatus status) internal pure {
        AwardStatus have = Ids.statusOf(slot);
        if (have != status) revert SweepMarket_WrongStatus(awardId, have);
    }
}
