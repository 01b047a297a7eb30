// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../src/ValidatorSet.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {Base} from "./Base.t.sol";

contract ValidatorSetTest is Base {
    uint80 private constant LEAST = 10 ether;
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    address private constant OVERSIGHT = address(0x0ee7);

    ValidatorSet private set;
    uint256 private nowTime = 1_000_000;
    address private ada = vm.addr(1);
    address private bob = vm.addr(2);
    address private cyd = vm.addr(3);

    function setUp() public {
        vm.warp(nowTime);
        set = new ValidatorSet(address(this), OVERSIGHT, LEAST, 10, 100);
        for (uint256 key = 1; key <= 20; ++key) {
            vm.deal(vm.addr(key), 1000 ether);
        }
    }

    function _bond(address who, uint256 amount, uint16 tier) private {
        vm.prank(who);
        set.bond{value: amount}(tier);
    }

    function _unbond(address who, uint256 amount) private {
        vm.prank(who);
        set.unbond(amount);
    }

    function _pass(uint256 time) private {
        nowTime += time;
        vm.warp(nowTime);
    }

    function _set() private view returns (IValidatorSet.Entry[] memory) {
        return set.setAt(nowTime);
    }

    function _three() private {
        _bond(ada, 10 ether, 8);
        _bond(bob, 20 ether, 16);
        _bond(cyd, 30 ether, 24);
        _pass(10);
    }

    // --- bond ---

    function test_a_bond_below_the_least_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorSet.ValidatorSet_BondTooSmall.selector, LEAST - 1, LEAST
            )
        );
        _bond(ada, LEAST - 1, 8);
    }

    function test_a_bond_counts_from_the_next_epoch_on() public {
        vm.expectEmit();
        emit IValidatorSet.Bonded(ada, LEAST, 8);
        _bond(ada, LEAST, 8);
        vm.assertEq(_set().length, 0);
        _pass(10);
        IValidatorSet.Entry[] memory entries = _set();
        vm.assertEq(entries.length, 1);
        vm.assertEq(entries[0].validator, ada);
        vm.assertEq(entries[0].vramGib, 8);
        vm.assertEq(entries[0].bond, LEAST);
    }

    function test_a_raised_bond_keeps_its_place() public {
        _three();
        _bond(ada, 5 ether, 12);
        _pass(10);
        IValidatorSet.Entry[] memory entries = _set();
        vm.assertEq(entries.length, 3);
        vm.assertEq(entries[0].validator, ada);
        vm.assertEq(entries[0].bond, 15 ether);
        vm.assertEq(entries[0].vramGib, 12);
        vm.assertEq(set.validator(ada).bond, 15 ether);
    }

    function test_the_tier_alone_can_be_changed() public {
        _three();
        _bond(bob, 0, 48);
        _pass(10);
        vm.assertEq(_set()[1].vramGib, 48);
        vm.assertEq(_set()[1].bond, 20 ether);
    }

    function test_a_tier_without_a_bond_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_BondTooSmall.selector, 0, LEAST)
        );
        _bond(ada, 0, 48);
    }

    /// @dev Everybody bonds 5, but the fourth 3 and the sixth 3.
    function _fill() private {
        set = new ValidatorSet(address(this), OVERSIGHT, 2, 10, 100);
        for (uint256 i; i < set.MOST_VALIDATORS(); ++i) {
            address who = address(uint160(0x10000 + i));
            vm.deal(who, 5);
            _bond(who, i == 3 || i == 5 ? 3 : 5, 8);
        }
        _pass(10);
    }

    function test_a_full_set_takes_no_more() public {
        _fill();
        vm.assertEq(_set().length, 512);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSet_Full.selector, 512));
        _bond(ada, 3, 8);
        vm.deal(address(0x10000), 1);
        _bond(address(0x10000), 1, 9);
    }

    function test_in_a_full_set_a_greater_bond_takes_the_smallest_ones_place() public {
        _fill();
        _bond(ada, 4, 8);
        vm.assertEq(_set()[3].validator, address(0x10003));
        _pass(10);
        vm.assertEq(_set().length, 512);
        vm.assertEq(_set()[3].validator, ada);
        vm.assertEq(_set()[3].bond, 4);
        vm.assertEq(_set()[5].validator, address(0x10005));
    }

    function test_who_lost_its_place_can_be_fined_and_leave() public {
        _fill();
        _bond(ada, 4, 8);
        address out = address(0x10003);
        vm.assertEq(_fine(out, 1, bob), 1);
        _unbond(out, 2);
        _pass(100);
        vm.assertEq(_set().length, 512);
        vm.prank(out);
        set.claim(out);
        vm.assertEq(out.balance, 4);
    }

    function test_a_full_set_stops_neither_a_fine_nor_an_exit_of_one_below_the_least() public {
        _fill();
        address out = address(0x10003);
        _fine(out, 2, bob);
        _bond(ada, 2, 8);
        _pass(10);
        vm.assertEq(_set().length, 512);
        vm.assertEq(_fine(ada, 1, bob), 1);
        _bond(cyd, 2, 8);
        vm.assertEq(_fine(ada, 1, bob), 1);
        _unbond(out, 1);
        vm.assertEq(set.validator(out).unbonding, 1);
    }

    // --- unbond ---

    function test_only_what_is_bonded_can_be_unbonded() public {
        _three();
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorSet.ValidatorSet_BondTooSmall.selector, 10 ether, 10 ether + 1
            )
        );
        _unbond(ada, 10 ether + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_BondTooSmall.selector, 10 ether, 0)
        );
        _unbond(ada, 0);
    }

    function test_what_stays_is_nothing_or_the_least() public {
        _three();
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorSet.ValidatorSet_BondTooSmall.selector, LEAST - 1, LEAST
            )
        );
        _unbond(bob, 10 ether + 1);
    }

    function test_a_part_leaves_with_the_next_epoch() public {
        _three();
        vm.expectEmit();
        emit IValidatorSet.Unbonding(bob, 5 ether, nowTime + 100);
        _unbond(bob, 5 ether);
        vm.assertEq(_set()[1].bond, 20 ether);
        _pass(10);
        vm.assertEq(_set()[1].bond, 15 ether);
        vm.assertEq(set.validator(bob).unbonding, 5 ether);
    }

    function test_who_leaves_is_replaced_by_the_last_entry() public {
        _three();
        _unbond(ada, 10 ether);
        vm.assertEq(_set().length, 3);
        _pass(10);
        IValidatorSet.Entry[] memory entries = _set();
        vm.assertEq(entries.length, 2);
        vm.assertEq(entries[0].validator, cyd);
        vm.assertEq(entries[1].validator, bob);
    }

    // --- claim ---

    function test_nothing_due_is_refused() public {
        _three();
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_NothingToClaim.selector, ada)
        );
        vm.prank(ada);
        set.claim(ada);
    }

    function test_unbonded_money_waits_its_time() public {
        _three();
        _unbond(ada, 10 ether);
        _pass(99);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_NothingToClaim.selector, ada)
        );
        vm.prank(ada);
        set.claim(cyd);
        _pass(1);
        vm.expectEmit();
        emit IValidatorSet.Claimed(ada, cyd, 10 ether);
        vm.prank(ada);
        set.claim(cyd);
        vm.assertEq(cyd.balance, 980 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_NothingToClaim.selector, ada)
        );
        vm.prank(ada);
        set.claim(cyd);
    }

    function test_another_unbond_begins_the_time_anew() public {
        _three();
        _unbond(cyd, 5 ether);
        _pass(90);
        _unbond(cyd, 5 ether);
        _pass(90);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_NothingToClaim.selector, cyd)
        );
        vm.prank(cyd);
        set.claim(cyd);
        _pass(10);
        vm.prank(cyd);
        set.claim(cyd);
        vm.assertEq(cyd.balance, 980 ether);
    }

    function test_credit_is_paid_at_once_and_apart() public {
        _three();
        _unbond(bob, 5 ether);
        _fine(ada, 1 ether, bob);
        vm.prank(bob);
        set.claim(bob);
        vm.assertEq(bob.balance, 981 ether);
        vm.assertEq(set.validator(bob).unbonding, 5 ether);
        _pass(100);
        vm.prank(bob);
        set.claim(bob);
        vm.assertEq(bob.balance, 986 ether);
    }

    function test_a_receiver_that_refuses_is_named() public {
        _three();
        _unbond(ada, 10 ether);
        _pass(100);
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorSet.ValidatorSet_TransferFailed.selector, address(this), 10 ether
            )
        );
        vm.prank(ada);
        set.claim(address(this));
    }

    // --- fine ---

    function _list(address one) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = one;
    }

    /// @dev One payee, that wants all of it.
    function _fine(address who, uint256 amount, address payee) private returns (uint256) {
        return set.fine(who, amount, _list(payee), amount);
    }

    function _forfeit(address who, address reporter) private returns (uint256) {
        vm.prank(OVERSIGHT);
        return set.forfeit(who, reporter);
    }

    function test_only_the_court_and_the_oversight_fine() public {
        _three();
        address[] memory payees = _list(bob);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSet_NotAllowed.selector, bob));
        vm.prank(bob);
        set.fine(ada, 1, payees, 1);
        vm.prank(OVERSIGHT);
        vm.assertEq(set.fine(ada, 1, payees, 1), 1);
    }

    function test_payees_have_their_part_by_seats_and_the_rest_is_burned() public {
        _three();
        address[] memory payees = new address[](3);
        (payees[0], payees[1], payees[2]) = (bob, cyd, bob);
        vm.expectEmit();
        emit IValidatorSet.Fined(ada, 100, 40);
        vm.assertEq(set.fine(ada, 100, payees, 20), 20);
        vm.assertEq(set.validator(bob).credit, 40);
        vm.assertEq(set.validator(cyd).credit, 20);
        vm.assertEq(set.validator(BURN).credit, 40);
        vm.assertEq(set.validator(ada).bond, 10 ether - 100);
    }

    function test_payees_share_what_there_is() public {
        _three();
        address[] memory payees = new address[](3);
        (payees[0], payees[1], payees[2]) = (bob, cyd, bob);
        vm.expectEmit();
        emit IValidatorSet.Fined(ada, 100, 1);
        vm.assertEq(set.fine(ada, 100, payees, 50), 33);
        vm.assertEq(set.validator(bob).credit, 66);
        vm.assertEq(set.validator(BURN).credit, 1);
    }

    function test_a_fine_without_payees_is_burned() public {
        _three();
        vm.expectEmit();
        emit IValidatorSet.Fined(ada, 1 ether, 1 ether);
        vm.assertEq(set.fine(ada, 1 ether, new address[](0), 5), 0);
        vm.assertEq(set.validator(ada).bond, 9 ether);
        vm.assertEq(set.validator(BURN).credit, 1 ether);
    }

    function test_nothing_to_fine_changes_nothing() public {
        _three();
        vm.recordLogs();
        vm.assertEq(_fine(vm.addr(9), 1 ether, bob), 0);
        vm.assertEq(_fine(ada, 0, bob), 0);
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(set.validator(bob).credit, 0);
    }

    function test_who_is_fined_may_be_paid_by_it() public {
        _three();
        vm.assertEq(_fine(ada, 1 ether, ada), 1 ether);
        vm.assertEq(set.validator(ada).bond, 9 ether);
        vm.assertEq(set.validator(ada).credit, 1 ether);
    }

    function test_a_fine_below_the_least_takes_the_validator_out() public {
        _three();
        _fine(ada, 1, bob);
        vm.assertEq(_set().length, 3);
        _pass(10);
        vm.assertEq(_set().length, 2);
        _bond(ada, 1, 8);
        _pass(10);
        vm.assertEq(_set().length, 3);
    }

    function test_a_fine_reaches_what_is_unbonding_and_no_further() public {
        _three();
        _unbond(bob, 8 ether);
        vm.assertEq(_fine(bob, 15 ether, ada), 15 ether);
        vm.assertEq(set.validator(bob).bond, 0);
        vm.assertEq(set.validator(bob).unbonding, 5 ether);
        vm.assertEq(_fine(bob, 15 ether, ada), 5 ether);
        vm.assertEq(_fine(bob, 15 ether, ada), 0);
        vm.assertEq(set.validator(ada).credit, 20 ether);
    }

    function test_a_credit_that_does_not_fit_stops_no_fine() public {
        _three();
        uint256 most = type(uint80).max;
        vm.deal(cyd, most);
        for (uint256 i; i < 2; ++i) {
            _bond(cyd, most - 30 ether, 8);
            set.fine(cyd, most, new address[](0), 0);
            vm.deal(cyd, most);
        }
        vm.assertEq(set.validator(BURN).credit, most);
        vm.assertEq(set.validator(cyd).bond, 0);
    }

    // --- forfeit ---

    function test_only_the_oversight_takes_all() public {
        _three();
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSet_NotAllowed.selector, address(this))
        );
        set.forfeit(ada, bob);
    }

    function test_all_that_is_bonded_or_unbonding_is_forfeited() public {
        _three();
        _unbond(cyd, 15 ether);
        _fine(ada, 1 ether, cyd);
        vm.expectEmit();
        emit IValidatorSet.Fined(cyd, 30 ether, 27 ether);
        vm.assertEq(_forfeit(cyd, bob), 30 ether);
        IValidatorSet.Validator memory gone = set.validator(cyd);
        vm.assertEq(gone.bond, 0);
        vm.assertEq(gone.unbonding, 0);
        vm.assertEq(gone.credit, 1 ether);
        vm.assertEq(set.validator(bob).credit, 3 ether);
        vm.assertEq(set.validator(BURN).credit, 27 ether);
        _pass(10);
        vm.assertEq(_set().length, 1);
        vm.assertEq(_set()[0].validator, bob);
    }

    function test_a_tenth_is_rounded_down() public {
        _three();
        _fine(ada, 10 ether - 19, bob);
        vm.assertEq(_forfeit(ada, cyd), 19);
        vm.assertEq(set.validator(cyd).credit, 1);
        vm.assertEq(set.validator(BURN).credit, 18);
    }

    function test_nothing_is_forfeited_twice() public {
        _three();
        _forfeit(ada, bob);
        vm.recordLogs();
        vm.assertEq(_forfeit(ada, bob), 0);
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(set.validator(bob).credit, 1 ether);
    }

    // --- sets of epochs ---

    function test_before_the_first_bond_there_is_nobody() public {
        _three();
        vm.assertEq(set.setAt(0).length, 0);
        vm.assertEq(set.setAt(nowTime - 10).length, 0);
    }

    function test_old_sets_stay_as_they_were() public {
        _three();
        uint256 first = nowTime;
        _unbond(ada, 10 ether);
        _bond(vm.addr(4), 40 ether, 24);
        _pass(10);
        uint256 second = nowTime;
        _unbond(bob, 20 ether);
        _pass(30);
        vm.assertEq(set.setAt(first).length, 3);
        vm.assertEq(set.setAt(first + 9).length, 3);
        vm.assertEq(set.setAt(first)[0].validator, ada);
        vm.assertEq(set.setAt(second).length, 3);
        vm.assertEq(set.setAt(second)[2].validator, vm.addr(4));
        vm.assertEq(set.setAt(second + 10).length, 2);
        vm.assertEq(_set().length, 2);
    }

    // --- eligible, pick ---

    function test_a_lower_tier_does_not_count() public {
        _three();
        (uint256 count, uint256 total, uint256 related) =
            set.eligible(nowTime, 16, new address[](0));
        vm.assertEq(count, 2);
        vm.assertEq(total, 50 ether);
        vm.assertEq(related, 0);
    }

    function test_parties_do_not_count_and_are_marked() public {
        _three();
        address[] memory skip = new address[](4);
        (skip[0], skip[1], skip[2], skip[3]) = (vm.addr(9), ada, vm.addr(8), cyd);
        (uint256 count, uint256 total, uint256 related) = set.eligible(nowTime, 16, skip);
        vm.assertEq(count, 1);
        vm.assertEq(total, 20 ether);
        vm.assertEq(related, 2 + 8);
    }

    function test_a_party_named_several_times_is_marked_each_time() public {
        _three();
        address[] memory skip = new address[](4);
        (skip[0], skip[1], skip[2], skip[3]) = (ada, vm.addr(9), ada, ada);
        (uint256 count,, uint256 related) = set.eligible(nowTime, 0, skip);
        vm.assertEq(count, 2);
        vm.assertEq(related, 1 + 4 + 8);
    }

    function test_a_party_past_the_marks_is_still_skipped() public {
        _three();
        address[] memory skip = new address[](301);
        skip[300] = ada;
        (uint256 count,,) = set.eligible(nowTime, 0, skip);
        vm.assertEq(count, 2);
    }

    function test_nobody_is_drawn_where_nobody_is_eligible() public {
        _three();
        uint256[] memory draws = new uint256[](2);
        address[] memory seats = set.pick(nowTime, 25, new address[](0), draws);
        vm.assertEq(seats.length, 2);
        vm.assertEq(seats[0], address(0));
        vm.assertEq(seats[1], address(0));
    }

    function test_nobody_is_drawn_before_the_first_bond() public view {
        uint256[] memory draws = new uint256[](2);
        vm.assertEq(set.pick(nowTime, 0, new address[](0), draws), new address[](2));
    }

    function test_a_seat_is_where_the_running_sum_exceeds_the_draw() public {
        _three();
        uint256[] memory draws = new uint256[](5);
        (draws[0], draws[1], draws[2]) = (0, 10 ether - 1, 10 ether);
        (draws[3], draws[4]) = (60 ether - 1, 60 ether);
        address[] memory seats = set.pick(nowTime, 0, new address[](0), draws);
        vm.assertEq(seats[0], ada);
        vm.assertEq(seats[1], ada);
        vm.assertEq(seats[2], bob);
        vm.assertEq(seats[3], cyd);
        vm.assertEq(seats[4], ada);
    }

    function test_fuzz_seats_are_as_a_plain_walk_says(
        uint256 seed,
        uint256 size,
        uint16 tier,
        uint256 draw
    ) public {
        size = bound(size, 1, 20);
        tier = uint16(bound(tier, 0, 40));
        for (uint256 i; i < size; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _bond(vm.addr(i + 1), LEAST + random % 100 ether, uint16(random >> 200) % 50);
        }
        _pass(10);
        address[] memory skip = new address[](3);
        for (uint256 i; i < 3; ++i) {
            skip[i] = vm.addr(1 + (seed >> (8 * i)) % 25);
        }
        uint256[] memory draws = new uint256[](4);
        for (uint256 i; i < 4; ++i) {
            draws[i] = uint256(keccak256(abi.encode(draw, i)));
        }
        address[] memory seats = set.pick(nowTime, tier, skip, draws);
        vm.assertEq(seats.length, 4);
        for (uint256 i; i < 4; ++i) {
            vm.assertEq(seats[i], _walk(tier, skip, draws[i]));
        }
    }

    function _walk(uint16 tier, address[] memory skip, uint256 draw)
        private
        view
        returns (address)
    {
        (, uint256 total,) = set.eligible(nowTime, tier, skip);
        if (total == 0) return address(0);
        IValidatorSet.Entry[] memory entries = _set();
        uint256 sum;
        for (uint256 i; i < entries.length; ++i) {
            address who = entries[i].validator;
            if (who == skip[0] || who == skip[1] || who == skip[2]) continue;
            if (entries[i].vramGib < tier) continue;
            sum += entries[i].bond;
            if (sum > draw % total) return who;
        }
        revert("the walk ends at the total");
    }

    // --- money ---

    function test_fuzz_the_money_held_is_what_is_owed(uint256 seed) public {
        _three();
        address[3] memory all = [ada, bob, cyd];
        for (uint256 i; i < 30; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            address who = all[random % 3];
            uint256 kind = (random >> 8) % 5;
            uint256 amount = (random >> 16) % 15 ether;
            if (kind == 0 && set.validator(who).bond + amount >= LEAST) _bond(who, amount, 8);
            if (kind == 1) {
                uint256 bond = set.validator(who).bond;
                if (bond != 0) _unbond(who, bond >= LEAST + amount && amount != 0 ? amount : bond);
            }
            if (kind == 2) _fine(who, amount, all[(random >> 100) % 3]);
            if (kind == 3) _tryClaim(who);
            if (kind == 4 && (random >> 108) % 4 == 0) _forfeit(who, all[(random >> 100) % 3]);
            _pass(random >> 250);
        }
        uint256 owed = set.validator(BURN).credit;
        for (uint256 i; i < 3; ++i) {
            IValidatorSet.Validator memory v = set.validator(all[i]);
            owed += uint256(v.bond) + v.unbonding + v.credit;
        }
        vm.assertEq(address(set).balance, owed);
    }

    function _tryClaim(address who) private {
        IValidatorSet.Validator memory v = set.validator(who);
        bool due = v.credit != 0 || (v.unbonding != 0 && nowTime >= v.claimableAt);
        if (!due) return;
        vm.prank(who);
        set.claim(who);
    }
}
