// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Signers
/// @notice Who signed: a key first, then a contract (ERC-1271).
/// @dev OpenZeppelin's SignatureChecker asks a signer that has code only as a contract; an account that
/// delegates to code (EIP-7702) still signs with its key. The gas given to a contract is capped, so that one
/// signer can't use up a transaction that carries others' signatures.
library Signers {
    uint256 private constant MOST_GAS = 100_000;
    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Whether the signature over the digest is the signer's. Never for the zero address.
    function signed(address signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        if (signer == address(0)) return false;
        if (_recover(digest, signature) == signer) return true;
        return signer.code.length != 0 && _contractSigned(signer, digest, signature);
    }

    /// @dev As OpenZeppelin's `ECDSA.tryRecover`: 65 bytes (r, s, v), s in the lower half, so that a signature has
    /// one form. Zero where nothing is recovered, for the precompile then answers nothing.
    function _recover(bytes32 digest, bytes calldata signature)
        private
        view
        returns (address recovered)
    {
        assembly ("memory-safe") {
            if eq(signature.length, 65) {
                let at := mload(0x40)
                mstore(at, digest)
                calldatacopy(add(at, 64), signature.offset, 65)
                mstore(add(at, 32), byte(0, mload(add(at, 128))))
                mstore(0, 0)
                if iszero(gt(mload(add(at, 96)), HALF_ORDER)) {
                    pop(staticcall(gas(), 1, at, 128, 0, 32))
                }
                recovered := mload(0)
            }
        }
    }

    function _contractSigned(address signer, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool answered)
    {
        bytes memory query = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            // Only one word of the answer is ever copied, however long it is.
            let success := staticcall(MOST_GAS, signer, add(query, 32), mload(query), 0, 32)
            answered := and(success, and(gt(returndatasize(), 31), eq(mload(0), magic)))
        }
    }
}
