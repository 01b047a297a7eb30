"""How a notebook writes a search space: `{"lr": log(1e-5, 1e-3), "r": [4, 8, 16]}`."""

from collections.abc import Mapping
from typing import Any


def log(low: float, high: float) -> dict[str, Any]:
    """Return a range whose logarithm is searched evenly: right for learning rates."""
    return {"log": [low, high]}


def uniform(low: float, high: float) -> dict[str, Any]:
    """Return a range that is searched evenly."""
    return {"uniform": [low, high]}


def choice(*options: float) -> dict[str, Any]:
    """Return a list to choose from; a plain list means the same."""
    return {"choice": list(options)}


def space_document(space: Mapping[str, Any]) -> dict[str, Any]:
    """Return the space as a spec's document has it."""
    return {
        name: choice(*values) if isinstance(values, list | tuple) else values
        for name, values in space.items()
    }
