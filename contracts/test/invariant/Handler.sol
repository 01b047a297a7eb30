// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AwardStatus, DisputeKind, DisputeStatus} from "../../src/types/Types.sol";
import {Spending} from "./actions/Spending.sol";
import {Challenging} from "./actions/Challenging.sol";
import {Validating} from "./actions/Validating.sol";
import {Demanding} from "./actions/Demanding.sol";
import {Accusing} from "./actions/Accusing.sol";
import {Following} from "./actions/Following.sol";
import {Passing} from "./actions/Passing.sol";
import {Balances} from "./checks/Balances.sol";
import {Standings} from "./checks/Standings.sol";
import {Endings} from "./checks/Endings.sol";

/// @notice Leads many sweeps at once through all calls of all contracts, in any order.
/// @dev A call that the rules allow must succeed, or the run fails; one that they forbid is tried as well, and
/// counted if it was let through.
contract Handler is
    Spending,
    Challenging,
    Validating,
    Demanding,
    Accusing,
    Following,
    Passing,
    Balances,
    Standings,
    Endings
{
    function start() external {
        _open();
    }

    /// @notice How often something happened.
    function times(bytes32 what) external view returns (uint256) {
        return counts[what];
    }

    /// @notice How often an award came to a status, and a dispute of a kind to one of its.
    function timesReached(AwardStatus status) external view returns (uint256) {
        return reached[status];
    }

    function timesDisputed(DisputeKind kind, DisputeStatus status) external view returns (uint256) {
        return disputes[kind][status];
    }

    /// @notice How often a call of the contracts went through, and was refused.
    function timesCalled(bytes4 selector) external view returns (uint256 done, uint256 not) {
        return (passed[selector], refused[selector]);
    }

    function stepsTaken() external view returns (uint256) {
        return steps;
    }
}
