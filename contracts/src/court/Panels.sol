// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Ids} from "../libraries/Ids.sol";
import {Signers} from "../libraries/Signers.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Commit, Dispute, DisputeStatus, Docket, SignedVote, Sweep} from "../types/Types.sol";
import {Records} from "./Records.sol";

/// @title Panels
/// @notice Who sits on a dispute's panel, and what it says.
abstract contract Panels is Records {
    /// @inheritdoc IAuditCourt
    function panelOf(Sweep calldata sweep, Commit calldata commit, uint256 index, uint256 subject)
        external
        view
        returns (address[] memory)
    {
        Docket memory d = MARKET.docket(sweep, commit);
        bytes32 id = Ids.disputeId(d.commitId, commit.awards[index].award.id, subject);
        Dispute memory called = _disputes[id];
        if (called.status == DisputeStatus.NONE) revert AuditCourt_NotOpen(id);
        return _panel(sweep, commit, id, called);
    }

    /// @dev The seats of a panel: as for judges, without who accused.
    function _panel(Sweep calldata sweep, Commit calldata commit, bytes32 id, Dispute memory called)
        internal
        view
        returns (address[] memory)
    {
        uint256 height = _height(called);
        bytes32 entropy = RANDOMNESS.entropy(height, called.time);
        if (entropy == 0) revert AuditCourt_SeedUnknown(height);
        uint256[] memory draws = AuditDraw.panel(AuditDraw.seed(entropy, id), SEATS);
        return _pick(sweep, commit, _partiesAnd(sweep, commit, called.accuser), draws);
    }

    /// @dev The block in which a panel was called, of which 32 bits are kept.
    function _height(Dispute memory called) internal view returns (uint256) {
        return block.number - uint32(block.number - called.blockNumber);
    }

    /// @dev Counts every seat once. Returns the side that has a quorum, and its seats. A badly signed vote
    /// counts nothing: a signer that is a contract could otherwise change its mind and stop its panel.
    function _count(bytes32 disputeId, address[] memory seats, SignedVote[] calldata votes)
        internal
        view
        returns (bool upheld, address[] memory majority)
    {
        address[] memory forIt = new address[](seats.length);
        address[] memory against = new address[](seats.length);
        uint256 yes;
        uint256 no;
        for (uint256 i; i < votes.length; ++i) {
            SignedVote calldata vote = votes[i];
            if (!_voted(disputeId, vote)) continue;
            for (uint256 seat; seat < seats.length; ++seat) {
                if (seats[seat] != vote.validator) continue;
                seats[seat] = address(0);
                if (vote.upheld) forIt[yes++] = vote.validator;
                else against[no++] = vote.validator;
            }
        }
        if (yes < QUORUM && no < QUORUM) revert AuditCourt_NoQuorum(yes, no, QUORUM);
        upheld = yes >= QUORUM;
        majority = upheld ? _first(forIt, yes) : _first(against, no);
    }

    function _voted(bytes32 disputeId, SignedVote calldata vote) private view returns (bool) {
        bytes32 domain = TypedData.domain(address(this));
        bytes32 digest = TypedData.digest(domain, TypedData.hashVote(disputeId, vote.upheld));
        return Signers.signed(vote.validator, digest, vote.signature);
    }

    function _first(address[] memory list, uint256 count) private pure returns (address[] memory) {
        assembly ("memory-safe") {
            mstore(list, count)
        }
        return list;
    }
}
