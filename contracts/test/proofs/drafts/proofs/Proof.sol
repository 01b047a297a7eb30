// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "../Base.t.sol";

/// @notice What halmos adds to the cheat codes: values that stand for all of their type.
interface Svm {
    function createUint(uint256 bits, string calldata name) external pure returns (uint256);
    function createUint256(string calldata name) external pure returns (uint256);
    function createBytes32(string calldata name) external pure returns (bytes32);
    function createBytes(uint256 size, string calldata name) external pure returns (bytes memory);
    function createAddress(string calldata name) external pure returns (address);
    function createBool(string calldata name) external pure returns (bool);
    function enableSymbolicStorage(address who) external;
}

/// @notice What every proof starts from. Halmos runs each `check_` function for all arguments at once; a path
/// that reverts proves nothing, one that ends in a failed assertion is a counterexample.
abstract contract Proof {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    Svm internal constant svm = Svm(0xF3993A62377BCd56AE39D773740A5390411E8BC9);

    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;

    /// @dev One of eight accounts, nobody says which. The contracts take an address for a key and for what it equals,
    /// and for nothing else, so of a few parties matters only who is whom: these go through all of it. Whoever gets
    /// what is burned is one of the eight.
    function _party(string memory name) internal pure returns (address) {
        return address(uint160(BURN) & ~uint160(7) | uint160(svm.createUint(3, name)));
    }

    /// @dev The amount or nothing, without a branch: so a path stays one.
    function _if(bool so, uint256 amount) internal pure returns (uint256 got) {
        assembly ("memory-safe") {
            got := and(amount, sub(0, so))
        }
    }

    /// @dev Without a check: what reverts here would prove nothing.
    function _less(uint256 amount, uint256 by) internal pure returns (uint256) {
        unchecked {
            return amount - by;
        }
    }
}
