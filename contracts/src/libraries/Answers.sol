// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Answers
/// @notice A verdict's answers, a nibble per item of the share; the first is the high half of a byte.
/// @dev The low two bits of a nibble are the outcome, bit 2 says that it was compared exactly, bit 3 is zero.
/// A share that has items, all of them upheld and compared exactly, is answered by the single byte 0xff, and only
/// by it: no nibble of a list is 0xf, and an empty answer never passes for `upheld`.
library Answers {
    uint256 internal constant UNAVAILABLE = 0;
    uint256 internal constant UPHELD = 1;
    uint256 internal constant REFUTED = 2;
    uint256 internal constant NAMED = 3;
    uint256 internal constant UPHELD_EXACTLY = 5;

    uint256 private constant OUTCOMES =
        0x3333333333333333333333333333333333333333333333333333333333333333;
    uint256 private constant ALL_UPHELD =
        0x1111111111111111111111111111111111111111111111111111111111111111;
    uint256 private constant ALL_EXACT =
        0x5555555555555555555555555555555555555555555555555555555555555555;
    uint256 private constant SPARE =
        0x8888888888888888888888888888888888888888888888888888888888888888;

    /// @notice Whether all is upheld and compared exactly: the one byte says so for any number of items.
    function isWhole(bytes calldata answers) internal pure returns (bool whole) {
        assembly ("memory-safe") {
            whole := and(eq(answers.length, 1), eq(byte(0, calldataload(answers.offset)), 0xff))
        }
    }

    /// @notice Whether the bytes can hold exactly so many answers.
    function rightLength(bytes calldata answers, uint256 count) internal pure returns (bool right) {
        if (isWhole(answers)) return count != 0;
        assembly ("memory-safe") {
            let last := calldataload(sub(add(answers.offset, answers.length), 32))
            // The low half of the last byte is zero where it holds no answer.
            right := and(
                eq(answers.length, shr(1, add(count, 1))),
                iszero(and(last, mul(15, and(count, 1))))
            )
        }
    }

    /// @notice Whether every spare bit of so many answers is zero, and not all of them are what one byte says.
    function wellFormed(bytes calldata answers, uint256 count) internal pure returns (bool) {
        if (isWhole(answers) || count == 0) return true;
        bool whole = _differs(answers, 0, count, type(uint256).max, ALL_EXACT) == 0;
        return !whole && _differs(answers, 0, count, SPARE, 0) == 0;
    }

    /// @notice Whether the answers from one (included) to another (excluded) are all well-formed and `upheld`.
    function allUpheld(bytes calldata answers, uint256 from, uint256 to)
        internal
        pure
        returns (bool)
    {
        if (isWhole(answers)) return true;
        return _differs(answers, from, to, SPARE | OUTCOMES, ALL_UPHELD) == 0;
    }

    /// @notice All four bits about one item.
    function nibble(bytes calldata answers, uint256 place) internal pure returns (uint256) {
        if (isWhole(answers)) return UPHELD_EXACTLY;
        uint8 pair = uint8(answers[place / 2]);
        return place % 2 == 0 ? pair >> 4 : pair & 15;
    }

    /// @notice The outcome of one item.
    function outcome(bytes calldata answers, uint256 place) internal pure returns (uint256) {
        return nibble(answers, place) & 3;
    }

    /// @dev The bits of a mask in which the answers differ from a pattern: an odd first one alone, then whole words,
    /// then the rest.
    function _differs(
        bytes calldata answers,
        uint256 from,
        uint256 to,
        uint256 mask,
        uint256 pattern
    ) private pure returns (uint256 differs) {
        assembly ("memory-safe") {
            let at := add(answers.offset, shr(1, from))
            if and(lt(from, to), and(from, 1)) {
                differs := and(and(xor(shr(248, calldataload(at)), pattern), mask), 15)
                from := add(from, 1)
                at := add(at, 1)
            }
            for { let whole := sub(to, and(sub(to, from), 63)) } lt(from, whole) {} {
                differs := or(differs, and(xor(calldataload(at), pattern), mask))
                from := add(from, 64)
                at := add(at, 32)
            }
            if lt(from, to) {
                let rest := and(xor(calldataload(at), pattern), mask)
                differs := or(differs, shr(shl(2, sub(64, sub(to, from))), rest))
            }
        }
    }
}
