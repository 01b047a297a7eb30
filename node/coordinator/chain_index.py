"""What the chain's events add up to: sweeps, awards, commits and disputes, in memory.

It is built anew at each start. For decisions about money the contracts are asked again.
"""

from dataclasses import dataclass, field

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
from compute_swarm.domain.ids import AwardId, CommitId, DisputeId, SweepId
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, Verdict

_MOVES: dict[type, AwardStatus] = {
    Disputed: AwardStatus.DISPUTED,
    Restored: AwardStatus.POSTED,
    Settled: AwardStatus.SETTLED,
    Slashed: AwardStatus.SLASHED,
    Refunded: AwardStatus.REFUNDED,
    Expired: AwardStatus.EXPIRED,
}


@dataclass(slots=True)
class AwardLine:
    award: Award
    sweep_id: SweepId
    status: AwardStatus = AwardStatus.AWARDED


@dataclass(slots=True)
class CommitLine:
    id: CommitId
    sweep_id: SweepId
    commit: Commit
    posted: dict[int, SignedVerdict] = field(default_factory=dict)  # by share, unsigned


@dataclass(slots=True)
class DisputeLine:
    id: DisputeId
    commit_id: CommitId
    award_id: AwardId
    item: int
    open: bool = True


@dataclass(slots=True)
class ChainIndex:
    sweeps: dict[SweepId, Sweep] = field(default_factory=dict)
    awards: dict[AwardId, AwardLine] = field(default_factory=dict)
    commits: dict[CommitId, CommitLine] = field(default_factory=dict)
    disputes: dict[DisputeId, DisputeLine] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Take one event in; the same one twice changes nothing."""
        match event:
            case SweepOpened():
                self.sweeps[event.sweep_id] = Sweep(event.buyer, event.spec_hash, event.terms)
            case Awarded():
                self.awards.setdefault(event.award_id, AwardLine(_award(event), event.sweep_id))
            case Committed():
                self._committed(event)
            case Disputed() | Restored() | Settled() | Slashed() | Refunded() | Expired():
                self.awards[event.award_id].status = _MOVES[type(event)]
            case VerdictPosted():
                self.commits[event.commit_id].posted[event.share] = _verdict(event)
            case DisputeOpened():
                line = DisputeLine(event.dispute_id, event.commit_id, event.award_id, event.item)
                self.disputes.setdefault(event.dispute_id, line)
            case DisputeResolved() | DisputeLapsed():
                self.disputes[event.dispute_id].open = False
            case _:
                pass

    def awarded(self) -> dict[SweepId, list[Award]]:
        """The awards without a result on chain, by sweep."""
        found: dict[SweepId, list[Award]] = {}
        for line in self.awards.values():
            if line.status is AwardStatus.AWARDED:
                found.setdefault(line.sweep_id, []).append(line.award)
        return found

    def open_commits(self) -> list[CommitLine]:
        """The commits with an award that isn't closed."""
        return [line for line in self.commits.values() if not self._is_closed(line)]

    def open_disputes(self) -> list[DisputeLine]:
        return [line for line in self.disputes.values() if line.open]

    def _is_closed(self, line: CommitLine) -> bool:
        return all(self.awards[posted.award.id].status.terminal for posted in line.commit.awards)

    def _committed(self, event: Committed) -> None:
        posted = tuple(
            Posted(self.awards[entry.award_id].award, entry.root, entry.done)
            for entry in event.entries
        )
        commit = Commit(event.place.block_number, posted)
        if event.commit_id not in self.commits:
            self.commits[event.commit_id] = CommitLine(event.commit_id, event.sweep_id, commit)
            for one in posted:
                self.awards[one.award.id].status = AwardStatus.POSTED


def _award(event: Awarded) -> Award:
    work = (event.trials, event.segments, event.price, event.deadline)
    return Award(event.award_id, event.seller, *work)


def _verdict(event: VerdictPosted) -> SignedVerdict:
    verdict = Verdict(event.commit_id, event.share, event.answers, event.evidence)
    return SignedVerdict(verdict, b"")  # what is posted needs no signature any more
