"""All the contracts' events so far, kept in memory and caught up when asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import EventCursor
from compute_swarm.chain.cursor_store import Mark, SqliteCursorStore
from compute_swarm.chain.events import Event


@dataclass(frozen=True, slots=True)
class Past:
    """All events up to a block, and that block's time; 0 where no backend tells it."""

    events: tuple[Event, ...]
    time: int


class History:
    """One connection's view of the past; reorganised blocks leave it again."""

    def __init__(self, contracts: Contracts) -> None:
        deployment = contracts.deployment
        self._rpc = contracts.rpc
        self._store = SqliteCursorStore(Path(":memory:"), "history")
        self._cursor = EventCursor(
            contracts.rpc, tuple(deployment.contracts.values()), self._store, deployment.block
        )
        self._events: list[Event] = []
        self._turn = asyncio.Lock()

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
            behind = 1
            while behind:
                batch = await self._cursor.read()
                gone = {event.place for event in batch.removed}
                kept = [event for event in self._events if event.place not in gone]
                self._events = [*kept, *batch.added]
                self._cursor.done(batch)
                behind = batch.behind
            marks = self._store.marks()
            return tuple(self._events), marks[0] if marks else None
