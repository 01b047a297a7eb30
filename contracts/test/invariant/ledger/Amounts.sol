// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Award, Sweep, TokenTerms} from "../../../src/types/Types.sol";
import {Store} from "./Store.sol";

/// @notice What an award costs, what stands behind it, and what it costs to be wrong about it.
abstract contract Amounts is Store {
    function _termsOf(address token) internal view returns (TokenTerms memory) {
        return _listings()[token == NATIVE ? 0 : 1].terms;
    }

    function _panelFee(address token, uint256 price) internal view returns (uint256) {
        return _max(3 * 2 * price, _termsOf(token).panelFloor);
    }

    function _costIn(address token, Award memory award) internal view returns (uint256) {
        return _price(award) + _fee(_price(award)) + 2 * uint256(_termsOf(token).tip);
    }

    function _bondIn(Sweep memory sweep, Award memory award) internal view returns (uint256) {
        uint256 panel = _panelFee(sweep.terms.token, award.price);
        uint256 panels = (_price(award) + 7) / 8 + 2 * panel;
        uint256 trials = 2 * uint256(award.price) * sweep.terms.segments + panel;
        uint256 quarter = (_price(award) + 3) / 4;
        return _max(_max(panels, trials), quarter);
    }

    function _depositIn(address token, Award memory award) internal view returns (uint256) {
        return (_price(award) + 4) / 5 + _panelFee(token, award.price);
    }

    /// @dev What a bond loses where a panel got what had been withheld.
    function _dockedIn(address token, Award memory award) internal view returns (uint256) {
        return (_price(award) + 7) / 8 + _panelFee(token, award.price) * 5 / 8;
    }

    function _worthOf(address token, uint256 amount) internal view returns (uint256) {
        return uint256(LEAST_BOND) * amount / (2 * uint256(_termsOf(token).cap));
    }

    function _fineIn(address token, Award memory award) internal view returns (uint256) {
        return uint256(LEAST_BOND) * _price(award) / (4 * uint256(_termsOf(token).cap));
    }
}
