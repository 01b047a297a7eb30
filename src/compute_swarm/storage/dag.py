"""Reading DAGs: which blocks lie below a root, and the file or folder that they make up."""

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compute_swarm.errors import BlockTooLarge, DagInvalid
from compute_swarm.storage.cid import Cid, Codec
from compute_swarm.storage.unixfs import CHUNK, Kind, decode

Get = Callable[[Cid], bytes]

ENTRIES: Final = 1_000  # most files and folders of one export
DEPTH: Final = 32  # of folders and file nodes together
FINEST: Final = CHUNK // 8  # mean size of a file's blocks, beside SPARE_BLOCKS of any size
SPARE_BLOCKS: Final = 64


def children(cid: Cid, block: bytes) -> tuple[Cid, ...]:
    """Return what a block links to, in order; a raw leaf to nothing."""
    if cid.codec is Codec.RAW:
        return ()
    return tuple(link.cid for link in decode(cid, block).links)


def walk(root: Cid, get: Get) -> Iterator[Cid]:
    """Yield every block below the root and itself once, parents first."""
    seen = {root}
    waiting = [root]
    while waiting:
        cid = waiting.pop()
        yield cid
        if cid.codec is Codec.RAW:
            continue
        for child in reversed(children(cid, get(cid))):
            if child not in seen:
                seen.add(child)
                waiting.append(child)


def read(root: Cid, get: Get, limit: int) -> bytes:
    """Return a file of at most `limit` bytes."""
    whole = io.BytesIO()
    for piece in stream(root, get, limit):
        whole.write(piece)
    return whole.getvalue()


def stream(root: Cid, get: Get, limit: int) -> Iterator[bytes]:
    """Yield a file piece by piece; what the nodes say of sizes is held against the leaves.

    A file may not be cut too finely: a few blocks that link each other many times over could
    otherwise stand for billions of leaves of one byte.
    """
    size = file_size(root, get)
    if size > limit:
        raise BlockTooLarge(str(root), limit)
    yield from _File(get, size // FINEST + SPARE_BLOCKS).pieces(root, size, DEPTH)


def file_size(root: Cid, get: Get) -> int:
    """Return the size that a file's root states."""
    block = get(root)
    if root.codec is Codec.RAW:
        return len(block)
    node = decode(root, block)
    if node.kind is not Kind.FILE:
        raise DagInvalid(str(root), "a folder where a file should be")
    return node.size


def export(root: Cid, get: Get, to: Path, limit: int) -> int:
    """Write the file or folder to a path that doesn't exist; returns its bytes.

    The path appears when everything below it is written.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".new-") as temporary:
        whole = Path(temporary) / "content"
        for number, entry in enumerate(_entries(root, get, whole, DEPTH)):
            if number == ENTRIES:
                raise BlockTooLarge(str(root), limit)
            try:
                written += _write(entry, get, limit - written)
            except OSError as error:
                reason = f"it cannot be written: {error.strerror}"
                raise DagInvalid(str(root), reason) from error
        whole.rename(to)
    return written


@dataclass(frozen=True, slots=True)
class _Entry:
    cid: Cid
    path: Path
    is_folder: bool


def _write(entry: _Entry, get: Get, limit: int) -> int:
    if entry.is_folder:
        entry.path.mkdir()
        return 0
    with entry.path.open("xb") as file:
        return sum(file.write(piece) for piece in stream(entry.cid, get, limit))


def _entries(cid: Cid, get: Get, path: Path, depth: int) -> Iterator[_Entry]:
    node = None if cid.codec is Codec.RAW else decode(cid, get(cid))
    if node is None or node.kind is Kind.FILE:
        yield _Entry(cid, path, is_folder=False)
        return
    if depth == 0:
        raise DagInvalid(str(cid), "nested too deeply")
    yield _Entry(cid, path, is_folder=True)
    for link in node.links:
        yield from _entries(link.cid, get, path / link.name, depth - 1)


@dataclass(slots=True)
class _File:
    get: Get
    spare: int  # how many more blocks it may have

    def pieces(self, cid: Cid, size: int, depth: int) -> Iterator[bytes]:
        block = self.get(cid)
        if cid.codec is Codec.RAW:
            if len(block) != size:
                raise DagInvalid(str(cid), "a leaf is not as long as its node says")
            yield block
            return
        node = decode(cid, block)
        if node.kind is not Kind.FILE or node.size != size or depth == 0:
            raise DagInvalid(str(cid), "a node is not what the one above it says")
        self.spare -= len(node.links)
        if self.spare < 0:
            raise DagInvalid(str(cid), "the file is cut into too many blocks")
        for link, below in zip(node.links, node.sizes, strict=True):
            yield from self.pieces(link.cid, below, depth - 1)
