// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IValidatorSet} from "../../../src/interfaces/IValidatorSet.sol";
import {
    AwardStatus,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Sweep
} from "../../../src/types/Types.sol";
import {Amounts} from "../ledger/Amounts.sol";

/// @notice What the contracts hold, for whom, and who has something else than the books say.
abstract contract Balances is Amounts {
    function tokenOf(uint256 i) external view returns (address) {
        return i == 0 ? NATIVE : address(dollar);
    }

    /// @notice What the market holds of a token, and what everybody's accounts sum up to.
    function holdings(address token)
        external
        view
        returns (uint256 balance, uint256 allFree, uint256 allLocked)
    {
        balance = token == NATIVE ? address(market).balance : dollar.balanceOf(address(market));
        for (uint256 i; i < people.length; ++i) {
            (uint112 isFree, uint112 isLocked,) = market.account(people[i], token);
            (allFree, allLocked) = (allFree + isFree, allLocked + isLocked);
        }
    }

    /// @notice What buyers put up for the awards that are open on chain, the bonds behind them less what was docked,
    /// and the deposits of the disputes that are.
    function obligations(address token)
        external
        view
        returns (uint256 escrow, uint256 bonds, uint256 deposits)
    {
        for (uint256 i; i < made.length; ++i) {
            Sweep memory sweep = plans[made[i].plan];
            uint256 slot = market.awardSlot(made[i].award.id);
            bool closed = AwardStatus(slot >> 248 & 0x3f) > AwardStatus.DISPUTED;
            if (sweep.terms.token != token || closed) continue;
            escrow += _costIn(token, made[i].award);
            bonds += _bondIn(sweep, made[i].award);
            if (slot >> 254 & 1 == 1) bonds -= _dockedIn(token, made[i].award);
        }
        for (uint256 n; n < cases.length; ++n) {
            Dispute memory d = court.dispute(cases[n].id);
            bool open = d.status == DisputeStatus.OPEN && d.kind == DisputeKind.CHALLENGE;
            Made memory m = made[cases[n].place];
            if (open && plans[m.plan].terms.token == token) {
                deposits += _depositIn(token, m.award);
            }
        }
    }

    /// @notice Somebody who has or should have something else than the books say; nobody if they are right.
    function wrongAccount(address token) external view returns (address) {
        for (uint256 i; i < people.length; ++i) {
            (uint112 isFree, uint112 isLocked,) = market.account(people[i], token);
            bool right = isFree == free[token][people[i]] && isLocked == locked[token][people[i]];
            if (!right) return people[i];
        }
        return address(0);
    }

    /// @notice What nobody can take any more of a token, and of the validators' bonds.
    function burned(address token) external view returns (uint256 amount, uint256 bonds) {
        (amount,,) = market.account(BURN, token);
        bonds = validators.validator(BURN).credit;
    }

    // --- native coins ---

    /// @notice The same of validators: their bonds, what they unbond and what they earned.
    function wrongValidator() external view returns (address) {
        for (uint256 i; i < people.length; ++i) {
            address who = people[i];
            IValidatorSet.Validator memory v = validators.validator(who);
            bool right =
                v.bond == bonded[who] && v.unbonding == unbonding[who] && v.credit == credit[who];
            if (!right) return who;
        }
        return address(0);
    }

    /// @notice What the validators' contract holds, and what it owes.
    function stakes() external view returns (uint256 balance, uint256 owed) {
        balance = address(validators).balance;
        for (uint256 i; i < people.length; ++i) {
            IValidatorSet.Validator memory v = validators.validator(people[i]);
            owed += uint256(v.bond) + v.unbonding + v.credit;
        }
    }

    /// @notice What the oversight holds, the deposits of open demands, and what it owes.
    function demandBooks() external view returns (uint256 balance, uint256 open, uint256 credits) {
        balance = address(oversight).balance;
        for (uint256 n; n < wanted.length; ++n) {
            if (!oversight.demandOf(wanted[n].id).closed) open += DEMAND_DEPOSIT;
        }
        for (uint256 i; i < people.length; ++i) {
            credits += oversight.credit(people[i]);
        }
    }

    /// @notice Somebody to whom the oversight owes something else than the books say.
    function wrongCredit() external view returns (address) {
        for (uint256 i; i < people.length; ++i) {
            if (oversight.credit(people[i]) != earned[people[i]]) return people[i];
        }
        return address(0);
    }
}
