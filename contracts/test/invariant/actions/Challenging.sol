// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, DisputeKind} from "../../../src/types/Types.sol";
import {Committing} from "./Committing.sol";
import {DisputeBook} from "../ledger/DisputeBook.sol";

/// @notice Anybody challenges a segment, audited or not.
abstract contract Challenging is Committing, DisputeBook {
    function challenge(uint256 seed) external step(seed) {
        // The window is short: mostly of what was posted just now.
        if (!_once(6)) _commitSome();
        if (rounds.length == 0) return;
        Scene memory s = _scene(_once(6) ? _openRound() : rounds.length - 1);
        uint256 index = _throw(s.commit.awards.length);
        uint256 done = s.commit.awards[index].done;
        uint256 subject = CHALLENGE | (_once(12) ? done : _throw(done));
        if (s.d.seed != 0 && s.d.ends[index] > 1 + _begin(s, index) && _once(2)) {
            // A segment that is audited.
            uint256 audits = s.d.ends[index] - 1 - _begin(s, index);
            uint256 item = _begin(s, index) + _throw(audits);
            (, uint256 position,) = _audited(s.commit, s.d, s.sweep.terms.segments, item);
            subject = CHALLENGE | position;
        }
        address who = _once(2) ? _anyOf(sellers) : _anyOf(buyers);
        bool fair = _mayChallenge(s, index, subject, who);
        bytes memory data =
            abi.encodeCall(court.challenge, (s.sweep, s.commit, index, subject ^ CHALLENGE));
        _call(who, address(court), 0, data, fair);
        if (fair) {
            _noteCase(s, index, subject, DisputeKind.CHALLENGE, who);
            address token = s.sweep.terms.token;
            _lock(who, token, _depositIn(token, s.commit.awards[index].award));
            rounds[s.round].marked = true;
        }
        _go(0, _throw(4));
    }

    /// @dev An award's first item.
    function _begin(Scene memory s, uint256 index) private pure returns (uint256) {
        return index == 0 ? 0 : s.d.ends[index - 1];
    }

    function _mayChallenge(Scene memory s, uint256 index, uint256 subject, address who)
        private
        view
        returns (bool)
    {
        Award memory claimed = s.commit.awards[index].award;
        address token = s.sweep.terms.token;
        bool there = subject ^ CHALLENGE < s.commit.awards[index].done
            && caseOf[_disputeId(s.d.commitId, claimed.id, subject)] == 0;
        return there && nowTime < s.commit.time + WINDOW && _isOpen(made[_madeAt(s, index)].status)
            && free[token][who] >= _depositIn(token, claimed);
    }
}
