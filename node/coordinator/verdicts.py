"""Commits as the chain holds them, and the signed verdicts and votes about them."""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from compute_swarm.chain.deployment import Deployment
from compute_swarm.domain import wire
from compute_swarm.domain.audit import share_count
from compute_swarm.domain.bid import Commit, Sweep, commit_id
from compute_swarm.domain.dispute import ROUNDS
from compute_swarm.domain.ids import Address, CommitId, DisputeId, SweepId, hex32
from compute_swarm.domain.jsontext import write_json
from compute_swarm.domain.typed_data import typed_verdict, typed_vote
from compute_swarm.domain.verdict import Outcome, SignedVerdict, SignedVote
from compute_swarm.errors import DocumentInvalid, NotKnown
from compute_swarm.node.coordinator.signatures import recover, signed_by
from compute_swarm.node.coordinator.store import Limits, check
from compute_swarm.node.database import Database

ANSWERS_LENGTH: Final = 512  # bytes, of a share of 1,024 items


class Verdicts:
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

    def committed(self, id_: SweepId, sweep: Sweep, commit: Commit) -> None:
        """Record a commit that the chain holds, so that validators need not read all events."""
        cid = commit_id(self._deployment.chain_id, self._deployment.market, commit)
        document = {"sweep": wire.encode(sweep), "commit": wire.encode(commit)}
        self._database.write(
            "INSERT OR IGNORE INTO commits VALUES (?, ?, ?, ?)",
            *(cid, id_, write_json(document), self._clock()),
        )

    def commit(self, id_: CommitId) -> dict[str, Any]:
        row = self._database.one("SELECT * FROM commits WHERE commit_id = ?", id_)
        if row is None:
            raise NotKnown("commit", hex32(id_))
        named = {"commit_id": hex32(id_), "sweep_id": hex32(row["sweep"])}
        return {**named, **json.loads(row["document"])}

    def signer(self, signed: SignedVerdict) -> Address:
        """Return whose verdict it is: the message doesn't name its judge."""
        deployment = self._deployment
        typed = typed_verdict(deployment.chain_id, deployment.court, signed.verdict)
        return recover(typed, signed.signature)

    def verdict(self, id_: CommitId, signed: SignedVerdict) -> None:
        """Take a validator's verdict, its first one for the share.

        That the signer is a validator is for the caller to find out: it is the only limit, since
        any other would let those that weren't drawn crowd out those that were.
        """
        commit = wire.decode(Commit, self.commit(id_)["commit"])
        verdict = signed.verdict
        if verdict.commit_id != id_:
            raise DocumentInvalid("verdict.commit_id", "this commit's")
        if verdict.share >= share_count(commit):
            raise DocumentInvalid("verdict.share", "a share of the commit")
        if len(verdict.answers) > ANSWERS_LENGTH:
            raise DocumentInvalid("verdict.answers", f"at most {ANSWERS_LENGTH} bytes")
        judge = self.signer(signed)
        self._database.write(
            "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?, ?)",
            *(id_, verdict.share, judge, write_json(wire.encode(signed)), self._clock()),
        )

    def verdicts(self, id_: CommitId) -> list[tuple[Address, SignedVerdict]]:
        rows = self._database.all(
            "SELECT judge, document FROM verdicts WHERE commit_id = ? ORDER BY at", id_
        )
        return [
            (Address(row["judge"]), wire.decode(SignedVerdict, json.loads(row["document"])))
            for row in rows
        ]

    def vote(self, id_: DisputeId, signed: SignedVote) -> None:
        """Take a validator's vote, its first one of the round."""
        vote = signed.vote
        if vote.dispute_id != id_:
            raise DocumentInvalid("vote.dispute_id", "this dispute's")
        if vote.round >= ROUNDS:
            raise DocumentInvalid("vote.round", f"below {ROUNDS}")
        if vote.outcome is Outcome.NAMED:
            raise DocumentInvalid("vote.outcome", "unavailable, upheld or refuted")
        deployment = self._deployment
        typed = typed_vote(deployment.chain_id, deployment.court, vote)
        signed_by(signed.validator, typed, signed.signature)
        query = "SELECT count(*) FROM votes WHERE dispute = ? AND round = ?"
        check("votes", self._database.number(query, id_, vote.round), self._limits.votes_of_panel)
        document = write_json(wire.encode(signed))
        self._database.write(
            "INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?, ?)",
            *(id_, vote.round, signed.validator, document, self._clock()),
        )

    def votes(self, id_: DisputeId) -> list[SignedVote]:
        rows = self._database.all("SELECT document FROM votes WHERE dispute = ? ORDER BY at", id_)
        return [wire.decode(SignedVote, json.loads(row["document"])) for row in rows]
