"""Block stores: where content-addressed blocks are kept, pinned and collected.

A store is handed to threads by its asynchronous users, so its methods are plain and may be called
from any thread.
"""

import contextlib
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from compute_swarm.errors import BlockCorrupt, BlockUnavailable, NotAllowed
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import walk

GARBAGE_SECONDS = 3600.0  # a block younger than this may belong to a transfer that isn't pinned yet


class BlockStore(Protocol):
    def put(self, cid: Cid, block: bytes) -> None:
        """Keep the block, or raise `BlockCorrupt` if it isn't the CID's."""

    def has(self, cid: Cid) -> bool: ...

    def get(self, cid: Cid) -> bytes:
        """Return the block, checked, or raise `BlockUnavailable`."""

    def pin(self, root: Cid) -> None:
        """Keep everything below `root`, all of which must be there already."""

    def unpin(self, root: Cid) -> None: ...

    def holders(self, cid: Cid) -> tuple[Cid, ...]:
        """Return the pinned roots that the block belongs to."""

    def list(self) -> Iterator[Cid]: ...

    def remove(self, cid: Cid) -> None:
        """Drop a block that no pin holds."""

    def collect_garbage(self) -> int:
        """Drop what no pin holds and is not new; returns the bytes freed."""


class MemoryBlocks:
    """Blocks of one process, for programs and tests that leave nothing behind."""

    def __init__(self) -> None:
        self._blocks: dict[Cid, bytes] = {}
        self._pins: dict[Cid, frozenset[Cid]] = {}
        self._lock = threading.RLock()

    def put(self, cid: Cid, block: bytes) -> None:
        _check(cid, block, "the caller")
        with self._lock:
            self._blocks[cid] = bytes(block)

    def has(self, cid: Cid) -> bool:
        return cid in self._blocks

    def get(self, cid: Cid) -> bytes:
        try:
            return self._blocks[cid]
        except KeyError:
            raise BlockUnavailable(str(cid), 1) from None

    def pin(self, root: Cid) -> None:
        with self._lock:
            self._pins[root] = frozenset(_complete(root, self))

    def unpin(self, root: Cid) -> None:
        with self._lock:
            self._pins.pop(root, None)

    def holders(self, cid: Cid) -> tuple[Cid, ...]:
        with self._lock:
            return tuple(sorted(root for root, below in self._pins.items() if cid in below))

    def list(self) -> Iterator[Cid]:
        with self._lock:
            return iter(sorted(self._blocks))

    def remove(self, cid: Cid) -> None:
        with self._lock:
            _refuse_pinned(cid, self.holders(cid))
            self._blocks.pop(cid, None)

    def collect_garbage(self) -> int:
        with self._lock:
            held = frozenset[Cid]().union(*self._pins.values())
            garbage = [cid for cid in self._blocks if cid not in held]
            return sum(len(self._blocks.pop(cid)) for cid in garbage)


class DiskBlocks:
    """One file a block, named by its CID; pins in SQLite beside them.

    A block is renamed into place when it is whole, but not flushed: one torn by a power cut fails
    its hash when it is read, and then counts as missing.
    """

    def __init__(self, folder: Path, garbage_seconds: float = GARBAGE_SECONDS) -> None:
        self._folder = folder / "blocks"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._garbage_seconds = garbage_seconds
        self._lock = threading.RLock()
        self._pins = sqlite3.connect(
            folder / "pins.sqlite", timeout=10, isolation_level=None, check_same_thread=False
        )
        self._pins.execute("PRAGMA journal_mode = WAL")
        self._pins.execute(
            "CREATE TABLE IF NOT EXISTS pins"
            " (root TEXT NOT NULL, block TEXT NOT NULL, PRIMARY KEY (block, root)) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._pins.close()

    def put(self, cid: Cid, block: bytes) -> None:
        _check(cid, block, "the caller")
        path = self._path(cid)
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(block)
                file.flush()
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise

    def has(self, cid: Cid) -> bool:
        return self._path(cid).is_file()

    def get(self, cid: Cid) -> bytes:
        path = self._path(cid)
        try:
            block = path.read_bytes()
        except FileNotFoundError:
            raise BlockUnavailable(str(cid), 1) from None
        if not cid.matches(block):
            path.unlink(missing_ok=True)
            raise BlockUnavailable(str(cid), 1)
        return block

    def pin(self, root: Cid) -> None:
        with self._lock:
            rows = [(str(root), str(cid)) for cid in _complete(root, self)]
            with self._transaction():
                self._pins.executemany("INSERT OR IGNORE INTO pins VALUES (?, ?)", rows)

    def unpin(self, root: Cid) -> None:
        with self._lock:
            self._pins.execute("DELETE FROM pins WHERE root = ?", (str(root),))

    def holders(self, cid: Cid) -> tuple[Cid, ...]:
        query = "SELECT root FROM pins WHERE block = ? ORDER BY root"
        with self._lock:
            rows = self._pins.execute(query, (str(cid),)).fetchall()
        return tuple(Cid.parse(row[0]) for row in rows)

    def list(self) -> Iterator[Cid]:
        return (Cid.parse(path.name) for path in sorted(self._folder.glob("*/b*")))

    def remove(self, cid: Cid) -> None:
        with self._lock:
            _refuse_pinned(cid, self.holders(cid))
            self._path(cid).unlink(missing_ok=True)

    def collect_garbage(self) -> int:
        before = time.time() - self._garbage_seconds
        freed = 0
        with self._lock:
            held = {row[0] for row in self._pins.execute("SELECT DISTINCT block FROM pins")}
            for path in self._folder.glob("*/*"):
                # A `put` of another thread renames or drops its `.new-` file meanwhile.
                with contextlib.suppress(FileNotFoundError):
                    facts = path.stat()
                    if path.name not in held and facts.st_mtime < before:
                        path.unlink()
                        freed += facts.st_size
        return freed

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._pins:
            self._pins.execute("BEGIN IMMEDIATE")
            yield

    def _path(self, cid: Cid) -> Path:
        name = str(cid)
        return self._folder / name[-3:-1] / name  # the last digit has two spare bits


def _complete(root: Cid, blocks: BlockStore) -> Iterator[Cid]:
    for cid in walk(root, blocks.get):
        if not blocks.has(cid):
            raise BlockUnavailable(str(cid), 1)
        yield cid


def _check(cid: Cid, block: bytes, source: str) -> None:
    if not cid.matches(block):
        raise BlockCorrupt(str(cid), source)


def _refuse_pinned(cid: Cid, holders: tuple[Cid, ...]) -> None:
    if holders:
        raise NotAllowed("Nobody", f"remove {cid}, which {holders[0]} holds")
