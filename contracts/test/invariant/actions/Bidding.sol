// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../../../src/interfaces/IValidatorSet.sol";
import {Award, AwardStatus, Bid, Offer, Sweep} from "../../../src/types/Types.sol";
import {Actors} from "../actors/Actors.sol";
import {Amounts} from "../ledger/Amounts.sol";

/// @notice What sellers offer, good and bad, and which of it the rules take.
abstract contract Bidding is Actors, Amounts {
    /// @dev Offers of one call, and what the rules make of them.
    struct Deal {
        uint256 plan;
        Offer[] offers;
        bool[] signed;
        bool[] accepted;
        uint256 trials;
        uint256 cost;
    }

    /// @dev Mostly of these sellers, and up to a price.
    function _draft(uint256 plan, uint256 count, address[] memory list, uint128 highest)
        internal
        returns (Deal memory deal)
    {
        deal.plan = plan;
        deal.offers = new Offer[](count);
        (deal.signed, deal.accepted) = (new bool[](count), new bool[](count));
        for (uint256 n; n < count; ++n) {
            (deal.offers[n], deal.signed[n]) = _randomOffer(plan, list, highest);
        }
        for (uint256 n; n < count; ++n) {
            if (!_acceptable(deal, n)) continue;
            deal.accepted[n] = true;
            Award memory won = _awardOf(deal.offers[n].bid);
            deal.trials += won.trials;
            deal.cost += _costIn(plans[plan].terms.token, won);
        }
    }

    function _randomOffer(uint256 plan, address[] memory list, uint128 highest)
        private
        returns (Offer memory offer, bool signed)
    {
        Sweep memory sweep = plans[plan];
        uint16 perTrial = sweep.terms.segments;
        bool heedless = list.length == 0 || _once(12);
        Bid memory bid = _bid(sweep, _anyOf(heedless ? sellers : list), 0, 0);
        bid.trials = _run(_throw(1 << 20), 1 + _throw(4), _throw(4), 1 + _throw(2));
        bid.segments = _once(2) ? perTrial : uint16(1 + _throw(perTrial));
        bid.price = sweep.terms.token == NATIVE
            ? uint128(LEAST_PRICE * 2 ** _throw(44))
            : uint128(10 * 2 ** _throw(20));
        if (!heedless) bid.price = uint128(_min(bid.price, highest));
        bid.deadline = uint40(nowTime + 20 + _throw(200));
        bid.expiry = uint40(nowTime + _throw(60));
        if (_once(3)) _goOn(plan, bid);
        if (!_once(6)) return (_offer(bid), true);
        if (made.length != 0 && _once(3)) {
            // What was awarded once.
            return (abi.decode(made[_throw(made.length)].offer, (Offer)), true);
        }
        signed = _spoil(bid);
        offer = _offer(bid);
        if (!signed) offer.signature = _sign(outsider, _bidId(bid));
    }

    /// @dev A rung: from an award of the same sweep, whatever became of it.
    function _goOn(uint256 plan, Bid memory bid) private {
        if (made.length == 0) return;
        uint256 i = _throw(made.length);
        for (uint256 n; n < made.length && made[i].plan != plan; ++n) {
            i = (i + 1) % made.length;
        }
        uint16 perTrial = plans[plan].terms.segments;
        bid.start = made[i].award.id;
        bid.first = uint16(1 + _throw(perTrial - 1));
        bid.segments = uint16(1 + _throw(perTrial - bid.first));
    }

    /// @dev Returns whether its seller signs it all the same.
    function _spoil(Bid memory bid) private returns (bool) {
        uint256 fault = _throw(10);
        if (fault == 0) bid.sweepId = keccak256("another");
        if (fault == 1) bid.trials = "";
        if (fault == 2) bid.segments = 0;
        if (fault == 3) (bid.first, bid.start) = (1, 0);
        if (fault == 4) (bid.first, bid.start) = (1, keccak256("nobody's"));
        if (fault == 5) bid.segments = type(uint16).max;
        if (fault == 6) bid.price = uint128(_once(2) ? 1 : 1 << 100);
        if (fault == 7) bid.expiry = uint40(nowTime - 1);
        if (fault == 8) ++bid.nonce;
        return fault != 9;
    }

    // --- what is taken ---

    /// @dev Whether a bid must be awarded, those before it of the same call considered.
    function _acceptable(Deal memory deal, uint256 n) private view returns (bool) {
        Sweep memory sweep = plans[deal.plan];
        Bid memory bid = deal.offers[n].bid;
        bool known = deal.signed[n] && bid.sweepId == _sweepId(sweep);
        if (!known || placeOf[_bidId(bid)] != 0 || _validates(bid.seller)) return false;
        bool late = nowTime > bid.expiry || nowTime > bid.deadline;
        address token = sweep.terms.token;
        if (late || bid.nonce != nonces[token][bid.seller]) return false;
        if (!_fits(sweep, bid)) return false;
        uint256 segments = uint256(_count(bid.trials)) * bid.segments;
        bool priced =
            bid.price >= _termsOf(token).leastPrice && bid.price * segments <= _termsOf(token).cap;
        if (segments == 0 || !priced) return false;
        uint256 need;
        for (uint256 before; before <= n; ++before) {
            bool locks = before == n || deal.accepted[before];
            if (!locks || deal.offers[before].bid.seller != bid.seller) continue;
            need += _bondIn(sweep, _awardOf(deal.offers[before].bid));
        }
        return need <= free[token][bid.seller];
    }

    /// @dev Whether a bid lies within a trial, and begins where it may.
    function _fits(Sweep memory sweep, Bid memory bid) private view returns (bool) {
        if (uint256(bid.first) + bid.segments > sweep.terms.segments) return false;
        if (bid.start == 0) return bid.first == 0;
        if (bid.first == 0 || placeOf[bid.start] == 0) return false;
        AwardStatus status = made[placeOf[bid.start] - 1].status;
        return status == AwardStatus.POSTED || status == AwardStatus.SETTLED;
    }

    function _validates(address who) private view returns (bool) {
        IValidatorSet.Entry[] memory set = validators.setAt(nowTime);
        for (uint256 i; i < set.length; ++i) {
            if (set[i].validator == who) return true;
        }
        return false;
    }

    /// @dev Whether a buyer may award these offers as far as the validators go: it is none, and of others than
    /// the parties there are five.
    function _admits(Deal memory deal) private view returns (bool) {
        Sweep memory sweep = plans[deal.plan];
        IValidatorSet.Entry[] memory set = validators.setAt(nowTime);
        uint256 eligible;
        for (uint256 i; i < set.length; ++i) {
            if (set[i].validator == sweep.buyer) return false;
            bool party;
            for (uint256 n; n < deal.offers.length; ++n) {
                if (deal.offers[n].bid.seller == set[i].validator) party = true;
            }
            if (!party && set[i].vramGib >= sweep.terms.vramGib) ++eligible;
        }
        return eligible >= 5;
    }

    function _affords(Deal memory deal, uint256 least, uint256 cost, uint256 brought)
        internal
        view
        returns (bool)
    {
        Sweep memory sweep = plans[deal.plan];
        bool enough = free[sweep.terms.token][sweep.buyer] + brought >= cost;
        return enough && deal.trials != 0 && deal.trials >= least && _admits(deal);
    }
}
