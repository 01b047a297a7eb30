"""What a judge answers: a pure function of what its replays, re-scores and assertions found."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.ids import CommitId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Answer, Outcome, Verdict, pack_answers
from compute_swarm.verifier import evidence
from compute_swarm.verifier.assertions import Failure

CERTAIN = math.inf  # an unequal digest, or a fault that anybody can see


@dataclass(frozen=True, slots=True)
class StateName:
    key: TrialKey
    k: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking one item brought to light."""

    outcome: Outcome  # never NAMED: that is decided over all items of an award
    exact: bool = False
    certainty: float = 0.0  # of a refutation: times beyond the fail line
    evidence: StateHashes | None = None
    why: str = ""
    wanted: StateName | None = None  # what has to arrive before more can be said

    @property
    def refuted(self) -> bool:
        return self.outcome.refutes


UNAVAILABLE = Finding(Outcome.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict to sign, and for the journal what stands behind its answers."""

    verdict: Verdict
    answers: tuple[Answer, ...]
    reasons: Mapping[int, str]  # by item, of the answers that aren't upheld
    evidence: Mapping[int, StateHashes]  # by item: what the evidence root is over

    @property
    def refutes(self) -> bool:
        return any(answer.outcome.refutes for answer in self.answers)


def judge(
    commit_id: CommitId,
    number: int,
    share: Sequence[Item],
    findings: Mapping[int, Finding],
    failures: Mapping[int, Sequence[Failure]],
) -> Judgement:
    """Decide the share of a number, its own items and those that it doubles.

    `findings` are by item number, `failures` by the award's index.
    """
    judged = {item.number: findings.get(item.number, UNAVAILABLE) for item in share}
    for award, item in _bearers(share, failures).items():
        judged[item.number] = _faulty(judged[item.number], failures[award])
    names = _named(share, judged)
    answers = tuple(_answer(item.number, judged[item.number], names) for item in share)
    found = {n: f.evidence for n, f in judged.items() if f.evidence is not None}
    verdict = Verdict(commit_id, number, pack_answers(answers), evidence.root(found))
    reasons = {n: f.why for n, f in judged.items() if f.outcome is not Outcome.UPHELD}
    return Judgement(verdict, answers, reasons, found)


def vote(
    items: Sequence[Item],
    findings: Mapping[int, Finding],
    failures: Mapping[int, Sequence[Failure]],
    *,
    delivered: bool,
) -> Outcome:
    """Return a panelist's vote on items of one award, `delivered` where it holds all of it.

    One difference refutes, whatever else is missing.
    """
    found = [findings.get(item.number, UNAVAILABLE) for item in items]
    if any(f.refuted for f in found) or any(failures.get(item.award_index) for item in items):
        return Outcome.REFUTED
    got = delivered and all(f.outcome is Outcome.UPHELD for f in found)
    return Outcome.UPHELD if got else Outcome.UNAVAILABLE


def _bearers(share: Sequence[Item], failures: Mapping[int, Sequence[Failure]]) -> dict[int, Item]:
    """Choose the item that answers for an award's faults: its re-score, where this share has it.

    A judge without it can't sign `upheld` either, for that asserts the whole award.
    """
    bearers: dict[int, Item] = {}
    for item in share:
        if failures.get(item.award_index) and (
            item.award_index not in bearers or item.kind is ItemKind.RESCORE
        ):
            bearers[item.award_index] = item
    return bearers


def _faulty(finding: Finding, failures: Sequence[Failure]) -> Finding:
    why = "; ".join(map(str, failures))
    # Free checks compare hashes and counts, so whoever repeats them sees the same.
    return Finding(Outcome.REFUTED, True, CERTAIN, finding.evidence, why)


def _named(share: Sequence[Item], judged: Mapping[int, Finding]) -> frozenset[int]:
    """Pick of each refuted award the surest item; among equals the first."""
    best: dict[int, Item] = {}
    for item in share:
        finding = judged[item.number]
        if not finding.refuted:
            continue
        rival = best.get(item.award_index)
        if rival is None or finding.certainty > judged[rival.number].certainty:
            best[item.award_index] = item
    return frozenset(item.number for item in best.values())


def _answer(number: int, finding: Finding, named: frozenset[int]) -> Answer:
    outcome = Outcome.NAMED if number in named else finding.outcome
    return Answer(outcome, finding.exact)
