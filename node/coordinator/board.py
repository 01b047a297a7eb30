"""The board: what buyers, sellers and validators hang up for each other.

Nothing here is believed for hanging here. Whoever posts has signed, every signature and hash is
checked on the way in, each table has its limit, and what nobody paid for is taken down after a day.
"""

import json
import math
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from compute_swarm.chain.deployment import Deployment
from compute_swarm.domain import wire
from compute_swarm.domain.bid import (
    Award,
    Rung,
    SignedBid,
    Submission,
    Sweep,
    bid_digest,
    sweep_id,
)
from compute_swarm.domain.ids import Address, AwardId, SweepId, hex32
from compute_swarm.domain.jsontext import write_json
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import read_runs
from compute_swarm.domain.spec import Search, SweepSpec
from compute_swarm.domain.typed_data import typed_bid, typed_result
from compute_swarm.domain.wire import Bits
from compute_swarm.errors import (
    DocumentInvalid,
    NotAllowed,
    NotKnown,
)
from compute_swarm.node.coordinator.signatures import signed_by
from compute_swarm.node.coordinator.store import Limits, Standing, check
from compute_swarm.node.database import Database

DAY: Final = 24 * 3600.0
ANNOUNCED_SECONDS: Final = DAY  # that a sweep hangs after its last call
KEPT_SECONDS: Final = 30 * DAY  # after its last award was open: longer than anybody judges
LISTED: Final = 200  # sweeps at once
LISTED_OF_BUYER: Final = 20
LISTED_OF_STRANGERS: Final = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """A seller's answer to a call for offers; nothing binds it yet."""

    round: Annotated[int, Bits(32)]
    price: Amount  # per segment
    most_trials: Annotated[int, Bits(32)]
    seconds_per_trial: float
    class_id: str
    deadline_s: Annotated[int, Bits(32)]


@dataclass(frozen=True, slots=True)
class Result:
    """A submission, and when it came."""

    sweep_id: SweepId
    submission: Submission
    at: float


