"""How far each trial is, what may go on, and what has to be bought again; pure.

A trial is brought to its end in one award, or in several that go on from each other.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from compute_swarm.domain.bid import Bid, Leg, Rung
from compute_swarm.domain.books import Line
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import AwardId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.trial import kinds
from compute_swarm.errors import (
    NotKnown,
    ResultsNotShown,
    RungNotEvaluated,
    RungOutOfRange,
    RungUndecided,
    RungUnfinished,
    SurvivorsUnknown,
)

LEAST_PART: Final = 10  # a first rung of less than a tenth chooses no better than chance
MAY_GO_ON: Final = (AwardStatus.POSTED, AwardStatus.SETTLED)  # from these, as the contract has it

Receipts = Mapping[AwardId, Mapping[TrialKey, Receipt]]
Keep = float | str | Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One award of a trial, and which of its segments it is for."""

    line: Line
    rung: Rung

    @property
    def id(self) -> AwardId:
        return self.line.award_id


def ended_badly(status: AwardStatus) -> bool:
    """Over without an upheld result: its trials may be awarded again."""
    return status.terminal and status is not AwardStatus.SETTLED


def steps(key: TrialKey, lines: Iterable[Line], bids: Mapping[AwardId, Bid]) -> tuple[Step, ...]:
    """Return all awards of a trial in their order, those that failed too."""
    known = ((line, bids.get(line.award_id)) for line in lines)
    return tuple(Step(line, bid.rung) for line, bid in known if bid and key in bid.keys)


def course(taken: Sequence[Step]) -> tuple[Step, ...]:
    """Return the awards that brought a trial as far as it is; none of them, nor of before, failed.

    What goes on from an award that failed counts as nothing, however well it was done.
    """
    good: dict[AwardId, tuple[Step, ...]] = {}
    for step in taken:
        before = () if step.rung.fresh else good.get(step.rung.start)
        if before is not None and not ended_badly(step.line.status):
            good[step.id] = (*before, step)
    return max(good.values(), key=lambda way: way[-1].rung.end, default=())


def unplaced(
    spec: SweepSpec,
    lines: Sequence[Line],
    bids: Mapping[AwardId, Bid],
    receipts: Receipts,
    first: int,
) -> tuple[Leg, ...]:
    """Return what was bought and failed, or not bought yet, as far as it can be bought now.

    A trial that no award holds is wanted as far as the others were at first, which is `first`
    where there are none. Once a later rung exists, it was chosen without the trials that are not on
    it: those are wanted no more.
    """
    latest = max((bid.rung.end for bid in bids.values() if not bid.rung.fresh), default=0)
    usual = max((bid.rung.end for bid in bids.values() if bid.rung.fresh), default=first)
    wanted: list[tuple[TrialKey, Rung]] = []
    for key in _keys(spec):
        taken = steps(key, lines, bids)
        end = max((step.rung.end for step in taken), default=usual)
        way = course(taken)
        if end >= latest and (not way or way[-1].rung.end < end):
            rung = _onward(key, way, receipts, end)
            if rung is not None:
                wanted.append((key, rung))
    return _legs(spec, wanted)


def onward(
    spec: SweepSpec,
    ways: Mapping[TrialKey, Sequence[Step]],
    receipts: Receipts,
    end: int,
) -> tuple[Leg, ...]:
    """Return what brings trials on to a boundary; those that are there, or on the way, are not.

    Refused are trials whose last result is not on chain yet.
    """
    found: list[tuple[TrialKey, Rung]] = []
    for key, way in ways.items():
        if way and way[-1].rung.end >= end:
            continue
        rung = _onward(key, way, receipts, end)
        if rung is None or rung.fresh:
            raise RungUnfinished(str(key))
        found.append((key, rung))
    return _legs(spec, found)


def survivors(losses: Mapping[TrialKey, float | None], keep: Fraction) -> tuple[TrialKey, ...]:
    """Return the part of the trials of least loss, at least one: the same for everybody.

    Of equal losses the lower trial goes on; a trial that diverged is the last.
    """
    known = {key: loss for key, loss in losses.items() if loss is not None}
    if not known:
        raise SurvivorsUnknown(len(losses))
    order = sorted(known, key=lambda key: (math.isnan(known[key]), _plain(known[key]), key))
    return tuple(sorted(order[: max(1, math.floor(len(order) * keep))]))


