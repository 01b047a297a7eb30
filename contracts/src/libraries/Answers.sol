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
    function rightLength(bytes calldata answers, uint256 count) internal pure returns (bool) {
        if (answers.length != (count + 1) / 2) return false;
        return count % 2 == 0 || uint8(answers[answers.length - 1]) & 0x0f == 0;
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

    /// @dev The bits of a mask in which the answers differ from a pattern, over all words of 63 answers: an
    /// odd start shifts one out.
    function _differs(
        bytes calldata answers,
        uint256 from,
        uint256 to,
        uint256 mask,
        uint256 pattern
    ) private pure returns (uint256 differs) {
        assembly ("memory-safe") {
            for {} lt(from, to) { from := add(from, 63) } {
                let word := calldataload(add(answers.offset, shr(1, from)))
                word := shl(shl(2, and(from, 1)), word)
                let have := sub(to, from)
                if gt(have, 63) { have := 63 }
                let difference := and(xor(word, pattern), mask)
                differs := or(differs, shr(shl(2, sub(64, have)), difference))
            }
        }
    }
}
