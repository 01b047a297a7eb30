// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title AuditDraw
/// @notice What a seed decides: the audited segments, who judges, who sits on a panel.
library AuditDraw {
    // 2 draws the evaluation's shard of an audit, which no contract asks for.
    uint256 internal constant SEGMENT = 1;
    uint256 internal constant JUDGE = 3;
    uint256 internal constant PANEL = 4;
    uint256 internal constant DOUBLE = 5;

    uint256 internal constant MOST_SHARES = 3;
    uint256 internal constant SUBSTITUTES = 6;
    uint256 internal constant MOST_ITEMS = 1024;

    /// @notice A number of 256 bits for one purpose.
    function draw(bytes32 seed_, uint256 tag, bytes32 a, uint256 b)
        internal
        pure
        returns (uint256 drawn)
    {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, seed_)
            mstore(add(at, 32), tag)
            mstore(add(at, 64), a)
            mstore(add(at, 96), b)
            drawn := keccak256(at, 128)
        }
    }

    /// @notice The seed of a commit's audits or of a dispute's panel.
    function seed(bytes32 entropy, bytes32 subject) internal pure returns (bytes32) {
        return keccak256(abi.encode(entropy, subject));
    }

    /// @notice The most items an award can have: every block, the partial one too, and the re-score.
    function mostItems(uint256 done, uint256 perBlock) internal pure returns (uint256 most) {
        assembly ("memory-safe") {
            most := add(div(sub(add(done, perBlock), 1), perBlock), 1)
        }
    }

    /// @notice The items of an award: its full blocks, its partial block if the draw falls into it, and
    /// the re-score.
    function items(bytes32 seed_, bytes32 awardId, uint256 done, uint256 perBlock)
        internal
        pure
        returns (uint256 count)
    {
        uint256 rest;
        assembly ("memory-safe") {
            count := add(div(done, perBlock), 1)
            rest := mod(done, perBlock)
        }
        unchecked {
            if (rest == 0) return count;
            if (draw(seed_, SEGMENT, awardId, count - 1) % perBlock < rest) ++count;
        }
    }

    /// @notice V: how many shares the items of a commit are dealt to.
    function shares(uint256 trials) internal pure returns (uint256) {
        return trials < MOST_SHARES ? trials : MOST_SHARES;
    }

    /// @notice How many of the first items belong to a share: item j is dealt to share j mod V.
    /// @dev A share is below V, and items are few: nothing can wrap.
    function dealt(uint256 itemsBefore, uint256 share, uint256 shares_)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return (itemsBefore + shares_ - 1 - share) / shares_;
        }
    }

    /// @notice The draws of the judges, one a share.
    function judges(bytes32 seed_, uint256 shares_) internal pure returns (uint256[] memory draws) {
        assembly ("memory-safe") {
            draws := mload(0x40)
            mstore(draws, shares_)
            let to := add(draws, 32)
            let end := add(to, shl(5, shares_))
            // As `draw` has it.
            mstore(end, seed_)
            mstore(add(end, 32), JUDGE)
            mstore(add(end, 96), 0)
            for { let share := 0 } lt(share, shares_) { share := add(share, 1) } {
                mstore(add(end, 64), share)
                mstore(add(to, shl(5, share)), keccak256(end, 128))
            }
            mstore(0x40, end)
        }
    }

    /// @notice The draws of a share's substitutes: seats 1 to 6.
    function substitutes(bytes32 seed_, uint256 share)
        internal
        pure
        returns (uint256[] memory draws)
    {
        draws = new uint256[](SUBSTITUTES);
        for (uint256 i; i < SUBSTITUTES; ++i) {
            draws[i] = draw(seed_, JUDGE, bytes32(share), i + 1);
        }
    }

    /// @notice The draws of a panel's seats.
    function panel(bytes32 seed_, uint256 seats) internal pure returns (uint256[] memory draws) {
        draws = new uint256[](seats);
        for (uint256 i; i < seats; ++i) {
            draws[i] = draw(seed_, PANEL, 0, i);
        }
    }
}
