// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOversight} from "../src/interfaces/IOversight.sol";
import {AwardStatus, DisputeKind, DisputeStatus, SignedVerdict} from "../src/types/Types.sol";
import {Justice} from "./Justice.t.sol";

/// @notice Validators come and go, and whoever likes holds them to their word.
abstract contract Watch is Justice {
    /// @dev A demand, and what it is about.
    struct Wanted {
        uint256 round;
        bytes verdict;
        address judge;
        uint256 item;
        bytes32 id;
        uint256 time;
        address demander;
        bool closed;
    }

    Wanted[] internal wanted;
    mapping(bytes32 demandId => bool) private known;
    mapping(bytes32 faultId => bool) private punished;
    mapping(address who => uint256) private claimableAt;

    // --- validators ---

    function bond(uint256 seed) external step(seed) {
        address who = _once(6) ? _anyone() : _anyOf(judges);
        uint256 value = _once(4) ? 0 : _throw(2 * uint256(LEAST_BOND));
        uint16 vramGib = uint16(_once(4) ? 16 : 24);
        bool fair = bonded[who] + value >= LEAST_BOND;
        bytes memory data = abi.encodeCall(validators.bond, (vramGib));
        _call(who, address(validators), value, data, fair);
        if (fair) bonded[who] += value;
    }

    function unbond(uint256 seed) external step(seed) {
        address who = _once(2) ? _anyone() : _anyOf(judges);
        uint256 have = bonded[who];
        uint256 amount = _once(3) ? have : _throw(have + 2);
        bool fair = amount != 0 && amount <= have;
        if (fair && amount != have && have - amount < LEAST_BOND) fair = false;
        _call(who, address(validators), 0, abi.encodeCall(validators.unbond, (amount)), fair);
        if (!fair) return;
        (bonded[who], unbonding[who]) = (have - amount, unbonding[who] + amount);
        claimableAt[who] = nowTime + UNBONDING;
    }

    function claim(uint256 seed) external step(seed) {
        address who = _anyone();
        bool over = nowTime >= claimableAt[who];
        bool fair = credit[who] + (over ? unbonding[who] : 0) != 0;
        _call(who, address(validators), 0, abi.encodeCall(validators.claim, (outsider)), fair);
        if (!fair) return;
        credit[who] = 0;
        if (over) unbonding[who] = 0;
    }

    // --- oversight ---

    function demand(uint256 seed) external step(seed) {
        if (_idle()) return;
        Scene memory s = _scene(_once(2) ? _openRound() : _throw(rounds.length));
        if (s.d.seed == 0) return;
        uint256 share = _throw(s.d.shares);
        uint256[] memory list = _list(s.d, share);
        if (list.length == 0) return;
        (SignedVerdict memory verdict, address judge, bool said) = _anyWord(s, share);
        uint256 item = list[_throw(list.length)];
        uint256 answer = _rightLength(verdict.answers, list.length)
            ? _nibble(verdict.answers, _placeOf(s.d, share, item))
            : 0;
        bytes32 id = keccak256(abi.encode(_verdictHash(s.d.commitId, verdict), judge, item));
        bool fair = said && !known[id] && answer == 5 && _isAudit(s.d, item)
            && _rightLength(verdict.answers, list.length) && _demandable(s, item);
        address who = _anyone();
        uint256 value = _once(12) ? DEMAND_DEPOSIT - 1 : DEMAND_DEPOSIT;
        fair = fair && value == DEMAND_DEPOSIT;
        bytes memory data =
            abi.encodeCall(oversight.demand, (s.sweep, s.commit, verdict, judge, item));
        _call(who, address(oversight), value, data, fair);
        if (!fair) return;
        known[id] = true;
        wanted.push(Wanted(s.round, abi.encode(verdict), judge, item, id, nowTime, who, false));
        _tick("demands");
        if (_once(3)) _meet(wanted[wanted.length - 1]);
    }

    function _rightLength(bytes memory answers, uint256 size) private pure returns (bool) {
        if (answers.length == 1 && answers[0] == 0xff) return size != 0;
        if (answers.length != (size + 1) / 2) return false;
        return size % 2 == 0 || _nibble(answers, size) == 0;
    }

    /// @dev Until its award is settled, and for a while after.
    function _demandable(Scene memory s, uint256 item) private view returns (bool) {
        Made memory m = made[_madeAt(s, _indexOf(s.d, item))];
        bool settled = m.status == AwardStatus.SETTLED && nowTime <= m.since + DEMAND_TIME;
        return settled || _isOpen(m.status);
    }

    /// @dev A verdict on a share: posted, or signed by its judge or any other validator, or by somebody else in
    /// a validator's name.
    function _anyWord(Scene memory s, uint256 share)
        private
        returns (SignedVerdict memory verdict, address judge, bool said)
    {
        judge = _holder(s, share, 0);
        if (_spoke(s, share, 0) && _once(2)) {
            verdict = _word(s, share, 0);
            verdict.signature = "";
            return (verdict, judge, true);
        }
        if (judge == address(0) || _once(4)) judge = _anyOf(judges);
        address signer = _once(10) ? outsider : judge;
        bytes memory answers = _once(4) ? _randomAnswers(s, share) : _answers(s.d.sizes[share], 5);
        verdict = _say(s, share, answers, signer);
        said = signer == judge;
        if (!said) {
            // It must not be what was posted, which is the judge's word without a signature.
            verdict.evidence = ~verdict.evidence;
            bytes32 hash = _verdictHash(s.d.commitId, verdict);
            verdict.signature = _sign(signer, _digest(address(court), hash));
        }
    }

    function meet(uint256 seed) external step(seed) {
        if (wanted.length != 0) _meet(wanted[_openDemand()]);
    }

    /// @dev An open one, if there is one.
    function _openDemand() private returns (uint256 n) {
        n = _throw(wanted.length);
        for (uint256 tried; tried < wanted.length && wanted[n].closed; ++tried) {
            n = (n + 1) % wanted.length;
        }
    }

    function _meet(Wanted memory w) private {
        Scene memory s = _scene(w.round);
        if (s.d.seed == 0) return;
        SignedVerdict memory verdict = abi.decode(w.verdict, (SignedVerdict));
        uint256 perBlock = s.sweep.terms.segments;
        IOversight.Preimage memory preimage =
            _preimage(s.commit, s.d, perBlock, verdict.share, w.item);
        bool right = !_once(8);
        if (!right) preimage.step += 1;
        right = right && verdict.evidence == _evidenceRoot(s.commit, s.d, perBlock, verdict.share);
        bool fair = right && !w.closed && nowTime <= w.time + DEMAND_TIME;
        bytes memory data =
            abi.encodeCall(oversight.meet, (s.sweep, s.commit, verdict, w.judge, w.item, preimage));
        _call(_anyone(), address(oversight), 0, data, fair);
        if (!fair) return;
        _shut(w.id);
        earned[w.judge] += DEMAND_DEPOSIT;
        _tick("met");
    }

    function expireDemand(uint256 seed) external step(seed) {
        if (wanted.length == 0) return;
        Wanted memory w = wanted[_openDemand()];
        _await(w.time + DEMAND_TIME + 1);
        SignedVerdict memory verdict = abi.decode(w.verdict, (SignedVerdict));
        bytes32 hash = _verdictHash(rounds[w.round].id, verdict);
        bool fair = !w.closed && nowTime > w.time + DEMAND_TIME;
        bytes memory data = abi.encodeCall(oversight.expire, (hash, w.judge, w.item));
        _call(_anyone(), address(oversight), 0, data, fair);
        if (!fair) return;
        _shut(w.id);
        earned[w.demander] += DEMAND_DEPOSIT;
        _forfeit(w.judge, w.demander);
        _tick("unmet");
    }

    function _shut(bytes32 id) private {
        for (uint256 n; n < wanted.length; ++n) {
            if (wanted[n].id == id) wanted[n].closed = true;
        }
    }

    function contradict(uint256 seed) external step(seed) {
        if (rounds.length == 0) return;
        Scene memory s = _scene(_throw(rounds.length));
        if (s.d.seed == 0 || !_once(3)) return;
        uint256 share = _throw(s.d.shares);
        (SignedVerdict memory one, address judge, bool said) = _anyWord(s, share);
        SignedVerdict memory other = _say(s, share, _answers(s.d.sizes[share], 1), judge);
        bytes32 hash = _verdictHash(s.d.commitId, one);
        bytes32 fault = keccak256(abi.encode(s.d.commitId, share, judge));
        bool fair = said && one.signature.length != 0 && !punished[fault]
            && hash != _verdictHash(s.d.commitId, other);
        address who = _anyone();
        bytes memory data = abi.encodeCall(oversight.contradict, (s.d.commitId, one, other, judge));
        _call(who, address(oversight), 0, data, fair);
        if (!fair) return;
        punished[fault] = true;
        _forfeit(judge, who);
        _tick("contradicted");
    }

    function overturn(uint256 seed) external step(seed) {
        if (cases.length == 0) return _commitSome();
        Case memory c = cases[_refutedCase()];
        Scene memory s = _scene(c.round);
        if (s.d.seed == 0) return;
        uint256 share = _once(4) ? _throw(s.d.shares) : _shareThatReplays(s, c);
        (SignedVerdict memory verdict, address judge, bool said) = _anyWord(s, share);
        bytes32 id = s.commit.awards[c.index].award.id;
        bytes32 fault = keccak256(abi.encode(id, share, judge));
        bool fair = said && !punished[fault] && c.status == DisputeStatus.REFUTED
            && c.kind != DisputeKind.WITHHELD && _denied(s, c, verdict);
        address who = _anyone();
        bytes memory data = abi.encodeCall(
            oversight.overturn, (s.sweep, s.commit, c.index, c.subject, verdict, judge)
        );
        _call(who, address(oversight), 0, data, fair);
        if (!fair) return;
        punished[fault] = true;
        uint256 fine = _fineIn(s.sweep.terms.token, s.commit.awards[c.index].award);
        address[] memory payees = new address[](1);
        payees[0] = who;
        _fine(judge, fine, payees, fine / 10);
        _tick("overturned");
    }

    /// @dev A dispute that a panel refuted, if there is one.
    function _refutedCase() private returns (uint256 number) {
        number = _throw(cases.length);
        for (uint256 n; n < cases.length; ++n) {
            Case memory c = cases[number];
            bool overturns = c.kind != DisputeKind.WITHHELD;
            if (c.status == DisputeStatus.REFUTED && overturns) return number;
            number = (number + 1) % cases.length;
        }
    }

    /// @dev Of a challenged segment the share that audits it, if one does.
    function _shareThatReplays(Scene memory s, Case memory c) private view returns (uint256) {
        if (c.kind != DisputeKind.CHALLENGE) return c.subject >> 32;
        for (uint256 item; item < s.d.ends[s.d.ends.length - 1]; ++item) {
            if (_isReplayed(s, c, item)) return item % s.d.shares;
        }
        return 0;
    }

    function _isReplayed(Scene memory s, Case memory c, uint256 item) private view returns (bool) {
        if (!_isAudit(s.d, item) || _indexOf(s.d, item) != c.index) return false;
        (, uint256 position,) = _audited(s.commit, s.d, s.sweep.terms.segments, item);
        return position == c.subject ^ CHALLENGE;
    }

    /// @dev Whether a verdict upholds the audit that a panel refuted.
    function _denied(Scene memory s, Case memory c, SignedVerdict memory verdict)
        private
        view
        returns (bool)
    {
        uint256[] memory list = _list(s.d, verdict.share);
        if (!_rightLength(verdict.answers, list.length)) return false;
        for (uint256 place; place < list.length; ++place) {
            if (_nibble(verdict.answers, place) | 4 != 5) continue;
            bool same = c.kind == DisputeKind.CHALLENGE
                ? _isReplayed(s, c, list[place])
                : list[place] == uint32(c.subject);
            if (same) return true;
        }
        return false;
    }

    function withdrawCredit(uint256 seed) external step(seed) {
        address who = _anyone();
        bool fair = earned[who] != 0;
        bytes memory data = abi.encodeCall(oversight.withdraw, (outsider));
        _call(who, address(oversight), 0, data, fair);
        if (fair) earned[who] = 0;
    }
}
