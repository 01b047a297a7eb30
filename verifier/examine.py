"""A validator's work on one share, once its bytes are on disk: replay, re-score, assert, compare.

What is missing in an award's folder did not arrive, and neither did bytes of another digest: only
what the seller's signed root names can speak against the seller.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.commitment import Receipt, best_receipt
from compute_swarm.domain.ids import Digest
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Outcome
from compute_swarm.engine.state import State, Tensors, expected_shapes
from compute_swarm.errors import BadInput
from compute_swarm.verifier import evidence
from compute_swarm.verifier.assertions import (
    Claim,
    Failure,
    adapter_failures,
    claim_failures,
    is_signed,
    rung_failures,
    start_failures,
)
from compute_swarm.verifier.comparison import (
    Rule,
    compare,
    in_band,
    losses_agree,
    severity,
    statistics,
)
from compute_swarm.verifier.judge import CERTAIN, Finding, StateName
from compute_swarm.verifier.layout import ADAPTER_FILE, adapter_folder, state_file
from compute_swarm.verifier.replay import Bench, Replayed, Segment, replay, with_weights
from compute_swarm.verifier.rescore import Scoring, rescore

log = logging.getLogger(__name__)

# What reading a stranger's files may raise, whatever the libraries find in them.
UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError, SafetensorError, BadInput)


@dataclass(frozen=True)
class Case:
    """One award: what its seller claims, how to compare it, and where its bytes are."""

    claim: Claim
    rule: Rule
    folder: Path

    @property
    def score_rule(self) -> Rule:
        """How to compare re-scores: their weights are delivered, so only evaluation rounds."""
        finer = self.rule is Rule.BFLOAT16 and self.claim.spec.numeric.eval_dtype == "float32"
        return Rule.FLOAT32 if finer else self.rule

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """Faults of the receipts themselves; with any of them nothing can be located."""
        return claim_failures(self.claim)

    @cached_property
    def adapters(self) -> Mapping[TrialKey, Tensors]:
        """The adapters that arrived: only weights of the receipt's digest are the seller's."""
        found = {key: _adapter(self.folder, receipt) for key, receipt in self.receipts.items()}
        return {key: weights for key, weights in found.items() if weights is not None}

    @property
    def undelivered(self) -> tuple[TrialKey, ...]:
        return tuple(sorted(set(self.receipts) - set(self.adapters)))

    @property
    def receipts(self) -> Mapping[TrialKey, Receipt]:
        return {receipt.key: receipt for receipt in self.claim.ordered}

    def state(self, receipt: Receipt, k: int) -> State | None:
        """Return a committed state, or None where it or its right bytes did not arrive."""
        try:
            state = State.from_bytes(state_file(self.folder, receipt.key, k).read_bytes())
            same = state.digest(k) == receipt.boundaries[k - receipt.first].digest
        except (OSError, *UNREADABLE):
            return None
        return state if same else None


@dataclass(frozen=True, slots=True)
class Docket:
    """What to examine: items of a commit, the shard drawn for each audit, the awards at hand."""

    items: tuple[Item, ...]
    shards: Mapping[int, int]
    cases: Mapping[int, Case]  # by the award's index; one that said nothing is missing


@dataclass(frozen=True, slots=True)
class Examination:
    findings: Mapping[int, Finding]
    failures: Mapping[int, tuple[Failure, ...]]  # of every award whose papers could be read
    undelivered: Mapping[int, tuple[TrialKey, ...]]


def examine(bench: Bench, docket: Docket) -> Examination:
    """Check every item, and of every award at hand all that an `upheld` asserts."""
    failures: dict[int, tuple[Failure, ...]] = {}
    for index, case in docket.cases.items():
        faults = _read(bench, case)
        if faults is not None:
            failures[index] = faults
    read = {index: docket.cases[index] for index in failures}
    sound = {index: case for index, case in read.items() if not case.failures}
    items = [item for item in docket.items if item.award_index in sound]
    audits = [item for item in items if item.kind is ItemKind.AUDIT]
    rescores = [item for item in items if item.kind is ItemKind.RESCORE]
    findings = dict(_audited(bench, sound, audits, docket.shards))
    findings |= dict(_rescored(bench, sound, rescores))
    undelivered = {index: () if case.failures else case.undelivered for index, case in read.items()}
    return Examination(findings, failures, undelivered)


def _read(bench: Bench, case: Case) -> tuple[Failure, ...] | None:
    """Return an award's faults, or None where nothing that the seller signed has come.

    The same where a rung shows no fault, but not what it goes on from either. One award's bytes
    must not keep the others of its commit from being judged.
    """
    try:
        faults = _failures(bench, case) if is_signed(case.claim) else None
        return None if faults == () and case.claim.lacks_start else faults
    except UNREADABLE as error:
        log.warning("an award can't be read: %r", error)
        return None


def _failures(bench: Bench, case: Case) -> tuple[Failure, ...]:
    if case.failures:
        return case.failures
    receipts, known = case.receipts, case.claim.trials
    fresh = [key for key, receipt in receipts.items() if receipt.first == 0]
    starts = {key: bench.start(known[key]).digest(0) for key in fresh}
    found = [*start_failures(tuple(receipts.values()), starts), *rung_failures(case.claim)]
    shapes = bench.base.shapes(bench.spec.lora.target_modules)
    for key, weights in case.adapters.items():
        expected = expected_shapes(shapes, known[key].params)
        found += adapter_failures(receipts[key], weights, expected)
    return tuple(found)


# --- audits ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Audit:
    item: int
    case: Case
    receipt: Receipt
    k: int
    shard: int | None

    @property
    def claimed(self) -> tuple[Digest, float, float | None]:
        """The end's digest, its training loss and the drawn shard's loss."""
        end = self.receipt.boundaries[self.k + 1 - self.receipt.first]
        loss = None if self.shard is None else (end.eval_losses or ())[self.shard]
        return end.digest, end.loss, loss


def _audited(
    bench: Bench, cases: Mapping[int, Case], items: Iterable[Item], shards: Mapping[int, int]
) -> Iterator[tuple[int, Finding]]:
    audits: list[_Audit] = []
    segments: list[Segment] = []
    for item in items:
        audit = _audit(cases[item.award_index], item, shards[item.number])
        ready = _segment(bench, audit)
        if isinstance(ready, Finding):
            yield item.number, ready
        else:
            audits.append(audit)
            segments.append(ready)
    replays = replay(bench, segments)
    starts = {segment.item: segment.start for segment in segments}
    for audit in audits:
        yield audit.item, _compared(audit, starts[audit.item], replays[audit.item])


def _audit(case: Case, item: Item, shard: int) -> _Audit:
    key, k = locate(case.claim.ordered, item.position, case.claim.spec.training.segments)
    receipt = case.receipts[key]
    end = receipt.boundaries[k + 1 - receipt.first]
    return _Audit(item.number, case, receipt, k, None if end.eval_losses is None else shard)


def _segment(bench: Bench, audit: _Audit) -> Segment | Finding:
    """Return the segment to run, or why it can't be."""
    key, k = audit.receipt.key, audit.k
    trial = audit.case.claim.trials[key]
    if key not in audit.case.adapters:
        return Finding(Outcome.UNAVAILABLE, why=f"the adapter of {key} was not delivered")
    start = bench.start(trial) if k == 0 else audit.case.state(audit.receipt, k)
    if start is None:
        return _undelivered(key, k)
    expected = expected_shapes(bench.base.shapes(bench.spec.lora.target_modules), trial.params)
    if start.step != k * bench.spec.steps_per_segment or _size(_shapes(start.w)) != _size(expected):
        why = f"state {k} of {key} is of another trial or step"
        return Finding(Outcome.REFUTED, True, CERTAIN, None, why)
    if _shapes(start.w) != expected:
        return _undelivered(key, k)  # a digest is of the bytes: anybody can put other names to them
    return Segment(audit.item, trial, start, audit.shard)


