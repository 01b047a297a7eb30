// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ids} from "../src/libraries/Ids.sol";
import {TypedData} from "../src/libraries/TypedData.sol";
import {Words} from "../src/libraries/Words.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Offer,
    Posted,
    SignedVerdict,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Base} from "./Base.t.sol";

/// @dev Gives the libraries calldata.
contract Reader {
    function awardedTag(bytes32 sweep, Award calldata award) external pure returns (uint256) {
        return Ids.awardedTag(sweep, award);
    }

    function postedTag(
        bytes32 sweep,
        Posted calldata posted,
        bytes32 commit,
        uint256 time,
        address relayer
    ) external pure returns (uint256) {
        return Ids.postedTag(sweep, posted.award, commit, time, relayer);
    }

    function sweepId(Sweep calldata sweep) external view returns (bytes32) {
        return Ids.sweepId(address(this), sweep);
    }

    function results(Commit calldata commit) external pure returns (bytes32) {
        return Ids.results(commit);
    }

    function parties(Sweep calldata sweep, Commit calldata commit)
        external
        pure
        returns (address[] memory)
    {
        return Ids.parties(sweep, commit);
    }

    /// @dev The event's data, and the hash over its lines.
    function lines(Submission[] calldata submissions, uint256[] calldata open)
        external
        pure
        returns (bytes memory data, bytes32 hash)
    {
        uint256 encoded;
        (encoded, hash) = Ids.lines(submissions, open);
        data = new bytes(64 + 96 * open.length);
        assembly ("memory-safe") {
            mcopy(add(data, 32), encoded, mload(data))
        }
    }

    function hashBid(Bid calldata bid) external pure returns (bytes32) {
        return TypedData.hashBid(bid);
    }

    function hashVerdict(bytes32 commitId, SignedVerdict calldata verdict)
        external
        pure
        returns (bytes32)
    {
        return TypedData.hashVerdict(commitId, verdict);
    }

    // --- words ---

    function wordsOf(Sweep calldata sweep) external pure returns (address, address, uint256) {
        return (Words.buyer(sweep), Words.token(sweep), Words.perTrial(sweep));
    }

    function bidAt(Offer[] calldata offers, uint256 i)
        external
        pure
        returns (address seller, bytes memory trials, bytes memory signature)
    {
        Offer calldata offer = Words.nth(offers, i);
        Bid calldata bid = Words.bid(offer);
        return (Words.seller(bid), Words.trials(bid), Words.signature(offer));
    }

    function numbersOf(Bid calldata bid) external pure returns (uint256[6] memory) {
        return [
            Words.first(bid),
            Words.segments(bid),
            Words.price(bid),
            Words.deadline(bid),
            Words.expiry(bid),
            Words.nonce(bid)
        ];
    }

    function awardOf(Award calldata award)
        external
        pure
        returns (address, uint256, uint256, uint256, uint256)
    {
        return (
            Words.seller(award),
            Words.trials(award),
            Words.segments(award),
            Words.price(award),
            Words.deadline(award)
        );
    }

    function submissionAt(Submission[] calldata submissions, uint256 i)
        external
        pure
        returns (bytes32 id, uint256 done, bytes memory signature)
    {
        Submission calldata submission = Words.nth(submissions, i);
        return (submission.award.id, Words.done(submission), Words.signature(submission));
    }

    function postedAt(Commit calldata commit, uint256 i)
        external
        pure
        returns (uint256 size, bytes32 id, uint256 done)
    {
        Posted[] calldata awards = Words.awards(commit);
        Posted calldata posted = Words.nth(awards, i);
        return (awards.length, posted.award.id, Words.done(posted));
    }

    function verdictAt(SignedVerdict[] calldata verdicts, uint256 i)
        external
        pure
        returns (uint256 share, bytes memory answers, bytes memory signature)
    {
        SignedVerdict calldata verdict = Words.nth(verdicts, i);
        return (Words.share(verdict), Words.answers(verdict), Words.signature(verdict));
    }
}

