// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAuditCourt} from "./interfaces/IAuditCourt.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";
import {ISweepMarket} from "./interfaces/ISweepMarket.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {Answers} from "./libraries/Answers.sol";
import {AuditDraw} from "./libraries/AuditDraw.sol";
import {Bonds} from "./libraries/Bonds.sol";
import {Ids} from "./libraries/Ids.sol";
import {Signers} from "./libraries/Signers.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {
    Award,
    AwardStatus,
    Commit,
    Dispute,
    DisputeStatus,
    Docket,
    Posted,
    Profile,
    SignedVerdict,
    SignedVote,
    Sweep,
    TokenTerms
} from "./types/Types.sol";

/// @title AuditCourt
/// @notice Posted verdicts, disputes and panels.
/// @dev Every commit it is told of is held against the market's slots first. Happy verdicts never come here.
contract AuditCourt is IAuditCourt {
    /// @dev What is, and what was, undecided about one award: a bit per share, each disputes once.
    struct Subject {
        uint8 open;
        uint8 lapsed;
    }

    /// @dev One item of a commit, and where it lies.
    struct Place {
        uint256 item;
        uint256 index;
        uint8 share;
        bytes32 awardId;
        bytes32 disputeId;
    }

    ISweepMarket private immutable MARKET;
    IValidatorSet private immutable VALIDATORS;
    IRandomness private immutable RANDOMNESS;
    uint256 private immutable DRAW_DELAY;
    uint256 private immutable PANEL_TIME;
    uint256 private immutable SEATS;
    uint256 private immutable QUORUM;

    /// @inheritdoc IAuditCourt
    mapping(bytes32 commitId => mapping(uint8 share => bytes32)) public postedVerdict;
    mapping(bytes32 disputeId => Dispute) private _disputes;
    mapping(bytes32 awardId => Subject) private _subjects;
    mapping(bytes32 commitId => mapping(bytes32 awardId => uint256)) private _cleared;

    constructor(
        address market_,
        address validators_,
        address randomness_,
        Profile memory profile_
    ) {
        MARKET = ISweepMarket(market_);
        VALIDATORS = IValidatorSet(validators_);
        RANDOMNESS = IRandomness(randomness_);
        DRAW_DELAY = profile_.drawDelay;
        PANEL_TIME = profile_.panelTime;
        SEATS = profile_.seats;
        QUORUM = profile_.quorum;
    }

    /// @inheritdoc IAuditCourt
    function post(Sweep calldata sweep, Commit calldata commit, SignedVerdict calldata verdict)
        external
    {
        RANDOMNESS.pin(commit.blockNumber + DRAW_DELAY);
        Docket memory d = MARKET.docket(sweep, commit);
        _checkAnswers(d, verdict);
        address judge = _judges(sweep, commit, d)[verdict.share];
        bytes32 hash = TypedData.hashVerdict(d.commitId, verdict);
        bytes32 domain = TypedData.domain(address(this));
        if (!Signers.signed(judge, TypedData.digest(domain, hash), verdict.signature)) {
            revert AuditCourt_BadSignature(d.commitId, judge);
        }
        if (postedVerdict[d.commitId][verdict.share] != 0) {
            revert AuditCourt_AlreadyPosted(d.commitId, verdict.share);
        }

        postedVerdict[d.commitId][verdict.share] = hash;
        emit VerdictPosted(d.commitId, verdict.share, judge, verdict.answers, verdict.evidence);
        bool open;
        for (uint256 i; i < d.slots.length; ++i) {
            if (_hear(commit.awards[i].award.id, i, d, verdict, judge)) open = true;
        }
        if (!open) revert AuditCourt_NothingOpen(d.commitId);
    }

    /// @inheritdoc IAuditCourt
    function resolve(
        Sweep calldata sweep,
        Commit calldata commit,
        uint256 item,
        SignedVote[] calldata votes
    ) external {
        Docket memory d = MARKET.docket(sweep, commit);
        Place memory place = _place(commit, d, item);
        Dispute memory subject = _openDispute(place.disputeId);
        uint256 by = subject.time + PANEL_TIME;
        if (block.timestamp > by) revert AuditCourt_TooLate(place.disputeId, by);
        address[] memory seats = _panel(sweep, commit, d, place.disputeId, subject);
        (bool upheld, address[] memory majority) = _count(place.disputeId, seats, votes);

        _disputes[place.disputeId].status = upheld ? DisputeStatus.DISMISSED : DisputeStatus.REFUTED;
        _subjects[place.awardId].open ^= uint8(2 ** place.share);
        uint256 each = upheld
            ? _dismiss(sweep, commit, d, place, subject, majority)
            : _refute(sweep, commit, d, place, majority);
        if (each == 0) majority = new address[](0);
        emit DisputeResolved(place.disputeId, upheld, majority, each);
    }

    /// @inheritdoc IAuditCourt
    function expire(Sweep calldata sweep, Commit calldata commit, uint256 item) external {
        Docket memory d = MARKET.docket(sweep, commit);
        Place memory place = _place(commit, d, item);
        uint256 by = _openDispute(place.disputeId).time + PANEL_TIME;
        if (block.timestamp <= by) revert AuditCourt_TooEarly(place.disputeId, by + 1);

        _disputes[place.disputeId].status = DisputeStatus.LAPSED;
        Subject storage subject = _subjects[place.awardId];
        subject.open ^= uint8(2 ** place.share);
        subject.lapsed |= uint8(2 ** place.share);
        emit DisputeLapsed(place.disputeId);
        _close(sweep, commit.awards[place.index].award, d.slots[place.index]);
    }

    /// @inheritdoc IAuditCourt
    function dispute(bytes32 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IAuditCourt
    function judgeOf(Sweep calldata sweep, Commit calldata commit, uint8 share)
        external
        view
        returns (address)
    {
        Docket memory d = MARKET.docket(sweep, commit);
        if (d.seed == 0) revert AuditCourt_SeedUnknown(commit.blockNumber + DRAW_DELAY);
        if (share >= d.shares) revert AuditCourt_NoSuchShare(share, d.shares);
        return _judges(sweep, commit, d)[share];
    }

    /// @inheritdoc IAuditCourt
    function panelOf(Sweep calldata sweep, Commit calldata commit, uint256 item)
        external
        view
        returns (address[] memory)
    {
        Docket memory d = MARKET.docket(sweep, commit);
        Place memory place = _place(commit, d, item);
        Dispute memory subject = _disputes[place.disputeId];
        if (subject.status == DisputeStatus.NONE) revert AuditCourt_NotOpen(place.disputeId);
        return _panel(sweep, commit, d, place.disputeId, subject);
    }

    /// @inheritdoc IAuditCourt
    function cleared(bytes32 commitId, bytes32 awardId, uint8 share) public view returns (bool) {
        return _cleared[commitId][awardId] >> share & 1 == 1;
    }

    // --- verdicts ---

    function _checkAnswers(Docket memory d, SignedVerdict calldata verdict) private pure {
        uint8 share = verdict.share;
        if (share >= d.shares) revert AuditCourt_NoSuchShare(share, d.shares);
        uint256 count = AuditDraw.dealt(d.ends[d.ends.length - 1], share, d.shares);
        bytes calldata answers = verdict.answers;
        bool good =
            count != 0 && Answers.rightLength(answers, count) && Answers.wellFormed(answers, count);
        if (!good) {
            revert AuditCourt_BadAnswers(d.commitId, share);
        }
    }

    /// @dev Takes a verdict's word on one award. Returns whether the award is open.
    function _hear(
        bytes32 awardId,
        uint256 index,
        Docket memory d,
        SignedVerdict calldata verdict,
        address judge
    ) private returns (bool) {
        AwardStatus status = Ids.statusOf(d.slots[index]);
        if (status != AwardStatus.POSTED && status != AwardStatus.DISPUTED) return false;
        uint256 begin = index == 0 ? 0 : d.ends[index - 1];
        uint256 from = AuditDraw.dealt(begin, verdict.share, d.shares);
        uint256 to = AuditDraw.dealt(d.ends[index], verdict.share, d.shares);
        if (Answers.allUpheld(verdict.answers, from, to)) return true;

        (uint256 place, bool withheld) = _subject(awardId, verdict.answers, from, to);
        uint256 item = place * d.shares + verdict.share;
        bytes32 disputeId = Ids.disputeId(d.commitId, awardId, item);
        _open(disputeId, judge, withheld);
        _mark(awardId, verdict.share);
        emit DisputeOpened(disputeId, d.commitId, awardId, item, judge);
        if (status == AwardStatus.POSTED) MARKET.dispute(awardId, disputeId);
        return true;
    }

    /// @dev The place of what answers that don't uphold an award are about: the one refuted item that the
    /// judge names, or, where it refutes none, the first that it could not get.
    function _subject(bytes32 awardId, bytes calldata answers, uint256 from, uint256 to)
        private
        pure
        returns (uint256 place, bool withheld)
    {
        uint256 refuted;
        uint256 named;
        for (uint256 i = to; i > from;) {
            uint256 outcome = Answers.outcome(answers, --i);
            if (outcome == Answers.NAMED) (place, named) = (i, named + 1);
            else if (outcome == Answers.REFUTED) ++refuted;
            else if (outcome == Answers.UNAVAILABLE && named == 0) place = i;
        }
        withheld = named == 0 && refuted == 0;
        if (named != 1 && !withheld) revert AuditCourt_NamesNotOne(awardId, named);
    }

    function _mark(bytes32 awardId, uint8 share) private {
        _subjects[awardId].open |= uint8(2 ** share);
    }

    function _open(bytes32 disputeId, address judge, bool withheld) private {
        _disputes[disputeId] = Dispute({
            status: DisputeStatus.OPEN,
            time: uint40(block.timestamp),
            blockNumber: uint40(block.number),
            judge: judge,
            withheld: withheld
        });
    }

    function _judges(Sweep calldata sweep, Commit calldata commit, Docket memory d)
        private
        view
        returns (address[] memory)
    {
        uint256[] memory draws = AuditDraw.judges(d.seed, d.shares);
        return VALIDATORS.pick(d.time, sweep.terms.vramGib, Ids.parties(sweep, commit), draws);
    }

    // --- panels ---

    /// @dev The award and the share of an item.
    function _place(Commit calldata commit, Docket memory d, uint256 item)
        private
        view
        returns (Place memory place)
    {
        if (d.seed == 0) revert AuditCourt_SeedUnknown(commit.blockNumber + DRAW_DELAY);
        uint256 items = d.ends[d.ends.length - 1];
        if (item >= items) revert AuditCourt_NoSuchItem(item, items);
        place.item = item;
        while (d.ends[place.index] <= item) ++place.index;
        // Fits: there are at most three shares.
        place.share = uint8(item % d.shares);
        place.awardId = commit.awards[place.index].award.id;
        place.disputeId = Ids.disputeId(d.commitId, place.awardId, item);
    }

    function _openDispute(bytes32 disputeId) private view returns (Dispute memory subject) {
        subject = _disputes[disputeId];
        if (subject.status != DisputeStatus.OPEN) revert AuditCourt_NotOpen(disputeId);
    }

    /// @dev The seats of a panel: as for judges, without the judge in question.
    function _panel(
        Sweep calldata sweep,
        Commit calldata commit,
        Docket memory d,
        bytes32 disputeId,
        Dispute memory subject
    ) private view returns (address[] memory) {
        uint256 drawn = subject.blockNumber + DRAW_DELAY;
        bytes32 entropy = RANDOMNESS.entropy(drawn);
        if (entropy == 0) revert AuditCourt_SeedUnknown(drawn);
        address[] memory parties = Ids.parties(sweep, commit);
        address[] memory skip = new address[](parties.length + 1);
        for (uint256 i; i < parties.length; ++i) {
            skip[i] = parties[i];
        }
        skip[parties.length] = subject.judge;
        uint256[] memory draws = AuditDraw.panel(AuditDraw.seed(entropy, disputeId), SEATS);
        return VALIDATORS.pick(d.time, sweep.terms.vramGib, skip, draws);
    }

    /// @dev Counts every seat once. Returns the side that has a quorum, and its seats. A badly signed vote
    /// counts nothing: a signer that is a contract could otherwise change its mind and stop its panel.
    function _count(bytes32 disputeId, address[] memory seats, SignedVote[] calldata votes)
        private
        view
        returns (bool upheld, address[] memory majority)
    {
        address[] memory forIt = new address[](seats.length);
        address[] memory against = new address[](seats.length);
        uint256 yes;
        uint256 no;
        for (uint256 i; i < votes.length; ++i) {
            SignedVote calldata vote = votes[i];
            if (!_voted(disputeId, vote)) continue;
            for (uint256 seat; seat < seats.length; ++seat) {
                if (seats[seat] != vote.validator) continue;
                seats[seat] = address(0);
                if (vote.upheld) forIt[yes++] = vote.validator;
                else against[no++] = vote.validator;
            }
        }
        if (yes < QUORUM && no < QUORUM) revert AuditCourt_NoQuorum(yes, no, QUORUM);
        upheld = yes >= QUORUM;
        majority = upheld ? _first(forIt, yes) : _first(against, no);
    }

    function _voted(bytes32 disputeId, SignedVote calldata vote) private view returns (bool) {
        bytes32 domain = TypedData.domain(address(this));
        bytes32 digest = TypedData.digest(domain, TypedData.hashVote(disputeId, vote.upheld));
        return Signers.signed(vote.validator, digest, vote.signature);
    }

    function _first(address[] memory list, uint256 count) private pure returns (address[] memory) {
        assembly ("memory-safe") {
            mstore(list, count)
        }
        return list;
    }

    /// @dev The award goes on as it was, and the judge's fine pays the panel.
    function _dismiss(
        Sweep calldata sweep,
        Commit calldata commit,
        Docket memory d,
        Place memory place,
        Dispute memory subject,
        address[] memory majority
    ) private returns (uint256 each) {
        Award calldata award = commit.awards[place.index].award;
        _cleared[d.commitId][place.awardId] |= 2 ** place.share;
        each = _fine(sweep.terms.token, award, subject, majority);
        _close(sweep, award, d.slots[place.index]);
    }

    /// @dev A judge that refuted was wrong. One that could not get the item may have been kept waiting by
    /// the seller: it pays half, since a panel that nobody pays does not come.
    function _fine(
        address token,
        Award calldata award,
        Dispute memory subject,
        address[] memory majority
    ) private returns (uint256 each) {
        uint256 price = uint256(award.price) * award.segments;
        uint256 cap = MARKET.tokenTerms(token).cap;
        uint256 fine = Bonds.fine(VALIDATORS.leastBond(), price, cap);
        return VALIDATORS.fine(subject.judge, subject.withheld ? fine / 2 : fine, majority);
    }

    /// @dev With the last subject of a disputed award: it goes on, unless one of them found no panel.
    function _close(Sweep calldata sweep, Award calldata award, uint256 slot) private {
        Subject memory subject = _subjects[award.id];
        if (subject.open != 0 || Ids.statusOf(slot) != AwardStatus.DISPUTED) return;
        if (subject.lapsed != 0) MARKET.refund(sweep, award);
        else MARKET.restore(award.id);
    }

    /// @dev The seller was wrong: its bond pays the panel and the verdicts that were posted. Another
    /// dispute may have taken the bond before; then nobody is paid.
    function _refute(
        Sweep calldata sweep,
        Commit calldata commit,
        Docket memory d,
        Place memory place,
        address[] memory majority
    ) private returns (uint256 each) {
        if (Ids.statusOf(d.slots[place.index]) != AwardStatus.DISPUTED) {
            return 0;
        }
        Award calldata award = commit.awards[place.index].award;
        TokenTerms memory terms = MARKET.tokenTerms(sweep.terms.token);
        each = Bonds.panelFee(SEATS, award.price, terms.panelFloor) / majority.length;

        address[] memory judges = _judges(sweep, commit, d);
        uint256 seats = majority.length;
        address[] memory payees = new address[](seats + judges.length);
        uint256[] memory amounts = new uint256[](payees.length);
        for (uint256 i; i < seats; ++i) {
            (payees[i], amounts[i]) = (majority[i], each);
        }
        for (uint8 share; share < judges.length; ++share) {
            payees[seats + share] = judges[share];
            amounts[seats + share] = _earned(commit.awards[place.index], place.index, d, share);
        }
        MARKET.slash(sweep, award, payees, amounts);
    }

    /// @dev What the share's posted verdict earns on an award, as `settle` would pay it: nothing where its own
    /// dispute is undecided or was dismissed, for then nobody said that it was right.
    function _earned(Posted calldata posted, uint256 index, Docket memory d, uint8 share)
        private
        view
        returns (uint256)
    {
        if (postedVerdict[d.commitId][share] == 0) return 0;
        if (cleared(d.commitId, posted.award.id, share)) return 0;
        Subject memory subject = _subjects[posted.award.id];
        if ((subject.open | subject.lapsed) >> share & 1 != 0) return 0;
        uint256 begin = index == 0 ? 0 : d.ends[index - 1];
        uint256 end = d.ends[index];
        uint256 answered =
            AuditDraw.dealt(end, share, d.shares) - AuditDraw.dealt(begin, share, d.shares);
        uint256 paid = uint256(posted.award.price) * posted.done;
        return Bonds.auditFee(paid) / (end - begin) * answered;
    }
}
