"""What the relayer should do next, decided from what is known; nothing here acts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.audit import (
    MOST_ITEMS,
    Item,
    disputed_items,
    share_items,
    upholds,
)
from compute_swarm.domain.bid import Award, Commit, Submission, Sweep
from compute_swarm.domain.ids import Address, AwardId, CommitId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, SignedVote
from compute_swarm.errors import AnswersInvalid
from compute_swarm.node.coordinator.board import Result

MOST_AWARDS: Final = 64  # of a commit
URGENT_SECONDS: Final = 10  # before a deadline of the chain, at least


# --- results ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sweep's open awards and the results that have come for them."""

    awards: Sequence[Award]
    results: Sequence[Result]
    grace: int  # seconds after an award's deadline in which it may still be posted


def due_results(waiting: Waiting, patience: float, now: float, chain_now: int) -> list[Submission]:
    """Return what to commit now: all of it at once, if the last awards don't take too long."""
    submissions = [result.submission for result in waiting.results]
    if not submissions:
        return []
    complete = len(submissions) == len(waiting.awards)
    oldest = min(result.at for result in waiting.results)
    last = min(one.award.deadline for one in submissions) + waiting.grace
    urgent = last - chain_now <= patience + URGENT_SECONDS
    return submissions if complete or urgent or now - oldest >= patience else []


def parcels(
    submissions: Sequence[Submission], segments: int, cap: Amount
) -> list[list[Submission]]:
    """Split into commits that the contract takes: awards, items and price are bounded."""
    found: list[list[Submission]] = []
    items = price = 0
    for submission in submissions:
        more_items = -(-submission.done // segments) + 1
        more_price = int(submission.award.total)
        full = not found or len(found[-1]) == MOST_AWARDS
        if full or items + more_items > MOST_ITEMS or price + more_price > cap:
            found.append([])
            items = price = 0
        found[-1].append(submission)
        items, price = items + more_items, price + more_price
    return found


# --- verdicts --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A commit whose judges are drawn, as it stands."""

    id: CommitId
    sweep: Sweep
    commit: Commit
    statuses: Sequence[AwardStatus]
    items: Sequence[Item]
    judges: Sequence[Address]  # by share
    settle_from: int
    answer_by: int
    posted: Mapping[int, SignedVerdict]  # by share
    cleared: Collection[tuple[AwardId, int]] = ()  # award and share

    def late(self, now: int) -> bool:
        """Whether only posted verdicts count."""
        return now > self.answer_by

    def hurry(self, now: int) -> bool:
        spare = max(URGENT_SECONDS, self.sweep.terms.verdict_time // 10)
        return now >= self.answer_by - spare

    def share(self, share: int) -> tuple[Item, ...]:
        return share_items(self.items, share)


def heard(
    case: Case, brought: Sequence[tuple[Address, SignedVerdict]], now: int
) -> dict[int, SignedVerdict]:
    """Return the verdicts that the contract would listen to, by share.

    Until `answer_by` it wants signatures, of what is posted too; after it only what is posted.
    """
    if case.late(now):
        return dict(case.posted)
    return {
        signed.verdict.share: signed
        for judge, signed in brought
        if _is_drawn(case, judge, signed) and _is_sound(case, signed)
    }


def settleable(case: Case, verdicts: Mapping[int, SignedVerdict]) -> list[int]:
    """Return the posted awards whose every item is upheld, by its judge or by a panel."""
    return [
        index
        for index, status in enumerate(case.statuses)
        if status is AwardStatus.POSTED and _is_upheld(case, verdicts, index)
    ]


def settle_now(case: Case, verdicts: Mapping[int, SignedVerdict], now: int) -> bool:
    """Settle once, when every award without a dispute can; before time runs out, what can."""
    ready = settleable(case, verdicts)
    if not ready or now < case.settle_from:
        return False
    open_ = sum(status is AwardStatus.POSTED for status in case.statuses)
    return len(ready) == open_ or case.hurry(now)


def to_post(case: Case, verdicts: Mapping[int, SignedVerdict]) -> list[SignedVerdict]:
    """Return the verdicts to put on chain: those that dispute, and in a dispute all on its award.

    A disputed award may go on after signed verdicts have stopped counting, and a slashed bond
    pays only those that were posted.
    """
    disputed = {i for i, s in enumerate(case.statuses) if s is AwardStatus.DISPUTED}
    open_ = disputed | {i for i, s in enumerate(case.statuses) if s is AwardStatus.POSTED}
    return [
        signed
        for share, signed in sorted(verdicts.items())
        if share not in case.posted
        and (_disputes(case, signed) & open_ or _touched(case, share) & disputed)
    ]


def expirable(case: Case, now: int) -> list[int]:
    """Return the posted awards that nothing can settle any more, so that all money goes back."""
    if not case.late(now):
        return []
    return [
        index
        for index, status in enumerate(case.statuses)
        if status is AwardStatus.POSTED
        and any(
            share not in case.posted and index in _touched(case, share)
            for share in range(len(case.judges))
        )
    ]


def _is_drawn(case: Case, judge: Address, signed: SignedVerdict) -> bool:
    share = signed.verdict.share
    if share >= len(case.judges) or case.judges[share] != judge:
        return False
    return share not in case.posted or case.posted[share].verdict == signed.verdict


def _is_sound(case: Case, signed: SignedVerdict) -> bool:
    """Whether the answers fit the share; one that don't would make `settle` revert."""
    share = case.share(signed.verdict.share)
    try:
        disputed_items(share, signed.verdict.answers)
    except AnswersInvalid:
        return False
    return bool(share)


def _disputes(case: Case, signed: SignedVerdict) -> set[int]:
    """Return the awards that the verdict refutes, or could not get everything of."""
    verdict = signed.verdict
    return {item.award_index for item in disputed_items(case.share(verdict.share), verdict.answers)}


def _touched(case: Case, share: int) -> set[int]:
    return {item.award_index for item in case.share(share)}


def _is_upheld(case: Case, verdicts: Mapping[int, SignedVerdict], index: int) -> bool:
    award = case.commit.awards[index].award.id
    shares = {item.share for item in case.items if item.award_index == index}
    return all(
        share in verdicts
        and (
            upholds(case.share(share), verdicts[share].verdict.answers, index)
            or (award, share) in case.cleared
        )
        for share in shares
    )


# --- disputes --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes of a panel so far, by seat."""

    votes: Sequence[SignedVote]  # of its members
    upheld: int
    refuted: int
    seats: int

    def decided(self, quorum: int) -> bool:
        return self.upheld >= quorum or self.refuted >= quorum

    @property
    def complete(self) -> bool:
        return self.upheld + self.refuted == self.seats


def count(panel: Sequence[Address], votes: Sequence[SignedVote]) -> Ballot:
    """Count each member's vote once for each seat that it holds."""
    valid = [vote for vote in votes if vote.validator in panel]
    by_vote = {
        side: sum(panel.count(vote.validator) for vote in valid if vote.vote.upheld is side)
        for side in (True, False)
    }
    return Ballot(valid, by_vote[True], by_vote[False], len(panel))
