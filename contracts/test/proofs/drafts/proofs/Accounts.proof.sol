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
        _watch(token, [to, address(1), address(2), address(3)]);
        vm.prank(from);
        market.deposit{value: value}(token, to, amount);
        _gets(to, amount);
        _moved(token, 0);
    }

    function check_withdraw(bool native, address who, uint256 amount, address to) external {
        address token = _token(native);
        vm.assume(to != address(market));
        _watch(token, [who, address(1), address(2), address(3)]);
        vm.prank(who);
        market.withdraw(token, amount, to);
        _pays(who, amount);
        _moved(token, 0);
    }

    function check_hold(address who, bool native, uint256 amount) external {
        address token = _token(native);
        _watch(token, [who, address(1), address(2), address(3)]);
        vm.prank(COURT);
        market.hold(who, token, amount);
        _locks(who, amount);
        _moved(token, 0);
    }

    function check_release_to_nobody(address who, uint256 amount, uint256 back) external {
        address token = address(coin);
        _watch(token, [who, BURN, address(1), address(2)]);
        vm.prank(COURT);
        market.release(who, token, amount, back, new address[](0), 0);
        _loses(who, amount);
        _gets(who, back);
        _gets(BURN, amount - back);
        _moved(token, 0);
    }

    function check_release_to_two(uint256 amount, uint256 back, uint256 each) external {
        address token = address(coin);
        address who = _party("who");
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (_party("first"), _party("second"));
        _watch(token);
        vm.prank(COURT);
        market.release(who, token, amount, back, payees, each);
        _loses(who, amount);
        _gets(who, back);
        _gets(payees[0], each);
        _gets(payees[1], each);
        _gets(BURN, _less(_less(_less(amount, back), each), each));
        _moved(token, 0);
    }
}
