// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAuditCourt} from "./interfaces/IAuditCourt.sol";
import {Answers} from "./libraries/Answers.sol";
import {AuditDraw} from "./libraries/AuditDraw.sol";
import {Bonds} from "./libraries/Bonds.sol";
import {Ids} from "./libraries/Ids.sol";
import {Panels} from "./court/Panels.sol";
import {Records} from "./court/Records.sol";
import {Verdicts} from "./court/Verdicts.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Docket,
    Posted,
    Profile,
    SignedVote,
    Sweep,
    TokenTerms
} from "./types/Types.sol";

/// @title AuditCourt
/// @notice Challenges, and what follows from a panel's word or its silence.
/// @dev The contracts it calls and pays through credit balances and call nobody, and a signer that is a contract
/// is only ever asked by a static call: nothing can be re-entered.
contract AuditCourt is Verdicts, Panels {
    /// @dev A dispute and what it is about.
    /// @param deposit What a challenger locked.
    struct Case {
        bytes32 id;
        bytes32 awardId;
        uint256 index;
        uint256 subject;
        Dispute dispute;
        Docket docket;
        TokenTerms terms;
        uint256 panelFee;
        uint256 deposit;
    }

    /// @dev Who is to be paid how much, in this order.
    struct Bill {
        address[] payees;
        uint256[] amounts;
        uint256 lines;
    }

    uint256 private constant CHALLENGE = 1 << 255;
    uint256 private constant REDRAWS = 2;

    /// @param market_ The market whose awards it judges.
    /// @param validators_ The set that judges and panels are drawn from.
    /// @param randomness_ What answers the market's draws, and its own.
    /// @param profile_ The deployment's constants, the market's too.
    constructor(address market_, address validators_, address randomness_, Profile memory profile_)
        Records(market_, validators_, randomness_, profile_)
    {}

    /// @inheritdoc IAuditCourt
    function challenge(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 position
    ) external {
        Docket memory d = _docket(sweep, commit);
        Posted calldata posted = commit.awards[index];
        bytes32 awardId = posted.award.id;
        uint256 subject = CHALLENGE | position;
        if (position >= posted.done) revert AuditCourt_NoSuchSubject(awardId, subject);
        bytes32 id = Ids.disputeId(d.commitId, awardId, subject);
        uint256 end = MARKET.settleFrom(sweep.terms, commit.time);
        if (block.timestamp >= end) revert AuditCourt_TooLate(id, end - 1);
        if (!_isOpen(d.slots[index])) revert AuditCourt_NothingOpen(d.commitId);
        if (_disputes[id].status != DisputeStatus.NONE) revert AuditCourt_AlreadyDisputed(id);

        _open(d, index, awardId, subject, DisputeKind.CHALLENGE, msg.sender);
        _mark(d, commit);
        address token = sweep.terms.token;
        (, uint256 deposit) = _stakes(posted.award, MARKET.tokenTerms(token));
        MARKET.hold(msg.sender, token, deposit);
    }

    /// @inheritdoc IAuditCourt
    function resolve(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 subject,
        SignedVote[] calldata votes
    ) external {
        Case memory c = _case(sweep, commit, index, subject);
        uint256 by = c.dispute.time + PANEL_TIME;
        if (block.timestamp > by) revert AuditCourt_TooLate(c.id, by);
        address[] memory seats = _panel(sweep, commit, c.id, c.dispute);
        (uint256 outcome, address[] memory majority) = _count(c.id, c.dispute.round, seats, votes);

        bool upheld = outcome == Answers.UPHELD;
        _end(c, upheld ? DisputeStatus.DISMISSED : DisputeStatus.REFUTED);
        // What a panel could not get is no word against who could; what follows here is by the kind it had.
        if (outcome == Answers.UNAVAILABLE) _disputes[c.id].kind = DisputeKind.WITHHELD;
        (uint256 tokens, uint256 coins) =
            upheld ? _dismiss(sweep, commit, c, majority) : _refute(sweep, commit, c, majority);
        if (tokens == 0 && coins == 0) majority = new address[](0);
        emit DisputeResolved(c.id, uint8(outcome), majority, tokens, coins);
    }

    /// @inheritdoc IAuditCourt
    function expire(Sweep calldata sweep, Commit calldata commit, uint256 index, uint256 subject)
        external
    {
        Case memory c = _case(sweep, commit, index, subject);
        Dispute memory before = c.dispute;
        uint256 by = before.time + PANEL_TIME;
        bool over = block.timestamp > by || RANDOMNESS.lost(_height(before), before.time);
        if (!over) revert AuditCourt_TooEarly(c.id, by + 1);

        if (before.round < REDRAWS) {
            Dispute storage open = _disputes[c.id];
            open.round = before.round + 1;
            (open.time, open.blockNumber) = (uint40(block.timestamp), uint32(block.number));
            emit PanelRedrawn(c.id, before.round + 1);
            return;
        }
        _end(c, DisputeStatus.LAPSED);
        emit DisputeLapsed(c.id);
        if (before.kind == DisputeKind.CHALLENGE) {
            // Where the award is slashed already, its panel had nothing to find out any more.
            uint256 lost = _slashed(c) ? 0 : c.panelFee;
            _release(sweep.terms.token, c, c.deposit - lost, new address[](0), 0);
        }
        _close(sweep, commit, c);
    }

    // --- cases ---

    /// @dev An open dispute.
    function _case(Sweep calldata sweep, Commit calldata commit, uint256 index, uint256 subject)
        private
        returns (Case memory c)
    {
        c.docket = _docket(sweep, commit);
        Award calldata award = commit.awards[index].award;
        (c.awardId, c.index, c.subject) = (award.id, index, subject);
        c.id = Ids.disputeId(c.docket.commitId, award.id, subject);
        c.dispute = _disputes[c.id];
        if (c.dispute.status != DisputeStatus.OPEN) revert AuditCourt_NotOpen(c.id);
        c.terms = MARKET.tokenTerms(sweep.terms.token);
        (c.panelFee, c.deposit) = _stakes(award, c.terms);
    }

    function _stakes(Award calldata award, TokenTerms memory terms)
        private
        view
        returns (uint256 panelFee, uint256 deposit)
    {
        panelFee = Bonds.panelFee(SEATS, award.price, terms.panelFloor);
        deposit = Bonds.deposit(_price(award), panelFee);
    }

    function _price(Award calldata award) private pure returns (uint256) {
        return uint256(award.price) * award.segments;
    }

    /// @dev An open dispute's award is disputed, unless another dispute slashed it.
    function _slashed(Case memory c) private pure returns (bool) {
        return Ids.statusOf(c.docket.slots[c.index]) == AwardStatus.SLASHED;
    }

    function _end(Case memory c, DisputeStatus status) private {
        _disputes[c.id].status = status;
        Record storage record = _records[c.docket.commitId][c.awardId];
        --record.open;
        if (c.dispute.kind == DisputeKind.CHALLENGE) return;
        uint8 share_ = _shareOf(c);
        if (status == DisputeStatus.LAPSED) record.lapsed = true;
        // Against a substitute a panel's word makes only that seat's void: else one of them could have a
        // good item upheld to clear all others.
        bool judged = _standings[c.docket.commitId][share_].seats & 1 != 0;
        if (judged && status == DisputeStatus.DISMISSED) record.cleared |= uint8(2 ** share_);
    }

    /// @dev The share whose verdict opened a dispute that is no challenge.
    function _shareOf(Case memory c) private pure returns (uint8) {
        return uint8(c.subject >> 32);
    }

    // --- what a dispute ends in ---

    /// @dev The award goes on as it was, and the panel is paid by who accused.
    function _dismiss(
        Sweep calldata sweep,
        Commit calldata commit,
        Case memory c,
        address[] memory majority
    ) private returns (uint256 tokens, uint256 coins) {
        if (c.dispute.kind == DisputeKind.CHALLENGE) {
            tokens = c.panelFee / majority.length;
            _release(sweep.terms.token, c, 0, majority, tokens);
        } else {
            (tokens, coins) = _fine(sweep, commit.awards[c.index].award, c, majority);
        }
        _close(sweep, commit, c);
    }

    /// @dev A judge that refuted was wrong. Of one that could not get the item and a seller that may have kept it
    /// waiting nobody can tell who was: both pay the panel, and are burned something besides.
    function _fine(
        Sweep calldata sweep,
        Award calldata award,
        Case memory c,
        address[] memory majority
    ) private returns (uint256 tokens, uint256 coins) {
        (uint256 least, uint256 cap) = (VALIDATORS.leastBond(), c.terms.cap);
        bool withheld = c.dispute.kind == DisputeKind.WITHHELD;
        uint256 owed = Bonds.worth(withheld ? c.panelFee / 2 : c.panelFee, least, cap);
        uint256 fine = withheld
            ? Bonds.worth(Bonds.accusersPart(_price(award), c.panelFee), least, cap)
            : Math.max(owed, Bonds.fine(_price(award), least, cap));
        coins = VALIDATORS.fine(c.dispute.accuser, fine, majority, owed / majority.length);
        if (withheld) tokens = MARKET.dock(sweep, award, majority);
    }

    /// @dev The seller was wrong, and its bond pays. Another dispute may have taken it before: then nobody is
    /// paid, and a challenger has its deposit back.
    function _refute(
        Sweep calldata sweep,
        Commit calldata commit,
        Case memory c,
        address[] memory majority
    ) private returns (uint256 tokens, uint256 coins) {
        bool challenged = c.dispute.kind == DisputeKind.CHALLENGE;
        if (challenged) _release(sweep.terms.token, c, c.deposit, new address[](0), 0);
        if (_slashed(c)) return (0, 0);
        Award calldata award = commit.awards[c.index].award;
        tokens = c.panelFee / majority.length;

        Bill memory bill = _bill(majority.length);
        for (uint256 i; i < majority.length; ++i) {
            _owe(bill, majority[i], tokens);
        }
        _oweVerdicts(sweep, commit, c, bill, true);
        if (challenged) _owe(bill, c.dispute.accuser, Bonds.challengersPart(c.deposit));
        (address[] memory payees, uint256[] memory amounts) = _lines(bill);
        MARKET.slash(sweep, award, commit.relayer, payees, amounts);
    }

    /// @dev With the last dispute of a disputed award: it goes on, unless a verdict's dispute found no panel.
    function _close(Sweep calldata sweep, Commit calldata commit, Case memory c) private {
        Record memory record = _records[c.docket.commitId][c.awardId];
        if (record.open != 0 || _slashed(c)) return;
        if (!record.lapsed) {
            MARKET.restore(c.awardId);
            return;
        }
        Bill memory bill = _bill(0);
        _oweVerdicts(sweep, commit, c, bill, false);
        (address[] memory payees, uint256[] memory amounts) = _lines(bill);
        MARKET.refund(sweep, commit.awards[c.index].award, commit.relayer, payees, amounts);
    }

    function _release(
        address token,
        Case memory c,
        uint256 back,
        address[] memory payees,
        uint256 each
    ) private {
        MARKET.release(c.dispute.accuser, token, c.deposit, back, payees, each);
    }

    // --- bills ---

    /// @dev Room for so many, two for each share, and a challenger.
    function _bill(uint256 payees) private pure returns (Bill memory) {
        uint256 most = payees + 2 * AuditDraw.MOST_SHARES + 1;
        return Bill(new address[](most), new uint256[](most), 0);
    }

    function _owe(Bill memory bill, address who, uint256 amount) private pure {
        if (amount == 0) return;
        (bill.payees[bill.lines], bill.amounts[bill.lines]) = (who, amount);
        ++bill.lines;
    }

    function _lines(Bill memory bill)
        private
        pure
        returns (address[] memory payees, uint256[] memory amounts)
    {
        (payees, amounts) = (bill.payees, bill.amounts);
        uint256 lines = bill.lines;
        assembly ("memory-safe") {
            mstore(payees, lines)
            mstore(amounts, lines)
        }
    }

    /// @dev What each share's posted verdict earns on the award, as `settle` would pay it. Who refuted it earns
    /// nothing, unless it is just found right: nobody said so of a dispute that is open, dismissed or lapsed.
    function _oweVerdicts(
        Sweep calldata sweep,
        Commit calldata commit,
        Case memory c,
        Bill memory bill,
        bool refuted
    ) private view {
        Docket memory d = c.docket;
        if (d.seed == 0) return;
        bool judged = refuted && c.dispute.kind != DisputeKind.CHALLENGE;
        for (uint8 i; i < d.shares; ++i) {
            uint256 fee = _fee(commit.awards[c.index], d, c.index, i);
            if (judged && i == _shareOf(c)) {
                _owe(bill, c.dispute.accuser, fee);
            } else if (_standings[d.commitId][i].seats & 1 == 0) {
                _oweStandIns(sweep, commit, c, bill, i, fee);
            } else if (_records[d.commitId][c.awardId].disputed >> i & 1 == 0) {
                _owe(bill, _judge(sweep, commit, d.seed, i), fee);
            }
        }
    }

    function _oweStandIns(
        Sweep calldata sweep,
        Commit calldata commit,
        Case memory c,
        Bill memory bill,
        uint8 share_,
        uint256 fee
    ) private view {
        Docket memory d = c.docket;
        uint256 upholders = _upholders(d.commitId, c.awardId, share_);
        (address first, address second) =
            _standIns(sweep, commit, d.commitId, d.seed, share_, upholders);
        if (second == address(0)) return;
        _owe(bill, first, fee / 2);
        _owe(bill, second, fee / 2);
    }
}
