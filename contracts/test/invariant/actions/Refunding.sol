// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus} from "../../../src/types/Types.sol";
import {Settling} from "./Settling.sol";

/// @notice Anybody ends what nobody answers for any more.
abstract contract Refunding is Settling {
    function expirePosted(uint256 seed) external step(seed) {
        if (_idle()) return;
        _giveBackSome();
    }

    function _giveBackSome() internal {
        uint256 round = _openRound();
        Scene memory s = _scene(round);
        uint256 end = _thirdTurnEnds(s);
        if (end == 0 && s.d.seed != 0 && !_once(6)) return _summonSome(round);
        _await(end == 0 || !_once(5) ? end : end - VERDICT_TIME);
        uint256 index = _throw(s.commit.awards.length);
        for (uint256 n; n < s.commit.awards.length && !_ranOut(s, index); ++n) {
            index = (index + 1) % s.commit.awards.length;
        }
        Brought memory brought = _bring(s);
        bool over = s.d.seed == 0
            ? randomness.lost(s.commit.blockNumber, s.commit.time)
            : brought.good && _ranOut(s, index);
        bool fair = over && made[_madeAt(s, index)].status == AwardStatus.POSTED;
        bytes memory data =
            abi.encodeCall(market.expirePosted, (s.sweep, s.commit, index, brought.verdicts));
        _toMarket(_anyone(), data, fair);
        if (!fair) return;
        if (s.d.seed != 0) {
            Ruling memory ruling = _ruling(s, index, brought.heard);
            uint256 paid = uint256(s.commit.awards[index].award.price) * s.commit.awards[index].done;
            _payJudges(s, index, ruling, _fee(paid) / ruling.answers);
        }
        _noteRefunded(s, index);
        _tick(s.d.seed == 0 ? bytes32("lost") : bytes32("ran out"));
    }

    /// @dev The last one of the round's shares; 0 where none was summoned.
    function _thirdTurnEnds(Scene memory s) private view returns (uint256 last) {
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 since = summonedAt[s.d.commitId][share];
            if (since != 0) last = _max(last, since + JUDGE_TIME + 3 * VERDICT_TIME + 1);
        }
    }
}
