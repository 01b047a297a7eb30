"""The demo's cheater: a real seller whose worker saves half of the work and reports all of it.

`python -m compute_swarm.node.demo_cheater` with `SWARM_DEMO_CHEAT=half-tokens`. Nothing else in the
program knows of it; an honest node has no such setting.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from compute_swarm.errors import SettingWrong
from compute_swarm.node import agent
from compute_swarm.node.worker import JOBS, serve, train

if TYPE_CHECKING:
    from compute_swarm.engine.data import TokenSet

VARIABLE: Final = "SWARM_DEMO_CHEAT"
WORKER: Final = ("-m", "compute_swarm.node.demo_cheater", "worker")


def half_tokens(tokens: "TokenSet") -> "TokenSet":
    """Cut every training row to its first half: each step costs half, and looks the same."""
    rows = tokens.train
    half = rows.ids.shape[1] // 2
    return replace(
        tokens, train=replace(rows, ids=rows.ids[:, :half], labels=rows.labels[:, :half])
    )


CHEATS: Final[Mapping[str, Callable[["TokenSet"], "TokenSet"]]] = {"half-tokens": half_tokens}


def chosen() -> Callable[["TokenSet"], "TokenSet"]:
    name = os.environ.get(VARIABLE, "")
    if name not in CHEATS:
        raise SettingWrong(VARIABLE, name, f"one of {', '.join(CHEATS)}")
    return CHEATS[name]


def main() -> None:
    if sys.argv[1:] == ["worker"]:
        sys.exit(serve({**JOBS, "train": partial(train, variant=chosen())}))
    chosen()
    agent.main(WORKER)


if __name__ == "__main__":
    main()
