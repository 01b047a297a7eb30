// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../../src/ValidatorSet.sol";
import {IValidatorSet} from "../../src/interfaces/IValidatorSet.sol";
import {Proof} from "./Proof.sol";

/// @notice The validators' money in any state of their accounts.
/// @dev As in `MarketProof`, a proof lists what moves, and `anyone` is any account.
contract ValidatorSetProof is Proof {
    address private constant COURT = address(0xC0);
    address private constant OVERSIGHT = address(0x05);

    ValidatorSet private set;
    address private _anyone;
    uint256 private _has;
    uint256 private _held;
    uint256 private _got;

    function setUp() public {
        set = new ValidatorSet(COURT, OVERSIGHT, uint80(svm.createUint(80, "leastBond")), 5, 1800);
        svm.enableSymbolicStorage(address(set));
        vm.deal(address(set), svm.createUint(128, "held"));
        vm.warp(1_800_000_000);
    }

    function check_claim(address who, address to) external {
        vm.assume(to != address(set));
        IValidatorSet.Validator memory before = set.validator(who);
        uint256 amount = before.credit;
        if (before.claimableAt <= block.timestamp) amount += before.unbonding;
        _watch();
        vm.prank(who);
        set.claim(to);
        _loses(who, amount);
        _moved();
    }

    // --- what is listed to move ---

    function _watch() private {
        _anyone = svm.createAddress("anyone");
        _has = _sum(_anyone);
        _held = address(set).balance;
    }

    function _loses(address who, uint256 amount) private {
        unchecked {
            _got -= amount;
            if (who == _anyone) _has -= amount;
        }
    }

    function _moved() private view {
        assert(_sum(_anyone) == _has);
        unchecked {
            assert(_got == address(set).balance - _held);
        }
    }

    function _sum(address who) private view returns (uint256) {
        IValidatorSet.Validator memory v = set.validator(who);
        return uint256(v.bond) + v.unbonding + v.credit;
    }
}
