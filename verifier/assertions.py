"""What an `upheld` asserts of a whole award, whatever its replays say: checks that cost nothing.

A fault follows from receipts that rebuild the root which the seller signed, so it is the seller's
doing. An answer over HTTP carries no signature: receipts of another root, and bytes of another
digest, may come from anybody. They count as not delivered, and make an answer `unavailable`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from compute_swarm.domain.bid import Bid, Posted
from compute_swarm.domain.commitment import Receipt, laid_out, leaf_order, rebuilds
from compute_swarm.domain.ids import Digest, SweepId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, trial_hash, trials

Shapes = Mapping[str, tuple[int, ...]]
Tensors = Mapping[str, NDArray[np.float32]]


class Fault(StrEnum):
    """Why an award can't be upheld; each word is one check."""

    PARTY = "party"  # a receipt of another award or seller
    REPEATED = "repeated"  # one trial counted twice
    NOT_AWARDED = "not_awarded"  # a trial that isn't in the bid's list
    NOT_IN_SWEEP = "not_in_sweep"  # a trial that the spec doesn't have
    SUM = "sum"  # segments done don't add up to what was posted
    OFFSET = "offset"  # a leaf tells another place than its own
    BOUNDARIES = "boundaries"  # not from the bid's first on, none, too many, or with a gap
    TRIAL_HASH = "trial_hash"  # trained with other parameters
    EVALUATIONS = "evaluations"  # missing where the spec wants one, or of too few shards
    CLASSES = "classes"  # of several machines, though one has signed
    START = "start"  # the first boundary isn't the seed's state, nor the earlier award's end
    ADAPTER_SHAPES = "adapter_shapes"  # other tensors, or another rank
    ADAPTER_NOT_FINITE = "adapter_not_finite"  # although the loss it is said to have is


@dataclass(frozen=True, slots=True)
class Failure:
    """A fault and the trial that shows it; None where it is the award as a whole."""

    fault: Fault
    key: TrialKey | None = None

    def __str__(self) -> str:
        return str(self.fault) if self.key is None else f"{self.fault} ({self.key})"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The award that a rung goes on from: its sweep, and the receipts of the root it posted."""

    sweep_id: SweepId
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True)
class Claim:
    """What a seller says of one award, beside what the chain knows of it."""

    spec: SweepSpec
    sweep_id: SweepId
    bid: Bid
    posted: Posted
    receipts: tuple[Receipt, ...]
    earlier: Earlier | None = None  # of a rung, once it is at hand

    @cached_property
    def ordered(self) -> tuple[Receipt, ...]:
        return leaf_order(self.receipts, self.spec.training.segments)

    @cached_property
    def trials(self) -> Mapping[TrialKey, Trial]:
        return {trial.key: trial for trial in trials(self.spec)}

    @property
    def lacks_start(self) -> bool:
        """Whether nobody has shown yet what this rung should have started from."""
        return not self.bid.rung.fresh and self.earlier is None


def is_signed(claim: Claim) -> bool:
    """Whether the receipts rebuild the root that the seller signed and the chain holds."""
    return rebuilds(claim.receipts, claim.posted.root, claim.spec.training.segments)


def claim_failures(claim: Claim) -> tuple[Failure, ...]:
    """Check what can be checked of signed receipts alone."""
    return (*_whole(claim), *(f for receipt in claim.ordered for f in _single(claim, receipt)))


def start_failures(
    receipts: tuple[Receipt, ...], starts: Mapping[TrialKey, Digest]
) -> tuple[Failure, ...]:
    """Hold each fresh trial's first digest against the one that its seed gives."""
    return tuple(
        Failure(Fault.START, receipt.key)
        for receipt in receipts
        if receipt.first == 0 and starts.get(receipt.key) != receipt.start
    )


def rung_failures(claim: Claim) -> tuple[Failure, ...]:
    """Hold each trial's first boundary, word for word, against the earlier award's last."""
    earlier = claim.earlier
    if earlier is None:
        return ()
    own = earlier.receipts if earlier.sweep_id == claim.sweep_id else ()
    ends = {(receipt.key, receipt.boundaries[-1].leaf()) for receipt in own}
    return tuple(
        Failure(Fault.START, receipt.key)
        for receipt in claim.ordered
        if (receipt.key, receipt.boundaries[0].leaf()) not in ends
    )


def adapter_failures(receipt: Receipt, weights: Tensors, shapes: Shapes) -> tuple[Failure, ...]:
    """Check weights of the receipt's CID and digest: the trial's rank and shapes.

    A trial that diverged has no finite weights and says so in its loss: that is honest work.
    """
    found = {name: tensor.shape for name, tensor in weights.items()}
    finite = all(np.isfinite(tensor).all() for tensor in weights.values())
    loss = receipt.boundaries[-1].eval_loss
    wrong = {
        Fault.ADAPTER_SHAPES: found != {name: tuple(shape) for name, shape in shapes.items()},
        Fault.ADAPTER_NOT_FINITE: not finite and loss is not None and math.isfinite(loss),
    }
    return tuple(Failure(fault, receipt.key) for fault, is_wrong in wrong.items() if is_wrong)


def evaluated(spec: SweepSpec, k: int) -> bool:
    """Whether the boundary carries an evaluation; the first and the last always do."""
    training = spec.training
    return k % training.eval_every == 0 or k == training.segments


def _whole(claim: Claim) -> Iterator[Failure]:
    keys = [receipt.key for receipt in claim.ordered]
    if len(set(keys)) != len(keys):
        yield Failure(Fault.REPEATED)
    if sum(receipt.done for receipt in claim.receipts) != claim.posted.done:
        yield Failure(Fault.SUM)
    if claim.ordered != laid_out(claim.receipts, claim.spec.training.segments):
        yield Failure(Fault.OFFSET)
    if len({receipt.class_id for receipt in claim.receipts}) > 1:
        yield Failure(Fault.CLASSES)


def _single(claim: Claim, receipt: Receipt) -> Iterator[Failure]:
    bid, key = claim.bid, receipt.key
    if (receipt.award_id, receipt.seller) != (claim.posted.award.id, bid.seller):
        yield Failure(Fault.PARTY, key)
    if key not in bid.keys:
        yield Failure(Fault.NOT_AWARDED, key)
    if not _boundaries_fit(bid, receipt):
        yield Failure(Fault.BOUNDARIES, key)
    elif not _evaluations_fit(claim.spec, receipt):
        yield Failure(Fault.EVALUATIONS, key)
    trial = claim.trials.get(key)
    if trial is None:
        yield Failure(Fault.NOT_IN_SWEEP, key)
    elif receipt.trial_hash != trial_hash(claim.spec.hash, trial.params):
        yield Failure(Fault.TRIAL_HASH, key)
    if receipt.boundaries[0].digest != receipt.start:
        yield Failure(Fault.START, key)


def _boundaries_fit(bid: Bid, receipt: Receipt) -> bool:
    numbers = [boundary.k for boundary in receipt.boundaries]
    enough = 2 <= len(numbers) <= bid.segments + 1
    return enough and numbers == list(range(bid.first, bid.first + len(numbers)))


def _evaluations_fit(spec: SweepSpec, receipt: Receipt) -> bool:
    for boundary in receipt.boundaries:
        losses = boundary.eval_losses
        if evaluated(spec, boundary.k) != (losses is not None):
            return False
        if losses is not None and len(losses) != spec.dataset.shards:
            return False
    return True
