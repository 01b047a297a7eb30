// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Commit, Dispute, SignedVerdict, SignedVote, Sweep} from "../types/Types.sol";

/// @title IAuditCourt
/// @notice Keeps posted verdicts and disputes, and tells the market how a dispute ended.
/// @dev Constructor: `(address market, address validators, address randomness, Profile profile)`.
/// EIP-712 domain: name "compute-swarm", version "1", this contract. Holds no money.
interface IAuditCourt {
    event VerdictPosted(
        bytes32 indexed commitId,
        uint8 indexed share,
        address indexed judge,
        bytes answers,
        bytes32 evidence
    );
    event DisputeOpened(
        bytes32 indexed disputeId,
        bytes32 indexed commitId,
        bytes32 indexed awardId,
        uint256 item,
        address judge
    );
    /// @param paid Who voted with the majority, once per seat: in the sweep's token out of a slashed
    /// bond, in the native coin out of a wrong judge's. Empty where nobody is paid.
    event DisputeResolved(bytes32 indexed disputeId, bool upheld, address[] paid, uint256 each);
    event DisputeLapsed(bytes32 indexed disputeId);

    error AuditCourt_NoSuchShare(uint256 share, uint256 shares);
    error AuditCourt_AlreadyPosted(bytes32 commitId, uint8 share);
    error AuditCourt_BadSignature(bytes32 id, address signer);
    error AuditCourt_BadAnswers(bytes32 commitId, uint8 share);
    error AuditCourt_NamesNotOne(bytes32 awardId, uint256 named);
    error AuditCourt_NothingOpen(bytes32 commitId);
    error AuditCourt_NoSuchItem(uint256 item, uint256 items);
    error AuditCourt_NotOpen(bytes32 disputeId);
    error AuditCourt_TooLate(bytes32 disputeId, uint256 by);
    error AuditCourt_TooEarly(bytes32 disputeId, uint256 from);
    error AuditCourt_SeedUnknown(uint256 blockNumber);
    error AuditCourt_NoQuorum(uint256 upheld, uint256 refuted, uint256 quorum);

    /// @notice Records a share's verdict and pins the commit's seed. Anyone may call, as long as an award
    /// of the commit is open; the first verdict posted for a share stays.
    /// @dev Of each award a verdict upholds all items, or names exactly one that it refutes, or refutes none
    /// and calls at least one unavailable. The named item, else the first unavailable one, is the subject of
    /// a dispute. A verdict that refutes items of an award and does not name exactly one can't be posted.
    function post(Sweep calldata sweep, Commit calldata commit, SignedVerdict calldata verdict)
        external;

    /// @notice Decides a dispute by concurring votes of its panel, until the panel's time is over. A vote
    /// counts once per seat held; votes of others, badly signed and second ones count nothing.
    /// @dev Refuted, the award is slashed, whether the judge refuted the item or could not get it. Upheld, the
    /// judge's fine pays the panel: half of it where it called the item unavailable.
    function resolve(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 item,
        SignedVote[] calldata votes
    ) external;

    /// @notice Closes a dispute whose panel's time is over; with the last one of an award the award is
    /// refunded.
    function expire(Sweep calldata sweep, Commit calldata commit, uint256 item) external;

    /// @notice A dispute by its id, `keccak256(abi.encode(commitId, awardId, uint256 item))`.
    function dispute(bytes32 disputeId) external view returns (Dispute memory);

    /// @notice The EIP-712 struct hash of the verdict posted for a share, or zero.
    function postedVerdict(bytes32 commitId, uint8 share) external view returns (bytes32);

    /// @notice Whether a panel upheld an award against the share's judge: its word stands for all items
    /// of the share in the award.
    function cleared(bytes32 commitId, bytes32 awardId, uint8 share) external view returns (bool);

    /// @notice Who judges a share. Zero when nobody is eligible; reverts while the seed is unknown.
    function judgeOf(Sweep calldata sweep, Commit calldata commit, uint8 share)
        external
        view
        returns (address);

    /// @notice The seats of a dispute's panel, in order. Reverts while its seed is unknown.
    function panelOf(Sweep calldata sweep, Commit calldata commit, uint256 item)
        external
        view
        returns (address[] memory);
}
