// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Answers} from "../src/libraries/Answers.sol";
import {AuditDraw} from "../src/libraries/AuditDraw.sol";
import {Bonds} from "../src/libraries/Bonds.sol";
import {Ids} from "../src/libraries/Ids.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {Signers} from "../src/libraries/Signers.sol";
import {Trials} from "../src/libraries/Trials.sol";
import {Award, AwardStatus, Posted} from "../src/types/Types.sol";
import {Base} from "./Base.t.sol";

/// @dev Gives the libraries calldata.
contract Caller {
    function count(bytes calldata trials) external pure returns (uint256) {
        return Trials.count(trials);
    }

    function rightLength(bytes calldata answers, uint256 size) external pure returns (bool) {
        return Answers.rightLength(answers, size);
    }

    function wellFormed(bytes calldata answers, uint256 size) external pure returns (bool) {
        return Answers.wellFormed(answers, size);
    }

    function allUpheld(bytes calldata answers, uint256 from, uint256 to)
        external
        pure
        returns (bool)
    {
        return Answers.allUpheld(answers, from, to);
    }

    function outcome(bytes calldata answers, uint256 place) external pure returns (uint256) {
        return Answers.outcome(answers, place);
    }

    function awardedTag(bytes32 sweep, Award calldata award) external pure returns (uint256) {
        return Ids.awardedTag(sweep, award);
    }

    function postedTag(bytes32 sweep, Posted calldata posted, bytes32 commit)
        external
        pure
        returns (uint256)
    {
        return Ids.postedTag(sweep, posted.award, commit);
    }

    function signed(address signer, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool)
    {
        return Signers.signed(signer, digest, signature);
    }
}

