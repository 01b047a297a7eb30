// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    DisputeKind,
    DisputeStatus,
    Funding,
    Offer,
    PermitSig,
    SignedVerdict,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

contract ResolveTest is Courtroom {
    uint256 private constant POSTED = 2;

    /// @dev The judge of share 1 refutes the first of these, where a test needs two that of share 2 the second.
    uint256 private subject;
    uint256 private other;

    function setUp() public override {
        super.setUp();
        subject = _subjectAt(0, 1, 2);
        other = _subjectAt(0, 2, 1);
        _refutes(subject);
    }

    function _judge() private view returns (address) {
        return _seat(1, 0);
    }

    /// @dev The bond pays relayer and panel, these fees of verdicts, and is burned for the rest.
    function _expectSlash(uint256 fees) private {
        Award memory award = _awardAt(0);
        uint256 paid = TIP + 3 * (_panelFee(award) / 3) + fees;
        uint256 burned = _bondOf(award) - paid;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], _bondOf(award), _cost(award), burned);
    }

    function _slash(uint256 fees) private {
        Commit memory commit = _case();
        _expectSlash(fees);
        _resolve(0, subject, false);
        _statusAt(0, AwardStatus.SLASHED);
        vm.assertEq(commit.relayer, relayer);
        _assertBooks();
    }

    // --- refuted ---

    function test_a_refuted_award_makes_the_buyer_whole() public {
        Award memory award = _awardAt(0);
        address[] memory seats = _panel(0, subject);
        uint256 each = _panelFee(award) / 3;
        uint256 fees = _feeOf(0, 1);
        uint256 burned = _bondOf(award) - TIP - 3 * each - fees;
        _expectSlash(fees);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), REFUTED, _allOf(seats), each, 0);
        _resolve(0, subject, false);

        _statusAt(0, AwardStatus.SLASHED);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.REFUTED);
        vm.assertEq(_free(buyer), _cost(award));
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(sellers[0]), 10 ether - _bondOf(award));
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(BURN), burned);
        for (uint256 i; i < judges.length; ++i) {
            uint256 earned = each * _seatsOf(judges[i], seats);
            if (judges[i] == _judge()) earned += fees;
            vm.assertEq(_free(judges[i]), earned);
        }
        _assertBooks();
    }

    function test_a_panel_that_could_not_get_it_slashes_as_if_it_were_withheld() public {
        Award memory award = _awardAt(0);
        address[] memory seats = _panel(0, subject);
        _expectSlash(_feeOf(0, 1));
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(
            _idOf(0, subject), UNAVAILABLE, _allOf(seats), _panelFee(award) / 3, 0
        );
        _starve(0, subject);
        _statusAt(0, AwardStatus.SLASHED);
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.REFUTED);
        vm.assertTrue(_disputeOf(0, subject).kind == DisputeKind.WITHHELD);
        vm.assertEq(_free(buyer), _cost(award));
        _assertBooks();
    }

    function test_all_posted_verdicts_are_paid() public {
        _post(_upheld(0, 0), 0);
        _post(_upheld(2, 0), 0);
        _slash(_feeOf(0, 0) + _feeOf(0, 1) + _feeOf(0, 2));
    }

    function test_the_other_award_settles() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        verdicts[1] = _refutation(sweep, _case(), subject);
        _resolve(0, subject, false);
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 1);
        _statusAt(1, AwardStatus.SETTLED);
        _assertBooks();
    }

    function test_a_share_whose_own_dispute_is_open_is_not_paid() public {
        _refutes(other);
        _slash(_feeOf(0, 1));
    }

    function test_a_share_whose_own_dispute_was_dismissed_is_not_paid() public {
        _refutes(other);
        _resolve(0, other, true);
        _slash(_feeOf(0, 1));
    }

    function test_a_share_whose_own_dispute_lapsed_is_not_paid() public {
        for (uint256 i; i < 2; ++i) {
            _pass(PANEL_TIME + 1);
            _expire(0, subject);
        }
        _refutes(other);
        _pass(PANEL_TIME + 1);
        _expire(0, subject);
        _expire(0, other);
        _mine(3);
        _expectSlash(_feeOf(0, 2));
        _resolve(0, other, false);
        _assertBooks();
    }

    function test_a_bond_is_taken_once() public {
        _refutes(other);
        _resolve(0, subject, false);
        uint256 burned = _free(BURN);
        uint256 free = _free(_seat(2, 0));
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, other), REFUTED, new address[](0), 0, 0);
        _resolve(0, other, false);
        vm.assertEq(_free(BURN), burned);
        vm.assertEq(_free(_seat(2, 0)), free);
        vm.assertTrue(_disputeOf(0, other).status == DisputeStatus.REFUTED);
        _assertBooks();
    }

    /// @dev Share 0 is summoned, and its substitutes' turn has come.
    function _substitute() private {
        _pass(VERDICT_TIME);
        court.summon(sweep, _case(), 0);
        _pass(JUDGE_TIME + 1);
    }

    function test_stand_ins_share_their_shares_fee_of_a_bond() public {
        _substitute();
        _post(_upheld(0, 1), 1);
        _post(_upheld(0, 2), 2);
        _expire(0, subject);
        _mine(3);
        _slash(_feeOf(0, 1) + _feeOf(0, 0) / 2 * 2);
    }

    function test_one_that_stands_alone_is_not_paid_while_others_may_speak() public {
        _substitute();
        _post(_upheld(0, 1), 1);
        _expire(0, subject);
        _mine(3);
        _slash(_feeOf(0, 1));
    }

    function test_one_that_stands_alone_has_its_shares_fee_once_the_turns_are_over() public {
        _substitute();
        _post(_upheld(0, 1), 1);
        _pass(3 * VERDICT_TIME);
        _expire(0, subject);
        _mine(3);
        _slash(_feeOf(0, 1) + _feeOf(0, 0) / 2 * 2);
    }

    /// @dev Seats 1 and 3 uphold the award, and refute the other one; seat 2 refutes this one.
    function test_a_substitute_that_is_right_has_the_fee_of_its_share() public {
        _resolve(0, subject, true);
        _substitute();
        uint256 elsewhere = _itemsOf(1, 0)[0];
        uint256 item = _itemsOf(0, 0)[1];
        _post(_said(0, 1, elsewhere, 3), 1);
        _post(_said(0, 2, item, 3), 2);
        _pass(VERDICT_TIME + 1);
        _post(_said(0, 3, elsewhere, 3), 3);
        _expire(0, _subjectOf(0, item));
        _mine(3);
        address[] memory seats = _panel(0, _subjectOf(0, item));
        uint256 earned = _panelFee(_awardAt(0)) / 3 * _seatsOf(_seat(0, 2), seats);
        uint256 before = _free(_seat(0, 2));
        _expectSlash(_feeOf(0, 0));
        _resolve(0, _subjectOf(0, item), false);
        vm.assertEq(_free(_seat(0, 2)) - before, earned + _feeOf(0, 0));
        _assertBooks();
    }

    // --- dismissed ---

    function test_a_dismissed_dispute_leaves_the_award_as_it_was() public {
        Award memory award = _awardAt(0);
        address judge = _judge();
        address[] memory seats = _panel(0, subject);
        uint256 slot = market.awardSlot(award.id);
        uint256 fine = _fineOf(award);
        uint256 each = _worth(_panelFee(award)) / 3;
        vm.assertGt(fine, 3 * each);
        vm.expectEmit(address(validators));
        emit IValidatorSet.Fined(judge, fine, fine - 3 * each);
        vm.expectEmit(address(market));
        emit ISweepMarket.Restored(award.id);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), UPHELD, _allOf(seats), 0, each);
        _resolve(0, subject, true);

        vm.assertEq(
            market.awardSlot(award.id), 1 << 255 | POSTED << 248 | nowTime << 208 | uint208(slot)
        );
        vm.assertTrue(_disputeOf(0, subject).status == DisputeStatus.DISMISSED);
        vm.assertTrue(court.cleared(_caseId(), award.id, 1));
        vm.assertFalse(court.cleared(_caseId(), award.id, 0));
        vm.assertFalse(court.cleared(_caseId(), _awardAt(1).id, 1));
        vm.assertEq(_bonded(judge), LEAST_BOND - fine);
        vm.assertEq(_credited(BURN), fine - 3 * each);
        for (uint256 i; i < seats.length; ++i) {
            vm.assertEq(_credited(seats[i]), each * _seatsOf(seats[i], seats));
        }
        vm.assertEq(_locked(sellers[0]), _bondOf(award));
        _assertBooks();
    }

    /// @dev Of six trials or fewer the fine is less than a panel costs.
    function test_the_least_fine_is_the_panel() public {
        (Sweep memory s, Commit memory c) = _posted(3, 1);
        _bring(s, c);
        uint256 about = _subjectAt(0, 0, 0);
        _refutes(about);
        address judge = _seat(0, 0);
        uint256 worth = _worth(_panelFee(_awardAt(0)));
        vm.assertLt(_fineOf(_awardAt(0)), worth);
        uint256 bond = _bonded(judge);
        _resolve(0, about, true);
        vm.assertEq(bond - _bonded(judge), worth);
        vm.assertEq(_credited(BURN), worth % 3);
        _assertBooks();
    }

    function test_a_panel_shares_what_a_poor_judge_has() public {
        address judge = _judge();
        vm.prank(address(court));
        validators.fine(judge, LEAST_BOND - 100, new address[](0), 0);
        address[] memory seats = _panel(0, subject);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), UPHELD, _allOf(seats), 0, 33);
        _resolve(0, subject, true);
        vm.assertEq(_bonded(judge), 0);
        vm.assertEq(_credited(seats[0]), 33 * _seatsOf(seats[0], seats));
        _assertBooks();
    }

    function test_a_judge_that_has_nothing_pays_nobody() public {
        address judge = _judge();
        vm.prank(address(court));
        validators.fine(judge, LEAST_BOND, new address[](0), 0);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(_idOf(0, subject), UPHELD, new address[](0), 0, 0);
        _resolve(0, subject, true);
        _statusAt(0, AwardStatus.POSTED);
    }

    function _withRefutation() private view returns (SignedVerdict[] memory verdicts) {
        verdicts = _verdicts(sweep, _case());
        verdicts[1] = _refutation(sweep, _case(), subject);
    }

    function test_a_restored_award_settles_and_its_wrong_judge_earns_nothing_in_it() public {
        _resolve(0, subject, true);
        SignedVerdict[] memory verdicts = _withRefutation();
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 2);
        uint256 earned = _feeOf(1, 1);
        for (uint8 share; share < 3; share += 2) {
            if (_seat(share, 0) == _judge()) earned += _feeOf(0, share) + _feeOf(1, share);
        }
        vm.assertEq(_free(_judge()), earned);
        vm.assertEq(_free(sellers[0]), 10 ether + _price(_awardAt(0)));
        vm.assertEq(_free(buyer), _feeOf(0, 1));
        _assertBooks();
    }

    function test_without_a_panel_a_refuting_verdict_settles_nothing() public {
        SignedVerdict[] memory verdicts = _withRefutation();
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 1);
        _statusAt(0, AwardStatus.DISPUTED);
    }

    function test_the_award_waits_for_its_last_dispute() public {
        _refutes(other);
        _resolve(0, subject, true);
        _statusAt(0, AwardStatus.DISPUTED);
        _resolve(0, other, true);
        _statusAt(0, AwardStatus.POSTED);
        vm.assertTrue(court.cleared(_caseId(), _awardAt(0).id, 2));
        _assertBooks();
    }

    function test_one_refutation_among_two_slashes() public {
        _refutes(other);
        _resolve(0, subject, true);
        _expectSlash(_feeOf(0, 2));
        _resolve(0, other, false);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    function test_a_wrong_judge_is_fined_after_a_slash_too() public {
        _refutes(other);
        _resolve(0, other, false);
        _resolve(0, subject, true);
        vm.assertEq(_bonded(_judge()), LEAST_BOND - _fineOf(_awardAt(0)));
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    function test_what_lapses_clears_nothing() public {
        _lapse(0, subject);
        _statusAt(0, AwardStatus.REFUNDED);
        vm.assertFalse(court.cleared(_caseId(), _awardAt(0).id, 1));
    }

    // --- withheld ---

    /// @dev A second dispute of the award, about an item that its judge could not get; the first is over.
    function _withhold() private {
        _resolve(0, subject, true);
        _misses(other);
    }

    function test_a_withheld_item_slashes_like_a_refuted_one() public {
        _withhold();
        // The judge of share 2 was right, that of share 1 was not.
        _expectSlash(_feeOf(0, 2));
        _resolve(0, other, false);
        _statusAt(0, AwardStatus.SLASHED);
        _assertBooks();
    }

    function test_a_delivered_item_costs_judge_and_seller_half_a_panel_and_more() public {
        _withhold();
        Award memory award = _awardAt(0);
        address judge = _seat(2, 0);
        address[] memory seats = _panel(0, other);
        uint256 bond = _bonded(judge);
        uint256 half = _panelFee(award) / 2;
        uint256 credit = _credited(seats[0]);
        vm.expectEmit(address(validators));
        uint256 part = _accusersPart(award);
        emit IValidatorSet.Fined(judge, part, part - _worth(half) / 3 * 3);
        vm.expectEmit(address(market));
        emit ISweepMarket.Docked(award.id, _sellersPart(award));
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(
            _idOf(0, other), UPHELD, _allOf(seats), half / 3, _worth(half) / 3
        );
        _resolve(0, other, true);

        vm.assertEq(_bonded(judge), bond - _accusersPart(award));
        vm.assertEq(_locked(sellers[0]), _bondOf(award) - _sellersPart(award));
        uint256 held = _seatsOf(seats[0], seats);
        vm.assertEq(_free(seats[0]), half / 3 * held);
        vm.assertEq(_credited(seats[0]), credit + _worth(half) / 3 * held);
        vm.assertTrue(court.cleared(_caseId(), award.id, 2));
        _assertSettles(_sellersPart(award));
    }

    function _assertSettles(uint256 docked) private {
        SignedVerdict[] memory verdicts = _withRefutation();
        verdicts[2] = _withheld(sweep, _case(), other);
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 2);
        vm.assertEq(_free(sellers[0]), 10 ether + _price(_awardAt(0)) - docked);
        _assertBooks();
    }

    function test_a_seller_is_docked_once() public {
        _withhold();
        _resolve(0, other, true);
        uint256 about = _subjectAt(0, 0, 0);
        _misses(about);
        uint256 locked = _locked(sellers[0]);
        uint256 half = _worth(_panelFee(_awardAt(0)) / 2);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(
            _idOf(0, about), UPHELD, _allOf(_panel(0, about)), 0, half / 3
        );
        _resolve(0, about, true);
        vm.assertEq(_locked(sellers[0]), locked);
        _assertBooks();
    }

    function test_a_docked_bond_pays_as_far_as_it_reaches() public {
        _withhold();
        _resolve(0, other, true);
        _refutes(_subjectAt(0, 0, 0));
        Award memory award = _awardAt(0);
        uint256 left = _bondOf(award) - _sellersPart(award);
        uint256 due = TIP + 3 * (_panelFee(award) / 3) + _feeOf(0, 0);
        uint256 burned = left > due ? left - due : 0;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], left, _cost(award), burned);
        _resolve(0, _subjectAt(0, 0, 0), false);
        _assertBooks();
    }

    function test_a_seller_that_is_slashed_is_docked_no_more() public {
        _misses(other);
        _resolve(0, subject, false);
        uint256 half = _worth(_panelFee(_awardAt(0)) / 2);
        vm.expectEmit(address(court));
        emit IAuditCourt.DisputeResolved(
            _idOf(0, other), UPHELD, _allOf(_panel(0, other)), 0, half / 3
        );
        _resolve(0, other, true);
        vm.assertEq(_bonded(_seat(2, 0)), LEAST_BOND - _accusersPart(_awardAt(0)));
        _assertBooks();
    }

    // --- a token ---

    /// @dev Nine or ten trials of the first seller at a price in the token.
    function _inDollars(uint256 trials, uint128 price) private {
        Sweep memory s = _sweepIn(address(dollar));
        _deposit(sellers[0], address(dollar), 1_000_000);
        dollar.mint(buyer, 2_000_000);
        vm.prank(buyer);
        dollar.approve(address(market), 2_000_000);
        Bid memory bid = _bid(s, sellers[0], 0, trials);
        bid.price = price;
        Offer[] memory offers = _only(_offer(bid));
        vm.prank(buyer);
        market.award(s, offers, 0, Funding(2_000_000, PermitSig(0, 0, 0, 0)));
        Award[] memory awards = new Award[](1);
        awards[0] = _awardOf(bid);
        _bring(s, _commit(s, _submissions(awards)));
        _mine(3);
    }

    /// @dev A cap of 1e9 of the token is worth half the least bond.
    function test_a_fine_is_worth_what_the_token_is() public {
        _inDollars(10, 100);
        uint256 about = _subjectAt(0, 0, 0);
        _refutes(about);
        address judge = _seat(0, 0);
        uint256 bond = _bonded(judge);
        _resolve(0, about, true);
        // The price is 10 × 32 × 100, the panel's floor 100,000: worth 0.0005 of the coin.
        vm.assertEq(bond - _bonded(judge), uint256(LEAST_BOND) * 100_000 / 2e9);
        _statusAt(0, AwardStatus.POSTED);
    }

    /// @dev Ten items, 235 each: four of share 0, whose judge is right, and three of share 1. The bond is two
    /// panels, of 100,000 each, and the tip 10,000.
    function test_what_two_stand_ins_cannot_share_is_burned() public {
        _inDollars(9, 102);
        vm.assertEq(_itemsOf(0, 1).length, 3);
        _pass(VERDICT_TIME);
        court.summon(sweep, _case(), 1);
        _pass(JUDGE_TIME + 1);
        _post(_upheld(1, 1), 1);
        _post(_upheld(1, 2), 2);
        uint256 about = _subjectAt(0, 0, 0);
        _refutes(about);
        uint256 burned = 203_672 - 10_000 - 99_999 - 940 - 2 * 352;
        Award memory award = _awardAt(0);
        uint256 refunded = 29_376 + 2351 + 20_000;
        vm.expectEmit(address(market));
        emit ISweepMarket.Slashed(award.id, sellers[0], 203_672, refunded, burned);
        _resolve(0, about, false);
    }

    // --- the market's side ---

    function test_only_the_court_moves_awards() public {
        Award memory award = _awardAt(0);
        address[] memory nobody = new address[](0);
        uint256[] memory nothing = new uint256[](0);
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotCourt.selector, relayer);
        bytes[7] memory calls = [
            abi.encodeCall(market.mark, (award.id)),
            abi.encodeCall(market.dispute, (award.id, 0)),
            abi.encodeCall(market.restore, (award.id)),
            abi.encodeCall(market.slash, (sweep, award, relayer, nobody, nothing)),
            abi.encodeCall(market.refund, (sweep, award, relayer, nobody, nothing)),
            abi.encodeCall(market.dock, (sweep, award, nobody)),
            abi.encodeCall(market.hold, (relayer, NATIVE, 1))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(relayer);
            (bool done, bytes memory answer) = address(market).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(keccak256(answer), keccak256(refusal));
        }
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.release(relayer, NATIVE, 1, 1, nobody, 0);
    }

    function test_the_court_moves_only_disputed_awards() public {
        Award memory award = _awardAt(1);
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_WrongStatus.selector, award.id, AwardStatus.POSTED
        );
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.restore(award.id);
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.slash(sweep, award, relayer, new address[](0), new uint256[](0));
        vm.expectRevert(refusal);
        vm.prank(address(court));
        market.refund(sweep, award, relayer, new address[](0), new uint256[](0));
    }
}
