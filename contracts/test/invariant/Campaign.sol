// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Base} from "../Base.t.sol";
import {Handler} from "./Handler.sol";

/// @notice What the fuzzer calls, and how often.
abstract contract Campaign is Base {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant WEIGHTS = 76;

    Handler internal handler;

    function setUp() public {
        handler = new Handler();
        handler.start();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), _selectors());
    }

    /// @dev Each so often as its weight says.
    function _selectors() internal view returns (bytes4[] memory list) {
        list = new bytes4[](WEIGHTS);
        uint256 count;
        count = _add(list, count, handler.award.selector, 3);
        count = _add(list, count, handler.openSession.selector, 2);
        count = _add(list, count, handler.spend.selector, 3);
        count = _add(list, count, handler.revoke.selector, 1);
        count = _add(list, count, handler.commit.selector, 4);
        count = _add(list, count, handler.multicall.selector, 1);
        count = _add(list, count, handler.expireAward.selector, 2);
        count = _add(list, count, handler.post.selector, 8);
        count = _add(list, count, handler.summon.selector, 4);
        count = _add(list, count, handler.challenge.selector, 3);
        count = _add(list, count, handler.resolve.selector, 8);
        count = _add(list, count, handler.expireCase.selector, 6);
        count = _add(list, count, handler.settle.selector, 4);
        count = _add(list, count, handler.expirePosted.selector, 4);
        count = _add(list, count, handler.demand.selector, 3);
        count = _add(list, count, handler.meet.selector, 2);
        count = _add(list, count, handler.expireDemand.selector, 1);
        count = _add(list, count, handler.contradict.selector, 1);
        count = _add(list, count, handler.overturn.selector, 2);
        count = _add(list, count, handler.withdrawCredit.selector, 1);
        count = _add(list, count, handler.bond.selector, 2);
        count = _add(list, count, handler.unbond.selector, 1);
        count = _add(list, count, handler.claim.selector, 1);
        count = _add(list, count, handler.deposit.selector, 1);
        count = _add(list, count, handler.withdraw.selector, 1);
        count = _add(list, count, handler.bump.selector, 1);
        count = _add(list, count, handler.pin.selector, 1);
        count = _add(list, count, handler.mine.selector, 1);
        count = _add(list, count, handler.pass.selector, 4);
        vm.assertEq(count, WEIGHTS);
    }

    function _add(bytes4[] memory list, uint256 from, bytes4 selector, uint256 weight)
        private
        pure
        returns (uint256 to)
    {
        to = from + weight;
        for (uint256 i = from; i < to; ++i) {
            list[i] = selector;
        }
    }
}
