// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../../src/interfaces/IAuditCourt.sol";
import {IOversight} from "../../src/interfaces/IOversight.sol";
import {IRandomness} from "../../src/interfaces/IRandomness.sol";
import {ISpendSessions} from "../../src/interfaces/ISpendSessions.sol";
import {ISweepMarket} from "../../src/interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../../src/interfaces/IValidatorSet.sol";
import {AwardStatus, DisputeKind, DisputeStatus} from "../../src/types/Types.sol";
import {Campaign} from "./Campaign.sol";

/// @notice The campaign's calls, in an order that is always the same, come to every state there is: what they never
/// reach, no invariant guards.
contract ReachTest is Campaign {
    /// @dev As many as in the default profile.
    uint256 private constant RUNS = 64;
    uint256 private constant DEPTH = 64;
    /// @dev How often each state is reached at least. Fewer could be an accident.
    uint256 private constant LEAST = 2;

    struct Tally {
        string name;
        uint256 times;
    }

    uint256 private _filled;

    function test_the_calls_reach_every_state() public {
        vm.pauseGasMetering();
        Tally[] memory sums = _tallies();
        for (uint256 run; run < RUNS; ++run) {
            uint256 snapshot = vm.snapshotState();
            _walk(run);
            Tally[] memory tallies = _tallies();
            for (uint256 i; i < sums.length; ++i) {
                sums[i].times += tallies[i].times;
            }
            vm.revertToState(snapshot);
        }
        for (uint256 i; i < sums.length; ++i) {
            emit log_named_uint(sums[i].name, sums[i].times);
        }
        for (uint256 i; i < sums.length; ++i) {
            vm.assertTrue(sums[i].times >= LEAST, sums[i].name);
        }
    }

    /// @dev As the fuzzer goes, but every time the same way.
    function _walk(uint256 run) private {
        bytes4[] memory list = _selectors();
        for (uint256 n; n < DEPTH; ++n) {
            uint256 random = uint256(keccak256(abi.encode(run, n)));
            bytes memory call = abi.encodeWithSelector(list[random % list.length], random);
            (bool done, bytes memory why) = address(handler).call(call);
            if (done) continue;
            assembly ("memory-safe") {
                revert(add(why, 32), mload(why))
            }
        }
    }

    function _tallies() private returns (Tally[] memory tallies) {
        tallies = new Tally[](128);
        _filled = 0;
        _statuses(tallies);
        _disputes(tallies);
        _calls(tallies);
        _turns(tallies);
        uint256 count = _filled;
        assembly ("memory-safe") {
            mstore(tallies, count)
        }
    }

    function _fill(Tally[] memory tallies, string memory name, uint256 times) private {
        tallies[_filled++] = Tally(name, times);
    }

    function _statuses(Tally[] memory tallies) private {
        string[8] memory names =
            ["", "awarded", "posted", "disputed", "settled", "slashed", "refunded", "expired"];
        for (uint8 i = 1; i < names.length; ++i) {
            _fill(tallies, string.concat("award: ", names[i]), handler.timesReached(AwardStatus(i)));
        }
    }

    function _disputes(Tally[] memory tallies) private {
        string[3] memory kinds = ["refutation: ", "withheld: ", "challenge: "];
        string[5] memory ends = ["", "open", "refuted", "dismissed", "lapsed"];
        for (uint8 kind; kind < kinds.length; ++kind) {
            for (uint8 end = 1; end < ends.length; ++end) {
                uint256 times = handler.timesDisputed(DisputeKind(kind), DisputeStatus(end));
                _fill(tallies, string.concat(kinds[kind], ends[end]), times);
            }
        }
    }

    /// @dev Each call goes through, and is refused too where the rules forbid it.
    function _calls(Tally[] memory tallies) private {
        _call(tallies, "deposit", ISweepMarket.deposit.selector);
        _call(tallies, "withdraw", ISweepMarket.withdraw.selector);
        _call(tallies, "award", ISweepMarket.award.selector);
        _call(tallies, "commit", ISweepMarket.commit.selector);
        _call(tallies, "settle", ISweepMarket.settle.selector);
        _call(tallies, "expireAward", ISweepMarket.expireAward.selector);
        _call(tallies, "expirePosted", ISweepMarket.expirePosted.selector);
        _call(tallies, "multicall", ISweepMarket.multicall.selector);
        _call(tallies, "post", IAuditCourt.post.selector);
        _call(tallies, "summon", IAuditCourt.summon.selector);
        _call(tallies, "challenge", IAuditCourt.challenge.selector);
        _call(tallies, "resolve", IAuditCourt.resolve.selector);
        _call(tallies, "court's expire", IAuditCourt.expire.selector);
        _call(tallies, "session's open", ISpendSessions.open.selector);
        _call(tallies, "session's award", ISpendSessions.award.selector);
        _call(tallies, "revoke", ISpendSessions.revoke.selector);
        _call(tallies, "demand", IOversight.demand.selector);
        _call(tallies, "meet", IOversight.meet.selector);
        _call(tallies, "oversight's expire", IOversight.expire.selector);
        _call(tallies, "contradict", IOversight.contradict.selector);
        _call(tallies, "overturn", IOversight.overturn.selector);
        _call(tallies, "oversight's withdraw", IOversight.withdraw.selector);
        _call(tallies, "bond", IValidatorSet.bond.selector);
        _call(tallies, "unbond", IValidatorSet.unbond.selector);
        _call(tallies, "claim", IValidatorSet.claim.selector);
        _call(tallies, "pin", IRandomness.pin.selector);
        (uint256 done,) = handler.timesCalled(ISweepMarket.bumpNonce.selector);
        _fill(tallies, "bumpNonce", done);
        (done,) = handler.timesCalled(ISweepMarket.depositWithPermit.selector);
        _fill(tallies, "depositWithPermit", done);
    }

    function _call(Tally[] memory tallies, string memory name, bytes4 selector) private {
        (uint256 done, uint256 not) = handler.timesCalled(selector);
        _fill(tallies, name, done);
        _fill(tallies, string.concat(name, ", refused"), not);
    }

    function _turns(Tally[] memory tallies) private {
        bytes32[12] memory names = [
            bytes32("rungs"),
            "relayed",
            "substitutes",
            "stood in",
            "redrawn",
            "starved",
            "restored",
            "docked",
            "spared",
            "cleared",
            "ran out",
            "lost"
        ];
        for (uint256 i; i < names.length; ++i) {
            _fill(tallies, string(abi.encodePacked(names[i])), handler.times(names[i]));
        }
    }
}
