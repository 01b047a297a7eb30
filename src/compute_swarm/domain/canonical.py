"""Canonical JSON (RFC 8785): the form of whatever is hashed as a document."""

import math
from collections.abc import Mapping

import rfc8785


def canonical(document: Mapping[str, object]) -> bytes:
    return rfc8785.dumps(_plain(document))  # type: ignore[arg-type]


def _plain(value: object) -> object:
    """Turn tuples and subclasses (StrEnum, Amount, numpy's float64) into plain JSON values."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise TypeError(f"{value!r} has no canonical form")
