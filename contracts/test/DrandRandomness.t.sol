// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DrandRandomness} from "../src/DrandRandomness.sol";
import {IDrandRandomness} from "../src/interfaces/IDrandRandomness.sol";
import {IRandomness} from "../src/interfaces/IRandomness.sol";
import {Bls} from "../src/libraries/Bls.sol";
import {Base} from "./Base.t.sol";

interface Mocks {
    function mockCall(address callee, bytes calldata data, bytes calldata answer) external;
}

contract DrandRandomnessTest is Base {
    uint256 private constant MARGIN = 60;
    uint64 private constant ROUND = 1000;
    uint256 private constant BLOCK = 20_000_000;

    DrandRandomness private randomness;
    string private json;
    bytes private signature;
    bytes32 private published;

    function setUp() public {
        randomness = new DrandRandomness(MARGIN);
        json = vm.readFile("tests/vectors/drand.json");
        signature = vm.parseJsonBytes(json, ".rounds.list[1].point");
        published = vm.parseJsonBytes32(json, ".rounds.list[1].randomness");
        vm.warp(_begins(ROUND) + 10);
    }

    function _begins(uint256 round) private view returns (uint256) {
        return randomness.GENESIS() + (round - 1) * randomness.PERIOD();
    }

    /// @dev The latest time of a block that a round answers.
    function _moment(uint256 round) private view returns (uint256) {
        return _begins(round) - MARGIN - 1;
    }

    function _at(string memory list, uint256 index, string memory key)
        private
        pure
        returns (string memory)
    {
        return string.concat(".", list, ".list[", vm.toString(index), "].", key);
    }

    // --- constructor ---

    function test_a_margin_shorter_than_a_round_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IDrandRandomness.DrandRandomness_MarginTooSmall.selector, 2, 3)
        );
        new DrandRandomness(2);
    }

    function test_a_chain_without_the_precompiles_is_refused() public {
        address[4] memory used = [address(0x05), address(0x0b), address(0x0f), address(0x10)];
        for (uint256 i; i < used.length; ++i) {
            uint256 before = vm.snapshotState();
            Mocks(address(vm)).mockCall(used[i], "", "");
            vm.expectRevert(
                abi.encodeWithSelector(
                    IDrandRandomness.DrandRandomness_NoPrecompiles.selector, block.chainid
                )
            );
            new DrandRandomness(MARGIN);
            vm.revertToState(before);
        }
    }

    // --- roundAfter ---

    function test_a_moment_is_answered_by_the_first_round_after_the_margin() public view {
        uint256 begins = _begins(ROUND);
        vm.assertEq(randomness.margin(), MARGIN);
        vm.assertEq(randomness.roundAfter(begins - MARGIN - 1), ROUND);
        vm.assertEq(randomness.roundAfter(begins - MARGIN), ROUND + 1);
        vm.assertEq(randomness.roundAfter(begins - MARGIN - 4), ROUND - 1);
        vm.assertEq(randomness.roundAfter(0), 1);
    }

    function test_no_round_answers_a_moment_that_it_is_known_at(uint40 time) public view {
        uint256 round = randomness.roundAfter(time);
        vm.assertGt(_begins(round), uint256(time) + MARGIN);
        if (round > 1) vm.assertLe(_begins(round - 1), uint256(time) + MARGIN);
    }

    // --- prove ---

    function test_published_rounds_are_taken() public {
        uint256 count = vm.parseJsonUint(json, ".rounds.count");
        for (uint256 i; i < count; ++i) {
            uint64 round = uint64(vm.parseJsonUint(json, _at("rounds", i, "round")));
            bytes memory point = vm.parseJsonBytes(json, _at("rounds", i, "point"));
            bytes32 expected = vm.parseJsonBytes32(json, _at("rounds", i, "randomness"));
            bytes memory compressed = vm.parseJsonBytes(json, _at("rounds", i, "signature"));
            vm.assertEq(sha256(compressed), expected);
            vm.warp(_begins(round));
            vm.expectEmit();
            emit IRandomness.Pinned(round, expected);
            randomness.prove(round, point);
            vm.assertEq(randomness.entropy(BLOCK, _moment(round)), expected);
        }
    }

    function test_a_signature_of_another_round_is_refused() public {
        vm.expectRevert(_bad(ROUND + 1));
        randomness.prove{gas: 1_000_000}(ROUND + 1, signature);
    }

    function test_whatever_is_not_the_signature_is_refused() public {
        uint256 count = vm.parseJsonUint(json, ".refused.count");
        vm.assertEq(count, 11);
        for (uint256 i; i < count; ++i) {
            bytes memory point = vm.parseJsonBytes(json, _at("refused", i, "point"));
            vm.expectRevert(_bad(ROUND));
            randomness.prove{gas: 1_000_000}(ROUND, point);
        }
    }

    function test_no_bit_of_a_signature_may_change(uint256 bit) public {
        bit = bound(bit, 0, 767);
        signature[bit / 8] ^= bytes1(uint8(2 ** (bit % 8)));
        vm.expectRevert(_bad(ROUND));
        randomness.prove{gas: 1_000_000}(ROUND, signature);
    }

    function test_proving_again_does_nothing() public {
        randomness.prove(ROUND, signature);
        vm.recordLogs();
        randomness.prove(ROUND, signature);
        randomness.prove(ROUND, "anything");
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(randomness.entropy(BLOCK, _moment(ROUND)), published);
    }

    function test_a_round_is_taken_until_the_last_second() public {
        vm.warp(_begins(ROUND) + 3 days);
        vm.assertEq(randomness.provableUntil(ROUND), _begins(ROUND) + 3 days);
        randomness.prove(ROUND, signature);
        vm.assertEq(randomness.entropy(BLOCK, _moment(ROUND)), published);
    }

    function test_a_proof_that_comes_too_late_is_refused() public {
        uint256 by = _begins(ROUND) + 3 days;
        vm.warp(by + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IDrandRandomness.DrandRandomness_TooLate.selector, ROUND, by)
        );
        randomness.prove(ROUND, signature);
    }

    // --- entropy, lost, pin ---

    function test_a_round_answers_its_own_moments_alone() public {
        randomness.prove(ROUND, signature);
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(randomness.entropy(BLOCK + i, _moment(ROUND) - i), published);
        }
        vm.assertEq(randomness.entropy(BLOCK, _moment(ROUND) - 3), bytes32(0));
        vm.assertEq(randomness.entropy(BLOCK, _moment(ROUND) + 1), bytes32(0));
    }

    function test_an_unproven_round_is_lost_when_its_time_is_over() public {
        uint256 by = _begins(ROUND) + 3 days;
        vm.warp(by);
        vm.assertFalse(randomness.lost(BLOCK, _moment(ROUND)));
        vm.warp(by + 1);
        vm.assertTrue(randomness.lost(BLOCK, _moment(ROUND)));
    }

    function test_a_proven_round_is_never_lost() public {
        randomness.prove(ROUND, signature);
        vm.warp(_begins(ROUND) + 3650 days);
        vm.assertFalse(randomness.lost(BLOCK, _moment(ROUND)));
        vm.assertEq(randomness.entropy(BLOCK, _moment(ROUND)), published);
    }

    function test_a_proven_round_needs_no_pin() public {
        randomness.prove(ROUND, signature);
        vm.recordLogs();
        randomness.pin(BLOCK, _moment(ROUND));
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_an_unproven_round_can_not_be_pinned() public {
        uint256 time = _moment(ROUND);
        vm.expectRevert(abi.encodeWithSelector(IRandomness.Randomness_Unknown.selector, ROUND));
        randomness.pin(BLOCK, time);
    }

    // --- Bls ---

    function test_messages_are_hashed_to_the_curve_as_in_the_rfc() public view {
        bytes memory tag = vm.parseJsonBytes(json, ".hash_to_g1.tag");
        uint256 count = vm.parseJsonUint(json, ".hash_to_g1.count");
        for (uint256 i; i < count; ++i) {
            bytes memory message = vm.parseJsonBytes(json, _at("hash_to_g1", i, "message"));
            bytes memory point = vm.parseJsonBytes(json, _at("hash_to_g1", i, "point"));
            (bool done, bytes memory hash) = Bls.hashToG1(message, tag);
            vm.assertTrue(done);
            vm.assertEq(keccak256(hash), keccak256(_padded(point)));
        }
    }

    function _padded(bytes memory point) private pure returns (bytes memory padded) {
        padded = new bytes(128);
        for (uint256 i; i < 96; ++i) {
            padded[i < 48 ? 16 + i : 32 + i] = point[i];
        }
    }

    // --- gas ---

    function test_what_a_proof_costs() public {
        randomness.prove(ROUND, signature);
        emit log_named_uint("prove, execution", vm.lastCallGas().gasTotalUsed);
    }

    function _bad(uint64 round) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDrandRandomness.DrandRandomness_BadSignature.selector, round);
    }
}
