// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISpendSessions} from "./interfaces/ISpendSessions.sol";
import {ISweepMarket} from "./interfaces/ISweepMarket.sol";
import {Ids} from "./libraries/Ids.sol";
import {Signers} from "./libraries/Signers.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {Bid, Funding, Offer, Session, Sweep} from "./types/Types.sol";

/// @title SpendSessions
/// @notice Awards that a key makes for a buyer.
/// @dev The market believes this contract that a buyer agreed: everything it is handed is held against a
/// session that the buyer opened itself or signed.
contract SpendSessions is ISpendSessions {
    /// @dev One slot per session.
    struct State {
        uint128 spent;
        uint32 last;
        bool open;
        bool revoked;
    }

    bytes32 private constant SESSION = keccak256(
        "Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,bytes32 sellers,uint40 expiry,uint32 nonce)"
    );
    bytes32 private constant OPENING =
        keccak256("Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)");
    bytes32 private constant SPEND =
        keccak256("Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)");

    ISweepMarket private immutable MARKET;

    mapping(bytes32 sessionId => State) private _states;

    /// @param market The market that it awards on, and that believes it.
    constructor(address market) {
        MARKET = ISweepMarket(market);
    }

    /// @inheritdoc ISpendSessions
    function open(
        Session calldata session,
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        address[] calldata sellers,
        Funding calldata funding,
        bytes calldata signature
    ) external payable returns (uint256 awardedTrials) {
        bytes32 id = _usable(session, sweep);
        bytes32 awards = _checkOffers(id, session, offers, sellers);
        if (msg.sender != session.buyer) {
            _checkRelayed(session, funding);
            bytes32 message = keccak256(abi.encode(OPENING, id, awards, leastTrials));
            _requireSigned(session.buyer, id, message, signature);
        }
        _begin(id, session);
        return _spend(id, session, sweep, offers, leastTrials, funding);
    }

    /// @inheritdoc ISpendSessions
    function award(
        Session calldata session,
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint32 number,
        uint256 leastTrials,
        address[] calldata sellers,
        bytes calldata signature
    ) external returns (uint256 awardedTrials) {
        bytes32 id = _usable(session, sweep);
        {
            bytes32 awards = _checkOffers(id, session, offers, sellers);
            bytes32 message = keccak256(abi.encode(SPEND, id, number, awards, leastTrials));
            _requireSigned(session.key, id, message, signature);
        }
        _use(id, number);
        return _spend(id, session, sweep, offers, leastTrials, _nothing());
    }

    /// @inheritdoc ISpendSessions
    function revoke(Session calldata session) external {
        if (msg.sender != session.buyer) revert SpendSessions_NotBuyer(msg.sender, session.buyer);
        bytes32 id = _id(session);
        if (_states[id].revoked) revert SpendSessions_Revoked(id);

        _states[id].revoked = true;
        emit SessionRevoked(id);
    }

    /// @inheritdoc ISpendSessions
    function left(Session calldata session)
        external
        view
        returns (uint256 amount, uint32 last, bool usable)
    {
        State memory state = _states[_id(session)];
        usable = state.open && !state.revoked && block.timestamp <= session.expiry;
        return (session.cap - state.spent, state.last, usable);
    }

    /// @dev The session's id, if it may still award in this sweep. The market charges the sweep's buyer, so a
    /// session of anybody else must not get there.
    function _usable(Session calldata session, Sweep calldata sweep)
        private
        view
        returns (bytes32 id)
    {
        id = _id(session);
        if (_states[id].revoked) revert SpendSessions_Revoked(id);
        if (block.timestamp > session.expiry) revert SpendSessions_Expired(id, session.expiry);
        bytes32 sweepId = Ids.sweepId(address(MARKET), sweep);
        if (session.sweepId != sweepId) revert SpendSessions_OtherSweep(id, sweepId);
        if (session.buyer != sweep.buyer) revert SpendSessions_OtherBuyer(id, sweep.buyer);
    }

    function _begin(bytes32 id, Session calldata session) private {
        if (_states[id].open) revert SpendSessions_AlreadyOpen(id);
        _states[id].open = true;
        emit SessionOpened(id, session.buyer, session.sweepId, session);
    }

    /// @dev Uses up a message's number, and all below it.
    function _use(bytes32 id, uint32 number) private {
        State storage state = _states[id];
        if (!state.open) revert SpendSessions_NotOpen(id);
        if (number <= state.last) revert SpendSessions_Outdated(id, number, state.last);
        state.last = number;
    }

    /// @dev Holds all offers against the session. Returns the hash over their awards' ids.
    function _checkOffers(
        bytes32 id,
        Session calldata session,
        Offer[] calldata offers,
        address[] calldata sellers
    ) private view returns (bytes32) {
        bool named = session.sellers != 0;
        if (named && keccak256(abi.encodePacked(sellers)) != session.sellers) {
            revert SpendSessions_BadSellers(id);
        }
        bytes32 domain = TypedData.domain(address(MARKET));
        bytes32[] memory ids = new bytes32[](offers.length);
        for (uint256 i; i < ids.length; ++i) {
            Bid calldata bid = offers[i].bid;
            ids[i] = TypedData.digest(domain, TypedData.hashBid(bid));
            if (bid.price > session.highestPrice) {
                revert SpendSessions_PriceTooHigh(ids[i], bid.price, session.highestPrice);
            }
            if (named && !_among(sellers, bid.seller)) {
                revert SpendSessions_SellerNotNamed(bid.seller);
            }
        }
        return keccak256(abi.encodePacked(ids));
    }

    /// @dev Halves an ascending list. In one that is not, somebody is missed, and nobody found that isn't there.
    function _among(address[] calldata sellers, address seller) private pure returns (bool) {
        uint256 from;
        uint256 to = sellers.length;
        while (from < to) {
            uint256 middle = (from + to) / 2;
            if (sellers[middle] == seller) return true;
            if (sellers[middle] < seller) from = middle + 1;
            else to = middle;
        }
        return false;
    }

    /// @dev The buyer does not sign what is brought along: the cap bounds what a stranger can make the market
    /// pull from it, and value that isn't the buyer's stays out.
    function _checkRelayed(Session calldata session, Funding calldata funding) private view {
        if (msg.value != 0) revert SpendSessions_NotBuyer(msg.sender, session.buyer);
        if (funding.amount > session.cap) {
            revert SpendSessions_AboveCap(funding.amount, session.cap);
        }
    }

    function _requireSigned(address signer, bytes32 id, bytes32 message, bytes calldata signature)
        private
        view
    {
        bytes32 digest = TypedData.digest(TypedData.domain(address(this)), message);
        if (!Signers.signed(signer, digest, signature)) {
            revert SpendSessions_BadSignature(id, signer);
        }
    }

    /// @dev Only the market knows what an award costs. The cap is held against what is stored after its call,
    /// so that whatever was awarded within it is counted too.
    function _spend(
        bytes32 id,
        Session calldata session,
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        Funding memory funding
    ) private returns (uint256 awardedTrials) {
        address relayer = msg.sender == session.buyer ? address(0) : msg.sender;
        uint256 cost;
        (awardedTrials, cost) =
            MARKET.awardFor{value: msg.value}(sweep, offers, leastTrials, funding, relayer);
        _charge(id, session.cap, cost);
    }

    function _charge(bytes32 id, uint128 cap, uint256 cost) private {
        State storage state = _states[id];
        uint256 room = cap - state.spent;
        if (cost > room) revert SpendSessions_AboveCap(cost, room);

        // Fits: it is no more than the cap.
        state.spent += uint128(cost);
        emit SessionSpent(id, state.last, cost, room - cost);
    }

    /// @dev Later awards are paid from the free balance alone.
    function _nothing() private pure returns (Funding memory funding) {}

    function _id(Session calldata session) private view returns (bytes32) {
        bytes32 hash = keccak256(abi.encode(SESSION, session));
        return TypedData.digest(TypedData.domain(address(this)), hash);
    }
}
