// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "../interfaces/IAuditCourt.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {ISweepMarket} from "../interfaces/ISweepMarket.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {AuditDraw} from "../libraries/AuditDraw.sol";
import {Bonds} from "../libraries/Bonds.sol";
import {Deal} from "../libraries/Deal.sol";
import {Ids} from "../libraries/Ids.sol";
import {
    AwardStatus,
    Commit,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Docket,
    Posted,
    Profile,
    Share,
    Sweep,
    Terms
} from "../types/Types.sol";

/// @title Records
/// @notice What the court keeps of commits, shares and awards, and who holds which seat.
/// @dev Every commit that it is told of is held against the market's slots first.
abstract contract Records is IAuditCourt {
    /// @dev What is known of a share.
    /// @param seats Bit s: seat s has posted.
    /// @param upheld Bit s: seat s, a substitute, upheld all of the share.
    /// @param judge Once it was summoned or posted.
    struct Standing {
        uint40 summonedAt;
        uint8 seats;
        uint8 upheld;
        address judge;
    }

    /// @dev What is known of an award.
    /// @param open How many of its disputes are undecided.
    /// @param lapsed Whether a dispute that a verdict opened found no panel.
    /// @param disputed Bit s: a verdict of share s disputed it.
    /// @param cleared Bit s: a panel upheld it against share s.
    /// @param upheld A byte a share, bit s of it: seat s, a substitute, upheld it and not all of the share.
    struct Record {
        uint32 open;
        bool lapsed;
        uint8 disputed;
        uint8 cleared;
        uint24 upheld;
    }

    uint256 internal constant TURNS = 3;

    ISweepMarket internal immutable MARKET;
    IValidatorSet internal immutable VALIDATORS;
    IRandomness internal immutable RANDOMNESS;
    uint256 internal immutable JUDGE_TIME;
    uint256 internal immutable PANEL_TIME;
    uint256 internal immutable SEATS;
    uint256 internal immutable QUORUM;

    /// @inheritdoc IAuditCourt
    mapping(bytes32 commitId => mapping(uint8 share => mapping(uint8 seat => bytes32))) public
        postedVerdict;
    mapping(bytes32 commitId => mapping(uint8 share => Standing)) internal _standings;
    /// @dev Those that were posted. To draw them again for each award would be dear where validators are many.
    mapping(bytes32 commitId => mapping(uint8 share => mapping(uint256 seat => address))) internal
        _substitutes;
    mapping(bytes32 commitId => mapping(bytes32 awardId => Record)) internal _records;
    mapping(bytes32 disputeId => Dispute) internal _disputes;

    constructor(
        address market_,
        address validators_,
        address randomness_,
        Profile memory profile_
    ) {
        MARKET = ISweepMarket(market_);
        VALIDATORS = IValidatorSet(validators_);
        RANDOMNESS = IRandomness(randomness_);
        JUDGE_TIME = profile_.judgeTime;
        PANEL_TIME = profile_.panelTime;
        SEATS = profile_.seats;
        QUORUM = profile_.quorum;
    }

    /// @inheritdoc IAuditCourt
    function dispute(bytes32 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IAuditCourt
    function share(bytes32 commitId, uint8 share_) external view returns (Share memory) {
        Standing memory standing = _standings[commitId][share_];
        uint8 upholding;
        for (uint256 upheld = standing.upheld; upheld != 0; upheld &= upheld - 1) {
            ++upholding;
        }
        return Share(standing.summonedAt, standing.seats, upholding);
    }

    /// @inheritdoc IAuditCourt
    function holderOf(bytes32 commitId, uint8 share_, uint8 seat) external view returns (address) {
        if (seat == 0) return _standings[commitId][share_].judge;
        return _substitutes[commitId][share_][seat];
    }

    /// @inheritdoc IAuditCourt
    function cleared(bytes32 commitId, bytes32 awardId, uint8 share_) external view returns (bool) {
        return _records[commitId][awardId].cleared >> share_ & 1 == 1;
    }

    // --- the commit ---

    /// @dev The commit as the market knows it. Its seed is stored if it is known; if not, that is no fault.
    function _docket(Sweep calldata sweep, Commit calldata commit)
        internal
        returns (Docket memory)
    {
        try RANDOMNESS.pin(commit.blockNumber, commit.time) {} catch {}
        return MARKET.docket(sweep, commit);
    }

    function _requireSeed(Docket memory d, Commit calldata commit) internal pure {
        if (d.seed == 0) revert AuditCourt_SeedUnknown(commit.blockNumber);
    }

    /// @dev From the first record on the market asks the court before it settles.
    function _mark(Docket memory d, Commit calldata commit) internal {
        if (!d.marked) MARKET.mark(commit.awards[0].award.id);
    }

    function _isOpen(uint256 slot) internal pure returns (bool) {
        AwardStatus status = Ids.statusOf(slot);
        return status == AwardStatus.POSTED || status == AwardStatus.DISPUTED;
    }

    /// @dev Where an award's answers lie in a share's list.
    function _places(Docket memory d, uint256 index, uint256 share_)
        internal
        pure
        returns (uint256)
    {
        return d.places[index * d.shares + share_];
    }

    /// @dev A share's part of an award's audit fee, as `settle` pays it.
    function _fee(Posted calldata posted, Docket memory d, uint256 index, uint256 share_)
        internal
        pure
        returns (uint256)
    {
        uint256 answers;
        for (uint256 i; i < d.shares; ++i) {
            answers += Deal.answers(_places(d, index, i));
        }
        uint256 fee = Bonds.auditFee(uint256(posted.award.price) * posted.done);
        return fee / answers * Deal.answers(_places(d, index, share_));
    }

    // --- disputes ---

    /// @dev A dispute about the same subject is joined, whatever became of it.
    function _open(
        Docket memory d,
        uint256 index,
        bytes32 awardId,
        uint256 subject,
        DisputeKind kind,
        address accuser
    ) internal {
        bytes32 id = Ids.disputeId(d.commitId, awardId, subject);
        if (_disputes[id].status != DisputeStatus.NONE) return;
        _disputes[id] = Dispute({
            status: DisputeStatus.OPEN,
            kind: kind,
            round: 0,
            time: uint40(block.timestamp),
            blockNumber: uint32(block.number),
            accuser: accuser
        });
        ++_records[d.commitId][awardId].open;
        emit DisputeOpened(id, d.commitId, awardId, subject, accuser);
        if (Ids.statusOf(d.slots[index]) == AwardStatus.POSTED) MARKET.dispute(awardId, id);
    }

    // --- seats ---

    /// @dev Who holds a seat. The judge is skipped where its substitutes are drawn.
    function _holder(
        Sweep calldata sweep,
        Commit calldata commit,
        Docket memory d,
        uint8 share_,
        uint8 seat
    ) internal view returns (address) {
        address judge = _judge(sweep, commit, d, share_);
        if (seat == 0) return judge;
        uint256[] memory draws = AuditDraw.substitutes(d.seed, share_);
        return _pick(sweep, commit, _partiesAnd(sweep, commit, judge), draws)[seat - 1];
    }

    function _judge(Sweep calldata sweep, Commit calldata commit, Docket memory d, uint8 share_)
        internal
        view
        returns (address judge)
    {
        judge = _standings[d.commitId][share_].judge;
        if (judge != address(0)) return judge;
        uint256[] memory draws = new uint256[](1);
        draws[0] = AuditDraw.draw(d.seed, AuditDraw.JUDGE, bytes32(uint256(share_)), 0);
        return _pick(sweep, commit, Ids.parties(sweep, commit), draws)[0];
    }

    function _pick(
        Sweep calldata sweep,
        Commit calldata commit,
        address[] memory skip,
        uint256[] memory draws
    ) internal view returns (address[] memory) {
        return VALIDATORS.pick(commit.time, sweep.terms.vramGib, skip, draws);
    }

    function _partiesAnd(Sweep calldata sweep, Commit calldata commit, address another)
        internal
        pure
        returns (address[] memory skip)
    {
        address[] memory parties = Ids.parties(sweep, commit);
        skip = new address[](parties.length + 1);
        for (uint256 i; i < parties.length; ++i) {
            skip[i] = parties[i];
        }
        skip[parties.length] = another;
    }

    /// @dev The seats, a bit each, whose substitutes upheld an award.
    function _upholders(bytes32 commitId, bytes32 awardId, uint8 share_)
        internal
        view
        returns (uint256)
    {
        uint256 some = _records[commitId][awardId].upheld >> 8 * uint256(share_);
        return _standings[commitId][share_].upheld | uint8(some);
    }

    /// @dev Whether at least two bits are set.
    function _two(uint256 bits) internal pure returns (bool) {
        return bits != 0 && bits & (bits - 1) != 0;
    }

    /// @dev The last second of a summoned judge's time, or of so many turns after it.
    function _turn(Terms calldata terms, uint256 summonedAt, uint256 turns)
        internal
        view
        returns (uint256)
    {
        return summonedAt + JUDGE_TIME + turns * terms.verdictTime;
    }

    /// @dev The holders of the two lowest seats that upheld an award, if there are two. One alone is taken for
    /// both once nobody else may speak: else five of six could take an honest seller's pay by silence.
    function _standIns(Sweep calldata sweep, bytes32 commitId, bytes32 awardId, uint8 share_)
        internal
        view
        returns (address first, address second)
    {
        uint256 upholders = _upholders(commitId, awardId, share_);
        if (upholders == 0) return (first, second);
        bool alone = !_two(upholders);
        uint256 summonedAt = _standings[commitId][share_].summonedAt;
        if (alone && block.timestamp <= _turn(sweep.terms, summonedAt, TURNS)) {
            return (first, second);
        }
        uint256 seat = 1;
        while (upholders >> seat & 1 == 0) ++seat;
        first = _substitutes[commitId][share_][seat];
        if (alone) return (first, first);
        ++seat;
        while (upholders >> seat & 1 == 0) ++seat;
        second = _substitutes[commitId][share_][seat];
    }
}
