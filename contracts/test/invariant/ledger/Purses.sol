// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Amounts} from "./Amounts.sol";

/// @notice Entries: what goes from whom to whom.
abstract contract Purses is Amounts {
    function _lock(address who, address token, uint256 amount) internal {
        free[token][who] -= amount;
        locked[token][who] += amount;
    }

    function _take(address who, address token, uint256 amount) private {
        locked[token][who] -= amount;
    }

    /// @dev Pays out of what the buyer put up.
    function _pay(uint256 i, address who, uint256 amount) internal {
        purses[made[i].award.id].paid += amount;
        free[plans[made[i].plan].terms.token][who] += amount;
    }

    function _payRest(uint256 i, address who) internal {
        Purse memory purse = purses[made[i].award.id];
        _pay(i, who, purse.pulled - purse.paid);
    }

    // --- out of a bond ---

    /// @dev Pays out of the bond.
    function _payBond(uint256 i, address who, uint256 amount) internal {
        address token = plans[made[i].plan].terms.token;
        purses[made[i].award.id].bondPaid += amount;
        _take(made[i].award.seller, token, amount);
        free[token][who] += amount;
    }

    /// @dev Pays out of the bond as far as it reaches.
    function _payFromRest(uint256 i, address who, uint256 amount) internal {
        Purse memory purse = purses[made[i].award.id];
        _payBond(i, who, _min(amount, purse.bond - purse.bondPaid));
    }

    function _returnBond(uint256 i) internal {
        Purse memory purse = purses[made[i].award.id];
        _payBond(i, made[i].award.seller, purse.bond - purse.bondPaid);
    }

    // --- deposits ---

    function _loseDeposit(
        address who,
        address token,
        uint256 amount,
        address[] memory payees,
        uint256 each
    ) internal {
        _take(who, token, amount);
        for (uint256 i; i < payees.length; ++i) {
            free[token][payees[i]] += each;
        }
        free[token][BURN] += amount - each * payees.length;
    }

    function _returnDeposit(address who, address token, uint256 amount) internal {
        _take(who, token, amount);
        free[token][who] += amount;
    }

    // --- fines ---

    /// @dev Takes up to an amount from a validator. Returns what each payee got.
    function _fine(address who, uint256 amount, address[] memory payees, uint256 each)
        internal
        returns (uint256 paid)
    {
        uint256 taken = _takeStake(who, amount);
        if (payees.length != 0) paid = _min(each, taken / payees.length);
        for (uint256 i; i < payees.length; ++i) {
            credit[payees[i]] += paid;
        }
        credit[BURN] += taken - paid * payees.length;
    }

    function _forfeit(address who, address reporter) internal {
        uint256 taken = _takeStake(who, type(uint256).max);
        credit[reporter] += taken / 10;
        credit[BURN] += taken - taken / 10;
    }

    function _takeStake(address who, uint256 amount) private returns (uint256 taken) {
        uint256 ofBond = _min(amount, bonded[who]);
        uint256 ofUnbonding = _min(amount - ofBond, unbonding[who]);
        bonded[who] -= ofBond;
        unbonding[who] -= ofUnbonding;
        return ofBond + ofUnbonding;
    }
}
