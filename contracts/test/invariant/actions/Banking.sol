// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Actors} from "../actors/Actors.sol";

/// @notice Deposits, withdrawals, and bids that are cancelled.
abstract contract Banking is Actors {
    function deposit(uint256 seed) external step(seed) {
        (address from, address to, address token) = (_anyone(), _anyone(), _anyToken());
        uint256 amount = _throw(token == NATIVE ? 1 ether : 1e8);
        bool fair = !_once(8);
        bytes memory data = abi.encodeCall(market.deposit, (token, to, amount));
        if (token != NATIVE) {
            _allow(from, amount);
            // A permit that is none does no harm beside an allowance.
            if (fair && _once(3)) {
                data = abi.encodeCall(
                    market.depositWithPermit, (token, to, amount, nowTime, 27, "r", "s")
                );
            }
        }
        uint256 value = token == NATIVE ? amount : 0;
        _call(from, address(market), fair ? value : value + 1, data, fair);
        if (fair) free[token][to] += amount;
    }

    function withdraw(uint256 seed) external step(seed) {
        (address who, address token) = (_anyone(), _anyToken());
        uint256 most = free[token][who];
        uint256 amount = _once(8) ? most + 1 : _throw(most + 1);
        bytes memory data = abi.encodeCall(market.withdraw, (token, amount, outsider));
        _toMarket(who, data, amount <= most);
        if (amount <= most) free[token][who] -= amount;
    }

    function bump(uint256 seed) external step(seed) {
        (address who, address token) = (_anyOf(sellers), _anyToken());
        _toMarket(who, abi.encodeCall(market.bumpNonce, (token)), true);
        ++nonces[token][who];
    }

    function _allow(address who, uint256 amount) internal {
        dollar.mint(who, amount);
        vm.prank(who);
        dollar.approve(address(market), amount);
    }
}
