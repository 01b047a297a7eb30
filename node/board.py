"""A node's side of the coordinator: its registration, and what it reads from the board."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, Rung, SignedBid, Submission, Sweep
from compute_swarm.domain.ids import (
    Address,
    CommitId,
    DisputeId,
    SweepId,
    address,
    hex32,
    parse_hex,
)
from compute_swarm.domain.packing import unpack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import NodeStatus
from compute_swarm.domain.verdict import SignedVerdict, SignedVote
from compute_swarm.errors import AnswerInvalid, BadInput
from compute_swarm.mesh.peer import Peer
from compute_swarm.node.bidding import Offer

WORDS: Final = 2  # of a judge on one share: two different ones are a fault, more are none the worse


@dataclass(frozen=True, slots=True)
class Call:
    """A buyer's call for offers on some trials of its sweep."""

    sweep_id: SweepId
    round: int
    leg: Leg
    at: float


@dataclass(frozen=True, slots=True)
class Notice:
    """A sweep as the board shows it; the spec has to be fetched and held against its hash."""

    sweep_id: SweepId
    sweep: Sweep
    calls: tuple[Call, ...]


class Board:
    """Requests to one coordinator. What is posted is signed; reads and heartbeats are not."""

    def __init__(self, peer: Peer, reader: Peer, pulse: Peer) -> None:
        self._peer = peer
        self._reader = reader  # everybody may read, and a signature takes its time
        self._pulse = pulse  # carries the session's token

    @property
    def peer(self) -> Peer:
        return self._peer

    async def aclose(self) -> None:
        await self._peer.aclose()
        await self._reader.aclose()
        await self._pulse.aclose()

    async def register(
        self, role: str, url: str, class_id: str, capacity: Mapping[str, Any]
    ) -> None:
        document = {"role": role, "url": url, "class_id": class_id, "capacity": dict(capacity)}
        answer = await self._peer.post("/v1/nodes", document)
        with self._reading("a registration"):
            self._pulse.token = str(answer["token"])

    async def heartbeat(self, status: NodeStatus, reachability: str) -> None:
        document = {"status": str(status), "reachability": reachability}
        await self._pulse.post("/v1/nodes/heartbeat", document)

    async def urls(self) -> dict[Address, str]:
        """Return where every known node answers, or answered last."""
        answer = await self._reader.get("/v1/nodes", {"all": 1})
        with self._reading("nodes"):
            return {address(n["address"]): str(n["url"]) for n in _listed(answer, "nodes")}

    async def notices(self) -> list[Notice]:
        answer = await self._reader.get("/v1/sweeps")
        with self._reading("sweeps"):
            return [_notice(found) for found in _listed(answer, "sweeps")]

    async def spec(self, id_: SweepId) -> SweepSpec:
        answer = await self._reader.get(f"/v1/sweeps/{hex32(id_)}")
        with self._reading("a spec"):
            return SweepSpec.from_document(answer["spec"])

    async def offer(self, call: Call, offer: Offer) -> None:
        document = {"round": call.round} | wire.encode(offer)
        await self._peer.post(f"/v1/sweeps/{hex32(call.sweep_id)}/offers", document)

    async def bids(self, id_: SweepId) -> list[SignedBid]:
        answer = await self._reader.get(f"/v1/sweeps/{hex32(id_)}/bids")
        with self._reading("bids"):
            return [wire.decode(SignedBid, found) for found in _listed(answer, "bids")]

    async def hang_up(self, bid: SignedBid) -> None:
        """Show a bid of our own, where its buyer did not."""
        await self._peer.post(f"/v1/sweeps/{hex32(bid.bid.sweep_id)}/bids", wire.encode(bid))

    async def result(self, bid: SignedBid, submission: Submission) -> None:
        document = {"bid": wire.encode(bid), "submission": wire.encode(submission)}
        await self._peer.post("/v1/results", document)

    async def verdicts(
        self, id_: CommitId, seats: Collection[tuple[int, Address]]
    ) -> list[tuple[Address, SignedVerdict]]:
        """Return the verdicts said to be of these shares' judges; `WORDS` different ones of each.

        The signatures are not checked. What is said of others is not even read: an answer has room
        for tens of thousands.
        """
        answer = await self._reader.get(f"/v1/commits/{hex32(id_)}/verdicts")
        found: dict[tuple[int, Address], list[Any]] = {}
        with self._reading("verdicts"):
            for one in _listed(answer, "verdicts"):
                place = (one["signed"]["verdict"]["share"], one["judge"])
                words = found.setdefault(place, []) if place in seats else None
                if words is not None and len(words) < WORDS and one["signed"] not in words:
                    words.append(one["signed"])
            return [
                (judge, wire.decode(SignedVerdict, word))
                for (_, judge), words in found.items()
                for word in words
            ]

    async def post_verdict(self, verdict: SignedVerdict) -> None:
        path = f"/v1/commits/{hex32(verdict.verdict.commit_id)}/verdicts"
        await self._peer.post(path, wire.encode(verdict))

    async def votes(self, id_: DisputeId) -> list[SignedVote]:
        answer = await self._reader.get(f"/v1/disputes/{hex32(id_)}/votes")
        with self._reading("votes"):
            return [wire.decode(SignedVote, found) for found in _listed(answer, "votes")]

    async def post_vote(self, vote: SignedVote) -> None:
        path = f"/v1/disputes/{hex32(vote.vote.dispute_id)}/votes"
        await self._peer.post(path, wire.encode(vote))

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Whatever is wrong with an answer is the coordinator's fault, and may pass."""
        try:
            yield
        except (BadInput, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise AnswerInvalid(self._peer.url, f"{what}: {error}") from error


def _notice(document: Mapping[str, Any]) -> Notice:
    id_ = SweepId(parse_hex(document["sweep_id"], 32))
    sweep = wire.decode(Sweep, document["sweep"])
    return Notice(id_, sweep, tuple(_call(id_, call) for call in document["calls"]))


def _call(id_: SweepId, document: Mapping[str, Any]) -> Call:
    trials = unpack_trials(parse_hex(document["trials"]))
    leg = Leg(trials, wire.decode(Rung, document["rung"]))
    return Call(id_, int(document["round"]), leg, float(document["at"]))


def _listed(answer: Any, name: str) -> list[dict[str, Any]]:
    found = answer.get(name) if isinstance(answer, Mapping) else answer
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TypeError(f"{name} is no list of objects")
    return found
