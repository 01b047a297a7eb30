"""The demo's cheater: a real seller whose worker saves half of the work and reports all of it.

`python -m compute_swarm.node.demo_cheater` with `SWARM_DEMO_CHEAT=half-tokens`, or, for a rung,
`other-start`. Nothing else in the
program knows of it; an honest node has no such setting.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from compute_swarm.domain import wire
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.packing import TrialKey
from compute_swarm.errors import SettingWrong
from compute_swarm.node import agent
from compute_swarm.node.worker import JOBS, Document, Emit, serve, train
from compute_swarm.verifier.layout import start_file

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


def other_start(job: Document, emit: Emit, stop: Event) -> Document:
    """Begin a rung from a state of its own choice, and report that one as its start."""
    from compute_swarm.engine.state import State

    for start in job["starts"]:
        key, end = wire.decode(TrialKey, start["key"]), start["boundary"]
        path = start_file(Path(job["folder"]), key)
        if path.exists():
            state = State.from_bytes(path.read_bytes())
            own = replace(state, m={name: 0 * moment for name, moment in state.m.items()})
            path.write_bytes(own.to_bytes())
            end["digest"] = hex32(own.digest(end["k"]))
    return train(job, emit, stop)


CHEATS: Final[Mapping[str, Callable[[Document, Emit, Event], Document]]] = {
    "half-tokens": partial(train, variant=half_tokens),
    "other-start": other_start,
}


def chosen() -> Callable[[Document, Emit, Event], Document]:
    name = os.environ.get(VARIABLE, "")
    if name not in CHEATS:
        raise SettingWrong(VARIABLE, name, f"one of {', '.join(CHEATS)}")
    return CHEATS[name]


def main() -> None:
    if sys.argv[1:] == ["worker"]:
        sys.exit(serve({**JOBS, "train": chosen()}))
    chosen()
    agent.main(WORKER)


if __name__ == "__main__":
    main()
