// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../../../src/interfaces/IValidatorSet.sol";
import {AwardStatus, DisputeStatus, SignedVerdict} from "../../../src/types/Types.sol";
import {Judging} from "../actions/Judging.sol";

/// @notice What could happen now: both ends of one award, and everybody's leaving.
abstract contract Endings is Judging {
    /// @notice Whether an award of some commit could now be settled as well as given back. The verdicts are the best
    /// that anybody could bring.
    function bothWays() external returns (bool) {
        if (rounds.length == 0) return false;
        vm.warp(nowTime);
        vm.roll(height);
        Scene memory s = _scene(steps % rounds.length);
        SignedVerdict[] memory verdicts = _best(s);
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (_status(s.commit.awards[index].award.id) != AwardStatus.POSTED) continue;
            uint256 snapshot = vm.snapshotState();
            try market.settle(s.sweep, s.commit, verdicts) {} catch {}
            bool settles = _status(s.commit.awards[index].award.id) == AwardStatus.SETTLED;
            vm.revertToState(snapshot);
            if (!settles) continue;
            try market.expirePosted(s.sweep, s.commit, index, verdicts) {
                return true;
            } catch {}
        }
        return false;
    }

    function _best(Scene memory s) private returns (SignedVerdict[] memory verdicts) {
        verdicts = new SignedVerdict[](s.d.shares);
        uint256 count;
        for (uint256 share; share < s.d.shares && s.d.seed != 0; ++share) {
            address judge = _holder(s, share, 0);
            if (_spoke(s, share, 0)) {
                verdicts[count++] = _word(s, share, 0);
            } else if (summonedAt[s.d.commitId][share] == 0 && judge != address(0)) {
                verdicts[count++] = _say(s, share, _answers(s.d.sizes[share], 5), judge);
            }
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    /// @notice Everybody takes all that is free, at once. Returns what the market still holds.
    function withdrawAll(address token) public returns (uint256) {
        // Last comes who nobody is.
        for (uint256 i; i < people.length - 1; ++i) {
            (uint112 isFree,,) = market.account(people[i], token);
            if (isFree == 0) continue;
            vm.prank(people[i]);
            market.withdraw(token, isFree, outsider);
        }
        return token == NATIVE ? address(market).balance : dollar.balanceOf(address(market));
    }

    // --- everybody leaves ---

    /// @notice Everybody is gone: whatever is open is ended by strangers, in the time that the rules say, and
    /// everybody's money is paid out. Returns what is left in the contracts.
    function everybodyLeaves()
        external
        returns (uint256 natives, uint256 tokens, uint256 bonds, uint256 deposits)
    {
        _go(5000, 3);
        for (uint256 n; n < cases.length; ++n) {
            _endCase(n);
        }
        for (uint256 round; round < rounds.length; ++round) {
            _summonAll(_scene(round));
        }
        _go(JUDGE_TIME + 3 * VERDICT_TIME + 1, 3);
        for (uint256 round; round < rounds.length; ++round) {
            _endRound(_scene(round));
        }
        for (uint256 i; i < made.length; ++i) {
            if (_status(made[i].award.id) != AwardStatus.AWARDED) continue;
            market.expireAward(plans[made[i].plan], made[i].award);
        }
        for (uint256 n; n < wanted.length; ++n) {
            if (!wanted[n].closed) _endDemand(wanted[n]);
        }
        (natives, tokens) = (withdrawAll(NATIVE), withdrawAll(address(dollar)));
        _leaveValidators();
        return (natives, tokens, address(validators).balance, address(oversight).balance);
    }

    function _endCase(uint256 n) private {
        Case memory c = cases[n];
        Scene memory s = _scene(c.round);
        while (court.dispute(c.id).status == DisputeStatus.OPEN) {
            court.expire(s.sweep, s.commit, c.index, c.subject);
            _go(PANEL_TIME + 1, 3);
        }
    }

    function _summonAll(Scene memory s) private {
        for (uint256 share; share < s.d.shares && s.d.seed != 0; ++share) {
            if (_spoke(s, share, 0) || summonedAt[s.d.commitId][share] != 0) continue;
            if (s.d.sizes[share] == 0) continue;
            // Nobody may be left to answer for.
            try court.summon(s.sweep, s.commit, uint8(share)) {} catch {}
        }
    }

    function _endRound(Scene memory s) private {
        SignedVerdict[] memory verdicts = new SignedVerdict[](s.d.shares);
        uint256 count;
        for (uint256 share; share < s.d.shares; ++share) {
            if (_spoke(s, share, 0)) verdicts[count++] = _word(s, share, 0);
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (_status(s.commit.awards[index].award.id) != AwardStatus.POSTED) continue;
            try market.expirePosted(s.sweep, s.commit, index, verdicts) {}
            catch {
                vm.prank(outsider);
                market.settle(s.sweep, s.commit, verdicts);
            }
        }
    }

    function _endDemand(Wanted memory w) private {
        SignedVerdict memory verdict = abi.decode(w.verdict, (SignedVerdict));
        oversight.expire(_verdictHash(rounds[w.round].id, verdict), w.judge, w.item);
    }

    function _leaveValidators() private {
        for (uint256 i; i < people.length - 1; ++i) {
            IValidatorSet.Validator memory v = validators.validator(people[i]);
            if (v.bond == 0) continue;
            vm.prank(people[i]);
            validators.unbond(v.bond);
        }
        _go(UNBONDING, 3);
        for (uint256 i; i < people.length - 1; ++i) {
            IValidatorSet.Validator memory v = validators.validator(people[i]);
            if (uint256(v.credit) + v.unbonding != 0) {
                vm.prank(people[i]);
                validators.claim(outsider);
            }
            if (oversight.credit(people[i]) == 0) continue;
            vm.prank(people[i]);
            oversight.withdraw(outsider);
        }
    }
}