contract WordsTest is Base {
    Reader private caller = new Reader();

    // --- ids ---

    function test_fuzz_tags_are_of_the_abi_encoding(
        bytes32 sweep,
        Award memory award,
        bytes32 root,
        uint40 time,
        address relayer
    ) public view {
        uint256 awarded = uint256(keccak256(abi.encode(sweep, award))) << 48 >> 48;
        vm.assertEq(caller.awardedTag(sweep, award), awarded);
        bytes32 commit = keccak256("commit");
        bytes memory words =
            abi.encode(sweep, award, root, award.segments, commit, uint256(time), relayer);
        uint256 posted = uint256(keccak256(words)) << 48 >> 48;
        Posted memory result = Posted(award, root, award.segments);
        vm.assertEq(caller.postedTag(sweep, result, commit, time, relayer), posted);
    }

    function test_fuzz_a_slot_keeps_flags_and_tag(
        uint256 tag,
        uint40 time,
        uint40 later,
        uint256 flags
    ) public pure {
        tag = tag << 48 >> 48;
        flags &= Ids.MARKED | Ids.DOCKED;
        uint256 slot = Ids.slot(AwardStatus.POSTED, time, tag) | flags;
        vm.assertTrue(Ids.statusOf(slot) == AwardStatus.POSTED);
        vm.assertEq(Ids.timeOf(slot), time);
        slot = Ids.moved(slot, AwardStatus.SLASHED, later);
        vm.assertTrue(Ids.statusOf(slot) == AwardStatus.SLASHED);
        vm.assertEq(Ids.timeOf(slot), later);
        vm.assertEq(Ids.tagOf(slot), tag);
        vm.assertEq(slot & (Ids.MARKED | Ids.DOCKED), flags);
    }

    function test_the_parts_of_a_slot_lie_as_the_interface_says() public pure {
        uint256 slot = Ids.slot(AwardStatus.EXPIRED, type(uint40).max, 0) | Ids.MARKED | Ids.DOCKED;
        vm.assertEq(slot, 3 << 254 | 7 << 248 | uint256(type(uint40).max) << 208);
    }

    function test_fuzz_a_sweeps_id_is_of_its_chain_market_and_words(Sweep memory sweep)
        public
        view
    {
        bytes32 id = keccak256(abi.encode(block.chainid, address(caller), sweep));
        vm.assertEq(caller.sweepId(sweep), id);
    }

    function _submissions(Award[3] memory awards, bytes32 root)
        private
        pure
        returns (Submission[] memory list)
    {
        list = new Submission[](3);
        for (uint256 i; i < 3; ++i) {
            bytes memory signature = new bytes(65 * i);
            list[i] =
                Submission(awards[i], keccak256(abi.encode(root, i)), uint32(7 * i), signature);
        }
    }

    function test_fuzz_a_commits_lines_are_the_events_data(
        Award[3] memory awards,
        bytes32 root,
        uint256 skipped
    ) public view {
        Submission[] memory list = _submissions(awards, root);
        uint256[] memory open = new uint256[](2);
        skipped %= 3;
        (open[0], open[1]) = (skipped == 0 ? 1 : 0, skipped == 2 ? 1 : 2);
        bytes memory lines;
        for (uint256 i; i < 2; ++i) {
            Submission memory one = list[open[i]];
            lines = bytes.concat(lines, abi.encode(one.award.id, one.root, one.done));
        }
        (bytes memory data, bytes32 hash) = caller.lines(list, open);
        vm.assertEq(keccak256(data), keccak256(bytes.concat(abi.encode(32, 2), lines)));
        vm.assertEq(hash, keccak256(lines));
    }

    function test_fuzz_a_posted_commit_hashes_as_it_was_submitted(
        Award[3] memory awards,
        bytes32 root,
        Commit memory commit
    ) public view {
        Submission[] memory list = _submissions(awards, root);
        uint256[] memory open = new uint256[](3);
        commit.awards = new Posted[](3);
        for (uint256 i; i < 3; ++i) {
            open[i] = i;
            commit.awards[i] = Posted(list[i].award, list[i].root, list[i].done);
        }
        (, bytes32 hash) = caller.lines(list, open);
        vm.assertEq(caller.results(commit), hash);
    }

    function test_fuzz_parties_are_the_buyer_and_the_sellers(
        Sweep memory sweep,
        Commit memory commit,
        Award[3] memory awards
    ) public view {
        commit.awards = new Posted[](3);
        for (uint256 i; i < 3; ++i) {
            commit.awards[i].award = awards[i];
        }
        address[] memory parties = caller.parties(sweep, commit);
        vm.assertEq(parties.length, 4);
        vm.assertEq(parties[0], sweep.buyer);
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(parties[i + 1], awards[i].seller);
        }
    }

    // --- words ---

    function test_fuzz_an_offer_is_read_as_it_was_written(Offer[3] memory three, uint256 i)
        public
        view
    {
        i %= 3;
        Offer[] memory offers = new Offer[](3);
        for (uint256 j; j < 3; ++j) {
            offers[j] = three[j];
        }
        Bid memory bid = offers[i].bid;
        (address seller, bytes memory trials, bytes memory signature) = caller.bidAt(offers, i);
        vm.assertEq(seller, bid.seller);
        vm.assertEq(keccak256(trials), keccak256(bid.trials));
        vm.assertEq(keccak256(signature), keccak256(offers[i].signature));
        uint256[6] memory numbers = caller.numbersOf(bid);
        vm.assertEq(numbers[0], bid.first);
        vm.assertEq(numbers[1], bid.segments);
        vm.assertEq(numbers[2], bid.price);
        vm.assertEq(numbers[3], bid.deadline);
        vm.assertEq(numbers[4], bid.expiry);
        vm.assertEq(numbers[5], bid.nonce);
    }

    function test_fuzz_a_sweep_is_read_as_it_was_written(Sweep memory sweep) public view {
        (address buyer, address token, uint256 perTrial) = caller.wordsOf(sweep);
        vm.assertEq(buyer, sweep.buyer);
        vm.assertEq(token, sweep.terms.token);
        vm.assertEq(perTrial, sweep.terms.segments);
    }

    function test_fuzz_a_result_is_read_as_it_was_written(
        Award[3] memory awards,
        bytes32 root,
        Commit memory commit,
        uint256 i
    ) public view {
        i %= 3;
        Submission[] memory list = _submissions(awards, root);
        (bytes32 id, uint256 done, bytes memory signature) = caller.submissionAt(list, i);
        vm.assertEq(id, awards[i].id);
        vm.assertEq(done, list[i].done);
        vm.assertEq(keccak256(signature), keccak256(list[i].signature));
        commit.awards = new Posted[](3);
        for (uint256 j; j < 3; ++j) {
            commit.awards[j] = Posted(list[j].award, list[j].root, list[j].done);
        }
        uint256 count;
        (count, id, done) = caller.postedAt(commit, i);
        vm.assertEq(count, 3);
        vm.assertEq(id, awards[i].id);
        vm.assertEq(done, list[i].done);
    }

    function test_fuzz_an_award_is_read_as_it_was_written(Award memory award) public view {
        (address seller, uint256 trials, uint256 segments, uint256 price, uint256 deadline) =
            caller.awardOf(award);
        vm.assertEq(seller, award.seller);
        vm.assertEq(trials, award.trials);
        vm.assertEq(segments, award.segments);
        vm.assertEq(price, award.price);
        vm.assertEq(deadline, award.deadline);
    }

    function test_fuzz_a_verdict_is_read_as_it_was_written(SignedVerdict[3] memory three, uint256 i)
        public
        view
    {
        i %= 3;
        SignedVerdict[] memory verdicts = new SignedVerdict[](3);
        for (uint256 j; j < 3; ++j) {
            verdicts[j] = three[j];
        }
        (uint256 share, bytes memory answers, bytes memory signature) =
            caller.verdictAt(verdicts, i);
        vm.assertEq(share, verdicts[i].share);
        vm.assertEq(keccak256(answers), keccak256(verdicts[i].answers));
        vm.assertEq(keccak256(signature), keccak256(verdicts[i].signature));
    }

    // --- typed data ---

    function test_fuzz_a_bid_is_hashed_as_eip_712_has_it(Bid memory bid) public view {
        bytes memory head = abi.encode(
            keccak256(
                "Bid(bytes32 sweepId,address seller,bytes trials,uint16 first,uint16 segments,uint128 price,bytes32 start,uint40 deadline,uint40 expiry,uint32 nonce)"
            ),
            bid.sweepId,
            bid.seller,
            keccak256(bid.trials)
        );
        bytes memory tail = abi.encode(
            bid.first, bid.segments, bid.price, bid.start, bid.deadline, bid.expiry, bid.nonce
        );
        vm.assertEq(caller.hashBid(bid), keccak256(bytes.concat(head, tail)));
    }

    function test_fuzz_a_verdict_is_hashed_as_eip_712_has_it(
        bytes32 commitId,
        SignedVerdict memory verdict
    ) public view {
        bytes32 kind = keccak256(
            "Verdict(bytes32 commitId,uint8 share,bytes answers,bytes32 evidence)"
        );
        bytes32 expected = keccak256(
            abi.encode(kind, commitId, verdict.share, keccak256(verdict.answers), verdict.evidence)
        );
        vm.assertEq(caller.hashVerdict(commitId, verdict), expected);
    }

    function test_fuzz_results_and_digests_are_hashed_as_eip_712_has_it(
        bytes32 awardId,
        bytes32 root,
        uint32 done
    ) public pure {
        bytes32 kind = keccak256("Result(bytes32 awardId,bytes32 root,uint32 done)");
        bytes32 hash = TypedData.hashResult(awardId, root, done);
        vm.assertEq(hash, keccak256(abi.encode(kind, awardId, root, done)));
        bytes32 digest = TypedData.digest(awardId, hash);
        vm.assertEq(digest, keccak256(abi.encodePacked(hex"1901", awardId, hash)));
    }
}
