// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {Award, Commit, SignedVerdict, Sweep} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

/// @notice A courtroom, and an attacker with as many purses as it likes: what counts is what all of them hold,
/// in their wallets, in the market, as validators and with the oversight.
abstract contract Plot is Courtroom {
    address[] private purses;
    uint256 private before;

    /// @dev Whose purses are the attacker's, and what they hold before it begins.
    function _plot(address one) internal {
        _plot(one, one, one);
    }

    function _plot(address one, address two) internal {
        _plot(one, two, two);
    }

    function _plot(address one, address two, address three) internal {
        delete purses;
        purses.push(one);
        if (two != one) purses.push(two);
        if (three != two && three != one) purses.push(three);
        before = _held();
    }

    /// @dev The same, held against what they would have once everybody had just done its work.
    function _plotInsteadOfWork(address one) internal {
        uint256 state = vm.snapshotState();
        _plot(one);
        _pass(15);
        _settleAll();
        uint256 honest = _held();
        vm.revertToState(state);
        _plot(one);
        before = honest;
    }

    function _holds(address who) internal view returns (uint256) {
        IValidatorSet.Validator memory v = validators.validator(who);
        uint256 bonded = uint256(v.bond) + v.unbonding + v.credit;
        return who.balance + _free(who) + _locked(who) + bonded + oversight.credit(who);
    }

    function _held() private view returns (uint256 sum) {
        for (uint256 i; i < purses.length; ++i) {
            sum += _holds(purses[i]);
        }
    }

    // --- how it ends ---

    function _assertPoorer() internal view {
        vm.assertLt(_held(), before);
    }

    function _assertPoorerBy(uint256 loss) internal view {
        vm.assertGt(loss, 0);
        vm.assertEq(before - _held(), loss);
    }

    function _assertNotRicher() internal view {
        vm.assertLe(_held(), before);
    }

    /// @dev A buyer that brought nothing but the price has all of it back.
    function _assertRefunded(Award memory award) internal view {
        vm.assertEq(_free(buyer), _cost(award));
    }

    function _assertPaid(Award memory award) internal view {
        vm.assertEq(_holds(award.seller), 1000 ether + _price(award));
        vm.assertEq(_locked(award.seller), 0);
    }

    // --- what honest people do ---

    function _settleAll() internal returns (uint256) {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        return market.settle(sweep, _case(), verdicts);
    }

    /// @dev Each judge upholds its share, but one whose word is brought along.
    function _settleBut(SignedVerdict memory other) internal returns (uint256) {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        verdicts[other.share] = other;
        return market.settle(sweep, _case(), verdicts);
    }

    /// @dev Each judge upholds its share, but one that is silent.
    function _without(uint8 silent) internal view returns (SignedVerdict[] memory verdicts) {
        SignedVerdict[] memory all = _verdicts(sweep, _case());
        verdicts = new SignedVerdict[](all.length - 1);
        for (uint256 i; i < verdicts.length; ++i) {
            verdicts[i] = all[i < silent ? i : i + 1];
        }
    }
}
