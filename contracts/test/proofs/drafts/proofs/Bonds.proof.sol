// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuditDraw} from "../../src/libraries/AuditDraw.sol";
import {Bonds} from "../../src/libraries/Bonds.sol";
import {Proof} from "./Proof.sol";

/// @dev A market's terms hold 4 tips <= floor, and an award's price at most a cap of 80 bits.
contract BondsProof is Proof {
    function check_a_bond_pays_tip_and_panel(
        uint128 price,
        uint32 segments,
        uint16 perTrial,
        uint8 seats,
        uint64 floor,
        uint64 tip
    ) external pure {
        vm.assume(4 * uint256(tip) <= floor);
        uint256 panel = Bonds.panelFee(seats, price, floor);
        uint256 bond = Bonds.bond(price, segments, perTrial, panel);
        assert(bond >= 2 * panel);
        assert(bond >= tip + panel);
    }

    /// @dev Two numbers stand for the price of two trials and the award's: their product doesn't matter.
    function check_a_docked_bond_pays_tip_and_panel(
        uint80 total,
        uint80 panel,
        uint64 floor,
        uint64 tip,
        uint16 perTrial
    ) external pure {
        vm.assume(4 * uint256(tip) <= floor && floor <= panel);
        uint256 bond = Bonds.bond(1, total, perTrial, panel);
        uint256 part = Bonds.sellersPart(total, panel);
        assert(part <= bond);
        assert(bond - part >= uint256(panel) + tip);
    }

    function check_what_a_panel_gets_of_a_docked_bond_is_docked(
        uint80 total,
        uint80 panel,
        uint8 seats
    ) external pure {
        vm.assume(seats != 0);
        uint256 each = uint256(panel) / 2 / seats;
        assert(each * seats <= Bonds.sellersPart(total, panel));
    }

    function check_a_deposit_pays_a_panel(uint112 total, uint112 panel) external pure {
        assert(Bonds.deposit(total, panel) >= panel);
    }

    function check_a_fee_is_monotonic(uint96 paid, uint96 total) external pure {
        vm.assume(paid <= total);
        assert(Bonds.auditFee(paid) <= Bonds.auditFee(total));
    }

    function check_a_fee_is_a_part(uint96 total) external pure {
        assert(Bonds.auditFee(total) <= total);
    }

    /// @dev What a settlement of one award divides, for every part done: `SweepMarket._divide`.
    function check_a_settlement_makes_no_money(uint80 total, uint80 paid, uint64 tip, uint8 answers)
        external
        pure
    {
        vm.assume(paid <= total && answers != 0);
        uint256 fee = Bonds.auditFee(paid);
        uint256 perAnswer = fee / answers;
        uint256 judged = perAnswer * answers;
        assert(judged <= fee);
        uint256 dust = fee - judged;
        uint256 back = uint256(total) + Bonds.auditFee(total) - paid - fee;
        uint256 escrow = uint256(total) + Bonds.auditFee(total) + 2 * uint256(tip);
        assert(paid + back + judged + dust + 2 * uint256(tip) == escrow);
    }

    function check_two_stand_ins_get_no_more_than_their_judge(uint80 perAnswer, uint16 answers)
        external
        pure
    {
        uint256 owed = uint256(perAnswer) * answers;
        assert(2 * (owed / 2) <= owed);
    }

    function check_an_item_goes_to_one_of_two_shares(uint32 item) external pure {
        for (uint256 i; i < 2; ++i) {
            uint256 more = AuditDraw.dealt(uint256(item) + 1, i, 2) - AuditDraw.dealt(item, i, 2);
            assert(more == (item % 2 == i ? 1 : 0));
        }
    }

    function check_items_are_at_most_as_many(bytes32 seed, bytes32 id, uint32 done) external pure {
        assert(AuditDraw.items(seed, id, done, 24) <= AuditDraw.mostItems(done, 24));
        assert(AuditDraw.items(seed, id, done, 1024) <= AuditDraw.mostItems(done, 1024));
    }
}
