"""Points of a search space: evenly spaced, or drawn with Philox."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from compute_swarm.domain.space import (
    AXES,
    Choice,
    Constant,
    Log,
    Number,
    Space,
    Uniform,
    grid_points,
    value_at,
)
from compute_swarm.errors import SpecGridTooSmall, SpecGridUneven

_DRAW_BITS: Final = 53


@dataclass(frozen=True, slots=True)
class _Shape:
    listed: int  # points of the lists' product
    ranges: int  # how many axes are ranges


def _shape(space: Space) -> _Shape:
    listed = math.prod(len(v.values) for v in space.values() if isinstance(v, Choice))
    return _Shape(listed, sum(isinstance(v, Log | Uniform) for v in space.values()))


def grid_size(space: Space) -> int | None:
    """Return how many points a grid of lists has; None where a range has as many as asked."""
    shape = _shape(space)
    return None if shape.ranges else shape.listed


def check_grid(space: Space, trials: int, path: str) -> None:
    """Complain if no grid over the space has that many points."""
    shape = _shape(space)
    if shape.ranges:
        per_range = _per_range(shape, trials, path)
        size = math.prod(len(points) for points in _points(space, per_range))
    else:
        size = shape.listed
    if trials > size:
        raise SpecGridTooSmall(path, trials, size)


def grid(space: Space, trials: int) -> Iterator[tuple[Number, ...]]:
    """Yield the product in the order of AXES, the last one fastest."""
    shape = _shape(space)
    per_range = _per_range(shape, trials, "search.trials") if shape.ranges else 0
    return itertools.islice(itertools.product(*_points(space, per_range)), trials)


def random(space: Space, trials: int, seed: int) -> Iterator[tuple[Number, ...]]:
    """Yield drawn points; a longer search starts with the points of the shorter one.

    Raw words of the bit generator are used, since NumPy promises those never to change.
    """
    philox = np.random.Philox(key=seed)
    free = [axis for axis in AXES if not isinstance(space[axis.name], Constant)]
    for _ in range(trials):
        places = {axis.name: _place(philox) for axis in free}
        yield tuple(
            value_at(axis, space[axis.name], places.get(axis.name, Fraction(0))) for axis in AXES
        )


def _place(philox: np.random.Philox) -> Fraction:
    word = int(philox.random_raw())
    return Fraction(word >> (64 - _DRAW_BITS), 1 << _DRAW_BITS)


def _points(space: Space, per_range: int) -> list[tuple[Number, ...]]:
    return [grid_points(axis, space[axis.name], per_range) for axis in AXES]


def _per_range(shape: _Shape, trials: int, path: str) -> int:
    """Return n such that listed · n^ranges == trials."""
    below = 1
    while shape.listed * (below + 1) ** shape.ranges <= trials:
        below += 1
    size = shape.listed * below**shape.ranges
    if size != trials:
        above = shape.listed * (below + 1) ** shape.ranges
        raise SpecGridUneven(path, trials, (size, above) if size < trials else (size,))
    return below
