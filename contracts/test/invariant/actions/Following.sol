// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DisputeKind, DisputeStatus} from "../../../src/types/Types.sol";
import {Accusing} from "./Accusing.sol";
import {Refunding} from "./Refunding.sol";
import {Deciding} from "./Deciding.sol";

/// @notice Calls that follow others at once, in one step or in one transaction, as by those who wait for them.
abstract contract Following is Refunding, Deciding, Accusing {
    function post(uint256 seed) external step(seed) {
        if (_idle()) return;
        uint256 before = counts["substitutes"];
        _postSome();
        // Whose judge is silent is soon heard again.
        if (counts["substitutes"] != before && _once(2)) _postSome();
        if (_once(3)) _resolveSome();
    }

    function summon(uint256 seed) external step(seed) {
        if (_idle()) return;
        _summonSome(_openRound());
        if (_once(2)) _postSome();
    }

    function resolve(uint256 seed) external step(seed) {
        if (_peaceful()) return;
        (uint256 before, uint256 docked) = (_refutations(), counts["docked"]);
        _resolveSome();
        // Who upheld what a panel refuted is soon held to it.
        if (_refutations() != before && _once(2)) _overturnSome();
        // What one judge could not get, another may miss too.
        if (counts["docked"] != docked && !_once(4)) _postAbout(cases[cases.length - 1].round);
        else if (_once(3)) _postSome();
        if (counts["docked"] != docked || _once(3)) _resolveSome();
        if (_once(2) && cases.length != 0) _settleSome(cases[cases.length - 1].round);
    }

    function _refutations() private view returns (uint256) {
        return disputes[DisputeKind.REFUTATION][DisputeStatus.REFUTED]
            + disputes[DisputeKind.CHALLENGE][DisputeStatus.REFUTED];
    }

    /// @notice A settlement, a commit and a withdrawal in one transaction, of which none goes without the others.
    function multicall(uint256 seed) external step(seed) {
        if (_idle()) return;
        Delivery memory delivery = _deliver();
        Scene memory s = _scene(_openRound());
        Brought memory brought = _bring(s);
        address sender = _anyOf(relayers);
        bool settles = _maySettle(s, brought);
        bool commits = delivery.fair;
        uint256 most = free[NATIVE][sender];
        uint256 amount = _once(8) ? most + 1 : _throw(most + 1);
        bool toSettle = settles || _once(8);
        bool toCommit = commits || _once(8);
        bool fair = (settles || !toSettle) && (commits || !toCommit) && amount <= most;

        bytes[] memory calls = new bytes[](3);
        // A bump does no harm, and fills the place of what is left out.
        calls[1] = calls[2] = abi.encodeCall(market.bumpNonce, (NATIVE));
        calls[0] = abi.encodeCall(market.withdraw, (NATIVE, amount, outsider));
        if (toSettle) {
            calls[1] = abi.encodeCall(market.settle, (s.sweep, s.commit, brought.verdicts));
        }
        if (toCommit) {
            calls[2] = abi.encodeCall(market.commit, (plans[delivery.plan], delivery.submissions));
        }
        _toMarket(sender, abi.encodeCall(market.multicall, (calls)), fair);
        _watchSettled(s, brought);
        if (!fair) return;
        free[NATIVE][sender] -= amount;
        if (toSettle) _noteSettlement(s, brought, sender);
        if (toCommit) _noteDelivery(delivery, sender);
    }
}
