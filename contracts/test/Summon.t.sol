// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Commit,
    DisputeKind,
    DisputeStatus,
    Docket,
    Profile,
    Share,
    SignedVerdict,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

contract SummonTest is Courtroom {
    uint8 private constant SHARE = 1;

    /// @dev When the share was summoned.
    uint256 private since;
    /// @dev The judge's verdict, once it is posted.
    bytes private judged;

    function _summon() private {
        _pass(VERDICT_TIME);
        since = nowTime;
        court.summon(sweep, _case(), SHARE);
    }

    /// @dev The last second of the judge's time, or of so many turns after it.
    function _turn(uint256 turns) private view returns (uint256) {
        return since + JUDGE_TIME + turns * VERDICT_TIME;
    }

    function _passTo(uint256 time) private {
        _pass(time - nowTime);
    }

    function _refuseSummon(uint8 share, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.summon(sweep, commit, share);
    }

    function _refuse(SignedVerdict memory verdict, uint8 seat, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.post(sweep, commit, verdict, seat);
    }

    function _early(uint256 from) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAuditCourt.AuditCourt_TooEarly.selector, _caseId(), from);
    }

    function _late(uint256 by) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAuditCourt.AuditCourt_TooLate.selector, _caseId(), by);
    }

    function _answered() private view returns (bytes memory) {
        return abi.encodeWithSelector(IAuditCourt.AuditCourt_Answered.selector, _caseId(), SHARE);
    }

    function _share() private view returns (Share memory) {
        return court.share(_caseId(), SHARE);
    }

    function _standIns(uint256 index) private view returns (address first, address second) {
        return court.standIns(sweep, _caseId(), _awardAt(index).id, SHARE);
    }

    function _ranOut(uint256 index) private view returns (bool) {
        return court.ranOut(sweep, _caseId(), _awardAt(index).id, SHARE);
    }

    /// @dev The verdicts of all shares but the summoned one.
    function _others() private view returns (SignedVerdict[] memory others) {
        others = new SignedVerdict[](2);
        (others[0], others[1]) = (_upheld(0, 0), _upheld(2, 0));
    }

    function _settle() private returns (uint256) {
        SignedVerdict[] memory others = _others();
        return market.settle(sweep, _case(), others);
    }

    /// @dev What share 1 is worth, over both awards.
    function _shareFee() private view returns (uint256) {
        return _feeOf(0, SHARE) + _feeOf(1, SHARE);
    }

    // --- summon ---

    function test_a_summons_needs_the_seed() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Award[] memory awards = _award(other, _offers(other, 10, 1));
        _bring(other, _commit(other, _submissions(awards)));
        nowTime += VERDICT_TIME;
        vm.warp(nowTime);
        _refuseSummon(
            0,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_SeedUnknown.selector, _case().blockNumber)
        );
    }

    function test_a_share_that_does_not_exist_is_not_summoned() public {
        _pass(VERDICT_TIME);
        _refuseSummon(3, abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchShare.selector, 3, 3));
    }

    function test_a_share_without_answers_is_not_summoned() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(_award(other, _offers(other, 3, 1))[0], 1);
        _bring(other, _commit(other, submissions));
        _pass(VERDICT_TIME);
        _mine(3);
        _refuseSummon(
            2, abi.encodeWithSelector(IAuditCourt.AuditCourt_Answered.selector, _caseId(), 2)
        );
    }

    function test_a_judge_that_was_posted_is_not_summoned() public {
        _post(_upheld(SHARE, 0), 0);
        _pass(VERDICT_TIME);
        _refuseSummon(SHARE, _answered());
    }

    function test_a_judge_is_summoned_once() public {
        _summon();
        _refuseSummon(
            SHARE,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_AlreadySummoned.selector, _caseId(), SHARE
            )
        );
    }

    function test_a_judge_has_the_verdict_time() public {
        uint256 from = _case().time + VERDICT_TIME;
        _passTo(from - 1);
        _refuseSummon(SHARE, _early(from));
        _passTo(from);
        court.summon(sweep, _case(), SHARE);
    }

    function test_a_judge_has_the_window_where_that_is_longer() public {
        Profile memory profile = demo();
        profile.windowLeast = 300;
        _deploy(profile);
        for (uint256 i; i < judges.length; ++i) {
            _bondValidator(judges[i], LEAST_BOND, 24);
        }
        _deposit(sellers[0], NATIVE, 10 ether);
        _pass(EPOCH);
        (Sweep memory s, Commit memory c) = _posted(10, 1);
        _bring(s, c);
        _passTo(c.time + 299);
        _refuseSummon(SHARE, _early(c.time + 300));
        _passTo(c.time + 300);
        court.summon(sweep, c, SHARE);
    }

    function test_a_settled_commit_has_nobody_to_summon() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _pass(VERDICT_TIME);
        market.settle(sweep, _case(), verdicts);
        _refuseSummon(
            SHARE, abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, _caseId())
        );
    }

    /// @dev Two sellers, one of three trials and one of a segment of one: only a re-score, or one more.
    function _uneven() private returns (uint8 silent) {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Award[] memory awards = _award(other, _offers(other, 6, 2));
        Submission[] memory submissions = _submissions(awards);
        submissions[1] = _submission(awards[1], 1);
        _bring(other, _commit(other, submissions));
        _mine(3);
        while (_itemsOf(1, silent).length != 0) ++silent;
    }

    function test_a_share_is_summoned_for_what_it_answers_for() public {
        uint8 silent = _uneven();
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        uint256 subject = _subjectAt(1, (silent + 1) % 3, 0);
        if (_itemsOf(1, (silent + 1) % 3).length == 0) {
            subject = _subjectAt(1, (silent + 2) % 3, 0);
        }
        verdicts[uint8(subject >> 32)] = _refutation(sweep, _case(), subject);
        _refutes(subject);
        _pass(VERDICT_TIME);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 1);
        _statusAt(1, AwardStatus.DISPUTED);
        _refuseSummon(
            silent, abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, _caseId())
        );
        _refuse(
            verdicts[silent],
            0,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, _caseId())
        );
    }

    function test_a_summons_is_recorded() public {
        bytes32 id = _caseId();
        address judge = _seat(SHARE, 0);
        Commit memory commit = _case();
        _pass(VERDICT_TIME);
        vm.expectEmit();
        emit IAuditCourt.Summoned(id, SHARE, judge);
        court.summon(sweep, commit, SHARE);
        vm.assertEq(_share().summonedAt, nowTime);
        vm.assertEq(_share().seats, 0);
        vm.assertTrue(_docket().marked);
        vm.assertEq(court.share(id, 0).summonedAt, 0);
    }

    function test_a_summoned_judge_is_known_by_its_seat() public {
        address judge = _seat(SHARE, 0);
        _summon();
        vm.assertEq(court.holderOf(_caseId(), SHARE, 0), judge);
        vm.assertEq(court.holderOf(_caseId(), 0, 0), address(0));
    }

    function test_a_share_of_a_disputed_award_is_summoned_too() public {
        _refutes(_subjectAt(0, 0, 0));
        _refutes(_subjectAt(1, 2, 0));
        _summon();
        vm.assertEq(_share().summonedAt, nowTime);
    }

    // --- the judge ---

    function test_a_summoned_judge_is_posted_in_its_time() public {
        _summon();
        uint256 bond = _bonded(_seat(SHARE, 0));
        _passTo(_turn(0));
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _post(verdicts[SHARE], 0);
        vm.assertEq(_bonded(_seat(SHARE, 0)), bond);
        _passTo(_turn(3) + 1);
        vm.assertFalse(_ranOut(0));
        vm.assertEq(market.settle(sweep, _case(), verdicts), 2);
        _assertBooks();
    }

    function test_a_summoned_judge_may_refute() public {
        _summon();
        uint256 subject = _subjectAt(0, SHARE, 0);
        _refutes(subject);
        _statusAt(0, AwardStatus.DISPUTED);
        vm.assertEq(_disputeOf(0, subject).accuser, _seat(SHARE, 0));
        _passTo(_turn(0) + 1);
        _refuse(_upheld(SHARE, 1), 1, _answered());
    }

    function test_a_summoned_judge_comes_too_late() public {
        _summon();
        _passTo(_turn(0) + 1);
        _refuse(_upheld(SHARE, 0), 0, _late(_turn(0)));
    }

    function test_the_summoned_judges_signature_settles_nothing() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _summon();
        Commit memory commit = _case();
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotPosted.selector, _caseId(), SHARE);
        vm.expectRevert(refusal);
        market.settle(sweep, commit, verdicts);
        _passTo(_turn(3) + 1);
        vm.expectRevert(refusal);
        market.settle(sweep, commit, verdicts);
    }

    // --- substitutes ---

    function test_substitutes_wait_for_a_summons() public {
        _pass(VERDICT_TIME);
        _refuse(_upheld(SHARE, 1), 1, _early(nowTime + JUDGE_TIME + 1));
        _refuse(_upheld(SHARE, 6), 6, _early(nowTime + JUDGE_TIME + 2 * VERDICT_TIME + 1));
        _pass(10_000);
        _refuse(_upheld(SHARE, 1), 1, _early(nowTime + JUDGE_TIME + 1));
    }

    function test_fuzz_each_pair_has_its_turn(uint8 seat, uint256 time) public {
        seat = uint8(bound(seat, 1, 6));
        _summon();
        SignedVerdict memory verdict = _upheld(SHARE, seat);
        uint256 from = _turn((seat - 1) / 2) + 1;
        uint256 by = _turn(3);
        _passTo(bound(time, since, by + 100));
        if (nowTime < from) _refuse(verdict, seat, _early(from));
        else if (nowTime > by) _refuse(verdict, seat, _late(by));
        else _post(verdict, seat);
        bool heard = nowTime >= from && nowTime <= by;
        vm.assertEq(_share().seats, heard ? 2 ** seat : 0);
    }

    function test_a_turn_begins_and_ends_to_the_second() public {
        _summon();
        for (uint8 seat = 1; seat < 7; seat += 2) {
            uint256 last = _turn(seat / 2);
            _passTo(last);
            _refuse(_upheld(SHARE, seat), seat, _early(last + 1));
            _passTo(last + 1);
            SignedVerdict memory verdict = _said(SHARE, seat, _itemsOf(0, SHARE)[0], 3);
            _post(verdict, seat);
        }
        _passTo(_turn(3));
        _post(_said(SHARE, 2, _itemsOf(0, SHARE)[0], 3), 2);
        _passTo(_turn(3) + 1);
        _refuse(_upheld(SHARE, 4), 4, _late(_turn(3)));
    }

    function test_nobody_substitutes_for_a_judge_that_was_posted() public {
        _summon();
        _post(_upheld(SHARE, 0), 0);
        _passTo(_turn(0) + 1);
        _refuse(_upheld(SHARE, 1), 1, _answered());
    }

    function test_after_two_that_uphold_nobody_else_is_heard() public {
        _summon();
        _passTo(_turn(2) + 1);
        _post(_upheld(SHARE, 3), 3);
        _post(_said(SHARE, 1, _itemsOf(0, SHARE)[0], 3), 1);
        vm.assertEq(_share().upholding, 1);
        _post(_upheld(SHARE, 6), 6);
        vm.assertEq(_share().upholding, 2);
        vm.assertEq(_share().seats, 1 << 1 | 1 << 3 | 1 << 6);
        _refuse(_upheld(SHARE, 2), 2, _answered());
    }

    function test_only_the_seats_holder_signs() public {
        _summon();
        _passTo(_turn(0) + 1);
        SignedVerdict memory verdict = _upheld(SHARE, 0);
        _refuse(
            verdict,
            1,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_BadSignature.selector, _caseId(), _seat(SHARE, 1)
            )
        );
    }

    function test_a_substitute_is_posted_once() public {
        _summon();
        _passTo(_turn(0) + 1);
        _post(_upheld(SHARE, 2), 2);
        _refuseSummon(
            SHARE,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_AlreadySummoned.selector, _caseId(), SHARE
            )
        );
        _refuse(
            _said(SHARE, 2, _itemsOf(0, SHARE)[0], 3),
            2,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_AlreadyPosted.selector, _caseId(), SHARE, 2
            )
        );
    }

    function test_the_first_substitute_costs_the_silent_judge_its_shares_worth() public {
        _summon();
        _passTo(_turn(0) + 1);
        address judge = _seat(SHARE, 0);
        uint256 worth = _worth(_shareFee());
        vm.assertGt(worth, 0);
        SignedVerdict memory first = _upheld(SHARE, 1);
        SignedVerdict memory second = _upheld(SHARE, 2);
        Commit memory commit = _case();
        vm.expectEmit(address(validators));
        emit IValidatorSet.Fined(judge, worth, worth);
        court.post(sweep, commit, first, 1);
        vm.assertEq(_bonded(judge), LEAST_BOND - worth);
        vm.assertEq(_credited(BURN), worth);
        court.post(sweep, commit, second, 2);
        vm.assertEq(_bonded(judge), LEAST_BOND - worth);
        _assertBooks();
    }

    /// @dev Two validators of the tier, one of them the judge: the other holds all its substitutes' seats.
    function test_one_who_holds_several_seats_is_posted_for_each() public {
        for (uint256 i = 2; i < 12; ++i) {
            vm.prank(judges[i]);
            validators.bond(8);
        }
        _bondValidator(_actor("low"), LEAST_BOND, 8);
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Award[] memory awards = _award(other, _offers(other, 10, 1));
        _pass(EPOCH);
        _bring(other, _commit(other, _submissions(awards)));
        _mine(3);
        _summon();
        _passTo(_turn(0) + 1);
        vm.assertEq(_seat(SHARE, 1), _seat(SHARE, 2));
        _post(_upheld(SHARE, 1), 1);
        _post(_upheld(SHARE, 2), 2);
        (address first, address second) = _standIns(0);
        vm.assertEq(first, _seat(SHARE, 1));
        vm.assertEq(second, first);
    }

    function test_substitutes_that_were_posted_are_known_by_their_seats() public {
        address judge = _seat(SHARE, 0);
        address[2] memory holders = [_seat(SHARE, 1), _seat(SHARE, 2)];
        _summon();
        _passTo(_turn(0) + 1);
        _post(_upheld(SHARE, 2), 2);
        vm.assertEq(court.holderOf(_caseId(), SHARE, 1), address(0));
        vm.assertEq(court.holderOf(_caseId(), SHARE, 2), holders[1]);
        _post(_upheld(SHARE, 1), 1);
        vm.assertEq(court.holderOf(_caseId(), SHARE, 1), holders[0]);
        vm.assertEq(court.holderOf(_caseId(), SHARE, 0), judge);
    }

    function test_one_that_refutes_the_same_item_joins_the_dispute() public {
        _summon();
        _passTo(_turn(0) + 1);
        uint256 item = _itemsOf(0, SHARE)[2];
        uint256 subject = _subjectOf(SHARE, item);
        _post(_said(SHARE, 1, item, 3), 1);
        _mine(3);
        _post(_said(SHARE, 2, item, 0), 2);
        vm.assertEq(_disputeOf(0, subject).accuser, _seat(SHARE, 1));
        vm.assertTrue(_disputeOf(0, subject).kind == DisputeKind.REFUTATION);
        _resolve(0, subject, true);
        _statusAt(0, AwardStatus.POSTED);
        _passTo(_turn(1) + 1);
        _post(_said(SHARE, 3, item, 3), 3);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.DISMISSED);
        _statusAt(0, AwardStatus.POSTED);
    }

    // --- standIns ---

    function test_two_stand_ins_share_the_judges_fee() public {
        _summon();
        _passTo(_turn(0) + 1);
        _post(_upheld(SHARE, 2), 2);
        (address first, address second) = _standIns(0);
        vm.assertEq(first, address(0));
        vm.assertEq(second, address(0));
        _post(_upheld(SHARE, 1), 1);
        (first, second) = _standIns(0);
        vm.assertEq(first, _seat(SHARE, 1));
        vm.assertEq(second, _seat(SHARE, 2));
        uint256 before = _free(first);
        vm.assertEq(_settle(), 2);
        uint256 half = _feeOf(0, SHARE) / 2 + _feeOf(1, SHARE) / 2;
        uint256 earned = first == second ? 2 * half : half;
        for (uint8 share; share < 3; share += 2) {
            if (first == _seat(share, 0)) earned += _feeOf(0, share) + _feeOf(1, share);
        }
        vm.assertEq(_free(first) - before, earned);
        _assertBooks();
    }

    function test_one_that_upholds_an_award_in_part_and_one_in_all_stand_in_for_it() public {
        _summon();
        _passTo(_turn(0) + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_upheld(SHARE, 1), 1);
        _post(_said(SHARE, 2, item, 3), 2);
        _mine(3);
        (address first,) = _standIns(0);
        vm.assertEq(first, address(0));
        (first,) = _standIns(1);
        vm.assertEq(first, _seat(SHARE, 1));
        vm.assertEq(_settle(), 1);
        _statusAt(1, AwardStatus.SETTLED);

        // The panel's word voids the second seat's: a third is needed.
        _resolve(0, _subjectOf(SHARE, item), true);
        (first,) = _standIns(0);
        vm.assertEq(first, address(0));
        _passTo(_turn(1) + 1);
        _post(_upheld(SHARE, 3), 3);
        vm.assertEq(_settle(), 1);
        _assertBooks();
    }

    function test_of_more_that_uphold_the_lowest_seats_stand_in() public {
        _summon();
        _passTo(_turn(1) + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, 4, item, 3), 4);
        _post(_said(SHARE, 3, item, 3), 3);
        (address first, address second) = _standIns(1);
        vm.assertEq(first, _seat(SHARE, 3));
        vm.assertEq(second, _seat(SHARE, 4));
        _post(_upheld(SHARE, 1), 1);
        (first, second) = _standIns(1);
        vm.assertEq(first, _seat(SHARE, 1));
        vm.assertEq(second, _seat(SHARE, 3));
    }

    function test_once_the_turns_are_over_one_that_upholds_stands_in_alone() public {
        _summon();
        _passTo(_turn(2) + 1);
        _post(_upheld(SHARE, 5), 5);
        _passTo(_turn(3));
        (address first, address second) = _standIns(0);
        vm.assertEq(first, address(0));
        _pass(1);
        (first, second) = _standIns(0);
        vm.assertEq(first, _seat(SHARE, 5));
        vm.assertEq(second, first);
        vm.assertFalse(_ranOut(0));
        _refuseExpiry(0);
        uint256 earned = _free(first) + 2 * (_feeOf(0, SHARE) / 2 + _feeOf(1, SHARE) / 2);
        for (uint8 share; share < 3; share += 2) {
            if (first == _seat(share, 0)) earned += _feeOf(0, share) + _feeOf(1, share);
        }
        vm.assertEq(_settle(), 2);
        vm.assertEq(_free(first), earned);
        _assertBooks();
    }

    function test_one_whose_fellow_a_panel_found_wrong_stands_in_when_the_turns_are_over() public {
        _summon();
        _passTo(_turn(0) + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, 1, item, 3), 1);
        _mine(3);
        _post(_upheld(SHARE, 2), 2);
        _resolve(0, _subjectOf(SHARE, item), true);
        _passTo(_turn(3) + 1);
        vm.assertFalse(_ranOut(0));
        (address first, address second) = _standIns(0);
        vm.assertEq(first, _seat(SHARE, 2));
        vm.assertEq(second, first);
        vm.assertEq(_settle(), 2);
        _assertBooks();
    }

    function test_stand_ins_are_paid_beside_a_panel() public {
        _summon();
        _passTo(_turn(0) + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, 1, item, 3), 1);
        _mine(3);
        _passTo(_turn(1) + 1);
        _resolve(0, _subjectOf(SHARE, item), true);
        _post(_upheld(SHARE, 3), 3);
        _post(_upheld(SHARE, 2), 2);
        (address first, address second) = _standIns(0);
        vm.assertEq(first, _seat(SHARE, 2));
        vm.assertEq(second, _seat(SHARE, 3));
        uint256 free = _free(buyer);
        vm.assertEq(_settle(), 2);
        vm.assertEq(_free(buyer), free);
        _assertBooks();
    }

    // --- ranOut ---

    function test_a_share_runs_out_with_the_third_turn() public {
        _pass(10_000);
        vm.assertFalse(_ranOut(0));
        _summon();
        _passTo(_turn(3));
        vm.assertFalse(_ranOut(0));
        _pass(1);
        vm.assertTrue(_ranOut(0));
        vm.assertTrue(_ranOut(1));
        vm.assertFalse(court.ranOut(sweep, _caseId(), _awardAt(0).id, 0));
    }

    function test_what_ran_out_is_given_back() public {
        Award memory award = _awardAt(0);
        _summon();
        _passTo(_turn(3) + 1);
        SignedVerdict[] memory others = _others();
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NothingToSettle.selector, _caseId())
        );
        market.settle(sweep, commit, others);
        market.expirePosted(sweep, commit, 0, others);
        _statusAt(0, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
        uint256 fees = _feeOf(0, 0) + _feeOf(0, 2);
        vm.assertEq(_free(buyer), _cost(award) - TIP - fees);
        _assertBooks();
    }

    function test_two_that_uphold_in_time_never_run_out() public {
        _summon();
        _passTo(_turn(3));
        _post(_upheld(SHARE, 1), 1);
        _post(_upheld(SHARE, 6), 6);
        _pass(10_000);
        vm.assertFalse(_ranOut(0));
        _refuseExpiry(0);
        vm.assertEq(_settle(), 2);
    }

    function _refuseExpiry(uint256 index) private {
        Commit memory commit = _case();
        bytes32 id = _awardAt(index).id;
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_StillOpen.selector, id));
        market.expirePosted(sweep, commit, index, new SignedVerdict[](0));
    }

    function test_a_panels_word_against_a_substitute_does_not_keep_a_share() public {
        _summon();
        _passTo(_turn(0) + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, 1, item, 3), 1);
        _mine(3);
        _resolve(0, _subjectOf(SHARE, item), true);
        _passTo(_turn(3) + 1);
        vm.assertFalse(court.cleared(_caseId(), _awardAt(0).id, SHARE));
        vm.assertTrue(_ranOut(0));
        SignedVerdict[] memory others = _others();
        market.expirePosted(sweep, _case(), 0, others);
        _statusAt(0, AwardStatus.REFUNDED);
        _assertBooks();
    }

    /// @dev The share that runs out has nothing to say about the second award.
    function test_an_award_that_the_share_does_not_answer_for_is_settled() public {
        uint8 silent = _uneven();
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        SignedVerdict[] memory others = new SignedVerdict[](2);
        (others[0], others[1]) = (verdicts[(silent + 1) % 3], verdicts[(silent + 2) % 3]);
        _pass(VERDICT_TIME);
        court.summon(sweep, _case(), silent);
        _pass(JUDGE_TIME + 3 * VERDICT_TIME + 1);
        _refuseExpiry(1);
        vm.assertEq(market.settle(sweep, _case(), others), 1);
        _statusAt(1, AwardStatus.SETTLED);
        market.expirePosted(sweep, _case(), 0, others);
        _statusAt(0, AwardStatus.REFUNDED);
        _assertBooks();
    }

    // --- never both ---

    /// @dev Anything that can be posted about the share, at any time, and panels that decide either way.
    function test_fuzz_never_both_settled_and_run_out(uint256 seed) public {
        _summon();
        _passTo(_turn(0) - 10);
        for (uint256 i; i < 8; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _step(random);
            _pass(random >> 64 & 127);
            for (uint256 index; index < 2; ++index) {
                vm.assertFalse(_canSettle(index) && _canExpire(index));
            }
        }
        _passTo(nowTime > _turn(3) ? nowTime : _turn(3) + 1);
        for (uint256 index; index < 2; ++index) {
            if (_status(_awardAt(index).id) != AwardStatus.POSTED) continue;
            vm.assertTrue(_canSettle(index) != _canExpire(index));
        }
        _assertBooks();
    }

    function _step(uint256 random) private {
        uint8 seat = uint8(random % 7);
        uint256 index = random >> 8 & 1;
        uint256[] memory items = _itemsOf(index, SHARE);
        uint256 item = items[(random >> 16) % 2];
        uint8[4] memory nibbles = [5, 5, 3, 0];
        SignedVerdict memory verdict = _said(SHARE, seat, item, nibbles[random >> 32 & 3]);
        try court.post(sweep, _case(), verdict, seat) {
            _mine(3);
            if (seat == 0) judged = abi.encode(verdict);
        } catch {}
        if (random >> 40 & 1 == 1) return;
        uint256 subject = _subjectOf(SHARE, item);
        if (_disputeOf(index, subject).status != DisputeStatus.OPEN) return;
        if (nowTime > _disputeOf(index, subject).time + PANEL_TIME) _expire(index, subject);
        else _resolve(index, subject, random >> 48 & 3 != 0);
        _mine(3);
    }

    function _canSettle(uint256 index) private returns (bool can) {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        if (judged.length == 0) verdicts = _others();
        else verdicts[SHARE] = abi.decode(judged, (SignedVerdict));
        uint256 state = vm.snapshotState();
        try market.settle(sweep, _case(), verdicts) {
            can = _status(_awardAt(index).id) == AwardStatus.SETTLED;
        } catch {}
        vm.revertToState(state);
    }

    function _canExpire(uint256 index) private returns (bool can) {
        uint256 state = vm.snapshotState();
        try market.expirePosted(sweep, _case(), index, new SignedVerdict[](0)) {
            can = true;
        } catch {}
        vm.revertToState(state);
    }
}
