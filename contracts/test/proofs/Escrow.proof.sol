// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../../src/interfaces/ISweepMarket.sol";
import {Bonds} from "../../src/libraries/Bonds.sol";
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
import {MarketProof} from "./Market.sol";

/// @notice The other contracts, answering whatever they like.
contract Answering {
    uint256 public count;
    uint256 public related;
    bytes32 public seed;
    bool public gone;
    address public judge;

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
            seats[i] = judge;
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
    struct Settlement {
        address caller;
        uint256 paid;
        uint256 total;
        uint256 fee;
        uint256 fees;
        uint256 bond;
        uint256 tip;
        uint256 cost;
    }

    Answering private answering;

    function setUp() public override {
        answering = new Answering();
        super.setUp();
        svm.enableSymbolicStorage(address(answering));
    }

    function _parts() internal override returns (ISweepMarket.Parts memory) {
        return ISweepMarket.Parts(address(answering), COURT, address(0x5E), address(answering));
    }

    // --- from an award to its end ---

    function check_expireAward(Sweep calldata sweep, Award calldata award) external {
        _distinct(sweep.buyer, award.seller, address(1));
        (uint256 bond, uint256 tip, uint256 cost) = _sums(sweep, award);
        _watch(sweep.terms.token);
        market.expireAward(sweep, award);
        _unlocks(award.seller, bond, 0);
        _gets(sweep.buyer, cost);
        _moved(sweep.terms.token, cost);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.EXPIRED);
        tip;
    }

    function check_dock(Sweep calldata sweep, Award calldata award, address[2] calldata majority)
        external
    {
        _distinct(majority[0], award.seller, BURN);
        _distinct(majority[1], majority[0], BURN);
        vm.assume(majority[1] != award.seller);
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (majority[0], majority[1]);
        uint256 panel = _panel(sweep.terms.token, award.price);
        uint256 amount = Bonds.sellersPart(uint256(award.price) * award.segments, panel);
        bool docked = market.awardSlot(award.id) & Ids.DOCKED != 0;
        _watch(sweep.terms.token);
        vm.prank(COURT);
        uint256 each = market.dock(sweep, award, payees);
        bool again = each == 0 && (docked || market.awardSlot(award.id) & Ids.DOCKED == 0);
        if (!again) {
            _loses(award.seller, amount);
            _gets(payees[0], each);
            _gets(payees[1], each);
            _gets(BURN, amount - 2 * each);
        }
        _moved(sweep.terms.token, 0);
    }

    function check_slash(
        Sweep calldata sweep,
        Award calldata award,
        address relayer,
        address payee,
        uint256 amount
    ) external {
        _distinct(sweep.buyer, award.seller, relayer);
        _distinct(payee, award.seller, relayer);
        vm.assume(payee != sweep.buyer);
        vm.assume(
            award.seller != BURN && sweep.buyer != BURN && relayer != BURN && payee != BURN
        );
        (uint256 bond, uint256 tip, uint256 cost) = _sums(sweep, award);
        (address[] memory payees, uint256[] memory amounts) = _one(payee, amount);
        _watch(sweep.terms.token);
        vm.prank(COURT);
        market.slash(sweep, award, relayer, payees, amounts);
        _loses(award.seller, bond);
        _gets(sweep.buyer, cost);
        _gets(relayer, tip);
        uint256 left = bond - tip;
        uint256 paid = amount < left ? amount : left;
        _gets(payee, paid);
        _gets(BURN, left - paid);
        _moved(sweep.terms.token, cost);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.SLASHED);
    }

    function check_refund(
        Sweep calldata sweep,
        Award calldata award,
        address relayer,
        address payee,
        uint256 amount
    ) external {
        _distinct(sweep.buyer, award.seller, relayer);
        _distinct(payee, award.seller, relayer);
        vm.assume(payee != sweep.buyer);
        (uint256 bond, uint256 tip, uint256 cost) = _sums(sweep, award);
        (address[] memory payees, uint256[] memory amounts) = _one(payee, amount);
        _watch(sweep.terms.token);
        vm.prank(COURT);
        market.refund(sweep, award, relayer, payees, amounts);
        uint256 fee = Bonds.auditFee(uint256(award.price) * award.segments);
        uint256 paid = amount < fee ? amount : fee;
        _gets(payee, paid);
        _gets(relayer, tip);
        _unlocks(award.seller, bond, 0);
        unchecked {
            _gets(sweep.buyer, cost - tip - paid);
        }
        _moved(sweep.terms.token, cost);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.REFUNDED);
    }

    // --- from a bid to its award and its result ---

    function check_award(Sweep calldata sweep, uint256 amount, uint256 least) external {
        Offer[] memory offers = new Offer[](1);
        _bid(offers[0], sweep);
        vm.assume(offers[0].bid.seller != sweep.buyer);
        Funding memory funding;
        funding.amount = amount;
        vm.assume(sweep.buyer != address(market) && sweep.terms.token == address(0));
        vm.deal(sweep.buyer, amount);
        _watch(address(0));
        vm.prank(sweep.buyer);
        uint256 trials = market.award{value: amount}(sweep, offers, least, funding);

        Award memory award;
        award.price = offers[0].bid.price;
        award.segments = uint32(trials * offers[0].bid.segments);
        uint256 panel = _panel(address(0), award.price);
        _locks(
            offers[0].bid.seller,
            Bonds.bond(award.price, trials * offers[0].bid.segments, sweep.terms.segments, panel)
        );
        uint256 cost = _cost(address(0), award.price, trials * offers[0].bid.segments);
        if (amount > cost) _gets(sweep.buyer, amount - cost);
        else _pays(sweep.buyer, cost - amount);
        unchecked {
            _moved(address(0), 0 - cost);
        }
    }

    function check_commit(Sweep calldata sweep, Award calldata award, bytes32 root, uint32 done)
        external
    {
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = Submission(award, root, done, svm.createBytes(65, "signature"));
        _watch(sweep.terms.token);
        market.commit(sweep, submissions);
        _moved(sweep.terms.token, 0);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.POSTED);
    }

    // --- from a result to its money ---

    function check_settle_whole(Sweep memory sweep, Award memory award, Commit memory commit)
        external
    {
        _settle(sweep, award, commit, 24);
    }

    function check_settle_part(Sweep memory sweep, Award memory award, Commit memory commit)
        external
    {
        _settle(sweep, award, commit, 7);
    }

    /// @dev One trial of 24 segments, so that one judge has one share of one or two items.
    function _settle(Sweep memory sweep, Award memory award, Commit memory commit, uint32 done)
        private
    {
        sweep.terms.segments = 24;
        (award.trials, award.segments) = (1, 24);
        commit.awards = new Posted[](1);
        commit.awards[0] = Posted(award, svm.createBytes32("root"), done);
        SignedVerdict[] memory verdicts = new SignedVerdict[](1);
        verdicts[0].answers = svm.createBytes(1, "answers");
        verdicts[0].signature = svm.createBytes(65, "signature");
        vm.assume(market.awardSlot(award.id) & Ids.MARKED == 0);
        Settlement memory x;
        x.caller = svm.createAddress("caller");
        _strangers(sweep.buyer, award.seller, commit.relayer, x.caller);
        x.paid = uint256(award.price) * done;
        x.total = uint256(award.price) * 24;
        x.fee = Bonds.auditFee(x.paid);
        // `Lemmas` proves these.
        vm.assume(x.total <= type(uint80).max);
        vm.assume(x.fee <= x.paid && Bonds.auditFee(x.total) <= x.total);
        (x.bond, x.tip, x.cost) = _sums(sweep, award);
        _watch(sweep.terms.token);
        vm.prank(x.caller);
        market.settle(sweep, commit, verdicts);

        bool two = done == 24 || uint8(verdicts[0].answers[0]) & 15 != 0;
        if (two) x.fees = x.fee / 2 * 2;
        else x.fees = x.fee;
        _unlocks(award.seller, x.bond, x.paid);
        unchecked {
            _gets(answering.judge(), x.fees);
            _gets(sweep.buyer, done == 24 ? 0 : x.cost - 2 * x.tip - x.paid - x.fee);
            _gets(commit.relayer, x.tip);
            _gets(x.caller, x.tip + x.fee - x.fees);
        }
        _moved(sweep.terms.token, x.cost);
    }

    function check_expirePosted_lost(Sweep calldata sweep, Award calldata award, Commit memory commit)
        external
    {
        _distinct(sweep.buyer, award.seller, commit.relayer);
        commit.awards = new Posted[](1);
        commit.awards[0] = Posted(award, svm.createBytes32("root"), 7);
        vm.assume(answering.seed() == 0);
        (uint256 bond, uint256 tip, uint256 cost) = _sums(sweep, award);
        _watch(sweep.terms.token);
        market.expirePosted(sweep, commit, 0, new SignedVerdict[](0));
        _gets(commit.relayer, tip);
        _unlocks(award.seller, bond, 0);
        unchecked {
            _gets(sweep.buyer, cost - tip);
        }
        _moved(sweep.terms.token, cost);
        assert(Ids.statusOf(market.awardSlot(award.id)) == AwardStatus.REFUNDED);
    }

    // --- what the proofs share ---

    function _distinct(address a, address b, address c) private pure {
        vm.assume(a != b && b != c && a != c);
    }

    function _strangers(address buyer, address seller, address relayer, address caller)
        private
        view
    {
        address judge = answering.judge();
        _distinct(buyer, seller, relayer);
        _distinct(caller, buyer, seller);
        _distinct(judge, buyer, seller);
        _distinct(caller, judge, relayer);
    }

    function _unlocks(address who, uint256 bond, uint256 pay) private {
        _loses(who, bond);
        unchecked {
            _gets(who, bond + pay);
        }
    }

    function _one(address payee, uint256 amount)
        private
        pure
        returns (address[] memory payees, uint256[] memory amounts)
    {
        (payees, amounts) = (new address[](1), new uint256[](1));
        (payees[0], amounts[0]) = (payee, amount);
    }

    function _panel(address token, uint256 price) private view returns (uint256) {
        return Bonds.panelFee(
            market.profile().seats, price, market.tokenTerms(token).panelFloor
        );
    }

    function _cost(address token, uint256 price, uint256 segments) private view returns (uint256) {
        unchecked {
            uint256 total = price * segments;
            return total + Bonds.auditFee(total) + 2 * uint256(market.tokenTerms(token).tip);
        }
    }

    /// @dev An award's bond as it is left, a tip, and what its buyer paid.
    function _sums(Sweep memory sweep, Award memory award)
        private
        view
        returns (uint256 bond, uint256 tip, uint256 cost)
    {
        address token = sweep.terms.token;
        TokenTerms memory terms = market.tokenTerms(token);
        tip = terms.tip;
        uint256 panel = _panel(token, award.price);
        bond = Bonds.bond(award.price, award.segments, sweep.terms.segments, panel);
        if (market.awardSlot(award.id) & Ids.DOCKED != 0) {
            unchecked {
                bond -= Bonds.sellersPart(uint256(award.price) * award.segments, panel);
            }
        }
        cost = _cost(token, award.price, award.segments);
    }

    function _bid(Offer memory offer, Sweep memory sweep) private view {
        offer.bid.sweepId = svm.createBytes32("sweepId");
        offer.bid.seller = svm.createAddress("seller");
        offer.bid.trials = svm.createBytes(8, "trials");
        offer.bid.segments = uint16(svm.createUint(16, "segments"));
        offer.bid.price = uint128(svm.createUint(128, "price"));
        offer.bid.deadline = uint40(svm.createUint(40, "deadline"));
        offer.bid.expiry = uint40(svm.createUint(40, "expiry"));
        offer.bid.nonce = uint32(svm.createUint(32, "nonce"));
        offer.signature = svm.createBytes(65, "signature");
        sweep;
    }
}
