"""Swarm Transfer Protocol: fetch a DAG from several peers, none of which is trusted.

The root comes first and says what to fetch next. Workers pull from one queue, so a slow source
simply takes fewer blocks. A block is stored only after its hash was checked; what the store holds
already is not fetched again, which is all that resuming needs.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from compute_swarm.errors import (
    AnswerTooLarge,
    BlockCorrupt,
    BlockTooLarge,
    BlockUnavailable,
    PeerRefused,
    TransferError,
)
from compute_swarm.mesh.peer import Peer
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import children
from compute_swarm.storage.unixfs import BLOCK_LIMIT

STREAMS: Final = 4  # a source; more of them help on no path, and hurt on a relayed one
STREAMS_RELAYED: Final = 1
BLOCK_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 20.0  # with a source that only fails; a tunnel restarts in less
PAUSE_SECONDS: Final = 0.5  # of a worker after a failure
LACKING: Final = (403, 404, 410)


class Source(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def streams(self) -> int:
        """How many blocks to ask for at once."""

    async def block(self, cid: Cid) -> bytes:
        """Return what the source has under this CID, of at most BLOCK_LIMIT bytes, unchecked."""


@dataclass(frozen=True, slots=True)
class PeerSource:
    """A node's or coordinator's gateway."""

    peer: Peer
    streams: int = STREAMS

    @property
    def name(self) -> str:
        return self.peer.url

    async def block(self, cid: Cid) -> bytes:
        return await self.peer.get_bytes(f"/ipfs/{cid}", BLOCK_LIMIT, {"format": "raw"})


@dataclass(frozen=True, slots=True)
class Progress:
    blocks: int  # stored by this fetch or before it
    fetched: int  # bytes that came over the network
    known: int  # blocks found so far to belong to the DAG


Report = Callable[[Progress], None]


async def fetch(
    root: Cid,
    sources: Sequence[Source],
    blocks: BlockStore,
    limit: int,
    report: Report | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Progress:
    """Bring every block below `root` into the store, `limit` bytes at most; the caller pins it."""
    desks = [_Desk(number, source, patience) for number, source in enumerate(sources)]
    work = _Work(root, desks, blocks, limit, report)
    await work.enter(root)
    async with asyncio.TaskGroup() as group:
        for desk in desks:
            for _ in range(desk.source.streams):
                group.create_task(_serve(desk, work))
    if work.failure is not None:
        raise work.failure
    if work.open:
        raise BlockUnavailable(str(root), len(sources))
    return work.progress()


@dataclass(slots=True)
class _Desk:
    """One source and how it behaves, shared by its workers."""

    number: int
    source: Source
    patience: float
    closed: bool = False
    failing_since: float | None = None

    def succeeded(self) -> None:
        self.failing_since = None

    def failed(self, error: TransferError) -> None:
        now = time.monotonic()
        if self.failing_since is None:
            self.failing_since = now
        # Wrong bytes are no accident of the network.
        wrong = isinstance(error, BlockCorrupt | AnswerTooLarge)
        self.closed = self.closed or wrong or now - self.failing_since >= self.patience


@dataclass(slots=True)
class _Work:
    """What is left to fetch. `open` are the blocks not stored yet, queued or at a worker."""

    root: Cid
    desks: Sequence[_Desk]
    blocks: BlockStore
    limit: int
    report: Report | None
    queue: deque[Cid] = field(default_factory=deque)
    open: set[Cid] = field(default_factory=set)
    known: set[Cid] = field(default_factory=set)
    lacking: dict[Cid, set[int]] = field(default_factory=dict)  # which desks don't have a block
    bytes_held: int = 0
    bytes_fetched: int = 0
    failure: TransferError | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def progress(self) -> Progress:
        return Progress(len(self.known) - len(self.open), self.bytes_fetched, len(self.known))

    async def enter(self, root: Cid) -> None:
        """Take up a block and, as far as the store has it, all that is below it."""
        waiting = [root]
        while waiting:
            cid = waiting.pop()
            if cid in self.known:
                continue
            self.known.add(cid)
            held = await asyncio.to_thread(self._held, cid)
            if held is None:
                self.open.add(cid)
                self.queue.append(cid)
            else:
                self._count(len(held))
                waiting.extend(reversed(children(cid, held)))

    async def stored(self, cid: Cid, block: bytes) -> None:
        self._count(len(block))
        self.bytes_fetched += len(block)
        below = children(cid, block)
        await asyncio.to_thread(self.blocks.put, cid, block)
        for child in below:
            await self.enter(child)
        self.open.discard(cid)
        if self.report is not None:
            self.report(self.progress())
        await self._wake()

    async def missed(self, cid: Cid, desk: _Desk, error: TransferError) -> None:
        """Put the block back for the other sources, unless none is left."""
        if _lacks(error):
            self.lacking.setdefault(cid, set()).add(desk.number)
        else:
            desk.failed(error)
        self.queue.appendleft(cid)
        for waiting in list(self.queue) if desk.closed else [cid]:
            if not any(self._serves(other, waiting) for other in self.desks):
                self.failure = BlockUnavailable(str(waiting), len(self.desks))
        await self._wake()

    async def fail(self, error: TransferError) -> None:
        self.failure = error
        await self._wake()

    async def next(self, desk: _Desk) -> Cid | None:
        """Return a block for this source, or None once there is nothing more for it to do."""
        async with self.changed:
            while self.open and self.failure is None and not desk.closed:
                for cid in self.queue:
                    if self._serves(desk, cid):
                        self.queue.remove(cid)
                        return cid
                await self.changed.wait()
        return None

    def _serves(self, desk: _Desk, cid: Cid) -> bool:
        return not desk.closed and desk.number not in self.lacking.get(cid, ())

    def _held(self, cid: Cid) -> bytes | None:
        try:
            return self.blocks.get(cid) if self.blocks.has(cid) else None
        except BlockUnavailable:  # torn on disk
            return None

    def _count(self, size: int) -> None:
        self.bytes_held += size
        if self.bytes_held > self.limit:
            raise BlockTooLarge(str(self.root), self.limit)

    async def _wake(self) -> None:
        async with self.changed:
            self.changed.notify_all()


async def _serve(desk: _Desk, work: _Work) -> None:
    while (cid := await work.next(desk)) is not None:
        try:
            block = await _checked(desk.source, cid)
        except TransferError as error:
            await work.missed(cid, desk, error)
            if not _lacks(error):
                await asyncio.sleep(PAUSE_SECONDS)
            continue
        desk.succeeded()
        try:
            await work.stored(cid, block)
        except TransferError as error:
            await work.fail(error)


def _lacks(error: TransferError) -> bool:
    return isinstance(error, PeerRefused) and error.status in LACKING


async def _checked(source: Source, cid: Cid) -> bytes:
    try:
        async with asyncio.timeout(BLOCK_SECONDS):
            block = await source.block(cid)
    except TimeoutError:
        raise BlockUnavailable(str(cid), 1) from None
    if len(block) > BLOCK_LIMIT or not cid.matches(block):
        raise BlockCorrupt(str(cid), source.name)
    return block
