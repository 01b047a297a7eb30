"""Which results the relayer should commit together, when, and with what; nothing here acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.audit import MOST_ITEMS
from compute_swarm.domain.bid import Award, Submission
from compute_swarm.domain.money import Amount
from compute_swarm.node.coordinator.board import Result
from compute_swarm.node.hearing import Case, Verdicts, settle_now

MOST_AWARDS: Final = 64  # of a commit
URGENT_SECONDS: Final = 10  # before a deadline of the chain, at least


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


def to_bundle(heard: Sequence[tuple[Case, Verdicts]], now: int) -> tuple[Case, Verdicts] | None:
    """Return what to settle in one transaction with their sweep's next commit: the oldest due."""
    due = ((case, verdicts) for case, verdicts in heard if settle_now(case, verdicts, now))
    return min(due, key=lambda pair: pair[0].commit.time, default=None)
