// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, AwardStatus, Commit, Entry, Posted, Sweep} from "../types/Types.sol";

/// @title Ids
/// @notice Ids are hashes of what they name, and an award's slot holds the hash of what it went through.
/// @dev Structs of fixed size lie in calldata as `abi.encode` writes them, so they are copied as they are. A
/// word with bits beyond its type gives another hash, and then no slot matches.
library Ids {
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
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, market, blockNumber, results_));
    }

    /// @notice The hash over a commit's (award id, root, segments done), three words each.
    function results(Commit calldata commit) internal pure returns (bytes32 hash) {
        Posted[] calldata awards = commit.awards;
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

    /// @notice The same hash over the lines of its event.
    function resultsOf(Entry[] memory entries) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let begin := mload(0x40)
            let to := begin
            let from := add(entries, 32)
            for { let end := add(from, shl(5, mload(entries))) } lt(from, end) {
                from := add(from, 32)
            } {
                mcopy(to, mload(from), 96)
                to := add(to, 96)
            }
            hash := keccak256(begin, sub(to, begin))
        }
    }

    /// @notice Who may not judge a commit: its buyer and its sellers.
    function parties(Sweep calldata sweep, Commit calldata commit)
        internal
        pure
        returns (address[] memory skip)
    {
        Posted[] calldata awards = commit.awards;
        skip = new address[](awards.length + 1);
        skip[0] = sweep.buyer;
        assembly ("memory-safe") {
            let from := add(awards.offset, 32)
            let to := add(skip, 64)
            for { let end := add(from, shl(8, awards.length)) } lt(from, end) {
                from := add(from, 256)
            } {
                mstore(to, shr(96, shl(96, calldataload(from))))
                to := add(to, 32)
            }
        }
    }

    /// @notice The id of a dispute about one item.
    function disputeId(bytes32 commit, bytes32 awardId, uint256 item)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(commit, awardId, item));
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

    /// @notice The same tag of an award that is being made.
    function awardedTagOf(bytes32 sweep, Award memory award) internal pure returns (uint256 tag) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, sweep)
            mcopy(add(at, 32), award, 192)
            tag := and(keccak256(at, 224), TAG_MASK)
        }
    }

    /// @notice The tag of an award with its result, `H(sweep, award, root, done, commit)`.
    /// @param award One whose root and segments done follow it, as in `Submission` and `Posted`.
    function postedTag(bytes32 sweep, Award calldata award, bytes32 commit)
        internal
        pure
        returns (uint256 tag)
    {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, sweep)
            calldatacopy(add(at, 32), award, 256)
            mstore(add(at, 288), commit)
            tag := and(keccak256(at, 320), TAG_MASK)
        }
    }

    /// @notice Packs a slot.
    function slot(AwardStatus status, uint256 time, uint256 tag) internal pure returns (uint256) {
        return uint256(status) << 248 | time << 208 | tag;
    }

    /// @notice The same slot under another status, time and tag kept.
    function withStatus(uint256 packed, AwardStatus status) internal pure returns (uint256) {
        return uint256(status) << 248 | packed << 8 >> 8;
    }

    function statusOf(uint256 packed) internal pure returns (AwardStatus status) {
        assembly ("memory-safe") {
            status := shr(248, packed)
        }
    }

    function timeOf(uint256 packed) internal pure returns (uint256) {
        return uint40(packed >> 208);
    }

    function tagOf(uint256 packed) internal pure returns (uint256) {
        return packed & TAG_MASK;
    }
}
