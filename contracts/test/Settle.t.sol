// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Bid,
    BidFault,
    Commit,
    Docket,
    Offer,
    SignedVerdict,
    Submission,
    Sweep,
    Terms
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract SettleTest is Fixture {
    function _ready(uint256 trials, uint256 count)
        private
        returns (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
    {
        (sweep, commit) = _posted(trials, count);
        verdicts = _verdicts(sweep, commit);
        _pass(16);
    }

    function _settle(Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
        private
        returns (uint256 settled)
    {
        vm.prank(relayer);
        settled = market.settle(sweep, commit, verdicts);
    }

    function _refuse(
        Sweep memory sweep,
        Commit memory commit,
        SignedVerdict[] memory verdicts,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.settle(sweep, commit, verdicts);
    }

    function _commitId(Sweep memory sweep, Commit memory commit) private view returns (bytes32) {
        return market.docket(sweep, commit).commitId;
    }

    // --- times ---

    function test_the_window_must_be_over() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        uint256 from = nowTime + 15;
        _pass(14);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooEarly.selector, from)
        );
        _pass(1);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_the_window_follows_the_verdict_time_where_that_is_longer() public {
        Terms memory terms = _sweep().terms;
        (uint256 from, uint256 answerBy) = market.times(terms, 1000);
        vm.assertEq(from, 1015);
        vm.assertEq(answerBy, 1135);
        _deploy(production());
        terms.verdictTime = 1 hours;
        (from, answerBy) = market.times(terms, 1000);
        vm.assertEq(from, 1000 + 2 hours);
        vm.assertEq(answerBy, 1000 + 3 hours);
        terms.verdictTime = 24 hours;
        (from, answerBy) = market.times(terms, 1000);
        vm.assertEq(from, 1000 + 24 hours);
        vm.assertEq(answerBy, 1000 + 48 hours);
    }

    function test_the_seed_must_be_known() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Commit memory commit = _commit(sweep, _submissions(awards));
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_SeedUnknown.selector, commit.blockNumber + 2
        );
        _refuse(sweep, commit, new SignedVerdict[](0), refusal);
        height += 10_000;
        _pass(1);
        _refuse(sweep, commit, new SignedVerdict[](0), refusal);
    }

    // --- the commit ---

    function test_fuzz_a_commit_changed_anywhere_is_refused(uint256 seed) public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        uint256 kind = seed % 11;
        if (kind == 0) commit.blockNumber -= 1;
        if (kind == 1) commit.awards[1].root = bytes32(seed);
        if (kind == 2) commit.awards[1].done -= 1;
        if (kind == 3) commit.awards[1].award.seller = sellers[5];
        if (kind == 4) commit.awards[1].award.trials += 1;
        if (kind == 5) commit.awards[1].award.segments += 1;
        if (kind == 6) commit.awards[1].award.price += 1;
        if (kind == 7) commit.awards[1].award.deadline += 1;
        if (kind == 8) commit.awards[1] = commit.awards[0];
        if (kind == 9) sweep.terms.vramGib += 1;
        if (kind == 10) sweep.buyer = relayer;
        bytes32 named = kind == 3 || kind == 4 || kind == 5 || kind == 6 || kind == 7
            ? commit.awards[1].award.id
            : commit.awards[0].award.id;
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, named)
        );
    }

    // --- the happy path ---

    function test_everybody_is_paid() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(50, 5);
        uint256 held = address(market).balance;
        Docket memory d = market.docket(sweep, commit);
        uint256 perItem = _fee(320 * PRICE) / 11;
        for (uint256 i; i < 5; ++i) {
            vm.expectEmit();
            emit ISweepMarket.Settled(
                commit.awards[i].award.id,
                sellers[i],
                320 * PRICE,
                _fee(320 * PRICE) - 11 * perItem,
                11 * perItem
            );
        }
        vm.assertEq(_settle(sweep, commit, verdicts), 5);

        for (uint256 i; i < 5; ++i) {
            _assertStatus(commit.awards[i].award.id, AwardStatus.SETTLED);
            vm.assertEq(_free(sellers[i]), 10 ether + 320 * PRICE);
            vm.assertEq(_locked(sellers[i]), 0);
        }
        _checkJudges(sweep, commit, d, perItem);
        vm.assertEq(_free(buyer), 5 * (_fee(320 * PRICE) - 11 * perItem));
        vm.assertEq(_free(relayer), 10 * uint256(TIP));
        vm.assertEq(address(market).balance, held);
        vm.assertEq(_owed(), held);
    }

    function _checkJudges(
        Sweep memory sweep,
        Commit memory commit,
        Docket memory d,
        uint256 perItem
    ) private view {
        for (uint256 i; i < judges.length; ++i) {
            uint256 items;
            for (uint8 share; share < d.shares; ++share) {
                if (court.judgeOf(sweep, commit, share) == judges[i]) {
                    items += _shareSize(d, share);
                }
            }
            vm.assertEq(_free(judges[i]), items * perItem);
        }
    }

    /// @dev Everything free or locked, of everybody there is.
    function _owed() private view returns (uint256 sum) {
        for (uint256 i; i < judges.length; ++i) {
            sum += _free(judges[i]);
        }
        for (uint256 i; i < sellers.length; ++i) {
            sum += _free(sellers[i]) + _locked(sellers[i]);
        }
        sum += _free(buyer) + _free(relayer) + _free(BURN);
    }

    function test_fuzz_only_what_is_done_is_paid(uint256 trials, uint256 done) public {
        trials = bound(trials, 1, 40);
        done = bound(done, 1, trials * S);
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, trials, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], uint32(done));
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        uint256 items = market.docket(sweep, commit).ends[0];
        _pass(16);
        _settle(sweep, commit, verdicts);

        uint256 fees = _fee(done * PRICE) / items * items;
        vm.assertEq(_free(sellers[0]), 10 ether + done * PRICE);
        vm.assertEq(_free(buyer), _cost(awards[0]) - 2 * TIP - done * PRICE - fees);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_nothing_counts_twice() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        Award memory award = commit.awards[0].award;
        Bid memory bid = _bid(sweep, sellers[0], 0, 10);
        (bid.deadline, bid.expiry) = (award.deadline, award.deadline - 3000);
        vm.assertEq(_bidId(bid), award.id);
        _settle(sweep, commit, verdicts);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NothingToSettle.selector, _commitId(sweep, commit)
            )
        );
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(award, 320);
        vm.expectRevert(ISweepMarket.SweepMarket_NothingToCommit.selector);
        market.commit(sweep, submissions);

        Offer[] memory offers = new Offer[](1);
        offers[0] = _offer(bid);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award(sweep, offers, 0, _noPermit(0));
    }

    // --- verdicts ---

    function test_a_share_that_does_not_exist_is_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(2, 1);
        verdicts[1].share = 2;
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NoSuchShare.selector, 2, 2)
        );
    }

    function test_misshapen_answers_are_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_BadAnswers.selector, _commitId(sweep, commit), 0
        );
        verdicts[0].answers = bytes.concat(verdicts[0].answers, hex"11");
        _refuse(sweep, commit, verdicts, refusal);
        verdicts[0].answers = hex"1191";
        _refuse(sweep, commit, verdicts, refusal);
    }

    function test_fuzz_a_changed_verdict_is_refused(uint256 seed) public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        uint256 kind = seed % 4;
        if (kind == 0) verdicts[1].evidence = bytes32(seed);
        if (kind == 1) verdicts[1].answers[0] ^= 0x44;
        if (kind == 2) verdicts[1].signature[seed % 64] ^= 0x01;
        if (kind == 3) verdicts[1].signature = "";
        address judge = court.judgeOf(sweep, commit, 1);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadSignature.selector, _commitId(sweep, commit), judge
            )
        );
    }

    function test_an_undrawn_validator_is_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes32 commitId = _commitId(sweep, commit);
        address judge = court.judgeOf(sweep, commit, 0);
        address other = judges[0] == judge ? judges[1] : judges[0];
        bytes32 digest = _digest(address(court), _verdictHash(commitId, verdicts[0]));
        verdicts[0].signature = _sign(other, digest);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadSignature.selector, commitId, judge)
        );
    }

    // --- what is not upheld ---

    function test_fuzz_an_award_with_an_item_not_upheld_is_skipped(uint256 item, uint8 outcome)
        public
    {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        item = bound(item, 0, d.ends[2] - 1);
        uint8[3] memory others = [0, 2, 3];
        uint8 share = uint8(item % 3);
        bytes memory answers = _answers(_shareSize(d, share), 1);
        _setAnswer(answers, item / 3, others[outcome % 3]);
        verdicts[share] = _verdict(sweep, commit, d, share, answers);
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 2);
        for (uint256 i; i < 3; ++i) {
            bool inside = item < d.ends[i] && (i == 0 || item >= d.ends[i - 1]);
            _assertStatus(
                commit.awards[i].award.id, inside ? AwardStatus.POSTED : AwardStatus.SETTLED
            );
        }
    }

    function test_a_share_without_a_verdict_pays_nobody() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(30, 3);
        SignedVerdict[] memory two = new SignedVerdict[](2);
        (two[0], two[1]) = (verdicts[0], verdicts[2]);
        _refuse(
            sweep,
            commit,
            two,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NothingToSettle.selector, _commitId(sweep, commit)
            )
        );
    }

    function test_a_share_without_items_needs_no_verdict() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 3, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], 1);
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.shares, 3);
        vm.assertLt(d.ends[0], 3);
        SignedVerdict[] memory verdicts = new SignedVerdict[](d.ends[0]);
        for (uint8 share; share < verdicts.length; ++share) {
            verdicts[share] = _verdict(sweep, commit, d, share, _answers(1, 1));
        }
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_a_commit_is_settled_in_two_calls() public {
        (Sweep memory sweep, Commit memory commit) = _posted(4, 4);
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.ends[3], 8);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        address judge = court.judgeOf(sweep, commit, 0);
        bytes memory answers = _answers(3, 1);
        _setAnswer(answers, 1, 0);
        SignedVerdict memory good = verdicts[0];
        verdicts[0] = _verdict(sweep, commit, d, 0, answers);
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 3);
        vm.assertEq(court.judgeOf(sweep, commit, 0), judge);
        verdicts[0] = good;
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        for (uint256 i; i < 4; ++i) {
            _assertStatus(commit.awards[i].award.id, AwardStatus.SETTLED);
            vm.assertEq(_free(sellers[i]), 10 ether + 32 * PRICE);
        }
        vm.assertEq(_owed(), address(market).balance);
    }

    // --- after answerBy ---

    function test_late_verdicts_must_be_posted() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes32 commitId = _commitId(sweep, commit);
        court.post(sweep, commit, verdicts[0]);
        court.post(sweep, commit, verdicts[1]);
        _pass(120);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotPosted.selector, commitId, 2)
        );
        court.post(sweep, commit, verdicts[2]);
        for (uint256 i; i < 3; ++i) {
            verdicts[i].signature = "";
        }
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_a_late_verdict_is_the_one_posted() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        for (uint256 i; i < 3; ++i) {
            court.post(sweep, commit, verdicts[i]);
        }
        _pass(120);
        verdicts[1].evidence = keccak256("other evidence");
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NotPosted.selector, _commitId(sweep, commit), 1
            )
        );
    }

    function test_until_answer_by_signatures_are_enough() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        _pass(135 - 16);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }
}
