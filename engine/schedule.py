"""The learning rate of a step, from the specification and nothing else."""

import math

from compute_swarm.domain.spec import Training
from compute_swarm.domain.trial import TrialParams


def learning_rate(training: Training, params: TrialParams, step: int) -> float:
    """Return the rate of `step` (from 0): linear warm-up, then the schedule down to the end."""
    if step < params.warmup_steps:
        return params.lr * (step + 1) / params.warmup_steps
    length = max(training.steps - params.warmup_steps, 1)
    done = (step - params.warmup_steps) / length
    match training.schedule:
        case "linear":
            return params.lr * (1 - done)
        case "cosine":
            return params.lr * 0.5 * (1 + math.cos(math.pi * done))
        case _:
            return params.lr
