"""What a buyer's program uses.

`connect` opens a network; `Swarm` and `Sweep` are for notebooks and scripts, `AsyncSwarm` and
`AsyncSweep` the same for programs with an event loop. Names are fetched when first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compute_swarm.sdk.facade import Swarm, Sweep, connect
    from compute_swarm.sdk.space import choice, log, uniform
    from compute_swarm.sdk.swarm import AsyncSwarm
    from compute_swarm.sdk.sweep import AsyncSweep

_HOMES = {
    "AsyncSwarm": "swarm",
    "AsyncSweep": "sweep",
    "Swarm": "facade",
    "Sweep": "facade",
    "choice": "space",
    "connect": "facade",
    "log": "space",
    "uniform": "space",
}

__all__ = [
    "AsyncSwarm",
    "AsyncSweep",
    "Swarm",
    "Sweep",
    "choice",
    "connect",
    "log",
    "uniform",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"compute_swarm.sdk.{_HOMES[name]}"), name)
