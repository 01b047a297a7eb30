// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Commit, SignedVerdict, Sweep, TrialLeaf} from "../types/Types.sol";

/// @title IOversight
/// @notice Holds judges to their word: two words for one share, a word that a panel overturned, a word that
/// nobody worked for.
/// @dev Constructor: `(address market, address court, address validators, address randomness, Profile profile,
/// uint256 demandDeposit)`. Holds nothing but deposits, in the native coin. None of its calls touches an award.
///
/// A signed verdict is one under the court's EIP-712 domain, by whoever is called its judge: a validator answers
/// for each word that it signs, whether or not it was drawn for it or anybody used it. Where sweep and commit come
/// along, a verdict that was posted for a seat of the judge's counts without a signature, so that a judge that is
/// a contract can't take its word back.
interface IOversight {
    /// @notice What proves that a judge replayed an audit: the parts of the state that it ended with, and that
    /// they are those which the seller claims.
    /// @param w SHA-256 of the weights; `m` and `v` of the moments.
    /// @param step The optimiser steps done.
    /// @param evidence Proof of the judge's leaf under its verdict's evidence root.
    /// @param lossBits The claimed boundary's loss, as in its leaf.
    /// @param evalHash The claimed boundary's evaluation, as in its leaf.
    /// @param boundary Proof of the boundary's leaf under the trial's segment root.
    /// @param trial The trial's leaf, whose proof lies under the award's result root.
    struct Preimage {
        bytes32 w;
        bytes32 m;
        bytes32 v;
        uint256 step;
        bytes32[] evidence;
        uint64 lossBits;
        bytes32 evalHash;
        bytes32[] boundary;
        TrialLeaf trial;
        bytes32[] result;
    }

    /// @notice A demand that was made.
    struct Demand {
        address demander;
        uint40 time;
        bool closed;
    }

    /// @notice A judge was asked for its evidence of an item.
    /// @param verdict The EIP-712 struct hash of the verdict.
    event Demanded(
        bytes32 indexed demandId,
        bytes32 indexed commitId,
        address indexed judge,
        bytes32 verdict,
        uint8 share,
        uint256 item
    );
    /// @notice The judge showed that it had replayed the item, and has the deposit.
    event Met(bytes32 indexed demandId, address indexed judge);
    /// @notice The judge showed nothing in time, and lost its bond.
    event Unmet(bytes32 indexed demandId, address indexed judge);
    /// @notice The judge signed two words for one share, and lost its bond.
    event Contradicted(bytes32 indexed commitId, uint8 indexed share, address indexed judge);
    /// @notice The judge upheld what a panel refuted, and was fined.
    event Overturned(bytes32 indexed disputeId, uint8 share, address indexed judge);
    /// @notice An account's credit was paid.
    event Withdrawn(address indexed account, address to, uint256 amount);

    /// @notice A demand takes exactly the deposit.
    error Oversight_WrongDeposit(uint256 sent, uint256 expected);
    /// @notice The verdict is neither signed by the judge nor posted for a seat of its own.
    error Oversight_BadSignature(bytes32 commitId, address signer);
    /// @notice The commit's entropy is not known yet, or lost.
    error Oversight_SeedUnknown(uint256 blockNumber);
    /// @notice The share doesn't exist, or has another number of answers.
    error Oversight_BadAnswers(bytes32 commitId, uint8 share);
    /// @notice The verdict doesn't uphold the item as compared exactly.
    error Oversight_NotUpheldExactly(bytes32 commitId, uint256 item);
    /// @notice The item is a re-score, or past the commit's last.
    error Oversight_NotAudit(uint256 item);
    /// @notice The award has ended, and the time for demands with it.
    error Oversight_AwardClosed(bytes32 awardId);
    /// @notice The same was demanded before.
    error Oversight_AlreadyDemanded(bytes32 demandId);
    /// @notice There is no such demand, or it has ended.
    error Oversight_NotOpen(bytes32 demandId);
    /// @notice The judge still has time.
    error Oversight_TooEarly(uint256 from);
    /// @notice The judge's time is over.
    error Oversight_TooLate(uint256 by);
    /// @notice What is shown is not both the judge's evidence and the seller's claim.
    error Oversight_BadPreimage(bytes32 demandId);
    /// @notice The words are about two shares.
    error Oversight_OtherShare(uint8 one, uint8 other);
    /// @notice The words are the same.
    error Oversight_SameWord(bytes32 commitId, uint8 share);
    /// @notice No panel refuted the subject, or it was about what a judge or the panel could not get.
    error Oversight_NotRefuted(bytes32 disputeId);
    /// @notice The verdict doesn't uphold the item.
    error Oversight_NotUpheld(bytes32 commitId, uint256 item);
    /// @notice The judge was punished for this before.
    error Oversight_AlreadyFined(bytes32 id, uint8 share, address judge);
    /// @notice No audit replays the segment that was challenged.
    error Oversight_OtherSegment(bytes32 disputeId);
    /// @notice The account has no credit.
    error Oversight_NothingToWithdraw(address account);
    /// @notice The receiver refused the coin.
    error Oversight_TransferFailed(address to, uint256 amount);

    /// @notice Asks for the preimage of an audit that a signed verdict upholds as compared exactly, from its
    /// signing until the demand time after its award was settled. Takes a deposit, and stores the commit's seed.
    /// @param item One of the share's audits, its own or doubled; not a re-score.
    function demand(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        address judge,
        uint256 item
    ) external payable returns (bytes32 demandId);

    /// @notice Meets a demand in time: the deposit is credited to the judge. Anyone may call.
    /// @param verdict The one that the demand is about; its signature isn't looked at again.
    function meet(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        address judge,
        uint256 item,
        Preimage calldata preimage
    ) external;

    /// @notice Ends a demand that was not met in time: the judge's whole bond is forfeited, a tenth of it to
    /// the demander, which is credited its deposit too; the rest is burned. Anyone may call.
    /// @param verdict The EIP-712 struct hash of the verdict.
    function expire(bytes32 verdict, address judge, uint256 item) external;

    /// @notice Two different verdicts of one signer for one share: its whole bond is forfeited, a tenth of
    /// it to the caller; the rest is burned. Once per share and judge.
    /// @dev A commit's id does not hold its seed: who signs before the block of the draw is final may have to sign
    /// another verdict after a reorganisation, and is then at fault.
    function contradict(
        bytes32 commitId,
        SignedVerdict calldata one,
        SignedVerdict calldata other,
        address judge
    ) external;

    /// @notice A verdict upholds what a panel refuted: its judge pays the fine of a wrong judge, a tenth of it
    /// to the caller; the rest is burned. Once per award, share and judge.
    /// @dev The item is the dispute's, or that whose drawn segment was challenged. A dispute about an item that
    /// a judge could not get overturns nobody, nor does a panel without a quorum that saw a difference: who can't
    /// get something says nothing against who could.
    /// @param index The award's place in the commit.
    /// @param subject The dispute's.
    function overturn(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 subject,
        SignedVerdict calldata verdict,
        address judge
    ) external;

    /// @notice Pays the caller's credit to an address.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice A demand by its id, `keccak256(abi.encode(verdict, judge, item))`, where `verdict` is the
    /// verdict's EIP-712 struct hash.
    function demandOf(bytes32 demandId) external view returns (Demand memory);

    /// @notice Deposits that are an account's: earned as a judge, or come back.
    function credit(address account) external view returns (uint256);

    /// @notice Taken with every demand, in the native coin.
    function demandDeposit() external view returns (uint256);
}
