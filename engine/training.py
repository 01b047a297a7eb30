"""The training loop: every trial of a pack, bit for bit as if it were alone."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from compute_swarm.engine import adamw
from compute_swarm.engine.data import batch_rows
from compute_swarm.engine.loss import packed_loss, shifted
from compute_swarm.engine.pack import Pack, Place
from compute_swarm.engine.schedule import learning_rate


@dataclass(frozen=True, slots=True)
class SegmentRun:
    """What one trial did in one segment."""

    losses: tuple[float, ...]  # one a step
    lr: float  # of the last step
    grad_norm: float  # of the last step
    seconds: float  # wall time of the whole pack

    @property
    def loss(self) -> float:
        """The mean over the steps, added up in their order; of NaNs there is but one."""
        mean = sum(self.losses) / len(self.losses)
        return math.nan if math.isnan(mean) else mean


def run_segment(pack: Pack) -> list[SegmentRun]:
    """Train every trial one segment further."""
    started = time.perf_counter()
    losses: list[list[float]] = [[] for _ in pack.places]
    updates: list[adamw.Update] = []
    for _ in range(pack.spec.steps_per_segment):
        for group in pack.groups:
            group.g.zero_()
        for own, loss in zip(losses, _gradients(pack), strict=True):
            own.append(loss)
        updates = [_update(pack, place) for place in pack.places]
        for group in pack.groups:
            adamw.apply(group, updates[group.first : group.first + group.size])
        for place in pack.places:
            place.step += 1
    norms = [n for group in pack.groups for n in torch.linalg.vector_norm(group.g, dim=1).tolist()]
    seconds = time.perf_counter() - started
    runs = [
        SegmentRun(tuple(own), update.lr, norm, seconds)
        for own, update, norm in zip(losses, updates, norms, strict=True)
    ]
    return [runs[place] for place in pack.order]


def _gradients(pack: Pack) -> list[float]:
    """Add up the gradients of one step's micro-batches and return the mean loss per place.

    The sum over trials costs nothing: their losses share no adapter, so each gets its own
    gradient. Devices that share a trial would exchange gradients after this, once a step.
    """
    sums = [0.0] * pack.size
    for micro in range(pack.places[0].accumulation):
        active = [place for place in pack.places if place.accumulation > micro]
        ids, labels = _batch(pack, active, micro)  # (K · b, T)
        with pack.base.adapted(pack.leaves(len(active))):
            hidden = pack.base.hidden(ids)  # (K · b, T, H)
            hidden = hidden.view(len(active), -1, hidden.shape[-1])
            targets = shifted(labels).view(len(active), -1)  # (K, b · T)
            losses = packed_loss(hidden, pack.base.head, targets)  # (K,)
            torch.autograd.backward(losses.sum())
        for place, loss in enumerate(losses.tolist()):
            sums[place] += loss
    return [total / place.accumulation for total, place in zip(sums, pack.places, strict=True)]


def _batch(pack: Pack, active: Sequence[Place], micro: int) -> tuple[Tensor, Tensor]:
    rows, size = pack.tokens.train, pack.spec.training.micro_batch
    chosen = np.concatenate(
        [
            batch_rows(
                place.seed,
                len(rows),
                (place.step * place.accumulation + micro) * size,
                size,
            )
            for place in active
        ]
    )
    device = pack.base.device
    return (
        torch.from_numpy(rows.ids[chosen]).to(device),
        torch.from_numpy(rows.labels[chosen]).to(device),
    )


def _update(pack: Pack, place: Place) -> adamw.Update:
    params = place.trial.params
    return adamw.Update(
        lr=learning_rate(pack.spec.training, params, place.step),
        weight_decay=params.weight_decay,
        number=place.step + 1,
        accumulation=params.accumulation,
    )
