"""What was signed and handed over, kept so that a restart finds it instead of paying twice."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Sent:
    """A signed transaction; its nonce is inside, so its bytes can never take effect twice.

    Nor can those that it replaces at a higher fee: they have the same nonce.
    """

    transaction: bytes  # its hash
    raw: bytes
    nonce: int
    earlier: tuple[
        bytes, ...
    ] = ()  # hashes of those that it replaces, and that may win all the same

    @property
    def hashes(self) -> tuple[bytes, ...]:
        return (self.transaction, *self.earlier)


class Outbox(Protocol):
    """Remembers one transaction for each key that a caller names."""

    def sent(self, key: str) -> Sent | None: ...

    def keep(self, key: str, sent: Sent) -> None: ...

    def drop(self, key: str) -> None: ...


class SqliteOutbox:
    """An outbox in a SQLite file; a write is on disk before the transaction leaves."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS sent"
            " (key TEXT PRIMARY KEY, hash BLOB NOT NULL, raw BLOB NOT NULL, nonce INTEGER NOT NULL)"
        )

    def sent(self, key: str) -> Sent | None:
        found = self._database.execute("SELECT hash, raw, nonce FROM sent WHERE key = ?", (key,))
        row = found.fetchone()
        if row is None:
            return None
        hashes, raw, nonce = row
        first, *earlier = (hashes[start : start + 32] for start in range(0, len(hashes), 32))
        return Sent(first, raw, nonce, tuple(earlier))

    def keep(self, key: str, sent: Sent) -> None:
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?)",
                (key, b"".join(sent.hashes), sent.raw, sent.nonce),
            )

    def drop(self, key: str) -> None:
        with self._database:
            self._database.execute("DELETE FROM sent WHERE key = ?", (key,))

    def close(self) -> None:
        self._database.close()


class _NoOutbox:
    def sent(self, key: str) -> Sent | None:
        return None

    def keep(self, key: str, sent: Sent) -> None:
        return None

    def drop(self, key: str) -> None:
        return None


NO_OUTBOX: Final = _NoOutbox()  # for calls that the contract itself accepts only once
