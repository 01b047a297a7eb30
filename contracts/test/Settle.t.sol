// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    Offer,
    Posted,
    SignedVerdict,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev Commits nobody has complained about: signatures decide, and the court is never asked.
contract SettleTest is Fixture {
    function _ready(uint256 trials, uint256 count)
        private
        returns (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
    {
        (sweep, commit) = _posted(trials, count);
        verdicts = _verdicts(sweep, commit);
        _pass(15);
    }

    function _settle(Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts)
        private
        returns (uint256 settled)
    {
        vm.prank(relayer);
        settled = market.settle(sweep, commit, verdicts);
    }

    function _refuse(
        Sweep memory sweep,
        Commit memory commit,
        SignedVerdict[] memory verdicts,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        vm.prank(relayer);
        market.settle(sweep, commit, verdicts);
    }

    function _nothing(Commit memory commit) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            ISweepMarket.SweepMarket_NothingToSettle.selector, _commitId(commit)
        );
    }

    /// @dev Everything free or locked, of everybody there is.
    function _owed() private view returns (uint256 sum) {
        for (uint256 i; i < judges.length; ++i) {
            sum += _free(judges[i]);
        }
        for (uint256 i; i < sellers.length; ++i) {
            sum += _free(sellers[i]) + _locked(sellers[i]);
        }
        sum += _free(buyer) + _free(relayer) + _free(BURN);
    }

    /// @dev How often an award's items are answered by a share, doubled ones included.
    function _answersOf(Docket memory d, uint256 index, uint256 share)
        private
        pure
        returns (uint256 count)
    {
        uint256[] memory list = _list(d, share);
        for (uint256 i; i < list.length; ++i) {
            if (_indexOf(d, list[i]) == index) ++count;
        }
    }

    function _allAnswers(Docket memory d, uint256 index) private pure returns (uint256 count) {
        for (uint256 share; share < d.shares; ++share) {
            count += _answersOf(d, index, share);
        }
    }

    // --- times ---

    function test_the_window_must_be_over() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        uint256 from = commit.time + 15;
        _pass(14);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooEarly.selector, from)
        );
        _pass(1);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_fuzz_signatures_are_enough_however_late(uint256 time) public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        randomness.pin(commit.blockNumber, commit.time);
        _pass(bound(time, 0, 365 days));
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_the_seed_must_be_known() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        Commit memory commit = _commit(sweep, _submissions(awards));
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_SeedUnknown.selector, commit.blockNumber
        );
        _refuse(sweep, commit, new SignedVerdict[](0), refusal);
        height += 10_000;
        _pass(1);
        _refuse(sweep, commit, new SignedVerdict[](0), refusal);
    }

    // --- the commit ---

    function test_fuzz_a_commit_changed_anywhere_is_refused(uint256 seed) public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        uint256 kind = seed % 14;
        if (kind == 0) commit.blockNumber -= 1;
        if (kind == 1) commit.awards[1].root = bytes32(seed);
        if (kind == 2) commit.awards[1].done -= 1;
        if (kind == 3) commit.awards[1].award.seller = sellers[5];
        if (kind == 4) commit.awards[1].award.trials += 1;
        if (kind == 5) commit.awards[1].award.segments += 1;
        if (kind == 6) commit.awards[1].award.price += 1;
        if (kind == 7) commit.awards[1].award.deadline += 1;
        if (kind == 8) commit.awards[1] = commit.awards[0];
        if (kind == 9) sweep.terms.vramGib += 1;
        if (kind == 10) sweep.buyer = relayer;
        if (kind == 11) commit.time -= 1;
        if (kind == 12) commit.relayer = buyer;
        if (kind == 13) {
            (commit.awards[0], commit.awards[1]) = (commit.awards[1], commit.awards[0]);
        }
        bytes32 named = kind == 3 || kind == 4 || kind == 5 || kind == 6 || kind == 7
            ? commit.awards[1].award.id
            : commit.awards[0].award.id;
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, named)
        );
    }

    function test_fuzz_a_commit_with_a_word_beyond_its_type_is_refused(uint256 word, uint256 bit)
        public
    {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        // Of the award: seller, trials, segments, price, deadline, done; and the commit's relayer.
        uint16[7] memory beyond = [uint16(160), 32, 32, 128, 40, 32, 160];
        uint256[7] memory places = [uint256(13 + 1), 15, 16, 17, 18, 20, 10];
        word = bound(word, 0, 6);
        bit = bound(bit, beyond[word], 255);
        bytes memory data = abi.encodeCall(market.settle, (sweep, commit, verdicts));
        // Behind the selector: the sweep, two offsets, the commit's four heads, the list's length, the award.
        uint256 place = 4 + 32 * places[word];
        data[place + 31 - bit / 8] |= bytes1(uint8(2 ** (bit % 8)));
        vm.prank(relayer);
        (bool done,) = address(market).call(data);
        vm.assertFalse(done);
    }

    // --- the happy path ---

    function test_everybody_is_paid() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(50, 5);
        uint256 held = address(market).balance;
        Docket memory d = market.docket(sweep, commit);
        uint256 dust;
        for (uint256 i; i < 5; ++i) {
            uint256 fee = _fee(320 * PRICE);
            uint256 fees = fee / _allAnswers(d, i) * _allAnswers(d, i);
            dust += fee - fees;
            vm.expectEmit();
            emit ISweepMarket.Settled(commit.awards[i].award.id, sellers[i], 320 * PRICE, 0, fees);
        }
        vm.assertEq(_settle(sweep, commit, verdicts), 5);

        for (uint256 i; i < 5; ++i) {
            _assertStatus(commit.awards[i].award.id, AwardStatus.SETTLED);
            vm.assertEq(_free(sellers[i]), 10 ether + 320 * PRICE);
            vm.assertEq(_locked(sellers[i]), 0);
        }
        _checkJudges(sweep, commit, d);
        vm.assertEq(_free(buyer), 0);
        vm.assertEq(_free(relayer), 10 * uint256(TIP) + dust);
        vm.assertEq(address(market).balance, held);
        vm.assertEq(_owed(), held);
    }

    /// @dev Each judge has so many answers of each award, at what one of them is worth there.
    function _checkJudges(Sweep memory sweep, Commit memory commit, Docket memory d) private view {
        address[] memory seats = new address[](d.shares);
        for (uint8 share; share < d.shares; ++share) {
            seats[share] = court.judgeOf(sweep, commit, share, 0);
        }
        for (uint256 i; i < judges.length; ++i) {
            uint256 earned;
            for (uint256 share; share < d.shares; ++share) {
                if (seats[share] != judges[i]) continue;
                for (uint256 index; index < commit.awards.length; ++index) {
                    Posted memory posted = commit.awards[index];
                    uint256 fee = _fee(uint256(posted.award.price) * posted.done);
                    earned += fee / _allAnswers(d, index) * _answersOf(d, index, share);
                }
            }
            vm.assertEq(_free(judges[i]), earned);
        }
    }

    function test_a_whole_award_writes_nothing_to_the_buyer() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        address[] memory seats = new address[](3);
        uint256 different;
        for (uint8 i; i < 3; ++i) {
            seats[i] = court.judgeOf(sweep, commit, i, 0);
            ++different;
            for (uint8 j; j < i; ++j) {
                if (seats[j] == seats[i]) {
                    --different;
                    break;
                }
            }
        }
        vm.record();
        _settle(sweep, commit, verdicts);
        (, bytes32[] memory writes) = vm.accesses(address(market));
        // The slot, the seller, the judges, and the relayer that settles too.
        vm.assertLe(writes.length, 3 + 3);
        vm.assertGe(writes.length, 3 + different);
    }

    function test_who_posted_and_who_settles_have_a_tip_each() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        Docket memory d = market.docket(sweep, commit);
        uint256 dust;
        for (uint256 i; i < 2; ++i) {
            dust += _fee(320 * PRICE) % _allAnswers(d, i);
        }
        vm.prank(sellers[5]);
        market.settle(sweep, commit, verdicts);
        vm.assertEq(_free(relayer), 2 * uint256(TIP));
        vm.assertEq(_free(sellers[5]), 10 ether + 2 * uint256(TIP) + dust);
    }

    function test_fuzz_only_what_is_done_is_paid(uint256 trials, uint256 done) public {
        trials = bound(trials, 1, 40);
        done = bound(done, 1, trials * S);
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, trials, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], uint32(done));
        Commit memory commit = _commit(sweep, submissions);
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        uint256 dust = _fee(done * PRICE) % _allAnswers(market.docket(sweep, commit), 0);
        _pass(16);
        _settle(sweep, commit, verdicts);

        vm.assertEq(_free(sellers[0]), 10 ether + done * PRICE);
        vm.assertEq(_free(buyer), _cost(awards[0]) - 2 * TIP - done * PRICE - _fee(done * PRICE));
        vm.assertEq(_free(relayer), 2 * uint256(TIP) + dust);
        vm.assertEq(_owed(), address(market).balance);
    }

    /// @dev Sellers with trials, prices and work done of their own.
    function _mixed(uint256 seed, uint256 count)
        private
        returns (Sweep memory sweep, Commit memory commit)
    {
        sweep = _sweep();
        Offer[] memory offers = new Offer[](count);
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            Bid memory bid = _bid(sweep, sellers[i], 100 * i, 1 + random % 25);
            bid.segments = uint16(1 + (random >> 32) % S);
            bid.price = uint128(LEAST_PRICE + (random >> 64) % PRICE);
            offers[i] = _offer(bid);
        }
        Award[] memory awards = _award(sweep, offers);
        Submission[] memory submissions = new Submission[](count);
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i, "done")));
            submissions[i] = _submission(awards[i], uint32(1 + random % awards[i].segments));
        }
        commit = _commit(sweep, submissions);
        _mine(3);
    }

    function test_fuzz_mixed_awards_are_paid_to_the_wei(uint256 seed, uint256 count) public {
        count = bound(count, 1, 5);
        (Sweep memory sweep, Commit memory commit) = _mixed(seed, count);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        Docket memory d = market.docket(sweep, commit);
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), count);
        _checkJudges(sweep, commit, d);
        uint256 change;
        uint256 dust;
        for (uint256 i; i < count; ++i) {
            Posted memory posted = commit.awards[i];
            uint256 paid = uint256(posted.award.price) * posted.done;
            vm.assertEq(_free(sellers[i]), 10 ether + paid);
            vm.assertEq(_locked(sellers[i]), 0);
            change += _cost(posted.award) - 2 * TIP - paid - _fee(paid);
            dust += _fee(paid) % _allAnswers(d, i);
        }
        vm.assertEq(_free(buyer), change);
        vm.assertEq(_free(relayer), 2 * count * TIP + dust);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_a_token_is_settled_as_the_coin_is() public {
        Sweep memory sweep = _sweepIn(address(dollar));
        _deposit(sellers[0], address(dollar), 1e9);
        _deposit(buyer, address(dollar), 1e9);
        Bid memory bid = _bid(sweep, sellers[0], 0, 10);
        vm.prank(buyer);
        market.award(sweep, _only(_offer(bid)), 0, _noPermit(0));
        Award[] memory awards = new Award[](1);
        awards[0] = _awardOf(bid);
        Commit memory commit = _commit(sweep, _submissions(awards));
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        (uint112 free, uint112 locked,) = market.account(sellers[0], address(dollar));
        vm.assertEq(free, 1e9 + 32_000);
        vm.assertEq(locked, 0);
        (free,,) = market.account(relayer, address(dollar));
        // 2,560 do not divide by the twelve answers of eleven items, one of them doubled.
        vm.assertEq(free, 20_000 + 2560 % 12);
        (free,,) = market.account(buyer, address(dollar));
        vm.assertEq(free, 1e9 - 32_000 - 2560 - 20_000);
    }

    function test_nothing_counts_twice() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        Award memory award = commit.awards[0].award;
        Bid memory bid = _bid(sweep, sellers[0], 0, 10);
        (bid.deadline, bid.expiry) = (award.deadline, award.deadline - 3000);
        vm.assertEq(_bidId(bid), award.id);
        _settle(sweep, commit, verdicts);
        _refuse(sweep, commit, verdicts, _nothing(commit));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(award, 320);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NothingToCommit.selector, _sweepId(sweep)
            )
        );
        market.commit(sweep, submissions);

        Offer[] memory offers = new Offer[](1);
        offers[0] = _offer(bid);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award(sweep, offers, 0, _noPermit(0));
    }

    function test_a_slot_tells_when_its_award_was_settled() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        uint256 slot = market.awardSlot(commit.awards[0].award.id);
        _pass(100);
        _settle(sweep, commit, verdicts);
        uint256 settled = market.awardSlot(commit.awards[0].award.id);
        vm.assertEq(settled, 4 << 248 | nowTime << 208 | slot << 48 >> 48);
    }

    function test_a_settlement_and_the_next_commit_ride_together() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        Bid memory bid = _bid(sweep, sellers[1], 0, 10);
        (bid.start, bid.first, bid.segments) = (commit.awards[0].award.id, 4, 7);
        Award[] memory rung = _award(sweep, _only(_offer(bid)));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(market.settle, (sweep, commit, verdicts));
        calls[1] = abi.encodeCall(market.commit, (sweep, _submissions(rung)));
        vm.prank(relayer);
        bytes[] memory results = market.multicall(calls);
        vm.assertEq(abi.decode(results[0], (uint256)), 1);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SETTLED);
        _assertStatus(rung[0].id, AwardStatus.POSTED);
    }

    function test_the_court_is_not_asked() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(30, 3);
        vm.etch(address(court), hex"fe");
        vm.assertEq(_settle(sweep, commit, verdicts), 3);
    }

    function test_a_set_that_cannot_tell_its_judges_stops_the_settlement_with_its_own_words()
        public
    {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(30, 3);
        // PUSH1 42, PUSH0, MSTORE, PUSH1 32, PUSH0, REVERT
        vm.etch(address(validators), hex"602a5f5260205ffd");
        _refuse(sweep, commit, verdicts, abi.encode(42));
    }

    // --- verdicts ---

    function test_a_share_that_does_not_exist_is_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(2, 1);
        verdicts[1].share = 2;
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NoSuchShare.selector, 2, 2)
        );
    }

    function test_misshapen_answers_are_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_BadAnswers.selector, _commitId(commit), 0
        );
        bytes memory good = _answers(market.docket(sweep, commit).sizes[0], 1);
        bytes memory spare = bytes.concat(good);
        spare[0] = 0x95;
        bytes memory inFull = _answers(market.docket(sweep, commit).sizes[0], 5);
        bytes[5] memory bad = [bytes.concat(good, hex"11"), spare, inFull, hex"ffff", bytes("")];
        for (uint256 i; i < 5; ++i) {
            verdicts[0].answers = bad[i];
            _refuse(sweep, commit, verdicts, refusal);
        }
    }

    function test_fuzz_a_changed_verdict_is_refused(uint256 seed) public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        uint256 kind = seed % 4;
        if (kind == 0) verdicts[1].evidence = bytes32(seed);
        if (kind == 1) {
            verdicts[1].answers = _answers(market.docket(sweep, commit).sizes[1], 1);
        }
        if (kind == 2) verdicts[1].signature[seed % 64] ^= 0x01;
        if (kind == 3) verdicts[1].signature = "";
        address judge = court.judgeOf(sweep, commit, 1, 0);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadSignature.selector, _commitId(commit), judge
            )
        );
    }

    function test_an_undrawn_validator_is_refused() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes32 commitId = _commitId(commit);
        address judge = court.judgeOf(sweep, commit, 0, 0);
        address other = judges[0] == judge ? judges[1] : judges[0];
        bytes32 digest = _digest(address(court), _verdictHash(commitId, verdicts[0]));
        verdicts[0].signature = _sign(other, digest);
        _refuse(
            sweep,
            commit,
            verdicts,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadSignature.selector, commitId, judge)
        );
    }

    function test_a_verdict_is_signed_for_the_court_of_this_chain() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(10, 1);
        bytes32 commitId = _commitId(commit);
        address judge = court.judgeOf(sweep, commit, 0, 0);
        bytes memory refusal =
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadSignature.selector, commitId, judge);
        bytes32 digest = _digest(address(market), _verdictHash(commitId, verdicts[0]));
        verdicts[0].signature = _sign(judge, digest);
        _refuse(sweep, commit, verdicts, refusal);
    }

    /// @dev A judge that signs two verdicts for one share is at fault elsewhere.
    function test_of_two_verdicts_for_one_share_the_last_counts() public {
        (Sweep memory sweep, Commit memory commit) = _posted(10, 1);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict[] memory verdicts = new SignedVerdict[](4);
        SignedVerdict[] memory good = _verdicts(sweep, commit);
        for (uint256 i; i < 3; ++i) {
            verdicts[i] = good[i];
        }
        bytes memory answers = _answers(d.sizes[1], 5);
        _setAnswer(answers, 1, 2);
        verdicts[3] = _verdict(sweep, commit, d, 1, answers);
        _pass(15);
        _refuse(sweep, commit, verdicts, _nothing(commit));
        (verdicts[3], verdicts[1]) = (verdicts[1], verdicts[3]);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_owed(), address(market).balance);
    }

    // --- what is not upheld ---

    function test_fuzz_an_award_with_an_answer_not_upheld_is_skipped(
        uint256 share,
        uint256 place,
        uint8 outcome
    ) public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        share = bound(share, 0, 2);
        place = bound(place, 0, d.sizes[share] - 1);
        uint8[3] memory others = [0, 2, 3];
        bytes memory answers = _answers(d.sizes[share], 1);
        _setAnswer(answers, place, others[outcome % 3]);
        verdicts[share] = _verdict(sweep, commit, d, uint8(share), answers);
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 2);
        uint256 index = _indexOf(d, _list(d, share)[place]);
        for (uint256 i; i < 3; ++i) {
            _assertStatus(
                commit.awards[i].award.id, i == index ? AwardStatus.POSTED : AwardStatus.SETTLED
            );
        }
        vm.assertEq(_owed() + _escrowed(commit.awards[index].award), address(market).balance);
    }

    function _escrowed(Award memory award) private pure returns (uint256) {
        return _cost(award);
    }

    function test_a_doubled_item_is_upheld_by_both_or_not_at_all() public {
        (Sweep memory sweep, Commit memory commit) = _posted(30, 3);
        Docket memory d = market.docket(sweep, commit);
        bool[] memory doubled = _doubled(d);
        for (uint256 item; item < doubled.length; ++item) {
            if (!doubled[item]) continue;
            for (uint8 more; more < 2; ++more) {
                uint8 share = uint8((item + more) % 3);
                SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
                verdicts[share] = _withheld(sweep, commit, _subjectOf(share, item));
                uint256 before = vm.snapshotState();
                _pass(15);
                vm.assertEq(_settle(sweep, commit, verdicts), 2);
                Award memory award = commit.awards[_indexOf(d, item)].award;
                _assertStatus(award.id, AwardStatus.POSTED);
                vm.revertToState(before);
                nowTime = commit.time;
            }
        }
    }

    function test_a_share_without_a_verdict_pays_nobody() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(30, 3);
        SignedVerdict[] memory two = new SignedVerdict[](2);
        (two[0], two[1]) = (verdicts[0], verdicts[2]);
        _refuse(sweep, commit, two, _nothing(commit));
        _refuse(sweep, commit, new SignedVerdict[](0), _nothing(commit));
    }

    /// @dev A commit of so little that not every share has an item.
    function _oneSegment() private returns (Sweep memory sweep, Commit memory commit) {
        sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 3, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], 1);
        commit = _commit(sweep, submissions);
        _mine(3);
    }

    function test_a_share_without_items_needs_no_verdict() public {
        (Sweep memory sweep, Commit memory commit) = _oneSegment();
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.shares, 3);
        vm.assertLt(d.ends[0], 3);
        SignedVerdict[] memory verdicts = new SignedVerdict[](d.ends[0]);
        for (uint8 share; share < verdicts.length; ++share) {
            verdicts[share] = _verdict(sweep, commit, d, share, _answers(1, 1));
        }
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_a_share_without_items_has_no_answers() public {
        (Sweep memory sweep, Commit memory commit) = _oneSegment();
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        verdicts[2].answers = hex"ff";
        bytes memory refusal = abi.encodeWithSelector(
            ISweepMarket.SweepMarket_BadAnswers.selector, _commitId(commit), 2
        );
        _pass(16);
        _refuse(sweep, commit, verdicts, refusal);
    }

    function test_parties_that_joined_the_validators_since_judge_nothing() public {
        Sweep memory sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, 10, 1));
        address[2] memory parties = [buyer, awards[0].seller];
        for (uint256 i; i < parties.length; ++i) {
            vm.deal(parties[i], 100_000 ether);
            _bondValidator(parties[i], 100_000 ether, 24);
        }
        _pass(60);
        Commit memory commit = _commit(sweep, _submissions(awards));
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(15);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }

    function test_one_trial_has_one_judge() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(1, 1);
        vm.assertEq(verdicts.length, 1);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_a_commit_is_settled_in_two_calls() public {
        (Sweep memory sweep, Commit memory commit) = _posted(4, 4);
        Docket memory d = market.docket(sweep, commit);
        vm.assertEq(d.ends[3], 8);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        address judge = court.judgeOf(sweep, commit, 0, 0);
        bytes memory answers = _answers(3, 1);
        _setAnswer(answers, 1, 0);
        SignedVerdict memory good = verdicts[0];
        verdicts[0] = _verdict(sweep, commit, d, 0, answers);
        _pass(16);
        vm.assertEq(_settle(sweep, commit, verdicts), 3);
        vm.assertEq(court.judgeOf(sweep, commit, 0, 0), judge);
        verdicts[0] = good;
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        for (uint256 i; i < 4; ++i) {
            _assertStatus(commit.awards[i].award.id, AwardStatus.SETTLED);
            vm.assertEq(_free(sellers[i]), 10 ether + 32 * PRICE);
        }
        vm.assertEq(_owed(), address(market).balance);
    }

    function test_a_disputed_award_is_skipped() public {
        (Sweep memory sweep, Commit memory commit, SignedVerdict[] memory verdicts) = _ready(20, 2);
        vm.prank(address(court));
        market.dispute(commit.awards[0].award.id, "dispute");
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
        _refuse(sweep, commit, verdicts, _nothing(commit));
        vm.prank(address(court));
        market.restore(commit.awards[0].award.id);
        vm.assertEq(_settle(sweep, commit, verdicts), 1);
    }
}