def check_decided(ways: Mapping[TrialKey, Sequence[Step]], receipts: Receipts, k: int) -> None:
    """Refuse to choose by a boundary while a trial's evaluation there may still come."""
    reached = [
        (key, step)
        for key, way in ways.items()
        for step in way
        if step.rung.first < k <= step.rung.end
    ]
    for key, step in reached:
        if not step.line.status.terminal:
            raise RungUndecided(str(key))
    hidden = [str(key) for key, step in reached if key not in receipts.get(step.id, {})]
    if hidden:
        raise ResultsNotShown(", ".join(hidden))


def loss_at(way: Sequence[Step], key: TrialKey, receipts: Receipts, k: int) -> float | None:
    """Return a trial's evaluation at a boundary, as a settled award has it."""
    for step in way:
        receipt = receipts.get(step.id, {}).get(key)
        if receipt is not None and step.line.status is AwardStatus.SETTLED:
            for boundary in receipt.boundaries[1:]:
                if boundary.k == k:
                    return boundary.eval_loss
    return None


def check_end(spec: SweepSpec, end: int, first: bool) -> None:
    """Refuse a rung that ends where nothing is evaluated, or too early to choose by."""
    training = spec.training
    least = -(-training.segments // LEAST_PART) if first else 1
    if not least <= end <= training.segments:
        raise RungOutOfRange(end, least, training.segments)
    if end != training.segments and end % training.eval_every:
        raise RungNotEvaluated(end, training.eval_every)


def check_plan(spec: SweepSpec, rungs: Sequence[int]) -> None:
    """Refuse rungs that are none, or don't go on from each other."""
    least = 0
    for segments in rungs or (0,):
        check_end(spec, segments, first=least == 0)
        if segments <= least:
            raise RungOutOfRange(segments, least + 1, spec.training.segments)
        least = segments


def chosen_keys(
    chosen: Iterable[int | TrialKey], known: Iterable[TrialKey]
) -> tuple[TrialKey, ...]:
    """Return the trials named, each once; a number stands for all replicas of it."""
    every, found = tuple(known), list[TrialKey]()
    for one in chosen:
        named = [key for key in every if one in (key, key.index)]
        if not named:
            raise NotKnown("trial of the sweep", str(one))
        found += named
    return tuple(dict.fromkeys(found))


def read_keep(keep: Keep) -> Fraction:
    """Read the part of the trials that goes on: 0.5, "1/3" or a fraction."""
    try:
        part = Fraction(keep).limit_denominator(10_000)
    except (ValueError, ZeroDivisionError, OverflowError):
        part = Fraction(0)
    if not 0 < part <= 1:
        raise SurvivorsUnknown(0, str(keep))
    return part


def _onward(key: TrialKey, way: Sequence[Step], receipts: Receipts, end: int) -> Rung | None:
    """Return what is left of a trial to a boundary, or None while that can't be bought."""
    if not way:
        return Rung.whole(end)
    last = way[-1]
    receipt = receipts.get(last.id, {}).get(key)
    if receipt is None or last.line.status not in MAY_GO_ON:
        return None
    reached = receipt.boundaries[-1].k
    return Rung(last.id, reached, end - reached) if reached < end else None


def _legs(spec: SweepSpec, wanted: Iterable[tuple[TrialKey, Rung]]) -> tuple[Leg, ...]:
    """Put together what one bid may hold: trials of one kind, on from one award."""
    groups: dict[tuple[int, Rung], list[TrialKey]] = {}
    kind = {trial.key: n for n, group in enumerate(kinds(spec).values()) for trial in group}
    for key, rung in wanted:
        groups.setdefault((kind[key], rung), []).append(key)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[1][0]))
    return tuple(Leg(tuple(sorted(keys)), rung) for (_, rung), keys in ordered)


def _keys(spec: SweepSpec) -> list[TrialKey]:
    return [trial.key for group in kinds(spec).values() for trial in group]


def _plain(loss: float) -> float:
    return math.inf if math.isnan(loss) else loss
