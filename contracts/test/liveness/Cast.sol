// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DrandRandomness} from "../../src/DrandRandomness.sol";
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
} from "../../src/types/Types.sol";
import {Fixture} from "../Fixture.t.sol";

/// @notice One award's parties, of whom some are absent, and what those who are there do about it.
/// @dev Absent are those who do nothing more once the award is made. Who is there does what it should: at once, or
/// in the last second in which it may.
abstract contract Cast is Fixture {
    enum Scene {
        HONEST, // all is as it should be
        FORGED, // an audit of the second share finds a forged segment
        WITHHELD, // the second judge could not get an item; everybody else can
        ATTACKED, // a stranger challenges an honest segment
        HIDDEN, // a forged segment is in no audit, and the buyer challenges it
        FORGOTTEN // nobody does anything until the seed is lost
    }

    uint256 internal constant BUYER = 1;
    uint256 internal constant SELLER = 2;
    uint256 internal constant RELAYER = 4;
    uint256 internal constant JUDGES = 8; // And the next two bits.
    uint256 internal constant PANEL = 64;
    uint256 internal constant SETS = 128;

    uint256 internal constant SUBSTITUTES = 6;
    uint256 internal constant MARGIN = 60;
    uint256 private constant CHALLENGE = 1 << 255;
    uint8 internal constant SECOND = 1;

    address internal stranger;
    address internal seller;
    Sweep internal sweep;
    Award internal award;
    bytes private packed;

    bool internal late;
    bool internal beacon;
    Scene internal scene;
    uint256 internal absent;
    uint256 internal seated; // Bit n: the substitute of seat n + 1 is there.
    uint256[] private subjects;
    uint256 private badItem;

    function setUp() public override {
        super.setUp();
        stranger = _actor("stranger");
        seller = sellers[0];
    }

    function _open(Profile memory profile, uint32 verdictTime) internal {
        vm.pauseGasMetering();
        _deploy(profile);
        if (beacon) vm.etch(address(randomness), address(new DrandRandomness(MARGIN)).code);
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

    // --- who is there ---

    function _there(uint256 party) internal view returns (bool) {
        return absent & party == 0;
    }

    function _judgeThere(uint256 share) internal view returns (bool) {
        return _there(JUDGES << share);
    }

    function _seatThere(uint256 seat) private view returns (bool) {
        return seated >> (seat - 1) & 1 == 1;
    }

    function _isOpen() internal view returns (bool) {
        AwardStatus status = _status(award.id);
        return status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
    }

    function _commitment() internal view returns (Commit memory) {
        return abi.decode(packed, (Commit));
    }

    // --- the result ---

    /// @dev Nearly all of the work is done. A seller needs no relayer.
    function _deliver() internal returns (uint256 committed) {
        _pass(60);
        if (!_there(SELLER)) return 0;
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(award, award.segments - 5);
        address sender = _there(RELAYER) ? relayer : seller;
        packed = abi.encode(_commitBy(sender, sweep, submissions));
        committed = nowTime;
        if (scene == Scene.FORGOTTEN) return committed;
        delete subjects;
        if (scene == Scene.ATTACKED) _challenge(stranger, 0);
        if (scene == Scene.HIDDEN && _there(BUYER)) _challenge(buyer, 1);
        if (beacon) _prove();
        else _mine(3);
        if (!_isOpen()) return committed;
        badItem = _itemOfSecond(market.docket(sweep, _commitment()));
        subjects.push(_subjectOf(SECOND, badItem));
    }

    function _challenge(address who, uint256 position) private {
        vm.prank(who);
        court.challenge(sweep, _commitment(), 0, position);
        subjects.push(CHALLENGE | position);
        if (!beacon) _mine(3);
    }

    /// @dev Somebody proves the commit's round in the last second; meanwhile challenges go on.
    function _prove() private {
        DrandRandomness drand = DrandRandomness(address(randomness));
        uint256 by = drand.provableUntil(drand.roundAfter(nowTime));
        uint256 moment = nowTime;
        while (nowTime < by) {
            for (uint256 i; i < subjects.length; ++i) {
                _decide(_commitment(), _commitId(_commitment()), subjects[i]);
            }
            uint256 next = by;
            for (uint256 i; i < subjects.length; ++i) {
                next = _sooner(next, _panels(_commitId(_commitment()), subjects[i]));
            }
            if (_isOpen()) _pass(next - nowTime);
            else return;
        }
        _reveal(moment);
    }

    /// @dev As if its signature had been shown.
    function _reveal(uint256 moment) private {
        uint256 round = DrandRandomness(address(randomness)).roundAfter(moment);
        bytes32 place = keccak256(abi.encode(round, 0));
        vm.store(address(randomness), place, keccak256(abi.encode("round", round)));
    }

    /// @dev The second share's first item that no other share doubles.
    function _itemOfSecond(Docket memory d) private pure returns (uint256 item) {
        bool[] memory doubled = _doubled(d);
        item = SECOND;
        while (doubled[item]) item += d.shares;
    }

    // --- what is done ---

    function _act() internal {
        Commit memory commit = _commitment();
        Docket memory d = market.docket(sweep, commit);
        for (uint8 share; share < d.shares; ++share) {
            _speak(commit, d, share);
        }
        for (uint8 share; share < d.shares; ++share) {
            if (_judgeThere(share) && !late) continue;
            vm.prank(stranger);
            try court.summon(sweep, commit, share) {} catch {}
        }
        for (uint256 i; i < subjects.length; ++i) {
            _decide(commit, d.commitId, subjects[i]);
        }
        SignedVerdict[] memory verdicts = _signed(commit, d);
        vm.prank(stranger);
        try market.settle(sweep, commit, verdicts) {} catch {}
        vm.prank(stranger);
        try market.expirePosted(sweep, commit, 0, verdicts) {} catch {}
    }

    /// @dev A judge posts what it has to dispute, and substitutes whatever they have to say. Who is late waits to
    /// be called on, and for the end of its turn.
    function _speak(Commit memory commit, Docket memory d, uint8 share) private {
        uint256 since = court.share(d.commitId, share).summonedAt;
        uint256 turn = since + market.profile().judgeTime;
        if (_judgeThere(share)) {
            bool disputes = keccak256(_wordOf(d, share, 0)) != keccak256(_good(d, share));
            if (late ? since != 0 && nowTime == turn : disputes) _post(commit, d, share, 0);
            return;
        }
        if (since == 0) return;
        for (uint8 seat = 1; seat <= SUBSTITUTES; ++seat) {
            uint256 from = turn + uint256(seat - 1) / 2 * sweep.terms.verdictTime;
            uint256 by = from + sweep.terms.verdictTime;
            bool speaks = late ? nowTime == by : nowTime > from && nowTime <= by;
            if (speaks && _seatThere(seat)) _post(commit, d, share, seat);
        }
    }

    /// @dev Not where two have upheld all: nobody else is heard then.
    function _post(Commit memory commit, Docket memory d, uint8 share, uint8 seat) private {
        uint256 upheld;
        for (uint8 other = 1; other <= SUBSTITUTES; ++other) {
            bool good = keccak256(_wordOf(d, share, other)) == keccak256(_good(d, share));
            if (good && court.postedVerdict(d.commitId, share, other) != 0) ++upheld;
        }
        bool spoke = court.postedVerdict(d.commitId, share, seat) != 0;
        if (spoke || upheld >= 2 || !_isOpen()) return;
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

    /// @dev The verdicts of the judges that are there. Of one that was called on only what it posted counts.
    function _signed(Commit memory commit, Docket memory d)
        private
        view
        returns (SignedVerdict[] memory verdicts)
    {
        verdicts = new SignedVerdict[](d.shares);
        uint256 count;
        for (uint8 share; share < d.shares; ++share) {
            bool posted = court.postedVerdict(d.commitId, share, 0) != 0;
            if (!_judgeThere(share) || late && !posted) continue;
            verdicts[count++] = _verdict(sweep, commit, d, share, _wordOf(d, share, 0));
        }
        assembly ("memory-safe") {
            mstore(verdicts, count)
        }
    }

    /// @dev A panel that is there votes as it is; one that isn't is given up when its time is over. The late one is the
    /// third, in its last second.
    function _decide(Commit memory commit, bytes32 commitId, uint256 subject) private {
        bytes32 id = _disputeId(commitId, award.id, subject);
        Dispute memory dispute = court.dispute(id);
        if (dispute.status != DisputeStatus.OPEN) return;
        uint256 by = dispute.time + market.profile().panelTime;
        bool votes = _there(PANEL) && (!late || dispute.round == 2 && nowTime == by);
        if (!votes) {
            vm.prank(stranger);
            try court.expire(sweep, commit, 0, subject) {} catch {}
            _mine(3);
            return;
        }
        if (beacon) _reveal(dispute.time);
        bool upheld = scene == Scene.WITHHELD || scene == Scene.ATTACKED;
        SignedVote[] memory list = _votes(court.panelOf(sweep, commit, 0, subject), id, upheld);
        vm.prank(stranger);
        court.resolve(sweep, commit, 0, subject, list);
    }

    // --- when ---

    /// @dev The next moment at which somebody can do something.
    function _next() internal view returns (uint256 next) {
        Commit memory commit = _commitment();
        Docket memory d = market.docket(sweep, commit);
        uint256 verdictTime = sweep.terms.verdictTime;
        next = _sooner(type(uint256).max, market.settleFrom(sweep.terms, commit.time));
        next = _sooner(next, commit.time + verdictTime);
        for (uint8 share; share < d.shares; ++share) {
            uint256 since = court.share(d.commitId, share).summonedAt;
            if (since == 0) continue;
            uint256 turn = since + market.profile().judgeTime;
            for (uint256 n; n <= 3; ++n) {
                next = _sooner(next, turn + n * verdictTime);
                next = _sooner(next, turn + n * verdictTime + 1);
            }
        }
        for (uint256 i; i < subjects.length; ++i) {
            next = _sooner(next, _panels(d.commitId, subjects[i]));
        }
    }

    /// @dev The last second of an open dispute's panel, or the one after it.
    function _panels(bytes32 commitId, uint256 subject) private view returns (uint256) {
        Dispute memory dispute = court.dispute(_disputeId(commitId, award.id, subject));
        if (dispute.status != DisputeStatus.OPEN) return 0;
        uint256 by = dispute.time + market.profile().panelTime;
        return nowTime < by ? by : by + 1;
    }

    function _sooner(uint256 next, uint256 moment) private view returns (uint256) {
        return moment > nowTime && moment < next ? moment : next;
    }
}
