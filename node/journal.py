"""What a node must not forget: the work it took on, how far each trial is, and what it signed.

SQLite in WAL mode. Every method that records is one committed transaction before it returns, so a
process that is killed finds either the state before a call or the one after it. A node has one
writer; other processes (the dashboard) open the journal read-only.

Methods may be called from any thread. They take about a millisecond, so an event loop may call
them directly.
"""

import json
import sqlite3
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from compute_swarm.domain.commitment import Boundary
from compute_swarm.domain.ids import AwardId, CommitId, Digest, DisputeId, SweepId
from compute_swarm.domain.trial import TrialKey
from compute_swarm.domain.verdict import Outcome
from compute_swarm.node.database import Database

SCHEMA_VERSION = 2

VOTES = """
CREATE TABLE votes (
  dispute BLOB NOT NULL, round INTEGER NOT NULL, outcome INTEGER NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (dispute, round));
"""

SCHEMA = f"""
CREATE TABLE cursor (name TEXT PRIMARY KEY, block INTEGER NOT NULL, hash BLOB NOT NULL);
CREATE TABLE bids (
  award BLOB PRIMARY KEY, sweep BLOB NOT NULL, document TEXT NOT NULL, expiry INTEGER NOT NULL,
  at REAL NOT NULL);
CREATE TABLE awards (
  award BLOB PRIMARY KEY, sweep BLOB NOT NULL, document TEXT NOT NULL, stage TEXT NOT NULL,
  at REAL NOT NULL);
CREATE TABLE trials (
  award BLOB NOT NULL, trial INTEGER NOT NULL, replica INTEGER NOT NULL, started REAL NOT NULL,
  finished REAL, receipt TEXT, PRIMARY KEY (award, trial, replica));
CREATE TABLE boundaries (
  award BLOB NOT NULL, trial INTEGER NOT NULL, replica INTEGER NOT NULL, k INTEGER NOT NULL,
  digest BLOB NOT NULL, loss BLOB NOT NULL, evaluation BLOB, at REAL NOT NULL,
  PRIMARY KEY (award, trial, replica, k));
CREATE TABLE results (
  award BLOB PRIMARY KEY, root BLOB NOT NULL, done INTEGER NOT NULL, document TEXT NOT NULL,
  at REAL NOT NULL);
CREATE TABLE verdicts (
  commit_id BLOB NOT NULL, share INTEGER NOT NULL, document TEXT NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (commit_id, share));
{VOTES}
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# By the version that it leads on from. Bids that name no first segment hash to nothing that today's
# contracts know: nobody can award them any more, and what was awarded by them is over here.
# Votes of version 1 have no round, and no court counts them.
UPGRADES = {
    1: f"""DROP TABLE votes; {VOTES}
UPDATE bids SET expiry = 0 WHERE json_extract(document, '$.bid.first') IS NULL;
UPDATE awards SET stage = 'closed' WHERE json_extract(document, '$.bid.bid.first') IS NULL;
"""
}

Document: TypeAlias = dict[str, Any]


class AwardStage(StrEnum):
    """How far this node is with an award; the chain's word about it is `AwardStatus`."""

    WON = "won"  # on chain, nothing done yet
    TRAINING = "training"  # at least one trial has started
    SIGNED = "signed"  # the result is signed and may be committed by anybody
    GIVEN_UP = "given_up"  # too late to deliver anything; on chain it will expire
    CLOSED = "closed"  # settled, slashed, refunded or expired: nothing is left to do


@dataclass(frozen=True, slots=True)
class Cursor:
    block: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class BidRecord:
    award_id: AwardId
    sweep_id: SweepId
    document: Document  # the signed bid
    expiry: int


@dataclass(frozen=True, slots=True)
class AwardRecord:
    award_id: AwardId
    sweep_id: SweepId
    document: Document  # whatever the agent needs to go on: sweep, award, trials
    stage: AwardStage


@dataclass(frozen=True, slots=True)
class TrialRecord:
    key: TrialKey
    boundary: int | None  # the last k reached, None before d_0
    receipt: Document | None  # there once the trial is finished


@dataclass(frozen=True, slots=True)
class ResultRecord:
    award_id: AwardId
    root: Digest
    done: int
    document: Document


