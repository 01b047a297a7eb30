// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Answers
/// @notice A verdict's answers, a nibble per item of the share; the first is the high half of a byte.
/// @dev The low two bits of a nibble are the outcome, bit 2 says that it was compared exactly, bit 3 is zero.
library Answers {
    uint256 internal constant UNAVAILABLE = 0;
    uint256 internal constant UPHELD = 1;
    uint256 internal constant REFUTED = 2;
    uint256 internal constant NAMED = 3;

    uint256 private constant OUTCOMES =
        0x3333333333333333333333333333333333333333333333333333333333333333;
    uint256 private constant ALL_UPHELD =
        0x1111111111111111111111111111111111111111111111111111111111111111;
    uint256 private constant SPARE =
        0x8888888888888888888888888888888888888888888888888888888888888888;

    /// @notice Whether the bytes can hold exactly so many answers.
    function rightLength(bytes calldata answers, uint256 count) internal pure returns (bool right) {
        assembly ("memory-safe") {
            let last := calldataload(sub(add(answers.offset, answers.length), 32))
            // The low half of the last byte is zero where it holds no answer.
            right := and(
                eq(answers.length, shr(1, add(count, 1))),
                iszero(and(last, mul(15, and(count, 1))))
            )
        }
    }

    /// @notice Whether every spare bit of so many answers is zero.
    function wellFormed(bytes calldata answers, uint256 count) internal pure returns (bool) {
        return _differs(answers, 0, count, SPARE, 0) == 0;
    }

    /// @notice Whether the answers from one (included) to another (excluded) are all well-formed and `upheld`.
    function allUpheld(bytes calldata answers, uint256 from, uint256 to)
        internal
        pure
        returns (bool)
    {
        return _differs(answers, from, to, SPARE | OUTCOMES, ALL_UPHELD) == 0;
    }

    /// @notice The outcome of one item.
    function outcome(bytes calldata answers, uint256 place) internal pure returns (uint256) {
        uint8 pair = uint8(answers[place / 2]);
        return (place % 2 == 0 ? pair >> 4 : pair) & 3;
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
