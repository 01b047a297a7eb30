"""A search space and its points, the same on every machine.

Ranges are computed in decimal arithmetic and rounded to nine digits: `math.exp` may differ in
its last bit from one C library to the next, and these numbers enter hashes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from compute_swarm.domain.fields import Fields, number
from compute_swarm.errors import (
    SpecEmptyRange,
    SpecOutOfRange,
    SpecRepeated,
    SpecUnknownKey,
    SpecWrongType,
)

Number: TypeAlias = int | float

_EXACT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
_SHOWN: Final = Context(prec=9, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Axis:
    """What a hyper-parameter may be."""

    name: str
    whole: bool
    least: Number
    most: Number
    open_low: bool = False
    default: Number | None = None


AXES: Final = (
    Axis("lr", False, 0, 1, open_low=True),
    Axis("r", True, 1, 256, default=8),
    Axis("alpha", False, 0, 4096, open_low=True, default=16),
    Axis("weight_decay", False, 0, 1, default=0),
    Axis("warmup_steps", True, 0, 10_000_000, default=0),
    Axis("accumulation", True, 1, 1024, default=1),
)
AXIS_NAMES: Final = tuple(axis.name for axis in AXES)


@dataclass(frozen=True, slots=True)
class Constant:
    value: Number

    def document(self) -> object:
        return self.value


@dataclass(frozen=True, slots=True)
class Choice:
    values: tuple[Number, ...]

    def document(self) -> object:
        return {"choice": list(self.values)}


@dataclass(frozen=True, slots=True)
class Uniform:
    low: Number
    high: Number

    def document(self) -> object:
        return {"uniform": [self.low, self.high]}

    def at(self, place: Fraction) -> Decimal:
        low, high = _decimal(self.low), _decimal(self.high)
        return _EXACT.add(low, _EXACT.multiply(_EXACT.subtract(high, low), _ratio(place)))


@dataclass(frozen=True, slots=True)
class Log:
    low: Number
    high: Number

    def document(self) -> object:
        return {"log": [self.low, self.high]}

    def at(self, place: Fraction) -> Decimal:
        low, high = _EXACT.ln(_decimal(self.low)), _EXACT.ln(_decimal(self.high))
        step = _EXACT.multiply(_EXACT.subtract(high, low), _ratio(place))
        return _EXACT.exp(_EXACT.add(low, step))


Values: TypeAlias = Constant | Choice | Uniform | Log
Space: TypeAlias = Mapping[str, Values]


def read_space(document: object, path: str) -> dict[str, Values]:
    """Return each axis' values, defaults filled in, in the order of AXES."""
    fields = Fields(document, path, AXIS_NAMES)
    return {axis.name: _read(axis, fields.path(axis.name), _raw(fields, axis)) for axis in AXES}


def value_at(axis: Axis, values: Values, place: Fraction) -> Number:
    """Return the point at `place` in [0, 1] of the values."""
    if isinstance(values, Constant):
        return values.value
    if isinstance(values, Choice):
        return values.values[min(int(place * len(values.values)), len(values.values) - 1)]
    if axis.whole:
        return int(values.at(place).to_integral_value(ROUND_HALF_EVEN))
    # The ends are exact; rounding must not leave the range.
    return min(max(float(_SHOWN.plus(values.at(place))), values.low), values.high)


def grid_points(axis: Axis, values: Values, count: int) -> tuple[Number, ...]:
    """Return all of a list, or `count` evenly spaced points of a range without repetitions."""
    if isinstance(values, Constant):
        return (values.value,)
    if isinstance(values, Choice):
        return values.values
    places = [Fraction(i, count - 1) for i in range(count)] if count > 1 else [Fraction(1, 2)]
    return tuple(dict.fromkeys(value_at(axis, values, place) for place in places))


def _raw(fields: Fields, axis: Axis) -> object:
    return fields.raw(axis.name) if axis.default is None else fields.raw(axis.name, axis.default)


def _read(axis: Axis, path: str, raw: object) -> Values:
    if not isinstance(raw, Mapping):
        return Constant(_value(axis, path, raw))
    if len(raw) != 1:
        raise SpecWrongType(path, "one of log, uniform or choice", dict(raw))
    ((name, inner),) = raw.items()
    if name not in ("log", "uniform", "choice"):
        raise SpecUnknownKey(f"{path}.{name}", ("log", "uniform", "choice"))
    path = f"{path}.{name}"
    if not isinstance(inner, list | tuple) or not inner:
        raise SpecWrongType(path, "a list of numbers", inner)
    numbers = tuple(_value(axis, f"{path}[{at}]", item) for at, item in enumerate(inner))
    if name == "choice":
        if len(set(numbers)) < len(numbers):
            raise SpecRepeated(path)
        return Choice(numbers)
    return _range(name, path, numbers)


def _range(name: str, path: str, numbers: tuple[Number, ...]) -> Values:
    if len(numbers) != 2:
        raise SpecWrongType(path, "two numbers, the lower first", list(numbers))
    low, high = numbers
    if low >= high:
        raise SpecEmptyRange(path, low, high)
    if name == "uniform":
        return Uniform(low, high)
    if low <= 0:
        raise SpecOutOfRange(f"{path}[0]", low, 0, high, open_low=True)
    return Log(low, high)


def _value(axis: Axis, path: str, raw: object) -> Number:
    value = number(path, raw)
    too_low = value <= axis.least if axis.open_low else value < axis.least
    if too_low or value > axis.most:
        raise SpecOutOfRange(path, value, axis.least, axis.most, axis.open_low)
    if axis.whole and value != int(value):
        raise SpecWrongType(path, "a whole number", raw)
    return int(value) if axis.whole else float(value)


def _decimal(value: Number) -> Decimal:
    # The shortest digits that name the float are what a person wrote.
    return Decimal(repr(value))


def _ratio(place: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(place.numerator), Decimal(place.denominator))
