"""What this machine has promised to pay: written before anything is sent, closed after.

A payment is a fixed set of signed bids. A bid is an award's id, so sending the same payment
twice pays once; a new set may be asked for only when the old one can no longer be awarded, and its
round is fixed before the chain is read that it rests on. Hence no crash between two steps, and no
second process of the same home, pays twice or loses sight of money. Another home has a journal of
its own: buying one sweep from two at once may pay for a trial twice.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS sweep (
    id TEXT PRIMARY KEY, buyer TEXT NOT NULL, spec TEXT NOT NULL, spec_hash TEXT NOT NULL,
    started_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS payment (
    id INTEGER PRIMARY KEY, sweep TEXT NOT NULL REFERENCES sweep (id), round INTEGER NOT NULL,
    bids TEXT NOT NULL, expiry INTEGER NOT NULL, state TEXT NOT NULL,
    UNIQUE (sweep, round)
);
CREATE TABLE IF NOT EXISTS opening (
    payment INTEGER PRIMARY KEY REFERENCES payment (id), allowance TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_payment ON payment (sweep)
    WHERE state = 'open';
"""


class PaymentState(StrEnum):
    OPEN = "open"  # the bids are signed, and a transaction may have been sent
    MINED = "mined"  # the awards are on chain
    VOID = "void"  # the bids expired unused; the next round may ask for new ones


@dataclass(frozen=True, slots=True)
class Payment:
    """One `award` transaction, from the intention on."""

    id: int
    sweep: str
    round: int
    bids: tuple[dict[str, Any], ...]
    expiry: int  # unix time after which none of the bids can be awarded
    state: PaymentState
    opening: dict[str, Any] | None = None  # the allowance of the session that it opens

    @property
    def open(self) -> bool:
        return self.state is PaymentState.OPEN

    @property
    def once(self) -> str:
        """The key under which the outbox keeps its transaction."""
        return f"award:{self.sweep}:{self.round}"


@dataclass(frozen=True, slots=True)
class KnownSweep:
    """A sweep that this machine started or attached to."""

    id: str
    buyer: str
    spec: dict[str, Any]


class SweepJournal:
    """The journal of one home folder; other processes may write to it at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._write() as database:
            database.executescript(SCHEMA)

    def remember(self, sweep: KnownSweep, spec_hash: str) -> None:
        with self._write() as database:
            database.execute(
                "INSERT OR IGNORE INTO sweep VALUES (?, ?, ?, ?, ?)",
                (sweep.id, sweep.buyer, json.dumps(sweep.spec), spec_hash, time.time()),
            )

    def sweeps(self) -> list[KnownSweep]:
        """Return the known sweeps, the newest first."""
        rows = self._rows("SELECT id, buyer, spec FROM sweep ORDER BY started_at DESC", ())
        return [KnownSweep(id_, buyer, json.loads(spec)) for id_, buyer, spec in rows]

    def intend(
        self,
        sweep: str,
        round_: int,
        bids: list[dict[str, Any]],
        expiry: int,
        opening: dict[str, Any] | None = None,
    ) -> Payment | None:
        """Write a payment down before it is sent, or return None if another process was first."""
        try:
            with self._write() as database:
                made = database.execute(
                    "INSERT INTO payment (sweep, round, bids, expiry, state)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (sweep, round_, json.dumps(bids), expiry, PaymentState.OPEN),
                )
                if opening is not None:
                    database.execute(
                        "INSERT INTO opening VALUES (?, ?)", (made.lastrowid, json.dumps(opening))
                    )
        except sqlite3.IntegrityError:
            return None
        return self.payments(sweep)[-1]

    def mined(self, payment: Payment) -> None:
        self._move(payment, PaymentState.MINED)

    def void(self, payment: Payment) -> None:
        """Give the bids up; only after nothing can award them any more."""
        self._move(payment, PaymentState.VOID)

    def payments(self, sweep: str) -> list[Payment]:
        """Return the payments of a sweep in order."""
        columns = "id, sweep, round, bids, expiry, state, allowance"
        tables = "payment LEFT JOIN opening ON opening.payment = payment.id"
        rows = self._rows(
            f"SELECT {columns} FROM {tables} WHERE sweep = ? ORDER BY round", (sweep,)
        )
        return [_payment(row) for row in rows]

    def _move(self, payment: Payment, state: PaymentState) -> None:
        with self._write() as database:
            database.execute("UPDATE payment SET state = ? WHERE id = ?", (state, payment.id))

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        database = sqlite3.connect(self._path)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")  # a power cut must not forget a payment
            with database:
                database.execute("BEGIN IMMEDIATE")
                yield database
        finally:
            database.close()


def _payment(row: tuple[Any, ...]) -> Payment:
    id_, sweep, round_, bids, expiry, state, allowance = row
    opening = None if allowance is None else json.loads(allowance)
    bids = tuple(json.loads(bids))
    return Payment(id_, sweep, round_, bids, expiry, PaymentState(state), opening)
