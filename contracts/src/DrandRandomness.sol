// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDrandRandomness} from "./interfaces/IDrandRandomness.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";
import {Bls} from "./libraries/Bls.sol";

/// @title DrandRandomness
/// @notice Rounds of drand's `quicknet` (scheme bls-unchained-g1-rfc9380) as entropy. No chain's block producers can
/// choose or foresee it.
/// @dev Proving a round costs about 177,000 gas with its transaction: 102,900 the pairing, 11,000 the maps to the
/// curve, 22,100 the slot.
contract DrandRandomness is IDrandRandomness {
    /// @notice When round 1 began.
    uint256 public constant GENESIS = 1_692_803_367;
    /// @notice Seconds of a round.
    uint256 public constant PERIOD = 3;
    /// @notice Seconds in which a round may be proven once it began.
    uint256 public constant PROOF_TIME = 3 days;

    bytes private constant TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
    /// @dev The network's key, published compressed as 83cf0f28…5ece45a: x and y, each with its real part first.
    bytes private constant KEY = hex"000000000000000000000000000000000d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
        hex"0000000000000000000000000000000003cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        hex"000000000000000000000000000000000e5db2b6bfbb01c867749cadffca88b36c24f3012ba09fc4d3022c5c37dce0f977d3adb5d183c7477c442b1f04515273"
        hex"0000000000000000000000000000000001a714f2edb74119a2f2b0d5a7c75ba902d163700a61bc224ededd8e63aef7be1aaf8e93d7a9718b047ccddb3eb5d68b";
    /// @dev Round 1000, by which a chain shows that it has the precompiles.
    bytes private constant ROUND_1000 = hex"144679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
        hex"11f92e4521ef54f047b64b85fa98db2d46f0f44add1f60b93f8a0dbddd63b34f238657c2d93aed18b90bddd60a01b6d2";

    /// @dev (p - 1) / 2; of a point and its negative the one with the greater y has the sign bit.
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW =
        0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;
    /// @dev The leading bits of a compressed point: it is one, and the sign.
    uint256 private constant COMPRESSED = 1 << 127;
    uint256 private constant SIGN = 1 << 125;

    /// @inheritdoc IDrandRandomness
    uint256 public immutable margin;

    mapping(uint256 round => bytes32) private _proven;

    /// @param margin_ Seconds from a block's time to the earliest round that may answer it.
    constructor(uint256 margin_) {
        if (margin_ < PERIOD) revert DrandRandomness_MarginTooSmall(margin_, PERIOD);
        if (!_signs(1000, ROUND_1000)) revert DrandRandomness_NoPrecompiles(block.chainid);
        margin = margin_;
    }

    /// @inheritdoc IDrandRandomness
    function prove(uint64 round, bytes calldata signature) external {
        if (_proven[round] != 0) return;
        uint256 by = provableUntil(round);
        if (block.timestamp > by) revert DrandRandomness_TooLate(round, by);
        if (!_signs(round, signature)) revert DrandRandomness_BadSignature(round);

        bytes32 found = sha256(_compressed(signature));
        _proven[round] = found;
        emit Pinned(round, found);
    }

    /// @inheritdoc IRandomness
    function pin(uint256, uint256 time) external view {
        uint256 round = roundAfter(time);
        if (_proven[round] == 0) revert Randomness_Unknown(round);
    }

    /// @inheritdoc IRandomness
    function entropy(uint256, uint256 time) external view returns (bytes32) {
        return _proven[roundAfter(time)];
    }

    /// @inheritdoc IRandomness
    function lost(uint256, uint256 time) external view returns (bool) {
        uint256 round = roundAfter(time);
        return block.timestamp > provableUntil(round) && _proven[round] == 0;
    }

    /// @inheritdoc IDrandRandomness
    function roundAfter(uint256 time) public view returns (uint256) {
        uint256 earliest = time + margin;
        return earliest < GENESIS ? 1 : (earliest - GENESIS) / PERIOD + 2;
    }

    /// @inheritdoc IDrandRandomness
    function provableUntil(uint256 round) public pure returns (uint256) {
        return GENESIS + PROOF_TIME + round * PERIOD - PERIOD;
    }

    function _signs(uint64 round, bytes memory point) private view returns (bool) {
        if (point.length != 96) return false;
        bytes memory message = abi.encodePacked(sha256(abi.encodePacked(round)));
        return Bls.signed(KEY, message, TAG, _padded(point));
    }

    /// @dev The point as the precompiles take it: 16 bytes of zero before each coordinate.
    function _padded(bytes memory point) private pure returns (bytes memory) {
        (bytes32 a, bytes32 b, bytes32 c) = abi.decode(point, (bytes32, bytes32, bytes32));
        return abi.encodePacked(bytes16(0), a, bytes16(b), bytes16(0), bytes16(b << 128), c);
    }

    /// @dev The point as drand publishes it: x alone, with its leading bits set.
    function _compressed(bytes calldata point) private pure returns (bytes memory) {
        uint256 high = uint128(bytes16(point[48:64]));
        uint256 low = uint256(bytes32(point[64:96]));
        bool greater = high > HALF_HIGH || (high == HALF_HIGH && low > HALF_LOW);
        uint256 head = uint128(bytes16(point[:16])) | COMPRESSED | (greater ? SIGN : 0);
        return abi.encodePacked(uint128(head), point[16:48]);
    }
}
