// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "./interfaces/IAuditCourt.sol";
import {IOversight} from "./interfaces/IOversight.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";
import {ISweepMarket} from "./interfaces/ISweepMarket.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {Answers} from "./libraries/Answers.sol";
import {AuditDraw} from "./libraries/AuditDraw.sol";
import {Bonds} from "./libraries/Bonds.sol";
import {Deal} from "./libraries/Deal.sol";
import {Ids} from "./libraries/Ids.sol";
import {Leaves} from "./libraries/Leaves.sol";
import {Signers} from "./libraries/Signers.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Docket,
    Posted,
    Profile,
    SignedVerdict,
    Sweep,
    TrialLeaf
} from "./types/Types.sol";

/// @title Oversight
/// @notice What a judge answers for beyond the award it judged.
contract Oversight is IOversight {
    /// @dev An item of an award, and all that says where it lies.
    /// @param begin The award's first item: its audits follow block by block, then its re-score.
    struct Place {
        Docket docket;
        bytes32 awardId;
        uint256 index;
        uint256 begin;
        uint256 item;
        uint256 perBlock;
    }

    uint256 private constant EXACT = 4;
    uint256 private constant CHALLENGE = 1 << 255;
    uint256 private constant NOWHERE = type(uint256).max;
    /// @dev What is left for whoever shows a fault; the rest is burned, so that nobody fines itself for gain.
    uint256 private constant REPORTER_PART = 10;

    ISweepMarket private immutable MARKET;
    IAuditCourt private immutable COURT;
    IValidatorSet private immutable VALIDATORS;
    IRandomness private immutable RANDOMNESS;
    uint256 private immutable DEMAND_TIME;

    /// @inheritdoc IOversight
    uint256 public immutable demandDeposit;
    /// @inheritdoc IOversight
    mapping(address account => uint256) public credit;

    mapping(bytes32 demandId => Demand) private _demands;
    /// @dev By commit, or award, with share and judge: each word is punished once.
    mapping(bytes32 faultId => bool) private _punished;

    /// @param market The market whose awards the verdicts are about.
    /// @param court The court that the verdicts are signed for.
    /// @param validators The set that it takes bonds from.
    /// @param randomness What answers the market's draws.
    /// @param profile The deployment's constants, the market's too.
    /// @param demandDeposit_ Taken with every demand, in the native coin.
    constructor(
        address market,
        address court,
        address validators,
        address randomness,
        Profile memory profile,
        uint256 demandDeposit_
    ) {
        MARKET = ISweepMarket(market);
        COURT = IAuditCourt(court);
        VALIDATORS = IValidatorSet(validators);
        RANDOMNESS = IRandomness(randomness);
        DEMAND_TIME = profile.demandTime;
        demandDeposit = demandDeposit_;
    }

    /// @inheritdoc IOversight
    function demand(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        address judge,
        uint256 item
    ) external payable returns (bytes32 demandId) {
        if (msg.value != demandDeposit) {
            revert Oversight_WrongDeposit(msg.value, demandDeposit);
        }
        Place memory place = _placeOf(sweep, commit, item);
        bytes32 commitId = place.docket.commitId;
        if (item + 1 == place.docket.ends[place.index]) revert Oversight_NotAudit(item);
        if (_answer(place, verdict) != Answers.UPHELD_EXACTLY) {
            revert Oversight_NotUpheldExactly(commitId, item);
        }
        _requireInTime(place);
        bytes32 hash = _requireSaid(commitId, verdict, judge);
        demandId = _demandId(hash, judge, item);
        if (_demands[demandId].demander != address(0)) revert Oversight_AlreadyDemanded(demandId);

        _demands[demandId] = Demand(msg.sender, uint40(block.timestamp), false);
        emit Demanded(demandId, commitId, judge, hash, verdict.share, item);
        // The judge's time to answer may outlast what the chain remembers of the draw.
        RANDOMNESS.pin(commit.blockNumber, commit.time);
    }

    /// @inheritdoc IOversight
    function meet(
        Sweep calldata sweep,
        Commit calldata commit,
        SignedVerdict calldata verdict,
        address judge,
        uint256 item,
        Preimage calldata preimage
    ) external {
        Place memory place = _placeOf(sweep, commit, item);
        bytes32 hash = TypedData.hashVerdict(place.docket.commitId, verdict);
        bytes32 demandId = _demandId(hash, judge, item);
        uint256 by = _openDemand(demandId).time + DEMAND_TIME;
        if (block.timestamp > by) revert Oversight_TooLate(by);
        bool proven = _replayed(verdict.evidence, item, preimage)
            && _claimed(commit.awards[place.index], _position(place), preimage);
        if (!proven) revert Oversight_BadPreimage(demandId);

        _demands[demandId].closed = true;
        credit[judge] += demandDeposit;
        emit Met(demandId, judge);
    }

    /// @inheritdoc IOversight
    function expire(bytes32 verdict, address judge, uint256 item) external {
        bytes32 demandId = _demandId(verdict, judge, item);
        Demand memory made = _openDemand(demandId);
        uint256 by = made.time + DEMAND_TIME;
        if (block.timestamp <= by) revert Oversight_TooEarly(by + 1);

        _demands[demandId].closed = true;
        credit[made.demander] += demandDeposit;
        emit Unmet(demandId, judge);
        VALIDATORS.forfeit(judge, made.demander);
    }

    /// @inheritdoc IOversight
    function contradict(
        bytes32 commitId,
        SignedVerdict calldata one,
        SignedVerdict calldata other,
        address judge
    ) external {
        uint8 share = one.share;
        if (share != other.share) revert Oversight_OtherShare(share, other.share);
        bytes32 first = TypedData.hashVerdict(commitId, one);
        bytes32 second = TypedData.hashVerdict(commitId, other);
        if (first == second) revert Oversight_SameWord(commitId, share);
        bool both = _signed(judge, first, one.signature) && _signed(judge, second, other.signature);
        if (!both) revert Oversight_BadSignature(commitId, judge);

        _punish(commitId, share, judge);
        emit Contradicted(commitId, share, judge);
        VALIDATORS.forfeit(judge, msg.sender);
    }

    /// @inheritdoc IOversight
    function overturn(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 index,
        uint256 subject,
        SignedVerdict calldata verdict,
        address judge
    ) external {
        Place memory place = _within(sweep, commit, _docket(sweep, commit), index);
        bytes32 commitId = place.docket.commitId;
        bytes32 disputeId = Ids.disputeId(commitId, place.awardId, subject);
        _requireRefuted(disputeId);
        if (!_goTo(place, subject)) revert Oversight_OtherSegment(disputeId);
        if (_answer(place, verdict) | EXACT != Answers.UPHELD_EXACTLY) {
            revert Oversight_NotUpheld(commitId, place.item);
        }
        _requireSaid(commitId, verdict, judge);

        _punish(place.awardId, verdict.share, judge);
        emit Overturned(disputeId, verdict.share, judge);
        _fine(sweep.terms.token, commit.awards[index].award, judge);
    }

    /// @inheritdoc IOversight
    function withdraw(address to) external returns (uint256 amount) {
        amount = credit[msg.sender];
        if (amount == 0) revert Oversight_NothingToWithdraw(msg.sender);

        credit[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert Oversight_TransferFailed(to, amount);
    }

    /// @inheritdoc IOversight
    function demandOf(bytes32 demandId) external view returns (Demand memory) {
        return _demands[demandId];
    }

    // --- what the verdict is about ---

    function _docket(Sweep calldata sweep, Commit calldata commit)
        private
        view
        returns (Docket memory d)
    {
        d = MARKET.docket(sweep, commit);
        if (d.seed == 0) revert Oversight_SeedUnknown(commit.blockNumber);
    }

    /// @dev Finds the award that an item is of.
    function _placeOf(Sweep calldata sweep, Commit calldata commit, uint256 item)
        private
        view
        returns (Place memory place)
    {
        Docket memory d = _docket(sweep, commit);
        if (item >= d.ends[d.ends.length - 1]) revert Oversight_NotAudit(item);
        uint256 index;
        while (d.ends[index] <= item) ++index;
        place = _within(sweep, commit, d, index);
        place.item = item;
    }

    function _within(Sweep calldata sweep, Commit calldata commit, Docket memory d, uint256 index)
        private
        pure
        returns (Place memory place)
    {
        place.docket = d;
        place.awardId = commit.awards[index].award.id;
        place.index = index;
        place.begin = index == 0 ? 0 : d.ends[index - 1];
        place.perBlock = sweep.terms.segments;
    }

    /// @dev Goes to the item that a dispute's subject is, or to the audit of the segment that it challenges.
    /// False where no audit replays that segment: what was drawn for a block without one lies past the end.
    function _goTo(Place memory place, uint256 subject) private pure returns (bool) {
        if (subject & CHALLENGE == 0) {
            place.item = uint32(subject);
            return true;
        }
        uint256 position = subject ^ CHALLENGE;
        place.item = place.begin + position / place.perBlock;
        return _position(place) == position;
    }

    /// @dev The segment that an audit replays, counted over the segments done of its award.
    function _position(Place memory place) private pure returns (uint256) {
        uint256 nth = place.item - place.begin;
        uint256 drawn = AuditDraw.draw(place.docket.seed, AuditDraw.SEGMENT, place.awardId, nth);
        return nth * place.perBlock + drawn % place.perBlock;
    }

    /// @dev What a verdict answers about an item, all four bits of it; zero where it is none of the share's.
    function _answer(Place memory place, SignedVerdict calldata verdict)
        private
        pure
        returns (uint256)
    {
        Docket memory d = place.docket;
        uint8 share = verdict.share;
        bool good = share < d.shares && Answers.rightLength(verdict.answers, d.sizes[share]);
        if (!good) revert Oversight_BadAnswers(d.commitId, share);
        uint256 where = _listedAt(place, share);
        return where == NOWHERE ? 0 : Answers.nibble(verdict.answers, where);
    }

    /// @dev Where an item lies in a share's list, among its own or those it doubles.
    function _listedAt(Place memory place, uint256 share) private pure returns (uint256 where) {
        Docket memory d = place.docket;
        if (place.item % d.shares == share) return place.item / d.shares;
        uint256 word = d.places[place.index * d.shares + share];
        (,, uint256 from, uint256 to) = Deal.unpack(word);
        for (where = from; where < to; ++where) {
            uint256 item = Deal.itemAt(d.seed, d.ends, place.index, share, d.shares, where, word);
            if (item == place.item) return where;
        }
        return NOWHERE;
    }

    /// @dev An award that is not settled yet may be demanded about, and for a while one that is.
    function _requireInTime(Place memory place) private view {
        uint256 slot = place.docket.slots[place.index];
        AwardStatus status = Ids.statusOf(slot);
        if (status == AwardStatus.POSTED || status == AwardStatus.DISPUTED) return;
        bool late = block.timestamp > Ids.timeOf(slot) + DEMAND_TIME;
        if (status != AwardStatus.SETTLED || late) revert Oversight_AwardClosed(place.awardId);
    }

    function _requireRefuted(bytes32 disputeId) private view {
        Dispute memory dispute = COURT.dispute(disputeId);
        bool refuted =
            dispute.status == DisputeStatus.REFUTED && dispute.kind != DisputeKind.WITHHELD;
        if (!refuted) revert Oversight_NotRefuted(disputeId);
    }

    // --- who said it ---

    /// @dev Returns the verdict's hash, if it is the judge's word.
    function _requireSaid(bytes32 commitId, SignedVerdict calldata verdict, address judge)
        private
        view
        returns (bytes32 hash)
    {
        hash = TypedData.hashVerdict(commitId, verdict);
        if (_signed(judge, hash, verdict.signature)) return hash;
        for (uint8 seat; seat <= AuditDraw.SUBSTITUTES; ++seat) {
            if (COURT.postedVerdict(commitId, verdict.share, seat) != hash) continue;
            if (COURT.holderOf(commitId, verdict.share, seat) == judge) return hash;
        }
        revert Oversight_BadSignature(commitId, judge);
    }

    function _signed(address judge, bytes32 hash, bytes calldata signature)
        private
        view
        returns (bool)
    {
        bytes32 digest = TypedData.digest(TypedData.domain(address(COURT)), hash);
        return Signers.signed(judge, digest, signature);
    }

    // --- what was demanded ---

    function _openDemand(bytes32 demandId) private view returns (Demand memory made) {
        made = _demands[demandId];
        if (made.demander == address(0) || made.closed) revert Oversight_NotOpen(demandId);
    }

    /// @dev Whether a state's parts are the judge's evidence of an item.
    function _replayed(bytes32 evidence, uint256 item, Preimage calldata preimage)
        private
        pure
        returns (bool)
    {
        bytes32 leaf = Leaves.ofEvidence(item, preimage.w, preimage.m, preimage.v);
        return Leaves.under(evidence, leaf, preimage.evidence);
    }

    /// @dev Whether they are the state that the seller claims for the end of the segment at a position.
    function _claimed(Posted calldata posted, uint256 position, Preimage calldata preimage)
        private
        pure
        returns (bool)
    {
        TrialLeaf calldata trial = preimage.trial;
        bool within = trial.awardId == posted.award.id && trial.offset <= position
            && position - trial.offset < trial.segmentsDone;
        if (!within) return false;
        uint256 k = trial.first + (position - trial.offset) + 1;
        bytes32 state = Leaves.stateDigest(k, preimage.w, preimage.m, preimage.v, preimage.step);
        bytes32 leaf = Leaves.ofSegment(k, state, preimage.lossBits, preimage.evalHash);
        return Leaves.under(trial.segmentRoot, leaf, preimage.boundary)
            && Leaves.under(posted.root, Leaves.ofTrial(trial), preimage.result);
    }

    // --- what it costs ---

    function _demandId(bytes32 verdict, address judge, uint256 item)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(verdict, judge, item));
    }

    function _punish(bytes32 id, uint8 share, address judge) private {
        bytes32 faultId = keccak256(abi.encode(id, share, judge));
        if (_punished[faultId]) revert Oversight_AlreadyFined(id, share, judge);
        _punished[faultId] = true;
    }

    function _fine(address token, Award calldata award, address judge) private {
        uint256 price = uint256(award.price) * award.segments;
        uint256 cap = MARKET.tokenTerms(token).cap;
        uint256 amount = Bonds.fine(price, VALIDATORS.leastBond(), cap);
        address[] memory payees = new address[](1);
        payees[0] = msg.sender;
        VALIDATORS.fine(judge, amount, payees, amount / REPORTER_PART);
    }
}
