// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Funding, Offer, Session, Sweep} from "../types/Types.sol";

/// @title ISpendSessions
/// @notice Lets a key award in a buyer's name, for one sweep, up to a cap and until a time.
/// @dev Constructor: `(address market)`. EIP-712 domain: name "compute-swarm", version "1", this contract.
/// Holds no money: what a session has not spent stays in the buyer's free balance, and nothing here
/// withdraws. A session's id is the EIP-712 digest of
/// `Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,bytes32 sellers,uint40 expiry,uint32 nonce)`.
///
/// Messages name awards by `awards`: keccak256 over the award ids, a word each, in the order of the offers. A
/// session names its sellers likewise: keccak256 over their addresses in ascending order, each padded to a word
/// as `abi.encodePacked` does it with an `address[]`. Every offer of a call has to keep to the session's price
/// and sellers, whether or not the market then skips it.
interface ISpendSessions {
    /// @notice A session was opened, with its first award.
    event SessionOpened(
        bytes32 indexed sessionId, address indexed buyer, bytes32 indexed sweepId, Session session
    );
    /// @notice A session was ended by its buyer.
    event SessionRevoked(bytes32 indexed sessionId);
    /// @notice A session awarded something.
    /// @param number Of the message that was spent; 0 is the opening.
    /// @param cost What this award took; `left` is what remains of the cap.
    event SessionSpent(bytes32 indexed sessionId, uint32 number, uint256 cost, uint256 left);

    /// @notice Only the buyer may do this, or bring value along.
    error SpendSessions_NotBuyer(address caller, address buyer);
    /// @notice The message isn't signed by the buyer, or the key.
    error SpendSessions_BadSignature(bytes32 id, address signer);
    /// @notice The session was never opened.
    error SpendSessions_NotOpen(bytes32 sessionId);
    /// @notice The session was opened before.
    error SpendSessions_AlreadyOpen(bytes32 sessionId);
    /// @notice The session was ended by its buyer.
    error SpendSessions_Revoked(bytes32 sessionId);
    /// @notice The session's time is over.
    error SpendSessions_Expired(bytes32 sessionId, uint40 expiry);
    /// @notice The session is for another sweep.
    error SpendSessions_OtherSweep(bytes32 sessionId, bytes32 sweepId);
    /// @notice The sweep is another buyer's.
    error SpendSessions_OtherBuyer(bytes32 sessionId, address buyer);
    /// @notice A message with this number or a greater one was spent.
    error SpendSessions_Outdated(bytes32 sessionId, uint32 number, uint32 last);
    /// @notice An offer's price is above the session's.
    error SpendSessions_PriceTooHigh(bytes32 awardId, uint256 price, uint256 highest);
    /// @notice The list of sellers is not the session's.
    error SpendSessions_BadSellers(bytes32 sessionId);
    /// @notice An offer's seller is not on the session's list.
    error SpendSessions_SellerNotNamed(address seller);
    /// @notice What is left of the cap doesn't cover it.
    error SpendSessions_AboveCap(uint256 amount, uint256 left);

    /// @notice Opens a session and makes its first award. The buyer calls, or a relayer with the buyer's
    /// signature over `Opening(bytes32 sessionId,bytes32 awards,uint256 leastTrials)`; a relayer earns a tip.
    /// What this award costs counts against the cap like any other.
    /// @param sellers The sellers that the session names, ascending; empty if it names none.
    /// @param funding Pulled from the buyer first, as in the market's `award`. A relayer sends no value, and pulls
    /// no more than the session's cap.
    /// @param signature Empty when the buyer calls.
    function open(
        Session calldata session,
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint256 leastTrials,
        address[] calldata sellers,
        Funding calldata funding,
        bytes calldata signature
    ) external payable returns (uint256 awardedTrials);

    /// @notice Awards more in a session, by the signature of its key over
    /// `Spend(bytes32 sessionId,uint32 number,bytes32 awards,uint256 leastTrials)`. The caller earns a tip, unless
    /// it is the buyer; price, audit fees and tips count against the cap.
    /// @dev A message works once, and not any more after one with a greater number: else a bid that was left
    /// out of it, or a message that failed, could be awarded later beside what the key took in its place.
    /// @param number Greater than that of each message spent before; the first is at least 1.
    function award(
        Session calldata session,
        Sweep calldata sweep,
        Offer[] calldata offers,
        uint32 number,
        uint256 leastTrials,
        address[] calldata sellers,
        bytes calldata signature
    ) external returns (uint256 awardedTrials);

    /// @notice Ends a session at once and for ever, opened or not; only its buyer.
    function revoke(Session calldata session) external;

    /// @notice What is left of a session's cap, the number of its last message, and whether it can still award.
    function left(Session calldata session)
        external
        view
        returns (uint256 amount, uint32 last, bool usable);
}
