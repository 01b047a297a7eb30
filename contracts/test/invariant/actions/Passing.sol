// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus} from "../../../src/types/Types.sol";
import {Refunding} from "./Refunding.sol";
import {Deciding} from "./Deciding.sol";

/// @notice Time goes by, and seeds are kept or lost.
abstract contract Passing is Refunding, Deciding {
    /// @notice Some seconds, or up to about the moment at which something may be done, or may not any more.
    function pass(uint256 seed) external step(seed) {
        uint256 to = _moment();
        if (to <= nowTime) to = nowTime + 1 + _throw(30);
        _go(to - nowTime, 1 + _throw(5));
    }

    function _moment() private returns (uint256 last) {
        uint256 kind = _throw(6);
        if (kind < 2 && rounds.length != 0) {
            Scene memory s = _scene(_openRound());
            uint256 since = summonedAt[s.d.commitId][_throw(3)];
            uint256 turns = VERDICT_TIME * _throw(4);
            last = s.commit.time + (_once(2) ? WINDOW : VERDICT_TIME) - 1;
            if (since != 0) last = since + JUDGE_TIME + turns;
        } else if (kind == 2 && cases.length != 0) {
            last = cases[_openCase()].time + PANEL_TIME;
        } else if (kind == 3 && made.length != 0) {
            last = made[_madeThat(AwardStatus.AWARDED)].award.deadline + GRACE;
        } else if (kind == 4 && wanted.length != 0) {
            last = wanted[_throw(wanted.length)].time + DEMAND_TIME;
        } else if (kind == 5 && _once(10)) {
            last = nowTime + UNBONDING;
        }
        // To the last second, or past it.
        if (last != 0) last += _throw(2);
    }

    /// @notice Blocks without time, or so many that what nobody pinned is lost.
    function mine(uint256 seed) external step(seed) {
        bool long = _once(4);
        _go(0, long ? 300 : 1 + _throw(4));
        if (long && rounds.length != 0) _giveBackSome();
    }

    function pin(uint256 seed) external step(seed) {
        if (_idle()) return;
        Scene memory s = _scene(_once(2) ? rounds.length - 1 : _openRound());
        (uint256 number, uint256 time) = (s.commit.blockNumber, s.commit.time);
        if (cases.length != 0 && _once(2)) {
            Case memory c = cases[_openCase()];
            (number, time) = (c.height, c.time);
        }
        bool fair = randomness.entropy(number, time) != 0;
        _call(
            _anyone(), address(randomness), 0, abi.encodeCall(randomness.pin, (number, time)), fair
        );
    }
}
