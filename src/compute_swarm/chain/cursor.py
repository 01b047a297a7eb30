"""Reading events in order, over restarts and reorganisations: at least once, none left out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from compute_swarm.chain.cursor_store import CursorStore, Mark
from compute_swarm.chain.events import Event, decode_all
from compute_swarm.chain.rpc import Block, Log, Rpc
from compute_swarm.domain.ids import Address
from compute_swarm.errors import RpcUnavailable

SPAN: Final = 2_000  # blocks a request; public RPCs refuse more
_TRIES: Final = 5
_LONGEST_PAUSE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened since the last batch: `removed` is to be undone first, in its order."""

    removed: tuple[Event, ...]  # newest first
    added: tuple[Event, ...]
    ancestor: int  # the last block that both tellings share
    marks: tuple[Mark, ...]
    logs: tuple[Log, ...]
    behind: int  # blocks still to be read

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


class EventCursor:
    """Follows some contracts from a block on and remembers its place.

    `read` stores nothing; `done` does, once the batch was dealt with. A consumer that is stopped
    in between is told the same events again, so it has to be able to hear an event twice.
    """

    def __init__(
        self, rpc: Rpc, contracts: Sequence[Address], store: CursorStore, first_block: int = 0
    ) -> None:
        self._rpc = rpc
        self._contracts = tuple(contracts)
        self._store = store
        self._first = first_block

    async def read(self) -> Batch:
        """The events after the stored place, as one consistent view of the chain."""
        for _ in range(_TRIES):
            batch = await self._try_to_read()
            if batch is not None:
                return batch
        raise RpcUnavailable(self._rpc.url)

    def done(self, batch: Batch) -> None:
        """Store the place after a batch."""
        if batch.marks:
            self._store.apply(batch.ancestor, batch.marks, batch.logs)

    async def follow(self, pause: float = 1.0) -> AsyncIterator[Batch]:
        """All batches that hold something, for ever; each counts as done when the next is asked.

        A lost connection is waited out here: the place is stored, so nothing is missed.
        """
        wait = pause
        while True:
            try:
                batch = await self.read()
            except RpcUnavailable:
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_PAUSE_S)
                continue
            wait = pause
            if batch:
                yield batch
            self.done(batch)
            if not batch.behind:
                await asyncio.sleep(pause)

    async def _try_to_read(self) -> Batch | None:
        """None where the chain was reorganised while it was read."""
        head = await self._rpc.head()
        ancestor = await self._common_ancestor()
        last = min(head.number, ancestor + SPAN)
        end = head if last == head.number else await self._rpc.block(last)
        if end is None:
            return None
        logs = await self._logs(ancestor + 1, last)
        again = await self._rpc.block(last)
        if again is None or again.hash != end.hash:
            return None
        return Batch(
            removed=decode_all(self._store.logs_above(ancestor)),
            added=decode_all(logs),
            ancestor=ancestor,
            marks=self._new_marks(end, logs),
            logs=logs,
            behind=head.number - last,
        )

    async def _logs(self, first: int, last: int) -> tuple[Log, ...]:
        return await self._rpc.logs(self._contracts, first, last) if first <= last else ()

    async def _common_ancestor(self) -> int:
        """The newest block read that is still on the chain, else the one before the first."""
        for mark in self._store.marks():
            block = await self._rpc.block(mark.number)
            if block is not None and block.hash == mark.hash:
                return mark.number
        return self._first - 1

    def _new_marks(self, end: Block, logs: Sequence[Log]) -> tuple[Mark, ...]:
        place = Mark(end.number, end.hash)
        if end.number < self._first or self._store.marks()[:1] == (place,):
            return ()
        found = {log.block_number: log.block_hash for log in logs} | {end.number: end.hash}
        return tuple(Mark(number, block_hash) for number, block_hash in found.items())


async def history(
    rpc: Rpc, contracts: Sequence[Address], first: int, last: int
) -> tuple[Event, ...]:
    """All events of a closed range of blocks, in the chain's order."""
    logs: list[Log] = []
    for start in range(first, last + 1, SPAN):
        logs += await rpc.logs(contracts, start, min(start + SPAN - 1, last))
    return decode_all(logs)
