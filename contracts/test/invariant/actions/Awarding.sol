// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, Sweep} from "../../../src/types/Types.sol";
import {Banking} from "./Banking.sol";
import {Bidding} from "./Bidding.sol";
import {AwardBook} from "../ledger/AwardBook.sol";

/// @notice Buyers award what is offered to them, and strangers end what nobody delivers.
abstract contract Awarding is Banking, Bidding, AwardBook {
    function award(uint256 seed) external step(seed) {
        _awardSome();
    }

    function expireAward(uint256 seed) external step(seed) {
        if (made.length == 0) return _awardSome();
        // Now and then one that has ended.
        AwardStatus status = _once(3) ? AwardStatus(4 + _throw(4)) : AwardStatus.AWARDED;
        uint256 i = _madeThat(status);
        Made memory m = made[i];
        if (_once(4)) _await(m.award.deadline + GRACE + 1);
        bool fair = m.status == AwardStatus.AWARDED && nowTime > m.award.deadline + GRACE;
        bytes memory data = abi.encodeCall(market.expireAward, (plans[m.plan], m.award));
        _toMarket(_anyone(), data, fair);
        if (fair) _noteExpired(i);
    }

    function _awardSome() internal {
        Deal memory deal = _draft(_throw(plans.length), 1 + _throw(3), sellers, type(uint128).max);
        Sweep memory sweep = plans[deal.plan];
        address sender = _once(20) ? outsider : sweep.buyer;
        uint256 brought = _funds(deal.cost, sweep);
        uint256 least = _once(10) ? deal.trials + 1 : _throw(deal.trials + 1);
        bool fair = sender == sweep.buyer && _affords(deal, least, deal.cost, brought);
        bytes memory data =
            abi.encodeCall(market.award, (sweep, deal.offers, least, _noPermit(brought)));
        uint256 value = sweep.terms.token == NATIVE ? brought : 0;
        _call(sender, address(market), value, data, fair);
        if (fair) _noteDeal(deal, brought, deal.cost);
    }

    /// @dev What a buyer brings along: all, more, half or nothing.
    function _funds(uint256 cost, Sweep memory sweep) internal returns (uint256 brought) {
        uint256 how = _throw(4);
        if (how == 0) brought = cost;
        if (how == 1) brought = cost + _throw(cost + 1);
        if (how == 2) brought = cost / 2;
        if (sweep.terms.token != NATIVE) _allow(sweep.buyer, brought);
    }

    function _noteDeal(Deal memory deal, uint256 brought, uint256 cost) internal {
        Sweep memory sweep = plans[deal.plan];
        uint256 had = free[sweep.terms.token][sweep.buyer] + brought;
        free[sweep.terms.token][sweep.buyer] = had - cost;
        for (uint256 n; n < deal.offers.length; ++n) {
            if (deal.accepted[n]) _noteAward(deal.plan, deal.offers[n]);
        }
    }
}
