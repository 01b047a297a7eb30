// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SweepMarket} from "../src/SweepMarket.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Award, Listing, Profile, Sweep, Terms, TokenTerms} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";
import {PermitToken} from "./PermitToken.sol";

/// @dev Withdraws once more while it is being paid.
contract Glutton {
    SweepMarket private immutable MARKET;
    uint256 public refusals;

    constructor(SweepMarket market) {
        MARKET = market;
    }

    function eat(uint256 amount) external {
        MARKET.withdraw(address(0), amount, address(this));
    }

    receive() external payable {
        try MARKET.withdraw(address(0), msg.value, address(this)) {}
        catch {
            ++refusals;
        }
    }
}

contract AccountsTest is Fixture {
    function _expectNotCourt(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_NotCourt.selector, caller));
    }

    function _expectNotListed(address token) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TokenNotListed.selector, token)
        );
    }

    function _expectWrongValue(uint256 sent, uint256 expected) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongValue.selector, sent, expected)
        );
    }

    // --- deposit ---

    function test_fuzz_native_coin_is_credited_to_whom_the_payer_names(uint96 amount) public {
        vm.deal(relayer, amount);
        vm.expectEmit();
        emit ISweepMarket.Deposited(NATIVE, buyer, relayer, amount);
        vm.prank(relayer);
        market.deposit{value: amount}(NATIVE, buyer, amount);
        vm.assertEq(_free(buyer), amount);
        vm.assertEq(_free(relayer), 0);
    }

    function test_the_value_must_be_the_amount() public {
        _expectWrongValue(1 ether, 2 ether);
        vm.prank(buyer);
        market.deposit{value: 1 ether}(NATIVE, buyer, 2 ether);
    }

    function test_a_token_comes_without_value() public {
        dollar.mint(buyer, 100);
        vm.prank(buyer);
        dollar.approve(address(market), 100);
        _expectWrongValue(1, 0);
        vm.prank(buyer);
        market.deposit{value: 1}(address(dollar), buyer, 100);
    }

    function test_a_token_is_pulled_by_its_allowance() public {
        _deposit(buyer, address(dollar), 100);
        (uint112 free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 100);
        vm.assertEq(dollar.balanceOf(address(market)), 100);
    }

    function test_a_token_without_allowance_is_not_credited() public {
        dollar.mint(buyer, 100);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 100
            )
        );
        vm.prank(buyer);
        market.deposit(address(dollar), buyer, 100);
    }

    function test_an_unlisted_token_is_refused() public {
        PermitToken other = new PermitToken();
        _expectNotListed(address(other));
        market.deposit(address(other), buyer, 1);
        _expectNotListed(address(other));
        market.depositWithPermit(address(other), buyer, 1, 0, 0, 0, 0);
    }

    // --- permits ---

    function _permit(uint256 amount, uint256 deadline)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 kind = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 hash = keccak256(abi.encode(kind, buyer, address(market), amount, 0, deadline));
        bytes32 domain = dollar.DOMAIN_SEPARATOR();
        return vm.sign(keyOf[buyer], keccak256(abi.encodePacked(hex"1901", domain, hash)));
    }

    function test_a_permit_needs_no_allowance() public {
        dollar.mint(buyer, 100);
        (uint8 v, bytes32 r, bytes32 s) = _permit(100, nowTime + 1);
        vm.prank(buyer);
        market.depositWithPermit(address(dollar), relayer, 100, nowTime + 1, v, r, s);
        (uint112 free,,) = market.account(relayer, address(dollar));
        vm.assertEq(free, 100);
    }

    function test_a_permit_used_up_by_another_is_no_obstacle() public {
        dollar.mint(buyer, 100);
        (uint8 v, bytes32 r, bytes32 s) = _permit(100, nowTime + 1);
        dollar.permit(buyer, address(market), 100, nowTime + 1, v, r, s);
        vm.prank(buyer);
        market.depositWithPermit(address(dollar), buyer, 100, nowTime + 1, v, r, s);
        (uint112 free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 100);
    }

    function test_the_native_coin_has_no_permit() public {
        _expectNotListed(NATIVE);
        market.depositWithPermit(NATIVE, buyer, 1, 0, 0, 0, 0);
    }

    function test_a_permit_that_says_something_else_is_no_obstacle_to_an_allowance() public {
        dollar.mint(buyer, 100);
        vm.prank(buyer);
        dollar.approve(address(market), 100);
        vm.prank(buyer);
        market.depositWithPermit(address(dollar), buyer, 100, nowTime + 1, 27, "r", "s");
        (uint112 free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 100);
    }

    function test_a_permit_without_a_deadline_is_none() public {
        dollar.mint(buyer, 100);
        (uint8 v, bytes32 r, bytes32 s) = _permit(100, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 100
            )
        );
        vm.prank(buyer);
        market.depositWithPermit(address(dollar), buyer, 100, 0, v, r, s);
    }

    // --- what an account can hold ---

    function test_an_account_holds_112_bits_free_and_locked_together() public {
        uint256 most = type(uint112).max;
        _deposit(buyer, address(dollar), most - 10);
        vm.prank(address(court));
        market.hold(buyer, address(dollar), most - 10);
        _deposit(buyer, address(dollar), 10);
        (uint112 free, uint112 locked,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 10);
        vm.assertEq(locked, most - 10);

        dollar.mint(buyer, 1);
        vm.prank(buyer);
        dollar.approve(address(market), 1);
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 112, 1)
        );
        vm.prank(buyer);
        market.deposit(address(dollar), buyer, 1);
    }

    function test_fuzz_free_locked_and_nonce_share_a_word_and_nothing_else(
        uint112 total,
        uint112 held,
        uint8 bumps
    ) public {
        held = uint112(bound(held, 0, total));
        for (uint256 i; i < bumps % 8; ++i) {
            vm.prank(buyer);
            market.bumpNonce(address(dollar));
        }
        _deposit(buyer, address(dollar), total);
        vm.prank(address(court));
        market.hold(buyer, address(dollar), held);
        (uint112 free, uint112 locked, uint32 nonce) = market.account(buyer, address(dollar));
        vm.assertEq(free, total - held);
        vm.assertEq(locked, held);
        vm.assertEq(nonce, bumps % 8);
    }

    // --- withdraw ---

    function test_fuzz_what_is_free_can_be_withdrawn(uint256 amount) public {
        amount = bound(amount, 0, 10 ether);
        vm.expectEmit();
        emit ISweepMarket.Withdrawn(NATIVE, sellers[0], relayer, amount);
        vm.prank(sellers[0]);
        market.withdraw(NATIVE, amount, relayer);
        vm.assertEq(relayer.balance, 1000 ether + amount);
        vm.assertEq(_free(sellers[0]), 10 ether - amount);
    }

    function test_a_token_can_be_withdrawn() public {
        _deposit(buyer, address(dollar), 100);
        vm.prank(buyer);
        market.withdraw(address(dollar), 60, relayer);
        vm.assertEq(dollar.balanceOf(relayer), 60);
    }

    function test_no_more_than_is_free_can_be_withdrawn() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector,
                sellers[0],
                NATIVE,
                10 ether + 1,
                10 ether
            )
        );
        vm.prank(sellers[0]);
        market.withdraw(NATIVE, 10 ether + 1, sellers[0]);
    }

    function test_a_receiver_that_refuses_blocks_only_itself() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_TransferFailed.selector, address(this), 1 ether
            )
        );
        vm.prank(sellers[0]);
        market.withdraw(NATIVE, 1 ether, address(this));
        vm.prank(sellers[1]);
        market.withdraw(NATIVE, 10 ether, sellers[1]);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    function test_a_receiver_that_calls_back_gets_its_own_only() public {
        Glutton glutton = new Glutton(market);
        vm.prank(buyer);
        market.deposit{value: 1 ether}(NATIVE, address(glutton), 1 ether);
        glutton.eat(1 ether);
        vm.assertEq(address(glutton).balance, 1 ether);
        vm.assertEq(glutton.refusals(), 1);
        vm.assertEq(address(market).balance, 60 ether);
    }

    // --- deposits of challengers ---

    function test_only_the_court_holds_and_releases() public {
        address[3] memory callers = [buyer, address(sessions), address(oversight)];
        for (uint256 i; i < 3; ++i) {
            _expectNotCourt(callers[i]);
            vm.prank(callers[i]);
            market.hold(sellers[0], NATIVE, 1);
            _expectNotCourt(callers[i]);
            vm.prank(callers[i]);
            market.release(sellers[0], NATIVE, 1, 0, new address[](0), 0);
        }
    }

    function test_what_is_held_is_locked() public {
        vm.expectEmit();
        emit ISweepMarket.DepositHeld(NATIVE, sellers[0], 3 ether);
        vm.prank(address(court));
        market.hold(sellers[0], NATIVE, 3 ether);
        vm.assertEq(_free(sellers[0]), 7 ether);
        vm.assertEq(_locked(sellers[0]), 3 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector,
                sellers[0],
                NATIVE,
                7 ether + 1,
                7 ether
            )
        );
        vm.prank(sellers[0]);
        market.withdraw(NATIVE, 7 ether + 1, sellers[0]);
    }

    function test_no_more_than_is_free_is_held() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector,
                sellers[0],
                NATIVE,
                10 ether + 1,
                10 ether
            )
        );
        vm.prank(address(court));
        market.hold(sellers[0], NATIVE, 10 ether + 1);
    }

    function test_a_deposit_that_was_right_comes_back() public {
        vm.prank(address(court));
        market.hold(sellers[0], NATIVE, 3 ether);
        vm.expectEmit();
        emit ISweepMarket.DepositReturned(NATIVE, sellers[0], 3 ether);
        vm.recordLogs();
        vm.prank(address(court));
        market.release(sellers[0], NATIVE, 3 ether, 3 ether, new address[](0), 0);
        vm.assertEq(_free(sellers[0]), 10 ether);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(BURN), 0);
    }

    function test_fuzz_a_deposit_is_divided_to_the_wei(
        uint256 amount,
        uint256 back,
        uint256 count,
        uint256 each
    ) public {
        amount = bound(amount, 1, 10 ether);
        back = bound(back, 0, amount);
        count = bound(count, 0, 7);
        each = bound(each, 0, count == 0 ? 1 ether : (amount - back) / count);
        address[] memory payees = new address[](count);
        for (uint256 i; i < count; ++i) {
            payees[i] = judges[i % 4];
        }
        uint256 burned = amount - back - count * each;
        vm.prank(address(court));
        market.hold(sellers[0], NATIVE, amount);
        if (back != amount) {
            vm.expectEmit();
            emit ISweepMarket.DepositLost(NATIVE, sellers[0], amount - back, burned);
        }
        vm.prank(address(court));
        market.release(sellers[0], NATIVE, amount, back, payees, each);
        vm.assertEq(_free(sellers[0]), 10 ether - amount + back);
        vm.assertEq(_locked(sellers[0]), 0);
        vm.assertEq(_free(BURN), burned);
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            paid += _free(judges[i]);
        }
        vm.assertEq(paid, count * each);
    }

    function test_no_more_than_a_deposit_is_paid_out_of_it() public {
        vm.prank(address(court));
        market.hold(sellers[0], NATIVE, 3 ether);
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (judges[0], judges[1]);
        vm.expectRevert();
        vm.prank(address(court));
        market.release(sellers[0], NATIVE, 3 ether, 1 ether, payees, 1 ether + 1);
        vm.expectRevert();
        vm.prank(address(court));
        market.release(sellers[0], NATIVE, 3 ether + 1, 0, payees, 0);
    }

    // --- several calls in one ---

    function test_calls_are_one_callers_and_in_order() public {
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(market.bumpNonce, (NATIVE));
        calls[1] = abi.encodeCall(market.withdraw, (NATIVE, 2 ether, relayer));
        calls[2] = abi.encodeCall(market.account, (sellers[0], NATIVE));
        vm.prank(sellers[0]);
        bytes[] memory results = market.multicall(calls);
        vm.assertEq(results.length, 3);
        vm.assertEq(results[0].length, 0);
        (uint112 free,, uint32 nonce) = abi.decode(results[2], (uint112, uint112, uint32));
        vm.assertEq(free, 8 ether);
        vm.assertEq(nonce, 1);
        vm.assertEq(relayer.balance, 1002 ether);
    }

    function test_all_calls_succeed_or_none_does() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(market.withdraw, (NATIVE, 2 ether, relayer));
        calls[1] = abi.encodeCall(market.withdraw, (NATIVE, 9 ether, relayer));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector, sellers[0], NATIVE, 9 ether, 8 ether
            )
        );
        vm.prank(sellers[0]);
        market.multicall(calls);
        vm.assertEq(_free(sellers[0]), 10 ether);
    }

    function test_no_value_comes_along_with_several_calls() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(market.deposit, (NATIVE, buyer, 1 ether));
        calls[1] = calls[0];
        vm.prank(buyer);
        (bool taken,) =
            address(market).call{value: 1 ether}(abi.encodeCall(market.multicall, (calls)));
        vm.assertFalse(taken);
        _expectWrongValue(0, 1 ether);
        vm.prank(buyer);
        market.multicall(calls);
    }

    function test_an_award_among_several_calls_is_paid_from_what_is_free() public {
        Sweep memory sweep = _sweep();
        Award memory award = _awardOf(_bid(sweep, sellers[0], 0, 3));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(
            market.award,
            (sweep, _only(_offer(_bid(sweep, sellers[0], 0, 3))), 0, _noPermit(_cost(award)))
        );
        _expectWrongValue(0, _cost(award));
        vm.prank(buyer);
        market.multicall(calls);
        calls[0] = abi.encodeCall(
            market.award, (sweep, _only(_offer(_bid(sweep, sellers[0], 0, 3))), 0, _noPermit(0))
        );
        _deposit(buyer, NATIVE, 1 ether);
        vm.prank(buyer);
        bytes[] memory results = market.multicall(calls);
        vm.assertEq(abi.decode(results[0], (uint256)), 3);
        vm.assertEq(_free(buyer), 1 ether - _cost(award));
    }

    function test_several_calls_give_nobody_the_courts_or_the_sessions_word() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(market.hold, (sellers[0], NATIVE, 1 ether));
        _expectNotCourt(buyer);
        vm.prank(buyer);
        market.multicall(calls);
        _expectNotCourt(address(market));
        vm.prank(address(market));
        market.hold(sellers[0], NATIVE, 1 ether);
    }

    // --- the rest ---

    function test_a_nonce_counts_for_one_token() public {
        vm.expectEmit();
        emit ISweepMarket.NonceBumped(NATIVE, buyer, 1);
        vm.prank(buyer);
        market.bumpNonce(NATIVE);
        (,, uint32 native) = market.account(buyer, NATIVE);
        (,, uint32 other) = market.account(buyer, address(dollar));
        vm.assertEq(native, 1);
        vm.assertEq(other, 0);
    }

    function test_value_sent_without_a_word_is_refused() public {
        address[4] memory all =
            [address(market), address(court), address(validators), address(sessions)];
        for (uint256 i; i < all.length; ++i) {
            (bool taken,) = all[i].call{value: 1}("");
            vm.assertFalse(taken);
        }
    }

    // --- the constructor ---

    function _make(Profile memory profile, TokenTerms memory terms) private returns (SweepMarket) {
        Listing[] memory listings = new Listing[](1);
        listings[0] = Listing(NATIVE, terms);
        ISweepMarket.Parts memory parts;
        return new SweepMarket(parts, profile, listings);
    }

    function test_a_profile_needs_a_strict_majority_that_can_come_together() public {
        TokenTerms memory terms = market.tokenTerms(NATIVE);
        Profile memory profile = demo();
        profile.seats = 4;
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_BadProfile.selector, 4, 2));
        _make(profile, terms);
        profile.quorum = 5;
        vm.expectRevert(abi.encodeWithSelector(ISweepMarket.SweepMarket_BadProfile.selector, 4, 5));
        _make(profile, terms);
        profile.quorum = 4;
        vm.assertEq(_make(profile, terms).profile().quorum, 4);
    }

    function test_a_listing_needs_a_cap_and_a_small_tip() public {
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadListing.selector, NATIVE);
        vm.expectRevert(refusal);
        _make(demo(), TokenTerms(0, PANEL_FLOOR, TIP, LEAST_PRICE));
        vm.expectRevert(refusal);
        _make(demo(), TokenTerms(CAP, PANEL_FLOOR, PANEL_FLOOR / 4 + 1, LEAST_PRICE));
        _make(demo(), TokenTerms(CAP, PANEL_FLOOR, PANEL_FLOOR / 4, LEAST_PRICE));
    }

    function test_fuzz_the_market_tells_what_holds_for_its_tokens(
        TokenTerms memory first,
        TokenTerms memory second
    ) public {
        (first.tip, second.tip) = (first.panelFloor / 4, second.panelFloor / 4);
        first.cap |= 1;
        second.cap |= 1;
        Listing[] memory listings = new Listing[](2);
        listings[0] = Listing(address(dollar), first);
        listings[1] = Listing(NATIVE, second);
        SweepMarket made = new SweepMarket(market.parts(), demo(), listings);
        vm.assertEq(
            keccak256(abi.encode(made.tokenTerms(address(dollar)))), keccak256(abi.encode(first))
        );
        vm.assertEq(keccak256(abi.encode(made.tokenTerms(NATIVE))), keccak256(abi.encode(second)));
        vm.assertEq(made.tokenTerms(address(1)).cap, 0);
    }

    function test_the_market_tells_how_it_was_made() public view {
        vm.assertEq(keccak256(abi.encode(market.profile())), keccak256(abi.encode(demo())));
        TokenTerms memory expected = TokenTerms(CAP, PANEL_FLOOR, TIP, LEAST_PRICE);
        vm.assertEq(
            keccak256(abi.encode(market.tokenTerms(NATIVE))), keccak256(abi.encode(expected))
        );
        ISweepMarket.Parts memory parts = market.parts();
        vm.assertEq(parts.validators, address(validators));
        vm.assertEq(parts.court, address(court));
        vm.assertEq(parts.sessions, address(sessions));
        vm.assertEq(parts.randomness, address(randomness));
    }

    function test_the_window_follows_the_verdict_time_where_that_is_longer() public {
        Terms memory terms = _sweep().terms;
        vm.assertEq(market.settleFrom(terms, 1000), 1015);
        _deploy(production());
        terms.verdictTime = 1 hours;
        vm.assertEq(market.settleFrom(terms, 1000), 1000 + 2 hours);
        terms.verdictTime = 24 hours;
        vm.assertEq(market.settleFrom(terms, 1000), 1000 + 24 hours);
    }

    function test_a_deployed_market_is_no_larger_than_a_chain_takes() public view {
        vm.assertLe(address(market).code.length, 24_576);
    }
}
