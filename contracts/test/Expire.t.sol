// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    SignedVerdict,
    SignedVote,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract ExpireTest is Fixture {
    uint256 private constant JUDGE_TIME = 60;
    /// @dev From a summons to the end of the third turn.
    uint256 private constant ALL_TURNS = JUDGE_TIME + 3 * VERDICT_TIME;

    SignedVerdict[] private none;
    mapping(address judge => uint256) private earned;

    function _stillOpen(Award memory award) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISweepMarket.SweepMarket_StillOpen.selector, award.id);
    }

    function _wrongStatus(Award memory award, AwardStatus status)
        private
        pure
        returns (bytes memory)
    {
        return
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongStatus.selector, award.id, status);
    }

    // --- expireAward ---

    function test_an_award_expires_after_deadline_and_grace() public {
        Sweep memory sweep = _sweep();
        Award memory award = _award(sweep, _offers(sweep, 10, 1))[0];
        uint256 by = award.deadline + 10;
        _pass(by - nowTime);
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_TooEarly.selector, by + 1));
        market.expireAward(sweep, award);
        _pass(1);
        vm.expectEmit();
        emit ISweepMarket.Expired(award.id);
        market.expireAward(sweep, award);
        _assertStatus(award.id, AwardStatus.EXPIRED);
        vm.assertEq(market.awardSlot(award.id) >> 208 & type(uint40).max, nowTime);
        vm.assertEq(_free(buyer), _cost(award));
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.expectRevert(_wrongStatus(award, AwardStatus.EXPIRED));
        market.expireAward(sweep, award);
    }

    function test_a_posted_award_does_not_expire_so() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Award memory award = commit.awards[0].award;
        _pass(10_000);
        vm.expectRevert(_wrongStatus(award, AwardStatus.POSTED));
        market.expireAward(sweep, award);
    }

    function test_an_award_nobody_made_does_not_expire() public {
        Sweep memory sweep = _sweep();
        Award memory award = _award(sweep, _offers(sweep, 10, 1))[0];
        _pass(10_000);
        award.price += 1;
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, award.id)
        );
        market.expireAward(sweep, award);
        award.id = keccak256("nobody made it");
        vm.expectRevert(_wrongStatus(award, AwardStatus.NONE));
        market.expireAward(sweep, award);
    }

    function test_an_award_of_a_session_gives_back_all_but_the_relayers_tip() public {
        Sweep memory sweep = _sweep();
        Bid memory bid = _bid(sweep, sellers[0], 0, 10);
        _deposit(buyer, NATIVE, 1 ether);
        vm.prank(address(sessions));
        market.awardFor(sweep, _only(_offer(bid)), 0, _noPermit(0), relayer);
        _pass(3611);
        market.expireAward(sweep, _awardOf(bid));
        vm.assertEq(_free(buyer), 1 ether - TIP);
        vm.assertEq(_free(relayer), TIP);
    }

    // --- a share that ran out ---

    /// @dev A commit of which one share's judge was summoned at the first moment.
    function _summoned(uint256 trials, uint256 count, uint8 share)
        private
        returns (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
    {
        (sweep, commit) = _posted(trials, count);
        verdicts = _verdicts(sweep, commit);
        _pass(VERDICT_TIME);
        court.summon(sweep, commit, share);
    }

    function _two(SignedVerdict[] memory verdicts, uint256 one, uint256 two)
        private
        pure
        returns (SignedVerdict[] memory both)
    {
        both = new SignedVerdict[](2);
        (both[0], both[1]) = (verdicts[one], verdicts[two]);
    }

    function test_silence_alone_gives_nothing_back() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        randomness.pin(commit.blockNumber, commit.time);
        for (uint256 i; i < 5; ++i) {
            vm.expectRevert(_stillOpen(commit.awards[0].award));
            market.expirePosted(sweep, commit, 0, none);
            _pass(30 days);
        }
    }

    function test_a_summoned_share_runs_out_after_the_third_turn() public {
        (Sweep memory sweep, Commit memory commit,) = _summoned(10, 1, 1);
        Award memory award = commit.awards[0].award;
        vm.expectRevert(_stillOpen(award));
        market.expirePosted(sweep, commit, 0, none);
        _pass(ALL_TURNS);
        vm.expectRevert(_stillOpen(award));
        market.expirePosted(sweep, commit, 0, none);
        _pass(1);
        vm.expectEmit();
        emit ISweepMarket.Refunded(award.id, 0);
        market.expirePosted(sweep, commit, 0, none);
        _assertStatus(award.id, AwardStatus.REFUNDED);
        vm.assertEq(market.awardSlot(award.id) >> 208 & type(uint40).max, nowTime);
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(buyer), _cost(award) - TIP);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.expectRevert(_wrongStatus(award, AwardStatus.REFUNDED));
        market.expirePosted(sweep, commit, 0, none);
    }

    /// @dev What one answer of an award earns where so much of it is done.
    function _perAnswer(Commit memory commit, Docket memory d, uint256 index)
        private
        pure
        returns (uint256)
    {
        uint256 count;
        for (uint256 share; share < d.shares; ++share) {
            count += _answersOf(d, index, share);
        }
        return _fee(uint256(commit.awards[index].award.price) * commit.awards[index].done) / count;
    }

    function _answersOf(Docket memory d, uint256 index, uint256 share)
        private
        pure
        returns (uint256 count)
    {
        uint256[] memory list = _list(d, share);
        for (uint256 i; i < list.length; ++i) {
            if (_indexOf(d, list[i]) == index) ++count;
        }
    }

    function _checkEarned(uint256 fees) private view {
        for (uint256 i; i < judges.length; ++i) {
            vm.assertEq(_free(judges[i]), earned[judges[i]]);
            fees -= _free(judges[i]);
        }
        vm.assertEq(fees, 0);
    }

    function test_fuzz_the_other_judges_are_paid_as_far_as_they_upheld(uint32 done) public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], uint32(bound(done, 1, 320)));
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        Docket memory d = market.docket(sweep, commit);
        if (d.sizes[1] == 0) return;
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(VERDICT_TIME);
        court.summon(sweep, commit, 1);
        _pass(ALL_TURNS + 1);

        uint256 each = _perAnswer(commit, d, 0);
        uint256 fees;
        for (uint8 share; share < 3; share += 2) {
            uint256 fee = each * d.sizes[share];
            earned[court.judgeOf(sweep, commit, share, 0)] += fee;
            fees += fee;
        }
        vm.expectEmit();
        emit ISweepMarket.Refunded(awards[0].id, fees);
        market.expirePosted(sweep, commit, 0, _two(verdicts, 0, 2));
        _checkEarned(fees);
        vm.assertEq(_free(buyer), _cost(awards[0]) - TIP - fees);
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    function test_a_judge_that_did_not_uphold_the_award_is_not_paid() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(d.sizes[0], 5);
        _setAnswer(answers, 0, 2);
        verdicts[0] = _verdict(sweep, commit, d, 0, answers);
        _pass(ALL_TURNS + 1);
        uint256 fee = _perAnswer(commit, d, 0) * d.sizes[2];
        earned[court.judgeOf(sweep, commit, 2, 0)] += fee;
        market.expirePosted(sweep, commit, 0, _two(verdicts, 0, 2));
        _checkEarned(fee);
    }

    function test_a_verdict_for_the_share_that_ran_out_is_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(ALL_TURNS + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NotPosted.selector, _commitId(commit), 1
            )
        );
        market.expirePosted(sweep, commit, 0, verdicts);
    }

    function test_verdicts_are_looked_at_as_when_settling() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        address judge = court.judgeOf(sweep, commit, 2, 0);
        _pass(ALL_TURNS + 1);
        verdicts[2].evidence = "other evidence";
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadSignature.selector, _commitId(commit), judge
            )
        );
        market.expirePosted(sweep, commit, 0, _two(verdicts, 0, 2));
        verdicts[0].share = 3;
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_NoSuchShare.selector, 3, 3));
        market.expirePosted(sweep, commit, 0, _two(verdicts, 0, 2));
        verdicts[0].share = 0;
        verdicts[0].answers = hex"11";
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadAnswers.selector, _commitId(commit), 0
            )
        );
        market.expirePosted(sweep, commit, 0, _two(verdicts, 0, 2));
    }

    /// @dev Two items an award, three shares: the first award has none of share 2.
    function test_a_share_without_the_awards_items_does_not_matter() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(3, 3, 2);
        _pass(ALL_TURNS + 1);
        SignedVerdict[] memory two = _two(verdicts, 0, 1);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0, two);
        market.expirePosted(sweep, commit, 1, two);
        market.expirePosted(sweep, commit, 2, two);
        vm.assertEq(market.settle(sweep, commit, two), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
    }

    function test_a_judge_posted_in_time_keeps_its_share() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        court.post(sweep, commit, verdicts[1], 0);
        _pass(ALL_TURNS + 1);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0, none);
        vm.assertEq(market.settle(sweep, commit, verdicts), 1);
    }

    // --- substitutes ---

    function _substitute(
        Sweep memory sweep,
        Commit memory commit,
        uint8 share,
        uint8 seat,
        bytes memory answers
    ) private returns (address holder) {
        Docket memory d = market.docket(sweep, commit);
        court.post(sweep, commit, _verdictOf(sweep, commit, d, share, seat, answers), seat);
        return court.judgeOf(sweep, commit, share, seat);
    }

    function test_one_substitute_keeps_a_share_too() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        _substitute(sweep, commit, 1, 1, _answers(d.sizes[1], 5));
        _pass(3 * VERDICT_TIME);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0, none);
        vm.assertEq(market.settle(sweep, commit, _two(verdicts, 0, 2)), 1);
    }

    function test_two_substitutes_keep_a_share() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        _substitute(sweep, commit, 1, 1, _answers(d.sizes[1], 5));
        _substitute(sweep, commit, 1, 2, _answers(d.sizes[1], 5));
        _pass(3 * VERDICT_TIME);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0, none);
        vm.assertEq(market.settle(sweep, commit, _two(verdicts, 0, 2)), 1);
    }

    function test_stand_ins_of_another_share_are_paid_half_each() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        court.summon(sweep, commit, 2);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        uint256 each = _perAnswer(commit, d, 0);
        uint256 half = each * d.sizes[2] / 2;
        for (uint8 seat = 1; seat < 3; ++seat) {
            earned[_substitute(sweep, commit, 2, seat, _answers(d.sizes[2], 5))] += half;
        }
        earned[court.judgeOf(sweep, commit, 0, 0)] += each * d.sizes[0];
        _pass(3 * VERDICT_TIME);
        SignedVerdict[] memory one = new SignedVerdict[](1);
        one[0] = verdicts[0];
        market.expirePosted(sweep, commit, 0, one);
        _checkEarned(each * d.sizes[0] + 2 * half);
        vm.assertEq(
            _free(buyer), _cost(commit.awards[0].award) - TIP - each * d.sizes[0] - 2 * half
        );
    }

    function test_a_panels_word_against_a_substitute_does_not_keep_a_share() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(d.sizes[1], 5);
        _setAnswer(answers, 0, 3);
        _substitute(sweep, commit, 1, 1, answers);
        _mine(3);
        uint256 subject = _subjectOf(1, 1);
        SignedVote[] memory votes = _votes(
            court.panelOf(sweep, commit, 0, subject),
            _disputeId(d.commitId, commit.awards[0].award.id, subject),
            true
        );
        court.resolve(sweep, commit, 0, subject, votes);
        _pass(3 * VERDICT_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NothingToSettle.selector, d.commitId)
        );
        market.settle(sweep, commit, _two(verdicts, 0, 2));
        market.expirePosted(sweep, commit, 0, none);
        _assertStatus(commit.awards[0].award.id, AwardStatus.REFUNDED);
    }

    function test_a_disputed_award_is_not_given_back_so() public {
        (Sweep memory sweep, Commit memory commit,) = _summoned(10, 1, 1);
        _pass(ALL_TURNS + 1);
        vm.prank(address(court));
        market.dispute(commit.awards[0].award.id, "dispute");
        vm.expectRevert(_wrongStatus(commit.awards[0].award, AwardStatus.DISPUTED));
        market.expirePosted(sweep, commit, 0, none);
    }

    function test_a_docked_bond_comes_back_without_what_it_paid() public {
        (Sweep memory sweep, Commit memory commit,) = _summoned(10, 1, 1);
        address[] memory payees = new address[](1);
        payees[0] = relayer;
        vm.prank(address(court));
        market.dock(sweep, commit.awards[0].award, payees);
        _pass(ALL_TURNS + 1);
        market.expirePosted(sweep, commit, 0, none);
        vm.assertEq(_free(sellers[0]), 10 ether - _sellersPart(commit.awards[0].award));
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(relayer), TIP + PANEL_FLOOR / 2);
    }

    // --- a lost seed ---

    function test_a_lost_seed_gives_back_at_once() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 20, 2));
        Commit memory commit = _commit(sweep, _submissions(awards));
        vm.expectRevert(_stillOpen(awards[0]));
        market.expirePosted(sweep, commit, 0, none);
        height += 10_000;
        _pass(1);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit();
            emit ISweepMarket.Refunded(awards[i].id, 0);
            market.expirePosted(sweep, commit, i, none);
            _assertStatus(awards[i].id, AwardStatus.REFUNDED);
            vm.assertEq(_free(sellers[i]), 10 ether);
        }
        vm.assertEq(_free(relayer), 2 * uint256(TIP));
        vm.assertEq(_free(buyer), _cost(awards[0]) + _cost(awards[1]) - 2 * TIP);
    }

    function test_without_a_seed_no_verdict_is_paid() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        height += 10_000;
        _pass(1);
        market.expirePosted(sweep, commit, 0, verdicts);
        _checkEarned(0);
    }

    function test_a_pinned_seed_is_not_lost() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        randomness.pin(commit.blockNumber, commit.time);
        bytes32 seed = market.docket(sweep, commit).seed;
        height += 10_000;
        _pass(1);
        vm.assertEq(market.docket(sweep, commit).seed, seed);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0, none);
    }

    function test_a_commit_changed_anywhere_is_not_given_back() public {
        (Sweep memory sweep, Commit memory commit,) = _summoned(10, 1, 1);
        _pass(ALL_TURNS + 1);
        commit.relayer = sellers[5];
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, commit.awards[0].award.id
            )
        );
        market.expirePosted(sweep, commit, 0, none);
    }

    // --- never both ---

    /// @dev What happens to a share, of a random choice: nothing; its judge is posted, before or after a summons;
    /// it is summoned and one, two or no substitutes come. Whether its judge's verdict may be brought along.
    function _play(Sweep memory sweep, Commit memory commit, uint8 share, uint256 choice)
        private
        returns (bool brings)
    {
        Docket memory d = market.docket(sweep, commit);
        bytes memory good = _answers(d.sizes[share], 5);
        if (choice == 0) return true;
        if (choice == 1) {
            court.post(sweep, commit, _verdict(sweep, commit, d, share, good), 0);
            return true;
        }
        court.summon(sweep, commit, share);
        if (choice == 2) {
            court.post(sweep, commit, _verdict(sweep, commit, d, share, good), 0);
            return true;
        }
        uint256 before = nowTime;
        _pass(JUDGE_TIME + 1);
        for (uint8 seat = 1; seat < choice - 2; ++seat) {
            _substitute(sweep, commit, share, seat, good);
        }
        // Back again: each share has its own time.
        nowTime = before;
        vm.warp(before);
    }

    function test_fuzz_settle_and_expire_are_never_both_open(uint256 time, uint8[3] memory choices)
        public
    {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(VERDICT_TIME);
        uint256 count;
        (bool dead, bool waits) = (false, false);
        for (uint8 share; share < 3; ++share) {
            uint256 choice = choices[share] % 6;
            if (choice == 3) dead = true;
            if (choice == 4) waits = true;
            if (_play(sweep, commit, share, choice)) verdicts[count++] = verdicts[share];
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
        uint256 passed = bound(time, 0, 2 * ALL_TURNS);
        _pass(passed);
        bool settles = _opens(abi.encodeCall(market.settle, (sweep, commit, verdicts)));
        bool expires = _opens(abi.encodeCall(market.expirePosted, (sweep, commit, 0, verdicts)));
        bool over = passed > ALL_TURNS;
        vm.assertEq(settles, !dead && (over || !waits));
        vm.assertEq(expires, dead && over);
    }

    /// @dev Whether a call works, and everything as it was before.
    function _opens(bytes memory data) private returns (bool opened) {
        uint256 snapshot = vm.snapshotState();
        (opened,) = address(market).call(data);
        vm.revertToState(snapshot);
    }
}
