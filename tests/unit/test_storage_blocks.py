import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from compute_swarm.errors import (
    BlockCorrupt,
    BlockTooLarge,
    BlockUnavailable,
    DagInvalid,
    NotAllowed,
)
from compute_swarm.storage.blocks import DiskBlocks, MemoryBlocks
from compute_swarm.storage.cid import Cid, Codec
from compute_swarm.storage.dag import export, read, walk
from compute_swarm.storage.unixfs import (
    CHUNK,
    Added,
    Kind,
    Link,
    Node,
    Put,
    add_bytes,
    add_folder,
    add_path,
    encode,
)

DATA = b"0123456789abcdef" * (5 * CHUNK // 32)  # two chunks and a half
LEAF = b"a block"
CID = Cid.of(Codec.RAW, LEAF)


@pytest.fixture(params=["memory", "disk"])
def blocks(request, tmp_path):
    if request.param == "memory":
        yield MemoryBlocks()
    else:
        store = DiskBlocks(tmp_path / "store", garbage_seconds=-1)
        yield store
        store.close()


def test_a_block_put_is_got(blocks):
    blocks.put(CID, LEAF)
    assert blocks.has(CID)
    assert blocks.get(CID) == LEAF
    assert list(blocks.list()) == [CID]


def test_a_wrong_block_is_not_kept(blocks):
    with pytest.raises(BlockCorrupt):
        blocks.put(CID, b"another")
    assert not blocks.has(CID)


def test_a_missing_block_is_unavailable(blocks):
    with pytest.raises(BlockUnavailable):
        blocks.get(CID)


def test_garbage_is_what_no_pin_holds(blocks):
    kept, dropped = add_bytes(DATA, blocks.put), add_bytes(b"x" * CHUNK, blocks.put)
    blocks.pin(kept.cid)
    assert blocks.collect_garbage() == CHUNK
    assert not blocks.has(dropped.cid)
    assert read(kept.cid, blocks.get, len(DATA)) == DATA


def test_content_of_two_pins_stays_until_both_are_gone(blocks):
    file = add_bytes(DATA, blocks.put)
    folder = add_folder({"copy": file}, blocks.put)
    blocks.pin(file.cid)
    blocks.pin(folder.cid)
    assert set(blocks.holders(file.cid)) == {file.cid, folder.cid}
    blocks.unpin(file.cid)
    blocks.collect_garbage()
    assert blocks.has(file.cid)
    blocks.unpin(folder.cid)
    blocks.collect_garbage()
    assert list(blocks.list()) == []


def test_a_pinned_block_is_not_removed(blocks):
    blocks.put(CID, LEAF)
    blocks.pin(CID)
    with pytest.raises(NotAllowed):
        blocks.remove(CID)
    blocks.unpin(CID)
    blocks.remove(CID)
    assert not blocks.has(CID)


def test_an_incomplete_dag_cannot_be_pinned(blocks):
    file = add_bytes(DATA, blocks.put)
    leaf = list(walk(file.cid, blocks.get))[-1]
    blocks.remove(leaf)
    with pytest.raises(BlockUnavailable):
        blocks.pin(file.cid)
    assert blocks.holders(file.cid) == ()


def test_a_folder_comes_out_as_it_went_in(blocks, tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.bin").write_bytes(DATA)
    (tmp_path / "in" / "sub" / "empty").write_bytes(b"")
    added = add_path(tmp_path / "in", blocks.put)
    assert export(added.cid, blocks.get, tmp_path / "out", len(DATA)) == len(DATA)
    assert (tmp_path / "out" / "a.bin").read_bytes() == DATA
    assert (tmp_path / "out" / "sub" / "empty").read_bytes() == b""


def test_an_export_over_the_limit_leaves_nothing(blocks, tmp_path):
    added = add_folder({"a": add_bytes(DATA, blocks.put)}, blocks.put)
    with pytest.raises(BlockTooLarge):
        export(added.cid, blocks.get, tmp_path / "out" / "x", len(DATA) - 1)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_of_folders_of_the_same_does_not_fill_the_disk(blocks, tmp_path):
    folder = add_folder({}, blocks.put)
    for _ in range(20):
        folder = add_folder({f"{n:02}": folder for n in range(10)}, blocks.put)
    with pytest.raises(BlockTooLarge):
        export(folder.cid, blocks.get, tmp_path / "out", 1)


def test_a_chain_of_folders_ends(blocks, tmp_path):
    folder = add_folder({}, blocks.put)
    for _ in range(100):
        folder = add_folder({"d": folder}, blocks.put)
    with pytest.raises(DagInvalid):
        export(folder.cid, blocks.get, tmp_path / "out", 1)


def lying_file(blocks: MemoryBlocks | DiskBlocks, claimed: int) -> Cid:
    blocks.put(CID, LEAF)
    block = encode(Node(Kind.FILE, (Link(CID, "", len(LEAF)),), (claimed,)))
    cid = Cid.of(Codec.DAG_PB, block)
    blocks.put(cid, block)
    return cid


@pytest.mark.parametrize("claimed", [1, 1 << 40])
def test_a_node_that_lies_about_sizes_is_refused(blocks, claimed):
    with pytest.raises(DagInvalid):
        read(lying_file(blocks, claimed), blocks.get, 1 << 50)


def repeated(leaf: bytes, times: Sequence[int], put: Put) -> Added:
    """A file of few blocks, each of which links to the one below so many times."""
    added = add_bytes(leaf, put)
    for count in times:
        node = Node(Kind.FILE, (added.link(),) * count, (added.size,) * count)
        cid = Cid.of(Codec.DAG_PB, encode(node))
        put(cid, encode(node))
        added = Added(cid, node.size, added.total)
    return added


@pytest.mark.timeout(20)
def test_few_blocks_do_not_stand_for_billions_of_leaves(blocks, tmp_path):
    added = repeated(b"x", [1000] * 3, blocks.put)
    with pytest.raises(DagInvalid, match="too many"):
        read(added.cid, blocks.get, 1 << 40)
    with pytest.raises(DagInvalid, match="too many"):
        export(added.cid, blocks.get, tmp_path / "out", 1 << 40)


def test_a_file_of_other_chunks_is_read(blocks):
    added = repeated(bytes(256 * 1024), [8, 3], blocks.put)  # kubo's default
    assert read(added.cid, blocks.get, 1 << 30) == bytes(6 << 20)


def test_names_are_as_long_as_file_systems_take(blocks, tmp_path):
    leaf = add_bytes(DATA, blocks.put)
    for name, fits in (("ä" * 127, True), ("ä" * 128, False)):
        folder = add_folder({name: leaf}, blocks.put)
        if fits:
            export(folder.cid, blocks.get, tmp_path / "out", len(DATA))
        else:
            with pytest.raises(DagInvalid):
                export(folder.cid, blocks.get, tmp_path / "long", len(DATA))


def test_a_path_that_no_file_system_takes_is_the_dags_fault(blocks, tmp_path):
    folder = add_folder({}, blocks.put)
    for _ in range(25):
        folder = add_folder({"d" * 200: folder}, blocks.put)
    with pytest.raises(DagInvalid, match="written"):
        export(folder.cid, blocks.get, tmp_path / "out", 1)


def test_a_stated_size_over_the_limit_is_refused_before_reading(blocks):
    with pytest.raises(BlockTooLarge):
        read(lying_file(blocks, 1 << 40), blocks.get, 1 << 20)


def test_a_folder_is_not_read_as_a_file(blocks):
    added: Added = add_folder({}, blocks.put)
    with pytest.raises(DagInvalid):
        read(added.cid, blocks.get, 100)


def block_file(folder: Path, cid: Cid) -> Path:
    (path,) = folder.rglob(str(cid))
    return path


def test_a_block_torn_on_disk_counts_as_missing(tmp_path):
    blocks = DiskBlocks(tmp_path)
    blocks.put(CID, LEAF)
    block_file(tmp_path, CID).write_bytes(LEAF[:3])
    with pytest.raises(BlockUnavailable):
        blocks.get(CID)
    assert not blocks.has(CID)
    blocks.close()


def test_pins_survive_reopening(tmp_path):
    blocks = DiskBlocks(tmp_path)
    added = add_bytes(DATA, blocks.put)
    blocks.pin(added.cid)
    blocks.close()
    blocks = DiskBlocks(tmp_path, garbage_seconds=-1)
    blocks.collect_garbage()
    assert read(added.cid, blocks.get, len(DATA)) == DATA
    blocks.close()


def test_a_new_block_is_spared_as_a_transfer_may_wait_for_its_pin(tmp_path):
    blocks = DiskBlocks(tmp_path, garbage_seconds=60)
    blocks.put(CID, LEAF)
    assert blocks.collect_garbage() == 0
    old = time.time() - 61
    os.utime(block_file(tmp_path, CID), (old, old))
    assert blocks.collect_garbage() == len(LEAF)
    blocks.close()


def test_files_that_vanish_meanwhile_do_not_stop_the_collection(tmp_path):
    blocks = DiskBlocks(tmp_path, garbage_seconds=-1)
    parent = block_file_folder(blocks)
    (parent / ".new-gone").symlink_to(parent / "nowhere")  # its facts cannot be had, as then
    assert blocks.collect_garbage() == len(DATA)
    blocks.close()


def block_file_folder(blocks: DiskBlocks) -> Path:
    blocks.put(Cid.of(Codec.RAW, DATA), DATA)
    return next(path.parent for path in blocks._folder.glob("*/b*"))
