// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, SignedVerdict} from "../../../src/types/Types.sol";
import {Judging} from "./Judging.sol";

/// @notice Anybody brings verdicts along and settles what they uphold.
abstract contract Settling is Judging {
    function settle(uint256 seed) external step(seed) {
        if (_idle()) return;
        _settleSome(_roundUpTo(AwardStatus.POSTED));
    }

    function _settleSome(uint256 round) internal {
        _await(_scene(round).commit.time + WINDOW);
        Scene memory s = _scene(round);
        Brought memory brought = _bring(s);
        address caller = _once(3) ? _anyone() : s.commit.relayer;
        bool fair = _maySettle(s, brought);
        _toMarket(
            caller, abi.encodeCall(market.settle, (s.sweep, s.commit, brought.verdicts)), fair
        );
        _watchSettled(s, brought);
        if (fair) _noteSettlement(s, brought, caller);
    }

    /// @dev Counts what the market settled and no word upholds.
    function _watchSettled(Scene memory s, Brought memory brought) internal {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            bool before = made[_madeAt(s, index)].status == AwardStatus.SETTLED;
            if (before || _status(s.commit.awards[index].award.id) != AwardStatus.SETTLED) {
                continue;
            }
            if (!_ruling(s, index, brought.heard).upheld) _tick("unaudited");
        }
    }

    /// @dev Whether there is anything that these verdicts settle now.
    function _maySettle(Scene memory s, Brought memory brought) internal view returns (bool any) {
        if (s.d.seed == 0 || !brought.good || nowTime < s.commit.time + WINDOW) return false;
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (made[_madeAt(s, index)].status != AwardStatus.POSTED) continue;
            if (_ruling(s, index, brought.heard).upheld) any = true;
        }
    }

    // --- verdicts ---

    /// @dev What was posted or is just signed, for most shares.
    function _bring(Scene memory s) internal returns (Brought memory brought) {
        (brought.verdicts, brought.heard) =
        (new SignedVerdict[](s.d.shares), new bytes[](s.d.shares));
        brought.good = true;
        uint256 count;
        for (uint256 share; share < s.d.shares && s.d.seed != 0; ++share) {
            address judge = _holder(s, share, 0);
            if (judge == address(0) || _once(20)) continue;
            bool posted = _spoke(s, share, 0);
            bool summoned = summonedAt[s.d.commitId][share] != 0;
            bool wrong = _once(60);
            if (summoned && !posted && !wrong) continue;
            SignedVerdict memory verdict;
            if (posted && !wrong) {
                verdict = _word(s, share, 0);
                verdict.signature = "";
            } else {
                bytes memory answers =
                    _once(12) ? _randomAnswers(s, share) : _answers(s.d.sizes[share], 5);
                verdict = _say(s, share, answers, _once(60) ? _anyone() : judge);
                if (!_counts(s, verdict, judge)) brought.good = false;
            }
            brought.heard[share] = verdict.answers;
            brought.verdicts[count++] = verdict;
        }
        SignedVerdict[] memory verdicts = brought.verdicts;
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    /// @dev Whether a verdict is one that a settlement takes: the judge's, and none else was posted or had to be.
    function _counts(Scene memory s, SignedVerdict memory verdict, address judge)
        private
        view
        returns (bool)
    {
        uint256 share = verdict.share;
        if (!_wellFormed(s, share, verdict.answers)) return false;
        bytes32 hash = _verdictHash(s.d.commitId, verdict);
        if (_spoke(s, share, 0)) {
            return hash == _verdictHash(s.d.commitId, _word(s, share, 0));
        }
        if (summonedAt[s.d.commitId][share] != 0) return false;
        bytes memory signature = _sign(judge, _digest(address(court), hash));
        return keccak256(signature) == keccak256(verdict.signature);
    }
}
