// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Trials
/// @notice A bid's list of trials: four bytes each, the trial's index in three and its replica in one.
library Trials {
    /// @notice How many trials a list has; zero when it is ragged or not strictly increasing.
    /// @dev Eight neighbours are compared at once: two trials of a word at odd places leave 32 bits of room
    /// between them, and a guard bit set there survives the subtraction where the right one is larger.
    function count(bytes calldata trials) internal pure returns (uint256 trials_) {
        if (trials.length % 4 != 0) return 0;
        bool sorted = true;
        assembly ("memory-safe") {
            let even := 0xffffffff00000000ffffffff00000000ffffffff00000000ffffffff
            let ones := 0x1000000000000000100000000000000010000000000000001
            let guards := shl(32, ones)
            let at := trials.offset
            let end := add(at, trials.length)
            let last := sub(end, 36)
            for {} iszero(sgt(at, last)) { at := add(at, 32) } {
                let left := calldataload(at)
                let right := calldataload(add(at, 4))
                let both :=
                    and(
                        sub(or(and(right, even), guards), add(and(left, even), ones)),
                        sub(
                            or(and(shr(32, right), even), guards),
                            add(and(shr(32, left), even), ones)
                        )
                    )
                if xor(and(both, guards), guards) {
                    sorted := 0
                    break
                }
            }
            for {} and(sorted, iszero(gt(add(at, 8), end))) { at := add(at, 4) } {
                sorted := lt(shr(224, calldataload(at)), shr(224, calldataload(add(at, 4))))
            }
        }
        if (sorted) trials_ = trials.length / 4;
    }
}
