"""One SQLite file of a process: a version, one writer, every write on disk before it returns."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

from compute_swarm.errors import DatabaseInUse, DatabaseTooNew

Run: TypeAlias = Callable[[str, tuple[Any, ...]], sqlite3.Cursor]


class Database:
    """WAL mode; methods may be called from any thread and take about a millisecond."""

    def __init__(self, connection: sqlite3.Connection, claim: IO[str] | None) -> None:
        self._connection = connection
        self._claim = claim
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, schema: str, version: int, upgrades: Mapping[int, str]) -> Self:
        """Open the file for writing, or create it. A second writer gets `DatabaseInUse`.

        `upgrades` lead an older file on, each from its version to the next.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = _claim(path)
        try:
            connection = _connect(f"{path.absolute().as_uri()}?mode=rwc")
            _migrate(connection, path, schema, version, upgrades)
        except BaseException:
            claim.close()
            raise
        return cls(connection, claim)

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """Open an existing file beside its writer; writing raises `sqlite3.OperationalError`."""
        return cls(_connect(f"{path.absolute().as_uri()}?mode=ro"), None)

    def close(self) -> None:
        self._connection.close()
        if self._claim is not None:
            self._claim.close()

    @contextmanager
    def transaction(self) -> Iterator[Run]:
        """Several statements that are written together or not at all."""
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection.execute

    def write(self, statement: str, *values: Any) -> int:
        """Run one statement; returns how many rows it changed."""
        with self.transaction() as run:
            return run(statement, values).rowcount

    def one(self, query: str, *values: Any) -> sqlite3.Row | None:
        rows = self.all(query, *values)
        return rows[0] if rows else None

    def all(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def number(self, query: str, *values: Any) -> int:
        """Return the one number that the query asks for."""
        row = self.one(query, *values)
        return 0 if row is None or row[0] is None else int(row[0])


def _claim(path: Path) -> IO[str]:
    claim = path.with_suffix(".lock").open("a")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        raise DatabaseInUse(str(path)) from None
    return claim


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=10, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    # WAL's default, NORMAL, loses the last commits when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _migrate(
    connection: sqlite3.Connection,
    path: Path,
    schema: str,
    version: int,
    upgrades: Mapping[int, str],
) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > version:
        connection.close()
        raise DatabaseTooNew(str(path), found, version)
    steps = [schema] if found == 0 else [upgrades[old] for old in range(found, version)]
    if steps:
        script = " ".join(steps)
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {version}; COMMIT;")
