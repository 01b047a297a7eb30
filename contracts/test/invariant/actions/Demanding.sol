// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOversight} from "../../../src/interfaces/IOversight.sol";
import {AwardStatus, SignedVerdict} from "../../../src/types/Types.sol";
import {Overseeing} from "./Overseeing.sol";

/// @notice Anybody asks a judge for its evidence, and anybody may show it.
abstract contract Demanding is Overseeing {
    mapping(bytes32 demandId => bool) internal known;

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
        said = said || _wasPosted(s, verdict, judge);
        bool fair = said && !known[id] && answer == 5 && _isAudit(s.d, item) && _demandable(s, item);
        address who = _anyone();
        uint256 value = _once(12) ? DEMAND_DEPOSIT - 1 : DEMAND_DEPOSIT;
        fair = fair && value == DEMAND_DEPOSIT;
        bytes memory data =
            abi.encodeCall(oversight.demand, (s.sweep, s.commit, verdict, judge, item));
        _call(who, address(oversight), value, data, fair);
        if (!fair) return;
        known[id] = true;
        wanted.push(Wanted(s.round, abi.encode(verdict), judge, item, id, nowTime, who, false));
        if (_once(3)) _meet(wanted[wanted.length - 1]);
    }

    function meet(uint256 seed) external step(seed) {
        if (wanted.length != 0) _meet(wanted[_openDemand()]);
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
    }

    function withdrawCredit(uint256 seed) external step(seed) {
        address who = _anyWith(earned);
        bool fair = earned[who] != 0;
        bytes memory data = abi.encodeCall(oversight.withdraw, (outsider));
        _call(who, address(oversight), 0, data, fair);
        if (fair) earned[who] = 0;
    }

    /// @dev Until its award is settled, and for a while after.
    function _demandable(Scene memory s, uint256 item) private view returns (bool) {
        Made memory m = made[_madeAt(s, _indexOf(s.d, item))];
        bool settled = m.status == AwardStatus.SETTLED && nowTime <= m.since + DEMAND_TIME;
        return settled || _isOpen(m.status);
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
    }

    function _shut(bytes32 id) private {
        for (uint256 n; n < wanted.length; ++n) {
            if (wanted[n].id == id) wanted[n].closed = true;
        }
    }
}
