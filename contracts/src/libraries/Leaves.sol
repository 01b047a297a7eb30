// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {TrialLeaf} from "../types/Types.sol";

/// @title Leaves
/// @notice The leaves under a result root, hashed twice so that no inner node is one.
library Leaves {
    /// @notice The leaf of a trial.
    function ofTrial(TrialLeaf memory trial) internal pure returns (bytes32) {
        return _twice(abi.encode(trial));
    }

    /// @notice The leaf of a segment's boundary.
    /// @param lossBits The IEEE 754 bits of the loss.
    /// @param evalHash Zero where the boundary has no evaluation.
    function ofSegment(uint256 k, bytes32 state, uint64 lossBits, bytes32 evalHash)
        internal
        pure
        returns (bytes32)
    {
        return _twice(abi.encode(k, state, lossBits, evalHash));
    }

    /// @notice The leaf of a judge's evidence about one item: the replayed end state's three hashes, or the
    /// evaluation's hash and zeros.
    function ofEvidence(uint256 item, bytes32 w, bytes32 m, bytes32 v)
        internal
        pure
        returns (bytes32)
    {
        return _twice(abi.encode(item, w, m, v));
    }

    /// @notice The digest of a state: its three parts' SHA-256 and its step.
    function stateDigest(uint256 k, bytes32 w, bytes32 m, bytes32 v, uint256 step)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(k, w, m, v, step));
    }

    /// @notice Whether a leaf lies under a root.
    function under(bytes32 root, bytes32 leaf, bytes32[] memory proof)
        internal
        pure
        returns (bool)
    {
        return MerkleProof.verify(proof, root, leaf);
    }

    function _twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(encoded)));
    }
}
