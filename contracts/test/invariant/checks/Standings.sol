// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, Dispute, DisputeStatus} from "../../../src/types/Types.sol";
import {AwardBook} from "../ledger/AwardBook.sol";

/// @notice Where awards, disputes and sessions stand, and which stand otherwise than the books say.
abstract contract Standings is AwardBook {
    /// @notice An award whose slot is not what the rules make of it, to the bit; 0 if there is none.
    function wrongSlot() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            bytes32 id = made[i].award.id;
            if (market.awardSlot(id) != _slotOf(i)) return id;
        }
        return 0;
    }

    /// @notice An award that changed after it had ended.
    function risenAward() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            uint256 slot = market.awardSlot(made[i].award.id) & ~MARKED;
            if (made[i].ended != 0 && slot != made[i].ended) return made[i].award.id;
        }
        return 0;
    }

    /// @notice An award whose events tell something else than the rules, or whose parts are not what was put up.
    function wrongPurse() external view returns (bytes32) {
        for (uint256 i; i < made.length; ++i) {
            bytes32 id = made[i].award.id;
            Purse memory purse = purses[id];
            bool whole = made[i].ended != 0
                ? purse.paid == purse.pulled && purse.bondPaid == purse.bond
                : purse.paid == 0 && purse.bondPaid == due[id].docked;
            bool same = keccak256(abi.encode(due[id])) == keccak256(abi.encode(told[id]));
            if (!whole || !same) return id;
        }
        return 0;
    }

    /// @notice A session that spent more than its cap, or another sum than it tells.
    function wrongSession() external view returns (uint256 number) {
        for (uint256 n; n < spendings.length; ++n) {
            Spent memory spending = spendings[n];
            (uint256 left, uint32 last,) = sessions.left(spending.session);
            bool right = spending.spent <= spending.session.cap && last == spending.last
                && left == spending.session.cap - spending.spent;
            if (!right) return n + 1;
        }
        return 0;
    }

    // --- the court ---

    /// @notice An award that is disputed without an open dispute, or posted with one.
    function strayAward() external view returns (bytes32) {
        uint256[] memory open = new uint256[](made.length);
        for (uint256 n; n < cases.length; ++n) {
            if (court.dispute(cases[n].id).status == DisputeStatus.OPEN) ++open[cases[n].place];
        }
        for (uint256 i; i < made.length; ++i) {
            AwardStatus status = _status(made[i].award.id);
            bool right = status == AwardStatus.DISPUTED
                ? open[i] != 0
                : status == AwardStatus.SLASHED || open[i] == 0;
            if (!right) return made[i].award.id;
        }
        return 0;
    }

    /// @notice A dispute that stands otherwise than the rules say.
    function wrongDispute() external view returns (bytes32) {
        for (uint256 n; n < cases.length; ++n) {
            Case memory c = cases[n];
            Dispute memory d = court.dispute(c.id);
            bool right = d.status == c.status && d.kind == c.kind && d.round == c.panels
                && d.time == c.time && d.blockNumber == c.height && d.accuser == c.accuser;
            if (!right) return c.id;
        }
        return 0;
    }
}
