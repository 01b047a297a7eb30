// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Deal} from "../src/libraries/Deal.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    Entry,
    Offer,
    Posted,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract CommitResultsTest is Fixture {
    function _open(uint256 trials, uint256 count)
        private
        returns (Sweep memory sweep, Submission[] memory submissions)
    {
        sweep = _sweep();
        submissions = _submissions(_award(sweep, _offers(sweep, trials, count)));
        _pass(60);
    }

    function _refuse(Sweep memory sweep, Submission[] memory submissions, bytes memory refusal)
        private
    {
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.commit(sweep, submissions);
    }

    function _idOf(Submission[] memory submissions) private view returns (bytes32) {
        bytes memory words;
        for (uint256 i; i < submissions.length; ++i) {
            Submission memory submission = submissions[i];
            words = bytes.concat(
                words, abi.encode(submission.award.id, submission.root, uint256(submission.done))
            );
        }
        return keccak256(abi.encode(block.chainid, address(market), height, keccak256(words)));
    }

    function test_results_are_posted_under_one_id() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(30, 3);
        bytes32 commitId = _idOf(submissions);
        Entry[] memory entries = new Entry[](3);
        for (uint256 i; i < 3; ++i) {
            entries[i] = Entry(submissions[i].award.id, submissions[i].root, submissions[i].done);
        }
        vm.expectEmit();
        emit ISweepMarket.Committed(_sweepId(sweep), commitId, relayer, entries);
        vm.prank(relayer);
        vm.assertEq(market.commit(sweep, submissions), commitId);
        for (uint256 i; i < 3; ++i) {
            _checkPosted(sweep, submissions[i], commitId);
        }
        vm.assertEq(_free(relayer), 0);
    }

    function _checkPosted(Sweep memory sweep, Submission memory submission, bytes32 commitId)
        private
        view
    {
        bytes32 hash = keccak256(
            abi.encode(
                _sweepId(sweep),
                submission.award,
                submission.root,
                submission.done,
                commitId,
                nowTime,
                relayer
            )
        );
        uint256 slot = 2 << 248 | nowTime << 208 | uint256(hash) << 48 >> 48;
        vm.assertEq(market.awardSlot(submission.award.id), slot);
        vm.assertEq(_locked(submission.award.seller), _bondOf(submission.award));
    }

    function test_the_order_is_part_of_the_id() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        bytes32 straight = _idOf(submissions);
        (submissions[0], submissions[1]) = (submissions[1], submissions[0]);
        vm.prank(relayer);
        bytes32 turned = market.commit(sweep, submissions);
        vm.assertNotEq(turned, straight);
        vm.assertEq(turned, _idOf(submissions));
    }

    function test_a_seller_posts_for_itself() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Commit memory commit = _commitBy(sellers[0], sweep, submissions);
        vm.assertEq(commit.relayer, sellers[0]);
        vm.assertEq(market.docket(sweep, commit).commitId, _commitId(commit));
        vm.assertEq(_free(sellers[0]), 10 ether - _bondOf(submissions[0].award));
    }

    function test_posting_writes_nothing_but_the_slots() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(30, 3);
        vm.record();
        _commit(sweep, submissions);
        (, bytes32[] memory writes) = vm.accesses(address(market));
        vm.assertEq(writes.length, 3);
    }

    function test_who_posts_and_when_is_part_of_the_slot() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        uint256 before = vm.snapshotState();
        _commitBy(relayer, sweep, submissions);
        uint256 byRelayer = market.awardSlot(submissions[0].award.id);
        vm.revertToState(before);
        _commitBy(sellers[1], sweep, submissions);
        vm.assertNotEq(market.awardSlot(submissions[0].award.id) << 48, byRelayer << 48);
        vm.revertToState(before);
        vm.warp(nowTime + 1);
        _commitBy(relayer, sweep, submissions);
        vm.assertNotEq(market.awardSlot(submissions[0].award.id) << 48, byRelayer << 48);
    }

    function test_a_posted_award_is_skipped() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(30, 3);
        Submission[] memory second = new Submission[](1);
        second[0] = submissions[1];
        _commit(sweep, second);
        _pass(1);
        vm.prank(relayer);
        bytes32 commitId = market.commit(sweep, submissions);
        Submission[] memory rest = new Submission[](2);
        (rest[0], rest[1]) = (submissions[0], submissions[2]);
        vm.assertEq(commitId, _idOf(rest));
        _assertStatus(submissions[1].award.id, AwardStatus.POSTED);
    }

    function test_an_expired_award_is_skipped() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Bid memory later = _bid(sweep, sellers[1], 50, 3);
        later.deadline += 3600;
        Award[] memory awards = _award(sweep, _only(_offer(later)));
        _pass(3700);
        market.expireAward(sweep, submissions[0].award);
        Submission[] memory both = new Submission[](2);
        (both[0], both[1]) = (submissions[0], _submission(awards[0], 96));
        vm.prank(relayer);
        market.commit(sweep, both);
        _assertStatus(submissions[0].award.id, AwardStatus.EXPIRED);
        _assertStatus(awards[0].id, AwardStatus.POSTED);
    }

    function test_a_commit_rides_with_other_calls() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        bytes[] memory calls = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            Submission[] memory one = new Submission[](1);
            one[0] = submissions[i];
            calls[i] = abi.encodeCall(market.commit, (sweep, one));
        }
        vm.prank(relayer);
        bytes[] memory results = market.multicall(calls);
        vm.assertNotEq(abi.decode(results[0], (bytes32)), abi.decode(results[1], (bytes32)));
        for (uint256 i; i < 2; ++i) {
            _assertStatus(submissions[i].award.id, AwardStatus.POSTED);
        }
    }

    function test_an_award_is_posted_once_among_several_calls() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(market.commit, (sweep, submissions));
        calls[1] = calls[0];
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NothingToCommit.selector, _sweepId(sweep)
            )
        );
        vm.prank(relayer);
        market.multicall(calls);
    }

    function test_nothing_open_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        _commit(sweep, submissions);
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_NothingToCommit.selector, _sweepId(sweep)
        );
        _refuse(sweep, submissions, refusal);
        _refuse(sweep, new Submission[](0), refusal);
    }

    function test_an_award_nobody_made_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        submissions[0].award.id = keccak256("nobody made it");
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, submissions[0].award.id
            )
        );
    }

    function test_fuzz_an_award_changed_anywhere_is_refused(uint256 seed) public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Award memory award = submissions[0].award;
        uint256 kind = seed % 6;
        if (kind == 0) award.seller = sellers[1];
        if (kind == 1) award.trials += 1;
        if (kind == 2) award.segments += 1;
        if (kind == 3) award.price += 1;
        if (kind == 4) award.deadline += 1;
        if (kind == 5) sweep.specHash = bytes32(seed);
        submissions[0] = _submission(award, 320);
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, award.id)
        );
    }

    function test_results_are_taken_until_the_grace_is_over() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        uint256 by = submissions[0].award.deadline + 10;
        Submission[] memory first = new Submission[](1);
        first[0] = submissions[0];
        _pass(by - nowTime);
        _commit(sweep, first);
        _pass(1);
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooLate.selector, by)
        );
    }

    function test_fuzz_part_of_an_award_is_posted_as_such(uint32 done) public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Award memory award = submissions[0].award;
        submissions[0] = _submission(award, uint32(bound(done, 1, 320)));
        bytes32 commitId = _idOf(submissions);
        _commit(sweep, submissions);
        _checkPosted(sweep, submissions[0], commitId);
    }

    function test_done_is_between_one_and_all() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Award memory award = submissions[0].award;
        for (uint32 done; done <= 321; done += 321) {
            submissions[0] = _submission(award, done);
            _refuse(
                sweep,
                submissions,
                abi.encodeWithSelector(
                    ISweepMarket.SweepMarket_BadDone.selector, award.id, done, 320
                )
            );
        }
    }

    function test_a_foreign_signature_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        submissions[1].signature = submissions[0].signature;
        Award memory award = submissions[1].award;
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_BadSignature.selector, award.id, award.seller
        );
        _refuse(sweep, submissions, refusal);
        submissions[1] = _submission(award, 320);
        submissions[1].root = keccak256("another root");
        _refuse(sweep, submissions, refusal);
        submissions[1] = _submission(award, 320);
        submissions[1].done = 319;
        _refuse(sweep, submissions, refusal);
    }

    function test_an_award_named_twice_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        Submission[] memory twice = new Submission[](2);
        (twice[0], twice[1]) = (submissions[0], submissions[0]);
        _refuse(
            sweep,
            twice,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_WrongStatus.selector,
                submissions[0].award.id,
                AwardStatus.POSTED
            )
        );
    }

    function _two(uint256 trials, uint128 price)
        private
        returns (Sweep memory sweep, Submission[] memory submissions)
    {
        sweep = _sweep();
        Offer[] memory offers = new Offer[](2);
        for (uint256 i; i < 2; ++i) {
            Bid memory bid = _bid(sweep, sellers[i], i * trials, trials);
            bid.price = price;
            offers[i] = _offer(bid);
        }
        submissions = _submissions(_award(sweep, offers));
    }

    function test_more_items_than_a_commit_takes_are_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _two(512, LEAST_PRICE);
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooManyItems.selector, 1026, 1024)
        );
        submissions[0] = _submission(submissions[0].award, 510 * uint32(S));
        _commit(sweep, submissions);
    }

    function test_more_awards_than_a_commit_takes_are_refused() public {
        Sweep memory sweep = _sweep();
        _deposit(sellers[0], NATIVE, 100 ether);
        Offer[] memory offers = new Offer[](65);
        for (uint256 i; i < 65; ++i) {
            Bid memory bid = _bid(sweep, sellers[0], i, 1);
            bid.price = LEAST_PRICE;
            offers[i] = _offer(bid);
        }
        Submission[] memory submissions = _submissions(_award(sweep, offers));
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooManyAwards.selector, 65, 64)
        );
        Submission[] memory first = new Submission[](1);
        first[0] = submissions[0];
        _commit(sweep, first);
        // What is skipped does not count.
        vm.prank(relayer);
        market.commit(sweep, submissions);
        _assertStatus(submissions[64].award.id, AwardStatus.POSTED);
    }

    function test_a_price_above_the_cap_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _two(10, uint128(CAP) / 2 / 320 + 1);
        uint256 price = 2 * _price(submissions[0].award);
        _refuse(
            sweep,
            submissions,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_AboveCap.selector, price, CAP)
        );
        Submission[] memory one = new Submission[](1);
        one[0] = submissions[0];
        Commit memory commit = _commit(sweep, one);
        vm.assertEq(commit.awards.length, 1);
        one[0] = submissions[1];
        _commit(sweep, one);
    }

    function test_as_much_as_the_cap_is_taken_at_once() public {
        (Sweep memory sweep, Submission[] memory submissions) = _two(10, uint128(CAP) / 2 / 320);
        vm.assertEq(2 * _price(submissions[0].award), CAP);
        _commit(sweep, submissions);
    }

    function test_what_is_skipped_does_not_count_for_the_cap() public {
        (Sweep memory sweep, Submission[] memory submissions) = _two(10, uint128(CAP) / 2 / 320 + 1);
        Submission[] memory one = new Submission[](1);
        one[0] = submissions[0];
        _commit(sweep, one);
        vm.prank(relayer);
        market.commit(sweep, submissions);
        _assertStatus(submissions[1].award.id, AwardStatus.POSTED);
    }

    // --- what follows from a commit ---

    function test_a_docket_holds_all_that_follows() public {
        (Sweep memory sweep, Commit memory commit) = _posted(50, 5);
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.sweepId, _sweepId(sweep));
        vm.assertEq(d.commitId, _commitId(commit));
        bytes32 entropy = keccak256(abi.encode("block", commit.blockNumber + 2));
        vm.assertEq(d.seed, keccak256(abi.encode(entropy, d.commitId)));
        vm.assertEq(d.shares, 3);
        vm.assertFalse(d.marked);
        vm.assertEq(d.slots.length, 5);
        uint256 answers;
        for (uint256 share; share < 3; ++share) {
            vm.assertEq(d.sizes[share], _list(d, share).length);
            answers += d.sizes[share];
        }
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(d.ends[i], 11 * (i + 1));
            vm.assertEq(d.slots[i], market.awardSlot(commit.awards[i].award.id));
            for (uint256 share; share < 3; ++share) {
                answers -= Deal.answers(d.places[3 * i + share]);
            }
        }
        vm.assertEq(answers, 0);
        vm.assertEq(d.sizes[0] + d.sizes[1] + d.sizes[2], 55 + 5);
    }

    function test_a_docket_without_a_seed_says_what_is_sure() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        Commit memory commit = _commit(sweep, submissions);
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.seed, 0);
        vm.assertEq(d.shares, 3);
        vm.assertEq(d.slots.length, 2);
        vm.assertEq(d.ends.length + d.places.length + d.sizes.length, 0);
    }

    function test_fuzz_there_are_as_many_shares_as_trials_or_three(uint256 trials) public {
        trials = bound(trials, 1, 5);
        (Sweep memory sweep, Commit memory commit) = _posted(trials, 1);
        vm.assertEq(market.docket(sweep, commit).shares, trials < 3 ? trials : 3);
    }

    function test_a_commit_of_nothing_has_no_docket() public {
        Commit memory commit;
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, bytes32(0))
        );
        market.docket(_sweep(), commit);
    }

    function test_a_part_of_a_commit_has_no_docket() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Commit memory part = commit;
        Posted[] memory two = new Posted[](2);
        (two[0], two[1]) = (commit.awards[0], commit.awards[1]);
        part.awards = two;
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, two[0].award.id)
        );
        market.docket(sweep, part);
    }
}