/// @dev A contract wallet of several tempers.
contract Wallet {
    enum Temper {
        AGREES,
        REFUSES,
        REVERTS,
        BRIEF,
        BURNS
    }

    Temper private immutable TEMPER;

    constructor(Temper temper) {
        TEMPER = temper;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        if (TEMPER == Temper.REVERTS) revert();
        if (TEMPER == Temper.BURNS) while (true) {}
        if (TEMPER == Temper.BRIEF) {
            assembly ("memory-safe") {
                mstore(0, shl(224, 0x1626ba7e))
                return(0, 4)
            }
        }
        return TEMPER == Temper.AGREES ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

contract LibrariesTest is Base {
    Caller private caller = new Caller();

    // --- trials ---

    function _list(uint32[] memory trials) private pure returns (bytes memory list) {
        for (uint256 i; i < trials.length; ++i) {
            list = bytes.concat(list, bytes4(trials[i]));
        }
    }

    function _increasing(uint256 seed, uint256 size) private pure returns (uint32[] memory trials) {
        trials = new uint32[](size);
        uint256 last;
        for (uint256 i; i < size; ++i) {
            last += 1 + uint256(keccak256(abi.encode(seed, i))) % (type(uint32).max / 100);
            trials[i] = uint32(last);
        }
    }

    function test_fuzz_an_increasing_list_is_counted(uint256 seed, uint256 size) public view {
        size = bound(size, 1, 80);
        vm.assertEq(caller.count(_list(_increasing(seed, size))), size);
    }

    function test_fuzz_a_list_out_of_order_counts_as_none(uint256 seed, uint256 size, uint256 place)
        public
        view
    {
        size = bound(size, 2, 80);
        place = bound(place, 1, size - 1);
        uint32[] memory trials = _increasing(seed, size);
        trials[place] = trials[place - 1] - uint32(seed % 2);
        vm.assertEq(caller.count(_list(trials)), 0);
    }

    function test_fuzz_random_lists_are_judged_as_one_by_one(uint32[12] memory random) public view {
        bool sorted = true;
        uint32[] memory trials = new uint32[](12);
        for (uint256 i; i < 12; ++i) {
            trials[i] = i < 10 ? uint32(i) << 28 | (random[i] >> 4) : random[i];
            if (i > 0 && trials[i] <= trials[i - 1]) sorted = false;
        }
        vm.assertEq(caller.count(_list(trials)), sorted ? 12 : 0);
    }

    function test_the_greatest_trials_are_ordered_too() public view {
        uint32[] memory trials = new uint32[](10);
        for (uint32 i; i < 10; ++i) {
            trials[i] = type(uint32).max - 9 + i;
        }
        vm.assertEq(caller.count(_list(trials)), 10);
        trials[9] = 0;
        vm.assertEq(caller.count(_list(trials)), 0);
    }

    function test_fuzz_a_ragged_list_counts_as_none(uint256 seed, uint8 cut) public view {
        bytes memory list = _list(_increasing(seed, 9));
        uint256 length = list.length - bound(cut, 1, 3);
        assembly ("memory-safe") {
            mstore(list, length)
        }
        vm.assertEq(caller.count(list), 0);
    }

    function test_no_trials_count_as_none() public view {
        vm.assertEq(caller.count(""), 0);
    }

    // --- answers ---

    function _nibble(bytes memory answers, uint256 place) private pure returns (uint256) {
        uint8 pair = uint8(answers[place / 2]);
        return place % 2 == 0 ? pair >> 4 : pair & 15;
    }

    function test_fuzz_upheld_ranges_are_judged_as_one_by_one(
        uint256 seed,
        uint256 from,
        uint256 to,
        uint256 wrong
    ) public view {
        bytes memory answers = new bytes(100);
        for (uint256 i; i < 100; ++i) {
            uint256 exact = uint256(keccak256(abi.encode(seed, i))) & 0x44;
            answers[i] = bytes1(uint8(0x11 | exact));
        }
        wrong = bound(wrong, 0, 199);
        answers[wrong / 2] ^= bytes1(uint8(wrong % 2 == 0 ? 0x20 : 0x02));
        from = bound(from, 0, 200);
        to = bound(to, from, 200);
        vm.assertEq(caller.allUpheld(answers, from, to), wrong < from || wrong >= to);
    }

    function test_fuzz_random_answers_are_judged_as_one_by_one(bytes32[4] memory random, uint256 to)
        public
        view
    {
        bytes memory answers = abi.encodePacked(random);
        to = bound(to, 1, 256);
        bool good = true;
        bool upheld = true;
        for (uint256 i; i < to; ++i) {
            uint256 nibble = _nibble(answers, i);
            if (nibble & 8 != 0) good = false;
            if (nibble & 11 != 1) upheld = false;
            vm.assertEq(caller.outcome(answers, i), nibble & 3);
        }
        vm.assertEq(caller.wellFormed(answers, to), good);
        vm.assertEq(caller.allUpheld(answers, 0, to), upheld);
    }

    function test_fuzz_a_spare_bit_anywhere_is_found(uint256 place, uint256 size) public view {
        size = bound(size, 1, 300);
        place = bound(place, 0, size - 1);
        bytes memory answers = new bytes((size + 1) / 2);
        vm.assertTrue(caller.wellFormed(answers, size));
        answers[place / 2] = bytes1(uint8(place % 2 == 0 ? 0x80 : 0x08));
        vm.assertFalse(caller.wellFormed(answers, size));
    }

    function test_answers_have_exactly_their_length() public view {
        vm.assertTrue(caller.rightLength(hex"1110", 3));
        vm.assertTrue(caller.rightLength(hex"1111", 4));
        vm.assertFalse(caller.rightLength(hex"1111", 3));
        vm.assertFalse(caller.rightLength(hex"1111", 5));
        vm.assertFalse(caller.rightLength(hex"1111", 2));
        vm.assertTrue(caller.rightLength("", 0));
    }

    // --- draws ---

    function test_fuzz_items_are_dealt_in_turn(uint256 items, uint256 shares) public pure {
        items = bound(items, 0, 1024);
        shares = bound(shares, 1, 3);
        uint256[3] memory counted;
        for (uint256 j; j < items; ++j) {
            ++counted[j % shares];
        }
        for (uint256 share; share < shares; ++share) {
            vm.assertEq(AuditDraw.dealt(items, share, shares), counted[share]);
        }
    }

    function test_fuzz_items_are_full_blocks_a_drawn_rest_and_the_rescore(
        bytes32 seed,
        bytes32 awardId,
        uint256 done,
        uint256 perBlock
    ) public pure {
        perBlock = bound(perBlock, 24, 1024);
        done = bound(done, 1, 32_000);
        uint256 drawn = uint256(keccak256(abi.encode(seed, 1, awardId, done / perBlock)));
        uint256 expected = done / perBlock + (drawn % perBlock < done % perBlock ? 2 : 1);
        vm.assertEq(AuditDraw.items(seed, awardId, done, perBlock), expected);
        vm.assertLe(expected, AuditDraw.mostItems(done, perBlock));
    }

    function test_shares_are_three_at_most() public pure {
        vm.assertEq(AuditDraw.shares(1), 1);
        vm.assertEq(AuditDraw.shares(2), 2);
        vm.assertEq(AuditDraw.shares(3), 3);
        vm.assertEq(AuditDraw.shares(1000), 3);
    }

    // --- bonds ---

    function test_fuzz_a_bond_covers_each_bound(
        uint256 price,
        uint256 segments,
        uint256 perTrial,
        uint256 floor
    ) public pure {
        price = bound(price, 1, type(uint96).max);
        segments = bound(segments, 1, 1 << 20);
        perTrial = bound(perTrial, 24, 1024);
        uint256 panel = Bonds.panelFee(7, price, bound(floor, 0, type(uint80).max));
        uint256 bond = Bonds.bond(price, segments, perTrial, panel);
        vm.assertGe(bond, 2 * price * perTrial);
        vm.assertGe(4 * bond, price * segments);
        vm.assertGe(bond, 2 * panel);
        vm.assertGe(panel, 14 * price);
        // What a slashed bond has to pay fits into it.
        vm.assertGe(bond, panel + Bonds.auditFee(price * segments));
    }

    function test_fuzz_the_audit_fee_is_rounded_up(uint256 price) public pure {
        price = bound(price, 0, type(uint128).max);
        uint256 fee = Bonds.auditFee(price);
        vm.assertGe(fee * 100, price * 8);
        vm.assertLt(fee * 100, price * 8 + 100);
    }

    function test_a_fine_is_a_quarter_of_the_least_bond_at_the_cap() public pure {
        vm.assertEq(Bonds.fine(32 ether, 5 ether, 5 ether), 8 ether);
        vm.assertEq(Bonds.fine(32 ether, 1 ether, 5 ether), 1.6 ether);
    }

    // --- ids ---

    function test_fuzz_tags_are_of_the_abi_encoding(bytes32 sweep, Award memory award, bytes32 root)
        public
        view
    {
        uint256 awarded = uint256(keccak256(abi.encode(sweep, award))) << 48 >> 48;
        vm.assertEq(caller.awardedTag(sweep, award), awarded);
        bytes32 commit = keccak256("commit");
        uint256 posted =
            uint256(keccak256(abi.encode(sweep, award, root, award.segments, commit))) << 48 >> 48;
        Posted memory result = Posted(award, root, award.segments);
        vm.assertEq(caller.postedTag(sweep, result, commit), posted);
    }

    function test_fuzz_a_slot_keeps_time_and_tag(uint256 tag, uint40 time) public pure {
        tag = tag << 48 >> 48;
        uint256 slot = Ids.withStatus(Ids.slot(AwardStatus.POSTED, time, tag), AwardStatus.SLASHED);
        vm.assertTrue(Ids.statusOf(slot) == AwardStatus.SLASHED);
        vm.assertEq(Ids.timeOf(slot), time);
        vm.assertEq(Ids.tagOf(slot), tag);
    }

    // --- signers ---

    function _signature(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function test_fuzz_a_key_signs_for_itself_only(uint256 key, uint256 other, bytes32 digest)
        public
        view
    {
        key = bound(key, 1, 1 << 250);
        other = bound(other, 1, 1 << 250);
        vm.assume(other != key);
        bytes memory signature = _signature(key, digest);
        vm.assertTrue(caller.signed(vm.addr(key), digest, signature));
        vm.assertFalse(caller.signed(vm.addr(other), digest, signature));
        vm.assertFalse(caller.signed(vm.addr(key), ~digest, signature));
    }

    function test_a_signature_has_one_form() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(7, "digest");
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory high = abi.encodePacked(r, order - uint256(s), v == 27 ? 28 : 27);
        vm.assertFalse(caller.signed(vm.addr(7), "digest", high));
        vm.assertFalse(caller.signed(vm.addr(7), "digest", abi.encodePacked(r, s)));
        vm.assertFalse(caller.signed(vm.addr(7), "digest", ""));
    }

    function test_nobody_signs_for_the_zero_address() public view {
        vm.assertFalse(caller.signed(address(0), "digest", new bytes(65)));
    }

    function test_a_contract_answers_for_itself() public {
        address agrees = address(new Wallet(Wallet.Temper.AGREES));
        vm.assertTrue(caller.signed(agrees, "digest", "anything"));
        address refuses = address(new Wallet(Wallet.Temper.REFUSES));
        vm.assertFalse(caller.signed(refuses, "digest", "anything"));
        address reverts = address(new Wallet(Wallet.Temper.REVERTS));
        vm.assertFalse(caller.signed(reverts, "digest", "anything"));
        address brief = address(new Wallet(Wallet.Temper.BRIEF));
        vm.assertFalse(caller.signed(brief, "digest", "anything"));
    }

    function test_a_contract_can_not_burn_the_transactions_gas() public {
        address burns = address(new Wallet(Wallet.Temper.BURNS));
        uint256 before = gasleft();
        vm.assertFalse(caller.signed(burns, "digest", "anything"));
        vm.assertLt(before - gasleft(), 200_000);
    }

    function test_an_account_with_code_still_signs_with_its_key() public {
        address delegated = vm.addr(9);
        vm.etch(delegated, address(new Wallet(Wallet.Temper.REFUSES)).code);
        vm.assertTrue(caller.signed(delegated, "digest", _signature(9, "digest")));
    }

    // --- leaves ---

    function test_a_leaf_lies_under_its_root_by_its_proof_only() public pure {
        bytes32 left = Leaves.ofSegment(0, "state 0", 0, 0);
        bytes32 right = Leaves.ofSegment(1, "state 1", 0, 0);
        bytes32 root = Hashes.commutativeKeccak256(left, right);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = right;
        vm.assertTrue(Leaves.under(root, left, proof));
        vm.assertFalse(Leaves.under(root, Leaves.ofSegment(2, "state 0", 0, 0), proof));
        proof[0] = left;
        vm.assertFalse(Leaves.under(root, left, proof));
    }
}
