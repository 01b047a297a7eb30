// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRandomness} from "./IRandomness.sol";

/// @title IDrandRandomness
/// @notice drand's network `quicknet` as entropy: every three seconds a round, signed by a threshold of
/// independent operators, whose signature nobody can know before and everybody can check after.
/// @dev Constructor: `(uint256 margin)`. A moment is answered by the first round that begins later than the margin
/// after its block's time. The margin is for those who make blocks: one that comes out later than its time
/// says, by more than the margin, could hold transactions that were written when the round was known. A minute is
/// five slots of Ethereum; on a rollup it must exceed what its sequencer's clock may lag behind.
///
/// A round is known here once somebody brought its signature. If nobody did for three days its moments are
/// lost, for ever: a later proof is refused, so that whatever was given back on that ground stays so. It is
/// one transaction that anybody can send, hence nobody's silence gains anything: an honest seller, its judges and
/// the buyer each can end it, and a cheat that nobody convicts is not paid either. Three days outlast a weekend of
/// censorship or of the beacon's silence, and leave eleven of a validator's fourteen days of unbonding for the audit.
interface IDrandRandomness is IRandomness {
    /// @notice The margin is shorter than a round.
    error DrandRandomness_MarginTooSmall(uint256 margin, uint256 least);
    /// @notice The chain lacks the precompiles of EIP-2537.
    error DrandRandomness_NoPrecompiles(uint256 chainId);
    /// @notice The point is not the network's signature of the round.
    error DrandRandomness_BadSignature(uint64 round);
    /// @notice The round is lost: nobody proved it in time.
    error DrandRandomness_TooLate(uint64 round, uint256 by);

    /// @notice Stores a round's entropy, the SHA-256 of its signature as drand publishes it. Anyone may call; does
    /// nothing if it is stored already.
    /// @param signature The point that drand publishes compressed, as its two coordinates of 48 bytes each: to take
    /// the root here would cost more than the longer calldata does.
    function prove(uint64 round, bytes calldata signature) external;

    /// @notice The round that answers a block of this time.
    function roundAfter(uint256 time) external view returns (uint256);

    /// @notice The last second at which a round is taken.
    function provableUntil(uint256 round) external view returns (uint256);

    /// @notice Seconds from a block's time to the earliest round that may answer it.
    function margin() external view returns (uint256);
}
