"""How far a claimed segment is from its replay, and what that distance means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from compute_swarm.domain.verdict import Outcome

Tensors = Mapping[str, NDArray[np.float32]]

# Below this norm a replayed segment did nothing, and a ratio to it would say nothing.
FLOOR = 1e-12


class TrainingState(Protocol):
    """What comparison needs of a state: adapter weights and both Adam moments."""

    @property
    def w(self) -> Tensors: ...

    @property
    def m(self) -> Tensors: ...

    @property
    def v(self) -> Tensors: ...


@dataclass(frozen=True, slots=True)
class Statistics:
    """Each of the four catches what the others miss: a dropped step shows in m long before w."""

    w: float
    m: float
    v: float
    alpha: float

    @property
    def finite(self) -> bool:
        return all(math.isfinite(value) for value in (self.w, self.m, self.v, self.alpha))


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond any of these a claim is refuted; what lies between pass and fail is upheld."""

    w: float
    m: float
    v: float
    alpha: float

    def exceeded_by(self, seen: Statistics) -> bool:
        # A NaN compares false with everything, and a claim of NaN must not pass for that.
        return not (
            seen.finite
            and seen.w <= self.w
            and seen.m <= self.m
            and seen.v <= self.v
            and abs(seen.alpha - 1) <= self.alpha
        )


class Rule(StrEnum):
    """Which comparison the class of the claim and that of the validator allow."""

    EXACT = "exact"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


PASS = {
    # Honest maxima across ISA, threads and kernels: w 3.2e-5, m 7.9e-6.
    Rule.FLOAT32: Limits(w=2e-4, m=5e-5, v=5e-5, alpha=2e-4),
    # Honest maxima across implementations: w 3.4e-2, m 1.3e-2.
    Rule.BFLOAT16: Limits(w=6.8e-2, m=3e-2, v=3e-2, alpha=6.8e-2),
}
FAIL = {
    Rule.FLOAT32: Limits(w=4e-4, m=2e-4, v=2e-4, alpha=4e-4),
    # In bf16 only skipped work stands out (one step in ten: w 9.4e-2, m 7.4e-2).
    Rule.BFLOAT16: Limits(w=9e-2, m=7e-2, v=7e-2, alpha=9e-2),
}


def rule_for(claimed_class: bytes, own_class: bytes, dtype: str) -> Rule:
    """Return the strictest rule under which an honest claim of that class passes."""
    if claimed_class == own_class:
        return Rule.EXACT
    return Rule.BFLOAT16 if dtype == "bfloat16" else Rule.FLOAT32


def statistics(start: Tensors, claimed: TrainingState, replayed: TrainingState) -> Statistics:
    """Compare a segment's claimed end with its replay; both began at the weights `start`.

    A trial that diverged has weights that are no numbers. Where both sides have them in the same
    places they agree there, and the rest is compared.
    """
    before = flat(start)
    w, replayed_w = finite_parts(flat(claimed.w), flat(replayed.w), before)
    m, replayed_m = finite_parts(flat(claimed.m), flat(replayed.m))
    v, replayed_v = finite_parts(flat(claimed.v), flat(replayed.v))
    return Statistics(
        w=relative(w, replayed_w),
        m=relative(m, replayed_m),
        v=relative(v, replayed_v),
        alpha=projection(w, replayed_w),
    )


def compare(rule: Rule, seen: Statistics) -> Outcome:
    """Judge by tolerance; inside the band between pass and fail nobody is ever slashed."""
    return Outcome.REFUTED if FAIL[rule].exceeded_by(seen) else Outcome.UPHELD


def in_band(rule: Rule, seen: Statistics) -> bool:
    """Whether a claim was upheld only because doubt never slashes; the journal keeps those."""
    return PASS[rule].exceeded_by(seen) and not FAIL[rule].exceeded_by(seen)


def severity(rule: Rule, seen: Statistics) -> float:
    """Return how many times beyond the fail line a claim is, to name the surest refutation."""
    if not seen.finite:
        return math.inf
    fail = FAIL[rule]
    return max(seen.w / fail.w, seen.m / fail.m, seen.v / fail.v, abs(seen.alpha - 1) / fail.alpha)


def losses_agree(rule: Rule, claimed: float, replayed: float) -> bool:
    """Compare two losses: to the bit in the exact class, else within the class's weight limit."""
    if math.isnan(replayed):
        return math.isnan(claimed)
    if rule is Rule.EXACT or math.isinf(replayed):
        return claimed == replayed
    return abs(claimed - replayed) <= FAIL[rule].w * max(1.0, abs(replayed))


def flat(tensors: Tensors) -> NDArray[np.float64]:
    """Return the tensors end to end in name order; doubles, so that the sums are not the error."""
    parts = [np.asarray(tensors[name], dtype=np.float64).ravel() for name in sorted(tensors)]
    return np.concatenate(parts) if parts else np.zeros(0)


def finite_parts(
    claimed: NDArray[np.float64],
    replayed: NDArray[np.float64],
    start: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both steps from `start` where they are numbers; no number where only one is."""
    begin = np.zeros_like(replayed) if start is None else start
    finite = np.isfinite(replayed)
    if not np.array_equal(finite, np.isfinite(claimed)):
        return np.full_like(claimed, np.nan), np.zeros_like(replayed)
    finite &= np.isfinite(begin)
    return claimed[finite] - begin[finite], replayed[finite] - begin[finite]


def projection(claimed: NDArray[np.float64], replayed: NDArray[np.float64]) -> float:
    """Return how far the claim went along the replay; 1 where that stood still, as `w` tells."""
    along = squared(replayed)
    return 1.0 if along <= FLOOR**2 else float(np.dot(claimed, replayed)) / along


def squared(vector: NDArray[np.float64]) -> float:
    return float(np.dot(vector, vector))


def relative(claimed: NDArray[np.float64], replayed: NDArray[np.float64]) -> float:
    return math.sqrt(squared(claimed - replayed)) / max(math.sqrt(squared(replayed)), FLOOR)
