"""All the contracts' events so far, kept in memory and caught up when asked."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import EventCursor
from compute_swarm.chain.cursor_store import SqliteCursorStore
from compute_swarm.chain.events import Event


class History:
    """One connection's view of the past; reorganised blocks leave it again."""

    def __init__(self, contracts: Contracts) -> None:
        deployment = contracts.deployment
        store = SqliteCursorStore(Path(":memory:"), "history")
        self._cursor = EventCursor(
            contracts.rpc, tuple(deployment.contracts.values()), store, deployment.block
        )
        self._events: list[Event] = []
        self._turn = asyncio.Lock()

    async def events(self) -> Sequence[Event]:
        """Return every event up to the newest block."""
        async with self._turn:
            behind = 1
            while behind:
                batch = await self._cursor.read()
                gone = {event.place for event in batch.removed}
                kept = [event for event in self._events if event.place not in gone]
                self._events = [*kept, *batch.added]
                self._cursor.done(batch)
                behind = batch.behind
            return tuple(self._events)
