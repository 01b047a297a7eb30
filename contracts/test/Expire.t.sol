// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Award, AwardStatus, Commit, SignedVerdict, Submission, Sweep} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract ExpireTest is Fixture {
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

    // --- expirePosted ---

    function test_an_unanswered_award_is_given_back() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Award memory award = commit.awards[0].award;
        _pass(135);
        vm.expectRevert(_stillOpen(award));
        market.expirePosted(sweep, commit, 0);
        _pass(1);
        vm.expectEmit();
        emit ISweepMarket.Refunded(award.id);
        market.expirePosted(sweep, commit, 0);
        _assertStatus(award.id, AwardStatus.REFUNDED);
        vm.assertEq(_free(buyer), _cost(award) - TIP);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.expectRevert(_wrongStatus(award, AwardStatus.REFUNDED));
        market.expirePosted(sweep, commit, 0);
    }

    function test_one_missing_share_is_enough() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, verdicts[0]);
        court.post(sweep, commit, verdicts[2]);
        _pass(136);
        market.expirePosted(sweep, commit, 0);
        _assertStatus(commit.awards[0].award.id, AwardStatus.REFUNDED);
    }

    function test_an_answered_award_is_not_given_back() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        for (uint256 i; i < 3; ++i) {
            court.post(sweep, commit, verdicts[i]);
        }
        _pass(136);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0);
    }

    /// @dev Two items an award, three shares: the first award has none of share 2.
    function test_a_share_without_the_awards_items_does_not_matter() public {
        (Sweep memory sweep, Commit memory commit) = _posted(3, 3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, verdicts[0]);
        court.post(sweep, commit, verdicts[1]);
        _pass(136);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0);
        market.expirePosted(sweep, commit, 1);
        market.expirePosted(sweep, commit, 2);
        SignedVerdict[] memory two = new SignedVerdict[](2);
        (two[0], two[1]) = (verdicts[0], verdicts[1]);
        vm.assertEq(market.settle(sweep, commit, two), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
    }

    function test_a_lost_seed_gives_back_at_once() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Commit memory commit = _commit(sweep, _submissions(awards));
        vm.expectRevert(_stillOpen(awards[0]));
        market.expirePosted(sweep, commit, 0);
        height += 10_000;
        _pass(1);
        market.expirePosted(sweep, commit, 0);
        _assertStatus(awards[0].id, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    function test_a_pinned_seed_is_not_lost() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        randomness.pin(commit.blockNumber + 2);
        bytes32 seed = market.docket(sweep, commit).seed;
        height += 10_000;
        _pass(1);
        vm.assertEq(market.docket(sweep, commit).seed, seed);
        vm.expectRevert(_stillOpen(commit.awards[0].award));
        market.expirePosted(sweep, commit, 0);
    }

    function test_fuzz_settle_and_expire_are_never_both_open(uint256 time, uint8 posted) public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Submission[] memory submissions = _submissions(awards);
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        for (uint256 i; i < 3; ++i) {
            if (posted >> i & 1 == 1) court.post(sweep, commit, verdicts[i]);
        }
        _pass(bound(time, 16, 300));
        bool settles = _opens(abi.encodeCall(market.settle, (sweep, commit, verdicts)));
        bool expires = _opens(abi.encodeCall(market.expirePosted, (sweep, commit, 0)));
        vm.assertNotEq(settles ? 1 : 0, expires ? 1 : 0);
    }

    /// @dev Whether a call works, and everything as it was before.
    function _opens(bytes memory data) private returns (bool opened) {
        uint256 snapshot = vm.snapshotState();
        (opened,) = address(market).call(data);
        vm.revertToState(snapshot);
    }
}