class Journal:
    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the journal for writing, or create it. A second writer gets `DatabaseInUse`."""
        self._clock = clock
        self._database = Database.open(path, SCHEMA, SCHEMA_VERSION, UPGRADES)

    @classmethod
    def read_only(cls, path: Path) -> "Journal":
        """Open an existing journal beside its writer; recording raises `OperationalError`."""
        journal = cls.__new__(cls)
        journal._clock = time.time
        journal._database = Database.read_only(path)
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    # Events of the chain

    def cursor(self, name: str) -> Cursor | None:
        """Return up to which block this reader of the chain's events has acted."""
        row = self._database.one("SELECT block, hash FROM cursor WHERE name = ?", name)
        return None if row is None else Cursor(row["block"], row["hash"])

    def cursor_moved(self, name: str, cursor: Cursor) -> None:
        self._database.write(
            "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", name, cursor.block, cursor.hash
        )

    # Bids and awards

    def bid_signed(self, bid: BidRecord) -> None:
        """Record a bid before it leaves the node: from then on it may come back as an award."""
        self._database.write(
            "INSERT OR IGNORE INTO bids VALUES (?, ?, ?, ?, ?)",
            *(bid.award_id, bid.sweep_id, _text(bid.document), bid.expiry, self._clock()),
        )

    def bid(self, award_id: AwardId) -> BidRecord | None:
        row = self._database.one("SELECT * FROM bids WHERE award = ?", award_id)
        return None if row is None else _bid(row)

    def open_bids(self, now: int) -> list[BidRecord]:
        """Return the bids that a buyer could still award: not expired, not awarded yet."""
        rows = self._database.all(
            "SELECT * FROM bids WHERE expiry >= ? AND award NOT IN (SELECT award FROM awards)"
            " ORDER BY at",
            now,
        )
        return [_bid(row) for row in rows]

    def awarded(self, award_id: AwardId, sweep_id: SweepId, document: Document) -> None:
        """Record an award seen on chain; seen again it changes nothing."""
        self._database.write(
            "INSERT OR IGNORE INTO awards VALUES (?, ?, ?, ?, ?)",
            *(award_id, sweep_id, _text(document), AwardStage.WON, self._clock()),
        )

    def award(self, award_id: AwardId) -> AwardRecord | None:
        row = self._database.one("SELECT * FROM awards WHERE award = ?", award_id)
        return None if row is None else _award(row)

    def awards(self, *stages: AwardStage) -> list[AwardRecord]:
        """Return the awards in any of these stages, all of them if none is named, oldest first."""
        wanted = stages or tuple(AwardStage)
        marks = ",".join("?" * len(wanted))
        rows = self._database.all(
            f"SELECT * FROM awards WHERE stage IN ({marks}) ORDER BY at", *wanted
        )
        return [_award(row) for row in rows]

    def award_closed(self, award_id: AwardId) -> None:
        self._database.write(
            "UPDATE awards SET stage = ? WHERE award = ?", AwardStage.CLOSED, award_id
        )

    def award_given_up(self, award_id: AwardId) -> None:
        """Record that nothing will be delivered; a result that was signed stays one."""
        self._database.write(
            "UPDATE awards SET stage = ? WHERE award = ? AND stage IN (?, ?)",
            *(AwardStage.GIVEN_UP, award_id, AwardStage.WON, AwardStage.TRAINING),
        )

    # Trials

    def started(self, award_id: AwardId, key: TrialKey) -> None:
        """Record that work on the trial begins; after a restart this changes nothing."""
        with self._database.transaction() as run:
            run(
                "INSERT OR IGNORE INTO trials (award, trial, replica, started) VALUES (?, ?, ?, ?)",
                (award_id, key.index, key.replica, self._clock()),
            )
            run(
                "UPDATE awards SET stage = ? WHERE award = ? AND stage = ?",
                (AwardStage.TRAINING, award_id, AwardStage.WON),
            )

    def boundary_reached(self, award_id: AwardId, key: TrialKey, boundary: Boundary) -> None:
        """Record a boundary whose state is on disk. A regenerated one replaces the old one."""
        evaluation = None if boundary.eval_losses is None else _packed(*boundary.eval_losses)
        self._database.write(
            "INSERT OR REPLACE INTO boundaries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(award_id, key.index, key.replica, boundary.k, boundary.digest),
            *(_packed(boundary.loss), evaluation, self._clock()),
        )

    def finished(self, award_id: AwardId, key: TrialKey, receipt: Document) -> None:
        self._database.write(
            "UPDATE trials SET finished = ?, receipt = ?"
            " WHERE award = ? AND trial = ? AND replica = ?",
            *(self._clock(), _text(receipt), award_id, key.index, key.replica),
        )

    def trials(self, award_id: AwardId) -> list[TrialRecord]:
        """Return the trials that were started, by (trial, replica), with how far each is."""
        rows = self._database.all(
            "SELECT t.*, (SELECT max(k) FROM boundaries b WHERE b.award = t.award"
            " AND b.trial = t.trial AND b.replica = t.replica) AS k"
            " FROM trials t WHERE award = ? ORDER BY trial, replica",
            award_id,
        )
        return [_trial(row) for row in rows]

    def boundaries(self, award_id: AwardId, key: TrialKey) -> list[Boundary]:
        rows = self._database.all(
            "SELECT * FROM boundaries WHERE award = ? AND trial = ? AND replica = ? ORDER BY k",
            *(award_id, key.index, key.replica),
        )
        return [_boundary(row) for row in rows]

    # What was signed. A second, different signature over the same thing can cost the bond, so the
    # first one recorded stays and is returned.

    def result_signed(self, result: ResultRecord) -> ResultRecord:
        """Record the award's result; returns the one to use, which is the first."""
        with self._database.transaction() as run:
            run(
                "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)",
                (result.award_id, result.root, result.done, _text(result.document), self._clock()),
            )
            run(
                "UPDATE awards SET stage = ? WHERE award = ? AND stage != ?",
                (AwardStage.SIGNED, result.award_id, AwardStage.CLOSED),
            )
        return self.result(result.award_id) or result

    def result(self, award_id: AwardId) -> ResultRecord | None:
        row = self._database.one("SELECT * FROM results WHERE award = ?", award_id)
        return None if row is None else _result(row)

    def verdict_signed(self, commit_id: CommitId, share: int, document: Document) -> Document:
        """Record the verdict before it is sent; returns the one to send, which is the first."""
        self._database.write(
            "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?)",
            *(commit_id, share, _text(document), self._clock()),
        )
        return self.verdict(commit_id, share) or document

    def verdict(self, commit_id: CommitId, share: int) -> Document | None:
        row = self._database.one(
            "SELECT document FROM verdicts WHERE commit_id = ? AND share = ?", commit_id, share
        )
        return None if row is None else _document(row["document"])

    def vote_signed(
        self, dispute_id: DisputeId, round_: int, outcome: Outcome, document: Document
    ) -> Document:
        """Record the vote before it is sent; returns the one to send, the first of the round."""
        self._database.write(
            "INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?, ?)",
            *(dispute_id, round_, outcome, _text(document), self._clock()),
        )
        return self.vote(dispute_id, round_) or document

    def vote(self, dispute_id: DisputeId, round_: int) -> Document | None:
        row = self._database.one(
            "SELECT document FROM votes WHERE dispute = ? AND round = ?", dispute_id, round_
        )
        return None if row is None else _document(row["document"])

    # Anything else, by key

    def noted(self, key: str, value: Any) -> None:
        """Record a JSON value under a key."""
        self._database.write("INSERT OR REPLACE INTO notes VALUES (?, ?)", key, _text(value))

    def note(self, key: str) -> Any:
        """Return the value last noted under the key, or None."""
        row = self._database.one("SELECT value FROM notes WHERE key = ?", key)
        return None if row is None else json.loads(row["value"])

    # Adapters: two awards may deliver the same one

    def delivers(self, award_id: AwardId, cid: str) -> None:
        """Record that an award has an adapter, of which this node serves the blocks."""
        known = self.delivering(cid)
        if award_id not in known:
            self.noted(f"adapter/{cid}", [one.hex() for one in (*known, award_id)])

    def delivering(self, cid: str) -> list[AwardId]:
        """Return the awards that have an adapter."""
        return [AwardId(bytes.fromhex(one)) for one in self.note(f"adapter/{cid}") or ()]


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _document(text: str) -> Document:
    document: Document = json.loads(text)
    return document


