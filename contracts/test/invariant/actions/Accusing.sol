// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DisputeKind, DisputeStatus, SignedVerdict} from "../../../src/types/Types.sol";
import {Overseeing} from "./Overseeing.sol";

/// @notice Anybody shows two words for one share, or a word that a panel overturned.
abstract contract Accusing is Overseeing {
    function contradict(uint256 seed) external step(seed) {
        if (rounds.length == 0) return;
        Scene memory s = _scene(_throw(rounds.length));
        if (s.d.seed == 0 || !_once(2)) return;
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
    }

    function overturn(uint256 seed) external step(seed) {
        if (cases.length == 0) return _commitSome();
        _overturnSome();
    }

    function _overturnSome() internal {
        Case memory c = cases[_refutedCase()];
        Scene memory s = _scene(c.round);
        if (s.d.seed == 0) return;
        uint256 share = _once(4) ? _throw(s.d.shares) : _shareThatReplays(s, c);
        (SignedVerdict memory verdict, address judge, bool said) = _anyWord(s, share);
        bytes32 id = s.commit.awards[c.index].award.id;
        bytes32 fault = keccak256(abi.encode(id, share, judge));
        said = said || _wasPosted(s, verdict, judge);
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
        if (c.subject & CHALLENGE == 0) return c.subject >> 32;
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
            bool same = c.subject & CHALLENGE != 0
                ? _isReplayed(s, c, list[place])
                : list[place] == uint32(c.subject);
            if (same) return true;
        }
        return false;
    }
}
