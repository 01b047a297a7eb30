"""Runs the trials of an award: in packs by memory, resuming each from its last boundary.

Whoever kills this process loses less than one segment. The callback of a boundary comes before
its file, so that after a crash it may come once more, with equal values, but is never left out.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.metrics import MetricEvent
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, TrialKey, trial_seed
from compute_swarm.engine import measures
from compute_swarm.engine.checkpoints import Checkpoint, Checkpoints
from compute_swarm.engine.data import TokenSet
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.model import Base
from compute_swarm.engine.pack import Member, Pack
from compute_swarm.engine.state import State, initial_state
from compute_swarm.engine.training import SegmentRun, run_segment

logger = logging.getLogger(__name__)

ShardLosses: TypeAlias = tuple[float, ...] | None
OnBoundary: TypeAlias = Callable[[TrialKey, int, State, float, ShardLosses], None]
OnMetric: TypeAlias = Callable[[MetricEvent], None]
Stop: TypeAlias = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Work:
    """Trials to bring to boundary `last`; those of a rung have their start state in the store."""

    base: Base
    spec: SweepSpec
    tokens: TokenSet
    sweep_id: SweepId
    trials: tuple[Trial, ...]
    last: int
    pack_size: int

    def seed(self, trial: Trial) -> bytes:
        return trial_seed(self.sweep_id, trial.key)

    def evaluates(self, k: int) -> bool:
        """Whether boundary `k` has an evaluation."""
        training = self.spec.training
        return k % training.eval_every == 0 or k == training.segments


def run(
    work: Work, store: Checkpoints, on_boundary: OnBoundary, on_metric: OnMetric, stop: Stop
) -> bool:
    """Train until every trial is done, or `stop` says so between segments; tell which."""
    waiting, size = list(work.trials), work.pack_size
    while waiting:
        job = _Job(work, store, on_boundary, on_metric, stop)
        try:
            if not job.run(waiting[:size]):
                return False
        except (MemoryError, RuntimeError) as error:
            if size == 1 or not _out_of_memory(error):
                raise
            size = (size + 1) // 2
            torch.cuda.empty_cache()  # does nothing where CUDA is not in use
            logger.warning("out of memory: going on with packs of %d", size)
        else:
            waiting = waiting[size:]
    return True


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    store: Checkpoints
    on_boundary: OnBoundary
    on_metric: OnMetric
    stop: Stop

    def run(self, trials: Sequence[Trial]) -> bool:
        """Train one pack to its end; False when stopped before."""
        self._start(trials)
        reached = {trial.key: self.store.boundaries(trial.key)[-1] for trial in trials}
        live = [trial for trial in trials if reached[trial.key] < self.work.last]
        if not live:
            return True
        pack = self._pack([self._resumed(trial, reached[trial.key]) for trial in live])
        while live:
            if self.stop():
                return False
            runs = run_segment(pack)
            for trial in live:
                reached[trial.key] += 1
            self._record(pack, live, reached, runs)
            left = [i for i, t in enumerate(live) if reached[t.key] < self.work.last]
            if left and len(left) < len(live):
                pack.keep(left)
            live = [live[i] for i in left]
        return True

    def _start(self, trials: Sequence[Trial]) -> None:
        """Record boundary 0 of the trials that have none.

        B is zero there, so every trial is the base model to the bit and one stands for all.
        """
        fresh = [trial for trial in trials if not self.store.boundaries(trial.key)]
        if not fresh:
            return
        shapes = self.work.base.shapes(self.work.spec.lora.target_modules)
        members = [
            Member(t, seed, initial_state(shapes, t.params, seed))
            for t, seed in ((t, self.work.seed(t)) for t in fresh)
        ]
        (losses,) = evaluate(self._pack(members[:1]))
        for member in members:
            self._boundary(member.trial, Checkpoint(0, member.state, 0.0, losses))
            self._tell(measures.started(member.trial, losses))

    def _record(
        self,
        pack: Pack,
        live: Sequence[Trial],
        reached: dict[TrialKey, int],
        runs: Sequence[SegmentRun],
    ) -> None:
        states = pack.states()
        losses = self._evaluations(pack, [self.work.evaluates(reached[t.key]) for t in live])
        for trial, state, own, run_ in zip(live, states, losses, runs, strict=True):
            self._boundary(trial, Checkpoint(reached[trial.key], state, run_.loss, own))
            self._tell(measures.segment(self.work.spec, trial, state.step, run_, own, pack.size))

    def _evaluations(self, pack: Pack, due: Sequence[bool]) -> list[ShardLosses]:
        chosen = [i for i, is_due in enumerate(due) if is_due]
        if not chosen:
            return [None] * pack.size
        part = pack if len(chosen) == pack.size else self._pack(pack.members(chosen))
        losses = dict(zip(chosen, evaluate(part), strict=True))
        return [losses.get(i) for i in range(pack.size)]

    def _boundary(self, trial: Trial, at: Checkpoint) -> None:
        self.on_boundary(trial.key, at.k, at.state, at.loss, at.eval_losses)
        self.store.save(trial.key, at)

    def _tell(self, values: measures.Values) -> None:
        now = time.time()
        for trial, step, name, value in values:
            self.on_metric(MetricEvent(trial.index, trial.replica, step, now, name, value))

    def _resumed(self, trial: Trial, k: int) -> Member:
        return Member(trial, self.work.seed(trial), self.store.load(trial.key, k).state)

    def _pack(self, members: Sequence[Member]) -> Pack:
        return Pack(self.work.base, self.work.spec, self.work.tokens, members)


def _out_of_memory(error: Exception) -> bool:
    # The CPU allocator has no error class of its own.
    text = "can't allocate memory"
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or text in str(error)
