// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Award, AwardStatus, Bid, Commit, Offer, SignedVerdict, Sweep} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev What the court tells the market, and what it does about it.
contract RulingsTest is Fixture {
    Sweep private sweep;
    Award private award;
    address[] private nobody;
    uint256[] private nothing;

    function setUp() public override {
        super.setUp();
        (Sweep memory s, Commit memory commit) = _posted(10, 1);
        (sweep, award) = (s, commit.awards[0].award);
    }

    modifier byCourt() {
        vm.prank(address(court));
        _;
    }

    function _dispute() private byCourt {
        market.dispute(award.id, "dispute");
    }

    function _restore() private byCourt {
        market.restore(award.id);
    }

    function _mark() private byCourt {
        market.mark(award.id);
    }

    function _refund(address[] memory payees, uint256[] memory amounts) private byCourt {
        market.refund(sweep, award, relayer, payees, amounts);
    }

    function _slash(address[] memory payees, uint256[] memory amounts)
        private
        byCourt
        returns (uint256)
    {
        return market.slash(sweep, award, relayer, payees, amounts);
    }

    function _dock(address[] memory payees) private byCourt returns (uint256) {
        return market.dock(sweep, award, payees);
    }

    function _wrongStatus(AwardStatus status) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongStatus.selector, award.id, status);
    }

    function _time() private view returns (uint256) {
        return market.awardSlot(award.id) >> 208 & type(uint40).max;
    }

    function _payees(uint256 count) private view returns (address[] memory payees) {
        payees = new address[](count);
        for (uint256 i; i < count; ++i) {
            payees[i] = judges[i % 5];
        }
    }

    function _sumOfJudges() private view returns (uint256 sum) {
        for (uint256 i; i < 5; ++i) {
            sum += _free(judges[i]);
        }
    }

    /// @dev Everything of the market's coin has an owner, or is escrowed for the award.
    function _assertOwned(uint256 escrowed) private view {
        uint256 sum = _free(buyer) + _free(relayer) + _free(BURN) + _sumOfJudges();
        for (uint256 i; i < sellers.length; ++i) {
            sum += _free(sellers[i]) + _locked(sellers[i]);
        }
        vm.assertEq(sum + escrowed, address(market).balance);
    }

    // --- who ---

    function test_only_the_court_rules() public {
        bytes[7] memory calls = [
            abi.encodeCall(market.mark, (award.id)),
            abi.encodeCall(market.dispute, (award.id, "dispute")),
            abi.encodeCall(market.restore, (award.id)),
            abi.encodeCall(market.refund, (sweep, award, relayer, nobody, nothing)),
            abi.encodeCall(market.slash, (sweep, award, relayer, nobody, nothing)),
            abi.encodeCall(market.dock, (sweep, award, nobody)),
            abi.encodeCall(market.hold, (buyer, NATIVE, 0))
        ];
        address[4] memory callers = [buyer, sellers[0], address(sessions), address(oversight)];
        for (uint256 i; i < calls.length; ++i) {
            address caller = callers[i % 4];
            vm.prank(caller);
            (bool done, bytes memory why) = address(market).call(calls[i]);
            vm.assertFalse(done);
            bytes memory expected =
                abi.encodeWithSelector(ISweepMarket.SweepMarket_NotCourt.selector, caller);
            vm.assertEq(keccak256(why), keccak256(expected));
        }
    }

    // --- marks ---

    function test_a_mark_is_one_bit_and_stays() public {
        uint256 slot = market.awardSlot(award.id);
        _mark();
        vm.assertEq(market.awardSlot(award.id), slot | 1 << 255);
        _mark();
        vm.assertEq(market.awardSlot(award.id), slot | 1 << 255);
        _assertStatus(award.id, AwardStatus.POSTED);
        _dispute();
        vm.assertEq(market.awardSlot(award.id) >> 255, 1);
        _restore();
        vm.assertEq(market.awardSlot(award.id) >> 255, 1);
    }

    // --- dispute and restore ---

    function test_a_dispute_moves_status_and_time_alone() public {
        uint256 tag = market.awardSlot(award.id) << 48 >> 48;
        _pass(7);
        vm.expectEmit();
        emit ISweepMarket.Disputed(award.id, "dispute");
        _dispute();
        vm.assertEq(market.awardSlot(award.id), 3 << 248 | nowTime << 208 | tag);
        _pass(7);
        vm.expectEmit();
        emit ISweepMarket.Restored(award.id);
        _restore();
        vm.assertEq(market.awardSlot(award.id), 2 << 248 | nowTime << 208 | tag);
        vm.assertEq(_locked(sellers[0]), _bondOf(award));
    }

    function test_only_a_posted_award_is_disputed() public {
        _dispute();
        vm.expectRevert(_wrongStatus(AwardStatus.DISPUTED));
        _dispute();
        _refund(nobody, nothing);
        vm.expectRevert(_wrongStatus(AwardStatus.REFUNDED));
        _dispute();
        award.id = "no such award";
        vm.expectRevert(_wrongStatus(AwardStatus.NONE));
        _dispute();
    }

    function test_only_a_disputed_award_is_restored_refunded_or_slashed() public {
        vm.expectRevert(_wrongStatus(AwardStatus.POSTED));
        _restore();
        vm.expectRevert(_wrongStatus(AwardStatus.POSTED));
        _refund(nobody, nothing);
        vm.expectRevert(_wrongStatus(AwardStatus.POSTED));
        _slash(nobody, nothing);
        _dispute();
        _slash(nobody, nothing);
        vm.expectRevert(_wrongStatus(AwardStatus.SLASHED));
        _restore();
        vm.expectRevert(_wrongStatus(AwardStatus.SLASHED));
        _refund(nobody, nothing);
        vm.expectRevert(_wrongStatus(AwardStatus.SLASHED));
        _slash(nobody, nothing);
    }

    // --- refund ---

    function test_a_refund_gives_price_fee_and_a_tip_back() public {
        _dispute();
        _pass(9);
        vm.expectEmit();
        emit ISweepMarket.Refunded(award.id, 0);
        _refund(nobody, nothing);
        _assertStatus(award.id, AwardStatus.REFUNDED);
        vm.assertEq(_time(), nowTime);
        vm.assertEq(_free(buyer), _cost(award) - TIP);
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_locked(sellers[0]), 0);
        _assertOwned(0);
    }

    function test_fuzz_a_refund_pays_out_of_the_audit_fee_in_order(
        uint256[6] memory wanted,
        uint256 count
    ) public {
        count = bound(count, 0, 6);
        uint256 fee = _fee(_price(award));
        uint256[] memory amounts = new uint256[](count);
        uint256 left = fee;
        uint256[5] memory due;
        for (uint256 i; i < count; ++i) {
            amounts[i] = bound(wanted[i], 0, fee / 2);
            uint256 paid = amounts[i] < left ? amounts[i] : left;
            due[i % 5] += paid;
            left -= paid;
        }
        _dispute();
        vm.expectEmit();
        emit ISweepMarket.Refunded(award.id, fee - left);
        _refund(_payees(count), amounts);
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(_free(judges[i]), due[i]);
        }
        vm.assertEq(_free(buyer), _cost(award) - TIP - (fee - left));
        _assertOwned(0);
    }

    // --- slash ---

    function test_a_slashed_bond_makes_the_buyer_whole_and_burns_the_rest() public {
        uint256 bond = _bondOf(award);
        _dispute();
        _pass(9);
        vm.expectEmit();
        emit ISweepMarket.Slashed(award.id, sellers[0], bond, _cost(award), bond - TIP);
        vm.assertEq(_slash(nobody, nothing), bond);
        _assertStatus(award.id, AwardStatus.SLASHED);
        vm.assertEq(_time(), nowTime);
        vm.assertEq(_free(buyer), _cost(award));
        vm.assertEq(_free(relayer), TIP);
        vm.assertEq(_free(BURN), bond - TIP);
        vm.assertEq(_free(sellers[0]), 10 ether - bond);
        vm.assertEq(_locked(sellers[0]), 0);
        _assertOwned(0);
    }

    function test_fuzz_a_slashed_bond_pays_in_order_as_far_as_it_reaches(
        uint256[6] memory wanted,
        uint256 count,
        bool docked
    ) public {
        count = bound(count, 0, 6);
        uint256 before;
        if (docked) before = _dock(_payees(1));
        uint256 bond = _bondOf(award);
        if (docked) bond -= _sellersPart(award);
        uint256[] memory amounts = new uint256[](count);
        uint256 left = bond - TIP;
        uint256[5] memory due;
        due[0] = before;
        for (uint256 i; i < count; ++i) {
            amounts[i] = bound(wanted[i], 0, bond / 2);
            uint256 paid = amounts[i] < left ? amounts[i] : left;
            due[i % 5] += paid;
            left -= paid;
        }
        _dispute();
        vm.expectEmit();
        emit ISweepMarket.Slashed(award.id, sellers[0], bond, _cost(award), left);
        vm.assertEq(_slash(_payees(count), amounts), bond);
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(_free(judges[i]), due[i]);
        }
        vm.assertEq(_free(BURN), left + (docked ? _sellersPart(award) - before : 0));
        vm.assertEq(_locked(sellers[0]), 0);
        _assertOwned(0);
    }

    function test_a_seller_that_is_slashed_keeps_its_other_bonds() public {
        Bid memory bid = _bid(sweep, sellers[0], 50, 3);
        Award memory other = _award(sweep, _only(_offer(bid)))[0];
        _dispute();
        _slash(nobody, nothing);
        vm.assertEq(_locked(sellers[0]), _bondOf(other));
        vm.assertEq(_free(sellers[0]), 10 ether - _bondOf(award) - _bondOf(other));
    }

    // --- dock ---

    function test_a_bond_pays_half_a_panel() public {
        uint256 half = PANEL_FLOOR / 2;
        vm.expectEmit();
        emit ISweepMarket.Docked(award.id, _sellersPart(award));
        vm.assertEq(_dock(_payees(2)), half / 2);
        vm.assertEq(_free(judges[0]), half / 2);
        vm.assertEq(_free(judges[1]), half / 2);
        vm.assertEq(_free(BURN), (_price(award) + 7) / 8 + PANEL_FLOOR / 8);
        vm.assertEq(_locked(sellers[0]), _bondOf(award) - _sellersPart(award));
        vm.assertEq(market.awardSlot(award.id) >> 248, 1 << 6 | 2);
        _assertOwned(_cost(award));
    }

    function test_fuzz_what_does_not_divide_is_burned(uint256 count) public {
        count = bound(count, 1, 7);
        uint256 half = PANEL_FLOOR / 2;
        uint256 each = _dock(_payees(count));
        vm.assertEq(each, half / count);
        vm.assertEq(_sumOfJudges(), each * count);
        vm.assertEq(_free(BURN), _sellersPart(award) - each * count);
        _assertOwned(_cost(award));
    }

    function test_a_bond_is_docked_once() public {
        _dock(_payees(2));
        uint256 slot = market.awardSlot(award.id);
        uint256 locked = _locked(sellers[0]);
        vm.recordLogs();
        vm.assertEq(_dock(_payees(2)), 0);
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(market.awardSlot(award.id), slot);
        vm.assertEq(_locked(sellers[0]), locked);
    }

    function test_a_disputed_award_is_docked_too() public {
        _dispute();
        vm.assertEq(_dock(_payees(2)), PANEL_FLOOR / 4);
        _assertStatus(award.id, AwardStatus.DISPUTED);
    }

    function test_a_bond_that_is_gone_is_not_docked() public {
        _dispute();
        uint256 before = vm.snapshotState();
        _slash(nobody, nothing);
        vm.assertEq(_dock(_payees(2)), 0);
        vm.revertToState(before);
        _refund(nobody, nothing);
        vm.assertEq(_dock(_payees(2)), 0);
        vm.assertEq(_free(sellers[0]), 10 ether);
        Award memory open = _award(sweep, _only(_offer(_bid(sweep, sellers[1], 50, 3))))[0];
        vm.prank(address(court));
        vm.assertEq(market.dock(sweep, open, _payees(2)), 0);
    }

    function test_a_refund_after_docking_returns_what_is_left() public {
        _dock(_payees(2));
        _dispute();
        _refund(nobody, nothing);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(sellers[0]), 10 ether - _sellersPart(award));
        _assertOwned(0);
    }

    /// @dev Prices at which the panel's fee is above the floor, and odd.
    function test_fuzz_docking_and_slashing_take_the_bond_to_the_wei(uint128 price, uint256 trials)
        public
    {
        Bid memory bid = _bid(sweep, sellers[1], 50, bound(trials, 1, 30));
        bid.price = uint128(bound(price, LEAST_PRICE, uint256(CAP) / 30 / S));
        _deposit(sellers[1], NATIVE, 10 ether);
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        _commit(sweep, _submissions(awards));
        award = awards[0];
        uint256 panel = 6 * uint256(bid.price);
        if (panel < PANEL_FLOOR) panel = PANEL_FLOOR;
        _dispute();
        uint256 each = _dock(_payees(2));
        vm.assertEq(each, panel / 2 / 2);
        uint256 part = _sellersPart(award);
        uint256 bond = _bondOf(award) - part;
        vm.assertEq(_locked(sellers[1]), bond);
        vm.assertEq(_slash(nobody, nothing), bond);
        vm.assertEq(_locked(sellers[1]), 0);
        vm.assertEq(_free(sellers[1]), 20 ether - bond - part);
        vm.assertEq(_free(BURN), bond - TIP + part - 2 * each);
    }

    // --- in another token ---

    function test_rulings_pay_in_the_sweeps_token() public {
        sweep = _sweepIn(address(dollar));
        _deposit(sellers[2], address(dollar), 1e9);
        _deposit(buyer, address(dollar), 1e6);
        Bid memory bid = _bid(sweep, sellers[2], 0, 10);
        vm.prank(buyer);
        market.award(sweep, _only(_offer(bid)), 0, _noPermit(0));
        award = _awardOf(bid);
        Award[] memory awards = new Award[](1);
        awards[0] = award;
        _commit(sweep, _submissions(awards));
        _dock(_payees(1));
        (uint112 free,,) = market.account(judges[0], address(dollar));
        vm.assertEq(free, 50_000);
        _dispute();
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = 7;
        vm.assertEq(_slash(_payees(1), amounts), 137_500);
        (free,,) = market.account(judges[0], address(dollar));
        vm.assertEq(free, 50_007);
        (free,,) = market.account(relayer, address(dollar));
        vm.assertEq(free, 10_000);
        (free,,) = market.account(BURN, address(dollar));
        vm.assertEq(free, 16_500 + 137_500 - 10_000 - 7);
        (free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 1e6);
    }
}
