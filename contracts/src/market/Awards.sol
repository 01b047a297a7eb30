// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {Ids} from "../libraries/Ids.sol";
import {Signers} from "../libraries/Signers.sol";
import {Trials} from "../libraries/Trials.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Words} from "../libraries/Words.sol";
import {Award, AwardStatus, Bid, BidFault, Funding, Offer, Sweep, Terms} from "../types/Types.sol";
import {Accounts} from "./Accounts.sol";

/// @title Awards
/// @notice From a bid to its award.
abstract contract Awards is Accounts {
    struct Slot {
        uint256 word;
    }

    /// @dev What every bid of one `award` is held against, and what they cost together.
    struct Round {
        bytes32 sweepId;
        bytes32 domain;
        address token;
        uint256 book;
        uint256 perTrial;
        uint256 terms;
        uint256 validating;
        uint256 cost;
    }

    uint256 private constant LEAST_SEGMENTS = 24;
    uint256 private constant MOST_SEGMENTS = 1024;
    uint256 private constant MOST_OFFERS = 255;

    /// @inheritdoc ISweepMarket
    mapping(bytes32 awardId => Slot) public awardSlot;

    /// @inheritdoc ISweepMarket
    function award(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding
    ) external payable returns (uint256 awardedTrials) {
        if (msg.sender != sweep.buyer) {
            revert SweepMarket_NotBuyer(msg.sender, sweep.buyer);
        }
        (awardedTrials,) = _award(sweep, offers, leastTrials, funding, address(0));
    }

    /// @inheritdoc ISweepMarket
    function awardFor(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding,
        address relayer
    ) external payable returns (uint256 awardedTrials, uint256 cost) {
        if (msg.sender != SESSIONS) revert SweepMarket_NotSessions(msg.sender);
        return _award(sweep, offers, leastTrials, funding, relayer);
    }

    /// @dev A seller's bond, before anything was docked from it.
    function _bond(uint256 price, uint256 segments, uint256 perTrial, uint256 terms)
        internal
        view
        returns (uint256)
    {
        return Bonds.bond(price, segments, perTrial, _panelFee(price, terms));
    }

    function _requireStatus(bytes32 awardId, uint256 slot, AwardStatus status) internal pure {
        AwardStatus have = Ids.statusOf(slot);
        if (have != status) revert SweepMarket_WrongStatus(awardId, have);
    }

    function _award(
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding calldata funding,
        address relayer
    ) private returns (uint256 awardedTrials, uint256 cost) {
        Round memory round = _open(sweep, offers);
        _emitOpened(round.sweepId, sweep, funding.amount);
        for (uint256 i; i < offers.length; ++i) {
            // Each is an award's at most.
            unchecked {
                awardedTrials += _accept(round, Words.nth(offers, i), i);
            }
        }
        if (awardedTrials == 0 || awardedTrials < leastTrials) {
            revert SweepMarket_TooFewTrials(awardedTrials, leastTrials);
        }
        cost = round.cost;
        if (relayer != address(0)) {
            cost += _tip(round.terms);
            _enter(_book(round.book), relayer, _tip(round.terms));
        }
        _fund(sweep.buyer, round.token, cost, funding);
    }

    /// @dev Refuses what no bid could heal, and marks the sellers that are validators.
    function _open(Sweep calldata sweep, Offer[] calldata offers)
        private
        view
        returns (Round memory round)
    {
        Terms calldata terms = sweep.terms;
        round.sweepId = Ids.sweepId(address(this), sweep);
        round.domain = _domain();
        round.token = terms.token;
        round.book = _bookOf(terms.token);
        round.perTrial = terms.segments;
        round.terms = _listed(round.token);
        if (offers.length > MOST_OFFERS) {
            revert SweepMarket_TooManyOffers(offers.length, MOST_OFFERS);
        }
        _requireTerms(round.perTrial, terms.verdictTime);
        round.validating = _validating(sweep, offers);
    }

    /// @dev The sweep's words behind its buyer's are the event's. `_open` and the validator set held each against
    /// its type.
    function _emitOpened(bytes32 sweepId, Sweep calldata sweep, uint256 brought) private {
        bytes32 opened = SweepOpened.selector;
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, add(sweep, 32), 160)
            mstore(add(at, 160), brought)
            log3(at, 192, opened, sweepId, calldataload(sweep))
        }
    }

    function _requireTerms(uint256 segments, uint256 verdictTime) private view {
        bool outside = segments < LEAST_SEGMENTS || segments > MOST_SEGMENTS
            || verdictTime < VERDICT_TIME_LEAST || verdictTime > VERDICT_TIME_MOST;
        if (outside) revert SweepMarket_BadTerms(uint16(segments), uint32(verdictTime));
    }

    /// @dev Bit i: the seller of offer i is a validator. `VALIDATORS.eligible` with all parties; the list is made
    /// right where the call wants it.
    function _validating(Sweep calldata sweep, Offer[] calldata offers)
        private
        view
        returns (uint256 related)
    {
        (address set, address buyer) = (address(VALIDATORS), Words.buyer(sweep));
        uint256 selector = uint32(IValidatorSet.eligible.selector);
        uint256 count;
        assembly ("memory-safe") {
            let head := mload(0x40)
            mstore(head, selector)
            mstore(add(head, 32), timestamp())
            mstore(add(head, 64), calldataload(add(sweep, 160)))
            mstore(add(head, 96), 96)
            mstore(add(head, 128), add(offers.length, 1))
            let to := add(head, 160)
            for { let i := 0 } lt(i, offers.length) { i := add(i, 1) } {
                let offer := add(offers.offset, calldataload(add(offers.offset, shl(5, i))))
                let bid := add(offer, calldataload(offer))
                mstore(to, shr(96, shl(96, calldataload(add(bid, 32)))))
                to := add(to, 32)
            }
            mstore(to, shr(96, shl(96, buyer)))
            let size := sub(add(to, 4), head)
            if iszero(staticcall(gas(), set, add(head, 28), size, head, 96)) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
            // The second word is the sum of their bonds. A call without an answer counts nobody.
            count := mul(mload(head), gt(returndatasize(), 95))
            related := mload(add(head, 64))
        }
        if (related >> offers.length != 0) revert SweepMarket_BuyerValidates(buyer);
        if (count < LEAST_VALIDATORS) {
            revert SweepMarket_TooFewValidators(count, LEAST_VALIDATORS);
        }
    }

    /// @dev Awards one bid, or says why not. Returns the trials awarded.
    function _accept(Round memory round, Offer calldata offer, uint256 index)
        private
        returns (uint256 trials)
    {
        Bid calldata bid = Words.bid(offer);
        bytes32 id = TypedData.digest(round.domain, TypedData.hashBid(bid));
        trials = Trials.count(Words.trials(bid));
        BidFault fault = _fault(round, bid, trials, index);
        if (fault == BidFault.NONE) fault = _lock(round, offer, id, trials);
        if (fault != BidFault.NONE) {
            emit BidSkipped(id, Words.seller(bid), fault);
            return 0;
        }
    }

    /// @dev What is wrong with a bid as it is written. All its numbers are held against a bound here, which no
    /// word beyond its type passes: what comes after takes them as they are.
    function _fault(Round memory round, Bid calldata bid, uint256 trials, uint256 index)
        private
        view
        returns (BidFault)
    {
        if (bid.sweepId != round.sweepId) return BidFault.SWEEP;
        (uint256 segments, uint256 perTrial) = (Words.segments(bid), round.perTrial);
        if (segments == 0 || segments > perTrial) return BidFault.SEGMENTS;
        if (!_starts(bid.start, Words.first(bid), segments, perTrial)) return BidFault.START;
        // A list stands for fewer than 2^64 trials, and an award for 2^20 segments at most: products fit.
        unchecked {
            segments *= trials;
            if (trials == 0 || AuditDraw.mostItems(segments, perTrial) > AuditDraw.MOST_ITEMS) {
                return BidFault.TRIALS;
            }
            uint256 price = Words.price(bid);
            if (price < _leastPrice(round.terms) || price > type(uint128).max) {
                return BidFault.PRICE;
            }
            if (price * segments > _cap(round.terms)) return BidFault.PRICE;
        }
        (uint256 expiry, uint256 deadline) = (Words.expiry(bid), Words.deadline(bid));
        if (block.timestamp > expiry || block.timestamp > deadline) return BidFault.LATE;
        if ((expiry | deadline) > type(uint40).max) return BidFault.LATE;
        if (round.validating >> index & 1 != 0) return BidFault.VALIDATOR;
        return BidFault.NONE;
    }

    /// @dev Whether a bid begins at the beginning, or where an award that nobody disputes may have ended. That
    /// it is the same sweep's, and has these trials, is what the judges assert.
    function _starts(bytes32 start, uint256 first, uint256 segments, uint256 perTrial)
        private
        view
        returns (bool)
    {
        if (start == 0) return first == 0;
        if (first == 0 || first > perTrial || first + segments > perTrial) return false;
        AwardStatus status = Ids.statusOf(awardSlot[start].word);
        return status == AwardStatus.POSTED || status == AwardStatus.SETTLED;
    }

    /// @dev Holds a bid against its seller, locks the bond and writes the award.
    function _lock(Round memory round, Offer calldata offer, bytes32 id, uint256 trials)
        private
        returns (BidFault)
    {
        Slot storage slot = awardSlot[id];
        if (slot.word != 0) return BidFault.USED;
        Bid calldata bid = Words.bid(offer);
        address seller = Words.seller(bid);
        Account storage account_ = _book(round.book)[seller];
        uint256 word = account_.word;
        if (_nonce(word) != Words.nonce(bid)) return BidFault.NONCE;
        (uint256 bond, uint256 cost) = _terms(round, bid, trials);
        if (bond > _free(word)) return BidFault.BOND;
        if (!Signers.signed(seller, id, Words.signature(offer))) return BidFault.SIGNATURE;

        account_.word = _afterLock(word, bond);
        (uint256 words, uint256 tag) = Ids.writtenAward(round.sweepId, id, seller, bid, trials);
        slot.word = Ids.slot(AwardStatus.AWARDED, block.timestamp, tag);
        _emitAwarded(words, bond, cost);
        unchecked {
            round.cost += cost;
        }
        return BidFault.NONE;
    }

    /// @dev What a bid's seller stands for it with, and what its buyer pays.
    function _terms(Round memory round, Bid calldata bid, uint256 trials)
        private
        view
        returns (uint256 bond, uint256 cost)
    {
        unchecked {
            (uint256 price, uint256 segments) = (Words.price(bid), trials * Words.segments(bid));
            bond = _bond(price, segments, round.perTrial, round.terms);
            cost = _cost(price, segments, 2 * _tip(round.terms));
        }
    }

    /// @dev The award's words as they were hashed are the event's, with bond and cost behind them.
    function _emitAwarded(uint256 words, uint256 bond, uint256 cost) private {
        bytes32 awarded = Awarded.selector;
        assembly ("memory-safe") {
            mstore(add(words, 224), bond)
            mstore(add(words, 256), cost)
            let id := mload(add(words, 32))
            log4(add(words, 96), 192, awarded, mload(words), id, mload(add(words, 64)))
        }
    }

    /// @dev The buyer pays: what is brought along first, the rest from its free balance. Nobody else's balance
    /// or allowance is ever touched; native coin comes with the call, whoever sends it.
    function _fund(address buyer, address token, uint256 cost, Funding calldata funding) private {
        uint256 brought = funding.amount;
        if (brought > cost) _credit(token, buyer, brought - cost);
        if (brought < cost) _debit(token, buyer, cost - brought);
        _pull(token, buyer, brought, funding.permit);
    }
}
