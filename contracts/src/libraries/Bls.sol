// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bls
/// @notice Checks BLS signatures in G1 of BLS12-381 by the precompiles of EIP-2537.
/// @dev Points and field elements are encoded as there: 64 bytes a field element, the first 16 of them zero. A
/// precompile that refuses its input takes all gas that it was given, which is nearly all there is.
library Bls {
    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_TO_G1 = address(0x10);

    /// @dev The field's modulus.
    bytes private constant P =
        hex"000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    /// @dev The generator of G2, its y negated.
    bytes private constant MINUS_G2 = hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        hex"0000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        hex"000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa"
        hex"0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed";

    /// @notice Whether a point of G1 signs a message under a key in G2: e(signature, -g2) e(H(message), key) = 1.
    /// @dev The pairing's precompile refuses what is not in the subgroup, which would pass the equation as well.
    /// @param tag The domain separation tag of the hash to the curve, 255 bytes at most.
    function signed(
        bytes memory key,
        bytes memory message,
        bytes memory tag,
        bytes memory signature
    ) internal view returns (bool) {
        (bool known, bytes memory hash) = hashToG1(message, tag);
        if (!known) return false;
        bytes memory pairs = abi.encodePacked(signature, MINUS_G2, hash, key);
        (bool done, bytes memory one) = _ask(PAIRING, pairs, 32);
        return done && bytes32(one) == bytes32(uint256(1));
    }

    /// @notice RFC 9380's hash_to_curve of the suite BLS12381G1_XMD:SHA-256_SSWU_RO_.
    /// @dev The precompile clears the cofactor of each mapped point, which is the same as clearing their sum's.
    /// @return done False where the chain has no such precompiles.
    function hashToG1(bytes memory message, bytes memory tag)
        internal
        view
        returns (bool done, bytes memory point)
    {
        bytes32[4] memory u = _expand(message, tag);
        bytes memory other;
        (done, point) = _mapToG1(u[0], u[1]);
        if (done) (done, other) = _mapToG1(u[2], u[3]);
        if (done) (done, point) = _ask(G1_ADD, abi.encodePacked(point, other), 128);
    }

    /// @dev expand_message_xmd to 128 bytes.
    function _expand(bytes memory message, bytes memory tag)
        private
        pure
        returns (bytes32[4] memory blocks)
    {
        bytes memory suffix = abi.encodePacked(tag, uint8(tag.length));
        bytes32 first =
            sha256(abi.encodePacked(new bytes(64), message, uint16(128), uint8(0), suffix));
        bytes32 last;
        for (uint8 i; i < 4; ++i) {
            last = sha256(abi.encodePacked(first ^ last, i + 1, suffix));
            blocks[i] = last;
        }
    }

    /// @dev Maps 64 bytes, reduced to a field element.
    function _mapToG1(bytes32 high, bytes32 low)
        private
        view
        returns (bool done, bytes memory point)
    {
        bytes memory power = abi.encodePacked(uint256(64), uint256(1), uint256(64), high, low);
        (done, point) = _ask(MODEXP, abi.encodePacked(power, uint8(1), P), 64);
        if (done) (done, point) = _ask(MAP_TO_G1, point, 128);
    }

    function _ask(address precompile, bytes memory input, uint256 size)
        private
        view
        returns (bool done, bytes memory output)
    {
        (done, output) = precompile.staticcall(input);
        // Where there is no precompile the call succeeds too, and says nothing.
        done = done && output.length == size;
    }
}
