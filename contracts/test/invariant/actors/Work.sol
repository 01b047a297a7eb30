// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOversight} from "../../../src/interfaces/IOversight.sol";
import {Award, Commit, Docket, TrialLeaf} from "../../../src/types/Types.sol";
import {Merkle} from "../../Oversight.t.sol";
import {Store} from "../ledger/Store.sol";

/// @notice What sellers do and judges replay: trees of results and of evidence that can be proven.
/// @dev States depend on k alone, so that all whole trials of an award have the same tree of boundaries.
abstract contract Work is Store {
    function _twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(encoded)));
    }

    function _part(string memory name, uint256 k) private pure returns (bytes32) {
        return keccak256(abi.encode(name, k));
    }

    /// @dev The leaves of a trial's boundaries, from the first to the last.
    function _boundaries(uint256 first, uint256 done)
        private
        pure
        returns (bytes32[] memory leaves)
    {
        leaves = new bytes32[](done + 1);
        for (uint256 i; i <= done; ++i) {
            uint256 k = first + i;
            bytes32 state =
                keccak256(abi.encode(k, _part("w", k), _part("m", k), _part("v", k), 10 * k));
            leaves[i] = _twice(abi.encode(k, state, uint64(k), bytes32(0)));
        }
    }

    function _perTrial(Award memory award) private pure returns (uint256) {
        return award.segments / award.trials;
    }

    /// @dev The trials of an award, the last one as far as it was done.
    function _trialLeaves(Award memory award, uint256 done)
        private
        view
        returns (TrialLeaf[] memory trials)
    {
        uint256 perTrial = _perTrial(award);
        trials = new TrialLeaf[]((done + perTrial - 1) / perTrial);
        bytes32 whole;
        for (uint256 i; i < trials.length; ++i) {
            TrialLeaf memory leaf = trials[i];
            (leaf.awardId, leaf.seller, leaf.trial) = (award.id, award.seller, i);
            leaf.first = firstOf[award.id];
            leaf.offset = i * perTrial;
            leaf.segmentsDone = done - leaf.offset < perTrial ? done - leaf.offset : perTrial;
            bool isWhole = leaf.segmentsDone == perTrial;
            if (!isWhole || whole == 0) {
                leaf.segmentRoot = Merkle.root(_boundaries(leaf.first, leaf.segmentsDone));
                if (isWhole) whole = leaf.segmentRoot;
            } else {
                leaf.segmentRoot = whole;
            }
        }
    }

    function _hashes(TrialLeaf[] memory trials) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](trials.length);
        for (uint256 i; i < trials.length; ++i) {
            leaves[i] = _twice(abi.encode(trials[i]));
        }
    }

    /// @dev What a seller that did so many segments commits to.
    function _resultRoot(Award memory award, uint256 done) internal view returns (bytes32) {
        return Merkle.root(_hashes(_trialLeaves(award, done)));
    }

    // --- what is audited ---

    /// @dev Where an audit starts: its award's place, the segment counted over those done, and its k.
    function _audited(Commit memory commit, Docket memory d, uint256 perBlock, uint256 item)
        internal
        view
        returns (uint256 index, uint256 position, uint256 k)
    {
        index = _indexOf(d, item);
        Award memory award = commit.awards[index].award;
        uint256 nth = item - (index == 0 ? 0 : d.ends[index - 1]);
        position = nth * perBlock + _draw(d.seed, 1, award.id, nth) % perBlock;
        k = firstOf[award.id] + position % _perTrial(award);
    }

    /// @dev An award's last item scores its best trial again; all others are audits.
    function _isAudit(Docket memory d, uint256 item) internal pure returns (bool) {
        return item + 1 < d.ends[_indexOf(d, item)];
    }

    function _evidence(Commit memory commit, Docket memory d, uint256 perBlock, uint256 share)
        private
        view
        returns (bytes32[] memory leaves)
    {
        uint256[] memory list = _list(d, share);
        leaves = new bytes32[](list.length);
        for (uint256 i; i < list.length; ++i) {
            if (!_isAudit(d, list[i])) {
                leaves[i] = _twice(abi.encode(list[i], bytes32(0), bytes32(0), bytes32(0)));
                continue;
            }
            (,, uint256 k) = _audited(commit, d, perBlock, list[i]);
            leaves[i] = _twice(
                abi.encode(list[i], _part("w", k + 1), _part("m", k + 1), _part("v", k + 1))
            );
        }
    }

    /// @dev What a judge commits to that has replayed all of a share.
    function _evidenceRoot(Commit memory commit, Docket memory d, uint256 perBlock, uint256 share)
        internal
        view
        returns (bytes32)
    {
        bytes32[] memory leaves = _evidence(commit, d, perBlock, share);
        return leaves.length == 0 ? bytes32(0) : Merkle.root(leaves);
    }

    /// @dev What such a judge shows of one of its audits.
    function _preimage(
        Commit memory commit,
        Docket memory d,
        uint256 perBlock,
        uint256 share,
        uint256 item
    ) internal view returns (IOversight.Preimage memory p) {
        (uint256 index, uint256 position, uint256 k) = _audited(commit, d, perBlock, item);
        Award memory award = commit.awards[index].award;
        (p.w, p.m, p.v) = (_part("w", k + 1), _part("m", k + 1), _part("v", k + 1));
        (p.step, p.lossBits) = (10 * (k + 1), uint64(k + 1));
        p.evidence = Merkle.proof(_evidence(commit, d, perBlock, share), _placeOf(d, share, item));
        TrialLeaf[] memory trials = _trialLeaves(award, commit.awards[index].done);
        uint256 trial = position / _perTrial(award);
        p.trial = trials[trial];
        p.boundary =
            Merkle.proof(_boundaries(p.trial.first, p.trial.segmentsDone), k + 1 - p.trial.first);
        p.result = Merkle.proof(_hashes(trials), trial);
    }
}
