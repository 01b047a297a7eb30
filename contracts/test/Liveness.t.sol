// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeStatus,
    Docket,
    Profile,
    SignedVerdict,
    SignedVote,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

/// @notice Every set of absent parties, each in every scene: strangers end what is left open, all money comes out
/// by the stated time, and nothing unaudited is paid.
/// @dev Absent are those who do nothing more once the award is made. Who is there does what it should, at once.
contract LivenessTest is Fixture {
    enum Scene {
        HONEST, // all is as it should be
        FORGED, // an audit of the second share finds a forged segment
        WITHHELD, // the second judge could not get an item; everybody else can
        ATTACKED, // a stranger challenges an honest segment
        HIDDEN, // a forged segment is in no audit, and the buyer challenges it
        FORGOTTEN // nobody does anything until the seed is lost
    }

    uint256 private constant BUYER = 1;
    uint256 private constant SELLER = 2;
    uint256 private constant RELAYER = 4;
    uint256 private constant JUDGES = 8; // And the next two bits.
    uint256 private constant SUBSTITUTES = 64;
    uint256 private constant PANEL = 128;
    uint256 private constant SETS = 256;

    uint256 private constant CHALLENGE = 1 << 255;
    uint8 private constant SECOND = 1;
    uint256 private constant MOST_TURNS = 40;

    address private stranger;
    address private seller;
    Sweep private sweep;
    Award private award;
    bytes private packed;

    Scene private scene;
    uint256 private absent;
    uint256[] private subjects;
    uint256 private badItem;

    function setUp() public override {
        super.setUp();
        stranger = _actor("stranger");
        seller = sellers[0];
    }

    function _open(Profile memory profile, uint32 verdictTime) private {
        vm.pauseGasMetering();
        _deploy(profile);
        for (uint256 i; i < judges.length; ++i) {
            _bondValidator(judges[i], LEAST_BOND, 24);
        }
        _deposit(seller, NATIVE, 10 ether);
        _deposit(buyer, NATIVE, 10 ether);
        _deposit(stranger, NATIVE, 10 ether);
        _pass(EPOCH);
        sweep = _sweep();
        sweep.terms.verdictTime = verdictTime;
        // Enough that an audit is doubled.
        award = _award(sweep, _offers(sweep, 12, 1))[0];
    }

    // --- who is there, and what comes of it ---

    function _there(uint256 party) private view returns (bool) {
        return absent & party == 0;
    }

    function _judgeThere(uint256 share) private view returns (bool) {
        return _there(JUDGES << share);
    }

    /// @dev What must become of the award.
    function _due() private view returns (AwardStatus) {
        if (!_there(SELLER)) return AwardStatus.EXPIRED;
        if (scene == Scene.FORGOTTEN) return AwardStatus.REFUNDED;
        bool panel = _there(PANEL);
        if (scene == Scene.HIDDEN && _there(BUYER) && panel) return AwardStatus.SLASHED;
        bool heard = _judgeThere(SECOND) || _there(SUBSTITUTES);
        if (scene == Scene.FORGED && heard) {
            return panel ? AwardStatus.SLASHED : AwardStatus.REFUNDED;
        }
        if (scene == Scene.WITHHELD && _judgeThere(SECOND) && !panel) return AwardStatus.REFUNDED;
        bool answered = _judgeThere(0) && _judgeThere(1) && _judgeThere(2) || _there(SUBSTITUTES);
        return answered ? AwardStatus.SETTLED : AwardStatus.REFUNDED;
    }

    /// @dev The last second at which money may still wait for an end. From the commit: until a silent judge may be
    /// summoned, its time, three turns of substitutes, and three panels of a dispute that the last of them opened.
    function _latest(uint256 committed) private view returns (uint256) {
        Profile memory p = market.profile();
        if (committed == 0) return uint256(award.deadline) + p.grace + 1;
        uint256 verdictTime = sweep.terms.verdictTime;
        uint256 summon = market.settleFrom(sweep.terms, 0);
        if (summon < verdictTime) summon = verdictTime;
        return committed + summon + p.judgeTime + 3 * verdictTime + 3 * (uint256(p.panelTime) + 1);
    }

    // --- the sweep ---

    function _commitment() private view returns (Commit memory) {
        return abi.decode(packed, (Commit));
    }

    /// @notice One case; a call of its own, as a test's memory is never freed.
    function lead(Scene scene_, uint256 absent_) external {
        (scene, absent) = (scene_, absent_);
        vm.warp(nowTime);
        vm.roll(height);
        uint256 committed = _deliver();
        if (committed == 0) {
            _pass(uint256(award.deadline) + market.profile().grace + 1 - nowTime);
            vm.prank(stranger);
            market.expireAward(sweep, award);
        } else if (scene == Scene.FORGOTTEN) {
            height += 300;
            _mine(1);
            vm.prank(stranger);
            market.expirePosted(sweep, _commitment(), 0, new SignedVerdict[](0));
        }
        for (uint256 turn; turn < MOST_TURNS && _isOpen(); ++turn) {
            _act();
            if (_isOpen()) _pass(_next() - nowTime);
        }
        _check(committed);
    }

    /// @dev Nearly all of the work is done. A seller needs no relayer.
    function _deliver() private returns (uint256 committed) {
        _pass(60);
        if (!_there(SELLER)) return 0;
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(award, award.segments - 5);
        address sender = _there(RELAYER) ? relayer : seller;
        packed = abi.encode(_commitBy(sender, sweep, submissions));
        committed = nowTime;
        if (scene == Scene.FORGOTTEN) return committed;
        _mine(3);
        delete subjects;
        badItem = _itemOfSecond(market.docket(sweep, _commitment()));
        subjects.push(_subjectOf(SECOND, badItem));
        if (scene == Scene.ATTACKED) _challenge(stranger, 0);
        if (scene == Scene.HIDDEN && _there(BUYER)) _challenge(buyer, 1);
    }

    function _challenge(address who, uint256 position) private {
        vm.prank(who);
        court.challenge(sweep, _commitment(), 0, position);
        subjects.push(CHALLENGE | position);
        _mine(3);
    }

    /// @dev The second share's first item that no other share doubles.
    function _itemOfSecond(Docket memory d) private pure returns (uint256 item) {
        bool[] memory doubled = _doubled(d);
        item = SECOND;
        while (doubled[item]) item += d.shares;
    }

    function _isOpen() private view returns (bool) {
        AwardStatus status = _status(award.id);
        return status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
    }

    // --- what is done ---

    function _act() private {
        Commit memory commit = _commitment();
        Docket memory d = market.docket(sweep, commit);
        for (uint8 share; share < d.shares; ++share) {
            _speak(commit, d, share);
        }
        for (uint8 share; share < d.shares; ++share) {
            if (_judgeThere(share)) continue;
            vm.prank(stranger);
            try court.summon(sweep, commit, share) {} catch {}
        }
        for (uint256 i; i < subjects.length; ++i) {
            _decide(commit, d, subjects[i]);
        }
        SignedVerdict[] memory verdicts = _signed(commit, d);
        vm.prank(stranger);
        try market.settle(sweep, commit, verdicts) {} catch {}
        vm.prank(stranger);
        try market.expirePosted(sweep, commit, 0, verdicts) {} catch {}
    }

    /// @dev A judge posts what it has to dispute, and two substitutes whatever they have to say.
    function _speak(Commit memory commit, Docket memory d, uint8 share) private {
        if (_judgeThere(share)) {
            bool disputes = keccak256(_wordOf(d, share, 0)) != keccak256(_good(d, share));
            if (disputes) _post(commit, d, share, 0);
            return;
        }
        uint256 since = court.share(d.commitId, share).summonedAt;
        bool turn = since != 0 && nowTime > since + market.profile().judgeTime;
        if (!turn || !_there(SUBSTITUTES)) return;
        _post(commit, d, share, 1);
        _post(commit, d, share, 2);
    }

    function _post(Commit memory commit, Docket memory d, uint8 share, uint8 seat) private {
        if (court.postedVerdict(d.commitId, share, seat) != 0 || !_isOpen()) return;
        SignedVerdict memory verdict =
            _verdictOf(sweep, commit, d, share, seat, _wordOf(d, share, seat));
        vm.prank(stranger);
        court.post(sweep, commit, verdict, seat);
        _mine(3);
    }

    function _good(Docket memory d, uint8 share) private pure returns (bytes memory) {
        return _answers(d.sizes[share], 5);
    }

    function _wordOf(Docket memory d, uint8 share, uint8 seat)
        private
        view
        returns (bytes memory answers)
    {
        answers = _good(d, share);
        if (share != SECOND) return answers;
        uint256 place = _placeOf(d, share, badItem);
        if (scene == Scene.FORGED) _setAnswer(answers, place, 3);
        if (scene == Scene.WITHHELD && seat == 0) _setAnswer(answers, place, 0);
    }

    /// @dev The verdicts of the judges that are there.
    function _signed(Commit memory commit, Docket memory d)
        private
        view
        returns (SignedVerdict[] memory verdicts)
    {
        verdicts = new SignedVerdict[](d.shares);
        uint256 count;
        for (uint8 share; share < d.shares; ++share) {
            if (!_judgeThere(share)) continue;
            verdicts[count++] = _verdict(sweep, commit, d, share, _wordOf(d, share, 0));
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    /// @dev A panel that is there votes as it is; one that isn't is given up when its time is over.
    function _decide(Commit memory commit, Docket memory d, uint256 subject) private {
        bytes32 id = _disputeId(d.commitId, award.id, subject);
        if (court.dispute(id).status != DisputeStatus.OPEN) return;
        if (!_there(PANEL)) {
            vm.prank(stranger);
            try court.expire(sweep, commit, 0, subject) {} catch {}
            _mine(3);
            return;
        }
        bool upheld = scene == Scene.WITHHELD || scene == Scene.ATTACKED;
        SignedVote[] memory votes = _votes(court.panelOf(sweep, commit, 0, subject), id, upheld);
        vm.prank(stranger);
        court.resolve(sweep, commit, 0, subject, votes);
    }

    /// @dev The next moment at which somebody can do something.
    function _next() private view returns (uint256 next) {
        Commit memory commit = _commitment();
        Docket memory d = market.docket(sweep, commit);
        Profile memory p = market.profile();
        next = _sooner(type(uint256).max, market.settleFrom(sweep.terms, commit.time));
        next = _sooner(next, commit.time + sweep.terms.verdictTime);
        for (uint8 share; share < d.shares; ++share) {
            uint256 since = court.share(d.commitId, share).summonedAt;
            if (since == 0) continue;
            next = _sooner(next, since + p.judgeTime + 1);
            next = _sooner(next, since + p.judgeTime + 3 * sweep.terms.verdictTime + 1);
        }
        for (uint256 i; i < subjects.length; ++i) {
            Dispute memory dispute = court.dispute(_disputeId(d.commitId, award.id, subjects[i]));
            if (dispute.status != DisputeStatus.OPEN) continue;
            next = _sooner(next, dispute.time + p.panelTime + 1);
        }
    }

    function _sooner(uint256 next, uint256 moment) private view returns (uint256) {
        return moment > nowTime && moment < next ? moment : next;
    }

    // --- what came of it ---

    function _check(uint256 committed) private {
        vm.assertEq(uint256(_status(award.id)), uint256(_due()), _name());
        vm.assertLe(nowTime, _latest(committed));
        AwardStatus status = _status(award.id);
        uint256 had = 10 ether;
        vm.assertEq(_locked(seller) + _locked(buyer) + _locked(stranger), 0, "still locked");
        if (status == AwardStatus.SLASHED) had -= _bondOf(award);
        if (market.awardSlot(award.id) >> 254 & 1 == 1) had -= _sellersPart(award);
        if (status == AwardStatus.SETTLED) had += uint256(award.price) * (award.segments - 5);
        // A seller that has to commit by itself earns the tip.
        bool tipped = committed != 0 && !_there(RELAYER);
        vm.assertEq(_free(seller), tipped ? had + TIP : had, "the seller");
        _checkBuyer();
        _withdrawAll();
        vm.assertEq(address(market).balance, _free(BURN), "still inside");
    }

    /// @dev Where nothing is paid for, the buyer has its price back.
    function _checkBuyer() private view {
        if (_status(award.id) == AwardStatus.SETTLED) return;
        uint256 least = 10 ether + _price(award);
        // A challenge that no panel heard.
        if (scene == Scene.HIDDEN && _there(BUYER) && !_there(PANEL)) least -= PANEL_FLOOR;
        vm.assertGe(_free(buyer), least);
    }

    function _withdrawAll() private {
        _withdraw(buyer);
        _withdraw(seller);
        _withdraw(relayer);
        _withdraw(stranger);
        for (uint256 i; i < judges.length; ++i) {
            _withdraw(judges[i]);
        }
    }

    function _withdraw(address who) private {
        uint256 all = _free(who);
        vm.prank(who);
        market.withdraw(NATIVE, all, who);
    }

    function _name() private view returns (string memory) {
        string memory number = vm.toString(uint256(scene));
        return string.concat("scene ", number, ", absent ", vm.toString(absent));
    }

    /// @dev All sets of absent parties in all scenes, each from the same beginning.
    function _all() private {
        uint256 beginning = vm.snapshotState();
        for (uint8 i; i <= uint8(type(Scene).max); ++i) {
            for (uint256 set; set < SETS; ++set) {
                this.lead(Scene(i), set);
                vm.revertToState(beginning);
            }
        }
    }

    function test_in_the_demo_whoever_is_absent_all_money_comes_out_in_time() public {
        _open(demo(), VERDICT_TIME);
        _all();
    }

    function test_in_production_whoever_is_absent_all_money_comes_out_in_time() public {
        _open(production(), 24 hours);
        _all();
    }
}
