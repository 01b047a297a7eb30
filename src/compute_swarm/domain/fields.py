"""Reads one section of a document: each key once, complaints with the key's path."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compute_swarm.domain.ids import Address, Digest, address, parse_hex
from compute_swarm.domain.money import Amount
from compute_swarm.errors import (
    BadInput,
    SpecMissingKey,
    SpecNotFinite,
    SpecNotOneOf,
    SpecOutOfRange,
    SpecUnknownKey,
    SpecWrongType,
)

_REQUIRED: Final = object()
_DIGITS: Final = re.compile(r"-?[0-9]{1,78}")


class Fields:
    """A mapping that is read key by key; `keys` are all it may hold."""

    def __init__(self, value: object, path: str, keys: Sequence[str]) -> None:
        if not isinstance(value, Mapping):
            raise SpecWrongType(path or "sweep", "a mapping", value)
        self._values: Mapping[str, Any] = value
        self._path = path
        for key in value:
            if key not in keys:
                raise SpecUnknownKey(self.path(str(key)), keys)

    def path(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def raw(self, key: str, default: object = _REQUIRED) -> Any:
        if key in self._values:
            return self._values[key]
        if default is _REQUIRED:
            raise SpecMissingKey(self.path(key))
        return default

    def integer(self, key: str, least: int, most: int, default: object = _REQUIRED) -> int:
        value = self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SpecWrongType(self.path(key), "a whole number", value)
        if not least <= value <= most:
            raise SpecOutOfRange(self.path(key), value, least, most)
        return value

    def text(self, key: str, default: object = _REQUIRED) -> str:
        value = self.raw(key, default)
        if not isinstance(value, str) or not value.strip():
            raise SpecWrongType(self.path(key), "some text", value)
        return value

    def one_of(self, key: str, allowed: Sequence[str], default: object = _REQUIRED) -> str:
        value = self.raw(key, default)
        if value not in allowed:
            raise SpecNotOneOf(self.path(key), value, allowed)
        return str(value)

    def digest(self, key: str, default: object = _REQUIRED) -> Digest:
        value = self.raw(key, default)
        if isinstance(value, bytes) and len(value) == 32:
            return Digest(value)
        try:
            return Digest(parse_hex(value, 32))
        except BadInput:
            want = "0x and 64 hexadecimal digits"
            raise SpecWrongType(self.path(key), want, value) from None

    def address(self, key: str, default: object = _REQUIRED) -> Address:
        value = self.raw(key, default)
        try:
            return address(value)
        except BadInput:
            want = "an address, 0x and 40 hexadecimal digits"
            raise SpecWrongType(self.path(key), want, value) from None

    def amount(self, key: str, most: int) -> Amount:
        """Base units, as a whole number or its decimal digits (JSON numbers end at 2**53)."""
        value = self.raw(key)
        digits = isinstance(value, str) and _DIGITS.fullmatch(value) is not None
        if isinstance(value, bool) or not (digits or isinstance(value, int)):
            raise SpecWrongType(self.path(key), "base units as decimal digits", value)
        number = int(value)
        if not 0 <= number <= most:
            raise SpecOutOfRange(self.path(key), number, 0, most)
        return Amount(number)

    def number(self, key: str, default: object = _REQUIRED) -> int | float:
        return number(self.path(key), self.raw(key, default))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.raw(key)
        wrong = isinstance(value, str) or not isinstance(value, Sequence) or not value
        if wrong or not all(isinstance(item, str) and item for item in value):
            raise SpecWrongType(self.path(key), "a list of names", value)
        return tuple(value)


def number(path: str, value: object) -> int | float:
    """Return a finite number; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecWrongType(path, "a number", value)
    # Whole numbers may be too big for a float; every range ends far below.
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecNotFinite(path)
    return value
