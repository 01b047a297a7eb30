// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Bid,
    BidFault,
    Commit,
    Funding,
    Offer,
    PermitSig,
    SignedVerdict,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @dev A wallet contract that agrees with everything.
contract AgreeableWallet {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }
}

contract AwardTest is Fixture {
    uint256 private goodTrial = 900;

    function _bids(uint256 trials) private view returns (Sweep memory sweep, Bid memory bid) {
        sweep = _sweep();
        bid = _bid(sweep, sellers[0], 0, trials);
    }

    /// @dev Awards one bid together with a good one, and expects it to be skipped.
    function _expectSkipped(Sweep memory sweep, Offer memory offer, BidFault fault) private {
        Offer[] memory offers = new Offer[](2);
        offers[0] = offer;
        offers[1] = _offer(_bid(sweep, sellers[5], ++goodTrial, 1));
        bytes32 id = _bidId(offer.bid);
        uint256 slot = market.awardSlot(id);
        uint256 cost = _cost(_awardOf(offers[1].bid));
        vm.expectEmit();
        emit ISweepMarket.BidSkipped(id, offer.bid.seller, fault);
        vm.prank(buyer);
        uint256 awarded = market.award{value: cost}(sweep, offers, 1, _noPermit(cost));
        vm.assertEq(awarded, 1);
        vm.assertEq(market.awardSlot(id), slot);
    }

    function _expectSkipped(Bid memory bid, BidFault fault) private {
        _expectSkipped(_sweep(), _offer(bid), fault);
    }

    function _refuse(Sweep memory sweep, bytes memory refusal) private {
        Offer[] memory offers = _offers(sweep, 1, 1);
        uint256 cost = _cost(offers);
        vm.expectRevert(refusal);
        vm.prank(buyer);
        market.award{value: cost}(sweep, offers, 0, _noPermit(cost));
    }

    // --- the call ---

    function test_only_the_buyer_awards() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 1, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotBuyer.selector, relayer, buyer)
        );
        vm.prank(relayer);
        market.award(sweep, offers, 0, _noPermit(0));
    }

    function test_an_unlisted_token_is_refused() public {
        Sweep memory sweep = _sweepIn(address(7));
        _refuse(
            sweep,
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TokenNotListed.selector, address(7))
        );
    }

    function test_terms_outside_the_profile_are_refused() public {
        uint16[4] memory segments = [23, 1025, 32, 32];
        uint32[4] memory times = [uint32(120), 120, 119, 121];
        for (uint256 i; i < 4; ++i) {
            Sweep memory sweep = _sweep();
            sweep.terms.segments = segments[i];
            sweep.terms.verdictTime = times[i];
            _refuse(
                sweep,
                abi.encodeWithSelector(
                    ISweepMarket.SweepMarket_BadTerms.selector, segments[i], times[i]
                )
            );
        }
    }

    function test_too_few_validators_of_the_tier_are_refused() public {
        for (uint256 i; i < 4; ++i) {
            vm.prank(judges[i]);
            validators.bond(48);
        }
        _pass(EPOCH);
        Sweep memory sweep = _sweep();
        sweep.terms.vramGib = 40;
        _refuse(
            sweep, abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewValidators.selector, 4, 5)
        );
    }

    function test_a_buyer_that_is_a_validator_is_refused() public {
        _bondValidator(buyer, LEAST_BOND, 8);
        _pass(EPOCH);
        _refuse(
            _sweep(),
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BuyerValidates.selector, buyer)
        );
    }

    /// @dev A worthless offer in a validator's name, and after it a good one.
    function _behind(address validator, Bid memory bid)
        private
        view
        returns (Offer[] memory offers)
    {
        offers = new Offer[](2);
        offers[0].bid.seller = validator;
        offers[1] = _offer(bid);
    }

    function test_a_validating_buyer_can_not_hide_behind_an_offer() public {
        buyer = judges[0];
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _behind(buyer, _bid(sweep, sellers[0], 0, 4));
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BuyerValidates.selector, buyer)
        );
        vm.prank(buyer);
        market.award{value: 1 ether}(sweep, offers, 0, _noPermit(1 ether));
    }

    function test_a_validating_seller_can_not_hide_behind_an_offer() public {
        _deposit(judges[0], NATIVE, 1 ether);
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _behind(judges[0], _bid(sweep, judges[0], 0, 4));
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award{value: 1 ether}(sweep, offers, 0, _noPermit(1 ether));
    }

    function test_more_than_255_offers_are_refused() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = new Offer[](256);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooManyOffers.selector, 256, 255)
        );
        vm.prank(buyer);
        market.award(sweep, offers, 0, _noPermit(0));
    }

    function test_fewer_trials_than_asked_for_are_refused() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 20, 2);
        offers[1].signature = offers[0].signature;
        uint256 cost = _cost(_awardOf(offers[0].bid));
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 10, 11)
        );
        vm.prank(buyer);
        market.award{value: cost}(sweep, offers, 11, _noPermit(cost));
    }

    function test_no_trials_at_all_are_refused() public {
        Sweep memory sweep = _sweep();
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award(sweep, new Offer[](0), 0, _noPermit(0));
    }

    // --- bids that are skipped ---

    function test_a_bid_for_another_sweep_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        bid.sweepId = keccak256("another");
        _expectSkipped(bid, BidFault.SWEEP);
    }

    function test_a_list_that_is_no_list_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        bid.trials = "";
        _expectSkipped(bid, BidFault.TRIALS);
        bid.trials = bytes.concat(_run(1, 2, 0, 1), hex"00");
        _expectSkipped(bid, BidFault.TRIALS);
        bid.trials = _run(1, 2, 0, 0);
        _expectSkipped(bid, BidFault.TRIALS);
        bid.trials = bytes.concat(_run(2, 1, 0, 1), _run(1, 1, 0, 1));
        _expectSkipped(bid, BidFault.TRIALS);
        bid.trials = bytes.concat(_run(1, 2, 0, 1), _run(2, 1, 0, 1));
        _expectSkipped(bid, BidFault.TRIALS);
    }

    function test_a_run_far_beyond_all_bounds_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        bid.price = LEAST_PRICE;
        bid.trials = _run(0, type(uint24).max, 0, 255);
        _expectSkipped(bid, BidFault.TRIALS);
        for (uint256 i; i < 6; ++i) {
            bid.trials = bytes.concat(_run(i, 1, 0, 255), bid.trials);
        }
        _expectSkipped(bid, BidFault.TRIALS);
    }

    function test_trials_and_replicas_of_all_runs_are_awarded() public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        bid.trials = bytes.concat(_run(4, 3, 0, 2), _run(9, 1, 1, 1), _run(9, 1, 3, 4));
        Award memory award = _award(sweep, _only(_offer(bid)))[0];
        vm.assertEq(award.trials, 11);
        vm.assertEq(award.segments, 11 * uint32(S));
        _checkAwarded(sweep, award);
    }

    function test_more_items_than_a_commit_takes_are_skipped() public {
        (Sweep memory sweep, Bid memory bid) = _bids(1024);
        bid.price = LEAST_PRICE;
        _expectSkipped(bid, BidFault.TRIALS);
        bid.trials = _trials(0, 1023);
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        _assertStatus(awards[0].id, AwardStatus.AWARDED);
    }

    function test_segments_outside_a_trial_are_skipped() public {
        (, Bid memory bid) = _bids(3);
        bid.segments = 0;
        _expectSkipped(bid, BidFault.SEGMENTS);
        bid.segments = S + 1;
        _expectSkipped(bid, BidFault.SEGMENTS);
    }

    // --- rungs ---

    /// @dev A bid that goes on from an award after its first four segments.
    function _rung(Sweep memory sweep, bytes32 start) private view returns (Bid memory bid) {
        bid = _bid(sweep, sellers[0], 0, 3);
        (bid.start, bid.first, bid.segments) = (start, 4, 7);
    }

    function _postedRung() private returns (Sweep memory sweep, Commit memory commit) {
        sweep = _sweep();
        Bid memory bid = _bid(sweep, sellers[1], 0, 3);
        bid.segments = 4;
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        commit = _commit(sweep, _submissions(awards));
    }

    function test_a_rung_goes_on_from_a_posted_award() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Bid memory bid = _rung(sweep, commit.awards[0].award.id);
        Award memory award = _award(sweep, _only(_offer(bid)))[0];
        vm.assertEq(award.segments, 21);
        _checkAwarded(sweep, award);
    }

    function test_a_rung_goes_on_from_a_settled_award() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        _mine(3);
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        _pass(15);
        market.settle(sweep, commit, verdicts);
        Bid memory bid = _rung(sweep, commit.awards[0].award.id);
        _checkAwarded(sweep, _award(sweep, _only(_offer(bid)))[0]);
    }

    function test_marked_and_docked_awards_are_gone_on_from_too() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Award memory award = commit.awards[0].award;
        address[] memory payees = new address[](1);
        payees[0] = judges[0];
        vm.prank(address(court));
        market.mark(award.id);
        vm.prank(address(court));
        market.dock(sweep, award, payees);
        vm.assertEq(market.awardSlot(award.id) >> 254, 3);
        _checkAwarded(sweep, _award(sweep, _only(_offer(_rung(sweep, award.id))))[0]);
    }

    function test_nothing_goes_on_from_an_award_in_any_other_state() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Award memory award = commit.awards[0].award;
        Bid memory bid = _rung(sweep, award.id);
        vm.prank(address(court));
        market.dispute(award.id, "dispute");
        _expectSkipped(bid, BidFault.START);
        vm.prank(address(court));
        market.refund(sweep, award, relayer, new address[](0), new uint256[](0));
        _expectSkipped(bid, BidFault.START);

        Award memory other = _award(sweep, _only(_offer(_bid(sweep, sellers[1], 9, 1))))[0];
        bid.start = other.id;
        _expectSkipped(bid, BidFault.START);
        _pass(3700);
        market.expireAward(sweep, other);
        bid = _rung(sweep, other.id);
        _expectSkipped(bid, BidFault.START);
        bid.start = keccak256("no such award");
        _expectSkipped(bid, BidFault.START);
    }

    function test_a_slashed_award_is_not_gone_on_from() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Award memory award = commit.awards[0].award;
        vm.prank(address(court));
        market.dispute(award.id, "dispute");
        vm.prank(address(court));
        market.slash(sweep, award, relayer, new address[](0), new uint256[](0));
        _expectSkipped(_rung(sweep, award.id), BidFault.START);
    }

    function test_an_award_of_the_same_call_is_not_gone_on_from() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = new Offer[](2);
        Bid memory bid = _bid(sweep, sellers[1], 0, 3);
        bid.segments = 4;
        offers[0] = _offer(bid);
        offers[1] = _offer(_rung(sweep, _bidId(bid)));
        uint256 cost = _cost(_awardOf(bid));
        vm.expectEmit();
        emit ISweepMarket.BidSkipped(_bidId(offers[1].bid), sellers[0], BidFault.START);
        vm.prank(buyer);
        vm.assertEq(market.award{value: cost}(sweep, offers, 0, _noPermit(cost)), 3);
    }

    function test_first_and_start_go_together() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Bid memory bid = _rung(sweep, commit.awards[0].award.id);
        bid.first = 0;
        _expectSkipped(bid, BidFault.START);
        bid.first = 4;
        bid.start = 0;
        _expectSkipped(bid, BidFault.START);
    }

    function test_fuzz_a_rung_ends_within_a_trial(uint16 first, uint16 segments) public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Bid memory bid = _rung(sweep, commit.awards[0].award.id);
        bid.first = uint16(bound(first, 1, 2 * S));
        bid.segments = uint16(bound(segments, 1, S));
        if (bid.first + bid.segments > S) {
            _expectSkipped(bid, BidFault.START);
        } else {
            _checkAwarded(sweep, _award(sweep, _only(_offer(bid)))[0]);
        }
    }

    function test_the_greatest_first_is_past_the_last_segment() public {
        (Sweep memory sweep, Commit memory commit) = _postedRung();
        Bid memory bid = _rung(sweep, commit.awards[0].award.id);
        bid.first = type(uint16).max;
        _expectSkipped(bid, BidFault.START);
    }

    // --- bids out of bounds ---

    function test_a_price_outside_the_tokens_bounds_is_skipped() public {
        (Sweep memory sweep, Bid memory bid) = _bids(1);
        bid.price = LEAST_PRICE - 1;
        _expectSkipped(bid, BidFault.PRICE);
        bid.price = uint128(CAP) / S + 1;
        _expectSkipped(bid, BidFault.PRICE);
        bid.price = type(uint128).max;
        _expectSkipped(bid, BidFault.PRICE);
        bid.price = uint128(CAP) / S;
        _deposit(sellers[0], NATIVE, 10 ether);
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        _assertStatus(awards[0].id, AwardStatus.AWARDED);
    }

    function test_a_bid_past_its_time_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        bid.expiry = uint40(nowTime - 1);
        _expectSkipped(bid, BidFault.LATE);
        bid.expiry = uint40(nowTime);
        bid.deadline = uint40(nowTime - 1);
        _expectSkipped(bid, BidFault.LATE);
    }

    function test_a_bid_is_good_in_the_last_second_of_its_time() public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        bid.expiry = bid.deadline = uint40(nowTime);
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        _assertStatus(awards[0].id, AwardStatus.AWARDED);
    }

    function test_a_cancelled_bid_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        vm.prank(sellers[0]);
        market.bumpNonce(NATIVE);
        _expectSkipped(bid, BidFault.NONCE);
    }

    function test_a_bid_is_awarded_once() public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        Offer[] memory offers = new Offer[](2);
        offers[0] = _offer(bid);
        offers[1] = offers[0];
        uint256 cost = _cost(_awardOf(bid));
        vm.expectEmit();
        emit ISweepMarket.BidSkipped(_bidId(bid), sellers[0], BidFault.USED);
        vm.prank(buyer);
        market.award{value: cost}(sweep, offers, 3, _noPermit(cost));
        vm.assertEq(_locked(sellers[0]), _bondOf(_awardOf(bid)));
        _expectSkipped(sweep, offers[0], BidFault.USED);
    }

    function test_a_validators_bid_is_skipped() public {
        _deposit(judges[0], NATIVE, 1 ether);
        Sweep memory sweep = _sweep();
        Bid memory bid = _bid(sweep, judges[0], 0, 3);
        _expectSkipped(bid, BidFault.VALIDATOR);
    }

    function test_a_bond_that_is_not_covered_is_skipped() public {
        (, Bid memory bid) = _bids(3);
        uint256 bond = _bondOf(_awardOf(bid));
        vm.prank(sellers[0]);
        market.withdraw(NATIVE, 10 ether - bond + 1, sellers[0]);
        _expectSkipped(bid, BidFault.BOND);
    }

    function test_a_foreign_signature_is_skipped() public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        _expectSkipped(sweep, Offer(bid, _sign(sellers[1], _bidId(bid))), BidFault.SIGNATURE);
    }

    function test_fuzz_a_changed_bid_is_skipped(uint256 seed) public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        Offer memory offer = _offer(bid);
        uint256 kind = seed % 4;
        if (kind == 0) offer.bid.price += uint128(bound(seed, 1, 1e9));
        if (kind == 1) offer.bid.deadline += uint40(bound(seed, 1, 1e6));
        if (kind == 2) offer.bid.segments -= uint16(bound(seed, 1, S - 1));
        if (kind == 3) offer.bid.trials = _trials(bound(seed, 1, 1000), 3);
        _expectSkipped(sweep, offer, BidFault.SIGNATURE);
    }

    function test_a_contract_sells_too() public {
        address wallet = address(new AgreeableWallet());
        vm.prank(buyer);
        market.deposit{value: 1 ether}(NATIVE, wallet, 1 ether);
        Sweep memory sweep = _sweep();
        Offer memory offer = Offer(_bid(sweep, wallet, 0, 3), "");
        Award[] memory awards = _award(sweep, _only(offer));
        _assertStatus(awards[0].id, AwardStatus.AWARDED);
    }

    // --- good bids ---

    function _emitOpened(Sweep memory sweep, uint256 brought) private {
        bytes32 id = _sweepId(sweep);
        emit ISweepMarket.SweepOpened(id, sweep.buyer, sweep.specHash, sweep.terms, brought);
    }

    function test_awarding_locks_bonds_and_says_all_of_it() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 50, 5);
        uint256 cost = _cost(offers);
        vm.expectEmit();
        _emitOpened(sweep, cost);
        for (uint256 i; i < 5; ++i) {
            _expectAwarded(sweep, _awardOf(offers[i].bid));
        }
        vm.prank(buyer);
        uint256 awarded = market.award{value: cost}(sweep, offers, 50, _noPermit(cost));
        vm.assertEq(awarded, 50);
        for (uint256 i; i < 5; ++i) {
            _checkAwarded(sweep, _awardOf(offers[i].bid));
        }
        vm.assertEq(_free(buyer), 0);
        vm.assertEq(buyer.balance, 1000 ether - cost);
    }

    function _expectAwarded(Sweep memory sweep, Award memory award) private {
        vm.expectEmit();
        emit ISweepMarket.Awarded(
            _sweepId(sweep),
            award.id,
            award.seller,
            award.trials,
            award.segments,
            award.price,
            award.deadline,
            _bondOf(award),
            _cost(award)
        );
    }

    function _checkAwarded(Sweep memory sweep, Award memory award) private view {
        uint256 tag = uint256(keccak256(abi.encode(_sweepId(sweep), award))) << 48 >> 48;
        vm.assertEq(market.awardSlot(award.id), 1 << 248 | nowTime << 208 | tag);
        vm.assertEq(_locked(award.seller), _bondOf(award));
        vm.assertEq(_free(award.seller), 10 ether - _bondOf(award));
    }

    function test_fuzz_the_bond_is_the_greatest_bound(
        uint256 price,
        uint256 trials,
        uint16 segments
    ) public {
        trials = bound(trials, 1, 60);
        (Sweep memory sweep, Bid memory bid) = _bids(trials);
        bid.segments = uint16(bound(segments, 1, S));
        bid.price = uint128(bound(price, LEAST_PRICE, uint256(CAP) / 60 / S));
        vm.deal(buyer, 2000 ether);
        _award(sweep, _only(_offer(bid)));
        vm.assertEq(_locked(sellers[0]), _bondOf(_awardOf(bid)));
    }

    // --- funding ---

    function test_what_lacks_comes_from_the_free_balance() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers);
        _deposit(buyer, NATIVE, 5 ether);
        vm.expectEmit();
        _emitOpened(sweep, cost / 3);
        vm.prank(buyer);
        market.award{value: cost / 3}(sweep, offers, 0, _noPermit(cost / 3));
        vm.assertEq(_free(buyer), 5 ether - (cost - cost / 3));
    }

    function test_what_is_over_goes_to_the_free_balance() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers);
        vm.prank(buyer);
        market.award{value: cost + 7}(sweep, offers, 0, _noPermit(cost + 7));
        vm.assertEq(_free(buyer), 7);
    }

    function test_too_little_altogether_is_refused() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers);
        _deposit(buyer, NATIVE, 6);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector, buyer, NATIVE, 7, 6
            )
        );
        vm.prank(buyer);
        market.award{value: cost - 7}(sweep, offers, 0, _noPermit(cost - 7));
    }

    function test_what_is_free_pays_without_bringing_anything() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        _deposit(buyer, NATIVE, _cost(offers));
        vm.recordLogs();
        vm.prank(buyer);
        market.award(sweep, offers, 0, _noPermit(0));
        vm.assertEq(vm.getRecordedLogs().length, 2);
        vm.assertEq(_free(buyer), 0);
    }

    function test_another_value_than_stated_is_refused() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongValue.selector, cost - 1, cost)
        );
        vm.prank(buyer);
        market.award{value: cost - 1}(sweep, offers, 0, _noPermit(cost));
    }

    function _dollarOffers() private returns (Sweep memory sweep, Offer[] memory offers) {
        sweep = _sweepIn(address(dollar));
        _deposit(sellers[0], address(dollar), 1e9);
        offers = _only(_offer(_bid(sweep, sellers[0], 0, 10)));
    }

    /// @dev 10 trials of 32 segments at 100, 8 % and two tips of 10,000.
    uint256 private constant DOLLARS = 32_000 + 2560 + 20_000;

    function test_a_token_is_pulled_by_its_allowance() public {
        (Sweep memory sweep, Offer[] memory offers) = _dollarOffers();
        dollar.mint(buyer, DOLLARS);
        vm.prank(buyer);
        dollar.approve(address(market), DOLLARS);
        vm.expectEmit(address(market));
        _emitOpened(sweep, DOLLARS);
        vm.prank(buyer);
        market.award(sweep, offers, 10, _noPermit(DOLLARS));
        vm.assertEq(dollar.balanceOf(buyer), 0);
        vm.assertEq(dollar.balanceOf(address(market)), 1e9 + DOLLARS);
    }

    function _permitted(address owner, uint256 amount) private view returns (Funding memory) {
        bytes32 kind = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        uint256 nonce = dollar.nonces(owner);
        bytes32 hash = keccak256(abi.encode(kind, owner, address(market), amount, nonce, nowTime));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), hash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[owner], digest);
        return Funding(amount, PermitSig(nowTime, v, r, s));
    }

    function test_a_permit_beside_native_coin_is_not_looked_at() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers);
        Funding memory funding = Funding(cost, PermitSig(nowTime, 27, "r", "s"));
        vm.prank(buyer);
        vm.assertEq(market.award{value: cost}(sweep, offers, 0, funding), 10);
    }

    function test_a_token_is_pulled_by_a_permit() public {
        (Sweep memory sweep, Offer[] memory offers) = _dollarOffers();
        dollar.mint(buyer, DOLLARS);
        Funding memory funding = _permitted(buyer, DOLLARS);
        vm.prank(buyer);
        market.award(sweep, offers, 10, funding);
        vm.assertEq(dollar.balanceOf(address(market)), 1e9 + DOLLARS);
    }

    // --- in a buyer's name ---

    function _awardFor(Sweep memory sweep, Offer[] memory offers, Funding memory funding)
        private
        returns (uint256 trials, uint256 cost)
    {
        vm.prank(address(sessions));
        return market.awardFor(sweep, offers, 0, funding, relayer);
    }

    function test_only_the_sessions_award_in_a_buyers_name() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 1, 1);
        address[3] memory callers = [buyer, relayer, address(court)];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ISweepMarket.SweepMarket_NotSessions.selector, callers[i])
            );
            vm.prank(callers[i]);
            market.awardFor(sweep, offers, 0, _noPermit(0), relayer);
        }
    }

    function test_the_sessions_spend_what_is_the_buyers_and_tip_the_relayer() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 20, 2);
        uint256 expected = _cost(offers) + TIP;
        _deposit(buyer, NATIVE, 5 ether);
        (uint256 trials, uint256 cost) = _awardFor(sweep, offers, _noPermit(0));
        vm.assertEq(trials, 20);
        vm.assertEq(cost, expected);
        vm.assertEq(_free(buyer), 5 ether - expected);
        vm.assertEq(_free(relayer), TIP);
        for (uint256 i; i < 2; ++i) {
            _checkAwarded(sweep, _awardOf(offers[i].bid));
        }
    }

    function test_nobody_is_tipped_where_no_relayer_is_named() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        _deposit(buyer, NATIVE, 5 ether);
        vm.prank(address(sessions));
        (, uint256 cost) = market.awardFor(sweep, offers, 0, _noPermit(0), address(0));
        vm.assertEq(cost, _cost(offers));
        vm.assertEq(_free(buyer), 5 ether - cost);
        vm.assertEq(_free(address(0)), 0);
    }

    function test_coin_that_the_sessions_bring_is_the_buyers() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers) + TIP;
        vm.deal(address(sessions), 1 ether);
        vm.expectEmit();
        _emitOpened(sweep, 1 ether);
        vm.prank(address(sessions));
        market.awardFor{value: 1 ether}(sweep, offers, 0, _noPermit(1 ether), relayer);
        vm.assertEq(_free(buyer), 1 ether - cost);
        vm.assertEq(_free(address(sessions)), 0);
    }

    function test_the_sessions_bring_the_value_that_they_state() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        _deposit(buyer, NATIVE, 5 ether);
        vm.deal(address(sessions), 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongValue.selector, 0, 1 ether)
        );
        vm.prank(address(sessions));
        market.awardFor(sweep, offers, 0, _noPermit(1 ether), relayer);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_WrongValue.selector, 1 ether, 0)
        );
        vm.prank(address(sessions));
        market.awardFor{value: 1 ether}(sweep, offers, 0, _noPermit(0), relayer);
    }

    function test_a_token_is_pulled_from_the_buyer_and_nobody_else() public {
        (Sweep memory sweep, Offer[] memory offers) = _dollarOffers();
        address[3] memory owners = [address(sessions), relayer, buyer];
        for (uint256 i; i < 3; ++i) {
            dollar.mint(owners[i], DOLLARS + 10_000);
            vm.prank(owners[i]);
            dollar.approve(address(market), type(uint256).max);
        }
        vm.expectEmit(address(market));
        _emitOpened(sweep, DOLLARS + 10_000);
        (, uint256 cost) = _awardFor(sweep, offers, _noPermit(DOLLARS + 10_000));
        vm.assertEq(cost, DOLLARS + 10_000);
        vm.assertEq(dollar.balanceOf(buyer), 0);
        vm.assertEq(dollar.balanceOf(relayer), DOLLARS + 10_000);
        vm.assertEq(dollar.balanceOf(address(sessions)), DOLLARS + 10_000);
    }

    function test_a_token_is_pulled_by_the_buyers_own_permit() public {
        (Sweep memory sweep, Offer[] memory offers) = _dollarOffers();
        dollar.mint(buyer, DOLLARS + 10_000);
        Funding memory funding = _permitted(buyer, DOLLARS + 10_000);
        _awardFor(sweep, offers, funding);
        vm.assertEq(dollar.balanceOf(buyer), 0);

        offers = _only(_offer(_bid(sweep, sellers[0], 100, 10)));
        dollar.mint(relayer, DOLLARS + 10_000);
        funding = _permitted(relayer, DOLLARS + 10_000);
        vm.expectRevert();
        _awardFor(sweep, offers, funding);
    }

    function test_a_buyer_without_enough_stops_its_session() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        uint256 cost = _cost(offers) + TIP;
        _deposit(buyer, NATIVE, cost - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_FreeTooSmall.selector, buyer, NATIVE, cost, cost - 1
            )
        );
        _awardFor(sweep, offers, _noPermit(0));
    }

    function test_a_relayer_that_buys_is_tipped_by_itself() public {
        Sweep memory sweep = _sweep();
        sweep.buyer = relayer;
        Offer[] memory offers = _only(_offer(_bid(sweep, sellers[0], 0, 10)));
        _deposit(relayer, NATIVE, 1 ether);
        (, uint256 cost) = _awardFor(sweep, offers, _noPermit(0));
        vm.assertEq(cost, _cost(offers) + TIP);
        vm.assertEq(_free(relayer), 1 ether - cost + TIP);
    }

    function test_the_least_trials_bind_the_sessions_too() public {
        Sweep memory sweep = _sweep();
        Offer[] memory offers = _offers(sweep, 10, 1);
        _deposit(buyer, NATIVE, 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 10, 11)
        );
        vm.prank(address(sessions));
        market.awardFor(sweep, offers, 11, _noPermit(0), relayer);
    }

    // --- words beyond their types ---

    /// @dev An `award` of one bid in which a word of the bid has a bit set that its type does not have, and which
    /// is signed over that word.
    function _awardBeyond(uint256 word, uint256 bit) private returns (bool done, bytes32 id) {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        bytes32[11] memory words;
        words[0] = keccak256(
            "Bid(bytes32 sweepId,address seller,bytes trials,uint16 first,uint16 segments,uint128 price,bytes32 start,uint40 deadline,uint40 expiry,uint32 nonce)"
        );
        bytes memory encoded = abi.encode(bid);
        for (uint256 i; i < 10; ++i) {
            assembly ("memory-safe") {
                mstore(add(words, mul(32, add(i, 1))), mload(add(encoded, mul(32, add(i, 2)))))
            }
        }
        words[3] = keccak256(bid.trials);
        words[1 + word] |= bytes32(2 ** bit);
        id = _digest(address(market), keccak256(abi.encode(words)));
        Offer[] memory offers = _only(Offer(bid, _sign(bid.seller, id)));
        uint256 cost = _cost(_awardOf(bid));
        bytes memory data = abi.encodeCall(market.award, (sweep, offers, 1, _noPermit(cost)));
        // Behind the selector: the sweep, the other heads, the list's length and offset, the offer's two.
        uint256 place = 4 + 32 * (6 + 1 + 1 + 5 + 1 + 1 + 2 + word);
        data[place + 31 - bit / 8] |= bytes1(uint8(2 ** (bit % 8)));
        vm.prank(buyer);
        (done,) = address(market).call{value: cost}(data);
    }

    function test_fuzz_a_bid_with_a_word_beyond_its_type_is_not_awarded(uint256 word, uint256 bit)
        public
    {
        uint16[6] memory beyond = [uint16(16), 16, 128, 40, 40, 32];
        uint256[6] memory words = [uint256(3), 4, 5, 7, 8, 9];
        word = bound(word, 0, 5);
        bit = bound(bit, beyond[word], 255);
        (bool done, bytes32 id) = _awardBeyond(words[word], bit);
        vm.assertFalse(done);
        vm.assertEq(market.awardSlot(id), 0);
    }

    function test_a_bid_that_is_changed_back_would_be_awarded() public {
        (bool done, bytes32 id) = _awardBeyond(9, 0);
        vm.assertFalse(done);
        // The deadline's lowest bit may be set: then it is a bid like any other.
        (done, id) = _awardBeyond(7, nowTime % 2 == 0 ? 0 : 1);
        vm.assertTrue(done);
        _assertStatus(id, AwardStatus.AWARDED);
    }

    function test_a_sweep_with_a_word_beyond_its_type_is_refused() public {
        (Sweep memory sweep, Bid memory bid) = _bids(3);
        uint256 cost = _cost(_awardOf(bid));
        bytes memory data =
            abi.encodeCall(market.award, (sweep, _only(_offer(bid)), 0, _noPermit(cost)));
        for (uint256 i; i < 6; ++i) {
            if (i == 1) continue;
            bytes memory changed = bytes.concat(data);
            changed[4 + 32 * i] |= 0x80;
            vm.prank(buyer);
            (bool done,) = address(market).call{value: cost}(changed);
            vm.assertFalse(done);
        }
    }

    function test_a_token_needs_an_allowance() public {
        (Sweep memory sweep, Offer[] memory offers) = _dollarOffers();
        dollar.mint(buyer, DOLLARS);
        vm.expectRevert();
        vm.prank(buyer);
        market.award(sweep, offers, 10, _noPermit(DOLLARS));
    }
}
