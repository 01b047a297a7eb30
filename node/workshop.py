"""Heavy work in a process of its own: only there is torch loaded, and killing it loses nothing.

The job goes in as one JSON object on standard input, which then stays open: its end tells the
worker that its node is gone. Events come back as JSON lines.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from compute_swarm.errors import WorkerFailed

WORKER: Final = ("-m", "compute_swarm.node.worker")  # Python's arguments
LINE_LIMIT: Final = 64 * 2**20  # of one event; an examination's findings are the longest
STOP_SECONDS: Final = 20.0  # for a worker to reach the end of a segment
_SECRETS: Final = ("SWARM_PRIVATE_KEY", "SWARM_KEYSTORE", "SWARM_PASSWORD", "SWARM_PASSWORD_FILE")
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Document = dict[str, Any]


class Job:
    """One running worker. Leave the block early and it is ended."""

    def __init__(
        self, document: Mapping[str, Any], log: Path, worker: Sequence[str] = WORKER
    ) -> None:
        self._document = document
        self._log = log
        self._worker = tuple(worker)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def __aenter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._worker),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_LIMIT,
                env=worker_environment(os.environ),
            )
        self._write(json.dumps(self._document))
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._close_input()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def stop(self) -> None:
        """Ask for what is done by the end of the current segment."""
        with suppress(OSError):  # it may have ended by itself just now
            self._write("stop")

    async def events(self) -> AsyncIterator[Document]:
        """Yield what the worker reports; raises `WorkerFailed` where it did not finish."""
        process = self._running()
        assert process.stdout is not None
        done = False
        while line := await process.stdout.readline():
            event: Document = json.loads(line)
            if event["event"] == "failed":
                raise WorkerFailed(event["code"], event["sentence"])
            done = done or event["event"] == "done"
            yield event
        status = await process.wait()
        if not done:
            raise WorkerFailed(f"exit status {status}", f"its log is {self._log.name}")

    async def result(self, seconds: float | None = None) -> Document:
        """Wait for the end and return the last event; a worker that takes longer is killed."""
        last: Document = {}
        try:
            async with asyncio.timeout(seconds):
                async for event in self.events():
                    last = event
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._running().kill()
            await self._running().wait()
            raise WorkerFailed("timeout", f"not done after {seconds} s") from None
        return last

    def _write(self, line: str) -> None:
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(line.encode() + b"\n")

    def _close_input(self) -> None:
        process = self._running()
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "enter the job first"
        return self._process


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with one thread and without the node's keys, which no job needs."""
    kept = {name: value for name, value in environ.items() if name not in _SECRETS}
    return kept | dict.fromkeys(_ONE_THREAD, "1")


def worker_log(home: Path) -> Path:
    return home / "worker.log"
