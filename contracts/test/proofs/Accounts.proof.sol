// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketProof} from "./Market.sol";

contract AccountsProof is MarketProof {
    function check_deposit(bool native, address from, address to, uint256 amount, uint256 value)
        external
    {
        address token = _token(native);
        vm.assume(from != address(market));
        vm.deal(from, value);
        _watch(token);
        vm.prank(from);
        market.deposit{value: value}(token, to, amount);
        _gets(to, amount);
        _moved(token, 0);
    }

    function check_withdraw(bool native, address who, uint256 amount, address to) external {
        address token = _token(native);
        vm.assume(to != address(market));
        _watch(token);
        vm.prank(who);
        market.withdraw(token, amount, to);
        _pays(who, amount);
        _moved(token, 0);
    }

    function check_hold(address who, bool native, uint256 amount) external {
        address token = _token(native);
        _watch(token);
        vm.prank(COURT);
        market.hold(who, token, amount);
        _locks(who, amount);
        _moved(token, 0);
    }

    function check_release_to_nobody(address who, bool native, uint256 amount, uint256 back)
        external
    {
        _release(who, native, amount, back, new address[](0), 0);
    }

    function check_release_to_two(
        address who,
        bool native,
        uint256 amount,
        uint256 back,
        address first,
        address second,
        uint256 each
    ) external {
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (first, second);
        _release(who, native, amount, back, payees, each);
    }

    function _release(
        address who,
        bool native,
        uint256 amount,
        uint256 back,
        address[] memory payees,
        uint256 each
    ) private {
        vm.assume(who != BURN);
        address token = _token(native);
        _watch(token);
        vm.prank(COURT);
        market.release(who, token, amount, back, payees, each);
        _loses(who, amount);
        _gets(who, back);
        for (uint256 i; i < payees.length; ++i) {
            _gets(payees[i], each);
        }
        _gets(BURN, amount - back - each * payees.length);
        _moved(token, 0);
    }
}
