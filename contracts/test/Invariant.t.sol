// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PermitToken} from "./PermitToken.sol";
import {Base} from "./Base.t.sol";
import {Handler} from "./Handler.t.sol";

contract InvariantTest is Base {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private handler;
    address private market;
    address private validators;
    address private dollar;

    function setUp() public {
        handler = new Handler();
        handler.start();
        (market, validators, dollar) = handler.contracts();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory all = [
            handler.award.selector,
            handler.award.selector,
            handler.commit.selector,
            handler.commit.selector,
            handler.post.selector,
            handler.post.selector,
            handler.resolve.selector,
            handler.settle.selector,
            handler.settle.selector,
            handler.expireAward.selector,
            handler.expirePosted.selector,
            handler.expireCase.selector,
            handler.pass.selector,
            handler.deposit.selector,
            handler.withdraw.selector,
            handler.rebond.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        targets[0].selectors = new bytes4[](all.length + 1);
        for (uint256 i; i < all.length; ++i) {
            targets[0].selectors[i] = all[i];
        }
        targets[0].selectors[all.length] = handler.bump.selector;
    }

    function invariant_money_is_conserved_and_tombstones_hold() public {
        _checkToken(address(0), market.balance);
        _checkToken(dollar, PermitToken(dollar).balanceOf(market));
        vm.assertEq(validators.balance, handler.validatorsOwed());
        vm.assertTrue(handler.tombstonesHold());
    }

    function _checkToken(address token, uint256 balance) private view {
        (uint256 held, uint256 bonds) = handler.escrow(token);
        vm.assertEq(handler.balances(token) + held, balance);
        vm.assertEq(handler.lockedSum(token), bonds);
    }

    function afterInvariant() external {
        handler.everybodyLeaves();
        vm.assertEq(market.balance, 0);
        vm.assertEq(PermitToken(dollar).balanceOf(market), 0);
    }
}
