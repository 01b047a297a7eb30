// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BlockhashRandomness} from "../src/BlockhashRandomness.sol";
import {IRandomness} from "../src/interfaces/IRandomness.sol";
import {Base} from "./Base.t.sol";

/// @dev Answers for the history contract of EIP-2935: the word stored at the asked number.
contract History {
    fallback() external {
        assembly ("memory-safe") {
            mstore(0, sload(calldataload(0)))
            return(0, 32)
        }
    }
}

contract BlockhashRandomnessTest is Base {
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    uint256 private constant DELAY = 3;
    uint256 private constant TIME = 1_800_000_000;
    /// @dev The hash that answers it is block 19,990's.
    uint256 private constant RECENT = 19_987;

    BlockhashRandomness private randomness;
    bytes32 private hash = keccak256("a block");

    function setUp() public {
        randomness = new BlockhashRandomness(DELAY);
        vm.roll(20_000);
        vm.setBlockhash(RECENT + DELAY, hash);
    }

    function _remember(uint256 number) private {
        vm.etch(HISTORY, address(new History()).code);
        vm.store(HISTORY, bytes32(number), hash);
    }

    function test_a_draw_without_delay_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                BlockhashRandomness.BlockhashRandomness_DelayTooSmall.selector, 0, 1
            )
        );
        new BlockhashRandomness(0);
    }

    function test_a_recent_hash_is_known() public view {
        vm.assertEq(randomness.delay(), DELAY);
        vm.assertEq(randomness.entropy(RECENT, TIME), hash);
        vm.assertFalse(randomness.lost(RECENT, TIME));
    }

    function test_the_time_of_a_moment_changes_nothing() public view {
        vm.assertEq(randomness.entropy(RECENT, 0), hash);
        vm.assertEq(randomness.entropy(RECENT, type(uint256).max), hash);
    }

    function test_an_older_hash_comes_from_the_history_contract() public {
        _remember(15_000 + DELAY);
        vm.assertEq(randomness.entropy(15_000, TIME), hash);
        vm.assertFalse(randomness.lost(15_000, TIME));
    }

    function test_a_block_that_is_not_past_is_unknown_and_not_lost() public view {
        for (uint256 number = 20_000 - DELAY; number < 20_002; ++number) {
            vm.assertEq(randomness.entropy(number, TIME), bytes32(0));
            vm.assertFalse(randomness.lost(number, TIME));
        }
    }

    function test_a_pinned_hash_outlives_history() public {
        vm.expectEmit();
        emit IRandomness.Pinned(RECENT + DELAY, hash);
        randomness.pin(RECENT, TIME);
        vm.roll(40_000);
        vm.assertEq(randomness.entropy(RECENT, TIME), hash);
        vm.assertFalse(randomness.lost(RECENT, TIME));
    }

    function test_pinning_again_does_nothing() public {
        randomness.pin(RECENT, TIME);
        vm.recordLogs();
        randomness.pin(RECENT, TIME);
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_an_unpinned_hash_is_lost_with_history() public {
        vm.roll(40_000);
        vm.assertEq(randomness.entropy(RECENT, TIME), bytes32(0));
        vm.assertTrue(randomness.lost(RECENT, TIME));
    }

    function test_an_unknown_hash_can_not_be_pinned() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRandomness.Randomness_Unknown.selector, 20_000 + DELAY)
        );
        randomness.pin(20_000, TIME);
    }
}
