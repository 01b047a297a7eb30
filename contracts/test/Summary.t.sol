// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../src/ValidatorSet.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {Base} from "./Base.t.sol";

/// @dev The summary before a set's entries says at once what looking at each of them would.
contract SummaryTest is Base {
    ValidatorSet private set;
    uint256 private nowTime = 1_800_000_000;

    function setUp() public {
        vm.warp(nowTime);
        set = new ValidatorSet(address(this), address(2), 10, 10, 100);
    }

    function _bond(address who, uint256 amount, uint16 tier) private {
        vm.deal(who, amount);
        vm.prank(who);
        set.bond{value: amount}(tier);
    }

    function _next() private {
        nowTime += 10;
        vm.warp(nowTime);
    }

    /// @dev Joins, raises, other tiers, exits and fines, over several epochs.
    function _history(uint256 seed, uint256 steps) private {
        for (uint256 i; i < steps; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            address who = vm.addr(1 + random % 12);
            uint256 held = set.validator(who).bond;
            uint256 act = (random >> 8) % 6;
            if (act < 4 || held == 0) {
                _bond(who, 10 + (random >> 16) % 90, uint16(16 + (random >> 32) % 3));
            } else if (act == 4) {
                vm.prank(who);
                set.unbond(held);
            } else {
                set.fine(who, held / 2, new address[](0), 0);
            }
            if (random >> 255 == 1) _next();
        }
        _next();
    }

    /// @dev Validators, strangers, and strangers whose low ten bits are a validator's.
    function _skip(uint256 seed, uint256 count) private pure returns (address[] memory skip) {
        skip = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, "skip", i)));
            address who = vm.addr(1 + (random >> 8) % 12);
            if (random % 3 == 0) skip[i] = who;
            if (random % 3 == 1) skip[i] = address(uint160(random >> 96));
            if (random % 3 == 2) {
                skip[i] = address((uint160(random) & ~uint160(1023)) | (uint160(who) & 1023));
            }
        }
    }

    function _isIn(address who, address[] memory list) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == who) return true;
        }
        return false;
    }

    function test_fuzz_who_is_eligible_is_counted_as_one_by_one(
        uint256 seed,
        uint256 steps,
        uint256 count,
        uint16 tier
    ) public {
        _history(seed, bound(steps, 0, 30));
        address[] memory skip = _skip(seed, bound(count, 0, 4));
        tier = uint16(bound(tier, 15, 19));
        IValidatorSet.Entry[] memory entries = set.setAt(nowTime);
        uint256 have;
        uint256 bonds;
        uint256 related;
        for (uint256 i; i < entries.length; ++i) {
            for (uint256 j; j < skip.length; ++j) {
                if (skip[j] == entries[i].validator) related |= 2 ** j;
            }
            if (entries[i].vramGib < tier || _isIn(entries[i].validator, skip)) continue;
            (have, bonds) = (have + 1, bonds + entries[i].bond);
        }
        (uint256 c, uint256 t, uint256 r) = set.eligible(nowTime, tier, skip);
        vm.assertEq(c, have);
        vm.assertEq(t, bonds);
        vm.assertEq(r, related);
    }

    function test_fuzz_seats_are_drawn_as_one_by_one(uint256 seed, uint256 steps, uint16 tier)
        public
    {
        _history(seed, bound(steps, 1, 30));
        address[] memory skip = _skip(seed, seed % 3);
        tier = uint16(bound(tier, 15, 19));
        (, uint256 total,) = set.eligible(nowTime, tier, skip);
        uint256[] memory draws = new uint256[](5);
        for (uint256 i; i < 5; ++i) {
            draws[i] = uint256(keccak256(abi.encode(seed, "draw", i)));
        }
        address[] memory seats = set.pick(nowTime, tier, skip, draws);
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(seats[i], total == 0 ? address(0) : _walk(tier, skip, draws[i] % total));
        }
    }

    function _walk(uint16 tier, address[] memory skip, uint256 left)
        private
        view
        returns (address)
    {
        IValidatorSet.Entry[] memory entries = set.setAt(nowTime);
        for (uint256 i; i < entries.length; ++i) {
            if (entries[i].vramGib < tier || _isIn(entries[i].validator, skip)) continue;
            if (left < entries[i].bond) return entries[i].validator;
            left -= entries[i].bond;
        }
        revert("the walk ends at the total");
    }

    function test_a_set_that_everybody_left_is_empty() public {
        address who = vm.addr(1);
        _bond(who, 10, 16);
        vm.prank(who);
        set.unbond(10);
        _next();
        vm.assertEq(set.setAt(nowTime).length, 0);
        (uint256 count, uint256 total, uint256 related) = set.eligible(nowTime, 0, _skip(0, 3));
        vm.assertEq(count + total + related, 0);
        vm.assertEq(set.pick(nowTime, 0, new address[](0), new uint256[](1))[0], address(0));
        _bond(who, 10, 16);
        _next();
        vm.assertEq(set.setAt(nowTime).length, 1);
    }

    /// @dev Without parties or tiers in the way a set of any size is counted without looking at it.
    function test_counting_a_large_set_costs_as_much_as_a_small_one() public {
        address[] memory skip = new address[](2);
        _bond(address(0x10001), 10, 16);
        _next();
        uint256 small = _gasOf(skip);
        for (uint256 i = 1; i < 100; ++i) {
            _bond(address(uint160(0x10001 + i)), 10, 16);
        }
        _next();
        // Copying a word of code costs three.
        vm.assertLe(_gasOf(skip), small + 1000);
        (uint256 count, uint256 total,) = set.eligible(nowTime, 16, skip);
        vm.assertEq(count, 100);
        vm.assertEq(total, 1000);
    }

    function _gasOf(address[] memory skip) private view returns (uint256) {
        uint256 before = gasleft();
        set.eligible(nowTime, 16, skip);
        return before - gasleft();
    }
}
