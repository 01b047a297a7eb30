// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Deal} from "../src/libraries/Deal.sol";
import {Base} from "./Base.t.sol";

contract DealTest is Base {
    /// @dev Awards with so many items, the re-score the last of each.
    function _ends(uint256 seed, uint256 awards, uint256 most)
        private
        pure
        returns (uint256[] memory ends)
    {
        ends = new uint256[](awards);
        uint256 end;
        for (uint256 i; i < awards; ++i) {
            end += 1 + uint256(keccak256(abi.encode(seed, i))) % most;
            ends[i] = end;
        }
    }

    /// @dev What a share answers about each award, item by item: its own, then the doubled ones of the share
    /// before it.
    struct Hand {
        uint256[] items;
        uint256[] from;
        uint256[] to;
        uint256[] doubledFrom;
        uint256[] doubledTo;
    }

    function _hand(bytes32 seed, uint256[] memory ends, uint256 share, uint256 shares)
        private
        pure
        returns (Hand memory hand)
    {
        hand.items = new uint256[](2 * ends[ends.length - 1]);
        uint256 count;
        (hand.from, hand.to, count) = _lay(seed, ends, share, shares, false, hand.items, 0);
        (hand.doubledFrom, hand.doubledTo, count) =
            _lay(seed, ends, share, shares, true, hand.items, count);
        uint256[] memory items = hand.items;
        assembly ("memory-safe") {
            mstore(items, count)
        }
    }

    function upholds(bytes calldata answers, uint256 word) external pure returns (bool) {
        return Deal.upholds(answers, word);
    }

    /// @dev Lays a share's own or doubled items down behind the others.
    function _lay(
        bytes32 seed,
        uint256[] memory ends,
        uint256 share,
        uint256 shares,
        bool doubled,
        uint256[] memory items,
        uint256 count
    ) private pure returns (uint256[] memory from, uint256[] memory to, uint256) {
        from = new uint256[](ends.length);
        to = new uint256[](ends.length);
        uint256 item;
        for (uint256 i; i < ends.length; ++i) {
            from[i] = count;
            for (; item < ends[i]; ++item) {
                bool his = doubled
                    ? (item + 1) % shares == share && _isDoubled(seed, ends, item, shares)
                    : item % shares == share;
                if (his) items[count++] = item;
            }
            to[i] = count;
        }
        return (from, to, count);
    }

    function _isDoubled(bytes32 seed, uint256[] memory ends, uint256 item, uint256 shares)
        private
        pure
        returns (bool)
    {
        uint256 audits = ends[ends.length - 1] - ends.length;
        if (shares == 1) return false;
        uint256 audit = item;
        for (uint256 i; i < ends.length; ++i) {
            if (item == ends[i] - 1) return false;
            if (item >= ends[i]) --audit;
        }
        uint256 offset = uint256(keccak256(abi.encode(seed, 5, 0, 0))) % 10;
        return audit >= offset && (audit - offset) % 10 == 0 && (audit - offset) / 10 < audits / 10;
    }

    function test_fuzz_the_deal_is_what_dealing_one_by_one_gives(
        bytes32 seed,
        uint256 awards,
        uint256 most,
        uint256 shares
    ) public pure {
        awards = bound(awards, 1, 8);
        shares = bound(shares, 1, 3);
        uint256[] memory ends = _ends(uint256(seed), awards, bound(most, 1, 60));
        (uint256[] memory places, uint256[] memory sizes) =
            Deal.out(Deal.sums(seed, ends, shares), shares);
        vm.assertEq(places.length, awards * shares);
        vm.assertEq(sizes.length, shares);
        for (uint256 share; share < shares; ++share) {
            Hand memory hand = _hand(seed, ends, share, shares);
            vm.assertEq(sizes[share], hand.items.length);
            for (uint256 i; i < awards; ++i) {
                _checkPlaces(places[i * shares + share], hand, i);
            }
        }
    }

    function _checkPlaces(uint256 word, Hand memory hand, uint256 i) private pure {
        (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo) = Deal.unpack(word);
        vm.assertEq(from, hand.from[i]);
        vm.assertEq(to, hand.to[i]);
        vm.assertEq(doubledFrom, hand.doubledFrom[i]);
        vm.assertEq(doubledTo, hand.doubledTo[i]);
        vm.assertEq(Deal.answers(word), to - from + doubledTo - doubledFrom);
    }

    function test_fuzz_the_item_at_a_place_is_the_one_dealt_there(
        bytes32 seed,
        uint256 awards,
        uint256 most,
        uint256 shares
    ) public pure {
        awards = bound(awards, 1, 5);
        shares = bound(shares, 1, 3);
        uint256[] memory ends = _ends(uint256(seed), awards, bound(most, 1, 40));
        (uint256[] memory places,) = Deal.out(Deal.sums(seed, ends, shares), shares);
        for (uint256 share; share < shares; ++share) {
            Hand memory hand = _hand(seed, ends, share, shares);
            for (uint256 i; i < awards; ++i) {
                _checkItems(seed, ends, i, share, places, hand.items);
            }
        }
    }

    function _checkItems(
        bytes32 seed,
        uint256[] memory ends,
        uint256 index,
        uint256 share,
        uint256[] memory places,
        uint256[] memory items
    ) private pure {
        uint256 shares = places.length / ends.length;
        uint256 word = places[index * shares + share];
        for (uint256 place; place < items.length; ++place) {
            (uint256 from, uint256 to, uint256 doubledFrom, uint256 doubledTo) = Deal.unpack(word);
            bool own = place >= from && place < to;
            if (!own && (place < doubledFrom || place >= doubledTo)) continue;
            uint256 item = Deal.itemAt(seed, ends, index, share, shares, place, word);
            vm.assertEq(item, items[place]);
        }
    }

    function test_fuzz_of_every_ten_audits_one_is_doubled(bytes32 seed, uint256 audits)
        public
        pure
    {
        audits = bound(audits, 0, 1000);
        uint256[] memory ends = new uint256[](1);
        ends[0] = audits + 1;
        for (uint256 shares = 1; shares <= 3; ++shares) {
            (, uint256[] memory sizes) = Deal.out(Deal.sums(seed, ends, shares), shares);
            uint256 answers;
            for (uint256 share; share < shares; ++share) {
                answers += sizes[share];
            }
            vm.assertEq(answers, audits + 1 + (shares == 1 ? 0 : audits / 10));
        }
    }

    /// @dev All of sixteen answers are upheld but one.
    function test_fuzz_an_award_is_upheld_where_no_answer_of_it_says_otherwise(
        uint256 places,
        uint256 place
    ) public view {
        place %= 16;
        bytes memory answers = hex"1111111111111111";
        answers[place / 2] = place % 2 == 0 ? bytes1(0x21) : bytes1(0x12);
        uint256[4] memory ends;
        bool within;
        uint256 word;
        for (uint256 i; i < 4; ++i) {
            ends[i] = (places >> 8 * i) % 17;
            if (i % 2 == 1 && ends[i] < ends[i - 1]) ends[i] = ends[i - 1];
            if (i % 2 == 1 && place >= ends[i - 1] && place < ends[i]) within = true;
            word |= ends[i] << 64 * i;
        }
        vm.assertEq(this.upholds(answers, word), !within);
    }
}
