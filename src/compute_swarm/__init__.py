"""compute-swarm: LoRA hyper-parameter sweeps on a market of GPU owners, settled by contract.

The names below are fetched when first asked for (PEP 562), so that `import compute_swarm`
costs milliseconds and pulls in neither torch, web3 nor NiceGUI.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compute_swarm.sdk import AsyncSwarm, Swarm, Sweep, choice, connect, log, uniform

    __version__: str

__all__ = [
    "AsyncSwarm",
    "Swarm",
    "Sweep",
    "__version__",
    "choice",
    "connect",
    "log",
    "uniform",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return version("compute-swarm")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("compute_swarm.sdk"), name)


def __dir__() -> list[str]:
    return __all__
