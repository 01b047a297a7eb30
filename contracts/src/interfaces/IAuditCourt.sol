// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Commit, Dispute, Share, SignedVerdict, SignedVote, Sweep} from "../types/Types.sol";

/// @title IAuditCourt
/// @notice Keeps posted verdicts, summons and disputes, and tells the market how a dispute ended.
/// @dev Constructor: `(address market, address validators, address randomness, Profile profile)`.
/// EIP-712 domain: name "compute-swarm", version "1", this contract. Holds no money: deposits stay in the
/// market. Every call stores the commit's seed too, if it is known.
///
/// A dispute's subject is `share << 32 | item` where a judge disputes an item of its share, or
/// `1 << 255 | position` where anybody challenges a segment, counted over the segments done of the award as its
/// leaves lay them out. Its id is `keccak256(abi.encode(commitId, awardId, subject))`.
interface IAuditCourt {
    /// @notice A verdict was recorded for a seat of a share; 0 is the judge's.
    event VerdictPosted(
        bytes32 indexed commitId,
        uint8 indexed share,
        uint8 seat,
        address indexed judge,
        bytes answers,
        bytes32 evidence
    );
    /// @notice A silent judge was called on; its time begins.
    event Summoned(bytes32 indexed commitId, uint8 indexed share, address judge);
    /// @notice A panel was called about a subject.
    /// @param accuser The judge, or who challenged.
    event DisputeOpened(
        bytes32 indexed disputeId,
        bytes32 indexed commitId,
        bytes32 indexed awardId,
        uint256 subject,
        address accuser
    );
    /// @notice No panel decided in time; another one is drawn.
    event PanelRedrawn(bytes32 indexed disputeId, uint8 round);
    /// @notice A panel decided.
    /// @param outcome In the words of a verdict's answers: upheld; refuted by a quorum; or, where the quorum is
    /// partly of those that could not get something, unavailable.
    /// @param paid Who voted with the majority, once per seat. Empty where nobody is paid.
    /// @param tokens What each is paid in the sweep's token.
    /// @param coins What each is credited in the native coin, by a judge that was wrong.
    event DisputeResolved(
        bytes32 indexed disputeId, uint8 outcome, address[] paid, uint256 tokens, uint256 coins
    );
    /// @notice The third panel found no quorum in time.
    event DisputeLapsed(bytes32 indexed disputeId);

    /// @notice The commit has fewer shares.
    error AuditCourt_NoSuchShare(uint256 share, uint256 shares);
    /// @notice A share has a judge and six substitutes.
    error AuditCourt_NoSuchSeat(uint256 seat);
    /// @notice The segment lies past those done.
    error AuditCourt_NoSuchSubject(bytes32 awardId, uint256 subject);
    /// @notice The seat has said its word.
    error AuditCourt_AlreadyPosted(bytes32 commitId, uint8 share, uint8 seat);
    /// @notice The judge was called on before.
    error AuditCourt_AlreadySummoned(bytes32 commitId, uint8 share);
    /// @notice The segment was challenged before.
    error AuditCourt_AlreadyDisputed(bytes32 disputeId);
    /// @notice The share needs nobody: it has no answers, its judge was posted, or two substitutes upheld it.
    error AuditCourt_Answered(bytes32 commitId, uint8 share);
    /// @notice The verdict isn't signed by who holds the seat.
    error AuditCourt_BadSignature(bytes32 id, address signer);
    /// @notice The answers are not as many, or not as formed, as the share's must be.
    error AuditCourt_BadAnswers(bytes32 commitId, uint8 share);
    /// @notice The verdict refutes items of the award, and so must name exactly one.
    error AuditCourt_NamesNotOne(bytes32 awardId, uint256 named);
    /// @notice No award that this is about is posted or disputed.
    error AuditCourt_NothingOpen(bytes32 commitId);
    /// @notice There is no such dispute, or it has ended.
    error AuditCourt_NotOpen(bytes32 disputeId);
    /// @notice The time of a judge, a substitute or a panel is over, or the window for challenges.
    error AuditCourt_TooLate(bytes32 id, uint256 by);
    /// @notice The time that this has to wait for is not over.
    error AuditCourt_TooEarly(bytes32 id, uint256 from);
    /// @notice The draw's entropy is not known yet, or lost.
    error AuditCourt_SeedUnknown(uint256 blockNumber);
    /// @notice Neither side has the votes that decide.
    /// @param refuted With those that could not get something.
    error AuditCourt_NoQuorum(uint256 upheld, uint256 refuted, uint256 quorum);

