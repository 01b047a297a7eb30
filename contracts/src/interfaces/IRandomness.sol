// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRandomness
/// @notice Entropy that nobody knew at a moment, and that anybody can find again later.
/// @dev A moment is a block's number and time. Which entropy follows it is fixed by the deployment alone:
/// that of a later block, or of a beacon's next round.
interface IRandomness {
    /// @notice Entropy was stored. `point` is a block's number or a beacon's round.
    event Pinned(uint256 indexed point, bytes32 entropy);

    /// @notice The entropy is not known yet, or not any more.
    error Randomness_Unknown(uint256 point);

    /// @notice The entropy that follows a moment, or zero when it is unknown. Once known it never changes.
    function entropy(uint256 blockNumber, uint256 time) external view returns (bytes32);

    /// @notice Whether the entropy of a moment can never be known any more.
    function lost(uint256 blockNumber, uint256 time) external view returns (bool);

    /// @notice Stores the entropy of a moment, so that it outlives the chain's history. Anyone may call;
    /// does nothing if it is stored already.
    function pin(uint256 blockNumber, uint256 time) external;
}