def _compared(audit: _Audit, start: State, end: Replayed) -> Finding:
    digest, loss, shard_loss = audit.claimed
    same = end.state.digest(audit.k + 1) == digest
    rule = Rule.EXACT if same else audit.case.rule
    hashes = end.state.hashes()
    if not same and rule is Rule.EXACT:
        why = f"segment {audit.k} of {audit.receipt.key} ends in another state"
        return Finding(Outcome.REFUTED, True, CERTAIN, hashes, why)
    losses = [(loss, end.loss)]
    if shard_loss is not None and end.shard_loss is not None:
        losses.append((shard_loss, end.shard_loss))
    if not all(losses_agree(rule, claimed, replayed) for claimed, replayed in losses):
        why = f"segment {audit.k} of {audit.receipt.key} has another loss"
        return Finding(Outcome.REFUTED, same, CERTAIN if same else 1.0, hashes, why)
    if same:
        return Finding(Outcome.UPHELD, True, 0.0, hashes)
    return _tolerated(audit, start, end)


def _tolerated(audit: _Audit, start: State, end: Replayed) -> Finding:
    rule = audit.case.rule
    claimed = audit.case.state(audit.receipt, audit.k + 1)
    if claimed is None:
        return _undelivered(audit.receipt.key, audit.k + 1)
    if claimed.step != end.state.step or _size(_shapes(claimed.w)) != _size(_shapes(end.state.w)):
        why = f"state {audit.k + 1} of {audit.receipt.key} is of another trial or step"
        return Finding(Outcome.REFUTED, False, CERTAIN, end.state.hashes(), why)
    if _shapes(claimed.w) != _shapes(end.state.w):
        return _undelivered(audit.receipt.key, audit.k + 1)
    seen = statistics(start.w, claimed, end.state)
    why = f"{seen}" if in_band(rule, seen) else ""
    outcome = compare(rule, seen)
    if outcome is Outcome.REFUTED:
        why = f"segment {audit.k} of {audit.receipt.key} is too far off: {seen}"
    return Finding(outcome, False, severity(rule, seen), end.state.hashes(), why)


