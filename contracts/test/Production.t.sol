// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../src/interfaces/IAuditCourt.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Docket,
    SignedVerdict,
    SignedVote,
    Sweep
} from "../src/types/Types.sol";
import {Fixture} from "./Fixture.t.sol";

contract ProductionTest is Fixture {
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
    }

    function _committed() private returns (Sweep memory sweep, Commit memory commit) {
        sweep = _sweep();
        sweep.terms.verdictTime = 1 hours;
        Award[] memory awards = _award(sweep, _offers(sweep, 40, 4));
        _pass(1800);
        commit = _commit(sweep, _submissions(awards));
        _mine(3);
    }

    function test_a_sweep_is_settled_by_a_pinned_seed() public {
        (Sweep memory sweep, Commit memory commit) = _committed();
        SignedVerdict[] memory verdicts = _verdicts(sweep, commit);
        randomness.pin(commit.blockNumber + 2);
        height += 600;
        _pass(2 hours);
        vm.assertEq(market.settle(sweep, commit, verdicts), 4);
        for (uint256 i; i < 4; ++i) {
            vm.assertEq(_free(sellers[i]), 10 ether + 320 * PRICE);
        }
    }

    function _disputed() private returns (Sweep memory sweep, Commit memory commit, bytes32 id) {
        (sweep, commit) = _committed();
        court.post(sweep, commit, _refutation(sweep, commit, 0));
        _mine(3);
        Docket memory d = market.docket(sweep, commit);
        id = _disputeId(d.commitId, commit.awards[0].award.id, 0);
    }

    /// @dev The votes of so many seats' holders, or a few more where one of them sits several times.
    function _some(Sweep memory sweep, Commit memory commit, bytes32 id, uint256 count)
        private
        view
        returns (SignedVote[] memory votes, uint256 held)
    {
        address[] memory seats = court.panelOf(sweep, commit, 0);
        vm.assertEq(seats.length, 7);
        votes = new SignedVote[](count);
        SignedVote[] memory all = _votes(seats, id, false);
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
        (Sweep memory sweep, Commit memory commit, bytes32 id) = _disputed();
        (SignedVote[] memory votes, uint256 held) = _some(sweep, commit, id, 4);
        vm.assertGe(held, 4);
        court.resolve(sweep, commit, 0, votes);
        _assertStatus(commit.awards[0].award.id, AwardStatus.SLASHED);
    }

    function test_fewer_than_four_decide_nothing() public {
        (Sweep memory sweep, Commit memory commit, bytes32 id) = _disputed();
        (SignedVote[] memory votes, uint256 held) = _some(sweep, commit, id, 1);
        vm.assertLt(held, 4);
        vm.expectRevert(
            abi.encodeWithSelector(IAuditCourt.AuditCourt_NoQuorum.selector, 0, held, 4)
        );
        court.resolve(sweep, commit, 0, votes);
    }
}
