"""What the chain's events say of sweeps, awards, commits and disputes, as one value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from compute_swarm.chain.events import (
    Awarded,
    Committed,
    Disputed,
    DisputeLapsed,
    DisputeOpened,
    DisputeResolved,
    Event,
    Expired,
    Refunded,
    Restored,
    Settled,
    Slashed,
    SweepOpened,
    VerdictPosted,
)
from compute_swarm.domain.bid import Award, Commit, Posted, Sweep
from compute_swarm.domain.ids import Address, AwardId, CommitId, DisputeId, SweepId
from compute_swarm.domain.status import AwardStatus

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

    @property
    def sellers(self) -> frozenset[Address]:
        return frozenset(posted.award.seller for posted in self.commit.awards)


@dataclass(frozen=True, slots=True)
class DisputeEntry:
    id: DisputeId
    commit_id: CommitId
    award_id: AwardId
    item: int
    judge: Address
    block_number: int
    open: bool = True


@dataclass(slots=True)
class Chronicle:
    """Built anew from all events: a reorganised chain needs no undoing."""

    sweeps: dict[SweepId, Sweep] = field(default_factory=dict)
    awards: dict[AwardId, AwardEntry] = field(default_factory=dict)
    commits: dict[CommitId, CommitEntry] = field(default_factory=dict)
    disputes: dict[DisputeId, DisputeEntry] = field(default_factory=dict)
    posted_shares: set[tuple[CommitId, int]] = field(default_factory=set)

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Chronicle":
        chronicle = cls()
        for event in events:
            chronicle._add(event)
        return chronicle

    def awards_of(self, seller: Address) -> Iterator[AwardEntry]:
        return (entry for entry in self.awards.values() if entry.award.seller == seller)

    def open_commits(self) -> Iterator[CommitEntry]:
        """The commits that have an award which is not closed yet."""
        for entry in self.commits.values():
            statuses = (self.awards[posted.award.id].status for posted in entry.commit.awards)
            if not all(status.terminal for status in statuses):
                yield entry

    def open_disputes(self) -> Iterator[DisputeEntry]:
        return (entry for entry in self.disputes.values() if entry.open)

    def _add(self, event: Event) -> None:
        match event:
            case SweepOpened():
                sweep = Sweep(event.buyer, event.spec_hash, event.terms)
                self.sweeps[event.sweep_id] = sweep
            case Awarded():
                award = _award(event)
                entry = AwardEntry(event.sweep_id, award, AwardStatus.AWARDED)
                self.awards[event.award_id] = entry
            case Committed():
                self._add_commit(event)
            case VerdictPosted():
                self.posted_shares.add((event.commit_id, event.share))
            case DisputeOpened():
                self.disputes[event.dispute_id] = _dispute(event)
            case DisputeResolved() | DisputeLapsed():
                dispute = self.disputes[event.dispute_id]
                self.disputes[event.dispute_id] = replace(dispute, open=False)
            case Disputed() | Restored() | Settled() | Slashed() | Refunded() | Expired():
                entry = self.awards[event.award_id]
                self.awards[event.award_id] = replace(entry, status=_STATUS[type(event)])

    def _add_commit(self, event: Committed) -> None:
        posted = []
        for item in event.entries:
            entry = self.awards[item.award_id]
            posted.append(Posted(entry.award, item.root, item.done))
            self.awards[item.award_id] = replace(
                entry, status=AwardStatus.POSTED, commit_id=event.commit_id
            )
        commit = Commit(event.place.block_number, tuple(posted))
        self.commits[event.commit_id] = CommitEntry(event.commit_id, event.sweep_id, commit)


def _award(event: Awarded) -> Award:
    return Award(
        event.award_id, event.seller, event.trials, event.segments, event.price, event.deadline
    )


def _dispute(event: DisputeOpened) -> DisputeEntry:
    return DisputeEntry(
        event.dispute_id,
        event.commit_id,
        event.award_id,
        event.item,
        event.judge,
        event.place.block_number,
    )
