// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISweepMarket} from "../../../src/interfaces/ISweepMarket.sol";
import {Vm} from "../../Base.t.sol";
import {Store} from "../ledger/Store.sol";

/// @notice Writes down what the market's events tell about awards, as whoever rebuilds the books from them.
abstract contract Witness is Store {
    mapping(bytes32 awardId => uint256) private _timesAwarded;

    function _heed() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(market)) continue;
            bytes32 kind = logs[i].topics[0];
            if (kind == ISweepMarket.Awarded.selector) _heedAwarded(logs[i]);
            if (kind == ISweepMarket.Settled.selector) _heedSettled(logs[i]);
            if (kind == ISweepMarket.Slashed.selector) _heedSlashed(logs[i]);
            if (kind == ISweepMarket.Docked.selector) {
                told[logs[i].topics[1]].docked += abi.decode(logs[i].data, (uint256));
            }
            if (kind == ISweepMarket.Refunded.selector) {
                told[logs[i].topics[1]].fees += abi.decode(logs[i].data, (uint256));
            }
        }
    }

    function _heedAwarded(Vm.Log memory log) private {
        bytes32 id = log.topics[2];
        if (++_timesAwarded[id] == 2) _tick("awarded twice");
        (,,,, uint256 bond, uint256 cost) =
            abi.decode(log.data, (uint32, uint32, uint128, uint40, uint256, uint256));
        (told[id].cost, told[id].bond) = (cost, bond);
    }

    function _heedSettled(Vm.Log memory log) private {
        Told storage word = told[log.topics[1]];
        (uint256 paid, uint256 refunded, uint256 fees) =
            abi.decode(log.data, (uint256, uint256, uint256));
        word.paid += paid;
        word.refunded += refunded;
        word.fees += fees;
    }

    function _heedSlashed(Vm.Log memory log) private {
        Told storage word = told[log.topics[1]];
        (uint256 bond, uint256 refunded, uint256 burned) =
            abi.decode(log.data, (uint256, uint256, uint256));
        word.slashed += bond;
        word.refunded += refunded;
        word.burned += burned;
    }
}
