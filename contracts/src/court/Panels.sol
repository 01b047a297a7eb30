// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {Answers} from "../libraries/Answers.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Ids} from "../libraries/Ids.sol";
import {Signers} from "../libraries/Signers.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {Commit, Dispute, DisputeStatus, Docket, SignedVote, Sweep} from "../types/Types.sol";
import {Records} from "./Records.sol";

/// @title Panels
/// @notice Who sits on a dispute's panel, and what it says.
abstract contract Panels is Records {
    /// @dev The seats on each side, in the order of the votes.
    /// @param refuted How many of those against it saw a difference; the others could not get something.
    struct Ballot {
        address[] forIt;
        address[] against;
        uint256 yes;
        uint256 no;
        uint256 refuted;
    }

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

    /// @dev Counts every seat once. Returns the outcome, and the seats of the side that has a quorum: where
    /// it is against the subject, but without those that could not get something it has none, the outcome is
    /// unavailable. A badly signed vote counts nothing: a signer that is a contract could otherwise change its
    /// mind and stop its panel.
    function _count(
        bytes32 disputeId,
        uint8 round,
        address[] memory seats,
        SignedVote[] calldata votes
    ) internal view returns (uint256 outcome, address[] memory majority) {
        Ballot memory b;
        (b.forIt, b.against) = (new address[](seats.length), new address[](seats.length));
        for (uint256 i; i < votes.length; ++i) {
            SignedVote calldata vote = votes[i];
            if (!_voted(disputeId, round, vote)) continue;
            for (uint256 seat; seat < seats.length; ++seat) {
                if (seats[seat] != vote.validator) continue;
                seats[seat] = address(0);
                if (vote.outcome == Answers.UPHELD) {
                    b.forIt[b.yes++] = vote.validator;
                    continue;
                }
                b.against[b.no++] = vote.validator;
                if (vote.outcome == Answers.REFUTED) ++b.refuted;
            }
        }
        if (b.yes >= QUORUM) return (Answers.UPHELD, _first(b.forIt, b.yes));
        if (b.no < QUORUM) revert AuditCourt_NoQuorum(b.yes, b.no, QUORUM);
        outcome = b.refuted < QUORUM ? Answers.UNAVAILABLE : Answers.REFUTED;
        majority = _first(b.against, b.no);
    }

    /// @dev Whether it is one of the three outcomes, signed for this round.
    function _voted(bytes32 disputeId, uint8 round, SignedVote calldata vote)
        private
        view
        returns (bool)
    {
        if (vote.outcome > Answers.REFUTED) return false;
        bytes32 hash = TypedData.hashVote(disputeId, round, vote.outcome);
        bytes32 digest = TypedData.digest(TypedData.domain(address(this)), hash);
        return Signers.signed(vote.validator, digest, vote.signature);
    }

    function _first(address[] memory list, uint256 count) private pure returns (address[] memory) {
        assembly ("memory-safe") {
            mstore(list, count)
        }
        return list;
    }
}
