// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bonds
/// @notice Whatever an award may cost and whatever may stand behind it: numbers of 96 bits that follow from the same words,
/// and of which nothing else is known. What holds with them holds with those of `src`.
library Bonds {
    function panelFee(uint256 seats, uint256 price, uint256 floor) internal pure returns (uint256) {
        return _any(abi.encode(1, seats, price, floor));
    }

    function bond(uint256 price, uint256 segments, uint256 perTrial, uint256 panel)
        internal
        pure
        returns (uint256)
    {
        return _any(abi.encode(2, price, segments, perTrial, panel));
    }

    function auditFee(uint256 price) internal pure returns (uint256) {
        return _any(abi.encode(3, price));
    }

    function deposit(uint256 total, uint256 panel) internal pure returns (uint256) {
        return _any(abi.encode(4, total, panel));
    }

    function sellersPart(uint256 total, uint256 panel) internal pure returns (uint256) {
        return _any(abi.encode(5, total, panel));
    }

    function accusersPart(uint256 total, uint256 panel) internal pure returns (uint256) {
        return _any(abi.encode(6, total, panel));
    }

    function challengersPart(uint256 deposit_) internal pure returns (uint256) {
        return _any(abi.encode(7, deposit_));
    }

    function worth(uint256 amount, uint256 leastBond, uint256 cap) internal pure returns (uint256) {
        return _any(abi.encode(8, amount, leastBond, cap));
    }

    function fine(uint256 total, uint256 leastBond, uint256 cap) internal pure returns (uint256) {
        return _any(abi.encode(9, total, leastBond, cap));
    }

    function _any(bytes memory words) private pure returns (uint256) {
        return uint256(keccak256(words)) >> 160;
    }
}
