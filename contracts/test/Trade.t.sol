// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Offer,
    Posted,
    Submission,
    Sweep,
    Terms
} from "../src/types/Types.sol";
import {Vm} from "./Base.t.sol";
import {Ledger} from "./Ledger.t.sol";

/// @notice Buyers, sellers and relayers, who do what they may and try what they may not.
abstract contract Trade is Ledger {
    /// @dev Offers of one call, and what the rules make of them.
    struct Deal {
        uint256 plan;
        Offer[] offers;
        bool[] signed;
        bool[] accepted;
        uint256 trials;
        uint256 cost;
    }

    struct Delivery {
        uint256 plan;
        Submission[] submissions;
        Posted[] posted; // Of those that are taken.
        bool fair;
    }

    address[] internal buyers;
    address[] internal relayers;
    address[] internal ascending; // The sellers.
    address internal outsider;
    mapping(address token => mapping(address who => uint32)) internal nonces;
    mapping(bytes32 awardId => uint256) private _timesAwarded;

    uint256 internal steps;
    uint256 private _dice;

    modifier step(uint256 seed) {
        vm.warp(nowTime);
        vm.roll(height);
        _dice = uint256(keccak256(abi.encode(seed, ++steps)));
        _;
    }

    function _open() internal virtual {
        setUp();
        outsider = _actor("outsider");
        (buyers, relayers) = (new address[](2), new address[](2));
        (buyers[0], buyers[1]) = (buyer, _actor("buyer1"));
        (relayers[0], relayers[1]) = (relayer, _actor("relayer1"));
        _admit(buyers);
        _admit(relayers);
        _admit(sellers);
        _admit(judges);
        people.push(outsider);
        people.push(BURN);
        for (uint256 i; i < sellers.length; ++i) {
            free[NATIVE][sellers[i]] = 10 ether;
            _endow(sellers[i], address(dollar), 5e9);
            _sort(sellers[i]);
        }
        for (uint256 i; i < buyers.length; ++i) {
            _endow(buyers[i], NATIVE, 10 ether);
            _endow(buyers[i], address(dollar), 5e9);
        }
        for (uint256 i; i < judges.length; ++i) {
            bonded[judges[i]] = LEAST_BOND;
        }
        for (uint256 i; i < 8; ++i) {
            (address token, uint16 perTrial) = (i & 2 == 0 ? NATIVE : address(dollar), S);
            if (i & 4 != 0) perTrial = 24;
            Terms memory terms = Terms(token, perTrial, VERDICT_TIME, i & 4 == 0 ? 16 : 24);
            plans.push(Sweep(buyers[i & 1], keccak256(abi.encode("spec", i >> 2)), terms));
        }
    }

    function _admit(address[] memory list) private {
        for (uint256 i; i < list.length; ++i) {
            people.push(list[i]);
        }
    }

    function _endow(address who, address token, uint256 amount) private {
        _deposit(who, token, amount);
        free[token][who] += amount;
    }

    function _sort(address who) private {
        ascending.push(who);
        for (uint256 i = ascending.length - 1; i > 0 && ascending[i - 1] > who; --i) {
            (ascending[i], ascending[i - 1]) = (ascending[i - 1], who);
        }
    }

    // --- chance ---

    function _throw(uint256 sides) internal returns (uint256) {
        _dice = uint256(keccak256(abi.encode(_dice)));
        return _dice % sides;
    }

    /// @dev Once in so many times.
    function _once(uint256 times) internal returns (bool) {
        return _throw(times) == 0;
    }

    /// @dev Half of those who come too early wait, some of them not quite long enough.
    function _await(uint256 moment) internal {
        if (moment <= nowTime || !_once(2)) return;
        uint256 time = moment - nowTime;
        _go(_once(5) ? time - 1 : time, 3);
    }

    function _go(uint256 time, uint256 blocks) internal {
        (nowTime, height) = (nowTime + time, height + blocks);
        vm.warp(nowTime);
        vm.roll(height);
    }

    function _anyOf(address[] memory list) internal returns (address) {
        return list[_throw(list.length)];
    }

    /// @dev Anybody but who nobody is.
    function _anyone() internal returns (address) {
        return people[_throw(people.length - 1)];
    }

    function _anyToken() internal returns (address) {
        return _once(2) ? NATIVE : address(dollar);
    }

    // --- calls ---

    /// @dev What the rules allow must go through, everything else must be refused.
    function _call(address sender, address target, uint256 value, bytes memory data, bool fair)
        internal
    {
        vm.deal(sender, sender.balance + value);
        vm.prank(sender);
        (bool done, bytes memory told) = target.call{value: value}(data);
        if (!done) _tick("refused");
        if (done && !fair) _tick("let through");
        if (done || !fair) return;
        assembly ("memory-safe") {
            revert(add(told, 32), mload(told))
        }
    }

    function _toMarket(address sender, bytes memory data, bool fair) internal {
        _call(sender, address(market), 0, data, fair);
    }

    // --- accounts ---

    function deposit(uint256 seed) external step(seed) {
        (address from, address to, address token) = (_anyone(), _anyone(), _anyToken());
        uint256 amount = _throw(token == NATIVE ? 1 ether : 1e8);
        bool fair = !_once(8);
        bytes memory data = abi.encodeCall(market.deposit, (token, to, amount));
        if (token != NATIVE) {
            _allow(from, amount);
            // A permit that is none does no harm beside an allowance.
            if (fair && _once(3)) {
                data = abi.encodeCall(
                    market.depositWithPermit, (token, to, amount, nowTime, 27, "r", "s")
                );
            }
        }
        uint256 value = token == NATIVE ? amount : 0;
        _call(from, address(market), fair ? value : value + 1, data, fair);
        if (fair) free[token][to] += amount;
    }

    function withdraw(uint256 seed) external step(seed) {
        (address who, address token) = (_anyone(), _anyToken());
        uint256 most = free[token][who];
        uint256 amount = _once(8) ? most + 1 : _throw(most + 1);
        bytes memory data = abi.encodeCall(market.withdraw, (token, amount, outsider));
        _toMarket(who, data, amount <= most);
        if (amount <= most) free[token][who] -= amount;
    }

    function bump(uint256 seed) external step(seed) {
        (address who, address token) = (_anyOf(sellers), _anyToken());
        _toMarket(who, abi.encodeCall(market.bumpNonce, (token)), true);
        ++nonces[token][who];
    }

    function _allow(address who, uint256 amount) private {
        dollar.mint(who, amount);
        vm.prank(who);
        dollar.approve(address(market), amount);
    }

    // --- bids ---

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

    function _validates(address who) internal view returns (bool) {
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

    // --- awards ---

    function award(uint256 seed) external step(seed) {
        _awardSome();
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
        vm.recordLogs();
        _call(sender, address(market), value, data, fair);
        _countAwarded();
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

    function _affords(Deal memory deal, uint256 least, uint256 cost, uint256 brought)
        internal
        view
        returns (bool)
    {
        Sweep memory sweep = plans[deal.plan];
        bool enough = free[sweep.terms.token][sweep.buyer] + brought >= cost;
        return enough && deal.trials != 0 && deal.trials >= least && _admits(deal);
    }

    function _noteDeal(Deal memory deal, uint256 brought, uint256 cost) internal {
        Sweep memory sweep = plans[deal.plan];
        uint256 had = free[sweep.terms.token][sweep.buyer] + brought;
        free[sweep.terms.token][sweep.buyer] = had - cost;
        for (uint256 n; n < deal.offers.length; ++n) {
            if (deal.accepted[n]) _noteAward(deal.plan, deal.offers[n]);
        }
    }

    function _countAwarded() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != ISweepMarket.Awarded.selector) continue;
            if (++_timesAwarded[logs[i].topics[2]] == 2) _tick("awarded twice");
        }
    }

    function expireAward(uint256 seed) external step(seed) {
        if (made.length == 0) return _awardSome();
        uint256 i = _madeThat(AwardStatus.AWARDED);
        Made memory m = made[i];
        if (_once(4)) _await(m.award.deadline + GRACE + 1);
        bool fair = m.status == AwardStatus.AWARDED && nowTime > m.award.deadline + GRACE;
        bytes memory data = abi.encodeCall(market.expireAward, (plans[m.plan], m.award));
        _toMarket(_anyone(), data, fair);
        if (fair) _noteExpired(i);
    }

    /// @dev One of that status, if there is any.
    function _madeThat(AwardStatus status) internal returns (uint256 i) {
        i = _throw(made.length);
        for (uint256 n; n < made.length && made[i].status != status; ++n) {
            i = (i + 1) % made.length;
        }
    }

    // --- results ---

    function commit(uint256 seed) external step(seed) {
        _commitSome();
    }

    function _commitSome() internal {
        if (!_waits() && !_once(10)) return _awardSome();
        if (made.length == 0) return;
        Delivery memory delivery = _deliver();
        address sender = _once(3) ? _anyone() : _anyOf(relayers);
        bytes memory data =
            abi.encodeCall(market.commit, (plans[delivery.plan], delivery.submissions));
        _toMarket(sender, data, delivery.fair);
        if (delivery.fair) _noteDelivery(delivery, sender);
        _go(0, 1 + _throw(4));
    }

    /// @dev Whether a result of some award may still come.
    function _waits() private view returns (bool) {
        for (uint256 i; i < made.length; ++i) {
            bool late = nowTime > made[i].award.deadline + GRACE;
            if (made[i].status == AwardStatus.AWARDED && !late) return true;
        }
        return false;
    }

    function _noteDelivery(Delivery memory delivery, address sender) internal {
        _noteRound(delivery.plan, Commit(height, nowTime, sender, delivery.posted));
    }

    /// @dev Results of up to five awards of a sweep, or nothing fair if none waits. Those that wait no more are
    /// skipped by the market.
    function _deliver() internal returns (Delivery memory delivery) {
        uint256 from = _madeThat(AwardStatus.AWARDED);
        uint256 most = 1 + _throw(5);
        delivery.plan = made[from].plan;
        delivery.submissions = new Submission[](most);
        delivery.posted = new Posted[](most);
        delivery.fair = true;
        (uint256 count, uint256 taken, uint256 price) = (0, 0, 0);
        bool hasty = _once(8);
        for (uint256 n; n < made.length && count < most; ++n) {
            Made memory m = made[(from + n) % made.length];
            if (m.plan != delivery.plan) continue;
            bool waits = m.status == AwardStatus.AWARDED;
            bool late = nowTime > m.award.deadline + GRACE;
            if (waits ? late && !hasty : !_once(4)) continue;
            (Submission memory submission, bool good) = _randomResult(m.award);
            delivery.submissions[count++] = submission;
            if (!waits) continue;
            delivery.posted[taken++] = Posted(m.award, submission.root, submission.done);
            price += _price(m.award);
            if (late || !good) delivery.fair = false;
        }
        bool above = price > _termsOf(plans[delivery.plan].terms.token).cap;
        if (taken == 0 || taken > 1 && above) delivery.fair = false;
        _cut(delivery, count, taken);
    }

    function _cut(Delivery memory delivery, uint256 count, uint256 taken) private pure {
        (Submission[] memory submissions, Posted[] memory posted) =
            (delivery.submissions, delivery.posted);
        assembly ("memory-safe") {
            mstore(submissions, count)
            mstore(posted, taken)
        }
    }

    /// @dev All or a part of an award done, or what the market can't take.
    function _randomResult(Award memory won)
        private
        returns (Submission memory submission, bool good)
    {
        uint32 done = won.segments;
        if (_once(2)) done = uint32(1 + _throw(done));
        good = !_once(30);
        if (!good) {
            bytes memory signature = _sign(outsider, _resultDigest(won.id, 0, done));
            return (Submission(won, 0, _once(2) ? done : done + 1000, signature), false);
        }
        bytes32 root = _resultRoot(won, done);
        bytes32 digest = _resultDigest(won.id, root, done);
        return (Submission(won, root, done, _sign(won.seller, digest)), true);
    }
}
