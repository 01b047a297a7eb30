// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    Bid,
    Commit,
    Offer,
    Posted,
    SignedVerdict,
    Submission,
    Sweep
} from "../types/Types.sol";

/// @title Words
/// @notice Structs in calldata as they lie there, a field a word, and where their tails begin.
/// @dev Solidity holds every field against its type and every tail against the end of calldata, each time anew.
/// Here what is beyond a type comes through, and past the end lie zeros. Both do no harm where what was read
/// is held against a bound, or under a signature or a slot's hash: whoever calls can bring any words it likes.
library Words {
    // --- lists ---

    function nth(Offer[] calldata list, uint256 i) internal pure returns (Offer calldata offer) {
        assembly ("memory-safe") {
            offer := add(list.offset, calldataload(add(list.offset, shl(5, i))))
        }
    }

    function nth(Submission[] calldata list, uint256 i)
        internal
        pure
        returns (Submission calldata submission)
    {
        assembly ("memory-safe") {
            submission := add(list.offset, calldataload(add(list.offset, shl(5, i))))
        }
    }

    function nth(Posted[] calldata list, uint256 i) internal pure returns (Posted calldata posted) {
        assembly ("memory-safe") {
            posted := add(list.offset, shl(8, i))
        }
    }

    function nth(SignedVerdict[] calldata list, uint256 i)
        internal
        pure
        returns (SignedVerdict calldata verdict)
    {
        assembly ("memory-safe") {
            verdict := add(list.offset, calldataload(add(list.offset, shl(5, i))))
        }
    }

    // --- a sweep ---

    function token(Sweep calldata sweep) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := calldataload(add(sweep, 64))
        }
    }

    function buyer(Sweep calldata sweep) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := calldataload(sweep)
        }
    }

    function perTrial(Sweep calldata sweep) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(sweep, 96))
        }
    }

    // --- an offer and its bid ---

    function bid(Offer calldata offer) internal pure returns (Bid calldata bid_) {
        assembly ("memory-safe") {
            bid_ := add(offer, calldataload(offer))
        }
    }

    function signature(Offer calldata offer) internal pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            let length := add(offer, calldataload(add(offer, 32)))
            tail.length := calldataload(length)
            tail.offset := add(length, 32)
        }
    }

    function trials(Bid calldata bid_) internal pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            let length := add(bid_, calldataload(add(bid_, 64)))
            tail.length := calldataload(length)
            tail.offset := add(length, 32)
        }
    }

    function seller(Bid calldata bid_) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 32))
        }
    }

    function first(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 96))
        }
    }

    function segments(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 128))
        }
    }

    function price(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 160))
        }
    }

    function deadline(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 224))
        }
    }

    function expiry(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 256))
        }
    }

    function nonce(Bid calldata bid_) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(bid_, 288))
        }
    }

    // --- an award and its result ---

    function seller(Award calldata award) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := calldataload(add(award, 32))
        }
    }

    function trials(Award calldata award) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(award, 64))
        }
    }

    function segments(Award calldata award) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(award, 96))
        }
    }

    function price(Award calldata award) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(award, 128))
        }
    }

    function deadline(Award calldata award) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(award, 160))
        }
    }

    function done(Posted calldata posted) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(posted, 224))
        }
    }

    function done(Submission calldata submission) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(submission, 224))
        }
    }

    function signature(Submission calldata submission) internal pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            let length := add(submission, calldataload(add(submission, 256)))
            tail.length := calldataload(length)
            tail.offset := add(length, 32)
        }
    }

    function awards(Commit calldata commit) internal pure returns (Posted[] calldata list) {
        assembly ("memory-safe") {
            let length := add(commit, calldataload(add(commit, 96)))
            list.length := calldataload(length)
            list.offset := add(length, 32)
        }
    }

    // --- a verdict ---

    function share(SignedVerdict calldata verdict) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(verdict)
        }
    }

    function answers(SignedVerdict calldata verdict) internal pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            let length := add(verdict, calldataload(add(verdict, 32)))
            tail.length := calldataload(length)
            tail.offset := add(length, 32)
        }
    }

    function signature(SignedVerdict calldata verdict) internal pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            let length := add(verdict, calldataload(add(verdict, 96)))
            tail.length := calldataload(length)
            tail.offset := add(length, 32)
        }
    }
}
