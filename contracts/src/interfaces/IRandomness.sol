// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRandomness
/// @notice Entropy that nobody knew when a block was made, found again later by its number.
interface IRandomness {
    /// @notice A block's entropy was stored.
    event Pinned(uint256 indexed blockNumber, bytes32 entropy);

    /// @notice The block's entropy is not known yet, or not any more.
    error Randomness_Unknown(uint256 blockNumber);

    /// @notice The entropy of a block, or zero when it is unknown. Once known it never changes.
    function entropy(uint256 blockNumber) external view returns (bytes32);

    /// @notice Whether the block is past and its entropy can never be known any more.
    function lost(uint256 blockNumber) external view returns (bool);

    /// @notice Stores the entropy of a block, so that it outlives the chain's history. Anyone may call;
    /// does nothing if it is stored already.
    function pin(uint256 blockNumber) external;
}
