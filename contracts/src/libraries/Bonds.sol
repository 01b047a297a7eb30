// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Bonds
/// @notice What an award costs and what stands behind it, in base units.
/// @dev A price per segment has 128 bits and an award fewer than 2^32 segments: products fit, so nothing
/// here is checked again.
library Bonds {
    /// @notice The audit fee on top of the price: 8 %.
    uint256 internal constant AUDIT_FEE_BPS = 800;

    /// @notice The fee of a panel, which its concurring seats share.
    function panelFee(uint256 seats, uint256 price, uint256 floor)
        internal
        pure
        returns (uint256 fee)
    {
        unchecked {
            fee = seats * 2 * price;
        }
        if (fee < floor) fee = floor;
    }

    /// @notice The seller's bond: two whole trials, a quarter of the award's price, or two panels.
    /// @param price Per segment.
    /// @param segments Segments awarded.
    /// @param perTrial Segments of a complete trial.
    function bond(uint256 price, uint256 segments, uint256 perTrial, uint256 panel)
        internal
        pure
        returns (uint256 most)
    {
        unchecked {
            most = 2 * price * perTrial;
            uint256 quarter = (price * segments + 3) / 4;
            if (most < quarter) most = quarter;
            if (most < 2 * panel) most = 2 * panel;
        }
    }

    /// @notice The audit fee of a price, rounded up.
    function auditFee(uint256 price) internal pure returns (uint256) {
        unchecked {
            return (price * AUDIT_FEE_BPS + 9_999) / 10_000;
        }
    }

    /// @notice A wrong judge's fine in the native coin: its least bond, in the proportion of the award's
    /// price to four caps.
    function fine(uint256 leastBond, uint256 price, uint256 cap) internal pure returns (uint256) {
        return leastBond * price / (4 * cap);
    }
}
