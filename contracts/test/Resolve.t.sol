// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Commit,
    DisputeStatus,
    Docket,
    SignedVerdict,
    SignedVote,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract ResolveTest is Fixture {
    Sweep private sweep;
    bytes private packed;

    /// @dev Twenty trials of two sellers; the judge of item 7 (first award, share 1) refutes it.
    function setUp() public override {
        super.setUp();
        (Sweep memory s, Commit memory c) = _posted(20, 2);
        sweep = s;
        packed = abi.encode(c);
        court.post(s, c, _refutation(s, c, 7));
        _mine(3);
    }

    function _commit() private view returns (Commit memory) {
        return abi.decode(packed, (Commit));
    }

    function _docket() private view returns (Docket memory) {
        return market.docket(sweep, _commit());
    }

    function _first() private view returns (Award memory) {
        return _commit().awards[0].award;
    }

    function _id(uint256 item) private view returns (bytes32) {
        return _disputeId(_docket().commitId, _first().id, item);
    }

    function _panel(uint256 item) private view returns (address[] memory) {
        return court.panelOf(sweep, _commit(), item);
    }

    function _vote(uint256 item, bool upheld) private view returns (SignedVote[] memory) {
        return _votes(_panel(item), _id(item), upheld);
    }

    function _resolve(uint256 item, bool upheld) private {
        SignedVote[] memory votes = _vote(item, upheld);
        court.resolve(sweep, _commit(), item, votes);
    }

    function _refuse(uint256 item, SignedVote[] memory votes, bytes memory refusal) private {
        Commit memory commit = _commit();
        vm.expectRevert(refusal);
        court.resolve(sweep, commit, item, votes);
    }

    function _judge() private view returns (address) {
        return court.judgeOf(sweep, _commit(), 1);
    }

    function _owed() private view returns (uint256 sum) {
        for (uint256 i; i < judges.length; ++i) {
            sum += _free(judges[i]);
        }
        for (uint256 i; i < sellers.length; ++i) {
            sum += _free(sellers[i]) + _locked(sellers[i]);
        }
        sum += _free(buyer) + _free(relayer) + _free(BURN) + _free(address(this));
    }

    /// @dev What the market holds for the second award, which stays posted.
    function _escrowOfOne() private view returns (uint256) {
        return _cost(_commit().awards[1].award) - TIP;
    }

    function _seatsOf(address who, address[] memory seats) private pure returns (uint256 count) {
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i] == who) ++count;
        }
    }

    // --- refusals ---

    function test_an_item_that_does_not_exist_is_refused() public {
        uint256 items = _docket().ends[1];
        _refuse(
            items,
            new SignedVote[](0),
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchItem.selector, items, items)
        );
    }

    function test_items_are_unknown_before_the_seed() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Commit memory commit = _commit(other, _submissions(_award(other, _offers(other, 2, 1))));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_SeedUnknown.selector, commit.blockNumber + 2
            )
        );
        court.resolve(other, commit, 0, new SignedVote[](0));
    }

    function test_an_item_nobody_disputes_is_refused() public {
        _refuse(
            6,
            new SignedVote[](0),
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _id(6))
        );
    }

    function test_the_panel_has_its_time() public {
        SignedVote[] memory votes = _vote(7, true);
        uint256 by = nowTime + 120;
        _pass(121);
        _refuse(
            7, votes, abi.encodeWithSelector(IAuditCourt.AuditCourt_TooLate.selector, _id(7), by)
        );
    }

    function test_the_panel_is_drawn_by_a_later_block() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _refuse(
            5,
            new SignedVote[](0),
            abi.encodeWithSelector(IAuditCourt.AuditCourt_SeedUnknown.selector, height + 2)
        );
    }

    function test_badly_signed_votes_decide_nothing() public {
        SignedVote[] memory votes = _vote(7, true);
        for (uint256 i; i < votes.length; ++i) {
            votes[i].upheld = false;
        }
        _refuse(7, votes, abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, 0, 0, 2));
    }

    function test_a_badly_signed_vote_stops_no_panel() public {
        SignedVote[] memory good = _vote(7, true);
        SignedVote[] memory votes = new SignedVote[](4);
        votes[0] = SignedVote(good[0].validator, false, good[0].signature);
        for (uint256 i; i < 3; ++i) {
            votes[i + 1] = good[i];
        }
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_id(7), true, _panel(7), _fine(_first()) / 3);
        court.resolve(sweep, _commit(), 7, votes);
    }

    function test_strangers_and_second_votes_count_nothing() public {
        address[] memory seats = _panel(7);
        address stranger = judges[0];
        for (uint256 i; _seatsOf(stranger, seats) != 0; ++i) {
            stranger = judges[i];
        }
        address[] memory voters = new address[](5);
        (voters[0], voters[1], voters[2]) = (seats[0], seats[0], stranger);
        (voters[3], voters[4]) = (_judge(), relayer);
        uint256 held = _seatsOf(seats[0], seats);
        if (held >= 2) return;
        _refuse(
            7,
            _votes(voters, _id(7), true),
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, held, 0, 2)
        );
    }

    function test_no_votes_decide_nothing() public {
        _refuse(
            7,
            new SignedVote[](0),
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, 0, 0, 2)
        );
    }

    // --- refuted ---

    function test_a_refuted_award_makes_the_buyer_whole() public {
        Award memory award = _first();
        address[] memory seats = _panel(7);
        address[] memory paid = seats;
        uint256 each = uint256(PANEL_FLOOR) / 3;
        uint256 fees = _fee(320 * PRICE) / 11 * 4;
        uint256 burned = _bondOf(award) - TIP - 3 * each - fees;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_id(7), false, paid, each);
        _resolve(7, false);

        _assertStatus(award.id, AwardStatus.SLASHED);
        vm.assertTrue(court.dispute(_id(7)).status == DisputeStatus.REFUTED);
        vm.assertEq(_free(buyer), _cost(award));
        vm.assertEq(_free(sellers[0]), 10 ether - _bondOf(award));
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(BURN), burned);
        for (uint256 i; i < judges.length; ++i) {
            uint256 earned = each * _seatsOf(judges[i], seats);
            if (judges[i] == _judge()) earned += fees;
            vm.assertEq(_free(judges[i]), earned);
        }
        vm.assertEq(_owed() + _escrowOfOne(), address(market).balance);
    }

    function test_only_the_majority_is_paid() public {
        SignedVote[] memory votes = _vote(7, false);
        address[] memory seats = _panel(7);
        if (seats[2] == seats[0] || seats[2] == seats[1]) return;
        bytes memory signature = _sign(seats[2], _voteDigest(_id(7), true));
        votes[2] = SignedVote(seats[2], true, signature);
        court.resolve(sweep, _commit(), 7, votes);
        uint256 each = uint256(PANEL_FLOOR) / 2;
        vm.assertEq(_free(seats[2]), 0);
        vm.assertEq(_free(seats[0]), each * _seatsOf(seats[0], seats));
    }

    function test_the_other_award_settles() public {
        _resolve(7, false);
        SignedVerdict[] memory verdicts = _verdicts(sweep, _commit());
        _pass(16);
        vm.assertEq(market.settle(sweep, _commit(), verdicts), 1);
        vm.assertEq(_owed(), address(market).balance);
    }

    /// @dev The bond pays the four items of share 1, and none of share 2, whose word nobody confirmed.
    function _slashedForOne() private {
        Award memory award = _first();
        uint256 burned =
            _bondOf(award) - TIP - 3 * (uint256(PANEL_FLOOR) / 3) - _fee(320 * PRICE) / 11 * 4;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        _resolve(7, false);
        vm.assertEq(_owed() + _escrowOfOne(), address(market).balance);
    }

    function test_a_share_whose_own_dispute_is_open_is_not_paid() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _slashedForOne();
    }

    function test_a_share_whose_own_dispute_was_dismissed_is_not_paid() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(5, true);
        _slashedForOne();
    }

    function test_a_share_whose_own_dispute_lapsed_is_not_paid() public {
        Award memory award = _first();
        Commit memory commit = _commit();
        _pass(60);
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _pass(61);
        _expire(7);
        uint256 burned =
            _bondOf(award) - TIP - 3 * (uint256(PANEL_FLOOR) / 3) - _fee(320 * PRICE) / 11 * 3;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        _resolve(5, false);
    }

    function test_a_bond_is_taken_once() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(7, false);
        uint256 owed = _owed();
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_id(5), false, new address[](0), 0);
        _resolve(5, false);
        vm.assertEq(_owed(), owed);
        vm.assertTrue(court.dispute(_id(5)).status == DisputeStatus.REFUTED);
    }

    function test_a_dispute_is_decided_once() public {
        SignedVote[] memory votes = _vote(7, false);
        court.resolve(sweep, _commit(), 7, votes);
        _refuse(7, votes, abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _id(7)));
    }

    // --- dismissed ---

    /// @dev Least bond × price ÷ four caps.
    function _fine(Award memory award) private pure returns (uint256) {
        return uint256(LEAST_BOND) * _price(award) / (4 * uint256(CAP));
    }

    function test_a_dismissed_dispute_leaves_the_award_as_it_was() public {
        Award memory award = _first();
        address judge = _judge();
        address[] memory seats = _panel(7);
        uint256 slot = market.awardSlot(award.id);
        uint256 each = _fine(award) / 3;
        uint256 bond = validators.validator(judge).bond;
        vm.expectEmit(address(market));
        emit ISweepMarket.Restored(award.id);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_id(7), true, seats, each);
        _resolve(7, true);

        vm.assertEq(market.awardSlot(award.id), 2 << 248 | slot << 8 >> 8);
        vm.assertTrue(court.dispute(_id(7)).status == DisputeStatus.DISMISSED);
        vm.assertTrue(court.cleared(_docket().commitId, award.id, 1));
        vm.assertFalse(court.cleared(_docket().commitId, award.id, 0));
        vm.assertEq(validators.validator(judge).bond, bond - 3 * each);
        for (uint256 i; i < seats.length; ++i) {
            uint256 credit = validators.validator(seats[i]).credit;
            vm.assertEq(credit, each * _seatsOf(seats[i], seats));
        }
        vm.assertEq(_locked(sellers[0]), _bondOf(award));
    }

    function _withRefutation() private view returns (SignedVerdict[] memory verdicts) {
        Commit memory commit = _commit();
        verdicts = _verdicts(sweep, commit);
        verdicts[1] = _refutation(sweep, commit, 7);
    }

    function test_a_restored_award_settles_and_its_wrong_judge_earns_nothing_in_it() public {
        _resolve(7, true);
        SignedVerdict[] memory verdicts = _withRefutation();
        Docket memory d = _docket();
        uint256 perItem = _fee(320 * PRICE) / 11;
        _pass(16);
        vm.assertEq(market.settle(sweep, _commit(), verdicts), 2);
        uint256 earned;
        for (uint8 share; share < 3; ++share) {
            if (court.judgeOf(sweep, _commit(), share) != _judge()) continue;
            // Of its own share only what lies in the second award.
            earned += share == 1 ? _shareSize(d, 1) - 4 : _shareSize(d, share);
        }
        vm.assertEq(_free(_judge()), earned * perItem);
        vm.assertEq(_free(sellers[0]), 10 ether + 320 * PRICE);
        vm.assertEq(_free(buyer), 2 * (_fee(320 * PRICE) - 11 * perItem) + 4 * perItem);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_without_a_panel_a_refuting_verdict_settles_nothing() public {
        SignedVerdict[] memory verdicts = _withRefutation();
        _pass(16);
        vm.assertEq(market.settle(sweep, _commit(), verdicts), 1);
        _assertStatus(_first().id, AwardStatus.DISPUTED);
    }

    function test_the_award_waits_for_its_last_dispute() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(7, true);
        _assertStatus(_first().id, AwardStatus.DISPUTED);
        _resolve(5, true);
        _assertStatus(_first().id, AwardStatus.POSTED);
        vm.assertTrue(court.cleared(_docket().commitId, _first().id, 2));
    }

    function test_one_refutation_among_two_slashes() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(7, true);
        _resolve(5, false);
        _assertStatus(_first().id, AwardStatus.SLASHED);
        vm.assertEq(_owed() + _escrowOfOne(), address(market).balance);
    }

    function test_a_wrong_judge_is_fined_after_a_slash_too() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(5, false);
        uint256 bond = validators.validator(_judge()).bond;
        _resolve(7, true);
        vm.assertLt(validators.validator(_judge()).bond, bond);
        _assertStatus(_first().id, AwardStatus.SLASHED);
    }

    // --- withheld ---

    /// @dev A second dispute of the award, about an item that its judge could not get; the first is over.
    function _withhold(uint256 item) private returns (address judge) {
        _resolve(7, true);
        Commit memory commit = _commit();
        court.post(sweep, commit, _withheld(sweep, commit, item));
        _mine(3);
        return court.judgeOf(sweep, commit, uint8(item % 3));
    }

    function test_a_withheld_item_slashes_like_a_refuted_one() public {
        _withhold(5);
        Award memory award = _first();
        uint256 each = uint256(PANEL_FLOOR) / 3;
        // The judge of items 2, 5 and 8 was right, the one of item 7 was not.
        uint256 fees = _fee(320 * PRICE) / 11 * 3;
        uint256 burned = _bondOf(award) - TIP - 3 * each - fees;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
        _resolve(5, false);
        vm.assertEq(_owed() + _escrowOfOne(), address(market).balance);
    }

    function test_a_delivered_item_costs_its_judge_half_a_fine_for_the_panel() public {
        address judge = _withhold(5);
        address[] memory seats = _panel(5);
        uint256 bond = validators.validator(judge).bond;
        uint256 credit = validators.validator(seats[0]).credit;
        uint256 each = _fine(_first()) / 2 / 3;
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_id(5), true, seats, each);
        _resolve(5, true);
        vm.assertEq(validators.validator(judge).bond, bond - 3 * each);
        credit += each * _seatsOf(seats[0], seats);
        vm.assertEq(validators.validator(seats[0]).credit, credit);
        vm.assertTrue(court.cleared(_docket().commitId, _first().id, 2));
        SignedVerdict[] memory verdicts = _withRefutation();
        verdicts[2] = _withheld(sweep, _commit(), 5);
        _pass(16);
        vm.assertEq(market.settle(sweep, _commit(), verdicts), 2);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_a_withheld_item_without_a_panel_ends_in_a_refund() public {
        _withhold(5);
        _pass(121);
        _expire(5);
        _assertStatus(_first().id, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    // --- expire ---

    function _expire(uint256 item) private {
        court.expire(sweep, _commit(), item);
    }

    function test_a_panel_that_does_not_decide_ends_in_a_refund() public {
        Award memory award = _first();
        Commit memory commit = _commit();
        _pass(120);
        vm.expectRevert(
            abi.encodeWithSelector(IAuditCourt.AuditCourt_TooEarly.selector, _id(7), nowTime + 1)
        );
        court.expire(sweep, commit, 7);
        _pass(1);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeLapsed(_id(7));
        vm.expectEmit(address(market));
        emit ISweepMarket.Refunded(award.id);
        court.expire(sweep, commit, 7);
        _assertStatus(award.id, AwardStatus.REFUNDED);
        vm.assertTrue(court.dispute(_id(7)).status == DisputeStatus.LAPSED);
        vm.assertEq(_free(buyer), _cost(award) - TIP);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_owed() + _escrowOfOne(), address(market).balance);
    }

    function test_only_an_open_dispute_lapses() public {
        Commit memory commit = _commit();
        _pass(121);
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _id(6)));
        court.expire(sweep, commit, 6);
        _expire(7);
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _id(7)));
        court.expire(sweep, commit, 7);
    }

    function test_a_lapsed_dispute_waits_for_the_others() public {
        Commit memory commit = _commit();
        _pass(60);
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _pass(61);
        _expire(7);
        _assertStatus(_first().id, AwardStatus.DISPUTED);
        _resolve(5, true);
        _assertStatus(_first().id, AwardStatus.REFUNDED);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    function test_a_lapsed_dispute_does_not_save_from_another() public {
        Commit memory commit = _commit();
        _pass(60);
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _pass(61);
        _expire(7);
        _resolve(5, false);
        _assertStatus(_first().id, AwardStatus.SLASHED);
    }

    function test_a_dispute_may_lapse_after_a_slash() public {
        Commit memory commit = _commit();
        court.post(sweep, commit, _refutation(sweep, commit, 5));
        _mine(3);
        _resolve(5, false);
        _pass(121);
        _expire(7);
        _assertStatus(_first().id, AwardStatus.SLASHED);
    }

    // --- panels ---

    function test_a_panel_has_no_party_and_not_the_judge() public view {
        address[] memory seats = _panel(7);
        vm.assertEq(seats.length, 3);
        for (uint256 i; i < 3; ++i) {
            vm.assertNotEq(seats[i], _judge());
            vm.assertNotEq(validators.validator(seats[i]).bond, 0);
        }
    }

    function test_a_panel_needs_a_dispute() public {
        Commit memory commit = _commit();
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NotOpen.selector, _id(6)));
        court.panelOf(sweep, commit, 6);
    }

    // --- the market's side ---

    function test_only_the_court_moves_awards() public {
        Award memory award = _first();
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotCourt.selector, relayer);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.dispute(award.id, 0);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.restore(award.id);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.refund(sweep, award);
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.slash(sweep, award, new address[](0), new uint256[](0));
    }

    function test_the_court_moves_only_disputed_awards() public {
        Award memory award = _commit().awards[1].award;
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_WrongStatus.selector, award.id, AwardStatus.POSTED
        );
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.restore(award.id);
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.slash(sweep, award, new address[](0), new uint256[](0));
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.refund(sweep, award);
    }
}
