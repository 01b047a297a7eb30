// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bid, SignedVerdict} from "../types/Types.sol";
import {Words} from "./Words.sol";

/// @title TypedData
/// @notice EIP-712 hashes of everything that is signed off chain.
/// @dev The separator follows the chain id through a fork. Hashes are taken over the free memory, and nothing of
/// it is kept.
library TypedData {
    bytes32 internal constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant BID = keccak256(
        "Bid(bytes32 sweepId,address seller,bytes trials,uint16 first,uint16 segments,uint128 price,bytes32 start,uint40 deadline,uint40 expiry,uint32 nonce)"
    );
    bytes32 internal constant RESULT =
        keccak256("Result(bytes32 awardId,bytes32 root,uint32 done)");
    bytes32 internal constant VERDICT =
        keccak256("Verdict(bytes32 commitId,uint8 share,bytes answers,bytes32 evidence)");
    bytes32 internal constant VOTE = keccak256("Vote(bytes32 disputeId,uint8 round,uint8 outcome)");

    bytes32 private constant NAME = keccak256("compute-swarm");
    bytes32 private constant VERSION = keccak256("1");

    /// @notice The domain separator of the contract that verifies.
    function domain(address verifier) internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN, NAME, VERSION, block.chainid, verifier));
    }

    /// @notice The digest that is signed.
    function digest(bytes32 separator, bytes32 structHash) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, shl(240, 0x1901))
            mstore(add(at, 2), separator)
            mstore(add(at, 34), structHash)
            hash := keccak256(at, 66)
        }
    }

    /// @dev A bid's ten words, with the list of trials hashed in the place of its offset.
    function hashBid(Bid calldata bid) internal pure returns (bytes32 hash) {
        bytes32 kind = BID;
        bytes32 trials = _hash(Words.trials(bid));
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, kind)
            calldatacopy(add(at, 32), bid, 320)
            mstore(add(at, 96), trials)
            hash := keccak256(at, 352)
        }
    }

    function hashResult(bytes32 awardId, bytes32 root, uint256 done)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 kind = RESULT;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, kind)
            mstore(add(at, 32), awardId)
            mstore(add(at, 64), root)
            mstore(add(at, 96), done)
            hash := keccak256(at, 128)
        }
    }

    function hashVerdict(bytes32 commitId, SignedVerdict calldata verdict)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 kind = VERDICT;
        bytes32 answers = _hash(Words.answers(verdict));
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, kind)
            mstore(add(at, 32), commitId)
            mstore(add(at, 64), calldataload(verdict))
            mstore(add(at, 96), answers)
            mstore(add(at, 128), calldataload(add(verdict, 64)))
            hash := keccak256(at, 160)
        }
    }

    function hashVote(bytes32 disputeId, uint8 round, uint8 outcome)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(VOTE, disputeId, round, outcome));
    }

    /// @dev `keccak256` of calldata without keeping the copy.
    function _hash(bytes calldata data) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            calldatacopy(at, data.offset, data.length)
            hash := keccak256(at, data.length)
        }
    }
}
