import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from compute_swarm.errors import (
    BlockTooLarge,
    BlockUnavailable,
    DagInvalid,
    PeerRefused,
    PeerUnreachable,
    TransferError,
)
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import errors_as_json, serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.storage.blocks import MemoryBlocks
from compute_swarm.storage.cid import Cid, Codec
from compute_swarm.storage.dag import read
from compute_swarm.storage.gateway import Gateway, anybody
from compute_swarm.storage.transfer import PeerSource, Progress, fetch
from compute_swarm.storage.unixfs import BLOCK_LIMIT, CHUNK, add_bytes, add_folder

DATA = bytes(range(256)) * (4096 * 6) + b"and a bit"  # seven leaves, six of them the same
VARIED = b"".join(bytes([n]) * CHUNK for n in range(12))
LIMIT = 64 * CHUNK


@dataclass
class ScriptedSource:
    """A source of this process that misbehaves as told."""

    blocks: MemoryBlocks
    name: str = "scripted"
    streams: int = 2
    spoil: Callable[[Cid, bytes], bytes] = lambda cid, block: block
    errors: list[TransferError] = field(default_factory=list)
    lacking: set[Cid] = field(default_factory=set)
    delay: float = 0.0
    served: list[Cid] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def block(self, cid: Cid) -> bytes:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        if self.errors:
            raise self.errors.pop()
        if cid in self.lacking or not self.blocks.has(cid):
            raise PeerRefused(self.name, 404, "transfer.unavailable", "")
        self.served.append(cid)
        return self.spoil(cid, self.blocks.get(cid))


@pytest.fixture
def origin():
    return MemoryBlocks()


@pytest.fixture
def store():
    return MemoryBlocks()


def flip(cid: Cid, block: bytes) -> bytes:
    return bytes([block[0] ^ 1]) + block[1:]


async def test_a_file_arrives_over_http_from_two_gateways(origin, store):
    added = add_bytes(VARIED, origin.put)
    app = web.Application(middlewares=[errors_as_json])
    app.add_routes(Gateway(origin, anybody).routes())
    loopback = Loopback()
    async with (
        serving(app, loopback) as url,
        Peer(url, loopback) as one,
        Peer(url, loopback) as other,
    ):
        progress = await fetch(added.cid, [PeerSource(one), PeerSource(other)], store, LIMIT)
    assert read(added.cid, store.get, LIMIT) == VARIED
    assert (progress.blocks, progress.fetched) == (13, added.total)


async def test_equal_blocks_are_fetched_once(origin, store):
    added = add_bytes(DATA, origin.put)
    source = ScriptedSource(origin)
    await fetch(added.cid, [source], store, LIMIT)
    assert read(added.cid, store.get, LIMIT) == DATA
    assert len(source.served) == len(set(source.served)) == 3


async def test_a_folder_arrives_whole(origin, store):
    file = add_bytes(VARIED, origin.put)
    folder = add_folder({"a": file, "b": add_folder({"c": file}, origin.put)}, origin.put)
    await fetch(folder.cid, [ScriptedSource(origin)], store, LIMIT)
    store.pin(folder.cid)
    assert set(store.list()) == set(origin.list())


async def test_what_is_there_already_is_not_fetched_again(origin, store):
    added = add_bytes(VARIED, origin.put)

    def stop_half_way(progress: Progress) -> None:
        if progress.blocks == 6:
            first.cancel()

    first = asyncio.create_task(
        fetch(added.cid, [ScriptedSource(origin)], store, LIMIT, stop_half_way)
    )
    with pytest.raises(asyncio.CancelledError):
        await first
    held = set(store.list())
    assert 6 <= len(held) < 13
    second = ScriptedSource(origin)
    await fetch(added.cid, [second], store, LIMIT)
    assert held.isdisjoint(second.served)
    assert read(added.cid, store.get, LIMIT) == VARIED


async def test_a_flipped_bit_is_refused_and_the_other_source_serves(origin, store):
    added = add_bytes(VARIED, origin.put)
    liar, honest = ScriptedSource(origin, "liar", spoil=flip), ScriptedSource(origin, "honest")
    await fetch(added.cid, [liar, honest], store, LIMIT)
    assert read(added.cid, store.get, LIMIT) == VARIED
    assert len(liar.served) <= liar.streams


