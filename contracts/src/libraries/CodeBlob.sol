// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title CodeBlob
/// @notice Words kept as the code of a contract: dear to write, one copy to read.
/// @dev The code begins with STOP, so calling it does nothing.
library CodeBlob {
    /// @notice The chain didn't take so many bytes of code.
    error CodeBlob_NotWritten(uint256 size);

    /// @notice Writes the first words of a list.
    function write(uint256[] memory words, uint256 length) internal returns (address blob) {
        uint256 size = 32 * length;
        bytes memory init = new bytes(12 + size);
        assembly ("memory-safe") {
            // Returns everything after its own eleven bytes: PUSH1 11, MSIZE, DUP2, CODESIZE, SUB, DUP1,
            // SWAP3, MSIZE, CODECOPY, RETURN; then STOP, then the words.
            mstore(add(init, 32), shl(160, 0x600b5981380380925939f300))
            mcopy(add(init, 44), add(words, 32), size)
            blob := create(0, add(init, 32), mload(init))
        }
        if (blob == address(0)) revert CodeBlob_NotWritten(size);
    }

    /// @notice Reads a blob, with some zero words of room at the end. The zero address has no words.
    function read(address blob, uint256 room) internal view returns (uint256[] memory words) {
        assembly ("memory-safe") {
            let size := and(extcodesize(blob), not(31))
            let length := add(shr(5, size), room)
            words := mload(0x40)
            mstore(words, length)
            let begin := add(words, 32)
            let end := add(begin, shl(5, length))
            // The room is cleared by what lies past the end of the transaction's data.
            extcodecopy(blob, begin, 1, size)
            calldatacopy(add(begin, size), calldatasize(), shl(5, room))
            mstore(0x40, end)
        }
    }
}
