"""What the chain's events say of sweeps, awards, commits, disputes and demands, as one value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from compute_swarm.chain.events import (
    Awarded,
    Committed,
    Demanded,
    Disputed,
    DisputeLapsed,
    DisputeOpened,
    DisputeResolved,
    Event,
    Expired,
    Met,
    PanelRedrawn,
    Refunded,
    Restored,
    SessionOpened,
    SessionRevoked,
    Settled,
    Slashed,
    Summoned,
    SweepOpened,
    Unmet,
    VerdictPosted,
    award_of,
    commit_of,
)
from compute_swarm.domain.bid import Award, Commit, Sweep
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import (
    Address,
    AwardId,
    CommitId,
    DemandId,
    Digest,
    DisputeId,
    SessionId,
    SweepId,
)
from compute_swarm.domain.session import Session
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome, Verdict

_STATUS: Mapping[type[Event], AwardStatus] = {
    Disputed: AwardStatus.DISPUTED,
    Restored: AwardStatus.POSTED,
    Settled: AwardStatus.SETTLED,
    Slashed: AwardStatus.SLASHED,
    Refunded: AwardStatus.REFUNDED,
    Expired: AwardStatus.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class AwardEntry:
    sweep_id: SweepId
    award: Award
    status: AwardStatus
    commit_id: CommitId | None = None


@dataclass(frozen=True, slots=True)
class CommitEntry:
    """A commit with what later calls pass again."""

    id: CommitId
    sweep_id: SweepId
    commit: Commit


@dataclass(frozen=True, slots=True)
class PostedVerdict:
    judge: Address
    verdict: Verdict
    transaction: bytes = field(default=b"", compare=False)  # that posted it


@dataclass(frozen=True, slots=True)
class Record:
    """What the court was told of a commit; from then on the market asks it before it settles."""

    posted: Mapping[tuple[int, int], PostedVerdict] = field(default_factory=dict)  # share and seat
    summoned: Mapping[int, int] = field(default_factory=dict)  # by share: when


@dataclass(frozen=True, slots=True)
class DisputeEntry:
    id: DisputeId
    commit_id: CommitId
    award_id: AwardId
    subject: Subject
    accuser: Address
    block_number: int  # in which its panel was called, and when
    time: int
    round: int = 0  # panels before this one
    open: bool = True
    refuted: bool = False  # by a quorum that saw a difference


@dataclass(frozen=True, slots=True)
class DemandEntry:
    id: DemandId
    commit_id: CommitId
    judge: Address
    verdict: Digest  # its struct hash
    share: int
    item: int
    time: int
    open: bool = True


@dataclass(slots=True)
class Chronicle:
    """Told all events in their order; where the chain was reorganised it is built anew.

    The same events told twice in a row change nothing.
    """

    sweeps: dict[SweepId, Sweep] = field(default_factory=dict)
    awards: dict[AwardId, AwardEntry] = field(default_factory=dict)
    commits: dict[CommitId, CommitEntry] = field(default_factory=dict)
    records: dict[CommitId, Record] = field(default_factory=dict)  # of the marked ones
    disputes: dict[DisputeId, DisputeEntry] = field(default_factory=dict)
    demands: dict[DemandId, DemandEntry] = field(default_factory=dict)
    sessions: dict[SessionId, Session] = field(default_factory=dict)  # that were not revoked

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Chronicle":
        chronicle = cls()
        for event in events:
            chronicle.add(event)
        return chronicle

    def add(self, event: Event) -> None:
        match event:
            case SweepOpened():
                sweep = Sweep(event.buyer, event.spec_hash, event.terms)
                self.sweeps[event.sweep_id] = sweep
            case Awarded():
                entry = AwardEntry(event.sweep_id, award_of(event), AwardStatus.AWARDED)
                self.awards[event.award_id] = entry
            case Committed():
                self._add_commit(event)
            case Disputed() | Restored() | Settled() | Slashed() | Refunded() | Expired():
                entry = self.awards[event.award_id]
                self.awards[event.award_id] = replace(entry, status=_STATUS[type(event)])
            case VerdictPosted() | Summoned():
                self._add_to_record(event)
            case DisputeOpened() | PanelRedrawn() | DisputeResolved() | DisputeLapsed():
                self._add_to_dispute(event)
            case SessionOpened():
                self.sessions[event.session_id] = event.session
            case SessionRevoked():
                self.sessions.pop(event.session_id, None)
            case Demanded():
                self.demands[event.demand_id] = _demand(event)
            case Met() | Unmet():
                demand = self.demands[event.demand_id]
                self.demands[event.demand_id] = replace(demand, open=False)

    # --- questions ---------------------------------------------------------------------------

    def awards_of(self, seller: Address) -> Iterator[AwardEntry]:
        return (entry for entry in self.awards.values() if entry.award.seller == seller)

    def buys(self, sweep_id: SweepId, who: Address) -> bool:
        """Whether it is a sweep's buyer, or a key that may buy for it."""
        sweep = self.sweeps.get(sweep_id)
        return (sweep is not None and sweep.buyer == who) or any(
            session.sweep_id == sweep_id and session.key == who
            for session in self.sessions.values()
        )

    def awarded(self) -> dict[SweepId, list[Award]]:
        """The awards without a result on chain, by sweep."""
        found: dict[SweepId, list[Award]] = {}
        for entry in self.awards.values():
            if entry.status is AwardStatus.AWARDED:
                found.setdefault(entry.sweep_id, []).append(entry.award)
        return found

    def statuses(self, entry: CommitEntry) -> tuple[AwardStatus, ...]:
        """The status of each award of a commit."""
        return tuple(self.awards[posted.award.id].status for posted in entry.commit.awards)

    def open_commits(self) -> Iterator[CommitEntry]:
        """The commits that have an award which is not closed yet."""
        for entry in self.commits.values():
            if not all(status.terminal for status in self.statuses(entry)):
                yield entry

    def open_disputes(self) -> Iterator[DisputeEntry]:
        return (entry for entry in self.disputes.values() if entry.open)

    def open_demands(self, judge: Address) -> Iterator[DemandEntry]:
        return (one for one in self.demands.values() if one.open and one.judge == judge)

    # --- what is told ------------------------------------------------------------------------

    def _add_commit(self, event: Committed) -> None:
        awards = {item.award_id: self.awards[item.award_id].award for item in event.entries}
        for award_id in awards:
            self.awards[award_id] = replace(
                self.awards[award_id], status=AwardStatus.POSTED, commit_id=event.commit_id
            )
        commit = commit_of(event, awards)
        self.commits[event.commit_id] = CommitEntry(event.commit_id, event.sweep_id, commit)

    def _add_to_record(self, event: VerdictPosted | Summoned) -> None:
        id_ = event.commit_id
        known = self.records.get(id_, Record())
        if isinstance(event, Summoned):
            summoned = {**known.summoned, event.share: event.place.time}
            self.records[id_] = replace(known, summoned=summoned)
            return
        verdict = Verdict(id_, event.share, event.answers, event.evidence)
        told = event.place.transaction
        posted = {(event.share, event.seat): PostedVerdict(event.judge, verdict, told)}
        self.records[id_] = replace(known, posted={**known.posted, **posted})

    def _add_to_dispute(
        self, event: DisputeOpened | PanelRedrawn | DisputeResolved | DisputeLapsed
    ) -> None:
        id_ = event.dispute_id
        match event:
            case DisputeOpened():
                self.records.setdefault(event.commit_id, Record())
                self.disputes[id_] = _dispute(event)
            case PanelRedrawn():
                self.disputes[id_] = replace(
                    self.disputes[id_],
                    round=event.round,
                    block_number=event.place.block_number,
                    time=event.place.time,
                )
            case DisputeResolved(outcome=outcome):
                refuted = outcome is Outcome.REFUTED
                self.disputes[id_] = replace(self.disputes[id_], open=False, refuted=refuted)
            case DisputeLapsed():
                self.disputes[id_] = replace(self.disputes[id_], open=False)


def _dispute(event: DisputeOpened) -> DisputeEntry:
    return DisputeEntry(
        event.dispute_id,
        event.commit_id,
        event.award_id,
        event.subject,
        event.accuser,
        event.place.block_number,
        event.place.time,
    )


def _demand(event: Demanded) -> DemandEntry:
    return DemandEntry(
        event.demand_id,
        event.commit_id,
        event.judge,
        event.verdict,
        event.share,
        event.item,
        event.place.time,
    )