async def test_only_liars_means_failure_and_an_empty_store(origin, store):
    added = add_bytes(VARIED, origin.put)
    with pytest.raises(BlockUnavailable):
        async with asyncio.timeout(5):  # wrong bytes are not waited out
            await fetch(added.cid, [ScriptedSource(origin, spoil=flip)], store, LIMIT)
    assert list(store.list()) == []


async def test_each_source_gives_what_it_has(origin, store):
    added = add_bytes(VARIED, origin.put)
    leaves = [cid for cid in origin.list() if cid.codec is Codec.RAW]
    left = ScriptedSource(origin, "left", lacking=set(leaves[:6]))
    right = ScriptedSource(origin, "right", lacking={added.cid, *leaves[6:]})
    await fetch(added.cid, [left, right], store, LIMIT)
    assert read(added.cid, store.get, LIMIT) == VARIED


async def test_a_block_that_nobody_has_ends_the_fetch(origin, store):
    added = add_bytes(VARIED, origin.put)
    lost = {next(origin.list())}
    sources = [ScriptedSource(origin, name, lacking=lost) for name in "ab"]
    with pytest.raises(BlockUnavailable) as caught:
        async with asyncio.timeout(5):
            await fetch(added.cid, sources, store, LIMIT)
    assert caught.value.asked == 2


async def test_a_block_lost_with_its_only_source_ends_the_fetch(origin, store):
    added = add_bytes(VARIED, origin.put)
    lost = {next(origin.list())}
    gone = [PeerUnreachable("gone", "reset")] * 1000
    sources = [ScriptedSource(origin, lacking=lost), ScriptedSource(origin, "gone", errors=gone)]
    with pytest.raises(BlockUnavailable):
        async with asyncio.timeout(10):
            await fetch(added.cid, sources, store, LIMIT, patience=1.0)


async def test_a_source_lost_with_another_block_ends_the_fetch_too(origin, store):
    added = add_bytes(VARIED, origin.put)
    lost = {list(origin.list())[6]}
    gone = [PeerUnreachable("gone", "reset")]
    store.put(added.cid, origin.get(added.cid))
    last = ScriptedSource(origin, "gone", streams=1, errors=gone, delay=0.3)
    sources = [last, ScriptedSource(origin, lacking=lost)]
    with pytest.raises(BlockUnavailable):
        async with asyncio.timeout(5):
            await fetch(added.cid, sources, store, LIMIT, patience=0)


async def test_a_source_that_comes_back_is_used_again(origin, store):
    added = add_bytes(VARIED, origin.put)
    restarts = [PeerUnreachable("peer", "reset")] * 3
    await fetch(added.cid, [ScriptedSource(origin, errors=restarts)], store, LIMIT)
    assert read(added.cid, store.get, LIMIT) == VARIED


async def test_no_source_is_unavailable(origin, store):
    added = add_bytes(VARIED, origin.put)
    with pytest.raises(BlockUnavailable):
        await fetch(added.cid, [], store, LIMIT)


async def test_more_than_the_limit_is_not_taken(origin, store):
    added = add_bytes(VARIED, origin.put)
    with pytest.raises(BlockTooLarge):
        await fetch(added.cid, [ScriptedSource(origin)], store, added.total - 1)


async def test_a_block_over_the_block_limit_is_not_taken(origin, store):
    big = bytes(BLOCK_LIMIT + 1)
    cid = Cid.of(Codec.RAW, big)
    origin.put(cid, big)
    with pytest.raises(BlockUnavailable):
        await fetch(cid, [ScriptedSource(origin)], store, LIMIT)


async def test_a_node_that_is_no_unixfs_ends_the_fetch(origin, store):
    block = b"not a node"
    cid = Cid.of(Codec.DAG_PB, block)
    origin.put(cid, block)
    with pytest.raises(DagInvalid):
        await fetch(cid, [ScriptedSource(origin)], store, LIMIT)
    assert list(store.list()) == []


async def test_a_source_is_not_asked_for_more_at_once_than_it_allows(origin, store):
    added = add_bytes(VARIED, origin.put)
    source = ScriptedSource(origin, streams=3, delay=0.01)
    await fetch(added.cid, [source], store, LIMIT)
    assert source.most_at_once == 3


async def test_the_faster_source_gives_more(origin, store):
    added = add_bytes(VARIED, origin.put)
    slow, fast = ScriptedSource(origin, "slow", delay=0.3), ScriptedSource(origin, "fast")
    await fetch(added.cid, [slow, fast], store, LIMIT)
    assert len(slow.served) < len(fast.served)
