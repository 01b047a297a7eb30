"""All the contracts' events so far, caught up when asked and kept over restarts."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import EventCursor
from compute_swarm.chain.cursor_store import Mark, SqliteCursorStore
from compute_swarm.chain.events import Event, decode_all

TOLD_S: Final = 3.0  # between two words on how far a long reading is

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """All events up to a block, and that block's time; 0 where no backend tells it."""

    events: tuple[Event, ...]
    time: int


class History:
    """One connection's view of the past; reorganised blocks leave it again.

    In a file it outlives the program, and several may share it: whoever finds that another one
    has read on meanwhile takes over what is there.
    """

    def __init__(self, contracts: Contracts, file: Path = Path(":memory:")) -> None:
        deployment = contracts.deployment
        self._rpc = contracts.rpc
        name = f"{deployment.chain_id}:{deployment.market}"
        self._store = SqliteCursorStore(file, name, whole=True)
        self._cursor = EventCursor(
            contracts.rpc, tuple(deployment.contracts.values()), self._store, deployment.block
        )
        self._turn = asyncio.Lock()
        self._events: list[Event] = []
        self._version = -1  # of the file, as it was when it was taken over

    async def events(self) -> Sequence[Event]:
        """Return every event up to the newest block."""
        return (await self._caught_up())[0]

    async def past(self) -> Past:
        """Return the events with the time that they go up to, which may lag behind the head's."""
        events, last = await self._caught_up()
        block = None if last is None else await self._rpc.block(last.number)
        same = block is not None and last is not None and block.hash == last.hash
        return Past(events, block.time if block is not None and same else 0)

    async def _caught_up(self) -> tuple[tuple[Event, ...], Mark | None]:
        async with self._turn:
            behind, told_at = 1, time.monotonic() + TOLD_S
            while behind:
                batch = await self._cursor.read()
                if self._version != (version := self._store.version()):
                    self._events = list(decode_all(reversed(self._store.logs_above(-1))))
                    self._version = version
                    continue
                gone = {event.place for event in batch.removed}
                kept = [event for event in self._events if event.place not in gone]
                self._events = [*kept, *batch.added]
                self._cursor.done(batch)
                behind = batch.behind
                if behind and time.monotonic() >= told_at:
                    log.info("reading the chain's events: %d blocks to go", behind)
                    told_at = time.monotonic() + TOLD_S
            marks = self._store.marks()
            return tuple(self._events), marks[0] if marks else None

    def close(self) -> None:
        self._store.close()
