"""Drawn segments run again, side by side as one pack, each from the state that was claimed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, kind_of, trial_seed
from compute_swarm.engine.data import TokenSet
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.model import Base
from compute_swarm.engine.pack import Member, Pack
from compute_swarm.engine.state import State, Tensors, initial_state
from compute_swarm.engine.training import run_segment

MOST_TOGETHER = 8  # trials of a pack; more gained nothing where it was measured


@dataclass(frozen=True, slots=True)
class Bench:
    """One sweep made ready for work: base, specification and tokens."""

    base: Base
    spec: SweepSpec
    sweep_id: SweepId
    tokens: TokenSet
    most_together: int = MOST_TOGETHER

    def start(self, trial: Trial) -> State:
        """Return boundary 0 of a trial, which its seed gives to everybody."""
        shapes = self.base.shapes(self.spec.lora.target_modules)
        return initial_state(shapes, trial.params, trial_seed(self.sweep_id, trial.key))

    def pack(self, work: Sequence[tuple[Trial, State]]) -> Pack:
        members = [Member(t, trial_seed(self.sweep_id, t.key), state) for t, state in work]
        return Pack(self.base, self.spec, self.tokens, members)


@dataclass(frozen=True, slots=True)
class Segment:
    """One audit: run `trial` from `start`; then evaluate `shard` where the end has losses."""

    item: int
    trial: Trial
    start: State
    shard: int | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a segment ended when it was run again."""

    state: State
    loss: float
    shard_loss: float | None


def replay(bench: Bench, segments: Sequence[Segment]) -> dict[int, Replayed]:
    """Run every segment once and return its end by item."""
    found: dict[int, Replayed] = {}
    for group in _packs(bench, segments):
        pack = bench.pack([(segment.trial, segment.start) for segment in group])
        runs = run_segment(pack)
        states = dict(zip([segment.item for segment in group], pack.states(), strict=True))
        losses = _shard_losses(bench, group, states)
        for segment, run in zip(group, runs, strict=True):
            item = segment.item
            found[item] = Replayed(states[item], run.loss, losses.get(item))
    return found


def with_weights(weights: Tensors, step: int) -> State:
    """Return a state that can be evaluated, but not trained on: an adapter has no moments."""
    return State(weights, weights, weights, step)


def _packs(bench: Bench, segments: Sequence[Segment]) -> Iterator[Sequence[Segment]]:
    """Group by kind, as awards are, so that no trial waits for a dearer one's micro-batches."""
    kinds = defaultdict(list)
    for segment in segments:
        kinds[kind_of(bench.spec, segment.trial)].append(segment)
    for kind in sorted(kinds):
        group = kinds[kind]
        for first in range(0, len(group), bench.most_together):
            yield group[first : first + bench.most_together]


def _shard_losses(
    bench: Bench, group: Sequence[Segment], states: Mapping[int, State]
) -> dict[int, float]:
    by_shard = defaultdict(list)
    for segment in group:
        if segment.shard is not None:
            by_shard[segment.shard].append(segment)
    found: dict[int, float] = {}
    for shard, drawn in by_shard.items():
        pack = bench.pack([(segment.trial, states[segment.item]) for segment in drawn])
        for segment, (loss,) in zip(drawn, evaluate(pack, shard), strict=True):
            found[segment.item] = loss
    return found
