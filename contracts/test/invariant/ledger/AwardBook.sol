// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, AwardStatus, Commit, Offer, Posted, Sweep} from "../../../src/types/Types.sol";
import {Purses} from "./Purses.sol";
import {Hearing} from "./Hearing.sol";

/// @notice An award from its bid to its end, but for its disputes.
abstract contract AwardBook is Purses, Hearing {
    function _move(uint256 i, AwardStatus to) internal {
        (made[i].status, made[i].since) = (to, nowTime);
        ++reached[to];
        if (to > AwardStatus.DISPUTED) made[i].ended = _slotOf(i) & ~MARKED;
    }

    /// @dev A slot as it must be. The first award of a commit says whether the court has a record of it.
    function _slotOf(uint256 i) internal view returns (uint256) {
        Made memory m = made[i];
        uint256 flags = uint256(m.docked ? 1 : 0) << 254;
        if (m.first && rounds[m.round - 1].marked) flags |= MARKED;
        return flags | uint256(m.status) << 248 | m.since << 208 | m.tag;
    }

    function _noteAward(uint256 plan, Offer memory offer) internal {
        Award memory award = _awardOf(offer.bid);
        Sweep memory sweep = plans[plan];
        uint256 i = made.length;
        made.push();
        placeOf[award.id] = i + 1;
        (made[i].plan, made[i].award, made[i].offer) = (plan, award, abi.encode(offer));
        made[i].tag = uint208(uint256(keccak256(abi.encode(_sweepId(sweep), award))));
        firstOf[award.id] = offer.bid.first;
        _move(i, AwardStatus.AWARDED);

        uint256 bond = _bondIn(sweep, award);
        purses[award.id] = Purse(_costIn(sweep.terms.token, award), 0, bond, 0);
        (due[award.id].cost, due[award.id].bond) = (purses[award.id].pulled, bond);
        _lock(award.seller, sweep.terms.token, bond);
        if (offer.bid.first != 0) _tick("rungs");
    }

    function _noteRound(uint256 plan, Commit memory commit) internal {
        bytes32 id = _commitId(commit);
        rounds.push(Round(plan, abi.encode(commit), id, false));
        bytes32 sweepId = _sweepId(plans[plan]);
        for (uint256 n; n < commit.awards.length; ++n) {
            Posted memory posted = commit.awards[n];
            uint256 i = placeOf[posted.award.id] - 1;
            bytes memory text = abi.encode(sweepId, posted, id, commit.time, commit.relayer);
            (made[i].tag, made[i].round) = (uint208(uint256(keccak256(text))), rounds.length);
            made[i].first = n == 0;
            _move(i, AwardStatus.POSTED);
        }
    }

    /// @dev Nothing was delivered.
    function _noteExpired(uint256 i) internal {
        _returnBond(i);
        _payRest(i, plans[made[i].plan].buyer);
        _move(i, AwardStatus.EXPIRED);
    }

    function _noteSettlement(Scene memory s, Brought memory brought, address caller) internal {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (made[_madeAt(s, index)].status != AwardStatus.POSTED) continue;
            Ruling memory ruling = _ruling(s, index, brought.heard);
            if (ruling.upheld) _noteSettled(s, index, ruling, caller);
        }
    }

    function _noteSettled(Scene memory s, uint256 index, Ruling memory ruling, address caller)
        private
    {
        uint256 i = _madeAt(s, index);
        Posted memory posted = s.commit.awards[index];
        uint256 paid = uint256(posted.award.price) * posted.done;
        uint256 tip = _termsOf(s.sweep.terms.token).tip;
        _returnBond(i);
        _pay(i, posted.award.seller, paid);
        _pay(i, s.commit.relayer, tip);
        _pay(i, caller, tip);
        uint256 each = _fee(paid) / ruling.answers;
        uint256 fees = _payJudges(s, index, ruling, each);
        uint256 left = _fee(paid) - fees;
        uint256 price = _price(posted.award);
        uint256 back = price - paid + _fee(price) - _fee(paid);
        for (uint256 share; share < ruling.by.length; ++share) {
            if (ruling.by[share] != By.PANEL) continue;
            back += each * ruling.counts[share];
            left -= each * ruling.counts[share];
            _tick("cleared");
        }
        _pay(i, caller, left);
        _pay(i, s.sweep.buyer, back);
        Told storage word = due[posted.award.id];
        (word.paid, word.refunded, word.fees) = (paid, back, fees);
        _move(i, AwardStatus.SETTLED);
    }

    /// @dev Pays those who upheld an award, out of its audit fee.
    function _payJudges(Scene memory s, uint256 index, Ruling memory ruling, uint256 each)
        internal
        returns (uint256 fees)
    {
        uint256 i = _madeAt(s, index);
        for (uint256 share; share < ruling.by.length; ++share) {
            uint256 fee = each * ruling.counts[share];
            if (ruling.by[share] == By.JUDGE) {
                _pay(i, _holder(s, share, 0), fee);
                fees += fee;
            } else if (ruling.by[share] == By.PAIR) {
                (address first, address second) = _pair(s, index, share);
                _pay(i, first, fee / 2);
                _pay(i, second, fee / 2);
                fees += 2 * (fee / 2);
                _tick("stood in");
            }
        }
    }

    /// @dev Not audited: the relayer has its tip, who judged all the same a fee, the buyer the rest.
    function _noteRefunded(Scene memory s, uint256 index) internal {
        uint256 i = _madeAt(s, index);
        bytes32 id = made[i].award.id;
        due[id].fees = purses[id].paid;
        _pay(i, s.commit.relayer, _termsOf(s.sweep.terms.token).tip);
        _returnBond(i);
        _payRest(i, s.sweep.buyer);
        _move(i, AwardStatus.REFUNDED);
    }
}
