// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISweepMarket} from "../../src/interfaces/ISweepMarket.sol";
import {Ids} from "../../src/libraries/Ids.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Funding,
    Offer,
    Posted,
    SignedVerdict,
    Submission,
    Sweep,
    TokenTerms
} from "../../src/types/Types.sol";
import {Bonds} from "./AnyBonds.sol";
import {MarketProof} from "./Market.sol";

/// @notice The other contracts, answering whatever they like.
contract Answering {
    uint256 public count;
    uint256 public related;
    bytes32 public seed;
    bool public gone;
    address[2] public judges;

    function appoint(address[2] calldata judges_) external {
        judges = judges_;
    }

    function eligible(uint256, uint16, address[] calldata)
        external
        view
        returns (uint256, uint256, uint256)
    {
        return (count, 0, related);
    }

    function pick(uint256, uint16, address[] calldata, uint256[] calldata draws)
        external
        view
        returns (address[] memory seats)
    {
        seats = new address[](draws.length);
        for (uint256 i; i < seats.length; ++i) {
            seats[i] = judges[i];
        }
    }

    function entropy(uint256, uint256) external view returns (bytes32) {
        return seed;
    }

    function lost(uint256, uint256) external view returns (bool) {
        return gone;
    }
}

contract EscrowProof is MarketProof {
    /// @dev What an award put up.
    struct Stakes {
        uint256 tip;
        uint256 cost;
        uint256 total;
        uint256 fee;
        uint256 panel;
        uint256 bond;
    }

    Answering private answering;

    function setUp() public override {
        answering = new Answering();
        super.setUp();
        svm.enableSymbolicStorage(address(answering));
        vm.warp(svm.createUint(40, "now"));
    }

    function _parts() internal view override returns (ISweepMarket.Parts memory) {
        return ISweepMarket.Parts(address(answering), COURT, SESSIONS, address(answering));
    }

    // --- from a bid to its award ---

    function check_award(Sweep memory sweep, uint256 least, uint256 amount) external {
        (Offer[] memory offers, Funding memory funding) = _bid(sweep, amount);
        sweep.terms.token = address(coin);
        _watch(address(coin));
        vm.prank(sweep.buyer);
        uint256 trials = market.award(sweep, offers, least, funding);
        _awarded(sweep, offers[0], trials, amount);
    }

    function check_award_native(Sweep memory sweep, uint256 least, uint256 amount) external {
        (Offer[] memory offers, Funding memory funding) = _bid(sweep, amount);
        sweep.terms.token = address(0);
        vm.deal(sweep.buyer, amount);
        _watch(address(0));
        vm.prank(sweep.buyer);
        uint256 trials = market.award{value: amount}(sweep, offers, least, funding);
        _awarded(sweep, offers[0], trials, amount);
    }

    function _bid(Sweep memory sweep, uint256 amount)
        private
        pure
        returns (Offer[] memory offers, Funding memory funding)
    {
        sweep.buyer = _party("buyer");
        funding.amount = amount;
        offers = new Offer[](1);
        Offer memory offer = offers[0];
        offer.bid.sweepId = svm.createBytes32("sweepId");
        offer.bid.seller = _party("seller");
        offer.bid.trials = svm.createBytes(8, "trials");
        offer.bid.first = uint16(svm.createUint(16, "first"));
        offer.bid.segments = uint16(svm.createUint(16, "segments"));
        offer.bid.price = uint128(svm.createUint(128, "price"));
        offer.bid.start = svm.createBytes32("start");
        offer.bid.deadline = uint40(svm.createUint(40, "deadline"));
        offer.bid.expiry = uint40(svm.createUint(40, "expiry"));
        offer.bid.nonce = uint32(svm.createUint(32, "nonce"));
        offer.signature = svm.createBytes(65, "signature");
    }

    /// @dev The bond is locked, and the buyer pays what it did not bring, or has back what it brought too much.
    function _awarded(Sweep memory sweep, Offer memory offer, uint256 trials, uint256 brought)
        private
    {
        Award memory award;
        (award.seller, award.price) = (offer.bid.seller, offer.bid.price);
        Stakes memory x =
            _stakes(sweep, award.price, trials * offer.bid.segments, false);
        _locks(award.seller, x.bond);
        _gets(sweep.buyer, _less(brought, x.cost));
        _moved(sweep.terms.token, _less(0, x.cost));
    }

    // --- from an award to its end ---

    function check_commit(Sweep memory sweep, Award memory award, bytes32 root, uint32 done)
        external
    {
        sweep.terms.token = address(coin);
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = Submission(award, root, done, svm.createBytes(65, "signature"));
        _watch(address(coin), [award.seller, sweep.buyer, address(1), address(2)]);
        market.commit(sweep, submissions);
        _moved(address(coin), 0);
        _became(award, AwardStatus.POSTED);
    }

    function check_expireAward(Sweep memory sweep, Award memory award) external {
        bool docked = _open(sweep, award);
        market.expireAward(sweep, award);
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        _unlocks(award.seller, x.bond);
        _gets(sweep.buyer, x.cost);
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.EXPIRED);
    }

    function check_slash(Sweep memory sweep, Award memory award, uint256 amount) external {
        bool docked = _open(sweep, award);
        address relayer = _party("relayer");
        (address[] memory payees, uint256[] memory amounts) = _one(_party("payee"), amount);
        vm.prank(COURT);
        uint256 bond = market.slash(sweep, award, relayer, payees, amounts);
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        assert(bond == x.bond);
        _loses(award.seller, bond);
        _gets(sweep.buyer, x.cost);
        _gets(relayer, x.tip);
        uint256 rest = _less(bond, x.tip);
        uint256 paid = Math.min(amount, rest);
        _gets(payees[0], paid);
        _gets(BURN, _less(rest, paid));
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.SLASHED);
    }

    function check_refund(Sweep memory sweep, Award memory award, uint256 amount) external {
        bool docked = _open(sweep, award);
        address relayer = _party("relayer");
        (address[] memory payees, uint256[] memory amounts) = _one(_party("payee"), amount);
        vm.prank(COURT);
        market.refund(sweep, award, relayer, payees, amounts);
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        uint256 paid = Math.min(amount, x.fee);
        _gets(payees[0], paid);
        _gets(relayer, x.tip);
        _unlocks(award.seller, x.bond);
        _gets(sweep.buyer, _less(x.cost, x.tip + paid));
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.REFUNDED);
    }

    function check_dock(Sweep memory sweep, Award memory award) external {
        bool docked = _open(sweep, award);
        address[] memory payees = new address[](1);
        payees[0] = _party("payee");
        AwardStatus before = Ids.statusOf(market.awardSlot(award.id));
        vm.prank(COURT);
        uint256 each = market.dock(sweep, award, payees);
        _became(award, before);
        if (docked || before != AwardStatus.POSTED && before != AwardStatus.DISPUTED) {
            assert(each == 0);
            _moved(address(coin), 0);
            return;
        }
        Stakes memory x = _stakes(sweep, award.price, award.segments, false);
        uint256 part = Bonds.sellersPart(x.total, x.panel);
        assert(each == x.panel / 2);
        _loses(award.seller, part);
        _gets(payees[0], each);
        _gets(BURN, _less(part, each));
        _moved(address(coin), 0);
        assert(market.awardSlot(award.id) & Ids.DOCKED != 0);
    }

    // --- from a result to its money ---

    function check_settle_whole(Sweep memory sweep, Award memory award) external {
        _settle(sweep, award, 24, 2);
    }

    /// @dev One trial of 24 segments, so that one judge has one share of one or two items, all of which it upholds.
    function _settle(Sweep memory sweep, Award memory award, uint32 done, uint256 answers)
        private
    {
        sweep.terms.segments = 24;
        (award.trials, award.segments) = (1, 24);
        bool docked = _open(sweep, award);
        vm.assume(market.awardSlot(award.id) & Ids.MARKED == 0);
        Commit memory commit = _commit(award, done);
        address judge = _party("judge");
        answering.appoint([judge, judge]);
        address caller = _party("caller");
        SignedVerdict[] memory verdicts = new SignedVerdict[](1);
        verdicts[0].answers = hex"ff";
        verdicts[0].signature = svm.createBytes(65, "signature");
        uint256 paid = uint256(award.price) * done;
        uint256 fee = Bonds.auditFee(paid);
        // By the cap; `BondsProof` has the other.
        vm.assume(paid <= type(uint80).max && fee <= paid);
        vm.prank(caller);
        market.settle(sweep, commit, verdicts);
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        uint256 fees = fee / answers * answers;
        unchecked {
            _loses(award.seller, x.bond);
            _gets(award.seller, x.bond + paid);
            _gets(judge, fees);
            _gets(sweep.buyer, x.total + x.fee - paid - fee);
            _gets(commit.relayer, x.tip);
            _gets(caller, x.tip + fee - fees);
        }
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.SETTLED);
    }

    function check_expirePosted_without_a_seed(Sweep memory sweep, Award memory award) external {
        sweep.terms.segments = 24;
        (award.trials, award.segments) = (1, 24);
        bool docked = _open(sweep, award);
        Commit memory commit = _commit(award, 7);
        vm.assume(answering.seed() == 0);
        market.expirePosted(sweep, commit, 0, new SignedVerdict[](0));
        Stakes memory x = _stakes(sweep, award.price, award.segments, docked);
        _gets(commit.relayer, x.tip);
        _unlocks(award.seller, x.bond);
        _gets(sweep.buyer, _less(x.cost, x.tip));
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.REFUNDED);
    }

    function _commit(Award memory award, uint32 done)
        private
        pure
        returns (Commit memory commit)
    {
        commit.blockNumber = svm.createUint256("blockNumber");
        commit.time = svm.createUint256("time");
        commit.relayer = _party("relayer");
        commit.awards = new Posted[](1);
        commit.awards[0] = Posted(award, svm.createBytes32("root"), done);
    }

    // --- what the proofs share ---

    /// @dev An award's token, of any terms, and its parties. Returns whether its bond was docked.
    function _open(Sweep memory sweep, Award memory award) private returns (bool docked) {
        sweep.terms.token = address(coin);
        sweep.buyer = _party("buyer");
        award.seller = _party("seller");
        docked = market.awardSlot(award.id) & Ids.DOCKED != 0;
        _watch(address(coin));
    }

    /// @dev Worked out after the market did, whose branches it then repeats.
    function _stakes(Sweep memory sweep, uint256 price, uint256 segments, bool docked)
        private
        view
        returns (Stakes memory x)
    {
        TokenTerms memory terms = market.tokenTerms(sweep.terms.token);
        x.tip = terms.tip;
        unchecked {
            x.total = price * segments;
            x.fee = Bonds.auditFee(x.total);
            x.cost = x.total + x.fee + 2 * x.tip;
        }
        x.panel = Bonds.panelFee(seats, price, terms.panelFloor);
        x.bond = Bonds.bond(price, segments, sweep.terms.segments, x.panel);
        if (docked) x.bond = _less(x.bond, Bonds.sellersPart(x.total, x.panel));
    }

    function _became(Award memory award, AwardStatus status) private view {
        assert(Ids.statusOf(market.awardSlot(award.id)) == status);
    }

    function _unlocks(address who, uint256 bond) private {
        _loses(who, bond);
        _gets(who, bond);
    }

    function _one(address payee, uint256 amount)
        private
        pure
        returns (address[] memory payees, uint256[] memory amounts)
    {
        (payees, amounts) = (new address[](1), new uint256[](1));
        (payees[0], amounts[0]) = (payee, amount);
    }
}
