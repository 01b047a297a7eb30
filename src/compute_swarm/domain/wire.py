"""Frozen dataclasses as JSON between parties: bytes as 0x, amounts as decimal strings.

Reading is strict, since the other side is a stranger: unknown or missing keys, a digest of the
wrong length, a number too wide for the contract or a wrong type are DocumentInvalid with the
place. What is read can thus be hashed and encoded without another check.
"""

import dataclasses
import enum
import struct
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from compute_swarm.domain.ids import (
    Address,
    AwardId,
    ClassId,
    CommitId,
    DemandId,
    Digest,
    DisputeId,
    SessionId,
    SweepId,
    address,
    hex32,
    parse_hex,
)
from compute_swarm.domain.money import Amount
from compute_swarm.errors import BadInput, DocumentInvalid

T = TypeVar("T")

_HASHES = (AwardId, ClassId, CommitId, DemandId, Digest, DisputeId, SessionId, SweepId)
_MOST_DIGITS = 78  # of a uint256


@dataclasses.dataclass(frozen=True, slots=True)
class Bits:
    """Width of an unsigned number on chain, as in `Annotated[int, Bits(16)]`."""

    count: int


def encode(value: Any) -> Any:
    """Return JSON values; a float that JSON lacks (NaN, infinity) as its IEEE bits."""
    match value:
        case tuple() | list():
            return [encode(item) for item in value]
        case Mapping():
            return {str(key): encode(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: encode(getattr(value, name)) for name in names}
    return _encode_scalar(value)


def decode(kind: type[T], document: object, path: str = "") -> T:
    """Return a `kind` (a dataclass) as `encode` wrote it."""
    if not isinstance(document, Mapping):
        raise DocumentInvalid(path, f"an object of {kind.__name__}")
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in document:
        if key not in fields:
            raise DocumentInvalid(_join(path, str(key)[:80]), f"a key of {kind.__name__}")
    values = {}
    for name, field in fields.items():
        if name in document:
            values[name] = _value(hints[name], document[name], _join(path, name))
        elif field.default is dataclasses.MISSING:
            raise DocumentInvalid(_join(path, name), "present")
    return kind(**values)


def _encode_scalar(value: Any) -> Any:
    match value:
        case bytes():
            return hex32(value)
        case Amount():
            return str(int(value))
        case enum.Enum():
            return value.value
        case float() if value - value != 0:
            return hex32(struct.pack(">d", value))
        case _:
            return value


def _value(hint: Any, raw: object, path: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        kind, bits = typing.get_args(hint)
        return _bounded(_value(kind, raw, path), bits, path)
    if origin is tuple:
        return _items(typing.get_args(hint)[0], raw, path)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (arg for arg in typing.get_args(hint) if arg is not type(None))
        return None if raw is None else _value(inner, raw, path)
    if dataclasses.is_dataclass(hint):
        return decode(typing.cast("type[Any]", hint), raw, path)
    try:
        return _scalar(hint, raw)
    except (BadInput, ValueError, TypeError, OverflowError):
        name = getattr(hint, "__name__", str(hint))
        raise DocumentInvalid(path, f"a value of {name}") from None


def _items(hint: Any, raw: object, path: str) -> tuple[Any, ...]:
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        raise DocumentInvalid(path, "a list")
    return tuple(_value(hint, item, f"{path}[{at}]") for at, item in enumerate(raw))


def _bounded(value: int, bits: Bits, path: str) -> int:
    if not 0 <= value < 1 << bits.count:
        raise DocumentInvalid(path, f"an unsigned number of {bits.count} bits")
    return value


def _scalar(hint: Any, raw: Any) -> Any:
    if hint in _HASHES:
        return parse_hex(raw, 32)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(raw)
    reader = _READERS.get(hint)
    if reader is not None:
        return reader(raw)
    if isinstance(raw, hint) and (hint is bool or not isinstance(raw, bool)):
        return raw
    raise TypeError


def _amount(raw: object) -> Amount:
    if not isinstance(raw, str) or not (raw.isascii() and raw.isdigit()):
        raise TypeError
    if len(raw) > _MOST_DIGITS:
        raise OverflowError
    return Amount(raw)


def _float(raw: object) -> float:
    if isinstance(raw, str):
        return float(struct.unpack(">d", parse_hex(raw, 8))[0])
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise TypeError
    return float(raw)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


_READERS: Mapping[Any, Any] = {
    bytes: parse_hex,
    Address: address,
    Amount: _amount,
    float: _float,
}
