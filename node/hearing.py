"""What was said about a commit and what follows from it: the same for relayer, judges and seller.

It hears whom the contracts hear. Nothing here acts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from compute_swarm.chain.profiles import Rules
from compute_swarm.domain.audit import Item, disputed_items, share_count, upholds
from compute_swarm.domain.bid import Commit, Sweep
from compute_swarm.domain.ids import Address, AwardId, CommitId
from compute_swarm.domain.seats import JUDGE, SUBSTITUTES
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, Verdict
from compute_swarm.errors import AnswersInvalid
from compute_swarm.node.chronicle import CommitEntry, Record
from compute_swarm.node.draw import Draw

Brought: TypeAlias = Sequence[tuple[Address, SignedVerdict]]  # verdicts, each with who signed it
Verdicts: TypeAlias = Mapping[int, SignedVerdict]  # by share

PAIRS = len(SUBSTITUTES) // 2  # of substitutes, a turn each


@dataclass(frozen=True, slots=True)
class Case:
    """A drawn commit as it stands."""

    entry: CommitEntry
    sweep: Sweep
    draw: Draw
    rules: Rules
    statuses: Sequence[AwardStatus]
    record: Record
    cleared: Collection[tuple[AwardId, int]] = ()  # award and share
    stood_in: Collection[tuple[AwardId, int]] = ()  # award and silent share
    ran_out: Collection[tuple[AwardId, int]] = ()  # award and silent share that nobody answered

    @property
    def id(self) -> CommitId:
        return self.entry.id

    @property
    def commit(self) -> Commit:
        return self.entry.commit

    @property
    def shares(self) -> range:
        return range(share_count(self.commit))

    @property
    def settle_from(self) -> int:
        return self.commit.time + self.rules.window(self.sweep.terms.verdict_time)

    @property
    def summon_from(self) -> int:
        """When silent judges may be summoned: what can settle need not wait for the rest."""
        return self.commit.time + self.rules.summonable(self.sweep.terms.verdict_time)

    def judge_until(self, summoned: int) -> int:
        """The last second in which a judge summoned then may be posted."""
        return summoned + self.rules.judge_time

    def turn(self, summoned: int, seat: int) -> range:
        """The seconds in which a substitute may be posted: from its turn to the end of the last."""
        begin, length = self.judge_until(summoned) + 1, self.sweep.terms.verdict_time
        return range(begin + (seat - 1) // 2 * length, begin + PAIRS * length)

    def silent(self, share: int) -> bool:
        """Whether its judge was summoned, and is not posted."""
        return share in self.record.summoned and (share, JUDGE) not in self.record.posted

    def open_awards(self, share: int) -> set[int]:
        """The awards that the share answers for and that are not closed."""
        indices = {item.award_index for item in self.draw.share(share)}
        return {index for index in indices if not self.statuses[index].terminal}

    def award_id(self, index: int) -> AwardId:
        return self.commit.awards[index].award.id


# --- verdicts --------------------------------------------------------------------------------


def signed(case: Case, brought: Brought) -> dict[int, SignedVerdict]:
    """Return what the drawn judges signed, by share: the first word of each that means anything."""
    found: dict[int, SignedVerdict] = {}
    for judge, one in brought:
        share = one.verdict.share
        drawn = share < len(case.draw.judges) and case.draw.judges[share] == judge
        if drawn and one.verdict.commit_id == case.id and _is_sound(case, one):
            found.setdefault(share, one)
    return found


def upholders(draw: Draw, words: Iterable[tuple[Address, Verdict]], index: int) -> list[Address]:
    """Return who has items of an award in its share, and upheld all of them."""
    found = []
    for judge, verdict in words:
        share = draw.share(verdict.share)
        about = verdict.share in draw.shares_about(index)
        with suppress(AnswersInvalid):
            if about and upholds(share, verdict.answers, index):
                found.append(judge)
    return list(dict.fromkeys(found))


def heard(case: Case, said: Verdicts) -> dict[int, SignedVerdict]:
    """Return the verdicts that `settle` listens to, by share: the posted one if there is one.

    A signed one is enough where nobody was summoned. What is posted needs no signature any more.
    """
    loud = {share: one for share, one in said.items() if share not in case.record.summoned}
    posted = {
        share: SignedVerdict(one.verdict, b"")
        for (share, seat), one in case.record.posted.items()
        if seat == JUDGE
    }
    return loud | posted


def settleable(case: Case, verdicts: Verdicts) -> list[int]:
    """Return the posted awards whose every item is upheld by those whose word counts."""
    return [
        index
        for index, status in enumerate(case.statuses)
        if status is AwardStatus.POSTED and _is_upheld(case, verdicts, index)
    ]


def settle_now(case: Case, verdicts: Verdicts, now: int) -> bool:
    """Settle once, when every award without a dispute can; when that is overdue, what can."""
    ready = settleable(case, verdicts)
    if not ready or now < case.settle_from:
        return False
    open_ = sum(status is AwardStatus.POSTED for status in case.statuses)
    return len(ready) == open_ or now >= case.summon_from


def to_post(case: Case, said: Verdicts, now: int) -> list[SignedVerdict]:
    """Return the judges' verdicts to put on chain.

    These are the ones that dispute; in a dispute all on its award, for a slashed bond and a refund
    pay only posted ones; and those of judges that somebody summoned, while they are in time.
    """
    return [one for share, one in sorted(said.items()) if _to_be_posted(case, share, one, now)]


def to_summon(case: Case, said: Verdicts, now: int) -> list[int]:
    """Return the shares whose judges have said nothing, though their time is over."""
    if now < case.summon_from:
        return []
    known = {*said, *case.record.summoned, *(share for share, _ in case.record.posted)}
    return [share for share in case.shares if share not in known and case.open_awards(share)]


def expirable(case: Case) -> list[int]:
    """Return the posted awards that nothing can settle any more, so that all money goes back."""
    lost = {award for award, _ in case.ran_out}
    return [
        index
        for index, status in enumerate(case.statuses)
        if status is AwardStatus.POSTED and case.award_id(index) in lost
    ]


def in_order(verdicts: Verdicts) -> list[SignedVerdict]:
    return [verdicts[share] for share in sorted(verdicts)]


# --- substitutes -----------------------------------------------------------------------------


def unanswered(case: Case, share: int) -> set[int]:
    """Return the open awards for which a silent judge's substitutes are still needed.

    A dispute that one of them opened does not excuse the others: time runs on meanwhile.
    """
    if not case.silent(share):
        return set()
    answered = {*case.cleared, *case.stood_in}
    return {i for i in case.open_awards(share) if (case.award_id(i), share) not in answered}


def seats_due(case: Case, who: Address, share: int, now: int) -> tuple[int, ...]:
    """Return the seats of a share in which a substitute has to be posted now.

    Who holds several is posted in each, where its word upholds what is not answered yet.
    """
    needed = unanswered(case, share)
    spoken = [
        posted.verdict.answers
        for (number, _), posted in case.record.posted.items()
        if number == share and posted.judge == who
    ]
    helps = any(upholds(case.draw.share(share), answers, i) for answers in spoken for i in needed)
    if not needed or (spoken and not helps):
        return ()
    summoned = case.record.summoned[share]
    return tuple(
        seat
        for seat in case.draw.seats_of(who, share)
        if (share, seat) not in case.record.posted and now in case.turn(summoned, seat)
    )


# --- one verdict -----------------------------------------------------------------------------


def _to_be_posted(case: Case, share: int, one: SignedVerdict, now: int) -> bool:
    if (share, JUDGE) in case.record.posted:
        return False
    open_, summoned = case.open_awards(share), case.record.summoned.get(share)
    if summoned is not None:
        return bool(open_) and now <= case.judge_until(summoned)
    disputed = {i for i in open_ if case.statuses[i] is AwardStatus.DISPUTED}
    return bool(_disputes(case, one) & open_ or disputed)


def _is_sound(case: Case, one: SignedVerdict) -> bool:
    """Whether the answers fit the share; one that don't would make `settle` revert."""
    share = case.draw.share(one.verdict.share)
    try:
        disputed_items(share, one.verdict.answers)
    except AnswersInvalid:
        return False
    return bool(share)


def _disputes(case: Case, one: SignedVerdict) -> set[int]:
    """Return the awards that the verdict refutes, or could not get everything of."""
    verdict = one.verdict
    share: Sequence[Item] = case.draw.share(verdict.share)
    return {item.award_index for item in disputed_items(share, verdict.answers)}


def _is_upheld(case: Case, verdicts: Verdicts, index: int) -> bool:
    award = case.award_id(index)

    def answered(share: int) -> bool:
        if (award, share) in case.cleared:
            return True
        if share not in verdicts:
            return (award, share) in case.stood_in
        return upholds(case.draw.share(share), verdicts[share].verdict.answers, index)

    return all(map(answered, case.draw.shares_about(index)))
