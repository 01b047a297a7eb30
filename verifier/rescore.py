"""The whole evaluation of an award's best adapter again, from the weights that are delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.state import Tensors
from compute_swarm.verifier.replay import Bench, with_weights


@dataclass(frozen=True, slots=True)
class Scoring:
    """One re-score: an award's best trial and the weights delivered for it."""

    item: int
    trial: Trial
    weights: Tensors


def rescore(bench: Bench, scorings: Sequence[Scoring]) -> Mapping[int, tuple[float, ...]]:
    """Return the losses per shard by item."""
    found: dict[int, tuple[float, ...]] = {}
    for first in range(0, len(scorings), bench.most_together):
        group = scorings[first : first + bench.most_together]
        states = [(s.trial, with_weights(s.weights, _last_step(bench.spec))) for s in group]
        for scoring, losses in zip(group, evaluate(bench.pack(states)), strict=True):
            found[scoring.item] = losses
    return found


def _last_step(spec: SweepSpec) -> int:
    return spec.training.steps
