// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Trials
/// @notice A bid's list of trials, in runs of eight bytes: the first trial (three bytes), how many trials (three),
/// the first replica (one), how many replicas of each (one).
/// @dev A run of n and m from t and r stands for the trials t to t + n - 1, and of each the replicas r to
/// r + m - 1. What a list stands for is strictly increasing by trial, then by replica.
library Trials {
    uint256 private constant TRIALS = 1 << 24;
    uint256 private constant REPLICAS = 1 << 8;

    /// @notice How many trials a list stands for; zero where it is ragged, out of bounds or not increasing.
    /// @dev A place is the trial in the high bits and the replica in nine: one more than the last replica is
    /// the place after all of a trial's that are taken, and below the next trial's first.
    function count(bytes calldata trials) internal pure returns (uint256 sum) {
        if (trials.length % 8 != 0) return 0;
        assembly ("memory-safe") {
            let least := 0
            let end := add(trials.offset, trials.length)
            for { let from := trials.offset } lt(from, end) { from := add(from, 8) } {
                let run := calldataload(from)
                let t := shr(232, run)
                let n := and(shr(208, run), 0xffffff)
                let r := byte(6, run)
                let m := byte(7, run)
                let past := or(gt(add(t, n), TRIALS), gt(add(r, m), REPLICAS))
                let place := or(shl(9, t), r)
                // No trials or no replicas: their product is zero.
                if or(or(iszero(mul(n, m)), past), lt(place, least)) {
                    sum := 0
                    break
                }
                least := shl(9, add(t, n))
                if eq(n, 1) { least := add(place, m) }
                sum := add(sum, mul(n, m))
            }
        }
    }
}
