from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from compute_swarm.domain.verdict import Outcome
from compute_swarm.verifier.comparison import (
    Rule,
    Statistics,
    compare,
    in_band,
    losses_agree,
    rule_for,
    severity,
    statistics,
)

Tensors = dict[str, NDArray[np.float32]]
HONEST = Statistics(w=3.2e-5, m=7.9e-6, v=7.9e-6, alpha=1.0)


@dataclass(frozen=True)
class Moments:
    w: Tensors
    m: Tensors
    v: Tensors


def tensors(seed: int, scale: float = 1.0) -> Tensors:
    draw = np.random.default_rng(seed)
    return {name: (scale * draw.standard_normal((3, 4))).astype(np.float32) for name in "ab"}


START = tensors(0)
REPLAYED = Moments(w=tensors(1), m=tensors(2), v=tensors(3))


def moved(by: float) -> Moments:
    """Return a claim that took `by` times the replayed step."""
    weights = {k: (START[k] + by * (REPLAYED.w[k] - START[k])).astype("f4") for k in START}
    return Moments(w=weights, m=REPLAYED.m, v=REPLAYED.v)


def test_the_same_state_is_at_no_distance() -> None:
    seen = statistics(START, REPLAYED, REPLAYED)
    assert (seen.w, seen.m, seen.v) == (0, 0, 0)
    assert seen.alpha == pytest.approx(1)


def test_half_the_way_shows_in_alpha_and_w() -> None:
    seen = statistics(START, moved(0.5), REPLAYED)
    assert seen.alpha == pytest.approx(0.5, abs=1e-6)
    assert seen.w == pytest.approx(0.5, abs=1e-6)


def test_a_moment_that_differs_shows_although_the_weights_agree() -> None:
    seen = statistics(START, Moments(REPLAYED.w, tensors(9), REPLAYED.v), REPLAYED)
    assert seen.w == 0
    assert seen.m > 0.1


def test_a_replay_that_did_not_move_still_gives_finite_numbers() -> None:
    still = Moments(START, REPLAYED.m, REPLAYED.v)
    seen = statistics(START, REPLAYED, still)
    assert seen.finite
    assert compare(Rule.FLOAT32, seen) is Outcome.REFUTED


def spoilt(value: float, at: int = 1) -> Moments:
    weights = {name: tensor.copy() for name, tensor in REPLAYED.w.items()}
    weights["a"][0, :at] = value
    return Moments(weights, REPLAYED.m, REPLAYED.v)


@pytest.mark.parametrize("claimed", [spoilt(np.nan), spoilt(np.inf)])
def test_what_diverged_in_the_same_places_agrees_there(claimed: Moments) -> None:
    seen = statistics(START, claimed, spoilt(np.nan))
    assert seen == replace(seen, w=0, m=0, v=0, alpha=pytest.approx(1))


def test_what_diverged_wholly_on_both_sides_is_upheld() -> None:
    gone = {name: np.full((3, 4), np.nan, np.float32) for name in "ab"}
    seen = statistics(gone, Moments(gone, gone, gone), Moments(gone, gone, gone))
    assert compare(Rule.FLOAT32, seen) is Outcome.UPHELD


@pytest.mark.parametrize("claimed", [spoilt(np.nan), spoilt(np.inf)])
def test_only_one_side_diverged_never_passes(claimed: Moments) -> None:
    assert compare(Rule.FLOAT32, statistics(START, claimed, REPLAYED)) is Outcome.REFUTED
    assert compare(Rule.FLOAT32, statistics(START, REPLAYED, claimed)) is Outcome.REFUTED


@pytest.mark.parametrize("name", ["w", "m", "v", "alpha"])
def test_not_a_number_never_passes(name: str) -> None:
    seen = replace(HONEST, **{name: float("nan")})
    assert compare(Rule.FLOAT32, seen) is Outcome.REFUTED
    assert severity(Rule.FLOAT32, seen) == float("inf")


def test_honest_drift_is_upheld_and_outside_the_band() -> None:
    assert compare(Rule.FLOAT32, HONEST) is Outcome.UPHELD
    assert not in_band(Rule.FLOAT32, HONEST)


@pytest.mark.parametrize(
    "doubtful",
    [
        {"w": 3e-4},
        {"m": 1e-4},
        {"v": 1e-4},
        {"alpha": 1 - 3e-4},
    ],
)
def test_doubt_is_upheld_and_noted(doubtful: dict[str, float]) -> None:
    seen = replace(HONEST, **doubtful)
    assert compare(Rule.FLOAT32, seen) is Outcome.UPHELD
    assert in_band(Rule.FLOAT32, seen)


@pytest.mark.parametrize(
    "attack",
    [
        {"w": 2.6e-3, "m": 0.14},  # last step dropped
        {"w": 1.0e-3},  # learning rate × 1.001
        {"w": 6.5e-4},  # weight decay off
        {"w": 2.2e-3, "m": 5.3e-3},  # one poisoned token
    ],
)
def test_each_measured_attack_is_beyond_the_fail_line(attack: dict[str, float]) -> None:
    assert compare(Rule.FLOAT32, replace(HONEST, **attack)) is Outcome.REFUTED


def test_bfloat16_flags_skipped_work_and_lets_drift_pass() -> None:
    drift = Statistics(w=3.4e-2, m=1.3e-2, v=1.3e-2, alpha=1.0)
    skipped = Statistics(w=9.4e-2, m=7.4e-2, v=7.4e-2, alpha=0.9)
    assert compare(Rule.BFLOAT16, drift) is Outcome.UPHELD
    assert compare(Rule.BFLOAT16, skipped) is Outcome.REFUTED


@pytest.mark.parametrize(
    ("own", "dtype", "rule"),
    [
        (b"a", "float32", Rule.EXACT),
        (b"a", "bfloat16", Rule.EXACT),
        (b"b", "float32", Rule.FLOAT32),
        (b"b", "bfloat16", Rule.BFLOAT16),
    ],
)
def test_the_rule_follows_the_classes(own: bytes, dtype: str, rule: Rule) -> None:
    assert rule_for(b"a", own, dtype) is rule


def test_losses_agree_to_the_bit_in_the_exact_class_only() -> None:
    other = np.nextafter(3.4, 4)
    assert not losses_agree(Rule.EXACT, 3.4, float(other))
    assert losses_agree(Rule.FLOAT32, 3.4, float(other))
    assert not losses_agree(Rule.FLOAT32, 3.4, 3.41)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
@pytest.mark.parametrize("rule", list(Rule))
def test_losses_that_are_no_numbers_agree_with_their_like(loss: float, rule: Rule) -> None:
    assert losses_agree(rule, loss, loss)
    assert not losses_agree(rule, 3.4, loss)
    assert not losses_agree(rule, loss, 3.4)
