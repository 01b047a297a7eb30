// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    DisputeKind,
    DisputeStatus,
    SignedVerdict,
    SignedVote
} from "../src/types/Types.sol";
import {Spending} from "./Spending.t.sol";

/// @notice Judges, substitutes, challengers and panels, honest or not, and whoever ends what they leave open.
abstract contract Justice is Spending {
    /// @dev Verdicts that a settlement brings along.
    /// @param heard The answers that count, a list a share.
    struct Brought {
        SignedVerdict[] verdicts;
        bytes[] heard;
        bool good;
    }

    /// @dev What answers have against an award: items that they name, refute without naming, or call
    /// unavailable.
    /// @param item The one that they name, else the first that is unavailable.
    struct Finding {
        uint256 named;
        uint256 refuted;
        uint256 unavailable;
        uint256 item;
    }

    /// @dev Who was heard for which seat.
    struct Speaker {
        uint256 round;
        uint256 share;
        uint256 seat;
        address who;
    }

    /// @dev A share that was summoned.
    struct Called {
        uint256 round;
        uint256 share;
    }

    Speaker[] internal speakers;
    Called[] private _calls;

    // --- verdicts ---

    /// @dev A judge that did not replay its share has nothing to show for it.
    function _say(Scene memory s, uint256 share, bytes memory answers, address signer)
        internal
        returns (SignedVerdict memory verdict)
    {
        bytes32 evidence = _once(4)
            ? keccak256("nothing")
            : _evidenceRoot(s.commit, s.d, s.sweep.terms.segments, share);
        bytes memory packed = _packed(answers, s.d.sizes[share]);
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
            uint8 answer = [3, 3, 7, 0, 0, 0, 0, 2][_throw(8)];
            _setAnswer(answers, place, m.docked ? 0 : answer);
            if (!_once(6)) continue;
            // Another item of the award, which may contradict the first.
            place = places[_throw(places.length)];
            _setAnswer(answers, place, uint8(_throw(4)));
        }
        if (_once(40) && s.d.sizes[share] != 0) _setAnswer(answers, 0, 8);
        if (_once(40)) answers = bytes.concat(answers, hex"50");
    }

    function _wellFormed(Scene memory s, uint256 share, bytes memory answers)
        internal
        pure
        returns (bool)
    {
        uint256 size = s.d.sizes[share];
        if (answers.length == 1 && answers[0] == 0xff) return size != 0;
        if (answers.length != (size + 1) / 2) return false;
        for (uint256 place; place < size; ++place) {
            if (_nibble(answers, place) > 7) return false;
        }
        return size % 2 == 0 || _nibble(answers, size) == 0;
    }

    function _find(Scene memory s, uint256 index, uint256 share, bytes memory answers)
        internal
        pure
        returns (Finding memory finding)
    {
        uint256[] memory list = _list(s.d, share);
        uint256[] memory places = _placesOf(s, index, share);
        for (uint256 i; i < places.length; ++i) {
            uint256 outcome = _nibble(answers, places[i]) & 3;
            if (outcome == 3 && finding.named++ == 0) finding.item = list[places[i]];
            if (outcome == 2) ++finding.refuted;
            bool first = outcome == 0 && finding.unavailable++ == 0 && finding.named == 0;
            if (first) finding.item = list[places[i]];
        }
    }

    // --- who speaks ---

    /// @dev Whether there is anything to judge; if not, there soon is.
    function _idle() internal returns (bool) {
        for (uint256 i; i < made.length; ++i) {
            if (_isOpen(made[i].status)) return false;
        }
        if (rounds.length != 0 && _once(6)) return false;
        _commitSome();
        return true;
    }

    /// @dev A round with an award that is posted or disputed, if there is one.
    function _openRound() internal returns (uint256) {
        return _roundUpTo(AwardStatus.DISPUTED);
    }

    /// @dev A round with an award that is posted, or has any status up to another.
    function _roundUpTo(AwardStatus most) internal returns (uint256) {
        uint256 i = _throw(made.length);
        for (uint256 n; n < made.length; ++n) {
            bool within = made[i].status >= AwardStatus.POSTED && made[i].status <= most;
            if (within) return made[i].round - 1;
            i = (i + 1) % made.length;
        }
        return _throw(rounds.length);
    }

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
        for (uint256 n; n < s.d.shares && share < s.d.shares && _spoke(s, share, 0); ++n) {
            share = (share + 1) % s.d.shares;
        }
        uint256 since = summonedAt[s.d.commitId][share];
        if (since != 0 && !_spoke(s, share, 0)) _await(since + JUDGE_TIME + 1);
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

    function post(uint256 seed) external step(seed) {
        if (_idle()) return;
        uint256 before = counts["substitutes"];
        _postSome();
        // Whose judge is silent is soon heard again.
        if (counts["substitutes"] != before && _once(2)) _postSome();
        if (_once(3)) _resolveSome();
    }

    function _postSome() private {
        (Scene memory s, uint256 share) = _shareToHear();
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
        bool fair =
            drawn && signer == holder && _inTurn(s, share, seat) && _mayBePosted(s, share, answers);
        bytes memory data = abi.encodeCall(court.post, (s.sweep, s.commit, verdict, uint8(seat)));
        _call(_anyone(), address(court), 0, data, fair);
        if (fair) _notePosted(s, verdict, seat, holder);
    }

    /// @dev Whether some award of the round is disputed, or paid for a panel.
    function _contested(Scene memory s) private view returns (bool) {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            Made memory m = made[_madeAt(s, index)];
            if (m.open != 0 || m.docked) return true;
        }
        return false;
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

    /// @dev Whether a share answers for an award, and the award is open.
    function _concerns(Scene memory s, uint256 index, uint256 share) private view returns (bool) {
        bool open = _isOpen(made[_madeAt(s, index)].status);
        return open && _placesOf(s, index, share).length != 0;
    }

    function _notePosted(Scene memory s, SignedVerdict memory verdict, uint256 seat, address holder)
        private
    {
        uint256 share = verdict.share;
        bool first = seat != 0;
        for (uint256 before = 1; before <= 6; ++before) {
            if (_spoke(s, share, before)) first = false;
        }
        words[s.d.commitId][share][seat] = abi.encode(verdict);
        rounds[s.round].marked = true;
        _tick(seat == 0 ? bytes32("verdicts") : bytes32("substitutes"));
        speakers.push(Speaker(s.round, share, seat, holder));
        if (first) {
            uint256 fees;
            for (uint256 index; index < s.commit.awards.length; ++index) {
                fees += _shareFee(s, index, share);
            }
            address[] memory nobody;
            _fine(_holder(s, share, 0), _worthOf(s.sweep.terms.token, fees), nobody, 0);
        }
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (!_concerns(s, index, share)) continue;
            Finding memory finding = _find(s, index, share, verdict.answers);
            if (finding.named + finding.unavailable == 0) continue;
            disputedBy[s.commit.awards[index].award.id] |= uint256(1) << share;
            DisputeKind kind = DisputeKind.REFUTATION;
            if (finding.named == 0) kind = DisputeKind.WITHHELD;
            _noteCase(s, index, _subjectOf(share, finding.item), kind, holder);
        }
    }

    function summon(uint256 seed) external step(seed) {
        if (_idle()) return;
        _summonSome(_openRound());
        if (_once(2)) _postSome();
    }

    function _summonSome(uint256 round) private {
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
        _tick("summoned");
    }

    function _maySummon(Scene memory s, uint256 share) internal view returns (bool concerns) {
        if (s.d.seed == 0 || share >= s.d.shares || _spoke(s, share, 0)) return false;
        if (summonedAt[s.d.commitId][share] != 0) return false;
        if (nowTime < s.commit.time + _max(WINDOW, VERDICT_TIME)) return false;
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (_concerns(s, index, share)) concerns = true;
        }
    }

    // --- disputes ---

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
            _tick("challenges");
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

    /// @dev Whether there is nothing that a panel could decide; then there may soon be.
    function _peaceful() private returns (bool) {
        for (uint256 n; n < cases.length; ++n) {
            if (cases[n].status == DisputeStatus.OPEN) return false;
        }
        if (cases.length != 0 && _once(10)) return false;
        _commitSome();
        return true;
    }

    /// @dev An open dispute, if there is one.
    function _openCase() internal returns (uint256 number) {
        number = _throw(cases.length);
        for (uint256 n; n < cases.length && cases[number].status != DisputeStatus.OPEN; ++n) {
            number = (number + 1) % cases.length;
        }
    }

    function resolve(uint256 seed) external step(seed) {
        if (_peaceful()) return;
        _resolveSome();
        if (_once(3)) _postSome();
        if (_once(3)) _resolveSome();
        if (_once(3)) _settleSome();
    }

    function _resolveSome() private {
        if (cases.length == 0) return;
        uint256 number = _openCase();
        Case memory c = cases[number];
        if (!_once(8)) _awaitDraw(c);
        Scene memory s = _scene(c.round);
        SignedVote[] memory votes = _randomVotes(s, c);
        (address[] memory yes, address[] memory no) = _tally(s, c, votes);
        bool open = c.status == DisputeStatus.OPEN && nowTime <= c.time + PANEL_TIME;
        bool fair = open && (yes.length >= 2 || no.length >= 2);
        bytes memory data =
            abi.encodeCall(court.resolve, (s.sweep, s.commit, c.index, c.subject, votes));
        _call(_anyone(), address(court), 0, data, fair);
        Made memory m = made[_madeAt(s, c.index)];
        bool slashed = _status(m.award.id) == AwardStatus.SLASHED;
        if (slashed && m.status != AwardStatus.SLASHED && no.length < 2) {
            _tick("slashed without a quorum");
        }
        if (!fair) return;
        if (yes.length >= 2) {
            _noteDismissed(s, c, yes);
            _close(s, number, DisputeStatus.DISMISSED);
            _tick("dismissed");
        } else {
            _noteRefuted(s, number, no);
        }
    }

    /// @dev Until the panel's seed is known.
    function _awaitDraw(Case memory c) private {
        if (height < c.height + 3) _go(0, c.height + 3 - height);
    }

    /// @dev Where another dispute slashed the award before, nobody is paid.
    function _noteRefuted(Scene memory s, uint256 number, address[] memory majority) private {
        Case memory c = cases[number];
        uint256 i = _madeAt(s, c.index);
        address token = s.sweep.terms.token;
        if (c.kind == DisputeKind.CHALLENGE) {
            _returnDeposit(c.accuser, token, _depositIn(token, made[i].award));
        }
        if (made[i].status == AwardStatus.DISPUTED) {
            _noteSlashed(s, c, majority);
        }
        _close(s, number, DisputeStatus.REFUTED);
        _tick("refuted");
    }

    /// @dev Of members, who may stay away, of strangers, and of members that vote twice or don't sign.
    function _randomVotes(Scene memory s, Case memory c)
        private
        returns (SignedVote[] memory votes)
    {
        address[] memory seats = _panelFor(s, c);
        votes = new SignedVote[](3 + seats.length);
        uint256 mood = _throw(5);
        uint256 count;
        if (_once(4)) votes[count++] = _vote(outsider, c.id, _once(2), outsider);
        if (_once(4) && seats[0] != address(0)) {
            votes[count++] = _vote(seats[0], c.id, _once(2), outsider);
        }
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i] == address(0) || _once(8)) continue;
            bool upheld = mood < 2 || mood == 4 && _once(2);
            votes[count++] = _vote(seats[i], c.id, upheld, seats[i]);
        }
        if (_once(4) && seats[1] != address(0)) {
            votes[count++] = _vote(seats[1], c.id, _once(2), seats[1]);
        }
        assembly ("memory-safe") {
            mstore(votes, count)
        }
    }

    function _vote(address who, bytes32 disputeId, bool upheld, address signer)
        private
        view
        returns (SignedVote memory)
    {
        return SignedVote(who, upheld, _sign(signer, _voteDigest(disputeId, upheld)));
    }

    /// @dev The seats on each side, in the order of the votes. A seat's first signed vote counts.
    function _tally(Scene memory s, Case memory c, SignedVote[] memory votes)
        private
        view
        returns (address[] memory yes, address[] memory no)
    {
        address[] memory seats = _panelFor(s, c);
        (yes, no) = (new address[](seats.length), new address[](seats.length));
        uint256 yeas;
        uint256 nays;
        for (uint256 n; n < votes.length; ++n) {
            SignedVote memory vote = votes[n];
            bytes memory signature = _sign(vote.validator, _voteDigest(c.id, vote.upheld));
            if (keccak256(signature) != keccak256(vote.signature)) continue;
            for (uint256 i; i < seats.length; ++i) {
                if (seats[i] != vote.validator) continue;
                seats[i] = address(0);
                if (vote.upheld) yes[yeas++] = vote.validator;
                else no[nays++] = vote.validator;
            }
        }
        assembly ("memory-safe") {
            mstore(yes, yeas)
            mstore(no, nays)
        }
    }

    function expireCase(uint256 seed) external step(seed) {
        if (_peaceful()) return;
        uint256 number = _openCase();
        // Panel after panel, as long as nobody loses patience.
        do {
            _expireOne(number);
        } while (cases[number].status == DisputeStatus.OPEN && _once(2));
    }

    function _expireOne(uint256 number) private {
        Case memory c = cases[number];
        _await(c.time + PANEL_TIME + 1);
        Scene memory s = _scene(c.round);
        bool over = nowTime > c.time + PANEL_TIME || randomness.lost(c.height, c.time);
        bool fair = c.status == DisputeStatus.OPEN && over;
        bytes memory data = abi.encodeCall(court.expire, (s.sweep, s.commit, c.index, c.subject));
        _call(_anyone(), address(court), 0, data, fair);
        if (fair) _noteNoQuorum(s, number);
        _go(0, _throw(4));
    }

    function _noteNoQuorum(Scene memory s, uint256 number) private {
        Case memory c = cases[number];
        if (c.panels < 2) {
            cases[number].panels = c.panels + 1;
            (cases[number].time, cases[number].height) = (nowTime, height);
            _tick("redrawn");
            return;
        }
        if (c.kind == DisputeKind.CHALLENGE) {
            Award memory claimed = s.commit.awards[c.index].award;
            address token = s.sweep.terms.token;
            uint256 lost = _panelFee(token, claimed.price);
            if (made[_madeAt(s, c.index)].status == AwardStatus.SLASHED) lost = 0;
            address[] memory nobody;
            _loseDeposit(c.accuser, token, lost, nobody, 0);
            _returnDeposit(c.accuser, token, _depositIn(token, claimed) - lost);
        }
        _close(s, number, DisputeStatus.LAPSED);
        _tick("lapsed");
    }

    // --- the end ---

    function settle(uint256 seed) external step(seed) {
        if (_idle()) return;
        _settleSome();
    }

    function _settleSome() private {
        uint256 round = _roundUpTo(AwardStatus.POSTED);
        _await(_scene(round).commit.time + WINDOW);
        Scene memory s = _scene(round);
        Brought memory brought = _bring(s);
        address caller = _once(3) ? _anyone() : s.commit.relayer;
        bool fair = _maySettle(s, brought);
        _toMarket(
            caller, abi.encodeCall(market.settle, (s.sweep, s.commit, brought.verdicts)), fair
        );
        _watchSettled(s, brought);
        if (fair) _noteSettlement(s, brought, caller);
    }

    /// @dev Counts what the market settled and no word upholds.
    function _watchSettled(Scene memory s, Brought memory brought) internal {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            bool before = made[_madeAt(s, index)].status == AwardStatus.SETTLED;
            if (before || _status(s.commit.awards[index].award.id) != AwardStatus.SETTLED) {
                continue;
            }
            if (!_ruling(s, index, brought.heard).upheld) _tick("unaudited");
        }
    }

    /// @dev Whether there is anything that these verdicts settle now.
    function _maySettle(Scene memory s, Brought memory brought) internal view returns (bool any) {
        if (s.d.seed == 0 || !brought.good || nowTime < s.commit.time + WINDOW) return false;
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (made[_madeAt(s, index)].status != AwardStatus.POSTED) continue;
            if (_ruling(s, index, brought.heard).upheld) any = true;
        }
    }

    function _noteSettlement(Scene memory s, Brought memory brought, address caller) internal {
        for (uint256 index; index < s.commit.awards.length; ++index) {
            if (made[_madeAt(s, index)].status != AwardStatus.POSTED) continue;
            Ruling memory ruling = _ruling(s, index, brought.heard);
            if (ruling.upheld) _noteSettled(s, index, ruling, caller);
        }
    }

    /// @dev What was posted or is just signed, for most shares.
    function _bring(Scene memory s) internal returns (Brought memory brought) {
        (brought.verdicts, brought.heard) =
        (new SignedVerdict[](s.d.shares), new bytes[](s.d.shares));
        brought.good = true;
        uint256 count;
        for (uint256 share; share < s.d.shares && s.d.seed != 0; ++share) {
            address judge = _holder(s, share, 0);
            if (judge == address(0) || _once(20)) continue;
            bool posted = _spoke(s, share, 0);
            bool summoned = summonedAt[s.d.commitId][share] != 0;
            bool wrong = _once(60);
            if (summoned && !posted && !wrong) continue;
            SignedVerdict memory verdict;
            if (posted && !wrong) {
                verdict = _word(s, share, 0);
                verdict.signature = "";
            } else {
                bytes memory answers =
                    _once(12) ? _randomAnswers(s, share) : _answers(s.d.sizes[share], 5);
                verdict = _say(s, share, answers, _once(60) ? _anyone() : judge);
                if (!_counts(s, verdict, judge)) brought.good = false;
            }
            brought.heard[share] = verdict.answers;
            brought.verdicts[count++] = verdict;
        }
        SignedVerdict[] memory verdicts = brought.verdicts;
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    /// @dev Whether a verdict is one that a settlement takes: the judge's, and none else was posted or had to be.
    function _counts(Scene memory s, SignedVerdict memory verdict, address judge)
        private
        view
        returns (bool)
    {
        uint256 share = verdict.share;
        if (!_wellFormed(s, share, verdict.answers)) return false;
        bytes32 hash = _verdictHash(s.d.commitId, verdict);
        if (_spoke(s, share, 0)) {
            return hash == _verdictHash(s.d.commitId, _word(s, share, 0));
        }
        if (summonedAt[s.d.commitId][share] != 0) return false;
        bytes memory signature = _sign(judge, _digest(address(court), hash));
        return keccak256(signature) == keccak256(verdict.signature);
    }

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

    function pin(uint256 seed) external step(seed) {
        if (_idle()) return;
        Scene memory s = _scene(_openRound());
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
