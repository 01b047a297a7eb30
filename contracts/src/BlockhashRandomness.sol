// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";

/// @title BlockhashRandomness
/// @notice A moment's entropy is the hash of the block that comes a fixed number of blocks after it: 8,191
/// blocks of history by EIP-2935, 256 without it, for ever once pinned. Whoever makes blocks can withhold
/// one, so this is for test networks.
contract BlockhashRandomness is IRandomness {
    /// @notice Blocks from a moment to the one whose hash answers it.
    uint256 public immutable delay;

    mapping(uint256 blockNumber => bytes32) private _pinned;

    /// @dev A block's own hash is not known in it, but whoever makes it can try several.
    error BlockhashRandomness_DelayTooSmall(uint256 delay, uint256 least);

    /// @param delay_ Blocks from a moment to the one whose hash answers it; one at least.
    constructor(uint256 delay_) {
        if (delay_ == 0) revert BlockhashRandomness_DelayTooSmall(delay_, 1);
        delay = delay_;
    }

    /// @inheritdoc IRandomness
    function pin(uint256 blockNumber, uint256) external {
        uint256 drawn = blockNumber + delay;
        if (_pinned[drawn] != 0) return;
        bytes32 hash = Blockhash.blockHash(drawn);
        if (hash == 0) revert Randomness_Unknown(drawn);

        _pinned[drawn] = hash;
        emit Pinned(drawn, hash);
    }

    /// @inheritdoc IRandomness
    function entropy(uint256 blockNumber, uint256) external view returns (bytes32) {
        return _entropy(blockNumber + delay);
    }

    /// @inheritdoc IRandomness
    function lost(uint256 blockNumber, uint256) external view returns (bool) {
        uint256 drawn = blockNumber + delay;
        return block.number > drawn && _entropy(drawn) == 0;
    }

    function _entropy(uint256 drawn) private view returns (bytes32 hash) {
        hash = Blockhash.blockHash(drawn);
        if (hash == 0) hash = _pinned[drawn];
    }
}
