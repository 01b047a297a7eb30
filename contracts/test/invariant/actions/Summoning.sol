// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Committing} from "./Committing.sol";
import {DisputeBook} from "../ledger/DisputeBook.sol";

/// @notice Anybody calls on a silent judge.
abstract contract Summoning is Committing, DisputeBook {
    /// @dev A share that was summoned.
    struct Called {
        uint256 round;
        uint256 share;
    }

    Called[] internal _calls;

    function _summonSome(uint256 round) internal {
        _await(_scene(round).commit.time + VERDICT_TIME);
        Scene memory s = _scene(round);
        uint256 share = _once(40) ? 3 : _throw(s.d.shares);
        for (uint256 n; n < s.d.shares && share < s.d.shares; ++n) {
            if (!_spoke(s, share, 0) && summonedAt[s.d.commitId][share] == 0) break;
            share = (share + 1) % s.d.shares;
        }
        bool fair = _maySummon(s, share);
        bytes memory data = abi.encodeCall(court.summon, (s.sweep, s.commit, uint8(share)));
        _call(_anyone(), address(court), 0, data, fair);
        if (!fair) return;
        summonedAt[s.d.commitId][share] = nowTime;
        _calls.push(Called(s.round, share));
        rounds[s.round].marked = true;
    }

    function _maySummon(Scene memory s, uint256 share) private view returns (bool concerns) {
        if (s.d.seed == 0 || share >= s.d.shares || _spoke(s, share, 0)) return false;
        if (summonedAt[s.d.commitId][share] != 0) return false;
        if (nowTime < s.commit.time + _max(WINDOW, VERDICT_TIME)) return false;
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (_concerns(s, index, share)) concerns = true;
        }
    }
}
