// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {IRandomness} from "../src/interfaces/IRandomness.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeStatus,
    Docket,
    SignedVerdict,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract PostTest is Fixture {
    function _refuse(
        Sweep memory sweep,
        Commit memory commit,
        SignedVerdict memory verdict,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        court.post(sweep, commit, verdict);
    }

    function _status(bytes32 commitId, bytes32 awardId, uint256 item)
        private
        view
        returns (DisputeStatus)
    {
        return court.dispute(_disputeId(commitId, awardId, item)).status;
    }

    // --- refusals ---

    function test_the_seed_must_be_known() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Commit memory commit = _commit(sweep, _submissions(awards));
        bytes memory refusal =
            abi.encodeWithSelector(IRandomness.Randomness_Unknown.selector, commit.blockNumber + 2);
        _refuse(sweep, commit, SignedVerdict(0, "", 0, ""), refusal);
        height += 10_000;
        _pass(1);
        _refuse(sweep, commit, SignedVerdict(0, "", 0, ""), refusal);
    }

    function test_a_changed_commit_is_refused() public {
        (Sweep memory sweep, Commit memory commit) = _posted(20, 2);
        SignedVerdict memory verdict = _verdicts(sweep, commit)[0];
        commit.awards[1].award.trials = 1;
        _refuse(
            sweep,
            commit,
            verdict,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, commit.awards[1].award.id
            )
        );
    }

    function test_a_share_that_does_not_exist_is_refused() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict memory verdict = _verdicts(sweep, commit)[0];
        verdict.share = 3;
        _refuse(
            sweep,
            commit,
            verdict,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchShare.selector, 3, 3)
        );
    }

    function test_a_share_without_items_is_refused() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 3, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], 1);
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict memory verdict = _verdict(sweep, commit, d, 2, "");
        _refuse(
            sweep,
            commit,
            verdict,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_BadAnswers.selector, d.commitId, 2)
        );
    }

    function test_misshapen_answers_are_refused() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory refusal =
            abi.encodeWithSelector(IAuditCourt.AuditCourt_BadAnswers.selector, d.commitId, 2);
        bytes[3] memory answers = [bytes(hex"1111"), hex"1111", hex"1190"];
        vm.assertEq(_shareSize(d, 2), 3);
        for (uint256 i; i < 3; ++i) {
            _refuse(sweep, commit, _verdict(sweep, commit, d, 2, answers[i]), refusal);
        }
    }

    function test_only_the_judge_signs() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict memory verdict = _verdicts(sweep, commit)[1];
        address judge = court.judgeOf(sweep, commit, 1);
        verdict.evidence = keccak256("other evidence");
        _refuse(
            sweep,
            commit,
            verdict,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_BadSignature.selector,
                market.docket(sweep, commit).commitId,
                judge
            )
        );
    }

    function test_the_first_verdict_stays() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Docket memory d = market.docket(sweep, commit);
        court.post(sweep, commit, _verdicts(sweep, commit)[1]);
        SignedVerdict memory other = _refutation(sweep, commit, 1);
        _refuse(
            sweep,
            commit,
            other,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_AlreadyPosted.selector, d.commitId, 1)
        );
    }

    function test_a_commit_that_is_settled_hears_nothing_more() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        SignedVerdict memory refutation = _refutation(sweep, commit, 0);
        _pass(16);
        market.settle(sweep, commit, verdicts);
        bytes32 commitId = market.docket(sweep, commit).commitId;
        bytes memory refusal =
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, commitId);
        _refuse(sweep, commit, verdicts[0], refusal);
        _refuse(sweep, commit, refutation, refusal);
    }

    // --- records ---

    function test_an_upheld_share_is_recorded_and_the_seed_pinned() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict memory verdict = _verdicts(sweep, commit)[1];
        address judge = court.judgeOf(sweep, commit, 1);
        vm.expectEmit();
        emit IAuditCourt.VerdictPosted(d.commitId, 1, judge, verdict.answers, verdict.evidence);
        vm.prank(relayer);
        court.post(sweep, commit, verdict);
        vm.assertEq(court.postedVerdict(d.commitId, 1), _verdictHash(d.commitId, verdict));
        vm.assertEq(court.postedVerdict(d.commitId, 0), bytes32(0));
        _assertStatus(commit.awards[0].award.id, AwardStatus.POSTED);
        height += 10_000;
        _pass(1);
        vm.assertEq(market.docket(sweep, commit).seed, d.seed);
    }

    function test_fuzz_what_refutes_an_award_names_one_item(uint256 named, uint8 outcome) public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(_shareSize(d, 0), 1);
        named = bound(named, 0, 3);
        for (uint256 i; i < named; ++i) {
            _setAnswer(answers, i, 7);
        }
        uint8[3] memory others = [0, 2, 4];
        uint8 other = others[outcome % 3];
        _setAnswer(answers, 9, other);
        bool withheld = named == 0 && other != 2;
        SignedVerdict memory verdict = _verdict(sweep, commit, d, 0, answers);
        bytes32 id = commit.awards[0].award.id;
        if (named != 1 && !withheld) {
            vm.expectRevert(
                abi.encodeWithSelector(IAuditCourt.AuditCourt_NamesNotOne.selector, id, named)
            );
        }
        court.post(sweep, commit, verdict);
        bool open = named == 1 || withheld;
        _assertStatus(id, open ? AwardStatus.DISPUTED : AwardStatus.POSTED);
    }

    // --- disputes ---

    function test_fuzz_a_named_item_opens_a_dispute(uint256 item) public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        item = bound(item, 0, d.ends[2] - 1);
        uint256 index = item < d.ends[0] ? 0 : item < d.ends[1] ? 1 : 2;
        bytes32 id = commit.awards[index].award.id;
        bytes32 disputeId = _disputeId(d.commitId, id, item);
        SignedVerdict memory verdict = _refutation(sweep, commit, item);
        address judge = court.judgeOf(sweep, commit, uint8(item % 3));
        uint256 slot = market.awardSlot(id);
        vm.expectEmit();
        emit IAuditCourt.DisputeOpened(disputeId, d.commitId, id, item, judge);
        vm.expectEmit();
        emit ISweepMarket.Disputed(id, disputeId);
        court.post(sweep, commit, verdict);

        vm.assertEq(market.awardSlot(id), 3 << 248 | slot << 8 >> 8);
        Dispute memory opened = court.dispute(disputeId);
        vm.assertTrue(opened.status == DisputeStatus.OPEN);
        vm.assertEq(opened.time, nowTime);
        vm.assertEq(opened.blockNumber, height);
        vm.assertEq(opened.judge, judge);
        vm.assertFalse(opened.withheld);
    }

    function test_fuzz_the_first_unavailable_item_opens_a_dispute(uint256 seed) public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 1);
        Docket memory d = market.docket(sweep, commit);
        uint256 size = _shareSize(d, 1);
        bytes memory answers = _answers(size, 1);
        uint256 first = size;
        for (uint256 i = size; i > 0;) {
            bool withheld = --i == seed % size || seed >> i & 1 == 1;
            if (!withheld) continue;
            _setAnswer(answers, i, 0);
            first = i;
        }
        bytes32 id = commit.awards[0].award.id;
        court.post(sweep, commit, _verdict(sweep, commit, d, 1, answers));
        for (uint256 i; i < size; ++i) {
            DisputeStatus status = i == first ? DisputeStatus.OPEN : DisputeStatus.NONE;
            vm.assertTrue(_status(d.commitId, id, i * 3 + 1) == status);
        }
        vm.assertTrue(court.dispute(_disputeId(d.commitId, id, first * 3 + 1)).withheld);
        _assertStatus(id, AwardStatus.DISPUTED);
    }

    function test_a_named_item_goes_before_an_unavailable_one() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(_shareSize(d, 0), 1);
        _setAnswer(answers, 2, 0);
        _setAnswer(answers, 4, 3);
        _setAnswer(answers, 6, 0);
        court.post(sweep, commit, _verdict(sweep, commit, d, 0, answers));
        bytes32 id = commit.awards[0].award.id;
        vm.assertTrue(_status(d.commitId, id, 6) == DisputeStatus.NONE);
        vm.assertTrue(_status(d.commitId, id, 12) == DisputeStatus.OPEN);
        vm.assertFalse(court.dispute(_disputeId(d.commitId, id, 12)).withheld);
    }

    function test_one_award_withheld_does_not_shield_another() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(_shareSize(d, 0), 1);
        _setAnswer(answers, 0, 3);
        _setAnswer(answers, 10, 0);
        court.post(sweep, commit, _verdict(sweep, commit, d, 0, answers));
        _assertStatus(commit.awards[0].award.id, AwardStatus.DISPUTED);
        _assertStatus(commit.awards[1].award.id, AwardStatus.POSTED);
        _assertStatus(commit.awards[2].award.id, AwardStatus.DISPUTED);
    }

    function test_a_disputed_award_is_not_settled() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, _refutation(sweep, commit, 12));
        _pass(16);
        vm.assertEq(market.settle(sweep, commit, verdicts), 2);
        _assertStatus(commit.awards[1].award.id, AwardStatus.DISPUTED);
    }

    function test_two_named_awards_open_two_disputes() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(_shareSize(d, 0), 1);
        _setAnswer(answers, 0, 3);
        _setAnswer(answers, 10, 3);
        court.post(sweep, commit, _verdict(sweep, commit, d, 0, answers));
        bytes32 first = commit.awards[0].award.id;
        bytes32 last = commit.awards[2].award.id;
        vm.assertTrue(_status(d.commitId, first, 0) == DisputeStatus.OPEN);
        vm.assertTrue(_status(d.commitId, last, 30) == DisputeStatus.OPEN);
        _assertStatus(first, AwardStatus.DISPUTED);
        _assertStatus(commit.awards[1].award.id, AwardStatus.POSTED);
        _assertStatus(last, AwardStatus.DISPUTED);
    }

    function test_another_judge_opens_another_dispute() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Docket memory d = market.docket(sweep, commit);
        bytes32 id = commit.awards[0].award.id;
        court.post(sweep, commit, _refutation(sweep, commit, 3));
        court.post(sweep, commit, _refutation(sweep, commit, 4));
        vm.assertTrue(_status(d.commitId, id, 3) == DisputeStatus.OPEN);
        vm.assertTrue(_status(d.commitId, id, 4) == DisputeStatus.OPEN);
        _assertStatus(id, AwardStatus.DISPUTED);
    }

    function test_a_settled_award_is_beyond_dispute() public {
        (Sweep memory sweep, Commit memory commit) = _posted(4, 4);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        bytes memory answers = _answers(3, 1);
        _setAnswer(answers, 1, 0);
        verdicts[0] = _verdict(sweep, commit, d, 0, answers);
        _pass(16);
        vm.assertEq(market.settle(sweep, commit, verdicts), 3);
        _setAnswer(answers, 0, 3);
        _setAnswer(answers, 1, 1);
        court.post(sweep, commit, _verdict(sweep, commit, d, 0, answers));
        bytes32 id = commit.awards[0].award.id;
        vm.assertTrue(_status(d.commitId, id, 0) == DisputeStatus.NONE);
        _assertStatus(id, AwardStatus.SETTLED);
    }

    function test_a_late_verdict_is_heard() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict memory verdict = _refutation(sweep, commit, 5);
        _pass(10_000);
        court.post(sweep, commit, verdict);
        _assertStatus(commit.awards[0].award.id, AwardStatus.DISPUTED);
    }

    // --- judgeOf ---

    function test_a_judge_is_unknown_before_the_seed() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Commit memory commit = _commit(sweep, _submissions(awards));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_SeedUnknown.selector, commit.blockNumber + 2
            )
        );
        court.judgeOf(sweep, commit, 0);
    }

    function test_a_share_that_does_not_exist_has_no_judge() public {
        (Sweep memory sweep, Commit memory commit) = _posted(2, 1);
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchShare.selector, 2, 2));
        court.judgeOf(sweep, commit, 2);
    }

    function test_fuzz_a_judge_is_never_a_party(uint256 seed) public {
        Sweep memory sweep = _sweep();
        sweep.specHash = bytes32(seed);
        Award[] memory awards = _award(sweep, _offers(sweep, 6, 2));
        _bondValidator(sellers[0], 500 ether, 24);
        _bondValidator(buyer, 500 ether, 24);
        _pass(EPOCH);
        Commit memory commit = _commit(sweep, _submissions(awards));
        _mine(3);
        for (uint8 share; share < 3; ++share) {
            address judge = court.judgeOf(sweep, commit, share);
            vm.assertNotEq(judge, sellers[0]);
            vm.assertNotEq(judge, buyer);
            vm.assertNotEq(judge, address(0));
        }
    }
}
