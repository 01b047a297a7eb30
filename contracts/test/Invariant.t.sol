// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.t.sol";
import {Handler} from "./Handler.t.sol";

/// @notice What holds whatever happens, in any order, among honest and dishonest people.
/// @dev One invariant function, as each would be a campaign of its own, and the calls cost more than the statements.
contract InvariantTest is Base {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant RUNS = 64;
    uint256 private constant DEPTH = 64;

    Handler private handler;
    bytes32[] private ends;

    function setUp() public {
        handler = new Handler();
        handler.start();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), _selectors());
    }

    /// @dev Each so often as its weight says.
    function _selectors() private view returns (bytes4[] memory list) {
        list = new bytes4[](71);
        uint256 count;
        count = _add(list, count, handler.award.selector, 3);
        count = _add(list, count, handler.openSession.selector, 2);
        count = _add(list, count, handler.spend.selector, 3);
        count = _add(list, count, handler.revoke.selector, 1);
        count = _add(list, count, handler.commit.selector, 4);
        count = _add(list, count, handler.multicall.selector, 1);
        count = _add(list, count, handler.expireAward.selector, 1);
        count = _add(list, count, handler.post.selector, 8);
        count = _add(list, count, handler.summon.selector, 4);
        count = _add(list, count, handler.challenge.selector, 3);
        count = _add(list, count, handler.resolve.selector, 5);
        count = _add(list, count, handler.expireCase.selector, 5);
        count = _add(list, count, handler.settle.selector, 4);
        count = _add(list, count, handler.expirePosted.selector, 4);
        count = _add(list, count, handler.demand.selector, 3);
        count = _add(list, count, handler.meet.selector, 2);
        count = _add(list, count, handler.expireDemand.selector, 1);
        count = _add(list, count, handler.contradict.selector, 1);
        count = _add(list, count, handler.overturn.selector, 2);
        count = _add(list, count, handler.withdrawCredit.selector, 1);
        count = _add(list, count, handler.bond.selector, 2);
        count = _add(list, count, handler.unbond.selector, 1);
        count = _add(list, count, handler.claim.selector, 1);
        count = _add(list, count, handler.deposit.selector, 1);
        count = _add(list, count, handler.withdraw.selector, 1);
        count = _add(list, count, handler.bump.selector, 1);
        count = _add(list, count, handler.pin.selector, 1);
        count = _add(list, count, handler.mine.selector, 1);
        _add(list, count, handler.pass.selector, 4);
    }

    function _add(bytes4[] memory list, uint256 from, bytes4 selector, uint256 weight)
        private
        pure
        returns (uint256 to)
    {
        to = from + weight;
        for (uint256 i = from; i < to; ++i) {
            list[i] = selector;
        }
    }

    function invariant_the_rules_hold() public {
        _nothingForbiddenGetsThrough();
        _nothingUnauditedIsPaid();
        _onlyAQuorumSlashes();
        _bothTokens();
        _bondsAreKept();
        _validatorsHaveWhatTheRulesSay();
        _demandsAreKept();
        _slotsAreWhatTheRulesSay();
        _noAwardLeavesItsTombstone();
        _awardsPayOutWhatWasPutUp();
        _disputesHoldTheirAwards();
        _disputesStandWhereTheRulesSay();
        _onlyTheDrawnAreHeard();
        _sessionsKeepTheirCaps();
        _bidsAreAwardedOnce();
        if (handler.stepsTaken() % 4 != 0) return;
        _neverBothWays();
        _whatIsFreeCanBeWithdrawn();
    }

    /// @dev From wherever a run ends, each party's money is out by the stated times with all others absent.
    function afterInvariant() external {
        (uint256 natives, uint256 tokens, uint256 bonds, uint256 deposits) =
            handler.everybodyLeaves();
        (uint256 burned, uint256 burnedBonds) = handler.burned(handler.tokenOf(0));
        vm.assertEq(natives, burned, "native coin stays behind");
        vm.assertEq(bonds, burnedBonds, "bonds stay behind");
        (burned,) = handler.burned(handler.tokenOf(1));
        vm.assertEq(tokens, burned, "tokens stay behind");
        vm.assertEq(deposits, 0, "deposits of demands stay behind");
    }

    function test_the_calls_reach_every_end() public {
        vm.pauseGasMetering();
        uint256[] memory reached = new uint256[](_ends().length);
        for (uint256 run; run < RUNS; ++run) {
            uint256 snapshot = vm.snapshotState();
            _walk(run);
            for (uint256 i; i < reached.length; ++i) {
                reached[i] += handler.times(_ends()[i]);
            }
            vm.revertToState(snapshot);
        }
        for (uint256 i; i < reached.length; ++i) {
            string memory name = string(abi.encodePacked(_ends()[i]));
            emit log_named_uint(name, reached[i]);
        }
        for (uint256 i; i < reached.length; ++i) {
            vm.assertGt(reached[i], 0);
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

    function _ends() private pure returns (bytes32[] memory list) {
        bytes32[31] memory all = [
            bytes32("awarded"),
            "rungs",
            "sessions",
            "session awards",
            "revoked",
            "commits",
            "multicalls",
            "verdicts",
            "substitutes",
            "stood in",
            "summoned",
            "challenges",
            "disputed",
            "withheld",
            "redrawn",
            "dismissed",
            "refuted",
            "lapsed",
            "restored",
            "docked",
            "spared",
            "cleared",
            "settled",
            "slashed",
            "refunded",
            "expired",
            "demands",
            "met",
            "unmet",
            "contradicted",
            "refused"
        ];
        list = new bytes32[](all.length + 3);
        for (uint256 i; i < all.length; ++i) {
            list[i] = all[i];
        }
        (list[31], list[32], list[33]) = ("overturned", "ran out", "lost");
    }

    // --- money ---

    function _bothTokens() private view {
        for (uint256 i; i < 2; ++i) {
            address token = handler.tokenOf(i);
            _theMarketHoldsWhatItOwes(token);
            _whatIsLockedIsBondsAndDeposits(token);
            _everybodyHasWhatTheRulesSay(token);
        }
    }

    /// @dev The market holds, per token, exactly what is free, locked and in escrow.
    function _theMarketHoldsWhatItOwes(address token) private view {
        (uint256 balance, uint256 free, uint256 locked) = handler.holdings(token);
        (uint256 escrow,,) = handler.obligations(token);
        vm.assertEq(balance, free + locked + escrow, "the market's balance");
    }

    /// @dev What is locked are the bonds of open awards, less what was docked, and the deposits of open challenges.
    function _whatIsLockedIsBondsAndDeposits(address token) private view {
        (,, uint256 locked) = handler.holdings(token);
        (, uint256 bonds, uint256 deposits) = handler.obligations(token);
        vm.assertEq(locked, bonds + deposits, "what is locked");
    }

    /// @dev Every account has, free and locked, what a clerk who knows the rules has in its books, to the wei.
    function _everybodyHasWhatTheRulesSay(address token) private view {
        vm.assertEq(handler.wrongAccount(token), address(0));
    }

    /// @dev The validators' contract holds exactly what is bonded, unbonding and credited, the burned included.
    function _bondsAreKept() private view {
        (uint256 balance, uint256 owed) = handler.stakes();
        vm.assertEq(balance, owed, "the validators' balance");
    }

    /// @dev Every validator is fined as the rules say, and never more than it has.
    function _validatorsHaveWhatTheRulesSay() private view {
        vm.assertEq(handler.wrongValidator(), address(0));
    }

    /// @dev The oversight holds exactly the deposits of open demands and what it owes.
    function _demandsAreKept() private view {
        (uint256 balance, uint256 open, uint256 owed, uint256 due) = handler.oversightBooks();
        vm.assertEq(balance, open + owed, "the oversight's balance");
        vm.assertEq(owed, due, "what the oversight owes");
    }

    /// @dev Whatever is free can be withdrawn at once by everybody; what stays is locked, in escrow or burned.
    function _whatIsFreeCanBeWithdrawn() private {
        for (uint256 i; i < 2; ++i) {
            address token = handler.tokenOf(i);
            (,, uint256 locked) = handler.holdings(token);
            (uint256 escrow,,) = handler.obligations(token);
            (uint256 burned,) = handler.burned(token);
            uint256 left = handler.withdrawAll(token);
            vm.assertEq(left, locked + escrow + burned, "what stays");
        }
    }

    // --- awards ---

    /// @dev Every award's slot is, to the bit, what the rules make of the calls: a dismissed dispute leaves it as
    /// it was, and nothing else than the rules' moves ever happens.
    function _slotsAreWhatTheRulesSay() private view {
        vm.assertEq(handler.wrongSlot(), bytes32(0));
    }

    /// @dev An award that has ended stays as it is for ever.
    function _noAwardLeavesItsTombstone() private view {
        vm.assertEq(handler.risenAward(), bytes32(0));
    }

    /// @dev To the wei: pay, refund, fees, tips and dust of an award are what its buyer put up; bond back, docked, burned,
    /// panel's, judges' and challenger's parts are its bond.
    function _awardsPayOutWhatWasPutUp() private view {
        vm.assertEq(handler.wrongPurse(), bytes32(0));
    }

    /// @dev Nothing settles but what was upheld on each item, its own and doubled, by its judge's word, that of two
    /// substitutes, or a panel's.
    function _nothingUnauditedIsPaid() private view {
        vm.assertEq(handler.times("unaudited"), 0, "paid unaudited");
    }

    /// @dev At no moment could one award both be settled and be given back.
    function _neverBothWays() private {
        vm.assertFalse(handler.bothWays());
    }

    /// @dev A bid is awarded at most once.
    function _bidsAreAwardedOnce() private view {
        vm.assertEq(handler.times("awarded twice"), 0, "awarded twice");
    }

    /// @dev No session ever spends more than its cap, and it tells what it spent.
    function _sessionsKeepTheirCaps() private view {
        vm.assertEq(handler.wrongSession(), 0, "a session");
    }

    // --- the court ---

    /// @dev An award is disputed exactly as long as a dispute about it is open, unless one has slashed it.
    function _disputesHoldTheirAwards() private view {
        vm.assertEq(handler.strayAward(), bytes32(0));
    }

    /// @dev Every dispute stands where the rules say.
    function _disputesStandWhereTheRulesSay() private view {
        vm.assertEq(handler.wrongDispute(), bytes32(0));
    }

    /// @dev No verdict counts of who was not drawn, or is a party.
    function _onlyTheDrawnAreHeard() private view {
        vm.assertEq(handler.wrongSpeaker(), address(0));
    }

    /// @dev No seller is slashed without a quorum's votes.
    function _onlyAQuorumSlashes() private view {
        vm.assertEq(handler.times("slashed without a quorum"), 0, "slashed without a quorum");
    }

    /// @dev What the rules forbid is refused; what they allow goes through, else the run fails.
    function _nothingForbiddenGetsThrough() private view {
        vm.assertEq(handler.times("let through"), 0, "let through");
    }
}
