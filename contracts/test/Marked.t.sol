// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Docket,
    SignedVerdict,
    SignedVote,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev Commits that the court has a record of: it is asked, and what was posted is what counts.
contract MarkedTest is Fixture {
    uint256 private constant JUDGE_TIME = 60;

    mapping(address judge => uint256) private earned;

    function _settle(Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
        private
        returns (uint256)
    {
        vm.prank(relayer);
        return market.settle(sweep, commit, verdicts);
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

    function _notPosted(Commit memory commit, uint8 share) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            ISweepMarket.SweepMarket_NotPosted.selector, _commitId(commit), share
        );
    }

    function _nothing(Commit memory commit) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            ISweepMarket.SweepMarket_NothingToSettle.selector, _commitId(commit)
        );
    }

    function _without(SignedVerdict[] memory verdicts, uint256 share)
        private
        pure
        returns (SignedVerdict[] memory rest)
    {
        rest = new SignedVerdict[](verdicts.length - 1);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = verdicts[i < share ? i : i + 1];
        }
    }

    /// @dev What one answer of an award earns, and how many answers it has.
    function _perAnswer(Commit memory commit, Docket memory d, uint256 index)
        private
        pure
        returns (uint256 each, uint256 count)
    {
        for (uint256 share; share < d.shares; ++share) {
            count += _answersOf(d, index, share);
        }
        each = _fee(uint256(commit.awards[index].award.price) * commit.awards[index].done) / count;
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

    function _marked(Commit memory commit) private view returns (bool) {
        return market.awardSlot(commit.awards[0].award.id) >> 255 == 1;
    }

    /// @dev Everything of the market's coin has an owner.
    function _assertOwned() private view {
        uint256 sum = _free(buyer) + _free(relayer) + _free(BURN);
        for (uint256 i; i < judges.length; ++i) {
            sum += _free(judges[i]);
        }
        for (uint256 i; i < sellers.length; ++i) {
            sum += _free(sellers[i]) + _locked(sellers[i]);
        }
        vm.assertEq(sum, address(market).balance);
    }

    // --- posted verdicts ---

    function test_a_posted_verdict_is_the_only_one_that_counts() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, verdicts[1], 0);
        vm.assertTrue(_marked(commit));
        _pass(15);
        SignedVerdict memory other = verdicts[1];
        Docket memory d = market.docket(sweep, commit);
        verdicts[1] = _verdict(sweep, commit, d, 1, _answers(d.sizes[1], 1));
        _refuse(sweep, commit, verdicts, _notPosted(commit, 1));
        verdicts[1] = other;
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_a_posted_verdicts_signature_is_not_looked_at() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        for (uint256 i; i < 3; ++i) {
            court.post(sweep, commit, verdicts[i], 0);
            verdicts[i].signature = "";
        }
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _assertOwned();
    }

    function test_a_posted_verdict_that_is_not_brought_along_pays_nobody() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, verdicts[1], 0);
        _pass(15);
        _refuse(sweep, commit, _without(verdicts, 1), _nothing(commit));
    }

    function test_shares_without_a_record_still_settle_by_signature() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, verdicts[1], 0);
        _pass(15);
        address judge = court.judgeOf(sweep, commit, 2, 0);
        bytes memory good = verdicts[2].signature;
        verdicts[2].signature = "";
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadSignature.selector, _commitId(commit), judge
            )
        );
        verdicts[2].signature = good;
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    /// @dev A judge signs `upheld` for who settles, and has something else posted.
    function test_a_judge_can_not_take_back_what_was_posted() public {
        (Sweep memory sweep, Commit memory commit) = _posted(20, 2);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        court.post(sweep, commit, _refutation(sweep, commit, _subjectOf(1, 1)), 0);
        _pass(15);
        _refuse(sweep, commit, verdicts, _notPosted(commit, 1));
        verdicts[1] = _refutation(sweep, commit, _subjectOf(1, 1));
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.DISPUTED);
        _assertStatus(commit.awards[1].award.id, AwardStatus.SETTLED);
    }

    function test_the_mark_outlives_the_award_that_bears_it() public {
        (Sweep memory sweep, Commit memory commit) = _posted(20, 2);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        Docket memory d = market.docket(sweep, commit);
        // Whatever the first award's answers are, the second's are withheld.
        uint256 item = d.ends[0];
        SignedVerdict memory withheld = _withheld(sweep, commit, _subject(d, item));
        court.post(sweep, commit, withheld, 0);
        verdicts[item % 3] = withheld;
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
        vm.assertTrue(market.docket(sweep, commit).marked);
        verdicts = _verdicts(sweep, commit);
        _refuse(sweep, commit, verdicts, _notPosted(commit, uint8(item % 3)));
    }

    // --- panels ---

    /// @dev Every panel member's vote about a subject of an award.
    function _votesOf(
        Sweep memory sweep,
        Commit memory commit,
        uint256 index,
        uint256 subject,
        bool upheld
    ) private view returns (SignedVote[] memory) {
        bytes32 id = _disputeId(_commitId(commit), commit.awards[index].award.id, subject);
        return _votes(court.panelOf(sweep, commit, index, subject), id, upheld);
    }

    function _dismissed(Sweep memory sweep, Commit memory commit, uint256 index, uint256 subject)
        private
    {
        _mine(3);
        SignedVote[] memory votes = _votesOf(sweep, commit, index, subject, true);
        court.resolve(sweep, commit, index, subject, votes);
        _assertStatus(commit.awards[index].award.id, AwardStatus.POSTED);
    }

    function test_a_panels_word_stands_for_the_judge_and_the_buyer_keeps_its_fee() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        Docket memory d = market.docket(sweep, commit);
        verdicts[1] = _refutation(sweep, commit, _subjectOf(1, 4));
        court.post(sweep, commit, verdicts[1], 0);
        _dismissed(sweep, commit, 0, _subjectOf(1, 4));
        _pass(15);

        (uint256 each, uint256 count) = _perAnswer(commit, d, 0);
        uint256 cleared = each * _answersOf(d, 0, 1);
        uint256 fee = _fee(320 * PRICE);
        vm.expectEmit();
        emit ISweepMarket.Settled(
            commit.awards[0].award.id, sellers[0], 320 * PRICE, cleared, each * count - cleared
        );
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_free(buyer), cleared);
        vm.assertEq(_free(relayer), 2 * uint256(TIP) + fee - each * count);
        vm.assertEq(_free(sellers[0]), 10 ether + 320 * PRICE);
        _assertOwned();
    }

    function test_a_panels_word_counts_for_its_award_alone() public {
        (Sweep memory sweep, Commit memory commit) = _posted(20, 2);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        Docket memory d = market.docket(sweep, commit);
        uint256 second = d.ends[0] + (4 - d.ends[0] % 3) % 3;
        bytes memory answers = _answers(d.sizes[1], 5);
        _setAnswer(answers, _placeOf(d, 1, 1), 3);
        _setAnswer(answers, _placeOf(d, 1, second), 3);
        verdicts[1] = _verdict(sweep, commit, d, 1, answers);
        court.post(sweep, commit, verdicts[1], 0);
        _dismissed(sweep, commit, 0, _subjectOf(1, 1));
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
        _assertStatus(commit.awards[1].award.id, AwardStatus.DISPUTED);
    }

    function test_a_dismissed_challenge_changes_nothing() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        vm.prank(sellers[5]);
        court.challenge(sweep, commit, 0, 7);
        _pass(15);
        _refuse(sweep, commit, verdicts, _nothing(commit));
        _dismissed(sweep, commit, 0, 1 << 255 | 7);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_free(buyer), 0);
        _assertOwned();
    }

    function test_a_docked_bond_comes_back_without_what_it_paid() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        verdicts[1] = _withheld(sweep, commit, _subjectOf(1, 4));
        court.post(sweep, commit, verdicts[1], 0);
        _dismissed(sweep, commit, 0, _subjectOf(1, 4));
        uint256 docked = _sellersPart(commit.awards[0].award);
        vm.assertEq(market.awardSlot(commit.awards[0].award.id) >> 254, 3);
        vm.assertEq(_locked(sellers[0]), _bondOf(commit.awards[0].award) - docked);
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(sellers[0]), 10 ether + 320 * PRICE - docked);
        _assertOwned();
    }

    // --- summons ---

    /// @dev A share whose judge was summoned at the first moment.
    function _summoned(uint256 trials, uint256 count, uint8 share)
        private
        returns (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
    {
        (sweep, commit) = _posted(trials, count);
        verdicts = _verdicts(sweep, commit);
        _pass(VERDICT_TIME);
        court.summon(sweep, commit, share);
    }

    function test_a_summoned_judges_signature_is_not_enough() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _refuse(sweep, commit, verdicts, _notPosted(commit, 1));
        _refuse(sweep, commit, _without(verdicts, 1), _nothing(commit));
    }

    function test_a_summoned_judge_that_is_posted_in_time_counts() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME);
        court.post(sweep, commit, verdicts[1], 0);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _assertOwned();
    }

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

    function test_one_substitute_does_not_stand_in_while_others_may_speak() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME + 1);
        uint256 size = market.docket(sweep, commit).sizes[1];
        _substitute(sweep, commit, 1, 1, _answers(size, 5));
        _refuse(sweep, commit, _without(verdicts, 1), _nothing(commit));
    }

    function test_two_stand_ins_share_the_fee_of_the_silent_judge() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(10, 1, 1);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        (uint256 each, uint256 count) = _perAnswer(commit, d, 0);
        uint256 half = each * _answersOf(d, 0, 1) / 2;
        for (uint8 seat = 1; seat < 3; ++seat) {
            earned[_substitute(sweep, commit, 1, seat, _answers(d.sizes[1], 5))] += half;
        }
        earned[court.judgeOf(sweep, commit, 0, 0)] += each * _answersOf(d, 0, 0);
        earned[court.judgeOf(sweep, commit, 2, 0)] += each * _answersOf(d, 0, 2);
        uint256 fees = each * (count - _answersOf(d, 0, 1)) + 2 * half;
        vm.expectEmit();
        emit ISweepMarket.Settled(commit.awards[0].award.id, sellers[0], 320 * PRICE, 0, fees);
        vm.assertEq(_settle(sweep, commit, _without(verdicts, 1)), 1);
        for (uint256 i; i < judges.length; ++i) {
            vm.assertEq(_free(judges[i]), earned[judges[i]]);
        }
        vm.assertEq(_free(buyer), 0);
        vm.assertEq(_free(relayer), 2 * uint256(TIP) + _fee(320 * PRICE) - fees);
        _assertOwned();
    }

    function test_stand_ins_settle_the_award_that_they_uphold() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(20, 2, 1);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        bytes memory answers = _answers(d.sizes[1], 5);
        _setAnswer(answers, _placeOf(d, 1, 1), 3);
        _substitute(sweep, commit, 1, 1, answers);
        _substitute(sweep, commit, 1, 2, answers);
        vm.assertEq(_settle(sweep, commit, _without(verdicts, 1)), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.DISPUTED);
        _assertStatus(commit.awards[1].award.id, AwardStatus.SETTLED);
        // A panel dismisses what they had against the first: it takes the next pair to settle it.
        _dismissed(sweep, commit, 0, _subjectOf(1, 1));
        _refuse(sweep, commit, _without(verdicts, 1), _nothing(commit));
        _pass(VERDICT_TIME);
        _substitute(sweep, commit, 1, 3, _answers(d.sizes[1], 5));
        _substitute(sweep, commit, 1, 4, _answers(d.sizes[1], 5));
        vm.assertEq(_settle(sweep, commit, _without(verdicts, 1)), 1);
        _assertOwned();
    }

    function test_two_silent_shares_have_stand_ins_each() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) =
            _summoned(30, 3, 1);
        court.summon(sweep, commit, 2);
        _pass(JUDGE_TIME + 1);
        Docket memory d = market.docket(sweep, commit);
        for (uint8 share = 1; share < 3; ++share) {
            _substitute(sweep, commit, share, 1, _answers(d.sizes[share], 5));
            _substitute(sweep, commit, share, 2, _answers(d.sizes[share], 5));
        }
        SignedVerdict[] memory one = _without(_without(verdicts, 2), 1);
        vm.assertEq(_settle(sweep, commit, one), 3);
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(_free(sellers[i]), 10 ether + 320 * PRICE);
        }
        vm.assertEq(_free(buyer), 0);
        _assertOwned();
    }

    function test_who_is_summoned_for_a_share_without_these_items_does_not_matter() public {
        // Two items an award, three shares: the first award has none of share 2.
        (Sweep memory sweep, Commit memory commit) = _posted(3, 3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(VERDICT_TIME);
        court.summon(sweep, commit, 2);
        vm.assertEq(_settle(sweep, commit, _without(verdicts, 2)), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
    }
}
