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
    SignedVerdict,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

contract ChallengeTest is Courtroom {
    address private challenger;

    function setUp() public override {
        super.setUp();
        challenger = sellers[5];
    }

    function _refuse(uint256 index, uint256 position, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        vm.prank(challenger);
        court.challenge(sweep, commit, index, position);
    }

    function _deposit() private view returns (uint256) {
        return _depositOf(_awardAt(0));
    }

    function _challenge(uint256 position) private returns (uint256 subject) {
        return _challenge(challenger, 0, position);
    }

    /// @dev A commit of this block, whose seed nobody knows yet.
    function _fresh() private {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        _bring(other, _commit(other, _submissions(_award(other, _offers(other, 60, 2)))));
    }

    // --- refusals ---

    function test_fuzz_a_segment_past_those_done_is_refused(uint256 position) public {
        uint256 done = _case().awards[0].done;
        position = bound(position, done, type(uint256).max);
        _refuse(
            0,
            position,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_NoSuchSubject.selector, _awardAt(0).id, CHALLENGE | position
            )
        );
    }

    function test_an_award_past_the_commits_is_refused() public {
        Commit memory commit = _case();
        vm.expectRevert();
        court.challenge(sweep, commit, 2, 0);
    }

    function test_a_changed_commit_is_refused() public {
        Commit memory commit = _case();
        commit.time -= 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, commit.awards[0].award.id
            )
        );
        court.challenge(sweep, commit, 0, 0);
    }

    function test_a_challenge_comes_before_settle() public {
        uint256 by = _case().time + 14;
        _pass(by - nowTime);
        _challenge(0);
        _pass(1);
        _refuse(
            0,
            1,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_TooLate.selector, _idOf(0, CHALLENGE | 1), by
            )
        );
    }

    function test_a_slashed_award_is_beyond_challenge() public {
        uint256 subject = _challenge(7);
        _resolve(0, subject, false);
        _refuse(
            0, 8, abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, _caseId())
        );
    }

    function test_a_segment_is_challenged_once() public {
        uint256 subject = _challenge(7);
        bytes memory refusal = abi.encodeWithSelector(
            IAuditCourt.AuditCourt_AlreadyDisputed.selector, _idOf(0, subject)
        );
        _refuse(0, 7, refusal);
        _resolve(0, subject, true);
        _refuse(0, 7, refusal);
    }

    function test_a_deposit_must_be_free() public {
        uint256 free = _free(challenger);
        vm.prank(challenger);
        market.withdraw(NATIVE, free - _deposit() + 1, challenger);
        _refuse(
            0,
            7,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector,
                challenger,
                NATIVE,
                _deposit(),
                _deposit() - 1
            )
        );
    }

    // --- opened ---

    function test_a_challenge_locks_its_deposit_and_opens_a_dispute() public {
        bytes32 awardId = _awardAt(0).id;
        uint256 subject = CHALLENGE | 959;
        bytes32 id = _idOf(0, subject);
        bytes32 commitId = _caseId();
        Commit memory commit = _case();
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeOpened(id, commitId, awardId, subject, challenger);
        vm.expectEmit(address(market));
        emit ISweepMarket.Disputed(awardId, id);
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositHeld(NATIVE, challenger, 0.00292 ether);
        vm.prank(challenger);
        court.challenge(sweep, commit, 0, 959);

        Dispute memory opened = court.dispute(id);
        vm.assertTrue(opened.status == DisputeStatus.OPEN);
        vm.assertTrue(opened.kind == DisputeKind.CHALLENGE);
        vm.assertEq(opened.time, nowTime);
        vm.assertEq(opened.blockNumber, height);
        vm.assertEq(opened.accuser, challenger);
        vm.assertEq(_free(challenger), 10 ether - 0.00292 ether);
        vm.assertEq(_locked(challenger), 0.00292 ether);
        vm.assertTrue(_docket().marked);
        _statusAt(0, AwardStatus.DISPUTED);
        _statusAt(1, AwardStatus.POSTED);
        _assertBooks();
    }

    function test_a_small_awards_deposit_is_a_panels_floor_and_a_fifth() public {
        (Sweep memory s, Commit memory c) = _posted(10, 1);
        _bring(s, c);
        _challenge(0);
        vm.assertEq(_locked(challenger), PANEL_FLOOR + 64 * PRICE);
    }

    function test_a_challenge_needs_no_seed() public {
        _fresh();
        _challenge(challenger, 0, 3);
        _statusAt(0, AwardStatus.DISPUTED);
        height += 10_000;
        _pass(1);
        vm.assertEq(_docket().seed, bytes32(0));
    }

    function test_a_challenge_stores_the_seed_that_is_known() public {
        bytes32 seed = _docket().seed;
        _challenge(7);
        height += 10_000;
        _pass(1);
        vm.assertEq(_docket().seed, seed);
    }

    function test_a_disputed_award_may_be_challenged() public {
        _refutes(_subjectAt(0, 0, 0));
        uint256 subject = _challenge(7);
        _resolve(0, subject, true);
        _statusAt(0, AwardStatus.DISPUTED);
        _resolve(0, _subjectAt(0, 0, 0), true);
        _statusAt(0, AwardStatus.POSTED);
    }

    // --- refuted ---

    function test_a_right_challenge_gets_a_quarter_of_its_deposit_from_the_bond() public {
        Award memory award = _awardAt(0);
        _post(_upheld(0, 0), 0);
        _post(_upheld(2, 0), 0);
        uint256 subject = _challenge(7);
        address[] memory seats = _panel(0, subject);
        uint256 each = _panelFee(award) / 3;
        uint256 part = _challengersPart(award);
        uint256 fees = _feeOf(0, 0) + _feeOf(0, 2);
        uint256 burned = _bondOf(award) - TIP - 3 * each - fees - part;
        vm.assertGt(burned, 0);
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositReturned(NATIVE, challenger, _deposit());
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), REFUTED, _allOf(seats), each, 0);
        _resolve(0, subject, false);

        _statusAt(0, AwardStatus.SLASHED);
        vm.assertEq(_free(challenger), 10 ether + part);
        vm.assertEq(_locked(challenger), 0);
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(buyer), _cost(award));
        vm.assertEq(_free(BURN), burned);
        for (uint256 i; i < judges.length; ++i) {
            uint256 earned = each * _seatsOf(judges[i], seats);
            if (judges[i] == _seat(0, 0)) earned += _feeOf(0, 0);
            if (judges[i] == _seat(2, 0)) earned += _feeOf(0, 2);
            vm.assertEq(_free(judges[i]), earned);
        }
        _assertBooks();
    }

    function test_a_challenger_whose_panel_is_starved_is_paid_as_one_that_was_right() public {
        Award memory award = _awardAt(0);
        uint256 subject = _challenge(7);
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositReturned(NATIVE, challenger, _deposit());
        _starve(0, subject);
        _statusAt(0, AwardStatus.SLASHED);
        vm.assertTrue(_disputeOf(0, subject).kind == DisputeKind.WITHHELD);
        vm.assertEq(_free(challenger), 10 ether + _challengersPart(award));
        vm.assertEq(_locked(challenger), 0);
        _assertBooks();
    }

    function test_a_starved_panel_after_a_slash_gives_the_deposit_back() public {
        uint256 first = _challenge(7);
        uint256 second = _challenge(8);
        _resolve(0, first, false);
        uint256 free = _free(challenger);
        _starve(0, second);
        vm.assertEq(_free(challenger) - free, _deposit());
        vm.assertEq(_locked(challenger), 0);
        _assertBooks();
    }

    function test_a_right_challenge_after_another_only_gets_its_deposit_back() public {
        uint256 first = _challenge(7);
        uint256 second = _challenge(8);
        _resolve(0, first, false);
        uint256 free = _free(challenger);
        uint256 burned = _free(BURN);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, second), REFUTED, new address[](0), 0, 0);
        _resolve(0, second, false);
        vm.assertEq(_free(challenger) - free, _deposit());
        vm.assertEq(_free(BURN), burned);
        vm.assertTrue(_disputeOf(0, second).status == DisputeStatus.REFUTED);
        _assertBooks();
    }

    /// @dev Nobody pinned the seed in time, so no verdict was posted and no fee is known.
    function test_a_right_challenge_of_a_commit_without_a_seed_slashes() public {
        _fresh();
        uint256 subject = CHALLENGE | 3;
        Commit memory commit = _case();
        vm.prank(challenger);
        court.challenge(sweep, commit, 0, 3);
        height += 10_000;
        _pass(1);
        _expire(0, subject);
        _mine(3);
        Award memory award = _awardAt(0);
        uint256 burned = _bondOf(award) - TIP - 3 * (_panelFee(award) / 3) - _challengersPart(award);
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        _resolve(0, subject, false);
        _assertBooks();
    }

    // --- dismissed ---

    function test_a_wrong_challenge_pays_the_panel_and_leaves_the_award_as_it_was() public {
        uint256 subject = _challenge(7);
        address[] memory seats = _panel(0, subject);
        uint256 each = _panelFee(_awardAt(0)) / 3;
        uint256 burned = _deposit() - 3 * each;
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositLost(NATIVE, challenger, _deposit(), burned);
        vm.expectEmit(address(market));
        emit ISweepMarket.Restored(_awardAt(0).id);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), UPHELD, _allOf(seats), each, 0);
        _resolve(0, subject, true);

        _statusAt(0, AwardStatus.POSTED);
        vm.assertEq(_free(challenger), 10 ether - _deposit());
        vm.assertEq(_locked(challenger), 0);
        vm.assertEq(_free(BURN), burned);
        vm.assertEq(_free(seats[0]), each * _seatsOf(seats[0], seats));
        for (uint8 share; share < 3; ++share) {
            vm.assertFalse(court.cleared(_caseId(), _awardAt(0).id, share));
        }
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 2);
        _assertBooks();
    }

    function test_a_wrong_challenge_of_a_slashed_award_pays_its_panel() public {
        uint256 first = _challenge(7);
        uint256 second = _challenge(8);
        _resolve(0, first, false);
        uint256 free = _free(challenger);
        _resolve(0, second, true);
        vm.assertEq(_free(challenger), free);
        vm.assertEq(_locked(challenger), 0);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    function test_a_wrong_challenge_does_not_heal_a_lapsed_refutation() public {
        uint256 subject = _subjectAt(0, 0, 0);
        uint256 challenged = _challenge(7);
        _refutes(subject);
        for (uint256 i; i < 2; ++i) {
            _pass(PANEL_TIME + 1);
            _expire(0, subject);
            _expire(0, challenged);
        }
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _statusAt(0, AwardStatus.DISPUTED);
        _expire(0, challenged);
        _statusAt(0, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
        _assertBooks();
    }

    // --- lapsed ---

    function test_a_challenge_that_no_panel_hears_loses_a_panels_fee() public {
        uint256 subject = _challenge(7);
        for (uint256 i; i < 2; ++i) {
            _pass(PANEL_TIME + 1);
            _expire(0, subject);
        }
        _pass(PANEL_TIME + 1);
        Commit memory commit = _case();
        uint256 fee = _panelFee(_awardAt(0));
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeLapsed(_idOf(0, subject));
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositReturned(NATIVE, challenger, _deposit() - fee);
        vm.expectEmit(address(market));
        emit ISweepMarket.DepositLost(NATIVE, challenger, fee, fee);
        court.expire(sweep, commit, 0, subject);
        _statusAt(0, AwardStatus.POSTED);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.LAPSED);
        vm.assertEq(_free(challenger), 10 ether - fee);
        vm.assertEq(_free(BURN), fee);
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        vm.assertEq(market.settle(sweep, _case(), verdicts), 2);
        _assertBooks();
    }

    function test_a_challenge_that_no_panel_hears_of_a_slashed_award_loses_nothing() public {
        uint256 subject = _challenge(7);
        uint256 other = _challenge(8);
        _resolve(0, other, false);
        _lapse(0, subject);
        vm.assertEq(_free(challenger), 10 ether + _challengersPart(_awardAt(0)));
        vm.assertEq(_locked(challenger), 0);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    // --- by whom ---

    function test_a_seller_only_loses_by_challenging_itself() public {
        uint256 subject = _challenge(sellers[0], 0, 7);
        vm.assertEq(_locked(sellers[0]), _bondOf(_awardAt(0)) + _deposit());
        _resolve(0, subject, false);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(
            _free(sellers[0]), 10 ether - _bondOf(_awardAt(0)) + _challengersPart(_awardAt(0))
        );
        _assertBooks();
    }

    function test_fuzz_twenty_challenges_each_end_their_own_way(uint256 seed) public {
        uint256[] memory subjects = new uint256[](20);
        uint256 part = _challengersPart(_awardAt(0));
        for (uint256 i; i < 20; ++i) {
            subjects[i] = CHALLENGE | i;
            Commit memory commit = _case();
            vm.prank(challenger);
            court.challenge(sweep, commit, 0, i);
        }
        _mine(3);
        vm.assertEq(_locked(challenger), 20 * _deposit());
        uint256 expected = 10 ether;
        bool slashed;
        for (uint256 i; i < 20; ++i) {
            uint256 outcome = seed >> 2 * i & 3;
            if (outcome == 0) continue;
            _resolve(0, subjects[i], outcome != 1);
            if (outcome != 1) expected -= _deposit();
            else if (!slashed) (expected, slashed) = (expected + part, true);
            _assertBooks();
        }
        for (uint256 round; round < 3; ++round) {
            _pass(PANEL_TIME + 1);
            for (uint256 i; i < 20; ++i) {
                if (seed >> 2 * i & 3 == 0) _expire(0, subjects[i]);
            }
        }
        for (uint256 i; i < 20; ++i) {
            if (seed >> 2 * i & 3 == 0 && !slashed) expected -= _panelFee(_awardAt(0));
        }
        vm.assertEq(_free(challenger), expected);
        vm.assertEq(_locked(challenger), 0);
        _statusAt(0, slashed ? AwardStatus.SLASHED : AwardStatus.POSTED);
        _assertBooks();
    }
}
