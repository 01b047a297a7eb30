// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    Offer,
    Posted,
    SignedVerdict,
    SignedVote,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @notice Leads sweeps through their lives in any order, with honest and dishonest answers, and keeps what
/// it needs to sum up everybody's money.
contract Handler is Fixture {
    /// @dev A commit and the sweep it belongs to, packed: nested structs can't be stored as they are.
    struct Round {
        bytes sweep;
        bytes commit;
        address token;
    }

    struct Made {
        Award award;
        address token;
        bool committed;
        AwardStatus last;
    }

    Round[] private rounds;
    Made[] private made;
    mapping(bytes32 awardId => uint256 place) private placeOf;
    bytes[] private waiting;
    mapping(bytes32 disputeId => bool) private disputed;

    struct Case {
        uint256 round;
        uint256 item;
        bytes32 disputeId;
    }

    Case[] private cases;
    uint256 private trialCount;
    address[] private people;

    modifier awake() {
        vm.warp(nowTime);
        vm.roll(height);
        _;
    }

    function start() external {
        setUp();
        for (uint256 i; i < sellers.length; ++i) {
            _deposit(sellers[i], address(dollar), 5e6);
        }
        for (uint256 i; i < sellers.length; ++i) {
            people.push(sellers[i]);
        }
        for (uint256 i; i < judges.length; ++i) {
            people.push(judges[i]);
        }
        people.push(buyer);
        people.push(relayer);
        people.push(BURN);
        people.push(address(this));
    }

    // --- what can happen ---

    function deposit(uint256 who, uint256 amount, bool native) external awake {
        address token = native ? NATIVE : address(dollar);
        _deposit(people[who % 19], token, bound(amount, 0, native ? 1 ether : 1e6));
    }

    function withdraw(uint256 who, uint256 amount, bool native) external awake {
        address token = native ? NATIVE : address(dollar);
        address owner = people[who % 20];
        (uint112 free,,) = market.account(owner, token);
        vm.prank(owner);
        market.withdraw(token, bound(amount, 0, free), relayer);
    }

    function bump(uint256 who) external awake {
        vm.prank(sellers[who % sellers.length]);
        market.bumpNonce(NATIVE);
    }

    function pass(uint256 time) external awake {
        _pass(bound(time, 1, 90));
    }

    function rebond(uint256 who, uint256 amount) external awake {
        _bondValidator(judges[who % judges.length], bound(amount, 10 ether, 20 ether), 24);
    }

    /// @dev Sellers may be named twice, and a bid may be spoilt.
    function award(uint256 seed, bool native) external awake {
        address token = native ? NATIVE : address(dollar);
        Sweep memory sweep = _sweepIn(token);
        Offer[] memory offers = new Offer[](1 + seed % 3);
        uint256 cost;
        for (uint256 i; i < offers.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            offers[i] = _randomOffer(sweep, random);
            cost += _costIn(token, _awardOf(offers[i].bid));
        }
        if (native) vm.deal(buyer, buyer.balance + cost);
        else _allow(cost);
        uint256 before = trialCount;
        vm.prank(buyer);
        try market.award{value: native ? cost : 0}(sweep, offers, 1, _noPermit(cost)) {
            _remember(sweep, offers);
        } catch {
            trialCount = before;
        }
    }

    function commit(uint256 seed) external awake {
        if (waiting.length == 0) return;
        bytes memory packed = waiting[seed % waiting.length];
        (Sweep memory sweep, Award[] memory awards) = abi.decode(packed, (Sweep, Award[]));
        for (uint256 i; i < awards.length; ++i) {
            if (nowTime > uint256(awards[i].deadline) + 10) return;
        }
        Submission[] memory submissions = new Submission[](awards.length);
        for (uint256 i; i < awards.length; ++i) {
            uint256 done = bound(uint256(keccak256(abi.encode(seed, i))), 1, awards[i].segments);
            submissions[i] = _submission(awards[i], uint32(done));
        }
        rounds.push(
            Round(abi.encode(sweep), abi.encode(_commit(sweep, submissions)), sweep.terms.token)
        );
        for (uint256 i; i < awards.length; ++i) {
            made[placeOf[awards[i].id]].committed = true;
        }
        waiting[seed % waiting.length] = waiting[waiting.length - 1];
        waiting.pop();
        _mine(3);
        randomness.pin(height - 1);
    }

    function post(uint256 seed, uint256 item, uint256 word) external awake {
        if (rounds.length == 0) return;
        uint256 round = seed % rounds.length;
        (Sweep memory sweep, Commit memory posted) = _round(round);
        Docket memory d = market.docket(sweep, posted);
        item = bound(item, 0, d.ends[d.ends.length - 1] - 1);
        if (court.postedVerdict(d.commitId, uint8(item % d.shares)) != 0) return;
        SignedVerdict memory verdict = word % 3 == 0
            ? _verdicts(sweep, posted)[item % d.shares]
            : word % 3 == 1 ? _refutation(sweep, posted, item) : _withheld(sweep, posted, item);
        bytes32 id = posted.awards[_indexOf(d, item)].award.id;
        try court.post(sweep, posted, verdict) {}
        catch {
            return;
        }
        bytes32 disputeId = _disputeId(d.commitId, id, item);
        if (uint256(court.dispute(disputeId).status) != 1) return;
        cases.push(Case(round, item, disputeId));
        _mine(3);
        randomness.pin(height - 1);
    }

    function resolve(uint256 seed, bool upheld) external awake {
        if (cases.length == 0) return;
        Case memory subject = cases[seed % cases.length];
        (Sweep memory sweep, Commit memory posted) = _round(subject.round);
        if (uint256(court.dispute(subject.disputeId).status) != 1) return;
        if (nowTime > uint256(court.dispute(subject.disputeId).time) + 120) return;
        address[] memory seats = court.panelOf(sweep, posted, subject.item);
        SignedVote[] memory votes = _votes(seats, subject.disputeId, upheld);
        court.resolve(sweep, posted, subject.item, votes);
    }

    function settle(uint256 seed, uint256 spoilt) external awake {
        if (rounds.length == 0) return;
        (Sweep memory sweep, Commit memory posted) = _round(seed % rounds.length);
        SignedVerdict[] memory verdicts = _verdicts(sweep, posted);
        Docket memory d = market.docket(sweep, posted);
        uint8 share = uint8((spoilt / 4) % d.shares);
        if (spoilt % 4 == 0 && _shareSize(d, share) != 0) {
            bytes memory answers = _answers(_shareSize(d, share), 1);
            _setAnswer(answers, (spoilt / 12) % _shareSize(d, share), 0);
            verdicts[share] = _verdict(sweep, posted, d, share, answers);
        }
        vm.prank(relayer);
        try market.settle(sweep, posted, verdicts) {} catch {}
    }

    function expireAward(uint256 seed) external awake {
        if (waiting.length == 0) return;
        bytes memory packed = waiting[seed % waiting.length];
        (Sweep memory sweep, Award[] memory awards) = abi.decode(packed, (Sweep, Award[]));
        for (uint256 i; i < awards.length; ++i) {
            try market.expireAward(sweep, awards[i]) {} catch {}
        }
    }

    function expirePosted(uint256 seed) external awake {
        if (rounds.length == 0) return;
        (Sweep memory sweep, Commit memory posted) = _round(seed % rounds.length);
        try market.expirePosted(sweep, posted, seed % posted.awards.length) {} catch {}
    }

    function expireCase(uint256 seed) external awake {
        if (cases.length == 0) return;
        Case memory subject = cases[seed % cases.length];
        (Sweep memory sweep, Commit memory posted) = _round(subject.round);
        try court.expire(sweep, posted, subject.item) {} catch {}
    }

    // --- what is owed ---

    /// @notice Everything free and locked.
    function balances(address token) external view returns (uint256 sum) {
        for (uint256 i; i < people.length; ++i) {
            (uint112 free, uint112 locked,) = market.account(people[i], token);
            sum += uint256(free) + locked;
        }
    }

    function lockedSum(address token) external view returns (uint256 sum) {
        for (uint256 i; i < people.length; ++i) {
            (, uint112 locked,) = market.account(people[i], token);
            sum += locked;
        }
    }

    /// @notice What the open awards hold of their buyers' money, and the bonds behind them.
    function escrow(address token) external view returns (uint256 held, uint256 bonds) {
        for (uint256 i; i < made.length; ++i) {
            if (made[i].token != token) continue;
            AwardStatus status = _status(made[i].award.id);
            if (status > AwardStatus.DISPUTED) continue;
            held += _costIn(token, made[i].award);
            if (status != AwardStatus.AWARDED) held -= _tip(token);
            bonds += _bondIn(token, made[i].award);
        }
    }

    /// @notice Notes where every award stands. False where one came back from the dead.
    function tombstonesHold() external returns (bool hold) {
        hold = true;
        for (uint256 i; i < made.length; ++i) {
            AwardStatus status = _status(made[i].award.id);
            if (made[i].last > AwardStatus.DISPUTED && status != made[i].last) hold = false;
            if (made[i].last > AwardStatus.AWARDED && status < AwardStatus.POSTED) hold = false;
            made[i].last = status;
        }
    }

    function validatorsOwed() external view returns (uint256 sum) {
        for (uint256 i; i < judges.length; ++i) {
            sum += uint256(validators.validator(judges[i]).bond)
            + validators.validator(judges[i]).unbonding + validators.validator(judges[i]).credit;
        }
    }

    /// @notice Everybody leaves: whatever is open ends by its deadline with no party's help.
    function everybodyLeaves() external awake {
        _pass(5000);
        for (uint256 i; i < cases.length; ++i) {
            (Sweep memory sweep, Commit memory posted) = _round(cases[i].round);
            if (uint256(court.dispute(cases[i].disputeId).status) == 1) {
                court.expire(sweep, posted, cases[i].item);
            }
        }
        for (uint256 i; i < rounds.length; ++i) {
            _leaveRound(i);
        }
        for (uint256 i; i < waiting.length; ++i) {
            (Sweep memory sweep, Award[] memory awards) = abi.decode(waiting[i], (Sweep, Award[]));
            for (uint256 n; n < awards.length; ++n) {
                if (_status(awards[n].id) == AwardStatus.AWARDED) {
                    market.expireAward(sweep, awards[n]);
                }
            }
        }
        for (uint256 i; i < people.length; ++i) {
            _takeAll(people[i], NATIVE);
            _takeAll(people[i], address(dollar));
        }
    }

    function contracts() external view returns (address, address, address) {
        return (address(market), address(validators), address(dollar));
    }

    // --- helpers ---

    /// @dev What nobody answered is refunded; what everybody answered settles by what was posted.
    function _leaveRound(uint256 round) private {
        (Sweep memory sweep, Commit memory posted) = _round(round);
        for (uint256 i; i < posted.awards.length; ++i) {
            if (_status(posted.awards[i].award.id) != AwardStatus.POSTED) continue;
            try market.expirePosted(sweep, posted, i) {}
            catch {
                market.settle(sweep, posted, _recorded(sweep, posted));
            }
        }
    }

    /// @dev The verdicts as they were posted, found again among those this handler signs.
    function _recorded(Sweep memory sweep, Commit memory posted)
        private
        view
        returns (SignedVerdict[] memory verdicts)
    {
        Docket memory d = market.docket(sweep, posted);
        SignedVerdict[] memory upheld = _verdicts(sweep, posted);
        verdicts = new SignedVerdict[](d.shares);
        uint256 count;
        for (uint8 share; share < d.shares; ++share) {
            bytes32 hash = court.postedVerdict(d.commitId, share);
            if (hash == 0) continue;
            verdicts[count++] = hash == _verdictHash(d.commitId, upheld[share])
                ? upheld[share]
                : _disputingOne(sweep, posted, d, share, hash);
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    function _disputingOne(
        Sweep memory sweep,
        Commit memory posted,
        Docket memory d,
        uint8 share,
        bytes32 hash
    ) private view returns (SignedVerdict memory verdict) {
        uint256 size = _shareSize(d, share);
        for (uint256 i; i < size; ++i) {
            verdict = _refutation(sweep, posted, i * d.shares + share);
            if (_verdictHash(d.commitId, verdict) == hash) return verdict;
            verdict = _withheld(sweep, posted, i * d.shares + share);
            if (_verdictHash(d.commitId, verdict) == hash) return verdict;
        }
        revert("posted by nobody");
    }

    function _takeAll(address who, address token) private {
        (uint112 free,,) = market.account(who, token);
        if (free == 0) return;
        vm.prank(who);
        market.withdraw(token, free, relayer);
    }

    function _round(uint256 i) private view returns (Sweep memory sweep, Commit memory posted) {
        sweep = abi.decode(rounds[i].sweep, (Sweep));
        posted = abi.decode(rounds[i].commit, (Commit));
    }

    function _indexOf(Docket memory d, uint256 item) private pure returns (uint256 index) {
        while (d.ends[index] <= item) ++index;
    }

    function _randomOffer(Sweep memory sweep, uint256 random) private returns (Offer memory offer) {
        uint256 count = 1 + (random >> 8) % 6;
        Bid memory bid = _bid(sweep, sellers[random % sellers.length], trialCount % 60_000, count);
        trialCount += count;
        bid.segments = uint16(1 + (random >> 16) % S);
        bid.deadline = uint40(nowTime + 30 + (random >> 32) % 300);
        if ((random >> 64) % 5 == 0) bid.expiry = uint40(nowTime - 1);
        offer = _offer(bid);
        if ((random >> 72) % 7 == 0) offer.signature = new bytes(65);
    }

    function _remember(Sweep memory sweep, Offer[] memory offers) private {
        Award[] memory awards = new Award[](offers.length);
        uint256 count;
        for (uint256 i; i < offers.length; ++i) {
            Award memory award_ = _awardOf(offers[i].bid);
            if (_status(award_.id) != AwardStatus.AWARDED) continue;
            placeOf[award_.id] = made.length;
            made.push(Made(award_, sweep.terms.token, false, AwardStatus.AWARDED));
            awards[count++] = award_;
        }
        assembly ("memory-safe") {
            mstore(awards, count)
        }
        waiting.push(abi.encode(sweep, awards));
    }

    function _allow(uint256 amount) private {
        dollar.mint(buyer, amount);
        vm.prank(buyer);
        dollar.approve(address(market), amount);
    }

    function _tip(address token) private pure returns (uint256) {
        return token == NATIVE ? TIP : 10_000;
    }

    function _costIn(address token, Award memory award_) private pure returns (uint256) {
        return _price(award_) + _fee(_price(award_)) + 2 * _tip(token);
    }

    function _bondIn(address token, Award memory award_) private pure returns (uint256 bond) {
        if (token == NATIVE) return _bondOf(award_);
        bond = 200_000;
        if ((_price(award_) + 3) / 4 > bond) bond = (_price(award_) + 3) / 4;
        if (2 * uint256(award_.price) * S > bond) bond = 2 * uint256(award_.price) * S;
    }
}
