// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Offer,
    SignedVerdict,
    Submission,
    Sweep,
    TrialLeaf
} from "../src/types/Types.sol";
import {Merkle} from "./Oversight.t.sol";
import {Plot} from "./Plot.t.sol";

/// @dev A seller that is a contract: it stands by what it signed as long as it likes.
contract Turncoat {
    bool private _stands = true;

    function takeBack() external {
        _stands = false;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _stands ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

/// @dev A seller that is a contract and burns whatever gas it is given.
contract Furnace {
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        while (gasleft() > 0) {}
        return 0;
    }
}

/// @notice What those who trade try: sellers, buyers, relayers, and one who is all of them. `AttacksInCourt` is
/// what is tried before the court.
contract AttacksTest is Plot {
    address private mallory;

    function setUp() public override {
        super.setUp();
        mallory = _actor("mallory");
        _deposit(mallory, NATIVE, 10 ether);
    }

    /// @dev A panel refutes the item of an award that its judge names.
    function _isConvicted(uint256 index, uint256 subject) private {
        _refutes(subject);
        _resolve(index, subject, false);
        _statusAt(index, AwardStatus.SLASHED);
    }

    function _nothingToSettle() private view returns (bytes memory) {
        return abi.encodeWithSelector(ISweepMarket.SweepMarket_NothingToSettle.selector, _caseId());
    }

    // --- a seller that forges ---

    function test_disputing_an_honest_segment_of_its_own_does_not_pass_a_forged_award() public {
        _plot(sellers[0], mallory);
        Award memory award = _awardAt(0);
        _resolve(0, _challenge(mallory, 0, 7), true);
        _statusAt(0, AwardStatus.POSTED);
        // What a panel upheld is no judge's word: without one nothing is paid.
        _pass(15);
        SignedVerdict[] memory others = _without(0);
        Commit memory commit = _case();
        vm.expectRevert(_nothingToSettle());
        market.settle(sweep, commit, others);

        _isConvicted(0, _subjectAt(0, 0, 0));
        _assertPoorerBy(_depositOf(award) + _bondOf(award));
        _assertRefunded(award);
    }

    function test_a_seller_that_waits_until_the_seed_is_lost_is_paid_nothing() public {
        _plot(sellers[0], sellers[1]);
        (Award memory award, Award memory other) = (_awardAt(0), _awardAt(1));
        height += 10_000;
        _pass(1);
        Commit memory commit = _case();
        SignedVerdict[] memory nobody;
        for (uint256 i; i < 2; ++i) {
            market.expirePosted(sweep, commit, i, nobody);
            _statusAt(i, AwardStatus.REFUNDED);
        }
        // Nor is there another seed: what has ended is not posted again.
        Submission[] memory again = new Submission[](1);
        again[0] = _submission(award, award.segments);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_NothingToCommit.selector, _sweepId(sweep)
            )
        );
        market.commit(sweep, again);
        _assertNotRicher();
        vm.assertEq(_free(buyer), _cost(award) - TIP + _cost(other) - TIP);
    }

    function test_waiting_does_not_help_a_seller_whose_seed_somebody_kept() public {
        _plot(sellers[0]);
        Commit memory commit = _case();
        vm.prank(mallory);
        randomness.pin(commit.blockNumber, commit.time);
        height += 10_000;
        _pass(1);
        _isConvicted(0, _subjectAt(0, 0, 0));
        _assertPoorerBy(_bondOf(_awardAt(0)));
        _assertRefunded(_awardAt(0));
    }

    // --- one segment submitted as fifty ---

    /// @dev Fifty trials of a segment each are sold, and one is trained.
    function _fifty() private returns (Award memory award) {
        sweep = _sweep();
        Bid memory bid = _bid(sweep, sellers[2], 0, 50);
        bid.segments = 1;
        _plot(sellers[2]);
        award = _award(sweep, _only(_offer(bid)))[0];
    }

    /// @dev The leaf of a trial that has one segment.
    function _leaf(Award memory award, uint256 trial, uint256 offset)
        private
        pure
        returns (TrialLeaf memory leaf)
    {
        (leaf.awardId, leaf.seller, leaf.trial) = (award.id, award.seller, trial);
        (leaf.offset, leaf.segmentsDone, leaf.segmentRoot) = (offset, 1, "trained");
    }

    /// @dev It is posted like any other root. The judge of the award's last item asserts leaves and sum.
    function _isFoundOut(Award memory award, bytes32[] memory leaves, uint32 done) private {
        bytes32 root = Merkle.root(leaves);
        bytes memory signature = _sign(award.seller, _resultDigest(award.id, root, done));
        Submission[] memory list = new Submission[](1);
        list[0] = Submission(award, root, done, signature);
        _bring(sweep, _commit(sweep, list));
        _mine(3);
        _isConvicted(0, _subject(_docket(), _docket().ends[0] - 1));
        _assertPoorerBy(_bondOf(award));
        _assertRefunded(award);
    }

    function test_one_leaf_fifty_times_costs_the_bond() public {
        Award memory award = _fifty();
        bytes32[] memory leaves = new bytes32[](50);
        for (uint256 i; i < 50; ++i) {
            leaves[i] = Leaves.ofTrial(_leaf(award, 0, 0));
        }
        _isFoundOut(award, leaves, 50);
    }

    function test_leaves_of_another_award_cost_the_bond() public {
        Award memory award = _fifty();
        bytes32[] memory leaves = new bytes32[](50);
        for (uint256 i; i < 50; ++i) {
            leaves[i] = Leaves.ofTrial(_leaf(_awardAt(0), i, i));
        }
        _isFoundOut(award, leaves, 50);
    }

    function test_a_sum_that_the_leaves_do_not_have_costs_the_bond() public {
        Award memory award = _fifty();
        bytes32[] memory leaves = new bytes32[](1);
        leaves[0] = Leaves.ofTrial(_leaf(award, 0, 0));
        _isFoundOut(award, leaves, 50);
    }

    function test_a_sum_above_what_was_sold_is_not_even_posted() public {
        Award memory award = _fifty();
        Submission[] memory list = new Submission[](1);
        list[0] = _submission(award, 51);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_BadDone.selector, award.id, 51, 50)
        );
        market.commit(sweep, list);
        _pass(3600 + 11);
        market.expireAward(sweep, award);
        _assertNotRicher();
        _assertRefunded(award);
    }

    // --- a seller that does not stand by its bid ---

    function test_a_seller_that_takes_its_bond_away_costs_the_buyer_nothing() public {
        Sweep memory s = _sweep();
        Offer[] memory offers = _offers(s, 20, 2);
        (offers[0], offers[1]) =
        (_offer(_bid(s, sellers[2], 0, 10)), _offer(_bid(s, sellers[3], 10, 10)));
        _plot(sellers[2]);
        vm.prank(sellers[2]);
        market.withdraw(NATIVE, 10 ether, sellers[2]);
        uint256 had = _holds(buyer);
        uint256 cost = _cost(offers);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 10, 20)
        );
        vm.prank(buyer);
        market.award{value: cost}(s, offers, 20, _noPermit(cost));

        vm.prank(buyer);
        market.award{value: cost}(s, offers, 10, _noPermit(cost));
        vm.assertEq(had - _holds(buyer), _cost(_awardOf(offers[1].bid)));
        _assertNotRicher();
    }

    function test_a_contract_that_disowns_its_result_gives_the_price_back() public {
        Turncoat turncoat = new Turncoat();
        market.deposit{value: 1 ether}(NATIVE, address(turncoat), 1 ether);
        _plot(address(turncoat));
        Sweep memory s = _sweep();
        Award memory award = _award(s, _only(Offer(_bid(s, address(turncoat), 0, 10), "")))[0];
        turncoat.takeBack();
        Submission[] memory list = new Submission[](1);
        list[0] = Submission(award, "root", award.segments, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_BadSignature.selector, award.id, address(turncoat)
            )
        );
        market.commit(s, list);
        _pass(3600 + 11);
        market.expireAward(s, award);
        _assertNotRicher();
        _assertRefunded(award);
    }

    function test_a_contract_that_burns_gas_only_has_its_own_bid_skipped() public {
        address furnace = address(new Furnace());
        market.deposit{value: 1 ether}(NATIVE, furnace, 1 ether);
        _plot(furnace);
        Sweep memory s = _sweep();
        Offer[] memory offers = new Offer[](2);
        offers[0] = Offer(_bid(s, furnace, 0, 10), "");
        offers[1] = _offer(_bid(s, sellers[2], 10, 10));
        uint256 cost = _cost(_awardOf(offers[1].bid));
        vm.prank(buyer);
        vm.assertEq(market.award{value: cost, gas: 1_000_000}(s, offers, 10, _noPermit(cost)), 10);
        _assertNotRicher();
    }

    // --- a buyer that replays a bid ---

    function test_a_bid_that_was_paid_for_is_not_bought_again_at_its_old_price() public {
        _plot(buyer);
        Sweep memory s = _sweep();
        Offer[] memory offers = _only(_offer(_bid(s, sellers[2], 0, 10)));
        Award memory award = _award(s, offers)[0];
        uint256 cost = _cost(award);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award{value: cost}(s, offers, 0, _noPermit(cost));
        vm.assertEq(_locked(sellers[2]), _bondOf(award));
        _assertPoorerBy(cost);
    }

    function test_a_hoarded_bid_is_worth_nothing_once_its_seller_cancelled_it() public {
        _plot(buyer);
        Sweep memory s = _sweep();
        Offer[] memory offers = _only(_offer(_bid(s, sellers[2], 0, 10)));
        vm.prank(sellers[2]);
        market.bumpNonce(NATIVE);
        uint256 cost = _cost(offers);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_TooFewTrials.selector, 0, 0)
        );
        vm.prank(buyer);
        market.award{value: cost}(s, offers, 0, _noPermit(cost));
        vm.assertEq(_free(sellers[2]), 10 ether);
        _assertNotRicher();
    }

    // --- who is buyer, seller and validator ---

    /// @dev Ten trials that the buyer's other purse sells to it, posted by the seller itself.
    function _sellToItself() private {
        buyer = mallory;
        sweep = _sweep();
        Award[] memory awards = _award(sweep, _only(_offer(_bid(sweep, sellers[2], 0, 10))));
        _bring(sweep, _commitBy(sellers[2], sweep, _submissions(awards)));
        _mine(3);
    }

    function test_who_buys_from_itself_and_judges_itself_earns_nothing() public {
        _plot(mallory, sellers[2], judges[0]);
        _bondValidator(judges[0], 200 ether, 24);
        _pass(EPOCH);
        _sellToItself();
        _pass(15);
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        Commit memory commit = _case();
        vm.prank(sellers[2]);
        market.settle(sweep, commit, verdicts);
        uint256 toOthers;
        for (uint256 i = 1; i < judges.length; ++i) {
            toOthers += _free(judges[i]);
        }
        _assertNotRicher();
        if (toOthers != 0) _assertPoorerBy(toOthers);
    }

    function test_who_has_itself_convicted_loses_more_than_its_panel_earns() public {
        _plot(mallory, sellers[2], judges[0]);
        _bondValidator(judges[0], 200 ether, 24);
        _pass(EPOCH);
        _sellToItself();
        _resolve(0, _challenge(mallory, 0, 7), false);
        _statusAt(0, AwardStatus.SLASHED);
        vm.assertGt(_free(BURN), 0);
        _assertPoorer();
    }

    /// @dev With ten times the bond of all others together, from the epoch that the commit lies in.
    function test_a_seller_that_joins_the_validators_judges_nothing_of_its_own() public {
        vm.deal(sellers[2], 10_000 ether);
        _plot(sellers[2]);
        sweep = _sweep();
        Award[] memory awards = _award(sweep, _only(_offer(_bid(sweep, sellers[2], 0, 10))));
        _bondValidator(sellers[2], 1200 ether, 24);
        _pass(EPOCH);
        _bring(sweep, _commit(sweep, _submissions(awards)));
        _mine(3);
        for (uint8 share; share < 3; ++share) {
            for (uint8 seat; seat <= 6; ++seat) {
                vm.assertNotEq(_seat(share, seat), sellers[2]);
            }
        }
        uint256 subject = _subjectAt(0, 0, 0);
        _refutes(subject);
        vm.assertEq(_seatsOf(sellers[2], _panel(0, subject)), 0);
        _resolve(0, subject, false);
        _assertPoorerBy(_bondOf(awards[0]));
        _assertRefunded(awards[0]);
    }

    // --- a relayer, and who would like to be one ---

    /// @dev Two more awards, of ten trials each, that wait for their results.
    function _twoMore(uint128 price) private returns (Award[] memory awards) {
        sweep = _sweep();
        Offer[] memory offers = new Offer[](2);
        for (uint256 i; i < 2; ++i) {
            Bid memory bid = _bid(sweep, sellers[2 + i], 10 * i, 10);
            (bid.price, bid.deadline) = (price, uint40(nowTime + 600 * (i + 1)));
            offers[i] = _offer(bid);
        }
        awards = _award(sweep, offers);
    }

    function _postBy(address sender, Submission[] memory list) private {
        _bring(sweep, _commitBy(sender, sweep, list));
        _mine(3);
        _pass(15);
    }

    function _only(Submission memory submission) private pure returns (Submission[] memory list) {
        list = new Submission[](1);
        list[0] = submission;
    }

    function test_a_relayer_that_never_posts_loses_its_tips_to_the_seller() public {
        Award[] memory awards = _twoMore(PRICE);
        _plot(relayer);
        _pass(600 + 10);
        _postBy(awards[0].seller, _only(_submission(awards[0], awards[0].segments)));
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        Commit memory commit = _case();
        vm.prank(awards[0].seller);
        market.settle(sweep, commit, verdicts);
        vm.assertGe(_holds(awards[0].seller), 1000 ether + _price(awards[0]) + 2 * uint256(TIP));
        _assertNotRicher();
    }

    function test_stale_results_in_a_bundle_change_nothing() public {
        Award[] memory awards = _twoMore(PRICE);
        Submission[] memory bundle = new Submission[](3);
        bundle[0] = _submission(_awardAt(0), 1);
        (bundle[1], bundle[2]) = (_submission(awards[0], 320), _submission(awards[1], 320));
        _pass(600 + 11);
        market.expireAward(sweep, awards[0]);
        uint256 posted = market.awardSlot(bundle[0].award.id);
        _plot(mallory);
        vm.prank(mallory);
        market.commit(sweep, bundle);
        vm.assertEq(market.awardSlot(bundle[0].award.id), posted);
        _assertStatus(awards[0].id, AwardStatus.EXPIRED);
        _assertStatus(awards[1].id, AwardStatus.POSTED);
        vm.assertEq(_holds(awards[0].seller), 1000 ether);
        _assertNotRicher();
    }

    function test_one_result_twice_in_a_bundle_posts_nothing_and_hinders_nobody() public {
        Award[] memory awards = _twoMore(PRICE);
        Submission[] memory good = _submissions(awards);
        Submission[] memory bundle = new Submission[](3);
        (bundle[0], bundle[1], bundle[2]) = (good[0], good[1], good[0]);
        _plot(mallory);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_WrongStatus.selector, awards[0].id, AwardStatus.POSTED
            )
        );
        vm.prank(mallory);
        market.commit(sweep, bundle);
        _postBy(relayer, good);
        vm.assertEq(_settleAll(), 2);
        _assertPaid(awards[0]);
        _assertPaid(awards[1]);
        _assertNotRicher();
    }

    /// @dev Each award is just below the cap.
    function test_a_bundle_above_the_cap_posts_nothing_and_hinders_nobody() public {
        Award[] memory awards = _twoMore(uint128(CAP) / 320);
        Submission[] memory bundle = _submissions(awards);
        _plot(mallory);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_AboveCap.selector,
                _price(awards[0]) + _price(awards[1]),
                CAP
            )
        );
        vm.prank(mallory);
        market.commit(sweep, bundle);
        for (uint256 i; i < 2; ++i) {
            _postBy(relayer, _only(bundle[i]));
            vm.assertEq(_settleAll(), 1);
            _assertPaid(awards[i]);
        }
        _assertNotRicher();
    }

    function test_who_names_itself_as_the_relayer_is_paid_no_tip() public {
        _plot(mallory);
        _pass(15);
        Commit memory forged = _case();
        forged.relayer = mallory;
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_UnknownAward.selector, _awardAt(0).id)
        );
        vm.prank(mallory);
        market.settle(sweep, forged, verdicts);
        vm.assertEq(_settleAll(), 2);
        vm.assertEq(_free(relayer), 2 * uint256(TIP));
        _assertNotRicher();
    }

    function test_an_honest_result_that_is_bundled_with_a_forged_one_is_paid() public {
        _plot(sellers[0], relayer);
        Award memory honest = _awardAt(1);
        uint256 subject = _subjectAt(0, 0, 0);
        SignedVerdict memory refuting = _refutation(sweep, _case(), subject);
        _isConvicted(0, subject);
        _pass(15);
        vm.assertEq(_settleBut(refuting), 1);
        _assertPaid(honest);
        // The relayer has its tip of either award.
        _assertPoorerBy(_bondOf(_awardAt(0)) - 2 * uint256(TIP));
        _assertRefunded(_awardAt(0));
    }
}
