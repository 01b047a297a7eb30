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
    Sweep
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
    struct Sums {
        uint256 tip;
        uint256 cost;
        uint256 bond;
        uint256 paid;
        uint256 fee;
        uint256 fees;
        address caller;
    }

    Answering private answering;

    function setUp() public override {
        answering = new Answering();
        super.setUp();
        svm.enableSymbolicStorage(address(answering));
    }

    function _parts() internal view override returns (ISweepMarket.Parts memory) {
        return ISweepMarket.Parts(address(answering), COURT, address(0x5E), address(answering));
    }

    // --- from an award to its end ---

    function check_expireAward(Sweep memory sweep, Award memory award) external {
        Sums memory x = _open(sweep, award, address(1), address(2));
        market.expireAward(sweep, award);
        _ended(x, award);
        _unlocks(award.seller, x.bond, 0);
        _gets(sweep.buyer, x.cost);
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.EXPIRED);
    }

    function check_dock(Sweep memory sweep, Award memory award, address judge) external {
        address[] memory payees = new address[](1);
        payees[0] = judge;
        Sums memory x = _open(sweep, award, judge, BURN);
        vm.prank(COURT);
        uint256 each = market.dock(sweep, award, payees);
        _ended(x, award);
        _loses(award.seller, x.bond);
        _gets(judge, each);
        unchecked {
            _gets(BURN, x.bond - each);
        }
        _moved(address(coin), 0);
    }

    function check_slash(Sweep memory sweep, Award memory award, address relayer) external {
        Sums memory x = _open(sweep, award, relayer, BURN);
        vm.prank(COURT);
        market.slash(sweep, award, relayer, new address[](0), new uint256[](0));
        _ended(x, award);
        _loses(award.seller, x.bond);
        _gets(sweep.buyer, x.cost);
        _gets(relayer, x.tip);
        _gets(BURN, x.bond - x.tip);
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.SLASHED);
    }

    function check_refund(
        Sweep memory sweep,
        Award memory award,
        address relayer,
        address payee,
        uint256 amount
    ) external {
        (address[] memory payees, uint256[] memory amounts) = _one(payee, amount);
        Sums memory x = _open(sweep, award, relayer, payee);
        vm.prank(COURT);
        market.refund(sweep, award, relayer, payees, amounts);
        _ended(x, award);
        uint256 fee = Bonds.auditFee(uint256(award.price) * award.segments);
        uint256 paid = amount < fee ? amount : fee;
        _gets(payee, paid);
        _gets(relayer, x.tip);
        _unlocks(award.seller, x.bond, 0);
        unchecked {
            _gets(sweep.buyer, x.cost - x.tip - paid);
        }
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.REFUNDED);
    }

    // --- from a bid to its award and its result ---

    function check_award(Sweep memory sweep, uint256 amount, uint256 least) external {
        Offer[] memory offers = new Offer[](1);
        _bid(offers[0]);
        Award memory award;
        (award.seller, award.price) = (offers[0].bid.seller, offers[0].bid.price);
        vm.assume(sweep.buyer != address(market));
        Funding memory funding;
        funding.amount = amount;
        Sums memory x = _open(sweep, award, address(1), address(2));
        vm.prank(sweep.buyer);
        uint256 trials = market.award(sweep, offers, least, funding);
        _ended(x, award);
        unchecked {
            _locks(award.seller, 0 - x.bond);
            x.cost = _cost(award.price, trials * offers[0].bid.segments);
            if (amount > x.cost) _gets(sweep.buyer, amount - x.cost);
            else _pays(sweep.buyer, x.cost - amount);
            _moved(address(coin), 0 - x.cost);
        }
    }

    function check_commit(Sweep memory sweep, Award memory award, bytes32 root, uint32 done)
        external
    {
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = Submission(award, root, done, svm.createBytes(65, "signature"));
        _open(sweep, award, address(1), address(2));
        market.commit(sweep, submissions);
        _moved(address(coin), 0);
        _became(award, AwardStatus.POSTED);
    }

    // --- from a result to its money ---

    function check_settle_whole(Sweep memory sweep, Award memory award, address relayer) external {
        _settle(sweep, award, relayer, 24);
    }

    function check_settle_part(Sweep memory sweep, Award memory award, address relayer) external {
        _settle(sweep, award, relayer, 7);
    }

    /// @dev One trial of 24 segments, so that one judge has one share of one or two items. `BondsProof` proves what is
    /// said about fees.
    function _settle(Sweep memory sweep, Award memory award, address relayer, uint32 done) private {
        sweep.terms.segments = 24;
        (award.trials, award.segments) = (1, 24);
        Commit memory commit = _commit(award, relayer, done);
        SignedVerdict[] memory verdicts = new SignedVerdict[](1);
        verdicts[0].answers = svm.createBytes(1, "answers");
        verdicts[0].signature = svm.createBytes(65, "signature");
        vm.assume(market.awardSlot(award.id) & Ids.MARKED == 0);
        address caller = svm.createAddress("caller");
        vm.assume(answering.judge() == relayer);
        Sums memory x = _open(sweep, award, relayer, caller);
        (x.paid, x.caller) = (uint256(award.price) * done, caller);
        x.fee = Bonds.auditFee(x.paid);
        vm.assume(x.paid <= type(uint80).max && x.fee <= x.paid);
        vm.prank(caller);
        market.settle(sweep, commit, verdicts);
        _ended(x, award);
        _settled(sweep, award, relayer, verdicts[0], x, done);
    }

    function _settled(
        Sweep memory sweep,
        Award memory award,
        address relayer,
        SignedVerdict memory verdict,
        Sums memory x,
        uint256 done
    ) private {
        bool two = done == 24 || uint8(verdict.answers[0]) & 15 != 0;
        x.fees = two ? x.fee / 2 * 2 : x.fee;
        unchecked {
            _unlocks(award.seller, x.bond, x.paid);
            _gets(answering.judge(), x.fees);
            if (done != 24) _gets(sweep.buyer, x.cost - 2 * x.tip - x.paid - x.fee);
            _gets(relayer, x.tip);
            _gets(x.caller, x.tip + x.fee - x.fees);
        }
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.SETTLED);
    }

    function check_expirePosted_without_a_seed(
        Sweep memory sweep,
        Award memory award,
        address relayer
    ) external {
        Commit memory commit = _commit(award, relayer, 7);
        vm.assume(answering.seed() == 0);
        Sums memory x = _open(sweep, award, relayer, address(1));
        market.expirePosted(sweep, commit, 0, new SignedVerdict[](0));
        _ended(x, award);
        _gets(relayer, x.tip);
        _unlocks(award.seller, x.bond, 0);
        unchecked {
            _gets(sweep.buyer, x.cost - x.tip);
        }
        _moved(address(coin), x.cost);
        _became(award, AwardStatus.REFUNDED);
    }

    // --- what the proofs share ---

    function _became(Award memory award, AwardStatus status) private view {
        assert(Ids.statusOf(market.awardSlot(award.id)) == status);
    }

    function _commit(Award memory award, address relayer, uint32 done)
        private
        pure
        returns (Commit memory commit)
    {
        commit.blockNumber = svm.createUint256("blockNumber");
        commit.time = svm.createUint256("time");
        commit.relayer = relayer;
        commit.awards = new Posted[](1);
        commit.awards[0] = Posted(award, svm.createBytes32("root"), done);
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

    function _cost(uint256 price, uint256 segments) private view returns (uint256) {
        unchecked {
            uint256 total = price * segments;
            return total + Bonds.auditFee(total) + 2 * uint256(market.tokenTerms(address(coin)).tip);
        }
    }

    /// @dev An award's token, of any terms; a tip; what its buyer paid; and what its seller has locked.
    function _open(Sweep memory sweep, Award memory award, address third, address fourth)
        private
        returns (Sums memory x)
    {
        sweep.terms.token = address(coin);
        x.tip = market.tokenTerms(address(coin)).tip;
        x.cost = _cost(award.price, award.segments);
        (, x.bond,) = market.account(award.seller, address(coin));
        _watch(address(coin), [award.seller, sweep.buyer, third, fourth]);
    }

    /// @dev Sets the bond: what its seller has not locked any more.
    function _ended(Sums memory x, Award memory award) private view {
        (, uint256 locked,) = market.account(award.seller, address(coin));
        unchecked {
            x.bond -= locked;
        }
    }

    function _bid(Offer memory offer) private pure {
        offer.bid.sweepId = svm.createBytes32("sweepId");
        offer.bid.seller = svm.createAddress("seller");
        offer.bid.trials = svm.createBytes(8, "trials");
        offer.bid.segments = uint16(svm.createUint(16, "segments"));
        offer.bid.price = uint128(svm.createUint(128, "price"));
        offer.bid.deadline = uint40(svm.createUint(40, "deadline"));
        offer.bid.expiry = uint40(svm.createUint(40, "expiry"));
        offer.bid.nonce = uint32(svm.createUint(32, "nonce"));
        offer.signature = svm.createBytes(65, "signature");
    }
}
