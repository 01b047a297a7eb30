"""A sweep as the chain tells it: its awards, disputes, commits and transactions, from events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from compute_swarm.chain.events import (
    Awarded,
    Committed,
    DisputeLapsed,
    DisputeOpened,
    DisputeResolved,
    Event,
    PanelRedrawn,
    SessionOpened,
    SessionRevoked,
    SessionSpent,
    Summoned,
    SweepOpened,
    VerdictPosted,
    award_of,
    commit_of,
)
from compute_swarm.domain.bid import Award, Commit
from compute_swarm.domain.books import Books, Line, books
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import (
    Address,
    AwardId,
    CommitId,
    Digest,
    DisputeId,
    SessionId,
    SweepId,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session
from compute_swarm.domain.verdict import Outcome

_ENDS: Final = {
    Outcome.UPHELD: "dismissed",
    Outcome.REFUTED: "refuted",
    Outcome.UNAVAILABLE: "withheld",
}


@dataclass(frozen=True, slots=True)
class DisputeRecord:
    id: DisputeId
    award_id: AwardId
    commit_id: CommitId
    subject: Subject
    accuser: Address  # the judge, or who challenged
    outcome: str  # open, refuted, withheld, dismissed or lapsed


@dataclass(frozen=True, slots=True)
class PostedAnswers:
    """A verdict that stands on chain."""

    share: int
    seat: int  # 0 is the judge's, the others its substitutes'
    judge: Address  # who holds the seat
    answers: bytes


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """A commit with what the contracts are passed again, and the verdicts that stand on chain."""

    id: CommitId
    commit: Commit
    posted: tuple[PostedAnswers, ...]


@dataclass(frozen=True, slots=True)
class PostedResult:
    commit_id: CommitId
    root: Digest
    done: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A spend session as its events tell it."""

    session: Session
    left: Amount  # of its cap
    revoked: bool

    def document(self, now: int) -> dict[str, Any]:
        return {
            "key": self.session.key,
            "cap_wei": str(int(self.session.cap)),
            "left_wei": str(int(self.left)),
            "expiry": self.session.expiry,
            "state": self._state(now),
        }

    def _state(self, now: int) -> str:
        if self.revoked:
            return "revoked"
        return "open" if now <= self.session.expiry else "over"


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that the chain says of one sweep."""

    sweep_id: SweepId
    books: Books
    awards: Mapping[AwardId, Award]
    posted: Mapping[AwardId, PostedResult]
    commits: tuple[CommitRecord, ...]
    disputes: Mapping[DisputeId, DisputeRecord]
    transactions: frozenset[bytes]
    opened_block: int | None
    sessions: tuple[SessionRecord, ...] = ()
    time: int = 0  # of the newest block whose events are in it

    @property
    def lines(self) -> Mapping[AwardId, Line]:
        return {line.award_id: line for line in self.books.lines}

    @property
    def closed(self) -> bool:
        """Whether every award that there is has ended."""
        return bool(self.books.lines) and all(line.status.terminal for line in self.books.lines)

    @property
    def committed(self) -> Amount:
        """What the sweep has cost or may yet cost; what came back is not in it."""
        relayed = sum(award.tip for award in self.books.relayed)
        return self.books.total("cost") + relayed - self.books.total("refunded")


def read_ledger(sweep_id: SweepId, events: Sequence[Event]) -> Ledger:
    """Keep what belongs to the sweep of all the contracts' events, in the chain's order."""
    own = list(_of_sweep(sweep_id, events))
    awards = {e.award_id: award_of(e) for e in own if isinstance(e, Awarded)}
    return Ledger(
        sweep_id=sweep_id,
        books=books(own),
        awards=awards,
        commits=_commits(own, awards),
        posted=_posted(own),
        disputes=_disputes(own),
        transactions=frozenset(event.place.transaction for event in own),
        opened_block=min((event.place.block_number for event in own), default=None),
        sessions=_sessions(own),
    )


def _of_sweep(sweep_id: SweepId, events: Iterable[Event]) -> Iterable[Event]:
    known = _Known()
    for event in events:
        if getattr(event, "sweep_id", None) == sweep_id or known.holds(event):
            known.learn(event)
            yield event


@dataclass(slots=True)
class _Known:
    """The ids of one sweep, as its events tell them one after the other."""

    awards: set[AwardId] = field(default_factory=set)
    commits: set[CommitId] = field(default_factory=set)
    disputes: set[DisputeId] = field(default_factory=set)
    sessions: set[SessionId] = field(default_factory=set)

    def learn(self, event: Event) -> None:
        match event:
            case Awarded(award_id=award):
                self.awards.add(award)
            case Committed(commit_id=commit):
                self.commits.add(commit)
            case DisputeOpened(dispute_id=dispute):
                self.disputes.add(dispute)
            case SessionOpened(session_id=session):
                self.sessions.add(session)

    def holds(self, event: Event) -> bool:
        match event:
            case DisputeResolved(dispute_id=id_) | DisputeLapsed(dispute_id=id_):
                return id_ in self.disputes
            case PanelRedrawn(dispute_id=id_):
                return id_ in self.disputes
            case VerdictPosted(commit_id=commit) | Summoned(commit_id=commit):
                return commit in self.commits
            case SessionSpent(session_id=session) | SessionRevoked(session_id=session):
                return session in self.sessions
            case SweepOpened() | Awarded():
                return False
        return getattr(event, "award_id", None) in self.awards


def _commits(events: Sequence[Event], awards: Mapping[AwardId, Award]) -> tuple[CommitRecord, ...]:
    posted: dict[CommitId, list[PostedAnswers]] = {}
    for event in events:
        if isinstance(event, VerdictPosted):
            answers = PostedAnswers(event.share, event.seat, event.judge, event.answers)
            posted.setdefault(event.commit_id, []).append(answers)
    return tuple(
        CommitRecord(
            id=event.commit_id,
            commit=commit_of(event, awards),
            posted=tuple(posted.get(event.commit_id, ())),
        )
        for event in events
        if isinstance(event, Committed)
    )


def _posted(events: Iterable[Event]) -> dict[AwardId, PostedResult]:
    return {
        entry.award_id: PostedResult(event.commit_id, entry.root, entry.done)
        for event in events
        if isinstance(event, Committed)
        for entry in event.entries
    }


def _sessions(events: Iterable[Event]) -> tuple[SessionRecord, ...]:
    found: dict[SessionId, SessionRecord] = {}
    for event in events:
        match event:
            case SessionOpened(session_id=id_, session=session):
                found[id_] = SessionRecord(session, session.cap, revoked=False)
            case SessionSpent(session_id=id_, left=left):
                found[id_] = replace(found[id_], left=left)
            case SessionRevoked(session_id=id_):
                found[id_] = replace(found[id_], revoked=True)
    return tuple(found.values())


def _disputes(events: Iterable[Event]) -> dict[DisputeId, DisputeRecord]:
    opened: dict[DisputeId, DisputeOpened] = {}
    outcomes: dict[DisputeId, str] = {}
    for event in events:
        match event:
            case DisputeOpened(dispute_id=id_):
                opened[id_] = event
            case DisputeResolved(dispute_id=id_, outcome=outcome):
                outcomes[id_] = _ENDS[outcome]
            case DisputeLapsed(dispute_id=id_):
                outcomes[id_] = "lapsed"
    return {
        id_: DisputeRecord(
            id=id_,
            award_id=event.award_id,
            commit_id=event.commit_id,
            subject=event.subject,
            accuser=event.accuser,
            outcome=outcomes.get(id_, "open"),
        )
        for id_, event in opened.items()
    }
