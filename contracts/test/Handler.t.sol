// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOversight} from "../src/interfaces/IOversight.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    AwardStatus,
    Dispute,
    DisputeKind,
    DisputeStatus,
    SignedVerdict,
    Sweep
} from "../src/types/Types.sol";
import {Watch} from "./Watch.t.sol";

/// @notice Leads many sweeps at once through all calls of all contracts, in any order, and tells what the books
/// and the contracts say.
/// @dev A call that the rules allow must succeed, or the run fails; one that they forbid is tried as well, and
/// counted if it was let through.
contract Handler is Watch {
    function start() external {
        _open();
    }

    // --- time ---

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

    // --- several calls at once ---

    /// @notice A settlement, a commit and a withdrawal in one transaction, of which none goes without the others.
    function multicall(uint256 seed) external step(seed) {
        if (_idle()) return;
        Scene memory s = _scene(_openRound());
        Brought memory brought = _bring(s);
        address sender = _anyOf(relayers);
        bool settles = _maySettle(s, brought);
        Delivery memory delivery = _deliver();
        bool commits = delivery.fair;
        uint256 most = free[NATIVE][sender];
        uint256 amount = _once(8) ? most + 1 : _throw(most + 1);
        bool toSettle = settles || _once(8);
        bool toCommit = commits || _once(8);
        bool fair = (settles || !toSettle) && (commits || !toCommit) && amount <= most;

        bytes[] memory calls = new bytes[](3);
        // A bump does no harm, and fills the place of what is left out.
        calls[1] = calls[2] = abi.encodeCall(market.bumpNonce, (NATIVE));
        calls[0] = abi.encodeCall(market.withdraw, (NATIVE, amount, outsider));
        if (toSettle) {
            calls[1] = abi.encodeCall(market.settle, (s.sweep, s.commit, brought.verdicts));
        }
        if (toCommit) {
            calls[2] = abi.encodeCall(market.commit, (plans[delivery.plan], delivery.submissions));
        }
        _toMarket(sender, abi.encodeCall(market.multicall, (calls)), fair);
        _watchSettled(s, brought);
        if (!fair) return;
        free[NATIVE][sender] -= amount;
        if (toSettle) _noteSettlement(s, brought, sender);
        if (toCommit) _noteDelivery(delivery, sender);
        _tick("multicalls");
    }

    // --- what the contracts hold, and for whom ---

    /// @notice What the market holds of a token, and what everybody's accounts sum up to.
    function holdings(address token)
        external
        view
        returns (uint256 balance, uint256 allFree, uint256 allLocked)
    {
        balance = token == NATIVE ? address(market).balance : dollar.balanceOf(address(market));
        for (uint256 i; i < people.length; ++i) {
            (uint112 isFree, uint112 isLocked,) = market.account(people[i], token);
            (allFree, allLocked) = (allFree + isFree, allLocked + isLocked);
        }
    }

    /// @notice What buyers put up for the awards that are open on chain, the bonds behind them less what was docked,
    /// and the deposits of the disputes that are.
    function obligations(address token)
        external
        view
        returns (uint256 escrow, uint256 bonds, uint256 deposits)
    {
        for (uint256 i; i < made.length; ++i) {
            Sweep memory sweep = plans[made[i].plan];
            uint256 slot = market.awardSlot(made[i].award.id);
            bool closed = AwardStatus(slot >> 248 & 0x3f) > AwardStatus.DISPUTED;
            if (sweep.terms.token != token || closed) continue;
            escrow += _costIn(token, made[i].award);
            bonds += _bondIn(sweep, made[i].award);
            if (slot >> 254 & 1 == 1) bonds -= _dockedIn(token, made[i].award);
        }
        for (uint256 n; n < cases.length; ++n) {
            Dispute memory d = court.dispute(cases[n].id);
            bool open = d.status == DisputeStatus.OPEN && d.kind == DisputeKind.CHALLENGE;
            Made memory m = made[_awardOfCase(n)];
            if (open && plans[m.plan].terms.token == token) {
                deposits += _depositIn(token, m.award);
            }
        }
    }

    function _awardOfCase(uint256 n) private view returns (uint256) {
        Scene memory s;
        s.commit = _scene(cases[n].round).commit;
        return _madeAt(s, cases[n].index);
    }

    /// @notice Somebody who has or should have something else than the books say; nobody if they are right.
    function wrongAccount(address token) external view returns (address) {
        for (uint256 i; i < people.length; ++i) {
            (uint112 isFree, uint112 isLocked,) = market.account(people[i], token);
            bool right = isFree == free[token][people[i]] && isLocked == locked[token][people[i]];
            if (!right) return people[i];
        }
        return address(0);
    }

    /// @notice The same of validators: their bonds, what they unbond and what they earned.
    function wrongValidator() external view returns (address) {
        for (uint256 i; i < people.length; ++i) {
            address who = people[i];
            IValidatorSet.Validator memory v = validators.validator(who);
            bool right =
                v.bond == bonded[who] && v.unbonding == unbonding[who] && v.credit == credit[who];
            if (!right) return who;
        }
        return address(0);
    }

    /// @notice What the validators' contract holds, and what it owes.
    function stakes() external view returns (uint256 balance, uint256 owed) {
        balance = address(validators).balance;
        for (uint256 i; i < people.length; ++i) {
            IValidatorSet.Validator memory v = validators.validator(people[i]);
            owed += uint256(v.bond) + v.unbonding + v.credit;
        }
    }

    /// @notice What the oversight holds, the deposits of open demands, and what it owes.
    function oversightBooks()
        external
        view
        returns (uint256 balance, uint256 open, uint256 owed, uint256 due)
    {
        balance = address(oversight).balance;
        for (uint256 n; n < wanted.length; ++n) {
            if (!oversight.demandOf(wanted[n].id).closed) open += DEMAND_DEPOSIT;
        }
        for (uint256 i; i < people.length; ++i) {
            owed += oversight.credit(people[i]);
            due += earned[people[i]];
        }
    }

    // --- where awards and disputes stand ---

    /// @notice An award whose slot is not what the rules make of it, to the bit; 0 if there is none.
    function wrongSlot() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            uint256 slot = market.awardSlot(made[i].award.id);
            if (slot & ~(uint256(1) << 255) != _slotOf(i)) return made[i].award.id;
        }
        return 0;
    }

    /// @notice An award that changed after it had ended.
    function risenAward() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            uint256 slot = market.awardSlot(made[i].award.id) & ~(uint256(1) << 255);
            if (made[i].ended != 0 && slot != made[i].ended) return made[i].award.id;
        }
        return 0;
    }

    /// @notice An award that paid out another sum than its buyer and its seller put up: all of it when it has
    /// ended; before, nothing but what was docked.
    function wrongPurse() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            Made memory m = made[i];
            Purse memory purse = purses[m.award.id];
            uint256 docked = _dockedIn(plans[m.plan].terms.token, m.award);
            bool right = m.ended != 0
                ? purse.paid == purse.pulled && purse.bondPaid == purse.bond
                : purse.paid == 0 && purse.bondPaid == (m.docked ? docked : 0);
            if (!right) return m.award.id;
        }
        return 0;
    }

    /// @notice An award that is disputed without an open dispute, or posted with one.
    function strayAward() external view returns (bytes32) {
        uint256[] memory open = new uint256[](made.length);
        for (uint256 n; n < cases.length; ++n) {
            if (court.dispute(cases[n].id).status == DisputeStatus.OPEN) ++open[_awardOfCase(n)];
        }
        for (uint256 i; i < made.length; ++i) {
            AwardStatus status = _status(made[i].award.id);
            bool right = status == AwardStatus.DISPUTED
                ? open[i] != 0
                : status == AwardStatus.SLASHED || open[i] == 0;
            if (!right) return made[i].award.id;
        }
        return 0;
    }

    /// @notice A dispute that stands otherwise than the rules say.
    function wrongDispute() external view returns (bytes32) {
        for (uint256 n; n < cases.length; ++n) {
            Case memory c = cases[n];
            Dispute memory d = court.dispute(c.id);
            bool right = d.status == c.status && d.kind == c.kind && d.round == c.panels
                && d.time == c.time && d.blockNumber == c.height && d.accuser == c.accuser;
            if (!right) return c.id;
        }
        return 0;
    }

    /// @notice Who was heard last, though not drawn or a party; nobody if it had the right.
    function wrongSpeaker() external view returns (address) {
        if (speakers.length == 0) return address(0);
        Speaker memory last = speakers[speakers.length - 1];
        Scene memory s = _scene(last.round);
        bool drawn =
            court.judgeOf(s.sweep, s.commit, uint8(last.share), uint8(last.seat)) == last.who;
        bool member = last.who != s.sweep.buyer;
        for (uint256 i; i < s.commit.awards.length; ++i) {
            if (s.commit.awards[i].award.seller == last.who) member = false;
        }
        bool listed;
        for (uint256 i; i < s.set.length; ++i) {
            bool same = s.set[i].validator == last.who;
            if (same && s.set[i].vramGib >= s.sweep.terms.vramGib) listed = true;
        }
        if (last.seat != 0 && _holder(s, last.share, 0) == last.who) member = false;
        return drawn && member && listed ? address(0) : last.who;
    }

    /// @notice A session that spent more than its cap, or another sum than it tells.
    function wrongSession() external view returns (uint256 number) {
        for (uint256 n; n < spendings.length; ++n) {
            Spent memory spending = spendings[n];
            (uint256 left, uint32 last,) = sessions.left(spending.session);
            bool right = spending.spent <= spending.session.cap && last == spending.last
                && left == spending.session.cap - spending.spent;
            if (!right) return n + 1;
        }
        return 0;
    }

    /// @notice How often something happened.
    function times(bytes32 what) external view returns (uint256) {
        return counts[what];
    }

    function stepsTaken() external view returns (uint256) {
        return steps;
    }

    function tokenOf(uint256 i) external view returns (address) {
        return i == 0 ? NATIVE : address(dollar);
    }

    // --- what could happen now ---

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

    /// @notice What nobody can take any more of a token, and of the validators' bonds.
    function burned(address token) external view returns (uint256 amount, uint256 bonds) {
        (amount,,) = market.account(BURN, token);
        bonds = validators.validator(BURN).credit;
    }

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
