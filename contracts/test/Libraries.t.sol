// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Answers} from "../src/libraries/Answers.sol";
import {AuditDraw} from "../src/libraries/AuditDraw.sol";
import {Bonds} from "../src/libraries/Bonds.sol";
import {CodeBlob} from "../src/libraries/CodeBlob.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {Signers} from "../src/libraries/Signers.sol";
import {Trials} from "../src/libraries/Trials.sol";
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

    function nibble(bytes calldata answers, uint256 place) external pure returns (uint256) {
        return Answers.nibble(answers, place);
    }

    function outcome(bytes calldata answers, uint256 place) external pure returns (uint256) {
        return Answers.outcome(answers, place);
    }

    function signed(address signer, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool)
    {
        return Signers.signed(signer, digest, signature);
    }

    function write(uint256 length) external returns (address) {
        return CodeBlob.write(new uint256[](length), length);
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

    struct Run {
        uint256 trial;
        uint256 trials;
        uint256 replica;
        uint256 replicas;
    }

    function _run(uint256 t, uint256 n, uint256 r, uint256 m) private pure returns (bytes memory) {
        return abi.encodePacked(uint24(t), uint24(n), uint8(r), uint8(m));
    }

    function _packed(Run[] memory runs) private pure returns (bytes memory list) {
        for (uint256 i; i < runs.length; ++i) {
            Run memory run = runs[i];
            list = bytes.concat(list, _run(run.trial, run.trials, run.replica, run.replicas));
        }
    }

    /// @dev By the rules one after the other, in the words of the specification. Zero where one is broken.
    function _countedSlowly(Run[] memory runs) private pure returns (uint256 sum) {
        for (uint256 i; i < runs.length; ++i) {
            Run memory run = runs[i];
            if (run.trials == 0 || run.replicas == 0) return 0;
            if (run.trial + run.trials > 1 << 24) return 0;
            if (run.replica + run.replicas > 256) return 0;
            sum += run.trials * run.replicas;
            if (i == 0) continue;
            Run memory last = runs[i - 1];
            bool later = run.trial > last.trial + last.trials - 1;
            bool more = last.trials == 1 && run.trial == last.trial
                && run.replica >= last.replica + last.replicas;
            if (!later && !more) return 0;
        }
    }

    /// @dev Few values, so that runs touch and overlap as often as they don't.
    function _someRuns(uint256 seed, uint256 size, uint256 spread)
        private
        pure
        returns (Run[] memory runs)
    {
        runs = new Run[](size);
        for (uint256 i; i < size; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            runs[i] = Run({
                trial: i * spread / 4 + random % spread,
                trials: (random >> 32) % 3,
                replica: (random >> 64) % 4,
                replicas: (random >> 96) % 3
            });
        }
    }

    function test_fuzz_few_runs_are_counted_as_one_by_one(uint256 seed) public view {
        for (uint256 i; i < 16; ++i) {
            Run[] memory runs = _someRuns(uint256(keccak256(abi.encode(seed, i))), 1 + i % 3, 4);
            vm.assertEq(caller.count(_packed(runs)), _countedSlowly(runs));
        }
    }

    function test_fuzz_any_bytes_are_counted_as_one_by_one(uint64[4] memory random) public view {
        Run[] memory runs = new Run[](4);
        for (uint256 i; i < 4; ++i) {
            uint64 word = random[i];
            runs[i] =
                Run(word >> 40, uint24(word >> 16) >> (word % 24), uint8(word >> 8), uint8(word));
        }
        vm.assertEq(caller.count(_packed(runs)), _countedSlowly(runs));
    }

    /// @dev Everything that a good list stands for, one after the other.
    function test_fuzz_what_a_list_stands_for_strictly_increases(uint256 seed, uint256 size)
        public
        view
    {
        size = bound(size, 1, 12);
        Run[] memory runs = new Run[](size);
        uint256 least;
        for (uint256 i; i < size; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            bool again = i > 0 && runs[i - 1].trials == 1 && random % 2 == 0;
            uint256 trial = again ? runs[i - 1].trial : least + (random >> 8) % 5;
            uint256 replica = (random >> 16) % 8;
            if (again) replica += runs[i - 1].replica + runs[i - 1].replicas;
            runs[i] = Run(trial, 1 + (random >> 24) % 3, replica, 1 + (random >> 32) % 8);
            least = trial + runs[i].trials;
        }
        uint256 last;
        uint256 counted;
        for (uint256 i; i < size; ++i) {
            for (uint256 t; t < runs[i].trials; ++t) {
                for (uint256 r; r < runs[i].replicas; ++r) {
                    uint256 key = (runs[i].trial + t) << 8 | (runs[i].replica + r);
                    if (counted > 0) vm.assertGt(key, last);
                    (last, counted) = (key, counted + 1);
                }
            }
        }
        vm.assertEq(caller.count(_packed(runs)), counted);
    }

    function test_a_run_has_at_least_one_of_each() public view {
        vm.assertEq(caller.count(_run(5, 1, 0, 1)), 1);
        vm.assertEq(caller.count(_run(5, 0, 0, 1)), 0);
        vm.assertEq(caller.count(_run(5, 1, 0, 0)), 0);
        vm.assertEq(caller.count(_run(5, 3, 2, 4)), 12);
    }

    function test_a_run_ends_with_the_last_trial_and_replica_there_is() public view {
        vm.assertEq(caller.count(_run(0, type(uint24).max, 0, 255)), (2 ** 24 - 1) * 255);
        vm.assertEq(caller.count(_run(type(uint24).max, 1, 255, 1)), 1);
        vm.assertEq(caller.count(_run(type(uint24).max, 2, 0, 1)), 0);
        vm.assertEq(caller.count(_run(0, 1, 255, 2)), 0);
        vm.assertEq(caller.count(_run(0, 1, 1, 255)), 255);
    }

    function test_a_trial_goes_on_with_more_replicas_after_a_run_of_its_own_only() public view {
        bytes memory more = _run(7, 1, 4, 2);
        vm.assertEq(caller.count(bytes.concat(_run(7, 1, 0, 4), more)), 6);
        vm.assertEq(caller.count(bytes.concat(_run(7, 1, 0, 5), more)), 0);
        vm.assertEq(caller.count(bytes.concat(_run(6, 2, 0, 4), more)), 0);
        vm.assertEq(caller.count(bytes.concat(_run(7, 1, 0, 4), _run(7, 9, 4, 2))), 22);
        vm.assertEq(caller.count(bytes.concat(_run(7, 1, 0, 4), _run(6, 1, 4, 2))), 0);
        vm.assertEq(caller.count(bytes.concat(_run(7, 1, 1, 255), _run(7, 1, 0, 1))), 0);
    }

    function test_fuzz_a_ragged_list_counts_as_none(uint256 seed, uint8 cut) public view {
        bytes memory list = _packed(_someRuns(seed, 3, 40));
        uint256 length = list.length - bound(cut, 1, 7);
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

    function test_fuzz_one_byte_upholds_all_there_is(uint256 count, uint256 place) public view {
        count = bound(count, 1, 300);
        place = bound(place, 0, count - 1);
        vm.assertTrue(caller.rightLength(hex"ff", count));
        vm.assertTrue(caller.wellFormed(hex"ff", count));
        vm.assertTrue(caller.allUpheld(hex"ff", 0, count));
        vm.assertEq(caller.nibble(hex"ff", place), 5);
        vm.assertEq(caller.outcome(hex"ff", place), 1);
    }

    function test_one_byte_upholds_nothing_where_nothing_is_asked() public view {
        vm.assertFalse(caller.rightLength(hex"ff", 0));
        vm.assertFalse(caller.wellFormed(hex"ffff", 4));
        vm.assertFalse(caller.rightLength("", 1));
    }

    function test_fuzz_what_one_byte_says_is_said_by_no_list(uint256 count, uint256 other)
        public
        view
    {
        count = bound(count, 1, 300);
        bytes memory answers = new bytes((count + 1) / 2);
        for (uint256 i; i < count; ++i) {
            answers[i / 2] |= bytes1(uint8(i % 2 == 0 ? 0x50 : 0x05));
        }
        vm.assertFalse(caller.wellFormed(answers, count));
        other = bound(other, 0, count - 1);
        answers[other / 2] ^= bytes1(uint8(other % 2 == 0 ? 0x40 : 0x04));
        vm.assertTrue(caller.wellFormed(answers, count));
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
        bool whole = true;
        for (uint256 i; i < to; ++i) {
            uint256 nibble = _nibble(answers, i);
            if (nibble & 8 != 0) good = false;
            if (nibble != 5) whole = false;
            vm.assertEq(caller.nibble(answers, i), nibble);
            if (nibble & 11 != 1) upheld = false;
            vm.assertEq(caller.outcome(answers, i), nibble & 3);
        }
        vm.assertEq(caller.wellFormed(answers, to), good && !whole);
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

    function test_fuzz_judges_and_substitutes_are_draws_of_their_seats(bytes32 seed, uint256 shares)
        public
        pure
    {
        shares = bound(shares, 0, 3);
        uint256[] memory judges = AuditDraw.judges(seed, shares);
        vm.assertEq(judges.length, shares);
        for (uint256 share; share < shares; ++share) {
            vm.assertEq(judges[share], uint256(keccak256(abi.encode(seed, 3, share, 0))));
            uint256[] memory others = AuditDraw.substitutes(seed, share);
            vm.assertEq(others.length, 6);
            for (uint256 i; i < 6; ++i) {
                vm.assertEq(others[i], uint256(keccak256(abi.encode(seed, 3, share, i + 1))));
            }
        }
        // What is made next lies behind it.
        uint256[] memory next = new uint256[](2);
        vm.assertEq(next[0] + next[1], 0);
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
        vm.assertGe(8 * bond, price * segments + 16 * panel);
        vm.assertGe(panel, 14 * price);
        // What a slashed bond has to pay fits into it, a tip being a quarter of a panel at most.
        uint256 total = price * segments;
        uint256 paid = panel + panel / 4 + Bonds.auditFee(total);
        vm.assertGe(bond + 2, paid + Bonds.challengersPart(Bonds.deposit(total, panel)));
    }

    function test_fuzz_the_audit_fee_is_rounded_up(uint256 price) public pure {
        price = bound(price, 0, type(uint128).max);
        uint256 fee = Bonds.auditFee(price);
        vm.assertGe(fee * 100, price * 8);
        vm.assertLt(fee * 100, price * 8 + 100);
    }

    function test_fuzz_a_docked_bond_has_a_panel_and_three_eighths_left(
        uint256 price,
        uint256 segments,
        uint256 floor
    ) public pure {
        price = bound(price, 1, type(uint96).max);
        segments = bound(segments, 1, 1 << 20);
        floor = bound(floor, 4, type(uint64).max);
        uint256 panel = Bonds.panelFee(3, price, floor);
        uint256 part = Bonds.sellersPart(price * segments, panel);
        vm.assertGe(Bonds.bond(price, segments, 24, panel), part + panel + panel * 3 / 8);
    }

    function test_fuzz_a_deposit_is_a_fifth_and_a_panel(uint256 total, uint256 panel) public pure {
        total = bound(total, 0, type(uint80).max);
        panel = bound(panel, 0, type(uint80).max);
        uint256 deposit = Bonds.deposit(total, panel);
        vm.assertGe(5 * (deposit - panel), total);
        vm.assertLt(5 * (deposit - panel), total + 5);
    }

    function test_a_challenger_gets_a_quarter_of_its_deposit() public pure {
        vm.assertEq(Bonds.challengersPart(161), 40);
    }

    function test_a_cap_is_worth_half_the_least_bond() public pure {
        vm.assertEq(Bonds.worth(5 ether, 32 ether, 5 ether), 16 ether);
        vm.assertEq(Bonds.worth(1e9, 32 ether, 1e9), 16 ether);
        vm.assertEq(Bonds.worth(1e8, 32 ether, 1e9), 1.6 ether);
    }

    function test_a_fine_is_a_quarter_of_the_least_bond_at_the_cap() public pure {
        vm.assertEq(Bonds.fine(32 ether, 5 ether, 5 ether), 8 ether);
        vm.assertEq(Bonds.fine(32 ether, 1 ether, 5 ether), 1.6 ether);
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

    function test_fuzz_any_bytes_recover_what_the_precompile_does(
        bytes32 digest,
        bytes32 r,
        bytes32 s,
        uint8 v
    ) public view {
        s = bytes32(uint256(s) >> 1);
        address recovered = ecrecover(digest, v, r, s);
        address signer = recovered == address(0) ? address(7) : recovered;
        bool signed = caller.signed(signer, digest, abi.encodePacked(r, s, v));
        uint256 half = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
        vm.assertEq(signed, recovered != address(0) && uint256(s) <= half);
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

    // --- blobs ---

    /// @dev The chain's own bound on code is not the tests'. What a blob costs is: 200 gas a byte.
    function test_a_blob_that_the_chain_does_not_take_is_an_error() public {
        vm.assertEq(caller.write{gas: 1_000_000}(100).code.length, 3201);
        vm.expectRevert(abi.encodeWithSelector(CodeBlob.CodeBlob_NotWritten.selector, 6400));
        caller.write{gas: 1_000_000}(200);
    }

    function test_the_room_behind_a_blobs_words_is_zero_whatever_lay_there() public {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (11, 12);
        address blob = CodeBlob.write(words, 2);
        assembly ("memory-safe") {
            for { let at := mload(0x40) } lt(at, add(mload(0x40), 256)) { at := add(at, 32) } {
                mstore(at, not(0))
            }
        }
        words = CodeBlob.read(blob, 3);
        vm.assertEq(words.length, 5);
        vm.assertEq(words[1], 12);
        for (uint256 i = 2; i < 5; ++i) {
            vm.assertEq(words[i], 0);
        }
    }
}
