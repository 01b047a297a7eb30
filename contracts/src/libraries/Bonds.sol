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

    /// @notice The seller's bond: two whole trials and a panel, a quarter of the award's price, or an eighth and two
    /// panels.
    /// @param price Per segment.
    /// @param segments Segments awarded.
    /// @param perTrial Segments of a complete trial.
    function bond(uint256 price, uint256 segments, uint256 perTrial, uint256 panel)
        internal
        pure
        returns (uint256 most)
    {
        unchecked {
            most = 2 * price * perTrial + panel;
            uint256 quarter = (price * segments + 3) / 4;
            if (most < quarter) most = quarter;
            uint256 panels = (price * segments + 7) / 8 + 2 * panel;
            if (most < panels) most = panels;
        }
    }

    /// @notice The audit fee of a price, rounded up.
    function auditFee(uint256 price) internal pure returns (uint256) {
        unchecked {
            return (price * AUDIT_FEE_BPS + 9_999) / 10_000;
        }
    }

    /// @notice What a challenger locks: a fifth of the award's price and a panel's fee.
    function deposit(uint256 total, uint256 panel) internal pure returns (uint256) {
        return (total + 4) / 5 + panel;
    }

    /// @notice What a bond loses where a panel got what its seller had kept from a judge: an eighth of the award's
    /// price and five eighths of the panel, half of which it is paid. A cartel's seats have less than that of the
    /// panels that three starved judges call for. A panel and three eighths at least are left, to pay one that slashes.
    function sellersPart(uint256 total, uint256 panel) internal pure returns (uint256) {
        return (total + 7) / 8 + panel * 5 / 8;
    }

    /// @notice What it costs who could not get it, to be taken by its worth: a fifth and half of the panel. Much less
    /// than that, and false alarms would pay a cartel whose buyer keeps the adapters.
    function accusersPart(uint256 total, uint256 panel) internal pure returns (uint256) {
        return (total + 4) / 5 + panel / 2;
    }

    /// @notice What a challenger that was right has of the bond: a quarter of its deposit, so that the odds at which
    /// it pays to challenge are the same at every price, fee of a panel and length of a trial.
    function challengersPart(uint256 deposit_) internal pure returns (uint256) {
        return deposit_ / 4;
    }

    /// @notice What an amount of a token is worth in the native coin: its cap is half the least bond.
    function worth(uint256 amount, uint256 leastBond, uint256 cap) internal pure returns (uint256) {
        return leastBond * amount / (2 * cap);
    }

    /// @notice A wrong judge's fine in the native coin: half of what the award's price is worth.
    function fine(uint256 total, uint256 leastBond, uint256 cap) internal pure returns (uint256) {
        return leastBond * total / (4 * cap);
    }
}
