// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Answers} from "./Answers.sol";
import {AuditDraw} from "./AuditDraw.sol";

/// @title Deal
/// @notice Deals a commit's items to its shares: item j to share j mod V, and one audit of every ten to the
/// share after it as well.
/// @dev Audits are the items that are no re-score, numbered in order. The doubled ones are `offset + 10 g` for g
/// below a tenth of their number, and doubled audit g of the award at `index` is item `offset + 10 g + index`, as one
/// re-score comes before it for each earlier award. A share's list holds its own items, then those it doubles.
library Deal {
    /// @notice What is kept for each share is a third of a word, of so many bits, from the lowest on.
    uint256 internal constant THIRD = 80;

    uint256 private constant EVERY = 10;
    uint256 private constant HALF = 40;
    /// @dev A one in each third, and all ones in the lower half of each.
    uint256 private constant ONES = 0x0000010000000000000000000100000000000000000001;
    uint256 private constant LOWER = 0xffffffffff0000000000ffffffffff0000000000ffffffffff;
    uint256 private constant THIRDS = type(uint240).max;

    /// @notice What the shares have got up to and including each award: in a third's lower half the share's own
    /// items, in its upper half those that it doubles.
    /// @param ends Items of the awards up to and including this one.
    function sums(bytes32 seed, uint256[] memory ends, uint256 shares)
        internal
        pure
        returns (uint256[] memory sums_)
    {
        (uint256 offset, uint256 most) = doubling(seed, ends[ends.length - 1] - ends.length, shares);
        sums_ = new uint256[](ends.length);
        uint256 doubled;
        uint256 g;
        // Items and awards are few: nothing can wrap.
        unchecked {
            for (uint256 i; i < sums_.length; ++i) {
                uint256 end = ends[i];
                uint256 next = doubledBefore(end - i - 1, offset, most);
                if (next != g) doubled += _doubled(g, next, offset + i + 1, shares);
                (g, sums_[i]) = (next, _own(end, shares) | doubled << HALF);
            }
        }
    }

    /// @notice How many answers about an award each share has, a third each.
    function counts(uint256[] memory sums_, uint256 index) internal pure returns (uint256) {
        unchecked {
            uint256 got = sums_[index] - (index == 0 ? 0 : sums_[index - 1]);
            return (got & LOWER) + (got >> HALF & LOWER);
        }
    }

    /// @notice How many answers each share has in all, a third each.
    function totals(uint256[] memory sums_) internal pure returns (uint256) {
        unchecked {
            uint256 got = sums_[sums_.length - 1];
            return (got & LOWER) + (got >> HALF & LOWER);
        }
    }

    /// @notice Where an award's answers lie in a share's list, as the `Docket`'s word.
    function placesOf(uint256[] memory sums_, uint256 index, uint256 share)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 shift = THIRD * share;
            uint256 own = uint40(sums_[sums_.length - 1] >> shift);
            uint256 before = index == 0 ? 0 : sums_[index - 1] >> shift;
            uint256 after_ = sums_[index] >> shift;
            return uint256(uint40(before)) | uint256(uint40(after_)) << 64
                | (own + uint40(before >> HALF)) << 128 | (own + uint40(after_ >> HALF)) << 192;
        }
    }

    /// @notice Where everything lies.
    /// @return places For each award, share after share: the places of its own items (`from`, `to`), then of its
    /// doubled ones (`doubledFrom`, `doubledTo`), 64 bits each from the lowest on.
    /// @return sizes Answers of each share.
    function out(uint256[] memory sums_, uint256 shares)
        internal
        pure
        returns (uint256[] memory places, uint256[] memory sizes)
    {
        places = new uint256[](sums_.length * shares);
        sizes = new uint256[](shares);
        uint256 total = totals(sums_);
        for (uint256 share; share < shares; ++share) {
            sizes[share] = uint80(total >> THIRD * share);
            for (uint256 i; i < sums_.length; ++i) {
                places[i * shares + share] = placesOf(sums_, i, share);
            }
        }
    }

    /// @notice The places of an award's answers in a share's list, of the `Docket`'s word.
    function unpack(uint256 word)
        internal
        pure
        returns (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo_)
    {
        return (uint64(word), uint64(word >> 64), uint64(word >> 128), word >> 192);
    }

    /// @notice How many answers of an award a share has, of the `Docket`'s word.
    function answers(uint256 word) internal pure returns (uint256) {
        unchecked {
            return uint64(word >> 64) - uint64(word) + (word >> 192) - uint64(word >> 128);
        }
    }

    /// @notice Whether a share's answers uphold all items of an award, own and doubled, of the `Docket`'s word.
    function upholds(bytes calldata answers_, uint256 word) internal pure returns (bool) {
        (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo_) = unpack(word);
        return Answers.allUpheld(answers_, from, to)
            && Answers.allUpheld(answers_, doubledFrom, doubledTo_);
    }

    /// @notice The item that lies at a place of a share's list about the award at `index`.
    function itemAt(
        bytes32 seed,
        uint256[] memory ends,
        uint256 index,
        uint256 share,
        uint256 shares,
        uint256 place,
        uint256 word
    ) internal pure returns (uint256) {
        (uint256 from, uint256 to, uint256 doubledFrom,) = unpack(word);
        if (place >= from && place < to) return place * shares + share;
        return _doubledAt(seed, ends, index, share, shares, place - doubledFrom);
    }

    /// @notice The first doubled audit and how many there are. A commit with one share has none.
    function doubling(bytes32 seed, uint256 audits, uint256 shares)
        internal
        pure
        returns (uint256 offset, uint256 most)
    {
        if (shares == 1 || audits < EVERY) return (0, 0);
        return (AuditDraw.draw(seed, AuditDraw.DOUBLE, 0, 0) % EVERY, audits / EVERY);
    }

    /// @notice How many of the first audits are doubled.
    function doubledBefore(uint256 audits, uint256 offset, uint256 most)
        internal
        pure
        returns (uint256 count)
    {
        assembly ("memory-safe") {
            // The first is at the offset, and one more at every tenth.
            count := mul(gt(audits, offset), div(add(sub(audits, offset), 9), 10))
            if gt(count, most) { count := most }
        }
    }

    /// @dev Of the doubled audits of the award at `index`, the one that a share gets after so many others.
    function _doubledAt(
        bytes32 seed,
        uint256[] memory ends,
        uint256 index,
        uint256 share,
        uint256 shares,
        uint256 others
    ) private pure returns (uint256) {
        (uint256 offset, uint256 most) = doubling(seed, ends[ends.length - 1] - ends.length, shares);
        uint256 begin = index == 0 ? 0 : ends[index - 1];
        uint256 g = doubledBefore(begin - index, offset, most);
        uint256 stride = shares == 3 ? 3 : 1;
        while (stride == 3 && (offset + index + 1 + g) % 3 != share) ++g;
        return offset + EVERY * (g + stride * others) + index;
    }

    /// @dev Of the doubled audits from one to before another, all of one award, how many each share gets.
    /// @param shift The first doubled audit, the award's index, and one for the share after.
    function _doubled(uint256 g, uint256 next, uint256 shift, uint256 shares)
        private
        pure
        returns (uint256)
    {
        unchecked {
            uint256 count = next - g;
            // Ten leaves no remainder by two: all go to one share. By three it leaves 1: they go round.
            if (shares == 2) return count << THIRD * (shift % 2);
            uint256 turn = (shift + g) % 3;
            if (count == 1) return uint256(1) << THIRD * turn;
            uint256 rest = _ones(count % 3);
            rest = rest << THIRD * turn | rest >> THIRD * (3 - turn);
            uint256 rounds = count / 3;
            return rounds * ONES + (rest & THIRDS);
        }
    }

    /// @dev How many of the items before one each share has as its own.
    function _own(uint256 end, uint256 shares) private pure returns (uint256 own) {
        uint256 ones = ONES;
        assembly ("memory-safe") {
            // So many rounds, and one more for the first shares.
            let all := and(ones, sub(shl(mul(80, shares), 1), 1))
            let more := and(ones, sub(shl(mul(80, mod(end, shares)), 1), 1))
            own := add(mul(div(end, shares), all), more)
        }
    }

    /// @dev A one in each of so many thirds.
    function _ones(uint256 count) private pure returns (uint256) {
        unchecked {
            return ONES & (uint256(1) << THIRD * count) - 1;
        }
    }
}
