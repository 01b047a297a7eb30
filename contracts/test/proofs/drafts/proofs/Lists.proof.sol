// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Answers} from "../../src/libraries/Answers.sol";
import {Ids} from "../../src/libraries/Ids.sol";
import {Trials} from "../../src/libraries/Trials.sol";
import {AwardStatus} from "../../src/types/Types.sol";
import {Proof} from "./Proof.sol";

/// @dev Gives the libraries calldata.
contract Packed {
    function count(bytes calldata trials) external pure returns (uint256) {
        return Trials.count(trials);
    }

    function rightLength(bytes calldata answers, uint256 size) external pure returns (bool) {
        return Answers.rightLength(answers, size);
    }
}

contract ListsProof is Proof {
    Packed private packed = new Packed();

    struct Run {
        uint24 trial;
        uint24 trials;
        uint8 replica;
        uint8 replicas;
    }

    // --- trials ---

    function check_a_run_counts_its_trials(Run calldata a) external view {
        uint256 n = packed.count(_pack(a));
        bool fits = a.trials != 0 && a.replicas != 0 && uint256(a.trial) + a.trials <= 1 << 24
            && uint256(a.replica) + a.replicas <= 256;
        assert(n == (fits ? uint256(a.trials) * a.replicas : 0));
    }

    /// @dev Any two places of two runs: the later run's is greater, so none is listed twice. A longer list
    /// holds each run against the one before it, and each has a place: the order goes on from run to run.
    function check_runs_are_in_order(
        Run calldata a,
        Run calldata b,
        uint24 i,
        uint8 j,
        uint24 k,
        uint8 l
    ) external view {
        vm.assume(packed.count(bytes.concat(_pack(a), _pack(b))) != 0);
        vm.assume(i < a.trials && j < a.replicas && k < b.trials && l < b.replicas);
        uint256 earlier = (uint256(a.trial) + i) << 8 | uint256(a.replica) + j;
        uint256 later = (uint256(b.trial) + k) << 8 | uint256(b.replica) + l;
        assert(earlier < later);
    }

    function check_two_runs_count_both(Run calldata a, Run calldata b) external view {
        uint256 both = packed.count(bytes.concat(_pack(a), _pack(b)));
        if (both == 0) return;
        assert(both == uint256(a.trials) * a.replicas + uint256(b.trials) * b.replicas);
    }

    function check_a_ragged_list_is_none() external view {
        for (uint256 size = 1; size < 20; ++size) {
            if (size % 8 != 0) assert(packed.count(svm.createBytes(size, "trials")) == 0);
        }
    }

    function _pack(Run calldata run) private pure returns (bytes memory) {
        return abi.encodePacked(run.trial, run.trials, run.replica, run.replicas);
    }

    // --- answers ---

    function check_right_length(uint64 count) external view {
        for (uint256 size = 1; size < 4; ++size) {
            bytes memory answers = svm.createBytes(size, "answers");
            bool odd = count % 2 == 1;
            bool right =
                (uint256(count) + 1) / 2 == size && (!odd || uint8(answers[size - 1]) & 15 == 0);
            // The one byte that stands for all.
            if (size == 1 && answers[0] == 0xff) right = count != 0;
            assert(packed.rightLength(answers, count) == right);
        }
    }

    // --- slots ---

    function check_a_slot_keeps_its_parts(uint8 status, uint40 time, uint208 tag) external pure {
        vm.assume(status <= uint8(type(AwardStatus).max));
        uint256 word = Ids.slot(AwardStatus(status), time, tag);
        assert(uint8(Ids.statusOf(word)) == status);
        assert(Ids.timeOf(word) == time);
        assert(Ids.tagOf(word) == tag);
        assert(word & (Ids.MARKED | Ids.DOCKED) == 0);
    }

    function check_a_moved_slot_keeps_flags_and_tag(uint256 word, uint8 status, uint40 time)
        external
        pure
    {
        vm.assume(status <= uint8(type(AwardStatus).max));
        uint256 moved = Ids.moved(word, AwardStatus(status), time);
        assert(uint8(Ids.statusOf(moved)) == status);
        assert(Ids.timeOf(moved) == time);
        assert(Ids.tagOf(moved) == Ids.tagOf(word));
        assert((moved ^ word) & (Ids.MARKED | Ids.DOCKED) == 0);
    }

    function check_a_flag_leaves_the_rest(uint8 status, uint40 time, uint208 tag) external pure {
        vm.assume(status <= uint8(type(AwardStatus).max));
        uint256 word = Ids.slot(AwardStatus(status), time, tag) | Ids.MARKED | Ids.DOCKED;
        assert(uint8(Ids.statusOf(word)) == status);
        assert(Ids.timeOf(word) == time && Ids.tagOf(word) == tag);
    }
}
