// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISpendSessions} from "../../../src/interfaces/ISpendSessions.sol";
import {Bid, Session, Sweep} from "../../../src/types/Types.sol";
import {Awarding} from "./Awarding.sol";

/// @notice A key awards for a buyer, within its session and beyond.
abstract contract Spending is Awarding {
    /// @dev What a session is asked for.
    /// @param fair Whether it may be, whatever is offered.
    struct Message {
        uint256 spending;
        bool opens;
        address sender;
        uint256 least;
        uint256 brought;
        uint32 number;
        bytes signature;
        bool fair;
    }

    function openSession(uint256 seed) external step(seed) {
        bool again = spendings.length != 0 && _once(5);
        Message memory message;
        message.opens = true;
        message.spending = again ? _throw(spendings.length) : _newSession();
        Spent memory spending = spendings[message.spending];
        Deal memory deal = _draftIn(spending);
        message.sender = _once(2) ? spending.session.buyer : _anyOf(relayers);
        message.least = _throw(deal.trials + 1);
        message.brought = _once(2) ? 0 : _funds(deal.cost, plans[deal.plan]);
        message.fair = _mayOpen(spending, message.sender, message.brought);
        if (message.sender != spending.session.buyer) {
            bytes memory text = abi.encode(
                keccak256("Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)"),
                _sessionId(spending.session),
                _awardsHash(deal),
                message.least
            );
            _signed(message, spending.session.buyer, text);
        }
        _spend(deal, message);
    }

    function spend(uint256 seed) external step(seed) {
        if (spendings.length == 0) return _awardSome();
        Message memory message;
        message.spending = _throw(spendings.length);
        Spent memory spending = spendings[message.spending];
        Deal memory deal = _draftIn(spending);
        message.sender = _once(4) ? spending.session.buyer : _anyOf(relayers);
        message.least = _throw(deal.trials + 1);
        message.number = spending.last + uint32(_throw(4));
        message.fair = spending.open && message.number > spending.last;
        bytes memory text = abi.encode(
            keccak256("Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)"),
            _sessionId(spending.session),
            message.number,
            _awardsHash(deal),
            message.least
        );
        _signed(message, key, text);
        _spend(deal, message);
    }

    function revoke(uint256 seed) external step(seed) {
        if (spendings.length == 0) return;
        uint256 n = _throw(spendings.length);
        Spent memory spending = spendings[n];
        address sender = _once(4) ? key : spending.session.buyer;
        bool fair = sender == spending.session.buyer && !spending.revoked;
        bytes memory data = abi.encodeCall(sessions.revoke, (spending.session));
        _call(sender, address(sessions), 0, data, fair);
        if (!fair) return;
        spendings[n].revoked = true;
    }

    // --- sessions ---

    function _newSession() private returns (uint256 n) {
        n = spendings.length;
        spendings.push();
        uint256 plan = _throw(plans.length);
        if (_once(3)) {
            uint256 chosen = 1 + _throw(63);
            for (uint256 i; i < ascending.length; ++i) {
                if (chosen >> i & 1 == 1) spendings[n].sellers.push(ascending[i]);
            }
        }
        address[] memory list = spendings[n].sellers;
        bytes32 named = list.length == 0 ? bytes32(0) : keccak256(abi.encodePacked(list));
        uint256 cap = plans[plan].terms.token == NATIVE ? 1 ether : 1e9;
        cap /= 1 + _throw(20);
        uint256 highest = _once(3) ? cap / 64 : type(uint128).max;
        spendings[n].plan = plan;
        spendings[n].session = Session(
            plans[plan].buyer,
            _sweepId(plans[plan]),
            key,
            uint128(cap),
            uint128(highest),
            named,
            uint40(nowTime + _throw(2000)),
            uint32(n)
        );
    }

    function _sessionId(Session memory session) private view returns (bytes32) {
        bytes32 kind = keccak256(
            "Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,bytes32 sellers,uint40 expiry,uint32 nonce)"
        );
        return _digest(address(sessions), keccak256(abi.encode(kind, session)));
    }

    function _awardsHash(Deal memory deal) private view returns (bytes32) {
        bytes memory ids;
        for (uint256 n; n < deal.offers.length; ++n) {
            ids = bytes.concat(ids, _bidId(deal.offers[n].bid));
        }
        return keccak256(ids);
    }

    function _draftIn(Spent memory spending) private returns (Deal memory) {
        address[] memory list = spending.sellers.length == 0 ? sellers : spending.sellers;
        uint256 highest = _min(spending.session.highestPrice, spending.session.cap / 32);
        return _draft(spending.plan, 1 + _throw(2), list, uint128(highest));
    }

    /// @dev By who must sign it, or by somebody else.
    function _signed(Message memory message, address signer, bytes memory text) private {
        bool good = !_once(8);
        bytes32 digest = _digest(address(sessions), keccak256(text));
        message.signature = _sign(good ? signer : outsider, digest);
        message.fair = message.fair && good;
    }

    /// @dev A relayer can bring no value, and can make the market pull no more than the cap.
    function _mayOpen(Spent memory spending, address sender, uint256 brought)
        private
        view
        returns (bool)
    {
        if (spending.open) return false;
        if (sender == spending.session.buyer) return true;
        bool native = plans[spending.plan].terms.token == NATIVE;
        return native ? brought == 0 : brought <= spending.session.cap;
    }

    /// @dev Whether all offers keep to the session, whether or not they are good.
    function _keeps(Spent memory spending, Deal memory deal) private pure returns (bool) {
        for (uint256 n; n < deal.offers.length; ++n) {
            Bid memory bid = deal.offers[n].bid;
            if (bid.price > spending.session.highestPrice) return false;
            bool named = spending.sellers.length == 0;
            for (uint256 i; i < spending.sellers.length; ++i) {
                if (spending.sellers[i] == bid.seller) named = true;
            }
            if (!named) return false;
        }
        return true;
    }

    // --- spending ---

    /// @dev What a session takes is measured by the buyer's account.
    function _spend(Deal memory deal, Message memory message) private {
        Spent memory spending = spendings[message.spending];
        Session memory session = spending.session;
        address token = plans[deal.plan].terms.token;
        bool relayed = message.sender != session.buyer;
        uint256 cost = relayed ? deal.cost + _termsOf(token).tip : deal.cost;
        bool fair = message.fair && !spending.revoked && nowTime <= session.expiry
            && _keeps(spending, deal) && _affords(deal, message.least, cost, message.brought)
            && spending.spent + cost <= session.cap;
        uint256 value = relayed || token != NATIVE ? 0 : message.brought;
        bytes memory data = _encode(spending, deal, message);
        (uint256 had,,) = market.account(session.buyer, token);
        _call(message.sender, address(sessions), value, data, fair);
        if (!fair) return;
        _noteDeal(deal, message.brought, cost);
        if (relayed) {
            free[token][message.sender] += _termsOf(token).tip;
            _tick("relayed");
        }
        (uint256 has,,) = market.account(session.buyer, token);
        spendings[message.spending].open = true;
        spendings[message.spending].last = message.number;
        spendings[message.spending].spent += had + message.brought - has;
    }

    function _encode(Spent memory spending, Deal memory deal, Message memory message)
        private
        view
        returns (bytes memory)
    {
        Sweep memory sweep = plans[deal.plan];
        if (message.opens) {
            return abi.encodeCall(
                ISpendSessions.open,
                (
                    spending.session,
                    sweep,
                    deal.offers,
                    message.least,
                    spending.sellers,
                    _noPermit(message.brought),
                    message.signature
                )
            );
        }
        return abi.encodeCall(
            ISpendSessions.award,
            (
                spending.session,
                sweep,
                deal.offers,
                message.number,
                message.least,
                spending.sellers,
                message.signature
            )
        );
    }
}
