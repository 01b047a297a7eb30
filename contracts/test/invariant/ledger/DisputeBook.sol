// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    DisputeKind,
    DisputeStatus,
    Posted,
    SignedVerdict
} from "../../../src/types/Types.sol";
import {AwardBook} from "./AwardBook.sol";

/// @notice Posted verdicts, and disputes from what opens them to what ends them.
abstract contract DisputeBook is AwardBook {
    function _notePosted(Scene memory s, SignedVerdict memory verdict, uint256 seat, address holder)
        internal
    {
        uint256 share = verdict.share;
        bool first = seat != 0;
        for (uint256 before = 1; before <= 6; ++before) {
            if (_spoke(s, share, before)) first = false;
        }
        words[s.d.commitId][share][seat] = abi.encode(verdict);
        rounds[s.round].marked = true;
        if (seat != 0) _tick("substitutes");
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

    /// @dev A share's part of an award's audit fee.
    function _shareFee(Scene memory s, uint256 index, uint256 share)
        private
        pure
        returns (uint256)
    {
        uint256 answers;
        for (uint256 other; other < s.d.shares; ++other) {
            answers += _placesOf(s, index, other).length;
        }
        Posted memory posted = s.commit.awards[index];
        uint256 each = _fee(uint256(posted.award.price) * posted.done) / answers;
        return each * _placesOf(s, index, share).length;
    }

    function _noteCase(
        Scene memory s,
        uint256 index,
        uint256 subject,
        DisputeKind kind,
        address accuser
    ) internal {
        bytes32 id = _disputeId(s.d.commitId, s.commit.awards[index].award.id, subject);
        // Who says the same again joins.
        if (caseOf[id] != 0) return;
        cases.push();
        caseOf[id] = cases.length;
        Case storage c = cases[cases.length - 1];
        (c.round, c.index, c.subject, c.id) = (s.round, index, subject, id);
        (c.kind, c.status, c.accuser) = (kind, DisputeStatus.OPEN, accuser);
        (c.time, c.height) = (nowTime, height);
        uint256 i = _madeAt(s, index);
        c.place = i;
        ++made[i].open;
        if (made[i].status == AwardStatus.POSTED) _move(i, AwardStatus.DISPUTED);
        ++disputes[kind][DisputeStatus.OPEN];
    }

    /// @dev Ends a dispute and, with an award's last one, what hung on it.
    function _close(Scene memory s, uint256 number, DisputeStatus status) internal {
        Case memory c = cases[number];
        cases[number].status = status;
        ++disputes[c.kind][status];
        uint256 i = _madeAt(s, c.index);
        --made[i].open;
        bool judged = c.kind != DisputeKind.CHALLENGE;
        if (status == DisputeStatus.LAPSED && judged) made[i].lapsed = true;
        // Against a substitute a panel's word gives nothing to the share.
        bool heard = judged && _spoke(s, c.subject >> 32, 0);
        if (status == DisputeStatus.DISMISSED && heard) {
            clearedFor[made[i].award.id] |= uint256(1) << (c.subject >> 32);
        }
        if (status == DisputeStatus.REFUTED) return;
        if (made[i].open != 0 || made[i].status != AwardStatus.DISPUTED) return;
        if (made[i].lapsed) {
            _payPosted(s, c, false);
            _noteRefunded(s, c.index);
        } else {
            _move(i, AwardStatus.POSTED);
            _tick("restored");
        }
    }

    // --- how panels end a dispute ---

    /// @dev Who accused was wrong, and pays the panel.
    function _noteDismissed(Scene memory s, Case memory c, address[] memory majority) internal {
        Award memory award = s.commit.awards[c.index].award;
        address token = s.sweep.terms.token;
        uint256 panel = _panelFee(token, award.price);
        if (c.kind == DisputeKind.CHALLENGE) {
            uint256 deposit = _depositIn(token, award);
            _loseDeposit(c.accuser, token, deposit, majority, panel / majority.length);
            return;
        }
        bool withheld = c.kind == DisputeKind.WITHHELD;
        uint256 owed = _worthOf(token, withheld ? panel / 2 : panel);
        uint256 fine = withheld
            ? _worthOf(token, (_price(award) + 4) / 5 + panel / 2)
            : _max(owed, _fineIn(token, award));
        _fine(c.accuser, fine, majority, owed / majority.length);
        uint256 i = _madeAt(s, c.index);
        if (!withheld || !_isOpen(made[i].status)) return;
        if (made[i].docked) return _tick("spared");
        uint256 each = panel / 2 / majority.length;
        for (uint256 n; n < majority.length; ++n) {
            _payBond(i, majority[n], each);
        }
        _payBond(i, BURN, _dockedIn(token, award) - each * majority.length);
        made[i].docked = true;
        due[award.id].docked = _dockedIn(token, award);
        _tick("docked");
    }

    /// @dev Where another dispute slashed the award before, nobody is paid.
    function _noteRefuted(Scene memory s, uint256 number, address[] memory majority) internal {
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
    }

    /// @dev The seller was wrong: its bond pays the relayer, the panel, who judged and who challenged.
    function _noteSlashed(Scene memory s, Case memory c, address[] memory majority) private {
        uint256 i = _madeAt(s, c.index);
        address token = s.sweep.terms.token;
        _payRest(i, s.sweep.buyer);
        _payFromRest(i, s.commit.relayer, _termsOf(token).tip);
        for (uint256 n; n < majority.length; ++n) {
            _payFromRest(i, majority[n], _panelFee(token, made[i].award.price) / majority.length);
        }
        _payPosted(s, c, true);
        bytes32 id = made[i].award.id;
        uint256 bond = purses[id].bond;
        if (c.kind == DisputeKind.CHALLENGE) {
            _payFromRest(i, c.accuser, _depositIn(token, made[i].award) / 4);
        }
        uint256 left = bond - purses[id].bondPaid;
        _payBond(i, BURN, left);
        (due[id].refunded, due[id].burned) = (purses[id].pulled, left);
        due[id].slashed = bond - due[id].docked;
        _move(i, AwardStatus.SLASHED);
    }

    function _noteNoQuorum(Scene memory s, uint256 number) internal {
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
    }

    /// @dev Posted verdicts are paid as at the settlement, out of the bond of a slashed award, else out of the
    /// audit fee. Who disputed the award is paid only if it is just found right.
    function _payPosted(Scene memory s, Case memory c, bool slashed) private {
        if (s.d.seed == 0) return;
        uint256 i = _madeAt(s, c.index);
        for (uint256 share; share < s.d.shares; ++share) {
            uint256 fee = _shareFee(s, c.index, share);
            bool right = slashed && c.kind != DisputeKind.CHALLENGE && c.subject >> 32 == share;
            if (right) {
                _payPerson(i, c.accuser, fee, slashed);
            } else if (_spoke(s, share, 0)) {
                if (disputedBy[made[i].award.id] >> share & 1 == 1) continue;
                _payPerson(i, _holder(s, share, 0), fee, slashed);
            } else {
                (address first, address second) = _pair(s, c.index, share);
                if (first == address(0)) continue;
                _payPerson(i, first, fee / 2, slashed);
                _payPerson(i, second, fee / 2, slashed);
            }
        }
    }

    function _payPerson(uint256 i, address who, uint256 amount, bool slashed) private {
        if (slashed) _payFromRest(i, who, amount);
        else _pay(i, who, amount);
    }
}
