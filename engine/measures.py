"""What training tells about itself, in the vocabulary of `domain.metrics`."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from compute_swarm.domain.commitment import mean_loss
from compute_swarm.domain.metrics import Metric
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import TrialStatus
from compute_swarm.domain.trial import Trial
from compute_swarm.engine import resources
from compute_swarm.engine.training import SegmentRun

Value: TypeAlias = tuple[Trial, int, Metric, float | str]  # of which trial, at which step
Values: TypeAlias = Iterator[Value]


def started(trial: Trial, losses: Sequence[float]) -> Values:
    """A trial's first words: that it runs, and the base model's loss."""
    yield trial, 0, Metric.TRIAL_STATUS, TrialStatus.RUNNING.value
    yield from _evaluated(trial, 0, losses)


def segment(
    spec: SweepSpec,
    trial: Trial,
    step: int,
    run: SegmentRun,
    losses: Sequence[float] | None,
    pack: int,
) -> Values:
    """One segment that ended at `step`, trained in a pack of `pack` trials."""
    count = len(run.losses)
    step_tokens = spec.training.micro_batch * trial.params.accumulation * spec.dataset.max_length
    for i, loss in enumerate(run.losses):
        yield trial, step - count + i + 1, Metric.TRAIN_LOSS, loss
    for name, value in (
        (Metric.TRAIN_LR, run.lr),
        (Metric.TRAIN_GRAD_NORM, run.grad_norm),
        (Metric.TRAIN_STEP, step),
        (Metric.TRAIN_TOKENS_SEEN, step * step_tokens),
        (Metric.PERF_TOKENS_PER_S, pack * count * step_tokens / run.seconds),
        (Metric.PERF_STEP_MS, 1000 * run.seconds / count / pack),
        (Metric.MEM_PEAK_RSS_MB, resources.peak_rss() / 2**20),
        (Metric.MEM_PEAK_VRAM_MB, resources.peak_vram() / 2**20),
        (Metric.PACK_K, pack),
    ):
        yield trial, step, name, value
    if losses is not None:
        yield from _evaluated(trial, step, losses)


def _evaluated(trial: Trial, step: int, losses: Sequence[float]) -> Values:
    loss = mean_loss(losses)
    yield trial, step, Metric.EVAL_LOSS, loss
    yield trial, step, Metric.EVAL_PERPLEXITY, _perplexity(loss)


def _perplexity(loss: float) -> float:
    return math.exp(loss) if loss < 700 else math.inf  # exp overflows just above
