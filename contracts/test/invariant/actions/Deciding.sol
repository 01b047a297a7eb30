// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, DisputeKind, DisputeStatus, SignedVote} from "../../../src/types/Types.sol";
import {Committing} from "./Committing.sol";
import {DisputeBook} from "../ledger/DisputeBook.sol";

/// @notice Panels vote, or stay away until strangers give them up.
abstract contract Deciding is Committing, DisputeBook {
    /// @dev The seats on each side, in the order of the votes, and how many of the second saw a difference.
    struct Ballot {
        address[] yes;
        address[] no;
        uint256 yeas;
        uint256 nays;
        uint256 refuted;
    }

    function expireCase(uint256 seed) external step(seed) {
        if (_peaceful()) return;
        uint256 number = _openCase();
        // Panel after panel, as long as nobody loses patience.
        do {
            _expireOne(number);
        } while (cases[number].status == DisputeStatus.OPEN && !_once(8));
    }

    function _expireOne(uint256 number) private {
        Case memory c = cases[number];
        // Who gives a panel up has mostly waited for it.
        _await(c.time + PANEL_TIME + 1);
        _await(c.time + PANEL_TIME + 1);
        Scene memory s = _scene(c.round);
        bool over = nowTime > c.time + PANEL_TIME || randomness.lost(c.height, c.time);
        bool fair = c.status == DisputeStatus.OPEN && over;
        bytes memory data = abi.encodeCall(court.expire, (s.sweep, s.commit, c.index, c.subject));
        _call(_anyone(), address(court), 0, data, fair);
        if (fair) _noteNoQuorum(s, number);
        _go(0, _throw(4));
    }

    function _resolveSome() internal {
        if (cases.length == 0) return;
        uint256 number = _openCase();
        Case memory c = cases[number];
        if (!_once(8)) _awaitDraw(c);
        Scene memory s = _scene(c.round);
        SignedVote[] memory votes = _randomVotes(s, c);
        Ballot memory b = _tally(s, c, votes);
        bool open = c.status == DisputeStatus.OPEN && nowTime <= c.time + PANEL_TIME;
        bool fair = open && (b.yeas >= 2 || b.nays >= 2);
        bytes memory data =
            abi.encodeCall(court.resolve, (s.sweep, s.commit, c.index, c.subject, votes));
        _call(_anyone(), address(court), 0, data, fair);
        Made memory m = made[_madeAt(s, c.index)];
        bool slashed = _status(m.award.id) == AwardStatus.SLASHED;
        if (slashed && m.status != AwardStatus.SLASHED && b.nays < 2) {
            _tick("no quorum");
        }
        if (!fair) return;
        if (b.yeas >= 2) {
            _noteDismissed(s, c, b.yes);
            _close(s, number, DisputeStatus.DISMISSED);
        } else {
            _noteRefuted(s, number, b.no);
            if (b.refuted < 2) {
                cases[number].kind = DisputeKind.WITHHELD;
                _tick("starved");
            }
        }
    }

    /// @dev Until the panel's seed is known.
    function _awaitDraw(Case memory c) private {
        if (height < c.height + 3) _go(0, c.height + 3 - height);
    }

    /// @dev Whether there is nothing that a panel could decide; then there may soon be.
    function _peaceful() internal returns (bool) {
        for (uint256 n; n < cases.length; ++n) {
            if (cases[n].status == DisputeStatus.OPEN) return false;
        }
        if (cases.length != 0 && _once(10)) return false;
        _commitSome();
        return true;
    }

    /// @dev An open dispute, if there is one.
    function _openCase() internal returns (uint256 number) {
        number = _once(2) ? cases.length - 1 : _throw(cases.length);
        for (uint256 n; n < cases.length && cases[number].status != DisputeStatus.OPEN; ++n) {
            number = (number + 1) % cases.length;
        }
    }

    // --- votes ---

    /// @dev Of members, who may stay away or could not get something, of strangers, of another round, and of members
    /// that vote twice, don't sign, or say what is no vote.
    function _randomVotes(Scene memory s, Case memory c)
        private
        returns (SignedVote[] memory votes)
    {
        address[] memory seats = _panelFor(s, c);
        votes = new SignedVote[](4 + seats.length);
        uint256 mood = _throw(5);
        uint256 most = c.kind == DisputeKind.WITHHELD ? 3 : 2;
        uint256 count;
        if (_once(4)) votes[count++] = _vote(c, outsider, c.panels, _throw(4), outsider);
        if (_once(4) && seats[0] != address(0)) {
            votes[count++] = _vote(c, seats[0], c.panels, _throw(4), outsider);
        }
        if (_once(4) && seats[2] != address(0)) {
            votes[count++] = _vote(c, seats[2], (c.panels + 1) % 3, _throw(4), seats[2]);
        }
        bool starved = _once(3);
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i] == address(0) || _once(8)) continue;
            bool upheld = mood < most || mood == 4 && _once(2);
            uint256 outcome = upheld ? UPHELD : REFUTED;
            if (!upheld && starved && _once(2)) outcome = UNAVAILABLE;
            if (_once(32)) outcome = 3;
            votes[count++] = _vote(c, seats[i], c.panels, outcome, seats[i]);
        }
        if (_once(4) && seats[1] != address(0)) {
            votes[count++] = _vote(c, seats[1], c.panels, _throw(3), seats[1]);
        }
        assembly ("memory-safe") {
            mstore(votes, count)
        }
    }

    function _vote(Case memory c, address who, uint256 round, uint256 outcome, address signer)
        private
        view
        returns (SignedVote memory)
    {
        bytes32 digest = _voteDigest(c.id, uint8(round), uint8(outcome));
        return SignedVote(who, uint8(outcome), _sign(signer, digest));
    }

    /// @dev A seat's first signed vote of its round counts.
    function _tally(Scene memory s, Case memory c, SignedVote[] memory votes)
        private
        view
        returns (Ballot memory b)
    {
        address[] memory seats = _panelFor(s, c);
        (b.yes, b.no) = (new address[](seats.length), new address[](seats.length));
        for (uint256 n; n < votes.length; ++n) {
            SignedVote memory cast = votes[n];
            if (cast.outcome > REFUTED) continue;
            bytes32 digest = _voteDigest(c.id, uint8(c.panels), cast.outcome);
            bytes memory signature = _sign(cast.validator, digest);
            if (keccak256(signature) != keccak256(cast.signature)) continue;
            for (uint256 i; i < seats.length; ++i) {
                if (seats[i] != cast.validator) continue;
                seats[i] = address(0);
                if (cast.outcome == UPHELD) b.yes[b.yeas++] = cast.validator;
                else b.no[b.nays++] = cast.validator;
                if (cast.outcome == REFUTED) ++b.refuted;
            }
        }
        (address[] memory yes, address[] memory no) = (b.yes, b.no);
        (uint256 yeas, uint256 nays) = (b.yeas, b.nays);
        assembly ("memory-safe") {
            mstore(yes, yeas)
            mstore(no, nays)
        }
    }
}