class Board:
    def __init__(
        self,
        database: Database,
        deployment: Deployment,
        limits: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._deployment = deployment
        self._limits = limits
        self._clock = clock

    # Sweeps, calls and offers

    def announce(
        self, buyer: Address, spec: SweepSpec, sweep: Sweep, standing: Standing = Standing.UNKNOWN
    ) -> SweepId:
        """Hang up a sweep; once more only keeps it longer."""
        if sweep.buyer != buyer:
            raise NotAllowed(buyer, f"announce a sweep of {sweep.buyer}")
        if sweep.spec_hash != spec.hash:
            raise DocumentInvalid("sweep.spec_hash", "the hash of the spec")
        if sweep.terms != spec.terms:
            raise DocumentInvalid("sweep.terms", "the terms of the spec")
        id_ = sweep_id(self._deployment.chain_id, self._deployment.market, sweep)
        if not self._has("sweeps", "sweep", id_):
            self._make_room(buyer, standing)
            self._database.write(
                "INSERT OR IGNORE INTO sweeps VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                *(id_, buyer, write_json(spec.document()), write_json(wire.encode(sweep))),
                *(spec.dataset.cid, self._clock(), standing),
            )
        self._keep(id_, standing, ANNOUNCED_SECONDS)
        return id_

    def opened(self, id_: SweepId) -> None:
        """Note that the chain knows the sweep, or that an award of it is still open there."""
        self._keep(id_, Standing.OPENED, KEPT_SECONDS)

    def take_down(self) -> int:
        """Forget what nobody has asked about for long; returns how many sweeps."""
        now = self._clock()
        stale = self._database.all("SELECT sweep FROM sweeps WHERE until < ?", now)
        for row in stale:
            self._drop(row["sweep"])
        with self._database.transaction() as run:
            # Commits are the chain's and come back when all of it is read again.
            gone = (
                "SELECT commit_id FROM commits WHERE at < ? AND sweep NOT IN"
                " (SELECT sweep FROM sweeps)"
            )
            before = (now - KEPT_SECONDS,)
            run(f"DELETE FROM verdicts WHERE commit_id IN ({gone})", before)
            run(f"DELETE FROM commits WHERE commit_id IN ({gone})", before)
            run("DELETE FROM votes WHERE at < ?", before)
        return len(stale)

    def sweeps(self) -> list[dict[str, Any]]:
        """Return the newest sweeps with their newest call each, the newest first.

        No buyer takes more than its part of the list, and those of whom nothing is known have one
        of their own, or whoever makes up keys would push everybody else out of sight.
        """
        rows = self._database.all(
            "SELECT * FROM ("
            " SELECT *, row_number() OVER (PARTITION BY standing > 0 ORDER BY at DESC) AS place"
            " FROM ("
            "  SELECT *, row_number() OVER (PARTITION BY buyer ORDER BY at DESC) AS own FROM sweeps"
            " ) WHERE own <= ?"
            ") WHERE place <= CASE WHEN standing > 0 THEN ? ELSE ? END ORDER BY at DESC",
            *(LISTED_OF_BUYER, LISTED, LISTED_OF_STRANGERS),
        )
        return [self._summary(row, calls=1) for row in rows]

    def sweep(self, id_: SweepId) -> dict[str, Any]:
        row = self._sweep(id_)
        commits = self._database.all(
            "SELECT commit_id FROM commits WHERE sweep = ? ORDER BY at", id_
        )
        return self._summary(row) | {
            "spec": json.loads(row["spec"]),
            "commits": [hex32(commit["commit_id"]) for commit in commits],
        }

    def dataset(self, id_: SweepId) -> str:
        """Return the CID of the sweep's dataset."""
        return str(self._sweep(id_)["dataset"])

    def spec(self, id_: SweepId) -> SweepSpec:
        return SweepSpec.from_document(json.loads(self._sweep(id_)["spec"]))

    def call(self, buyer: Address, id_: SweepId, round_: int, asked: tuple[bytes, Rung]) -> None:
        """Ask for offers on some trials' rung; the same round again has to name the same ones."""
        row = self._sweep(id_)
        if row["buyer"] != buyer:
            raise NotAllowed(buyer, "call for offers on another buyer's sweep")
        (trials, rung), spec = asked, self.spec(id_)
        limits, known = self._limits, row["standing"] != Standing.UNKNOWN
        longest = limits.trials_bytes if known else limits.strangers_trials_bytes
        if len(trials) > longest:
            raise DocumentInvalid("trials", f"at most {longest} bytes")
        _check_trials(trials, spec.search)
        if not rung.fits(spec.training.segments):
            raise DocumentInvalid("rung", "segments of a trial, the first of them or later ones")
        most = limits.calls_of_sweep if known else limits.calls_of_strangers_sweep
        query = "SELECT count(*) FROM calls WHERE sweep = ? AND round != ?"
        self._check("calls", query, most, id_, round_)
        told = write_json(wire.encode(rung))
        now = self._clock()
        with self._database.transaction() as run:
            row_ = (id_, round_, trials, told, now)
            if run("INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?)", row_).rowcount:
                run("UPDATE sweeps SET at = ? WHERE sweep = ?", (now, id_))
        self._keep(id_, Standing(row["standing"]), ANNOUNCED_SECONDS)
        call = self._call(id_, round_)
        if call["trials"] != trials or call["rung"] != told:
            raise DocumentInvalid("round", "a round that has not been called yet")

    def offer(self, seller: Address, id_: SweepId, offer: Offer) -> None:
        """Answer a call; a later answer of the same seller takes the earlier one's place."""
        self._call(id_, offer.round)
        if len(offer.class_id) > 80:
            raise DocumentInvalid("class_id", "at most 80 characters")
        for name in ("price", "most_trials", "seconds_per_trial", "deadline_s"):
            value = getattr(offer, name)
            if not 0 < value < math.inf:  # NaN is neither
                raise DocumentInvalid(name, "a finite number above 0")
        query = "SELECT count(*) FROM offers WHERE sweep = ? AND round = ? AND seller != ?"
        most = self._limits.offers_of_call
        self._check("offers", query, most, id_, offer.round, seller)
        self._database.write(
            "INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?)",
            *(id_, offer.round, seller, write_json(wire.encode(offer)), self._clock()),
        )

    def offers(self, id_: SweepId, round_: int | None = None) -> list[dict[str, Any]]:
        """Return the offers of a round, or of the newest one, in the order they came."""
        self._sweep(id_)
        newest = self._database.number("SELECT max(round) FROM calls WHERE sweep = ?", id_)
        rows = self._database.all(
            "SELECT * FROM offers WHERE sweep = ? AND round = ? ORDER BY at",
            *(id_, newest if round_ is None else round_),
        )
        return [{"seller": row["seller"]} | json.loads(row["document"]) for row in rows]

    # Bids and results

    def bid(self, id_: SweepId, signed: SignedBid) -> AwardId:
        """Hang up a bid, which is signed, so anybody may.

        That the chain knows its award is for the caller to find out: it is the only limit.
        """
        self._sweep(id_)
        if signed.bid.sweep_id != id_:
            raise DocumentInvalid("bid.sweep_id", "this sweep's")
        award = self.award_id(signed)
        self._keep_bid(award, signed)
        return award

    def bids(self, id_: SweepId) -> list[dict[str, Any]]:
        self._sweep(id_)
        rows = self._database.all("SELECT document FROM bids WHERE sweep = ? ORDER BY at", id_)
        return [json.loads(row["document"]) for row in rows]

    def result(self, signed: SignedBid, submission: Submission) -> AwardId:
        """Take an award's signed result for the relayer; the bid proves which award it is.

        That the chain knows the award is for the caller to find out: it is the only limit.
        """
        award = self.award_id(signed)
        if submission.award != Award.of(award, signed.bid):
            raise DocumentInvalid("submission.award", "the award of the bid")
        if not 1 <= submission.done <= submission.award.segments:
            raise DocumentInvalid("submission.done", "between 1 and the segments awarded")
        id_ = signed.bid.sweep_id
        self._sweep(id_)
        place = (self._deployment.chain_id, self._deployment.market)
        typed = typed_result(*place, award, submission.root, submission.done)
        signed_by(submission.award.seller, typed, submission.signature)
        self._keep_bid(award, signed)
        self._database.write(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
            *(award, id_, write_json(wire.encode(submission)), self._clock()),
        )
        return award

    def results(self, id_: SweepId) -> list[Result]:
        rows = self._database.all("SELECT * FROM results WHERE sweep = ? ORDER BY at, award", id_)
        return [
            Result(id_, wire.decode(Submission, json.loads(row["document"])), row["at"])
            for row in rows
        ]

    def award_id(self, signed: SignedBid) -> AwardId:
        """Return the id of the award that a bid becomes, or refuse a wrong signature."""
        place = (self._deployment.chain_id, self._deployment.market)
        signed_by(signed.bid.seller, typed_bid(*place, signed.bid), signed.signature)
        return bid_digest(*place, signed.bid)

    def _make_room(self, buyer: Address, standing: Standing) -> None:
        """Take down the oldest sweep of the same standing where all its places are taken."""
        limits, known = self._limits, standing is not Standing.UNKNOWN
        own = "SELECT count(*) FROM sweeps WHERE buyer = ? AND standing < ?"
        most_own = limits.sweeps_of_buyer if known else limits.sweeps_of_stranger
        self._check("sweeps of a buyer", own, most_own, buyer, Standing.OPENED)
        most = limits.sweeps if known else limits.sweeps_of_strangers
        query = "SELECT sweep FROM sweeps WHERE standing = ? ORDER BY at DESC LIMIT -1 OFFSET ?"
        for row in self._database.all(query, standing, most - 1):
            self._drop(row["sweep"])

    def _keep(self, id_: SweepId, standing: Standing, seconds: float) -> None:
        until = self._clock() + seconds
        self._database.write(
            "UPDATE sweeps SET standing = max(standing, ?), until = max(until, ?) WHERE sweep = ?",
            *(standing, until, id_),
        )

    def _drop(self, id_: SweepId) -> None:
        with self._database.transaction() as run:
            for table in ("calls", "offers", "bids", "results", "sweeps"):
                run(f"DELETE FROM {table} WHERE sweep = ?", (id_,))

    def _keep_bid(self, award: AwardId, signed: SignedBid) -> None:
        self._database.write(
            "INSERT OR IGNORE INTO bids VALUES (?, ?, ?, ?, ?)",
            *(award, signed.bid.sweep_id, signed.bid.seller),
            *(write_json(wire.encode(signed)), self._clock()),
        )

    def _summary(self, row: sqlite3.Row, calls: int = -1) -> dict[str, Any]:
        """Return a sweep in short with its newest calls, by default all, in order."""
        query = "SELECT * FROM calls WHERE sweep = ? ORDER BY round DESC LIMIT ?"
        newest = self._database.all(query, row["sweep"], calls)
        return {
            "sweep_id": hex32(row["sweep"]),
            "buyer": row["buyer"],
            "sweep": json.loads(row["document"]),
            "calls": [
                {
                    "round": call["round"],
                    "trials": hex32(call["trials"]),
                    "rung": json.loads(call["rung"]),
                    "at": call["at"],
                }
                for call in reversed(newest)
            ],
            "at": row["at"],
        }

    def _sweep(self, id_: SweepId) -> sqlite3.Row:
        row = self._database.one("SELECT * FROM sweeps WHERE sweep = ?", id_)
        if row is None:
            raise NotKnown("sweep", hex32(id_))
        return row

    def _call(self, id_: SweepId, round_: int) -> sqlite3.Row:
        self._sweep(id_)
        row = self._database.one("SELECT * FROM calls WHERE sweep = ? AND round = ?", id_, round_)
        if row is None:
            raise NotKnown("call for offers", f"{hex32(id_)}/{round_}")
        return row

    def _has(self, table: str, column: str, key: bytes | str) -> bool:
        return self._database.one(f"SELECT 1 FROM {table} WHERE {column} = ?", key) is not None

    def _check(self, what: str, query: str, most: int, *values: Any) -> None:
        check(what, self._database.number(query, *values), most)


def _check_trials(trials: bytes, search: Search) -> None:
    for run in read_runs(trials):
        if run.last.index >= search.trials or run.last.replica >= search.replicas:
            raise DocumentInvalid("trials", "trials of the sweep")
