// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Entry,
    Offer,
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

    function _commitId(Submission[] memory submissions) private view returns (bytes32) {
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
        bytes32 commitId = _commitId(submissions);
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
        vm.assertEq(_free(relayer), 3 * uint256(TIP));
    }

    function _checkPosted(Sweep memory sweep, Submission memory submission, bytes32 commitId)
        private
        view
    {
        bytes32 hash = keccak256(
            abi.encode(
                _sweepId(sweep), submission.award, submission.root, submission.done, commitId
            )
        );
        uint256 slot = 2 << 248 | nowTime << 208 | uint256(hash) << 48 >> 48;
        vm.assertEq(market.awardSlot(submission.award.id), slot);
        vm.assertEq(_locked(submission.award.seller), _bondOf(submission.award));
    }

    function test_the_order_is_part_of_the_id() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(20, 2);
        bytes32 straight = _commitId(submissions);
        (submissions[0], submissions[1]) = (submissions[1], submissions[0]);
        vm.prank(relayer);
        bytes32 turned = market.commit(sweep, submissions);
        vm.assertNotEq(turned, straight);
        vm.assertEq(turned, _commitId(submissions));
    }

    function test_a_seller_posts_for_itself() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        vm.prank(sellers[0]);
        market.commit(sweep, submissions);
        vm.assertEq(_free(sellers[0]), 10 ether - _bondOf(submissions[0].award) + uint256(TIP));
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
        vm.assertEq(commitId, _commitId(rest));
        vm.assertEq(_free(relayer), 3 * uint256(TIP));
    }

    function test_nothing_open_is_refused() public {
        (Sweep memory sweep, Submission[] memory submissions) = _open(10, 1);
        _commit(sweep, submissions);
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NothingToCommit.selector);
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
    }
}