def _undelivered(key: TrialKey, k: int) -> Finding:
    why = f"state {k} of {key} was not delivered"
    return Finding(Outcome.UNAVAILABLE, why=why, wanted=StateName(key, k))


# --- re-scores -------------------------------------------------------------------------------


def _rescored(
    bench: Bench, cases: Mapping[int, Case], items: Sequence[Item]
) -> Iterator[tuple[int, Finding]]:
    scorings: list[Scoring] = []
    claims: dict[int, tuple[Case, Receipt]] = {}
    for item in items:
        case = cases[item.award_index]
        receipt = best_receipt(case.claim.receipts)
        if case.undelivered:
            why = f"the adapter of {case.undelivered[0]} was not delivered"
            yield item.number, Finding(Outcome.UNAVAILABLE, why=why)
        elif receipt is None or not _usable(bench, case, receipt):
            # Nothing to score: the item stands for the award's assertions alone.
            yield item.number, Finding(Outcome.UPHELD, True)
        else:
            trial = case.claim.trials[receipt.key]
            scorings.append(Scoring(item.number, trial, case.adapters[receipt.key]))
            claims[item.number] = (case, receipt)
    for number, losses in rescore(bench, scorings).items():
        yield number, _scored(*claims[number], losses)


def _scored(case: Case, receipt: Receipt, losses: tuple[float, ...]) -> Finding:
    claimed = receipt.boundaries[-1].eval_losses or ()
    equal = all(losses_agree(Rule.EXACT, c, r) for c, r in zip(claimed, losses, strict=True))
    found = evidence.of_rescore(losses)
    rule = case.score_rule
    if all(losses_agree(rule, c, r) for c, r in zip(claimed, losses, strict=True)):
        return Finding(Outcome.UPHELD, equal, 0.0, found)
    exact = rule is Rule.EXACT
    why = f"the best trial, {receipt.key}, scores another loss"
    return Finding(Outcome.REFUTED, exact, CERTAIN if exact else 1.0, found, why)


def _usable(bench: Bench, case: Case, receipt: Receipt) -> bool:
    """Whether the weights fit the model; those that don't are a failure of the award already."""
    shapes = bench.base.shapes(bench.spec.lora.target_modules)
    expected = expected_shapes(shapes, case.claim.trials[receipt.key].params)
    weights = case.adapters[receipt.key]
    return {name: tensor.shape for name, tensor in weights.items()} == expected


def _adapter(folder: Path, receipt: Receipt) -> Tensors | None:
    try:
        path = adapter_folder(folder, receipt.key) / ADAPTER_FILE
        weights = safetensors.numpy.load(path.read_bytes())
        if any(tensor.dtype != np.float32 for tensor in weights.values()):
            return None
        same = with_weights(weights, 0).hashes().w == receipt.adapter_digest
    except (OSError, *UNREADABLE):
        return None
    return weights if same else None


def _shapes(tensors: Tensors) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in tensors.items()}


def _size(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(map(math.prod, shapes.values()))
