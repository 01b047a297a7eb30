// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuditCourt} from "../src/AuditCourt.sol";
import {BlockhashRandomness} from "../src/BlockhashRandomness.sol";
import {SweepMarket} from "../src/SweepMarket.sol";
import {ValidatorSet} from "../src/ValidatorSet.sol";
import {
    AwardStatus,
    Award,
    Bid,
    Commit,
    Docket,
    Funding,
    Listing,
    Offer,
    PermitSig,
    Posted,
    Profile,
    SignedVerdict,
    SignedVote,
    Submission,
    Sweep,
    Terms
} from "../src/types/Types.sol";
import {Base} from "./Base.t.sol";
import {PermitToken} from "./PermitToken.sol";

/// @notice A deployed market with its actors, and one sweep led through its life step by step.
/// @dev Hashes are written out here a second time, in plain `abi.encode`, so that every signed message
/// checks the contracts' own.
abstract contract Fixture is Base {
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;
    address internal constant NATIVE = address(0);

    uint88 internal constant TIP = 0.0001 ether;
    uint80 internal constant PANEL_FLOOR = 0.001 ether;
    uint88 internal constant CAP = 5 ether;
    uint96 internal constant LEAST_PRICE = 1000;
    uint80 internal constant LEAST_BOND = 10 ether;
    uint40 internal constant EPOCH = 5;
    uint40 internal constant UNBONDING = 1800;
    uint16 internal constant S = 32;
    uint32 internal constant VERDICT_TIME = 120;
    uint128 internal constant PRICE = 0.00001 ether;

    SweepMarket internal market;
    ValidatorSet internal validators;
    AuditCourt internal court;
    BlockhashRandomness internal randomness;
    PermitToken internal dollar;

    address internal buyer;
    address internal relayer;
    address[] internal sellers;
    address[] internal judges;
    mapping(address who => uint256 key) internal keyOf;

    /// @dev Own clock and height: the optimiser may read `block.timestamp` once for a whole test.
    uint256 internal nowTime = 1_800_000_000;
    uint256 internal height = 1000;

    function setUp() public virtual {
        vm.warp(nowTime);
        _mine(1);
        _deploy(demo());
        buyer = _actor("buyer");
        relayer = _actor("relayer");
        for (uint256 i; i < 6; ++i) {
            sellers.push(_actor(string.concat("seller", vm.toString(i))));
        }
        for (uint256 i; i < 12; ++i) {
            judges.push(_actor(string.concat("judge", vm.toString(i))));
        }
        for (uint256 i; i < judges.length; ++i) {
            _bondValidator(judges[i], LEAST_BOND, 24);
        }
        for (uint256 i; i < sellers.length; ++i) {
            _deposit(sellers[i], NATIVE, 10 ether);
        }
        _pass(EPOCH);
    }

    function demo() internal pure returns (Profile memory) {
        return Profile({
            drawDelay: 2,
            windowLeast: 15,
            windowVerdictBps: 0,
            verdictTimeLeast: 120,
            verdictTimeMost: 120,
            panelTime: 120,
            grace: 10,
            leastValidators: 5,
            seats: 3,
            quorum: 2
        });
    }

    function production() internal pure returns (Profile memory) {
        return Profile({
            drawDelay: 2,
            windowLeast: 2 hours,
            windowVerdictBps: 10_000,
            verdictTimeLeast: 1 hours,
            verdictTimeMost: 24 hours,
            panelTime: 24 hours,
            grace: 1 hours,
            leastValidators: 8,
            seats: 7,
            quorum: 4
        });
    }

    function _deploy(Profile memory profile) internal {
        dollar = new PermitToken();
        randomness = new BlockhashRandomness();
        uint256 nonce = vm.getNonce(address(this));
        address courtAt = vm.computeCreateAddress(address(this), nonce + 2);
        validators = new ValidatorSet(courtAt, LEAST_BOND, EPOCH, UNBONDING);
        market = new SweepMarket(
            address(validators), courtAt, address(randomness), profile, _listings()
        );
        court = new AuditCourt(address(market), address(validators), address(randomness), profile);
        vm.assertEq(address(court), courtAt);
    }

    function _listings() internal view returns (Listing[] memory listings) {
        listings = new Listing[](2);
        listings[0] = Listing(NATIVE, TIP, PANEL_FLOOR, CAP, LEAST_PRICE);
        listings[1] = Listing(address(dollar), 10_000, 100_000, 1e9, 10);
    }

    // --- time ---

    function _pass(uint256 time) internal {
        nowTime += time;
        vm.warp(nowTime);
        _mine(1);
    }

    function _mine(uint256 blocks) internal {
        for (uint256 i; i < blocks; ++i) {
            ++height;
            vm.roll(height);
            vm.setBlockhash(height - 1, keccak256(abi.encode("block", height - 1)));
        }
    }

    // --- actors ---

    function _actor(string memory name) internal returns (address who) {
        uint256 key = uint256(keccak256(bytes(name)));
        who = vm.addr(key);
        keyOf[who] = key;
        vm.label(who, name);
        vm.deal(who, 1000 ether);
    }

    function _sign(address who, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[who], digest);
        return abi.encodePacked(r, s, v);
    }

    function _bondValidator(address who, uint256 amount, uint16 vramGib) internal {
        vm.prank(who);
        validators.bond{value: amount}(vramGib);
    }

    function _deposit(address who, address token, uint256 amount) internal {
        if (token == NATIVE) {
            vm.prank(who);
            market.deposit{value: amount}(token, who, amount);
        } else {
            dollar.mint(who, amount);
            vm.prank(who);
            dollar.approve(address(market), amount);
            vm.prank(who);
            market.deposit(token, who, amount);
        }
    }

    function _free(address who) internal view returns (uint256 free) {
        (free,,) = market.account(who, NATIVE);
    }

    function _locked(address who) internal view returns (uint256 locked) {
        (, locked,) = market.account(who, NATIVE);
    }

    function _status(bytes32 awardId) internal view returns (AwardStatus) {
        return AwardStatus(market.awardSlot(awardId) >> 248);
    }

    function _assertStatus(bytes32 awardId, AwardStatus status) internal view {
        vm.assertEq(uint256(_status(awardId)), uint256(status));
    }

    // --- messages ---

    function _digest(address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("compute-swarm"),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _bidId(Bid memory bid) internal view returns (bytes32) {
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
        return _digest(address(market), keccak256(bytes.concat(head, tail)));
    }

    function _resultDigest(bytes32 awardId, bytes32 root, uint32 done)
        internal
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256("Result(bytes32 awardId,bytes32 root,uint32 done)");
        return _digest(address(market), keccak256(abi.encode(kind, awardId, root, done)));
    }

    function _verdictHash(bytes32 commitId, SignedVerdict memory verdict)
        internal
        pure
        returns (bytes32)
    {
        bytes32 kind =
            keccak256("Verdict(bytes32 commitId,uint8 share,bytes answers,bytes32 evidence)");
        return keccak256(
            abi.encode(kind, commitId, verdict.share, keccak256(verdict.answers), verdict.evidence)
        );
    }

    function _voteDigest(bytes32 disputeId, bool upheld) internal view returns (bytes32) {
        bytes32 kind = keccak256("Vote(bytes32 disputeId,bool upheld)");
        return _digest(address(court), keccak256(abi.encode(kind, disputeId, upheld)));
    }

    function _sweepId(Sweep memory sweep) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(market), sweep));
    }

    function _draw(bytes32 seed, uint256 tag, bytes32 a, uint256 b)
        internal
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode(seed, tag, a, b)));
    }

    // --- a sweep's life ---

    function _sweep() internal view returns (Sweep memory) {
        return _sweepIn(NATIVE);
    }

    function _sweepIn(address token) internal view returns (Sweep memory) {
        return Sweep(buyer, keccak256("spec"), Terms(token, S, VERDICT_TIME, 16));
    }

    function _trials(uint256 first, uint256 count) internal pure returns (bytes memory list) {
        list = new bytes(4 * count);
        for (uint256 i; i < count; ++i) {
            uint256 key = (first + i) << 8;
            for (uint256 b; b < 4; ++b) {
                list[4 * i + b] = bytes1(uint8(key >> (24 - 8 * b)));
            }
        }
    }

    function _bid(Sweep memory sweep, address seller, uint256 first, uint256 count)
        internal
        view
        returns (Bid memory bid)
    {
        bid.sweepId = _sweepId(sweep);
        bid.seller = seller;
        bid.trials = _trials(first, count);
        bid.segments = sweep.terms.segments;
        bid.price = sweep.terms.token == NATIVE ? PRICE : 100;
        bid.deadline = uint40(nowTime + 3600);
        bid.expiry = uint40(nowTime + 600);
        (,, bid.nonce) = market.account(seller, sweep.terms.token);
    }

    function _offer(Bid memory bid) internal view returns (Offer memory) {
        return Offer(bid, _sign(bid.seller, _bidId(bid)));
    }

    /// @dev The trials are dealt evenly to the first sellers.
    function _offers(Sweep memory sweep, uint256 trials, uint256 count)
        internal
        view
        returns (Offer[] memory offers)
    {
        offers = new Offer[](count);
        uint256 each = trials / count;
        for (uint256 i; i < count; ++i) {
            offers[i] = _offer(_bid(sweep, sellers[i], i * each, each));
        }
    }

    function _only(Offer memory offer) internal pure returns (Offer[] memory offers) {
        offers = new Offer[](1);
        offers[0] = offer;
    }

    function _awardOf(Bid memory bid) internal view returns (Award memory) {
        uint32 count = uint32(bid.trials.length / 4);
        return Award(_bidId(bid), bid.seller, count, count * bid.segments, bid.price, bid.deadline);
    }

    function _price(Award memory award) internal pure returns (uint256) {
        return uint256(award.price) * award.segments;
    }

    function _fee(uint256 price) internal pure returns (uint256) {
        return (price * 8 + 99) / 100;
    }

    function _cost(Award memory award) internal pure returns (uint256) {
        return _price(award) + _fee(_price(award)) + 2 * uint256(TIP);
    }

    function _bondOf(Award memory award) internal pure returns (uint256 bond) {
        uint256 panel = 6 * uint256(award.price);
        if (panel < PANEL_FLOOR) panel = PANEL_FLOOR;
        bond = 2 * uint256(award.price) * S;
        if ((_price(award) + 3) / 4 > bond) bond = (_price(award) + 3) / 4;
        if (2 * panel > bond) bond = 2 * panel;
    }

    function _cost(Offer[] memory offers) internal view returns (uint256 cost) {
        for (uint256 i; i < offers.length; ++i) {
            cost += _cost(_awardOf(offers[i].bid));
        }
    }

    function _noPermit(uint256 amount) internal pure returns (Funding memory) {
        return Funding(amount, PermitSig(0, 0, 0, 0));
    }

    /// @dev The buyer pays the exact cost with the transaction.
    function _award(Sweep memory sweep, Offer[] memory offers)
        internal
        returns (Award[] memory awards)
    {
        uint256 cost = _cost(offers);
        vm.prank(buyer);
        market.award{value: cost}(sweep, offers, 0, _noPermit(cost));
        awards = new Award[](offers.length);
        for (uint256 i; i < offers.length; ++i) {
            awards[i] = _awardOf(offers[i].bid);
        }
    }

    function _submission(Award memory award, uint32 done)
        internal
        view
        returns (Submission memory)
    {
        bytes32 root = keccak256(abi.encode("root", award.id));
        bytes32 digest = _resultDigest(award.id, root, done);
        return Submission(award, root, done, _sign(award.seller, digest));
    }

    function _submissions(Award[] memory awards) internal view returns (Submission[] memory list) {
        list = new Submission[](awards.length);
        for (uint256 i; i < awards.length; ++i) {
            list[i] = _submission(awards[i], awards[i].segments);
        }
    }

    function _commit(Sweep memory sweep, Submission[] memory submissions)
        internal
        returns (Commit memory commit)
    {
        vm.prank(relayer);
        market.commit(sweep, submissions);
        commit.blockNumber = height;
        commit.awards = new Posted[](submissions.length);
        for (uint256 i; i < submissions.length; ++i) {
            Submission memory submission = submissions[i];
            commit.awards[i] = Posted(submission.award, submission.root, submission.done);
        }
    }

    /// @dev Awards and commits everything, and waits until the seed is known.
    function _posted(uint256 trials, uint256 count)
        internal
        returns (Sweep memory sweep, Commit memory commit)
    {
        sweep = _sweep();
        Award[] memory awards = _award(sweep, _offers(sweep, trials, count));
        _pass(60);
        commit = _commit(sweep, _submissions(awards));
        _mine(3);
    }

    function _answers(uint256 count, uint8 nibble) internal pure returns (bytes memory list) {
        list = new bytes((count + 1) / 2);
        for (uint256 i; i < count; ++i) {
            _setAnswer(list, i, nibble);
        }
    }

    function _setAnswer(bytes memory list, uint256 place, uint8 nibble) internal pure {
        uint8 pair = uint8(list[place / 2]);
        list[place / 2] =
            bytes1(place % 2 == 0 ? (pair & 0x0f) | (nibble << 4) : (pair & 0xf0) | nibble);
    }

    function _shareSize(Docket memory d, uint256 share) internal pure returns (uint256) {
        uint256 items = d.ends[d.ends.length - 1];
        return items / d.shares + (items % d.shares > share ? 1 : 0);
    }

    function _verdict(
        Sweep memory sweep,
        Commit memory commit,
        Docket memory d,
        uint8 share,
        bytes memory answers
    ) internal view returns (SignedVerdict memory verdict) {
        verdict = SignedVerdict(share, answers, keccak256(abi.encode("evidence", share)), "");
        bytes32 digest = _digest(address(court), _verdictHash(d.commitId, verdict));
        verdict.signature = _sign(court.judgeOf(sweep, commit, share), digest);
    }

    /// @dev Every share upheld on every item.
    function _verdicts(Sweep memory sweep, Commit memory commit)
        internal
        view
        returns (SignedVerdict[] memory verdicts)
    {
        Docket memory d = market.docket(sweep, commit);
        verdicts = new SignedVerdict[](d.shares);
        for (uint8 share; share < d.shares; ++share) {
            bytes memory answers = _answers(_shareSize(d, share), 5);
            verdicts[share] = _verdict(sweep, commit, d, share, answers);
        }
    }

    /// @dev The verdict of the item's share that refutes this item and upholds all others.
    function _refutation(Sweep memory sweep, Commit memory commit, uint256 item)
        internal
        view
        returns (SignedVerdict memory)
    {
        Docket memory d = market.docket(sweep, commit);
        uint8 share = uint8(item % d.shares);
        bytes memory answers = _answers(_shareSize(d, share), 5);
        _setAnswer(answers, item / d.shares, 3);
        return _verdict(sweep, commit, d, share, answers);
    }

    /// @dev The verdict of the item's share that could not get this item and upholds all others.
    function _withheld(Sweep memory sweep, Commit memory commit, uint256 item)
        internal
        view
        returns (SignedVerdict memory)
    {
        Docket memory d = market.docket(sweep, commit);
        uint8 share = uint8(item % d.shares);
        bytes memory answers = _answers(_shareSize(d, share), 5);
        _setAnswer(answers, item / d.shares, 0);
        return _verdict(sweep, commit, d, share, answers);
    }

    function _disputeId(bytes32 commitId, bytes32 awardId, uint256 item)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(commitId, awardId, item));
    }

    /// @dev Votes of all who sit on the panel, each once.
    function _votes(address[] memory seats, bytes32 disputeId, bool upheld)
        internal
        view
        returns (SignedVote[] memory votes)
    {
        votes = new SignedVote[](seats.length);
        for (uint256 i; i < seats.length; ++i) {
            bytes memory signature = _sign(seats[i], _voteDigest(disputeId, upheld));
            votes[i] = SignedVote(seats[i], upheld, signature);
        }
    }
}
