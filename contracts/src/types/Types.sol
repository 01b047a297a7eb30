// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What of a sweep's document the chain has to know; sellers refuse terms that differ from it.
/// @param token The payment token; the zero address is the native coin.
/// @param segments S, the segments of a complete trial.
/// @param verdictTime Seconds the judges have for their verdicts.
/// @param vramGib The least memory tier of a validator that may judge.
struct Terms {
    address token;
    uint16 segments;
    uint32 verdictTime;
    uint16 vramGib;
}

/// @notice A sweep as every call names it; nothing of it is stored.
struct Sweep {
    address buyer;
    bytes32 specHash;
    Terms terms;
}

/// @notice A seller's signed offer. Its EIP-712 digest is the award's id.
/// @param trials Four bytes each, strictly increasing: trial index (24 bits), replica (8 bits).
/// @param first The k that each trial starts from; 0 until rungs exist.
/// @param segments Segments per trial.
/// @param price Per segment, in base units of the sweep's token.
/// @param start The award whose end states are continued; 0 until rungs exist.
/// @param deadline By when the result must be committed.
/// @param expiry The last second at which the bid may be awarded.
/// @param nonce The seller's nonce for the token; `bumpNonce` cancels all open bids.
struct Bid {
    bytes32 sweepId;
    address seller;
    bytes trials;
    uint16 first;
    uint16 segments;
    uint128 price;
    bytes32 start;
    uint40 deadline;
    uint40 expiry;
    uint32 nonce;
}

/// @notice A bid with its seller's signature.
struct Offer {
    Bid bid;
    bytes signature;
}

/// @notice An ERC-2612 permit; a deadline of zero means there is none.
struct PermitSig {
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice What a buyer brings along: pulled from it for a token, equal to the value sent for the native coin.
struct Funding {
    uint256 amount;
    PermitSig permit;
}

/// @notice An accepted bid.
/// @param segments Trials times segments per trial.
/// @param price Per segment.
struct Award {
    bytes32 id;
    address seller;
    uint32 trials;
    uint32 segments;
    uint128 price;
    uint40 deadline;
}

/// @notice A seller's signed result for one award.
/// @param root Merkle root over the trial leaves.
/// @param done Segments done, summed over the trials.
struct Submission {
    Award award;
    bytes32 root;
    uint32 done;
    bytes signature;
}

/// @notice An award with its result.
struct Posted {
    Award award;
    bytes32 root;
    uint32 done;
}

/// @notice The results that one transaction posted, in order.
struct Commit {
    uint256 blockNumber;
    Posted[] awards;
}

/// @notice One line of the `Committed` event.
struct Entry {
    bytes32 awardId;
    bytes32 root;
    uint32 done;
}

/// @notice A judge's answers to its share: a nibble per item, the first in the high half of a byte.
/// @param evidence Merkle root over what the judge replayed.
struct SignedVerdict {
    uint8 share;
    bytes answers;
    bytes32 evidence;
    bytes signature;
}

/// @notice A panel member's vote.
struct SignedVote {
    address validator;
    bool upheld;
    bytes signature;
}

/// @notice Everything that follows from a commit once it is held against the award slots.
/// @param time The commit's time.
/// @param seed Zero while the draw's block is unknown, or for ever once it is lost.
/// @param shares V, the number of shares.
/// @param ends Items of the awards up to and including this one; empty without a seed.
/// @param slots The award slots as stored.
struct Docket {
    bytes32 sweepId;
    bytes32 commitId;
    uint256 time;
    bytes32 seed;
    uint256 shares;
    uint256[] ends;
    uint256[] slots;
}

/// @notice The constants of a deployment, the same for market and court.
/// @param drawDelay Blocks from a commit (or a dispute) to the block whose entropy draws.
/// @param windowLeast Least seconds from commit to `settle`.
/// @param windowVerdictBps The window is also at least this part of the verdict time, in 1/10,000.
/// @param verdictTimeLeast Least verdict time that a sweep may name.
/// @param verdictTimeMost Most verdict time that a sweep may name.
/// @param panelTime Seconds a panel has from its dispute.
/// @param grace Seconds after an award's deadline in which its result may still be committed.
/// @param leastValidators Fewest eligible validators for an award.
/// @param seats Seats of a panel.
/// @param quorum Concurring votes that decide.
struct Profile {
    uint32 drawDelay;
    uint32 windowLeast;
    uint32 windowVerdictBps;
    uint32 verdictTimeLeast;
    uint32 verdictTimeMost;
    uint32 panelTime;
    uint32 grace;
    uint16 leastValidators;
    uint8 seats;
    uint8 quorum;
}

/// @notice What holds for one payment token.
/// @param tip Paid per award to whoever calls `commit`, and again to whoever calls `settle`.
/// @param panelFloor The least fee of a panel.
/// @param cap Most price of one award, and of one commit.
/// @param leastPrice Least price per segment.
/// @param listed Whether the token may be used at all.
struct TokenTerms {
    uint88 tip;
    uint80 panelFloor;
    uint88 cap;
    uint96 leastPrice;
    bool listed;
}

/// @notice A token of the allow-list that a market is deployed with.
struct Listing {
    address token;
    uint88 tip;
    uint80 panelFloor;
    uint88 cap;
    uint96 leastPrice;
}

/// @notice The life of an award.
enum AwardStatus {
    NONE, // no such award
    AWARDED, // price and bond are locked, the seller trains
    POSTED, // the result root is on chain, the window is open
    DISPUTED, // a panel decides
    SETTLED, // paid
    SLASHED, // the bond is gone, the buyer is whole
    REFUNDED, // unaudited: price and bond went back
    EXPIRED // nothing was delivered: price and bond went back
}

/// @notice Why a bid was left out of an award.
enum BidFault {
    NONE, // it was awarded
    SWEEP, // signed for another sweep
    TRIALS, // list empty, ragged, too long or not increasing
    SEGMENTS, // none, or more than a trial has
    START, // continues another award, which is not possible yet
    PRICE, // below the least price or above the cap
    LATE, // expired, or its deadline has passed
    NONCE, // cancelled by its seller
    USED, // awarded before
    VALIDATOR, // its seller is a validator
    BOND, // its seller's free balance does not cover the bond
    SIGNATURE // not signed by its seller
}

/// @notice The life of a dispute.
enum DisputeStatus {
    NONE, // never opened
    OPEN, // its panel may vote
    REFUTED, // the panel agreed with the judge
    DISMISSED, // the panel upheld the item
    LAPSED // the panel found no quorum in time
}

/// @notice A dispute about one item.
/// @param time When it was opened.
/// @param blockNumber The block that opened it.
/// @param judge Who refuted the item, or could not get it.
/// @param withheld Whether the judge called the item unavailable and did not refute it.
struct Dispute {
    DisputeStatus status;
    uint40 time;
    uint40 blockNumber;
    address judge;
    bool withheld;
}
