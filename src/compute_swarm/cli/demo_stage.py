"""The demo's processes: started with a log each, ended by their ids whatever happens."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from compute_swarm.errors import DemoFailed

END_S: Final = 10.0  # for a process to end by itself once it is asked to

# What a person's own settings must not do to the demo's processes.
_FOREIGN: Final = ("SWARM_", "PYTEST_")


@dataclass(slots=True)
class Actor:
    """One process with its name and log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def last_words(self, lines: int = 5) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(slots=True)
class Stage:
    """All processes of a demo. Leaving the block ends every one that still runs."""

    logs: Path
    actors: list[Actor] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.end(self.actors)

    def start(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> Actor:
        """Start `python -m module …` with these variables beside the ordinary ones."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                env=_ordinary(os.environ) | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C is ours to pass on, in order
            )
        actor = Actor(name, process, log)
        self.actors.append(actor)
        return actor

    def check(self) -> None:
        """Refuse to go on where a process has died."""
        for actor in self.actors:
            if not actor.running:
                raise DemoFailed(f"{actor.name} ended early", actor.last_words())

    def end(self, actors: Sequence[Actor]) -> None:
        """Ask the processes to end, wait, and kill those that do not."""
        for actor in actors:
            if actor.running:
                _signal_group(actor, signal.SIGTERM)
        for actor in actors:
            try:
                actor.process.wait(END_S)
            except subprocess.TimeoutExpired:
                _signal_group(actor, signal.SIGKILL)
                actor.process.wait(END_S)
        self.actors = [actor for actor in self.actors if actor not in actors]

    async def end_quietly(self, actors: Sequence[Actor]) -> None:
        await asyncio.to_thread(self.end, actors)


def _signal_group(actor: Actor, number: signal.Signals) -> None:
    """A node's workers are of its process group, so none is left behind."""
    try:
        os.killpg(actor.process.pid, number)
    except ProcessLookupError:
        return


def _ordinary(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: v for name, v in environment.items() if not name.startswith(_FOREIGN)}
