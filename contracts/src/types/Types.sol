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
/// @param trials Runs of eight bytes, as `Trials` reads them; what they list is strictly increasing.
/// @param first The k that each trial starts from; 0 unless a rung goes on.
/// @param segments Segments per trial.
/// @param price Per segment, in base units of the sweep's token.
/// @param start The award whose end states a rung goes on from, else 0.
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
/// @param time The block's.
/// @param relayer Who sent it, and is paid a tip with the end of each award.
struct Commit {
    uint256 blockNumber;
    uint256 time;
    address relayer;
    Posted[] awards;
}

/// @notice One line of the `Committed` event.
struct Entry {
    bytes32 awardId;
    bytes32 root;
    uint32 done;
}

/// @notice A judge's answers to its share: a nibble per item, the first in the high half of a byte. The
/// share's own items come first, then those of another share that it doubles, both in order. Where all are
/// upheld and were compared exactly, the byte 0xff stands for the whole list.
/// @param evidence Merkle root over what the judge replayed.
struct SignedVerdict {
    uint8 share;
    bytes answers;
    bytes32 evidence;
    bytes signature;
}

/// @notice A panel member's vote.
/// @param outcome What it found, in the words of a verdict's answers: unavailable, upheld or refuted.
struct SignedVote {
    address validator;
    uint8 outcome;
    bytes signature;
}

/// @notice Everything that follows from a commit once it is held against the award slots.
/// @param seed Zero while the draw's entropy is unknown, or for ever once it is lost.
/// @param shares V, the number of shares.
/// @param marked Whether the court has a record of the commit.
/// @param ends Items of the awards up to and including this one; empty without a seed.
/// @param places Where each award's answers lie in each share's list, as `Deal` packs it; empty without a seed.
/// @param sizes Answers of each share; empty without a seed.
/// @param slots The award slots as stored.
struct Docket {
    bytes32 sweepId;
    bytes32 commitId;
    bytes32 seed;
    uint256 shares;
    bool marked;
    uint256[] ends;
    uint256[] places;
    uint256[] sizes;
    uint256[] slots;
}

/// @notice What a seller claims about one trial: a leaf under its award's result root.
/// @param start The digest of the state that it starts from.
/// @param first The k of that state.
/// @param offset The segments of the award's leaves before this one.
struct TrialLeaf {
    bytes32 awardId;
    address seller;
    uint256 trial;
    uint256 replica;
    bytes32 trialHash;
    bytes32 start;
    uint256 first;
    uint256 offset;
    uint256 segmentsDone;
    bytes32 segmentRoot;
    bytes32 adapterDigest;
    bytes32 metricsDigest;
}

/// @notice The constants of a deployment.
/// @param windowLeast Least seconds from commit to `settle`.
/// @param windowVerdictBps The window is also at least this part of the verdict time, in 1/10,000.
/// @param verdictTimeLeast Least verdict time that a sweep may name.
/// @param verdictTimeMost Most verdict time that a sweep may name.
/// @param judgeTime Seconds a summoned judge has to be posted.
/// @param panelTime Seconds each panel of a dispute has.
/// @param demandTime Seconds to answer a demand, and to make one after an award is settled.
/// @param grace Seconds after an award's deadline in which its result may still be committed.
/// @param leastValidators Fewest eligible validators for an award.
/// @param seats Seats of a panel.
/// @param quorum Concurring votes that decide.
struct Profile {
    uint32 windowLeast;
    uint32 windowVerdictBps;
    uint32 verdictTimeLeast;
    uint32 verdictTimeMost;
    uint32 judgeTime;
    uint32 panelTime;
    uint32 demandTime;
    uint32 grace;
    uint16 leastValidators;
    uint8 seats;
    uint8 quorum;
}

/// @notice What holds for one payment token.
/// @param cap Most price of one award, and of one commit: worth half the least validator bond. Zero where
/// the token is not listed.
/// @param panelFloor The least fee of a panel.
/// @param tip Paid per award to whoever sent its `commit`, again to whoever calls `settle`, and for each
/// `award` that somebody sends for a buyer.
/// @param leastPrice Least price per segment.
struct TokenTerms {
    uint80 cap;
    uint64 panelFloor;
    uint64 tip;
    uint48 leastPrice;
}

/// @notice A token of the allow-list that a market is deployed with.
struct Listing {
    address token;
    TokenTerms terms;
}

/// @notice What a buyer allows a key to award in its name, out of its free balance.
/// @param key Who signs the awards; it can award and do nothing else.
/// @param cap Most that is spent in all: price, audit fees and tips.
/// @param highestPrice Most price per segment.
/// @param sellers keccak256 over the packed addresses of those it may buy from, in ascending order; 0 for all.
/// @param nonce Tells sessions apart that are alike otherwise.
struct Session {
    address buyer;
    bytes32 sweepId;
    address key;
    uint128 cap;
    uint128 highestPrice;
    bytes32 sellers;
    uint40 expiry;
    uint32 nonce;
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
    START, // goes on from an award that is neither posted nor settled, or past the last segment
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
    REFUTED, // a panel found that the seller was wrong, or could not get what it needs
    DISMISSED, // a panel upheld the subject
    LAPSED // no panel found a quorum in time
}

/// @notice What a dispute came from.
enum DisputeKind {
    REFUTATION, // a judge's verdict refutes the item
    WITHHELD, // a judge, or the panel that decided, could not get what it needs
    CHALLENGE // anybody's, with a deposit
}

/// @notice A dispute about one subject: an item of a commit, or a segment of an award.
/// @param round How many panels found no quorum so far.
/// @param time When its panel was called.
/// @param blockNumber The block in which its panel was called.
/// @param accuser The judge, or who challenged.
struct Dispute {
    DisputeStatus status;
    DisputeKind kind;
    uint8 round;
    uint40 time;
    uint32 blockNumber;
    address accuser;
}

/// @notice What the court keeps about a share of a commit.
/// @param summonedAt When its judge was summoned; 0 if it was not.
/// @param seats Bit s: seat s has posted. Seat 0 is the judge, 1 to 6 its substitutes.
/// @param upholding Substitutes that upheld all of the share's items.
struct Share {
    uint40 summonedAt;
    uint8 seats;
    uint8 upholding;
}
