// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {IOversight} from "../src/interfaces/IOversight.sol";
import {ISweepMarket} from "../src/interfaces/ISweepMarket.sol";
import {Leaves} from "../src/libraries/Leaves.sol";
import {
    Award,
    AwardStatus,
    Bid,
    Commit,
    Docket,
    SignedVerdict,
    SignedVote,
    Submission,
    TrialLeaf
} from "../src/types/Types.sol";
import {Merkle} from "./Oversight.t.sol";
import {Plot} from "./Plot.t.sol";

/// @notice What is tried before the court and the oversight: by challengers, judges, their substitutes, panels,
/// demanders, and the seller behind them. `Attacks` is what is tried in trade.
contract AttacksInCourtTest is Plot {
    uint8 private constant SHARE = 1;

    address private mallory;

    function setUp() public override {
        super.setUp();
        mallory = _actor("mallory");
        _deposit(mallory, NATIVE, 10 ether);
    }

    // --- challenges ---

    function test_a_challenge_that_stalls_costs_a_panel_and_takes_nobodys_pay() public {
        _plot(mallory);
        Award memory award = _awardAt(0);
        _lapse(0, _challenge(mallory, 0, 7));
        vm.assertEq(_settleAll(), 2);
        _assertPaid(award);
        _assertPoorerBy(_panelFee(award));
    }

    /// @dev A panel each, called in the same block.
    function _challengeTwenty() private {
        Commit memory commit = _case();
        for (uint256 i; i < 20; ++i) {
            vm.prank(mallory);
            court.challenge(sweep, commit, 0, i);
        }
        _mine(3);
    }

    function test_twenty_wrong_challenges_at_once_cost_twenty_deposits() public {
        _plot(mallory);
        _challengeTwenty();
        for (uint256 i; i < 20; ++i) {
            _resolve(0, CHALLENGE | i, true);
        }
        _pass(15);
        vm.assertEq(_settleAll(), 2);
        _assertPaid(_awardAt(0));
        _assertPoorerBy(20 * _depositOf(_awardAt(0)));
    }

    function test_twenty_challenges_that_stall_cost_twenty_panels() public {
        _plot(mallory);
        _challengeTwenty();
        for (uint256 round; round < 3; ++round) {
            _pass(PANEL_TIME + 1);
            for (uint256 i; i < 20; ++i) {
                _expire(0, CHALLENGE | i);
            }
        }
        vm.assertEq(_settleAll(), 2);
        _assertPaid(_awardAt(0));
        _assertPoorerBy(20 * _panelFee(_awardAt(0)));
    }

    // --- panels that a seller starves ---

    /// @dev The seller serves whom it can without letting so many seats uphold, and starves the others.
    function _served(uint256 subject, uint256 most)
        private
        view
        returns (SignedVote[] memory votes)
    {
        address[] memory seats = _panel(0, subject);
        votes = _votes(seats, _idOf(0, subject), UNAVAILABLE);
        uint256 served;
        for (uint256 i; i < seats.length; ++i) {
            uint256 held = _seatsOf(seats[i], seats);
            if (served + held > most) continue;
            served += held;
            votes[i] = _voteOf(seats[i], _idOf(0, subject), UPHELD);
            // Who sits twice votes once.
            for (uint256 n = i + 1; n < seats.length; ++n) {
                if (seats[n] == seats[i]) votes[n] = votes[i];
            }
        }
    }

    /// @dev In production, where four of seven decide.
    function test_a_seller_that_serves_three_of_seven_is_convicted() public {
        _deploy(production());
        for (uint256 i; i < judges.length; ++i) {
            _bondValidator(judges[i], LEAST_BOND, 24);
        }
        _pass(EPOCH);
        _deposit(sellers[2], NATIVE, 10 ether);
        _plot(sellers[2]);
        sweep = _sweep();
        sweep.terms.verdictTime = 1 hours;
        Award[] memory awards = _award(sweep, _only(_offer(_bid(sweep, sellers[2], 0, 30))));
        _bring(sweep, _commit(sweep, _submissions(awards)));
        _mine(3);
        uint256 subject = _subjectAt(0, 0, 0);
        _refutes(subject);
        court.resolve(sweep, _case(), 0, subject, _served(subject, 3));
        _statusAt(0, AwardStatus.SLASHED);
        _assertPoorerBy(_bondOf(awards[0]));
        _assertRefunded(awards[0]);
    }

    /// @dev Ten trials at the cap, bought, sold, trained and posted by one person.
    function _sellToItself() private returns (Award memory award) {
        buyer = mallory;
        sweep = _sweep();
        Bid memory bid = _bid(sweep, sellers[2], 0, 10);
        bid.price = uint128(CAP) / (10 * uint128(S));
        Award[] memory awards = _award(sweep, _only(_offer(bid)));
        _bring(sweep, _commitBy(sellers[2], sweep, _submissions(awards)));
        _mine(3);
        return awards[0];
    }

    /// @dev The segment that a share's first audit replays.
    function _audited(Award memory award, uint8 share) private view returns (uint256) {
        return uint256(share) * S + _draw(_docket().seed, 1, award.id, share) % S;
    }

    /// @dev Each judge was served and upheld. In the window's last second their segments are challenged, and what
    /// served the judges is kept from the panels.
    function test_who_starves_the_panels_of_its_own_challenges_has_no_judge_fined() public {
        _plot(mallory, sellers[2]);
        Award memory award = _sellToItself();
        SignedVerdict[] memory words = _verdicts(sweep, _case());
        _pass(14);
        Commit memory commit = _case();
        for (uint8 share; share < 3; ++share) {
            uint256 position = _audited(award, share);
            vm.prank(mallory);
            court.challenge(sweep, commit, 0, position);
        }
        _mine(3);
        for (uint8 share; share < 3; ++share) {
            _starve(0, CHALLENGE | _audited(award, share));
        }
        _statusAt(0, AwardStatus.SLASHED);
        for (uint8 share; share < 3; ++share) {
            _assertNotOverturned(CHALLENGE | _audited(award, share), words[share]);
        }
        // The buyer and the relayer have theirs back; what the panel and the fire have is the seller's.
        _assertPoorerBy(_bondOf(award) - TIP - _depositOf(award) / 4);
    }

    function _assertNotOverturned(uint256 subject, SignedVerdict memory word) private {
        address judge = _seat(word.share, 0);
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(IOversight.Oversight_NotRefuted.selector, _idOf(0, subject))
        );
        vm.prank(mallory);
        oversight.overturn(sweep, commit, 0, subject, word, judge);
        vm.assertEq(validators.validator(judge).bond, LEAST_BOND);
    }

    /// @dev The judge refutes in a block after which three different people sit on the panel.
    function _callsThree(uint256 subject) private returns (address[] memory seats) {
        for (uint256 later; later < 64; ++later) {
            uint256 state = vm.snapshotState();
            _mine(later);
            _refutes(subject);
            seats = _panel(0, subject);
            bool three = seats[0] != seats[1] && seats[1] != seats[2] && seats[0] != seats[2];
            if (three) return seats;
            vm.revertToState(state);
        }
        revert("no panel of three");
    }

    /// @dev One is served, one is starved, and one was paid to be silent.
    function test_a_seller_that_splits_its_panels_is_paid_nothing() public {
        _plot(sellers[0]);
        uint256 subject = _subjectAt(0, 0, 0);
        address[] memory seats = _callsThree(subject);
        SignedVote[] memory split = new SignedVote[](2);
        split[0] = _voteOf(seats[0], _idOf(0, subject), UPHELD);
        split[1] = _voteOf(seats[1], _idOf(0, subject), UNAVAILABLE);
        Commit memory commit = _case();
        vm.expectRevert(abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, 1, 1, 2));
        court.resolve(sweep, commit, 0, subject, split);
        _lapse(0, subject);
        _statusAt(0, AwardStatus.REFUNDED);
        _assertNotRicher();
        vm.assertEq(_free(buyer), _cost(_awardAt(0)) - TIP);
    }

    /// @dev The panel got what the judge could not get, so the award goes on, with a smaller bond.
    function test_a_seller_that_starves_its_judge_and_serves_the_panel_pays_for_it() public {
        _plotInsteadOfWork(sellers[0]);
        uint256 subject = _subjectAt(0, 0, 0);
        SignedVerdict memory lacking = _withheld(sweep, _case(), subject);
        _misses(subject);
        _resolve(0, subject, true);
        _pass(15);
        vm.assertEq(_settleBut(lacking), 2);
        _assertPoorerBy(_sellersPart(_awardAt(0)));
    }

    // --- judges that accuse falsely ---

    function test_a_judge_that_refutes_good_work_is_fined_and_the_seller_is_paid() public {
        _plotInsteadOfWork(_seat(0, 0));
        uint256 subject = _subjectAt(0, 0, 0);
        SignedVerdict memory refuting = _refutation(sweep, _case(), subject);
        _refutes(subject);
        _resolve(0, subject, true);
        _pass(15);
        vm.assertEq(_settleBut(refuting), 2);
        _assertPaid(_awardAt(0));
        _assertPoorer();
    }

    function test_a_false_alarm_is_fined_though_the_seller_pays_a_part_of_the_panel() public {
        _plotInsteadOfWork(_seat(0, 0));
        Award memory award = _awardAt(0);
        uint256 subject = _subjectAt(0, 0, 0);
        SignedVerdict memory lacking = _withheld(sweep, _case(), subject);
        _misses(subject);
        _resolve(0, subject, true);
        _pass(15);
        vm.assertEq(_settleBut(lacking), 2);
        vm.assertEq(_holds(award.seller), 1000 ether + _price(award) - _sellersPart(award));
        _assertPoorer();
    }

    // --- judges that answer too late, too early, twice ---

    function _summon() private {
        _pass(VERDICT_TIME);
        court.summon(sweep, _case(), SHARE);
    }

    /// @dev Both uphold all of the share, in their turn.
    function _standIn(uint8 one, uint8 other) private {
        _post(_upheld(SHARE, one), one);
        _post(_upheld(SHARE, other), other);
    }

    function test_a_judge_that_answers_after_its_summons_ran_out_is_not_heard() public {
        _plotInsteadOfWork(_seat(SHARE, 0));
        _summon();
        _pass(JUDGE_TIME + 1);
        _standIn(1, 2);
        SignedVerdict memory late = _upheld(SHARE, 0);
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(IAuditCourt.AuditCourt_TooLate.selector, _caseId(), nowTime - 1)
        );
        court.post(sweep, commit, late, 0);
        SignedVerdict[] memory others = _without(SHARE);
        vm.assertEq(market.settle(sweep, commit, others), 2);
        _assertPaid(_awardAt(0));
        _assertPoorer();
    }

    /// @dev Who summons it knows its verdict, and keeps it back.
    function test_a_judge_that_had_signed_before_it_was_summoned_loses_nothing() public {
        SignedVerdict memory early = _upheld(SHARE, 0);
        address judge = _seat(SHARE, 0);
        uint256 had = _holds(judge);
        _plot(mallory);
        vm.prank(mallory);
        _summon();
        _pass(JUDGE_TIME);
        vm.prank(sellers[0]);
        _post(early, 0);
        vm.assertEq(_settleAll(), 2);
        vm.assertGe(_holds(judge) - had, _feeOf(0, SHARE) + _feeOf(1, SHARE));
        _assertNotRicher();
    }

    function test_a_judge_that_answers_twice_loses_its_bond() public {
        address judge = _seat(0, 0);
        _plot(judge, mallory);
        uint256 subject = _subjectAt(0, 0, 0);
        SignedVerdict memory bought = _upheld(0, 0);
        SignedVerdict memory refuting = _refutation(sweep, _case(), subject);
        _post(refuting, 0);
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        _pass(15);
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NotPosted.selector, _caseId(), 0)
        );
        market.settle(sweep, commit, verdicts);
        // It shows its fault itself, through a friend, and still loses nine tenths.
        vm.prank(mallory);
        oversight.contradict(_caseId(), bought, refuting, judge);
        _assertPoorerBy(LEAST_BOND - LEAST_BOND / 10);
    }

    // --- a judge that a seller silences ---

    /// @dev The first of a share's later seats that somebody else holds.
    function _another(uint8 seat, address[2] memory than) private view returns (uint8) {
        for (++seat; seat <= 6; ++seat) {
            address holder = _seat(SHARE, seat);
            if (holder != than[0] && holder != than[1]) return seat;
        }
        revert("all seats are theirs");
    }

    function test_silencing_a_judge_does_not_pass_a_forgery_by_one_bought_substitute() public {
        address bought = _seat(SHARE, 1);
        _plot(sellers[0], bought);
        _summon();
        _pass(JUDGE_TIME + 2 * VERDICT_TIME + 1);
        _post(_upheld(SHARE, 1), 1);
        Commit memory commit = _case();
        SignedVerdict[] memory others = _without(SHARE);
        vm.expectRevert(
            abi.encodeWithSelector(ISweepMarket.SweepMarket_NothingToSettle.selector, _caseId())
        );
        market.settle(sweep, commit, others);
        uint8 honest = _another(1, [bought, bought]);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, honest, item, 3), honest);
        _mine(3);
        _resolve(0, _subjectOf(SHARE, item), false);
        _statusAt(0, AwardStatus.SLASHED);
        _assertPoorer();
        _assertRefunded(_awardAt(0));
    }

    function test_silencing_all_who_could_judge_gets_the_seller_no_pay() public {
        _plot(sellers[0]);
        _summon();
        _pass(JUDGE_TIME + 3 * VERDICT_TIME + 1);
        Award memory award = _awardAt(0);
        market.expirePosted(sweep, _case(), 0, _without(SHARE));
        _statusAt(0, AwardStatus.REFUNDED);
        _assertNotRicher();
        vm.assertEq(_free(buyer), _cost(award) - TIP - _feeOf(0, 0) - _feeOf(0, 2));
    }

    function test_a_substitute_that_refutes_good_work_pays_for_it_and_two_others_stand_in() public {
        address liar = _seat(SHARE, 1);
        _plot(liar);
        _summon();
        _pass(JUDGE_TIME + 2 * VERDICT_TIME + 1);
        uint256 item = _itemsOf(0, SHARE)[0];
        _post(_said(SHARE, 1, item, 3), 1);
        _mine(3);
        _resolve(0, _subjectOf(SHARE, item), true);
        uint8 first = _another(1, [liar, liar]);
        _standIn(first, _another(first, [liar, liar]));
        SignedVerdict[] memory others = _without(SHARE);
        vm.assertEq(market.settle(sweep, _case(), others), 2);
        _assertPaid(_awardAt(0));
        _assertPoorer();
    }

    /// @dev The judge and five of its substitutes stay away, to have the seller go without its pay.
    function test_a_silent_judge_with_five_silent_substitutes_is_fined_and_the_seller_is_paid()
        public
    {
        _plotInsteadOfWork(_seat(SHARE, 0));
        _summon();
        _pass(JUDGE_TIME + 2 * VERDICT_TIME + 1);
        _post(_upheld(SHARE, 6), 6);
        _pass(VERDICT_TIME);
        SignedVerdict[] memory others = _without(SHARE);
        vm.assertEq(market.settle(sweep, _case(), others), 2);
        _assertPaid(_awardAt(0));
        _assertPoorer();
    }

    // --- demands ---

    /// @dev A part of the state at a boundary, the same in every trial.
    function _part(string memory name, uint256 k) private pure returns (bytes32) {
        return sha256(abi.encode(name, k));
    }

    function _boundaries() private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](S + 1);
        for (uint256 k; k <= S; ++k) {
            (bytes32 w, bytes32 m, bytes32 v) = (_part("w", k), _part("m", k), _part("v", k));
            leaves[k] = Leaves.ofSegment(k, Leaves.stateDigest(k, w, m, v, k), 0, 0);
        }
    }

    function _trial(Award memory award, uint256 i) private pure returns (TrialLeaf memory leaf) {
        (leaf.awardId, leaf.seller, leaf.trial) = (award.id, award.seller, i);
        (leaf.offset, leaf.segmentsDone) = (S * i, S);
        leaf.segmentRoot = Merkle.root(_boundaries());
    }

    function _trialsOf(Award memory award) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](award.trials);
        for (uint256 i; i < leaves.length; ++i) {
            leaves[i] = Leaves.ofTrial(_trial(award, i));
        }
    }

    /// @dev The boundary that an audit ends at: item i is that of trial i.
    function _replayed(Docket memory d, uint256 item) private view returns (uint256 k) {
        return _draw(d.seed, 1, _awardAt(0).id, item) % S + 1;
    }

    function _evidence(Docket memory d, uint256 share)
        private
        view
        returns (bytes32[] memory leaves)
    {
        uint256[] memory items = _list(d, share);
        leaves = new bytes32[](items.length);
        for (uint256 i; i < leaves.length; ++i) {
            uint256 k = _replayed(d, items[i]);
            leaves[i] = Leaves.ofEvidence(items[i], _part("w", k), _part("m", k), _part("v", k));
        }
    }

    /// @dev Of a judge that replayed all of its share.
    function _word(Docket memory d, uint8 share) private view returns (SignedVerdict memory word) {
        (word.share, word.answers) = (share, hex"ff");
        word.evidence = Merkle.root(_evidence(d, share));
        bytes32 hash = _verdictHash(d.commitId, word);
        word.signature = _sign(_seat(share, 0), _digest(address(court), hash));
    }

    function _preimage(Docket memory d, uint256 item)
        private
        view
        returns (IOversight.Preimage memory p)
    {
        uint256 k = _replayed(d, item);
        (p.w, p.m, p.v, p.step) = (_part("w", k), _part("m", k), _part("v", k), k);
        p.evidence = Merkle.proof(_evidence(d, item % 3), _placeOf(d, item % 3, item));
        p.boundary = Merkle.proof(_boundaries(), k);
        p.trial = _trial(_awardAt(0), item);
        p.result = Merkle.proof(_trialsOf(_awardAt(0)), item);
    }

    /// @dev Three trials whose states and replays can be proven, and which are paid.
    function _proven() private returns (Docket memory d, uint256 settledAt) {
        sweep = _sweep();
        Award memory award = _award(sweep, _only(_offer(_bid(sweep, sellers[2], 0, 3))))[0];
        bytes32 root = Merkle.root(_trialsOf(award));
        bytes memory signature = _sign(award.seller, _resultDigest(award.id, root, award.segments));
        Submission[] memory list = new Submission[](1);
        list[0] = Submission(award, root, award.segments, signature);
        _bring(sweep, _commit(sweep, list));
        _mine(3);
        d = _docket();
        SignedVerdict[] memory verdicts = new SignedVerdict[](3);
        for (uint8 share; share < 3; ++share) {
            verdicts[share] = _word(d, share);
        }
        _pass(15);
        market.settle(sweep, _case(), verdicts);
        return (d, nowTime);
    }

    function _demand(Docket memory d, uint256 item) private {
        SignedVerdict memory word = _word(d, uint8(item % 3));
        address judge = _seat(word.share, 0);
        Commit memory commit = _case();
        vm.prank(mallory);
        oversight.demand{value: DEMAND_DEPOSIT}(sweep, commit, word, judge, item);
    }

    function _meet(Docket memory d, uint256 item) private {
        SignedVerdict memory word = _word(d, uint8(item % 3));
        IOversight.Preimage memory shown = _preimage(d, item);
        oversight.meet(sweep, _case(), word, _seat(word.share, 0), item, shown);
    }

    function test_a_demand_in_the_last_second_leaves_the_judge_all_of_its_time() public {
        (Docket memory d, uint256 settledAt) = _proven();
        address judge = _seat(0, 0);
        uint256 had = _holds(judge);
        _plot(mallory);
        _pass(settledAt + demo().demandTime - nowTime);
        _demand(d, 0);
        _pass(demo().demandTime);
        _meet(d, 0);
        vm.assertEq(_holds(judge) - had, DEMAND_DEPOSIT);
        _assertPoorerBy(DEMAND_DEPOSIT);
    }

    function test_who_demands_everything_pays_for_everything() public {
        (Docket memory d,) = _proven();
        _plot(mallory);
        for (uint256 item; item < 3; ++item) {
            _demand(d, item);
        }
        for (uint256 item; item < 3; ++item) {
            _meet(d, item);
        }
        _assertPoorerBy(3 * DEMAND_DEPOSIT);
    }
}
