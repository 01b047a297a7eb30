"""Where an event cursor keeps its place: recent block hashes and the logs told of them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from compute_swarm.chain.rpc import Log
from compute_swarm.domain.ids import address

KEPT_BLOCKS: Final = 4_096  # how deep a reorganisation is undone event by event


@dataclass(frozen=True, slots=True)
class Mark:
    """A block that was read to its end."""

    number: int
    hash: bytes


class CursorStore(Protocol):
    """The memory of one cursor; `apply` is one transaction."""

    def marks(self) -> tuple[Mark, ...]:
        """The blocks read, newest first."""
        ...

    def logs_above(self, number: int) -> tuple[Log, ...]:
        """The logs told of blocks above a height, newest first."""
        ...

    def apply(self, ancestor: int, marks: Sequence[Mark], logs: Sequence[Log]) -> None:
        """Forget what lies above the ancestor, then add."""
        ...


class SqliteCursorStore:
    """Cursors in a SQLite file, told apart by name; with `whole` no log is ever forgotten."""

    def __init__(self, path: Path, name: str, whole: bool = False) -> None:
        self._name = name
        self._whole = whole
        path.parent.mkdir(parents=True, exist_ok=True)
        # One cursor has one user, but that may be another thread than the one that opened it.
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def version(self) -> int:
        """Return another number than before if another process has written meanwhile."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        return int(version)

    def marks(self) -> tuple[Mark, ...]:
        rows = self._database.execute(
            "SELECT number, hash FROM marks WHERE cursor = ? ORDER BY number DESC", (self._name,)
        )
        return tuple(Mark(*row) for row in rows)

    def logs_above(self, number: int) -> tuple[Log, ...]:
        rows = self._database.execute(
            "SELECT address, topics, data, number, hash, time, tx, log_index FROM logs"
            " WHERE cursor = ? AND number > ? ORDER BY number DESC, log_index DESC",
            (self._name, number),
        )
        return tuple(_log(row) for row in rows)

    def apply(self, ancestor: int, marks: Sequence[Mark], logs: Sequence[Log]) -> None:
        newest = max((mark.number for mark in marks), default=ancestor)
        with self._database as database:
            for table in ("marks", "logs"):
                # Old rows go too, but never the newest mark: it is the cursor's place.
                kept = 0 if self._whole and table == "logs" else newest - KEPT_BLOCKS
                database.execute(
                    f"DELETE FROM {table} WHERE cursor = ? AND (number > ? OR number < ?)",
                    (self._name, ancestor, kept),
                )
            database.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
                [(self._name, mark.number, mark.hash) for mark in marks],
            )
            database.executemany(
                "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(self._name, *_row(log)) for log in logs],
            )


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS marks (
    cursor TEXT, number INTEGER, hash BLOB NOT NULL, PRIMARY KEY (cursor, number));
CREATE TABLE IF NOT EXISTS logs (
    cursor TEXT, address TEXT NOT NULL, topics BLOB NOT NULL, data BLOB NOT NULL,
    number INTEGER, hash BLOB NOT NULL, time INTEGER NOT NULL, tx BLOB NOT NULL,
    log_index INTEGER,
    PRIMARY KEY (cursor, number, log_index));
"""


def _row(log: Log) -> tuple[object, ...]:
    topics = b"".join(log.topics)
    where = (log.block_number, log.block_hash, log.time, log.transaction, log.index)
    return (log.address, topics, log.data, *where)


def _log(row: tuple[str, bytes, bytes, int, bytes, int, bytes, int]) -> Log:
    contract, topics, data, number, block_hash, time, transaction, index = row
    parts = tuple(topics[start : start + 32] for start in range(0, len(topics), 32))
    where = (number, block_hash, time, transaction, index)
    return Log(address(contract), parts, data, *where)
