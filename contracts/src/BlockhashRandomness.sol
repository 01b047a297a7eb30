// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";

/// @title BlockhashRandomness
/// @notice Block hashes as entropy: 8,191 blocks of history by EIP-2935, 256 without it, for ever once
/// pinned. Whoever makes blocks can withhold one, so this is for test networks.
contract BlockhashRandomness is IRandomness {
    mapping(uint256 blockNumber => bytes32) private _pinned;

    /// @inheritdoc IRandomness
    function pin(uint256 blockNumber) external {
        if (_pinned[blockNumber] != 0) return;
        bytes32 hash = Blockhash.blockHash(blockNumber);
        if (hash == 0) revert Randomness_Unknown(blockNumber);

        _pinned[blockNumber] = hash;
        emit Pinned(blockNumber, hash);
    }

    /// @inheritdoc IRandomness
    function entropy(uint256 blockNumber) public view returns (bytes32 hash) {
        hash = Blockhash.blockHash(blockNumber);
        if (hash == 0) hash = _pinned[blockNumber];
    }

    /// @inheritdoc IRandomness
    function lost(uint256 blockNumber) external view returns (bool) {
        return block.number > blockNumber && entropy(blockNumber) == 0;
    }
}
