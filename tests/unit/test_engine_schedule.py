from dataclasses import replace

import pytest

from compute_swarm.domain.trial import TrialParams, trials
from compute_swarm.engine.schedule import learning_rate
from small_sweep import small_spec

TRAINING = small_spec().training  # 48 steps
PARAMS = TrialParams(1.0, 8, 16.0, 0.0, 8, 1)


def rates(schedule: str, params: TrialParams = PARAMS) -> list[float]:
    training = replace(TRAINING, schedule=schedule)
    return [learning_rate(training, params, step) for step in range(training.steps)]


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_warm_up_climbs_to_the_full_rate(schedule: str) -> None:
    assert rates(schedule)[:8] == [(step + 1) / 8 for step in range(8)]
    assert rates(schedule)[8] == 1.0


def test_a_constant_rate_stays() -> None:
    assert set(rates("constant")[8:]) == {1.0}


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_falling_rate_ends_near_zero_and_never_below(schedule: str) -> None:
    falling = rates(schedule)[8:]
    assert falling == sorted(falling, reverse=True)
    assert 0 < falling[-1] < 0.05


def test_warm_up_may_take_all_steps() -> None:
    assert rates("cosine", replace(PARAMS, warmup_steps=48))[-1] == 1.0


def test_a_trial_without_warm_up_starts_at_its_rate() -> None:
    (trial,) = trials(small_spec(lr=0.5))
    assert learning_rate(TRAINING, trial.params, 0) == 0.5
