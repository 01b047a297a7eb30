// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeKind,
    DisputeStatus,
    SignedVote,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

contract PanelTest is Courtroom {
    /// @dev The judge of share 1 refutes this one; the first award's.
    uint256 private subject;
    uint256 private other;

    function setUp() public override {
        super.setUp();
        subject = _subjectAt(0, 1, 2);
        other = _subjectAt(0, 2, 1);
        _refutes(subject);
    }

    function _id() private view returns (bytes32) {
        return _idOf(0, subject);
    }

    function _refuse(uint256 about, SignedVote[] memory votes, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.resolve(sweep, commit, 0, about, votes);
    }

    function _refuseExpiry(uint256 about, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.expire(sweep, commit, 0, about);
    }

    function _noQuorum(uint256 upheld, uint256 refuted) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, upheld, refuted, 2);
    }

    function _notOpen(uint256 about) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _idOf(0, about));
    }

    // --- resolve ---

    function test_a_subject_nobody_disputes_is_refused() public {
        _refuse(other, new SignedVote[](0), _notOpen(other));
        _refuse(CHALLENGE | 1, new SignedVote[](0), _notOpen(CHALLENGE | 1));
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _idOf(1, subject))
        );
        court.resolve(sweep, commit, 1, subject, new SignedVote[](0));
    }

    function test_a_dispute_is_decided_once() public {
        SignedVote[] memory votes = _vote(0, subject, false);
        court.resolve(sweep, _case(), 0, subject, votes);
        _refuse(subject, votes, _notOpen(subject));
        _refuseExpiry(subject, _notOpen(subject));
    }

    function test_the_panel_has_its_time() public {
        SignedVote[] memory votes = _vote(0, subject, true);
        uint256 by = _disputeOf(0, subject).time + PANEL_TIME;
        _pass(by - nowTime);
        uint256 state = vm.snapshotState();
        court.resolve(sweep, _case(), 0, subject, votes);
        vm.revertToState(state);
        _pass(1);
        _refuse(
            subject,
            votes,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_TooLate.selector, _id(), by)
        );
    }

    function test_the_panel_is_drawn_by_a_later_block() public {
        _post(_refutation(sweep, _case(), other), 0);
        bytes memory refusal =
            abi.encodeWithSelector(IAuditCourt.AuditCourt_SeedUnknown.selector, height);
        _refuse(other, new SignedVote[](0), refusal);
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.panelOf(sweep, commit, 0, other);
    }

    function test_no_votes_decide_nothing() public {
        _refuse(subject, new SignedVote[](0), _noQuorum(0, 0));
    }

    function test_badly_signed_votes_decide_nothing() public {
        SignedVote[] memory votes = _vote(0, subject, true);
        for (uint256 i; i < votes.length; ++i) {
            votes[i].outcome = REFUTED;
        }
        _refuse(subject, votes, _noQuorum(0, 0));
    }

    function test_a_badly_signed_vote_stops_no_panel() public {
        SignedVote[] memory good = _vote(0, subject, true);
        SignedVote[] memory votes = new SignedVote[](4);
        votes[0] = SignedVote(good[0].validator, REFUTED, good[0].signature);
        for (uint256 i; i < 3; ++i) {
            votes[i + 1] = good[i];
        }
        court.resolve(sweep, _case(), 0, subject, votes);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.DISMISSED);
    }

    /// @dev One who sits, if it sits once.
    function _oneSeat() private view returns (bool found, address who) {
        address[] memory seats = _panel(0, subject);
        for (uint256 i; i < seats.length; ++i) {
            if (_seatsOf(seats[i], seats) == 1) return (true, seats[i]);
        }
    }

    function test_strangers_and_second_votes_count_nothing() public {
        address[] memory seats = _panel(0, subject);
        (bool found, address who) = _oneSeat();
        vm.assertTrue(found);
        address stranger = judges[0];
        for (uint256 i; _seatsOf(stranger, seats) != 0; ++i) {
            stranger = judges[i];
        }
        address[] memory voters = new address[](5);
        (voters[0], voters[1], voters[2]) = (who, who, stranger);
        (voters[3], voters[4]) = (_seat(1, 0), relayer);
        _refuse(subject, _votes(voters, _id(), true), _noQuorum(1, 0));
        _refuse(subject, _votes(voters, _id(), false), _noQuorum(0, 1));
    }

    function test_of_two_votes_of_one_member_the_first_counts() public {
        (, address who) = _oneSeat();
        SignedVote[] memory votes = new SignedVote[](2);
        votes[0] = _voteOf(who, _id(), UPHELD);
        votes[1] = _voteOf(who, _id(), REFUTED);
        _refuse(subject, votes, _noQuorum(1, 0));
    }

    function test_what_is_none_of_the_three_answers_counts_nothing() public {
        address[] memory seats = _panel(0, subject);
        uint8[4] memory others = [3, 4, 128, 255];
        for (uint256 i; i < others.length; ++i) {
            _refuse(subject, _votes(seats, _id(), others[i]), _noQuorum(0, 0));
        }
    }

    /// @dev A member that sits once says something else than the two other seats.
    function _split(uint8 one, uint8 rest) private view returns (SignedVote[] memory votes) {
        (bool found, address who) = _oneSeat();
        vm.assertTrue(found);
        votes = _votes(_panel(0, subject), _id(), rest);
        for (uint256 i; i < votes.length; ++i) {
            if (votes[i].validator == who) votes[i] = _voteOf(who, _id(), one);
        }
    }

    function _decides(SignedVote[] memory votes, DisputeStatus status, DisputeKind kind) private {
        uint256 state = vm.snapshotState();
        court.resolve(sweep, _case(), 0, subject, votes);
        Dispute memory ended = _disputeOf(0, subject);
        vm.assertTrue(ended.status == status);
        vm.assertTrue(ended.kind == kind);
        vm.revertToState(state);
    }

    function test_a_quorum_that_refutes_is_needed_beside_those_that_could_not_get_it() public {
        DisputeStatus refuted = DisputeStatus.REFUTED;
        _decides(_split(UNAVAILABLE, REFUTED), refuted, DisputeKind.REFUTATION);
        _decides(_split(REFUTED, UNAVAILABLE), refuted, DisputeKind.WITHHELD);
        _decides(_split(UPHELD, REFUTED), refuted, DisputeKind.REFUTATION);
        _decides(_split(UPHELD, UNAVAILABLE), refuted, DisputeKind.WITHHELD);
        _decides(_split(UNAVAILABLE, UPHELD), DisputeStatus.DISMISSED, DisputeKind.REFUTATION);
    }

    function test_refuted_and_unavailable_are_one_side() public {
        SignedVote[] memory votes = _split(REFUTED, UNAVAILABLE);
        address[] memory seats = _panel(0, subject);
        court.resolve(sweep, _case(), 0, subject, votes);
        uint256 each = _panelFee(_awardAt(0)) / 3;
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(_free(seats[i]), each * _seatsOf(seats[i], seats));
        }
        _assertBooks();
    }

    function test_only_the_majority_is_paid() public {
        address[] memory seats = _panel(0, subject);
        (bool found, address who) = _oneSeat();
        vm.assertTrue(found);
        SignedVote[] memory votes = _vote(0, subject, false);
        for (uint256 i; i < 3; ++i) {
            if (seats[i] != who) continue;
            votes[i] = _voteOf(who, _id(), UPHELD);
        }
        court.resolve(sweep, _case(), 0, subject, votes);
        vm.assertEq(_free(who), 0);
        uint256 each = _panelFee(_awardAt(0)) / 2;
        for (uint256 i; i < 3; ++i) {
            if (seats[i] == who || seats[i] == _seat(1, 0)) continue;
            vm.assertEq(_free(seats[i]), each * _seatsOf(seats[i], seats));
        }
        _assertBooks();
    }

    // --- expire ---

    function test_another_panel_is_drawn_when_the_time_is_over() public {
        uint256 by = _disputeOf(0, subject).time + PANEL_TIME;
        _pass(by - nowTime);
        _refuseExpiry(
            subject, abi.encodeWithSelector(IAuditCourt.AuditCourt_TooEarly.selector, _id(), by + 1)
        );
        _pass(1);
        Commit memory commit = _case();
        vm.expectEmit(address(court));
        emit IAuditCourt.PanelRedrawn(_id(), 1);
        court.expire(sweep, commit, 0, subject);

        Dispute memory again = _disputeOf(0, subject);
        vm.assertTrue(again.status == DisputeStatus.OPEN);
        vm.assertEq(again.round, 1);
        vm.assertEq(again.time, nowTime);
        vm.assertEq(again.blockNumber, height);
        vm.assertEq(again.accuser, _seat(1, 0));
        _statusAt(0, AwardStatus.DISPUTED);
        _mine(3);
        _pass(PANEL_TIME - 3);
        _resolve(0, subject, false);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    /// @dev What the panel says in a round, whichever it is called in.
    function _votesIn(uint8 round) private view returns (SignedVote[] memory votes) {
        votes = _vote(0, subject, false);
        for (uint256 i; i < votes.length; ++i) {
            address who = votes[i].validator;
            votes[i].signature = _sign(who, _voteDigest(_id(), round, REFUTED));
        }
    }

    function test_a_vote_of_another_round_counts_nothing() public {
        _refuse(subject, _votesIn(1), _noQuorum(0, 0));
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _mine(3);
        // Not even of those that sit again.
        _refuse(subject, _votesIn(0), _noQuorum(0, 0));
        _refuse(subject, _votesIn(2), _noQuorum(0, 0));
        court.resolve(sweep, _case(), 0, subject, _votesIn(1));
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.REFUTED);
    }

    function test_a_panel_whose_seed_is_lost_is_drawn_anew_at_once() public {
        height += 10_000;
        _mine(1);
        vm.assertEq(court.dispute(_id()).time, nowTime);
        _expire(0, subject);
        vm.assertEq(_disputeOf(0, subject).round, 1);
        _refuseExpiry(
            subject,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_TooEarly.selector, _id(), nowTime + PANEL_TIME + 1
            )
        );
        _mine(3);
        _resolve(0, subject, true);
        _statusAt(0, AwardStatus.POSTED);
    }

    function test_three_panels_that_do_not_decide_end_in_a_refund() public {
        Award memory award = _awardAt(0);
        _post(_upheld(0, 0), 0);
        for (uint256 i; i < 2; ++i) {
            _pass(PANEL_TIME + 1);
            _expire(0, subject);
        }
        vm.assertEq(_disputeOf(0, subject).round, 2);
        _pass(PANEL_TIME + 1);
        // Who refuted is not paid for what nobody confirmed; the judge of share 0 is.
        uint256 fees = _feeOf(0, 0);
        Commit memory commit = _case();
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeLapsed(_id());
        vm.expectEmit(address(market));
        emit ISweepMarket.Refunded(award.id, fees);
        court.expire(sweep, commit, 0, subject);

        _statusAt(0, AwardStatus.REFUNDED);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.LAPSED);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_free(buyer), _cost(award) - TIP - fees);
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(_seat(0, 0)), fees);
        vm.assertEq(_bonded(_seat(1, 0)), LEAST_BOND);
        _assertBooks();
    }

    function test_only_an_open_dispute_lapses() public {
        _pass(PANEL_TIME + 1);
        _refuseExpiry(other, _notOpen(other));
        _expire(0, subject);
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _refuseExpiry(subject, _notOpen(subject));
    }

    function test_a_lapsed_dispute_waits_for_the_others() public {
        _pass(3 * PANEL_TIME);
        _expire(0, subject);
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _pass(PANEL_TIME);
        _refutes(other);
        _pass(1);
        _expire(0, subject);
        _statusAt(0, AwardStatus.DISPUTED);
        _resolve(0, other, true);
        _statusAt(0, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
        _assertBooks();
    }

    function test_a_lapsed_dispute_does_not_save_from_another() public {
        _lapseBeside();
        _resolve(0, other, false);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    /// @dev The first dispute lapses while the other one is open.
    function _lapseBeside() private {
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _refutes(other);
        _pass(PANEL_TIME);
        _mine(3);
        _pass(1);
        _expire(0, subject);
        _expire(0, other);
        _mine(3);
    }

    function test_a_dispute_may_lapse_after_a_slash() public {
        _refutes(other);
        _resolve(0, other, false);
        _lapse(0, subject);
        _statusAt(0, AwardStatus.SLASHED);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.LAPSED);
        _assertBooks();
    }

    // --- panelOf ---

    function test_a_panel_needs_a_dispute() public {
        Commit memory commit = _case();
        bytes memory refusal = _notOpen(other);
        vm.expectRevert(refusal);
        court.panelOf(sweep, commit, 0, other);
    }

    /// @dev All bond the same, and the buyer and the sellers are no validators.
    function _walk(uint256 about) private view returns (address[] memory seats) {
        Dispute memory called = _disputeOf(0, about);
        uint256 drawn = height - uint32(height - called.blockNumber) + DRAW_DELAY;
        bytes32 seed = keccak256(abi.encode(keccak256(abi.encode("block", drawn)), _idOf(0, about)));
        seats = new address[](3);
        uint256 skip = 12;
        for (uint256 i; i < 12; ++i) {
            if (judges[i] == called.accuser) skip = i;
        }
        for (uint256 i; i < 3; ++i) {
            uint256 others = skip == 12 ? 12 : 11;
            uint256 place = _draw(seed, 4, 0, i) % (others * LEAST_BOND) / LEAST_BOND;
            seats[i] = judges[place < skip ? place : place + 1];
        }
    }

    function test_a_panel_is_as_a_plain_walk_says() public {
        vm.assertEq(_panel(0, subject), _walk(subject));
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _mine(3);
        vm.assertEq(_panel(0, subject), _walk(subject));
    }

    function test_a_challenges_panel_may_seat_any_judge() public {
        (Sweep memory s, Commit memory c) = _posted(60, 2);
        _bring(s, c);
        uint256 about = _challenge(sellers[5], 0, 7);
        vm.assertEq(_panel(0, about), _walk(about));
    }

    function test_a_challenger_does_not_sit_on_its_panel() public {
        vm.deal(judges[3], 1_000_000 ether);
        _bondValidator(judges[3], 100_000 ether, 24);
        _deposit(judges[3], NATIVE, 1 ether);
        _pass(EPOCH);
        (Sweep memory s, Commit memory c) = _posted(60, 2);
        _bring(s, c);
        uint256 mine = _challenge(judges[3], 0, 7);
        uint256 others = _challenge(sellers[5], 0, 8);
        vm.assertEq(_seatsOf(judges[3], _panel(0, mine)), 0);
        vm.assertEq(_seatsOf(judges[3], _panel(0, others)), 3);
    }

    function test_fuzz_a_panel_has_no_party_and_not_the_judge(bytes32 spec) public {
        Sweep memory s = _sweep();
        s.specHash = spec;
        Award[] memory awards = _award(s, _offers(s, 60, 2));
        _bondValidator(sellers[1], 500 ether, 24);
        _bondValidator(buyer, 500 ether, 24);
        _pass(EPOCH);
        _bring(s, _commit(s, _submissions(awards)));
        _mine(3);
        uint256 about = _subjectAt(0, 0, 0);
        _refutes(about);
        address[] memory seats = _panel(0, about);
        vm.assertEq(seats.length, 3);
        for (uint256 i; i < 3; ++i) {
            vm.assertNotEq(seats[i], _seat(0, 0));
            vm.assertNotEq(seats[i], buyer);
            vm.assertNotEq(seats[i], sellers[1]);
            vm.assertNotEq(validators.validator(seats[i]).bond, 0);
        }
    }

    function test_panels_go_on_past_32_bits_of_blocks() public {
        height = 2 ** 32 - 12;
        _mine(1);
        (Sweep memory s, Commit memory c) = _posted(60, 2);
        _bring(s, c);
        uint256 before = _subjectAt(0, 0, 0);
        _refutes(before);
        vm.assertGt(_disputeOf(0, before).blockNumber, 2 ** 31);
        _mine(8);
        vm.assertGt(height, 2 ** 32);
        vm.assertEq(_panel(0, before), _walk(before));
        uint256 past = _subjectAt(0, 1, 0);
        _refutes(past);
        vm.assertLt(_disputeOf(0, past).blockNumber, 100);
        vm.assertEq(_panel(0, past), _walk(past));
        _resolve(0, before, true);
        _resolve(0, past, true);
        _statusAt(0, AwardStatus.POSTED);
    }
}
