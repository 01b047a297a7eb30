// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Docket,
    Offer,
    Share,
    SignedVerdict,
    Submission,
    Sweep
} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

/// @dev Signs whatever it is asked, and posts a verdict in between where it can.
contract Wallet {
    address private immutable COURT;
    bytes private call;

    constructor(address court) {
        COURT = court;
    }

    function prepare(bytes calldata call_) external {
        call = call_;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        if (call.length != 0) {
            (bool done,) = COURT.call(call);
            if (!done) return 0;
        }
        return this.isValidSignature.selector;
    }
}

contract PostTest is Courtroom {
    uint256 private constant MARKED = 1 << 255;

    function _refuse(SignedVerdict memory verdict, uint8 seat, bytes memory refusal) private {
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.post(sweep, commit, verdict, seat);
    }

    function _opened(uint256 index, uint256 subject, DisputeStatus status) private view {
        vm.assertTrue(_disputeOf(index, subject).status == status);
    }

    function _unseeded() private returns (bytes memory refusal) {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Award[] memory awards = _award(other, _offers(other, 10, 1));
        _bring(other, _commit(other, _submissions(awards)));
        return
            abi.encodeWithSelector(IAuditCourt.AuditCourt_SeedUnknown.selector, _case().blockNumber);
    }

    // --- refusals ---

    function test_the_seed_must_be_known() public {
        bytes memory refusal = _unseeded();
        _refuse(SignedVerdict(0, "", 0, ""), 0, refusal);
        height += 10_000;
        _pass(1);
        _refuse(SignedVerdict(0, "", 0, ""), 0, refusal);
    }

    function test_a_changed_commit_is_refused() public {
        SignedVerdict memory verdict = _upheld(0, 0);
        Commit memory commit = _case();
        commit.awards[1].award.trials = 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISweepMarket.SweepMarket_UnknownAward.selector, commit.awards[1].award.id
            )
        );
        court.post(sweep, commit, verdict, 0);
    }

    function test_a_share_that_does_not_exist_is_refused() public {
        SignedVerdict memory verdict = _upheld(0, 0);
        verdict.share = 3;
        _refuse(
            verdict, 0, abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchShare.selector, 3, 3)
        );
    }

    function test_a_seat_that_does_not_exist_is_refused() public {
        _refuse(
            _upheld(0, 0), 7, abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchSeat.selector, 7)
        );
    }

    function test_a_share_without_items_is_refused() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Award[] memory awards = _award(other, _offers(other, 3, 1));
        Submission[] memory submissions = new Submission[](1);
        submissions[0] = _submission(awards[0], 1);
        _bring(other, _commit(other, submissions));
        _mine(3);
        Docket memory d = _docket();
        _refuse(
            _verdict(sweep, _case(), d, 2, ""),
            0,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_BadAnswers.selector, d.commitId, 2)
        );
    }

    function test_misshapen_answers_are_refused() public {
        (Sweep memory s, Commit memory c) = _posted(10, 1);
        _bring(s, c);
        Docket memory d = _docket();
        bytes memory refusal =
            abi.encodeWithSelector(IAuditCourt.AuditCourt_BadAnswers.selector, d.commitId, 2);
        uint256 size = d.sizes[2];
        bytes[3] memory answers = [_answers(size + 2, 1), _answers(size - 2, 1), _answers(size, 1)];
        _setAnswer(answers[2], size - 1, 9);
        for (uint256 i; i < 3; ++i) {
            _refuse(_verdict(sweep, c, d, 2, answers[i]), 0, refusal);
        }
        SignedVerdict memory inFull = _verdict(sweep, c, d, 2, "");
        inFull.answers = _answers(size, 5);
        _refuse(inFull, 0, refusal);
    }

    function test_only_the_judge_signs() public {
        SignedVerdict memory verdict = _upheld(1, 0);
        verdict.evidence = keccak256("other evidence");
        _refuse(
            verdict,
            0,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_BadSignature.selector, _caseId(), _seat(1, 0)
            )
        );
    }

    function test_the_first_verdict_stays() public {
        _post(_upheld(1, 0), 0);
        _refuse(
            _refutation(sweep, _case(), _subjectAt(0, 1, 0)),
            0,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_AlreadyPosted.selector, _caseId(), 1, 0)
        );
    }

    function test_a_commit_that_is_settled_hears_nothing_more() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        SignedVerdict memory refutation = _refutation(sweep, _case(), _subjectAt(0, 0, 0));
        _pass(16);
        market.settle(sweep, _case(), verdicts);
        bytes memory refusal =
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NothingOpen.selector, _caseId());
        _refuse(verdicts[0], 0, refusal);
        _refuse(refutation, 0, refusal);
        vm.assertEq(court.share(_caseId(), 0).seats, 0);
    }

    // --- records ---

    function test_an_upheld_share_is_recorded_and_the_seed_pinned() public {
        Docket memory d = _docket();
        SignedVerdict memory verdict = _upheld(1, 0);
        uint256 slot = market.awardSlot(_awardAt(0).id);
        address judge = _seat(1, 0);
        Commit memory commit = _case();
        vm.expectEmit();
        emit IAuditCourt.VerdictPosted(d.commitId, 1, 0, judge, verdict.answers, verdict.evidence);
        vm.prank(relayer);
        court.post(sweep, commit, verdict, 0);
        vm.assertEq(court.postedVerdict(d.commitId, 1, 0), _verdictHash(d.commitId, verdict));
        vm.assertEq(court.postedVerdict(d.commitId, 0, 0), bytes32(0));
        Share memory share = court.share(d.commitId, 1);
        vm.assertEq(share.seats, 1);
        vm.assertEq(share.upholding, 0);
        vm.assertEq(share.summonedAt, 0);
        vm.assertEq(market.awardSlot(_awardAt(0).id), slot | MARKED);
        vm.assertTrue(_docket().marked);
        height += 10_000;
        _pass(1);
        vm.assertEq(_docket().seed, d.seed);
    }

    function test_a_marked_commit_stays_marked() public {
        _post(_upheld(1, 0), 0);
        _post(_upheld(2, 0), 0);
        vm.assertTrue(_docket().marked);
        _refutes(_subjectAt(0, 0, 0));
        vm.assertTrue(_docket().marked);
    }

    function test_fuzz_what_refutes_an_award_names_one_item(uint256 named, uint8 outcome) public {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[0], 1);
        named = bound(named, 0, 3);
        for (uint256 i; i < named; ++i) {
            _setAnswer(answers, i, 7);
        }
        uint8[3] memory others = [0, 2, 4];
        uint8 other = others[outcome % 3];
        _setAnswer(answers, 9, other);
        bool withheld = named == 0 && other != 2;
        SignedVerdict memory verdict = _verdict(sweep, _case(), d, 0, answers);
        Commit memory commit = _case();
        bytes32 id = commit.awards[0].award.id;
        if (named != 1 && !withheld) {
            vm.expectRevert(
                abi.encodeWithSelector(IAuditCourt.AuditCourt_NamesNotOne.selector, id, named)
            );
        }
        court.post(sweep, commit, verdict, 0);
        bool open = named == 1 || withheld;
        _assertStatus(id, open ? AwardStatus.DISPUTED : AwardStatus.POSTED);
    }

    /// @dev One of its own and one that it doubles: that is two.
    function test_doubled_items_count_among_those_named() public {
        (uint8 share, uint256 own, uint256 doubled) = _doubling();
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[share], 5);
        _setAnswer(answers, _placeOf(d, share, own), 3);
        _setAnswer(answers, _placeOf(d, share, doubled), 3);
        bytes32 id = _awardAt(0).id;
        _refuse(
            _verdict(sweep, _case(), d, share, answers),
            0,
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NamesNotOne.selector, id, 2)
        );
    }

    function test_a_judge_that_was_posted_is_known_by_its_seat() public {
        address judge = _seat(1, 0);
        vm.assertEq(court.holderOf(_caseId(), 1, 0), address(0));
        _post(_upheld(1, 0), 0);
        vm.assertEq(court.holderOf(_caseId(), 1, 0), judge);
        vm.assertEq(court.holderOf(_caseId(), 0, 0), address(0));
        vm.assertEq(court.holderOf(_caseId(), 1, 1), address(0));
    }

    // --- disputes ---

    function test_fuzz_a_named_item_opens_a_dispute(uint256 place, uint8 share) public {
        share %= 3;
        Docket memory d = _docket();
        place = bound(place, 0, d.sizes[share] - 1);
        uint256 item = _list(d, share)[place];
        uint256 index = _indexOf(d, item);
        uint256 subject = _subjectOf(share, item);
        bytes32 awardId = _awardAt(index).id;
        bytes32 disputeId = _disputeId(d.commitId, awardId, subject);
        SignedVerdict memory verdict = _refutation(sweep, _case(), subject);
        address judge = _seat(share, 0);
        Commit memory commit = _case();
        vm.expectEmit();
        emit IAuditCourt.DisputeOpened(disputeId, d.commitId, awardId, subject, judge);
        vm.expectEmit();
        emit ISweepMarket.Disputed(awardId, disputeId);
        court.post(sweep, commit, verdict, 0);

        _statusAt(index, AwardStatus.DISPUTED);
        _statusAt(1 - index, AwardStatus.POSTED);
        Dispute memory opened = court.dispute(disputeId);
        vm.assertTrue(opened.status == DisputeStatus.OPEN);
        vm.assertTrue(opened.kind == DisputeKind.REFUTATION);
        vm.assertEq(opened.round, 0);
        vm.assertEq(opened.time, nowTime);
        vm.assertEq(opened.blockNumber, height);
        vm.assertEq(opened.accuser, judge);
    }

    function test_fuzz_the_first_unavailable_item_opens_a_dispute(uint256 seed) public {
        Docket memory d = _docket();
        uint256[] memory items = _itemsOf(0, 1);
        bytes memory answers = _answers(d.sizes[1], 1);
        uint256 first = items.length;
        for (uint256 i = items.length; i > 0;) {
            bool withheld = --i == seed % items.length || seed >> i & 1 == 1;
            if (!withheld) continue;
            _setAnswer(answers, _placeOf(d, 1, items[i]), 0);
            first = i;
        }
        _post(_verdict(sweep, _case(), d, 1, answers), 0);
        for (uint256 i; i < items.length; ++i) {
            DisputeStatus status = i == first ? DisputeStatus.OPEN : DisputeStatus.NONE;
            _opened(0, _subjectOf(1, items[i]), status);
        }
        Dispute memory opened = _disputeOf(0, _subjectOf(1, items[first]));
        vm.assertTrue(opened.kind == DisputeKind.WITHHELD);
        _statusAt(0, AwardStatus.DISPUTED);
    }

    function test_a_named_item_goes_before_an_unavailable_one() public {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[0], 1);
        _setAnswer(answers, 2, 0);
        _setAnswer(answers, 4, 3);
        _setAnswer(answers, 6, 0);
        _post(_verdict(sweep, _case(), d, 0, answers), 0);
        _opened(0, _subjectOf(0, 6), DisputeStatus.NONE);
        _opened(0, _subjectOf(0, 12), DisputeStatus.OPEN);
        vm.assertTrue(_disputeOf(0, _subjectOf(0, 12)).kind == DisputeKind.REFUTATION);
    }

    /// @dev A share that doubles an item of the first award: itself, an own item, the doubled one.
    function _doubling() private view returns (uint8 share, uint256 own, uint256 doubled) {
        for (; share < 3; ++share) {
            uint256[] memory items = _itemsOf(0, share);
            doubled = items[items.length - 1];
            if (doubled % 3 != share) return (share, items[0], doubled);
        }
        revert("six of sixty are doubled");
    }

    function test_a_doubled_item_is_disputed_by_each_of_its_shares() public {
        (uint8 share,, uint256 item) = _doubling();
        uint256 subject = _subjectOf(share, item);
        _refutes(subject);
        _opened(0, subject, DisputeStatus.OPEN);
        vm.assertEq(_disputeOf(0, subject).accuser, _seat(share, 0));
        uint8 owner = uint8(item % 3);
        _opened(0, _subjectOf(owner, item), DisputeStatus.NONE);
        _refutes(_subjectOf(owner, item));
        _opened(0, _subjectOf(owner, item), DisputeStatus.OPEN);
        vm.assertEq(_disputeOf(0, _subjectOf(owner, item)).accuser, _seat(owner, 0));
    }

    function test_one_award_withheld_does_not_shield_another() public {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[0], 1);
        _setAnswer(answers, _placeOf(d, 0, _itemsOf(0, 0)[0]), 3);
        _setAnswer(answers, _placeOf(d, 0, _itemsOf(1, 0)[0]), 0);
        _post(_verdict(sweep, _case(), d, 0, answers), 0);
        _statusAt(0, AwardStatus.DISPUTED);
        _statusAt(1, AwardStatus.DISPUTED);
        vm.assertTrue(_disputeOf(0, _subjectAt(0, 0, 0)).kind == DisputeKind.REFUTATION);
        vm.assertTrue(_disputeOf(1, _subjectAt(1, 0, 0)).kind == DisputeKind.WITHHELD);
    }

    function test_a_disputed_award_is_not_settled() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        uint256 subject = _subjectAt(1, 0, 0);
        verdicts[0] = _refutation(sweep, _case(), subject);
        _refutes(subject);
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 1);
        _statusAt(1, AwardStatus.DISPUTED);
    }

    function test_two_named_awards_open_two_disputes() public {
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[0], 1);
        for (uint256 index; index < 2; ++index) {
            _setAnswer(answers, _placeOf(d, 0, _itemsOf(index, 0)[1]), 3);
        }
        _post(_verdict(sweep, _case(), d, 0, answers), 0);
        for (uint256 index; index < 2; ++index) {
            _opened(index, _subjectAt(index, 0, 1), DisputeStatus.OPEN);
            _statusAt(index, AwardStatus.DISPUTED);
        }
    }

    function test_another_judge_opens_another_dispute() public {
        _refutes(_subjectAt(0, 0, 1));
        _refutes(_subjectAt(0, 1, 1));
        _opened(0, _subjectAt(0, 0, 1), DisputeStatus.OPEN);
        _opened(0, _subjectAt(0, 1, 1), DisputeStatus.OPEN);
        _statusAt(0, AwardStatus.DISPUTED);
    }

    function test_a_settled_award_is_beyond_dispute() public {
        Docket memory d = _docket();
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        bytes memory answers = _answers(d.sizes[0], 1);
        _setAnswer(answers, _placeOf(d, 0, _itemsOf(1, 0)[0]), 0);
        verdicts[0] = _verdict(sweep, _case(), d, 0, answers);
        _pass(16);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 1);
        _setAnswer(answers, _placeOf(d, 0, _itemsOf(0, 0)[0]), 3);
        _setAnswer(answers, _placeOf(d, 0, _itemsOf(1, 0)[0]), 1);
        _post(_verdict(sweep, _case(), d, 0, answers), 0);
        _opened(0, _subjectAt(0, 0, 0), DisputeStatus.NONE);
        _statusAt(0, AwardStatus.SETTLED);
        _statusAt(1, AwardStatus.POSTED);
    }

    function test_a_late_verdict_is_heard() public {
        SignedVerdict memory verdict = _refutation(sweep, _case(), _subjectAt(0, 2, 0));
        _pass(10_000);
        _post(verdict, 0);
        _statusAt(0, AwardStatus.DISPUTED);
    }

    /// @dev As many awards as one commit takes, of a trial each; a transaction has 2^24 gas.
    function test_all_awards_of_a_full_commit_are_disputed_in_one_transaction() public {
        Sweep memory other = _sweep();
        other.specHash = keccak256("another");
        Offer[] memory offers = new Offer[](64);
        for (uint256 i; i < 64; ++i) {
            offers[i] = _offer(_bid(other, sellers[i % 6], i, 1));
        }
        _bring(other, _commit(other, _submissions(_award(other, offers))));
        _mine(3);
        Docket memory d = _docket();
        bytes memory answers = _answers(d.sizes[0], 5);
        uint256 disputed;
        uint256[] memory items = _list(d, 0);
        for (uint256 i; i < items.length; ++i) {
            uint256 index = _indexOf(d, items[i]);
            if (i != 0 && _indexOf(d, items[i - 1]) == index) continue;
            if (items[i] % 3 != 0) break;
            _setAnswer(answers, i, 3);
            ++disputed;
        }
        SignedVerdict memory verdict = _verdict(sweep, _case(), d, 0, answers);
        Commit memory commit = _case();
        uint256 before = gasleft();
        court.post(sweep, commit, verdict, 0);
        vm.assertLt(before - gasleft(), 2 ** 24);
        for (uint256 i; i < 64; ++i) {
            if (_status(commit.awards[i].award.id) == AwardStatus.DISPUTED) --disputed;
        }
        vm.assertEq(disputed, 0);
    }

    // --- judges that are contracts ---

    function test_a_contract_judges_and_cannot_call_back() public {
        Wallet wallet = new Wallet(address(court));
        // Whoever's signature it is shown, it answers alike.
        keyOf[address(wallet)] = 1;
        vm.deal(address(wallet), 1_000_000 ether);
        _bondValidator(address(wallet), 1_000_000 ether, 24);
        _pass(EPOCH);
        (Sweep memory s, Commit memory c) = _posted(10, 1);
        _bring(s, c);
        vm.assertEq(_seat(0, 0), address(wallet));
        SignedVerdict memory verdict = _upheld(0, 0);
        wallet.prepare(abi.encodeCall(IAuditCourt.post, (s, c, verdict, 0)));
        _refuse(
            verdict,
            0,
            abi.encodeWithSelector(
                IAuditCourt.AuditCourt_BadSignature.selector, _caseId(), address(wallet)
            )
        );
        wallet.prepare("");
        _post(verdict, 0);
        vm.assertEq(court.share(_caseId(), 0).seats, 1);
    }

    // --- judgeOf ---

    function test_a_judge_is_unknown_before_the_seed() public {
        bytes memory refusal = _unseeded();
        Commit memory commit = _case();
        vm.expectRevert(refusal);
        court.judgeOf(sweep, commit, 0, 0);
    }

    function test_a_share_or_seat_that_does_not_exist_has_no_judge() public {
        (Sweep memory s, Commit memory c) = _posted(2, 1);
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchShare.selector, 2, 2));
        court.judgeOf(s, c, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NoSuchSeat.selector, 7));
        court.judgeOf(s, c, 1, 7);
    }

    /// @dev All bond the same, so the draw alone says who; the buyer's and sellers' are no validators.
    function test_seats_are_as_a_plain_walk_says() public view {
        Docket memory d = _docket();
        for (uint8 share; share < 3; ++share) {
            uint256 drawn = _draw(d.seed, 3, bytes32(uint256(share)), 0);
            uint256 judge = drawn % (12 * uint256(LEAST_BOND)) / LEAST_BOND;
            vm.assertEq(_seat(share, 0), judges[judge]);
            for (uint8 seat = 1; seat < 7; ++seat) {
                drawn = _draw(d.seed, 3, bytes32(uint256(share)), seat);
                uint256 place = drawn % (11 * uint256(LEAST_BOND)) / LEAST_BOND;
                vm.assertEq(_seat(share, seat), judges[place < judge ? place : place + 1]);
            }
        }
    }

    function test_fuzz_a_judge_is_never_a_party(uint256 seed) public {
        Sweep memory other = _sweep();
        other.specHash = bytes32(seed);
        Award[] memory awards = _award(other, _offers(other, 6, 2));
        _bondValidator(sellers[0], 500 ether, 24);
        _bondValidator(buyer, 500 ether, 24);
        _pass(EPOCH);
        _bring(other, _commit(other, _submissions(awards)));
        _mine(3);
        for (uint8 share; share < 3; ++share) {
            for (uint8 seat; seat < 7; ++seat) {
                address judge = _seat(share, seat);
                vm.assertNotEq(judge, sellers[0]);
                vm.assertNotEq(judge, buyer);
                vm.assertNotEq(judge, address(0));
                if (seat != 0) vm.assertNotEq(judge, _seat(share, 0));
            }
        }
    }
}
