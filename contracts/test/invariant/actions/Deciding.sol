// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, DisputeKind, DisputeStatus, SignedVote} from "../../../src/types/Types.sol";
import {Committing} from "./Committing.sol";
import {DisputeBook} from "../ledger/DisputeBook.sol";

/// @notice Panels vote, or stay away until strangers give them up.
abstract contract Deciding is Committing, DisputeBook {
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
        (address[] memory yes, address[] memory no) = _tally(s, c, votes);
        bool open = c.status == DisputeStatus.OPEN && nowTime <= c.time + PANEL_TIME;
        bool fair = open && (yes.length >= 2 || no.length >= 2);
        bytes memory data =
            abi.encodeCall(court.resolve, (s.sweep, s.commit, c.index, c.subject, votes));
        _call(_anyone(), address(court), 0, data, fair);
        Made memory m = made[_madeAt(s, c.index)];
        bool slashed = _status(m.award.id) == AwardStatus.SLASHED;
        if (slashed && m.status != AwardStatus.SLASHED && no.length < 2) {
            _tick("no quorum");
        }
        if (!fair) return;
        if (yes.length >= 2) {
            _noteDismissed(s, c, yes);
            _close(s, number, DisputeStatus.DISMISSED);
        } else {
            _noteRefuted(s, number, no);
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

    /// @dev Of members, who may stay away, of strangers, and of members that vote twice or don't sign.
    function _randomVotes(Scene memory s, Case memory c)
        private
        returns (SignedVote[] memory votes)
    {
        address[] memory seats = _panelFor(s, c);
        votes = new SignedVote[](3 + seats.length);
        uint256 mood = _throw(5);
        uint256 most = c.kind == DisputeKind.WITHHELD ? 3 : 2;
        uint256 count;
        if (_once(4)) votes[count++] = _vote(outsider, c.id, _once(2), outsider);
        if (_once(4) && seats[0] != address(0)) {
            votes[count++] = _vote(seats[0], c.id, _once(2), outsider);
        }
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i] == address(0) || _once(8)) continue;
            bool upheld = mood < most || mood == 4 && _once(2);
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
}
