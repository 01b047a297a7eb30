// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {Award, AwardStatus, Commit, SignedVerdict, SignedVote, Sweep} from "../src/types/Types.sol";
import {Courtroom} from "./Courtroom.t.sol";

contract ProductionTest is Courtroom {
    uint256 private subject;

    function setUp() public override {
        super.setUp();
        _deploy(production());
        for (uint256 i; i < judges.length; ++i) {
            _bondValidator(judges[i], LEAST_BOND, 24);
        }
        for (uint256 i; i < sellers.length; ++i) {
            _deposit(sellers[i], NATIVE, 10 ether);
        }
        _pass(EPOCH);
        Sweep memory s = _sweep();
        s.terms.verdictTime = 1 hours;
        Award[] memory awards = _award(s, _offers(s, 40, 4));
        _pass(1800);
        _bring(s, _commit(s, _submissions(awards)));
        _mine(3);
        subject = _subjectAt(0, 0, 0);
    }

    function test_a_sweep_is_settled_by_a_pinned_seed() public {
        SignedVerdict[] memory verdicts = _verdicts(sweep, _case());
        randomness.pin(_case().blockNumber, _case().time);
        height += 600;
        _pass(2 hours);
        vm.assertEq(market.settle(sweep, _case(), verdicts), 4);
        for (uint256 i; i < 4; ++i) {
            vm.assertEq(_free(sellers[i]), 10 ether + 320 * PRICE);
        }
    }

    /// @dev The votes of so many seats' holders, or a few more where one of them sits several times.
    function _some(uint256 count) private view returns (SignedVote[] memory votes, uint256 held) {
        address[] memory seats = _panel(0, subject);
        vm.assertEq(seats.length, 7);
        votes = new SignedVote[](count);
        SignedVote[] memory all = _vote(0, subject, false);
        for (uint256 i; i < count; ++i) {
            votes[i] = all[i];
        }
        for (uint256 i; i < 7; ++i) {
            bool sits;
            for (uint256 n; n < count; ++n) {
                if (seats[n] == seats[i]) sits = true;
            }
            if (sits) ++held;
        }
    }

    function test_four_of_seven_decide() public {
        _refutes(subject);
        (SignedVote[] memory votes, uint256 held) = _some(4);
        vm.assertGe(held, 4);
        court.resolve(sweep, _case(), 0, subject, votes);
        _statusAt(0, AwardStatus.SLASHED);
    }

    function test_fewer_than_four_decide_nothing() public {
        _refutes(subject);
        (SignedVote[] memory votes, uint256 held) = _some(1);
        vm.assertLt(held, 4);
        Commit memory commit = _case();
        vm.expectRevert(
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, 0, held, 4)
        );
        court.resolve(sweep, commit, 0, subject, votes);
    }

    /// @dev Two hours' window, an hour to answer the summons, an hour for each pair.
    function test_a_silent_judge_is_replaced_within_six_hours() public {
        _pass(2 hours);
        court.summon(sweep, _case(), 0);
        _pass(3 hours + 1);
        _post(_upheld(0, 5), 5);
        _pass(1 hours - 1);
        _post(_upheld(0, 6), 6);
        SignedVerdict[] memory others = new SignedVerdict[](2);
        (others[0], others[1]) = (_upheld(1, 0), _upheld(2, 0));
        vm.assertEq(market.settle(sweep, _case(), others), 4);
    }

    function test_three_panels_have_three_days() public {
        _refutes(subject);
        for (uint256 i; i < 3; ++i) {
            _statusAt(0, AwardStatus.DISPUTED);
            _pass(24 hours + 1);
            _expire(0, subject);
        }
        _statusAt(0, AwardStatus.REFUNDED);
    }
}
