// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuditCourt} from "../src/AuditCourt.sol";
import {BlockhashRandomness} from "../src/BlockhashRandomness.sol";
import {Oversight} from "../src/Oversight.sol";
import {SpendSessions} from "../src/SpendSessions.sol";
import {SweepMarket} from "../src/SweepMarket.sol";
import {ValidatorSet} from "../src/ValidatorSet.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
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
    Terms,
    TokenTerms
} from "../src/types/Types.sol";
import {Base} from "./Base.t.sol";
import {PermitToken} from "./PermitToken.sol";

/// @notice A deployed market with its actors, and one sweep led through its life step by step.
/// @dev Hashes are written out here a second time, in plain `abi.encode`, so that every signed message
/// checks the contracts' own.
abstract contract Fixture is Base {
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;
    address internal constant NATIVE = address(0);

    uint64 internal constant TIP = 0.0001 ether;
    uint64 internal constant PANEL_FLOOR = 0.001 ether;
    uint80 internal constant CAP = 5 ether;
    uint48 internal constant LEAST_PRICE = 1000;
    uint80 internal constant LEAST_BOND = 10 ether;
    uint40 internal constant EPOCH = 5;
    uint40 internal constant UNBONDING = 1800;
    uint256 internal constant DEMAND_DEPOSIT = 0.001 ether;
    uint256 internal constant DRAW_DELAY = 2;
    uint8 internal constant UNAVAILABLE = 0;
    uint8 internal constant UPHELD = 1;
    uint8 internal constant REFUTED = 2;
    uint16 internal constant S = 32;
    uint32 internal constant VERDICT_TIME = 120;
    uint128 internal constant PRICE = 0.00001 ether;

    SweepMarket internal market;
    ValidatorSet internal validators;
    AuditCourt internal court;
    SpendSessions internal sessions;
    Oversight internal oversight;
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
            windowLeast: 15,
            windowVerdictBps: 0,
            verdictTimeLeast: 120,
            verdictTimeMost: 120,
            judgeTime: 60,
            panelTime: 120,
            demandTime: 60,
            grace: 10,
            leastValidators: 5,
            seats: 3,
            quorum: 2
        });
    }

    function production() internal pure returns (Profile memory) {
        return Profile({
            windowLeast: 2 hours,
            windowVerdictBps: 10_000,
            verdictTimeLeast: 1 hours,
            verdictTimeMost: 24 hours,
            judgeTime: 1 hours,
            panelTime: 24 hours,
            demandTime: 24 hours,
            grace: 1 hours,
            leastValidators: 8,
            seats: 7,
            quorum: 4
        });
    }

    /// @dev The contracts name each other: each one's address is worked out before it exists.
    function _deploy(Profile memory profile) internal {
        dollar = new PermitToken();
        randomness = new BlockhashRandomness(DRAW_DELAY);
        uint256 nonce = vm.getNonce(address(this));
        ISweepMarket.Parts memory parts = ISweepMarket.Parts({
            validators: vm.computeCreateAddress(address(this), nonce),
            court: vm.computeCreateAddress(address(this), nonce + 2),
            sessions: vm.computeCreateAddress(address(this), nonce + 3),
            randomness: address(randomness)
        });
        address oversightAt = vm.computeCreateAddress(address(this), nonce + 4);
        validators = new ValidatorSet(parts.court, oversightAt, LEAST_BOND, EPOCH, UNBONDING);
        market = new SweepMarket(parts, profile, _listings());
        court = new AuditCourt(address(market), address(validators), address(randomness), profile);
        sessions = new SpendSessions(address(market));
        oversight = new Oversight(
            address(market),
            address(court),
            address(validators),
            address(randomness),
            profile,
            DEMAND_DEPOSIT
        );
        vm.assertEq(address(validators), parts.validators);
        vm.assertEq(address(court), parts.court);
        vm.assertEq(address(sessions), parts.sessions);
        vm.assertEq(address(oversight), oversightAt);
    }

    function _listings() internal view returns (Listing[] memory listings) {
        listings = new Listing[](2);
        listings[0] = Listing(NATIVE, TokenTerms(CAP, PANEL_FLOOR, TIP, LEAST_PRICE));
        listings[1] = Listing(address(dollar), TokenTerms(1e9, 100_000, 10_000, 10));
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
        return AwardStatus(market.awardSlot(awardId) >> 248 & 0x3f);
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

    function _voteDigest(bytes32 disputeId, uint8 round, uint8 outcome)
        internal
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256("Vote(bytes32 disputeId,uint8 round,uint8 outcome)");
        return _digest(address(court), keccak256(abi.encode(kind, disputeId, round, outcome)));
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

    /// @dev One run: so many trials, replica 0 of each.
    function _trials(uint256 first, uint256 count) internal pure returns (bytes memory) {
        return _run(first, count, 0, 1);
    }

    function _run(uint256 first, uint256 trials, uint256 replica, uint256 replicas)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint24(first), uint24(trials), uint8(replica), uint8(replicas));
    }

    /// @dev How many trials the runs of a list stand for.
    function _count(bytes memory trials) internal pure returns (uint32 count) {
        for (uint256 i; i < trials.length; i += 8) {
            uint256 run;
            for (uint256 b; b < 8; ++b) {
                run = run << 8 | uint8(trials[i + b]);
            }
            count += uint32(uint24(run >> 16) * uint256(uint8(run)));
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
        uint32 count = _count(bid.trials);
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
        bond = 2 * uint256(award.price) * S + panel;
        if ((_price(award) + 3) / 4 > bond) bond = (_price(award) + 3) / 4;
        uint256 panels = (_price(award) + 7) / 8 + 2 * panel;
        if (panels > bond) bond = panels;
    }

    /// @dev What is docked from a bond, the seats of a panel being paid half of its fee.
    function _sellersPart(Award memory award) internal pure returns (uint256) {
        uint256 panel = 6 * uint256(award.price);
        if (panel < PANEL_FLOOR) panel = PANEL_FLOOR;
        return (_price(award) + 7) / 8 + panel * 5 / 8;
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
        returns (Commit memory)
    {
        return _commitBy(relayer, sweep, submissions);
    }

    function _commitBy(address sender, Sweep memory sweep, Submission[] memory submissions)
        internal
        returns (Commit memory commit)
    {
        vm.prank(sender);
        market.commit(sweep, submissions);
        (commit.blockNumber, commit.time, commit.relayer) = (height, nowTime, sender);
        commit.awards = new Posted[](submissions.length);
        for (uint256 i; i < submissions.length; ++i) {
            Submission memory submission = submissions[i];
            commit.awards[i] = Posted(submission.award, submission.root, submission.done);
        }
    }

    function _commitId(Commit memory commit) internal view returns (bytes32) {
        bytes memory results;
        for (uint256 i; i < commit.awards.length; ++i) {
            Posted memory posted = commit.awards[i];
            results = bytes.concat(
                results, abi.encode(posted.award.id, posted.root, uint256(posted.done))
            );
        }
        return keccak256(
            abi.encode(block.chainid, address(market), commit.blockNumber, keccak256(results))
        );
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

    /// @dev Where all is upheld and compared exactly, one byte stands for the list.
    function _packed(bytes memory list, uint256 count) internal pure returns (bytes memory) {
        bool whole = count != 0 && keccak256(list) == keccak256(_answers(count, 5));
        return whole ? bytes(hex"ff") : list;
    }

    function _nibble(bytes memory list, uint256 place) internal pure returns (uint8) {
        if (list.length == 1 && list[0] == 0xff) return 5;
        uint8 pair = uint8(list[place / 2]);
        return place % 2 == 0 ? pair >> 4 : pair & 0x0f;
    }

    function _setAnswer(bytes memory list, uint256 place, uint8 nibble) internal pure {
        uint8 pair = uint8(list[place / 2]);
        list[place / 2] =
            bytes1(place % 2 == 0 ? (pair & 0x0f) | (nibble << 4) : (pair & 0xf0) | nibble);
    }

    function _shareSize(Docket memory d, uint256 share) internal pure returns (uint256) {
        return d.sizes[share];
    }

    /// @dev The items that a share answers, in order: its own, then those of the share before it that are
    /// doubled. Worked out item by item, as one would explain it.
    function _list(Docket memory d, uint256 share) internal pure returns (uint256[] memory list) {
        bool[] memory doubled = _doubled(d);
        list = new uint256[](2 * doubled.length);
        uint256 count;
        for (uint256 item; item < doubled.length; ++item) {
            if (item % d.shares == share) list[count++] = item;
        }
        for (uint256 item; item < doubled.length; ++item) {
            if (doubled[item] && (item + 1) % d.shares == share) list[count++] = item;
        }
        assembly ("memory-safe") {
            mstore(list, count)
        }
    }

    /// @dev Of every ten audits one, from a drawn one on, as many as there are full tens.
    function _doubled(Docket memory d) internal pure returns (bool[] memory doubled) {
        doubled = new bool[](d.ends[d.ends.length - 1]);
        uint256 audits = doubled.length - d.ends.length;
        if (d.shares == 1) return doubled;
        uint256 offset = _draw(d.seed, 5, 0, 0) % 10;
        uint256 audit;
        uint256 index;
        for (uint256 item; item < doubled.length; ++item) {
            if (item == d.ends[index] - 1) {
                ++index;
                continue;
            }
            doubled[item] = audit >= offset && (audit - offset) % 10 == 0
                && (audit - offset) / 10 < audits / 10;
            ++audit;
        }
    }

    /// @dev Where a share's answer about an item lies.
    function _placeOf(Docket memory d, uint256 share, uint256 item)
        internal
        pure
        returns (uint256 place)
    {
        uint256[] memory list = _list(d, share);
        while (list[place] != item) ++place;
    }

    /// @dev The award that an item belongs to.
    function _indexOf(Docket memory d, uint256 item) internal pure returns (uint256 index) {
        while (item >= d.ends[index]) ++index;
    }

    /// @dev The subject of a dispute that the item's own share opens.
    function _subject(Docket memory d, uint256 item) internal pure returns (uint256) {
        return _subjectOf(item % d.shares, item);
    }

    function _subjectOf(uint256 share, uint256 item) internal pure returns (uint256) {
        return share << 32 | item;
    }

    /// @dev Signed by whoever holds the seat: 0 is the judge's.
    function _verdictOf(
        Sweep memory sweep,
        Commit memory commit,
        Docket memory d,
        uint8 share,
        uint8 seat,
        bytes memory answers
    ) internal view returns (SignedVerdict memory verdict) {
        verdict.share = share;
        verdict.answers = _packed(answers, d.sizes[share]);
        verdict.evidence = keccak256(abi.encode("evidence", share));
        bytes32 digest = _digest(address(court), _verdictHash(d.commitId, verdict));
        verdict.signature = _sign(court.judgeOf(sweep, commit, share, seat), digest);
    }

    function _verdict(
        Sweep memory sweep,
        Commit memory commit,
        Docket memory d,
        uint8 share,
        bytes memory answers
    ) internal view returns (SignedVerdict memory) {
        return _verdictOf(sweep, commit, d, share, 0, answers);
    }

    /// @dev Every share upheld on every item, doubled ones included.
    function _verdicts(Sweep memory sweep, Commit memory commit)
        internal
        view
        returns (SignedVerdict[] memory verdicts)
    {
        Docket memory d = market.docket(sweep, commit);
        verdicts = new SignedVerdict[](d.shares);
        for (uint8 share; share < d.shares; ++share) {
            verdicts[share] = _verdict(sweep, commit, d, share, _answers(d.sizes[share], 5));
        }
    }

    /// @dev The judge's verdict that upholds all of its share but the subject's item, which it refutes.
    function _refutation(Sweep memory sweep, Commit memory commit, uint256 subject)
        internal
        view
        returns (SignedVerdict memory)
    {
        return _butOne(sweep, commit, subject, 3);
    }

    /// @dev The judge's verdict that upholds all of its share but the subject's item, which it could not get.
    function _withheld(Sweep memory sweep, Commit memory commit, uint256 subject)
        internal
        view
        returns (SignedVerdict memory)
    {
        return _butOne(sweep, commit, subject, 0);
    }

    function _butOne(Sweep memory sweep, Commit memory commit, uint256 subject, uint8 nibble)
        internal
        view
        returns (SignedVerdict memory)
    {
        Docket memory d = market.docket(sweep, commit);
        (uint8 share, uint256 item) = (uint8(subject >> 32), uint32(subject));
        bytes memory answers = _answers(d.sizes[share], 5);
        _setAnswer(answers, _placeOf(d, share, item), nibble);
        return _verdict(sweep, commit, d, share, answers);
    }

    function _disputeId(bytes32 commitId, bytes32 awardId, uint256 subject)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(commitId, awardId, subject));
    }

    /// @dev A vote for the panel called last.
    function _voteOf(address who, bytes32 disputeId, uint8 outcome)
        internal
        view
        returns (SignedVote memory)
    {
        bytes32 digest = _voteDigest(disputeId, court.dispute(disputeId).round, outcome);
        return SignedVote(who, outcome, _sign(who, digest));
    }

    /// @dev Votes of all who sit on the panel, each once.
    function _votes(address[] memory seats, bytes32 disputeId, uint8 outcome)
        internal
        view
        returns (SignedVote[] memory votes)
    {
        votes = new SignedVote[](seats.length);
        for (uint256 i; i < seats.length; ++i) {
            votes[i] = _voteOf(seats[i], disputeId, outcome);
        }
    }

    function _votes(address[] memory seats, bytes32 disputeId, bool upheld)
        internal
        view
        returns (SignedVote[] memory)
    {
        return _votes(seats, disputeId, upheld ? UPHELD : REFUTED);
    }
}
