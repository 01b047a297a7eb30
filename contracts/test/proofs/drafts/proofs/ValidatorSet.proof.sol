// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ValidatorSet} from "../../src/ValidatorSet.sol";
import {IValidatorSet} from "../../src/interfaces/IValidatorSet.sol";
import {Proof} from "./Proof.sol";

/// @notice The validators' money in any state of their accounts, with nobody in the set but who bonds.
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
        vm.store(address(set), bytes32(uint256(1)), 0);
        vm.store(address(set), bytes32(uint256(2)), 0);
        vm.deal(address(set), svm.createUint(128, "held"));
        vm.warp(1_800_000_000);
    }

    function check_bond(uint16 tier, uint256 value) external {
        // A bond of nothing is in no set.
        vm.assume(set.leastBond() != 0);
        address who = _party("who");
        vm.deal(who, value);
        _watch();
        vm.prank(who);
        set.bond{value: value}(tier);
        _gets(who, value);
        _moved();
        IValidatorSet.Entry[] memory entries = set.setAt(1_800_000_005);
        assert(entries.length == 1);
        assert(entries[0].validator == who && entries[0].vramGib == tier);
        assert(entries[0].bond == set.validator(who).bond);
    }

    function check_unbond(uint256 amount) external {
        address who = _party("who");
        _watch();
        vm.prank(who);
        set.unbond(amount);
        _moved();
    }

    function check_claim(address who, address to) external {
        vm.assume(to != address(set));
        IValidatorSet.Validator memory before = set.validator(who);
        uint256 amount = before.credit;
        if (before.claimableAt <= block.timestamp) amount += before.unbonding;
        _watch(svm.createAddress("anyone"));
        vm.prank(who);
        set.claim(to);
        _loses(who, amount);
        _moved();
    }

    function check_fine_for_nobody(uint256 amount, bool byCourt) external {
        _fine(amount, byCourt, new address[](0), 0);
    }

    function check_fine_for_two(uint256 amount, bool byCourt, uint256 each) external {
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (_party("first"), _party("second"));
        _fine(amount, byCourt, payees, each);
    }

    function check_forfeit() external {
        (address who, address reporter) = (_party("who"), _party("reporter"));
        uint256 taken = _takes(who, type(uint256).max);
        _watch();
        vm.prank(OVERSIGHT);
        uint256 amount = set.forfeit(who, reporter);
        assert(amount == taken);
        _loses(who, taken);
        _gets(reporter, taken / 10);
        _gets(BURN, taken - taken / 10);
        _moved();
    }

    function _fine(uint256 amount, bool byCourt, address[] memory payees, uint256 each) private {
        address who = _party("who");
        uint256 taken = _takes(who, amount);
        _watch();
        vm.prank(byCourt ? COURT : OVERSIGHT);
        uint256 paid = set.fine(who, amount, payees, each);
        assert(paid <= each);
        _loses(who, taken);
        for (uint256 i; i < payees.length; ++i) {
            _gets(payees[i], paid);
        }
        _gets(BURN, _less(taken, paid * payees.length));
        _moved();
    }

    function _takes(address who, uint256 amount) private view returns (uint256) {
        IValidatorSet.Validator memory v = set.validator(who);
        uint256 most = uint256(v.bond) + v.unbonding;
        return amount < most ? amount : most;
    }

    // --- what is listed to move ---

    function _watch() private {
        _watch(_party("anyone"));
    }

    function _watch(address anyone) private {
        _anyone = anyone;
        _has = _sum(anyone);
        _held = address(set).balance;
    }

    function _gets(address who, uint256 amount) private {
        unchecked {
            _got += amount;
            _has += _if(who == _anyone, amount);
        }
    }

    function _loses(address who, uint256 amount) private {
        unchecked {
            _got -= amount;
            _has -= _if(who == _anyone, amount);
        }
    }

    /// @dev No account has more than what was listed; it has less only where a credit is full.
    function _moved() private view {
        uint256 has = _sum(_anyone);
        bool full = set.validator(_anyone).credit == type(uint80).max;
        unchecked {
            assert(_got == address(set).balance - _held);
        }
        assert(has <= _has);
        assert(full || has == _has);
    }

    function _sum(address who) private view returns (uint256) {
        IValidatorSet.Validator memory v = set.validator(who);
        return uint256(v.bond) + v.unbonding + v.credit;
    }
}