    /// @notice Records a verdict for a share. Anyone may call, as long as an award that the share answers for is
    /// open; the first verdict posted for a seat stays.
    /// @dev Of each award a verdict upholds all items, or names exactly one that it refutes, or refutes none
    /// and calls at least one unavailable. The named item, else the first unavailable one, is the subject of
    /// a dispute, or joins the one that the share opened about it before. A verdict that refutes items of an award
    /// and does not name exactly one can't be posted.
    ///
    /// The judge may be posted at any time, once summoned within the judge's time. After that each pair of
    /// substitutes may, in its turn and until the third turn ends, unless two have upheld all of the share.
    /// The first of them costs the silent judge as much as the share's fee, which is burned.
    /// @param seat 0 for the judge, 1 to 6 for its substitutes.
    function post(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        uint8 seat
    ) external;

    /// @notice Calls on a silent judge, once `settle` is open and the verdict time is over. Anyone may call, as
    /// long as an award that the share answers for is open.
    function summon(Sweep calldata sweep, Commit calldata commit, uint8 share) external;

    /// @notice Disputes one segment of an award, before `settle` opens. Locks a fifth of the award's price and a
    /// panel's fee out of the caller's free balance.
    /// @param index The award's place in the commit.
    /// @param position The segment, counted over those done.
    function challenge(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 position
    ) external;

    /// @notice Decides a dispute by concurring votes of its panel, until the panel's time is over. A vote
    /// counts once per seat held; votes of others, of another round, badly signed and second ones count nothing.
    /// @dev A panel looks at the subject, at every item that the accusing verdict could not get, and at the award
    /// as a whole. What it refutes and what it can't get count together against the award, which is slashed; but
    /// only where those that refute are a quorum is it a word against who upheld the same: else the dispute stands
    /// as one about what was withheld. Upheld, who accused pays: a judge that refuted its fine, of which the
    /// panel's fee is paid first and the rest is burned; one that could not get the item, and the seller with it,
    /// half of the panel's fee and a part of the price that is burned; a challenger its deposit.
    function resolve(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 subject,
        SignedVote[] calldata votes
    ) external;

    /// @notice Ends a panel whose time is over, or whose seed is lost. The first two times another one is
    /// drawn; the third time the dispute lapses: a judge's leaves the award to be refunded, a challenge
    /// is dismissed, and its deposit pays a panel's fee to nobody.
    function expire(Sweep calldata sweep, Commit calldata commit, uint256 index, uint256 subject)
        external;

    /// @notice A dispute by its id.
    function dispute(bytes32 disputeId) external view returns (Dispute memory);

    /// @notice What is known of a share.
    function share(bytes32 commitId, uint8 share_) external view returns (Share memory);

    /// @notice The EIP-712 struct hash of the verdict posted for a seat, or zero.
    function postedVerdict(bytes32 commitId, uint8 share, uint8 seat)
        external
        view
        returns (bytes32);

    /// @notice Whether a panel upheld an award against the share's judge: its word stands for all items of the
    /// share in the award. Against a substitute a panel only makes that seat's word void.
    function cleared(bytes32 commitId, bytes32 awardId, uint8 share) external view returns (bool);

    /// @notice The two substitutes that upheld an award in place of a silent judge; zeros if there are not two.
    /// Of more than two those in the lowest seats. Once the last turn is over one is enough, and named twice. The
    /// commit is taken as it is told.
    function standIns(
        Sweep calldata sweep,
        Commit calldata commit,
        bytes32 commitId,
        bytes32 awardId,
        uint8 share
    ) external view returns (address first, address second);

    /// @notice Whether a share was summoned and nothing posted in time answers it for an award, one that it has
    /// answers about.
    function ranOut(Sweep calldata sweep, bytes32 commitId, bytes32 awardId, uint8 share)
        external
        view
        returns (bool);

    /// @notice Who holds a seat of a share. Zero when nobody is eligible; reverts while the seed is unknown.
    function judgeOf(Sweep calldata sweep, Commit calldata commit, uint8 share, uint8 seat)
        external
        view
        returns (address);

    /// @notice The seats of a dispute's panel, in order. Reverts while its seed is unknown.
    function panelOf(Sweep calldata sweep, Commit calldata commit, uint256 index, uint256 subject)
        external
        view
        returns (address[] memory);
}
