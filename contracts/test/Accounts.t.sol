// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SweepMarket} from "../src/SweepMarket.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Listing, Profile, TokenTerms} from "../src/types/Types.sol";
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
        address[3] memory all = [address(market), address(court), address(validators)];
        for (uint256 i; i < all.length; ++i) {
            (bool taken,) = all[i].call{value: 1}("");
            vm.assertFalse(taken);
        }
    }

    function _make(Profile memory profile, Listing memory listing) private {
        Listing[] memory listings = new Listing[](1);
        listings[0] = listing;
        new SweepMarket(address(1), address(2), address(3), profile, listings);
    }

    function test_a_profile_needs_a_delay_and_a_strict_majority() public {
        Listing memory listing = Listing(NATIVE, TIP, PANEL_FLOOR, CAP, LEAST_PRICE);
        Profile memory profile = demo();
        profile.drawDelay = 0;
        vm.expectRevert(ISweepMarket.SweepMarket_BadProfile.selector);
        _make(profile, listing);
        profile = demo();
        profile.seats = 4;
        vm.expectRevert(ISweepMarket.SweepMarket_BadProfile.selector);
        _make(profile, listing);
    }

    function test_a_listing_needs_a_cap_and_a_small_tip() public {
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadListing.selector, NATIVE);
        vm.expectRevert(refusal);
        _make(demo(), Listing(NATIVE, TIP, PANEL_FLOOR, 0, LEAST_PRICE));
        vm.expectRevert(refusal);
        _make(demo(), Listing(NATIVE, PANEL_FLOOR / 4 + 1, PANEL_FLOOR, CAP, LEAST_PRICE));
        _make(demo(), Listing(NATIVE, PANEL_FLOOR / 4, PANEL_FLOOR, CAP, LEAST_PRICE));
    }

    function test_the_market_tells_how_it_was_made() public view {
        vm.assertEq(keccak256(abi.encode(market.profile())), keccak256(abi.encode(demo())));
        TokenTerms memory expected = TokenTerms(TIP, PANEL_FLOOR, CAP, LEAST_PRICE, true);
        vm.assertEq(
            keccak256(abi.encode(market.tokenTerms(NATIVE))), keccak256(abi.encode(expected))
        );
        vm.assertFalse(market.tokenTerms(address(1)).listed);
        vm.assertEq(market.court(), address(court));
        vm.assertEq(market.validators(), address(validators));
        vm.assertEq(market.randomness(), address(randomness));
    }
}
