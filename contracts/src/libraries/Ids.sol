// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, AwardStatus, Bid, Commit, Posted, Submission, Sweep} from "../types/Types.sol";
import {Words} from "./Words.sol";

/// @title Ids
/// @notice Ids are hashes of what they name, and an award's slot holds the hash of what it went through.
/// @dev Structs of fixed size lie in calldata as `abi.encode` writes them, so they are copied as they are. A
/// word with bits beyond its type gives another hash, and then no slot matches.
library Ids {
    /// @notice The court has a record of the commit that begins with the award.
    uint256 internal constant MARKED = 1 << 255;
    /// @notice The award's bond paid its part of a panel.
    uint256 internal constant DOCKED = 1 << 254;

    uint256 private constant FLAGS = MARKED | DOCKED;
    uint256 private constant TAG_MASK = (1 << 208) - 1;

    /// @notice The id of a sweep on one market of one chain.
    function sweepId(address market, Sweep calldata sweep) internal view returns (bytes32 id) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, chainid())
            mstore(add(at, 32), market)
            calldatacopy(add(at, 64), sweep, 192)
            id := keccak256(at, 256)
        }
    }

    /// @notice The id of what one transaction posted: order matters.
    function commitId(address market, uint256 blockNumber, bytes32 results_)
        internal
        view
        returns (bytes32 id)
    {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, chainid())
            mstore(add(at, 32), market)
            mstore(add(at, 64), blockNumber)
            mstore(add(at, 96), results_)
            id := keccak256(at, 128)
        }
    }

    /// @notice The hash over a commit's (award id, root, segments done), three words each.
    function results(Commit calldata commit) internal pure returns (bytes32 hash) {
        Posted[] calldata awards = Words.awards(commit);
        assembly ("memory-safe") {
            let begin := mload(0x40)
            let to := begin
            let from := awards.offset
            for { let end := add(from, shl(8, awards.length)) } lt(from, end) {
                from := add(from, 256)
            } {
                mstore(to, calldataload(from))
                calldatacopy(add(to, 32), add(from, 192), 64)
                to := add(to, 96)
            }
            hash := keccak256(begin, sub(to, begin))
        }
    }

    /// @notice The lines of the `Committed` event, encoded, and the same hash over them.
    /// @param open The places of the submissions that are posted.
    function lines(Submission[] calldata submissions, uint256[] memory open)
        internal
        pure
        returns (uint256 encoded, bytes32 hash)
    {
        assembly ("memory-safe") {
            encoded := mload(0x40)
            mstore(encoded, 32)
            mstore(add(encoded, 32), mload(open))
            let begin := add(encoded, 64)
            let to := begin
            let place := add(open, 32)
            for { let end := add(place, shl(5, mload(open))) } lt(place, end) {
                place := add(place, 32)
            } {
                let head := add(submissions.offset, shl(5, mload(place)))
                let from := add(submissions.offset, calldataload(head))
                mstore(to, calldataload(from))
                calldatacopy(add(to, 32), add(from, 192), 64)
                to := add(to, 96)
            }
            hash := keccak256(begin, sub(to, begin))
            mstore(0x40, to)
        }
    }

    /// @notice Who may not judge a commit: its buyer and its sellers.
    function parties(Sweep calldata sweep, Commit calldata commit)
        internal
        pure
        returns (address[] memory skip)
    {
        Posted[] calldata awards = Words.awards(commit);
        address buyer = sweep.buyer;
        assembly ("memory-safe") {
            skip := mload(0x40)
            mstore(skip, add(awards.length, 1))
            mstore(add(skip, 32), buyer)
            let to := add(skip, 64)
            let from := add(awards.offset, 32)
            for { let end := add(from, shl(8, awards.length)) } lt(from, end) {
                from := add(from, 256)
            } {
                mstore(to, shr(96, shl(96, calldataload(from))))
                to := add(to, 32)
            }
            mstore(0x40, to)
        }
    }

    /// @notice The id of a dispute about one subject.
    function disputeId(bytes32 commit, bytes32 awardId, uint256 subject)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(commit, awardId, subject));
    }

    /// @notice The tag of an award that waits for its result.
    function awardedTag(bytes32 sweep, Award calldata award) internal pure returns (uint256 tag) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, sweep)
            calldatacopy(add(at, 32), award, 192)
            tag := and(keccak256(at, 224), TAG_MASK)
        }
    }

    /// @notice The words of an award that is being made and the same tag over them: its sweep's id, then its own.
    /// @param bid One whose numbers were held against their types.
    /// @return words Where they lie in memory, with room for two more. Kept until memory is written next.
    function writtenAward(
        bytes32 sweep,
        bytes32 id,
        address seller,
        Bid calldata bid,
        uint256 trials
    ) internal pure returns (uint256 words, uint256 tag) {
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(words, sweep)
            mstore(add(words, 32), id)
            mstore(add(words, 64), shr(96, shl(96, seller)))
            mstore(add(words, 96), trials)
            mstore(add(words, 128), mul(trials, calldataload(add(bid, 128))))
            mstore(add(words, 160), calldataload(add(bid, 160)))
            mstore(add(words, 192), calldataload(add(bid, 224)))
            tag := and(keccak256(words, 224), TAG_MASK)
        }
    }

    /// @notice The tag of an award with its result and how it came: `H(sweep, award, root, done, commit, time,
    /// relayer)`.
    /// @param award One whose root and segments done follow it, as in `Submission` and `Posted`.
    function postedTag(
        bytes32 sweep,
        Award calldata award,
        bytes32 commit,
        uint256 time,
        address relayer
    ) internal pure returns (uint256 tag) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, sweep)
            calldatacopy(add(at, 32), award, 256)
            mstore(add(at, 288), commit)
            mstore(add(at, 320), time)
            mstore(add(at, 352), relayer)
            tag := and(keccak256(at, 384), TAG_MASK)
        }
    }

    /// @notice Packs a slot.
    function slot(AwardStatus status, uint256 time, uint256 tag) internal pure returns (uint256) {
        return uint256(status) << 248 | time << 208 | tag;
    }

    /// @notice A slot after a transition at a time: flags and tag are kept.
    function moved(uint256 packed, AwardStatus status, uint256 time)
        internal
        pure
        returns (uint256)
    {
        return packed & (FLAGS | TAG_MASK) | slot(status, time, 0);
    }

    function statusOf(uint256 packed) internal pure returns (AwardStatus status) {
        assembly ("memory-safe") {
            status := and(shr(248, packed), 0x3f)
        }
    }

    function timeOf(uint256 packed) internal pure returns (uint256) {
        return uint40(packed >> 208);
    }

    function tagOf(uint256 packed) internal pure returns (uint256) {
        return packed & TAG_MASK;
    }
}
