// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedVerdict} from "../../../src/types/Types.sol";
import {Summoning} from "./Summoning.sol";

/// @notice Judges and substitutes speak, honest or not, in turn or not.
abstract contract Judging is Summoning {
    /// @dev A judge that did not replay its share has nothing to show for it.
    function _say(Scene memory s, uint256 share, bytes memory answers, address signer)
        internal
        returns (SignedVerdict memory verdict)
    {
        bytes32 evidence = _once(4)
            ? keccak256("nothing")
            : _evidenceRoot(s.commit, s.d, s.sweep.terms.segments, share);
        bytes memory packed = _once(60) ? answers : _packed(answers, s.d.sizes[share]);
        verdict = SignedVerdict(uint8(share), packed, evidence, "");
        verdict.signature =
            _sign(signer, _digest(address(court), _verdictHash(s.d.commitId, verdict)));
    }

    /// @dev Mostly upheld, compared exactly or not; about some awards an item is refuted or could not be had. Who was
    /// disputed is soon disputed again.
    function _randomAnswers(Scene memory s, uint256 share) internal returns (bytes memory answers) {
        answers = _answers(s.d.sizes[share], _once(3) ? 1 : 5);
        for (uint256 index; index < s.commit.awards.length; ++index) {
            uint256[] memory places = _placesOf(s, index, share);
            Made memory m = made[_madeAt(s, index)];
            bool again = m.open != 0 || m.docked;
            if (places.length == 0 || !again && _once(2)) continue;
            uint256 place = places[_throw(places.length)];
            uint8 answer = [3, 3, 3, 7, 0, 0, 0, 0][_throw(8)];
            _setAnswer(answers, place, m.docked ? 0 : answer);
            if (!_once(6)) continue;
            // Another item of the award, which may contradict the first.
            place = places[_throw(places.length)];
            _setAnswer(answers, place, uint8(_throw(4)));
        }
        if (_once(40) && s.d.sizes[share] != 0) _setAnswer(answers, 0, 8);
        if (_once(40)) answers = bytes.concat(answers, hex"50");
    }

    // --- who speaks ---

    /// @dev Rather one that has no verdict of its judge, or one that was called on lately; half of those wait for
    /// the substitutes.
    function _shareToHear() private returns (Scene memory s, uint256 share) {
        bool again = cases.length != 0 && _once(3);
        if (_calls.length != 0 && !again && _once(2)) {
            Called memory called = _calls[_calls.length - 1 - _throw(_min(_calls.length, 4))];
            (s, share) = (_scene(called.round), called.share);
        } else {
            s = _scene(again ? cases[cases.length - 1].round : _openRound());
            share = _once(40) ? 3 : _throw(s.d.shares);
        }
        if (share < s.d.shares) share = _silent(s, share);
        uint256 since = summonedAt[s.d.commitId][share];
        if (since != 0 && !_spoke(s, share, 0)) _await(since + JUDGE_TIME + 1);
    }

    /// @dev This share or the next whose judge has not spoken, if there is one.
    function _silent(Scene memory s, uint256 share) private view returns (uint256) {
        for (uint256 n; n < s.d.shares && _spoke(s, share, 0); ++n) {
            share = (share + 1) % s.d.shares;
        }
        return share;
    }

    /// @dev The judge, or a substitute whose turn it is; now and then another.
    function _anySeat(Scene memory s, uint256 share) private returns (uint256) {
        if (_once(20)) return _throw(8);
        uint256 since = summonedAt[s.d.commitId][share];
        if (since == 0 || nowTime <= since + JUDGE_TIME) return 0;
        uint256 turn = (nowTime - since - JUDGE_TIME - 1) / VERDICT_TIME;
        uint256 seats = 2 * (_min(turn, 2) + 1);
        uint256 seat = _throw(seats);
        for (uint256 n; n < seats && _spoke(s, share, 1 + seat); ++n) {
            seat = (seat + 1) % seats;
        }
        return 1 + seat;
    }

    function _inTurn(Scene memory s, uint256 share, uint256 seat) private view returns (bool) {
        if (seat > 6 || _spoke(s, share, seat)) return false;
        uint256 since = summonedAt[s.d.commitId][share];
        uint256 last = since + JUDGE_TIME;
        if (seat == 0) return since == 0 || nowTime <= last;
        if (since == 0 || _spoke(s, share, 0) || _twoUphold(s, share)) return false;
        uint256 turn = last + (seat - 1) / 2 * VERDICT_TIME;
        return nowTime > turn && nowTime <= last + 3 * VERDICT_TIME;
    }

    // --- posting ---

    function _postSome() internal {
        (Scene memory s, uint256 share) = _shareToHear();
        _speak(s, share);
    }

    /// @dev The next judge of a round that has not spoken.
    function _postAbout(uint256 round) internal {
        Scene memory s = _scene(round);
        _speak(s, _silent(s, _throw(s.d.shares)));
    }

    function _speak(Scene memory s, uint256 share) private {
        bool drawn = s.d.seed != 0 && share < s.d.shares;
        uint256 seat = _anySeat(s, share);
        bytes memory answers = drawn ? _randomAnswers(s, share) : _answers(1, 1);
        bool calm = _once(2) && !_contested(s) || _once(4) || seat != 0 && _once(2);
        if (drawn && calm) answers = _answers(s.d.sizes[share], 5);
        address holder = drawn ? _holder(s, share, seat) : address(0);
        address signer = _once(20) ? _anyone() : holder;
        if (signer == address(0)) signer = outsider;
        SignedVerdict memory verdict = drawn
            ? _say(s, share, answers, signer)
            : SignedVerdict(uint8(share), answers, 0, new bytes(65));
        bool fair = drawn && signer == holder && _inTurn(s, share, seat)
            && _mayBePosted(s, share, verdict.answers);
        bytes memory data = abi.encodeCall(court.post, (s.sweep, s.commit, verdict, uint8(seat)));
        bytes32 before = court.postedVerdict(s.d.commitId, uint8(share), uint8(seat));
        _call(_anyone(), address(court), 0, data, fair);
        if (court.postedVerdict(s.d.commitId, uint8(share), uint8(seat)) != before) {
            _watchSpeaker(s, share, seat, signer);
        }
        if (fair) _notePosted(s, verdict, seat, holder);
    }

    /// @dev Counts who was heard though it was not drawn, is no validator of the set and tier, or a party.
    function _watchSpeaker(Scene memory s, uint256 share, uint256 seat, address who) private {
        bool right = who == _holder(s, share, seat) && who != s.sweep.buyer;
        if (seat != 0 && who == _holder(s, share, 0)) right = false;
        for (uint256 i; i < s.commit.awards.length; ++i) {
            if (s.commit.awards[i].award.seller == who) right = false;
        }
        bool listed;
        for (uint256 i; i < s.set.length; ++i) {
            bool same = s.set[i].validator == who;
            if (same && s.set[i].vramGib >= s.sweep.terms.vramGib) listed = true;
        }
        if (!right || !listed) _tick("not drawn");
    }

    /// @dev Whether some award of the round is disputed, or paid for a panel.
    function _contested(Scene memory s) private view returns (bool) {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            Made memory m = made[_madeAt(s, index)];
            if (m.open != 0 || m.docked) return true;
        }
        return false;
    }

    /// @dev Whether answers are well-formed, concern an open award, and name one item of each that they refute.
    function _mayBePosted(Scene memory s, uint256 share, bytes memory answers)
        private
        view
        returns (bool concerns)
    {
        if (s.d.sizes[share] == 0 || !_wellFormed(s, share, answers)) return false;
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (!_concerns(s, index, share)) continue;
            concerns = true;
            Finding memory finding = _find(s, index, share, answers);
            if (finding.named > 1 || finding.named == 0 && finding.refuted != 0) return false;
        }
    }
}