def _bid(row: sqlite3.Row) -> BidRecord:
    return BidRecord(
        AwardId(row["award"]), SweepId(row["sweep"]), _document(row["document"]), row["expiry"]
    )


def _award(row: sqlite3.Row) -> AwardRecord:
    stage = AwardStage(row["stage"])
    return AwardRecord(
        AwardId(row["award"]), SweepId(row["sweep"]), _document(row["document"]), stage
    )


def _trial(row: sqlite3.Row) -> TrialRecord:
    receipt = None if row["receipt"] is None else _document(row["receipt"])
    return TrialRecord(TrialKey(row["trial"], row["replica"]), row["k"], receipt)


def _boundary(row: sqlite3.Row) -> Boundary:
    evaluation = row["evaluation"]
    losses = None if evaluation is None else _unpacked(evaluation)
    (loss,) = _unpacked(row["loss"])
    return Boundary(row["k"], Digest(row["digest"]), loss, losses)


# Losses are hashed by their bits, and a diverged trial's are NaN, which SQLite takes for NULL.


def _packed(*losses: float) -> bytes:
    return struct.pack(f">{len(losses)}d", *losses)


def _unpacked(data: bytes) -> tuple[float, ...]:
    return struct.unpack(f">{len(data) // 8}d", data)


def _result(row: sqlite3.Row) -> ResultRecord:
    return ResultRecord(
        AwardId(row["award"]), Digest(row["root"]), row["done"], _document(row["document"])
    )
