"""The coordinator's HTTP interface: reads a request, asks the board or the directory, answers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from compute_swarm import __version__
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Rung, SignedBid, Submission, Sweep
from compute_swarm.domain.ids import Address, CommitId, DisputeId, SweepId, hex32, parse_hex
from compute_swarm.domain.session import Session
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.verdict import SignedVerdict, SignedVote
from compute_swarm.errors import AuthMalformed, DocumentInvalid, NotAllowed, NotKnown
from compute_swarm.mesh.auth import authentication, caller
from compute_swarm.mesh.service import BODY_LIMIT, Document, answer, errors_as_json, read_document
from compute_swarm.node.coordinator.board import Board, Offer
from compute_swarm.node.coordinator.directory import Directory, Heartbeat, Registration, Role
from compute_swarm.node.coordinator.gate import Gate
from compute_swarm.node.coordinator.pace import paced
from compute_swarm.node.coordinator.store import Standing
from compute_swarm.node.coordinator.uploads import Uploads
from compute_swarm.node.coordinator.verdicts import Verdicts
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.gateway import Gateway, anybody

SPEC_LIMIT: Final = 64 * 1024
MOST_ROUND: Final = 2**31 - 1
LOOKED_AT: Final = 50  # nodes, for one that has nothing at stake any more


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the coordinator answers from."""

    directory: Directory
    board: Board
    verdicts: Verdicts
    uploads: Uploads
    blocks: BlockStore
    gate: Gate
    clock: Callable[[], float] = time.time


def application(desk: Desk) -> web.Application:
    app = web.Application(
        middlewares=[errors_as_json, paced(), authentication(desk.clock)],
        client_max_size=BODY_LIMIT,
    )
    app.add_routes(_Handlers(desk).routes())
    app.add_routes(Gateway(desk.blocks, anybody).routes())
    return app


@dataclass(frozen=True, slots=True)
class _Handlers:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/status", self.status),
            web.post("/v1/nodes", self.register),
            web.post("/v1/nodes/heartbeat", self.heartbeat),
            web.get("/v1/nodes", self.nodes),
            web.put("/v1/blocks/{cid}", self.upload),
            web.post("/v1/sweeps", self.announce),
            web.get("/v1/sweeps", self.sweeps),
            web.get("/v1/sweeps/{id}", self.sweep),
            web.post("/v1/sweeps/{id}/calls", self.call),
            web.post("/v1/sweeps/{id}/offers", self.offer),
            web.get("/v1/sweeps/{id}/offers", self.offers),
            web.post("/v1/sweeps/{id}/bids", self.bid),
            web.get("/v1/sweeps/{id}/bids", self.bids),
            web.post("/v1/results", self.result),
            web.get("/v1/commits/{id}", self.commit),
            web.post("/v1/commits/{id}/verdicts", self.verdict),
            web.get("/v1/commits/{id}/verdicts", self.verdicts),
            web.post("/v1/disputes/{id}/votes", self.vote),
            web.get("/v1/disputes/{id}/votes", self.votes),
        ]

    async def status(self, _: web.Request) -> web.Response:
        nodes = self.desk.directory.nodes()
        return answer(
            {
                "version": __version__,
                "time": self.desk.clock(),
                "nodes": len(nodes),
                "online": sum(node.online for node in nodes),
            }
        )

    # Nodes

    async def register(self, request: web.Request) -> web.Response:
        who = caller(request)
        body = await read_document(request)
        registration = Registration(
            role=_role(body),
            url=_text(body, "url"),
            class_id=_text(body, "class_id"),
            capacity=_object(body, "capacity"),
        )
        directory = self.desk.directory
        registration.check()
        if directory.node(who) is None:
            await self._admit(who, registration.role)
        return answer({"token": directory.register(who, registration)})

    async def heartbeat(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise AuthMalformed
        pulse = wire.decode(Heartbeat, await read_document(request))
        who = self.desk.directory.beat(token, pulse)
        return answer({"address": who})

    async def nodes(self, request: web.Request) -> web.Response:
        """The nodes that are online; with `?all=1` the others too."""
        everybody = request.query.get("all") == "1"
        nodes = [node for node in self.desk.directory.nodes() if node.online or everybody]
        return answer({"nodes": [node.document() for node in nodes]})

    # Datasets and sweeps

    async def upload(self, request: web.Request) -> web.Response:
        cid = Cid.parse(request.match_info["cid"])
        block = await request.read()
        await asyncio.to_thread(self.desk.uploads.put, caller(request), cid, block)
        return answer({"cid": str(cid)})

    async def announce(self, request: web.Request) -> web.Response:
        who = caller(request)
        if len(await request.read()) > SPEC_LIMIT:
            raise DocumentInvalid("", f"at most {SPEC_LIMIT} bytes")
        body = await read_document(request)
        spec = SweepSpec.from_document(_object(body, "spec"))
        Cid.parse(spec.dataset.cid)
        sweep = wire.decode(Sweep, body.get("sweep"), "sweep")
        funded = await self.desk.gate.pays(sweep)
        standing = Standing.FUNDED if funded else Standing.UNKNOWN
        id_ = self.desk.board.announce(who, spec, sweep, standing)
        complete = await self._keep_dataset(id_)
        return answer({"sweep_id": hex32(id_), "dataset_complete": complete})

    async def sweeps(self, _: web.Request) -> web.Response:
        return answer({"sweeps": self.desk.board.sweeps()})

    async def sweep(self, request: web.Request) -> web.Response:
        return answer(self.desk.board.sweep(_sweep(request)))

    async def call(self, request: web.Request) -> web.Response:
        who, id_ = caller(request), _sweep(request)
        body = await read_document(request)
        if "session" in body:
            who = await self._buyer(who, id_, wire.decode(Session, body["session"], "session"))
        trials = parse_hex(_text(body, "trials"))
        rung = wire.decode(Rung, body.get("rung"), "rung")
        self.desk.board.call(who, id_, _whole(body, "round"), (trials, rung))
        return answer({"dataset_complete": await self._keep_dataset(id_)})

    async def offer(self, request: web.Request) -> web.Response:
        who = caller(request)
        node = self.desk.directory.node(who)
        if node is None or node.registration.role is not Role.SELLER:
            raise NotAllowed(who, "offer: it is not registered as a seller")
        if not await self.desk.gate.sells(who):
            raise NotAllowed(who, "offer: it has no bond's worth in the market")
        self.desk.board.offer(
            who, _sweep(request), wire.decode(Offer, await read_document(request))
        )
        return answer({})

    async def offers(self, request: web.Request) -> web.Response:
        asked = request.query.get("round")
        round_ = None if asked is None else _whole({"round": _integer(asked)}, "round")
        return answer({"offers": self.desk.board.offers(_sweep(request), round_)})

    async def bid(self, request: web.Request) -> web.Response:
        signed = wire.decode(SignedBid, await read_document(request))
        await self._awarded(signed)
        return answer({"award_id": hex32(self.desk.board.bid(_sweep(request), signed))})

    async def bids(self, request: web.Request) -> web.Response:
        return answer({"bids": self.desk.board.bids(_sweep(request))})

    # Results and judgement: what is posted is signed, so anybody may bring it.

    async def result(self, request: web.Request) -> web.Response:
        """`{"bid": SignedBid, "submission": Submission}`: the bid proves which award it is."""
        body = await read_document(request)
        signed = wire.decode(SignedBid, body.get("bid"), "bid")
        submission = wire.decode(Submission, body.get("submission"), "submission")
        await self._awarded(signed)
        return answer({"award_id": hex32(self.desk.board.result(signed, submission))})

    async def commit(self, request: web.Request) -> web.Response:
        return answer(self.desk.verdicts.commit(CommitId(_id(request))))

    async def verdict(self, request: web.Request) -> web.Response:
        signed = wire.decode(SignedVerdict, await read_document(request))
        judge = self.desk.verdicts.signer(signed)
        if not await self.desk.gate.judges(judge):
            raise NotAllowed(judge, "judge: it has no bond")
        self.desk.verdicts.verdict(CommitId(_id(request)), signed)
        return answer({"judge": judge})

    async def verdicts(self, request: web.Request) -> web.Response:
        found = self.desk.verdicts.verdicts(CommitId(_id(request)))
        documents = [{"judge": judge, "signed": wire.encode(signed)} for judge, signed in found]
        return answer({"verdicts": documents})

    async def vote(self, request: web.Request) -> web.Response:
        signed = wire.decode(SignedVote, await read_document(request))
        if not await self.desk.gate.judges(signed.validator):
            raise NotAllowed(signed.validator, "vote: it has no bond")
        dispute = DisputeId(_id(request))
        if not await self.desk.gate.disputed(dispute):
            raise NotKnown("dispute", hex32(dispute))
        self.desk.verdicts.vote(dispute, signed)
        return answer({})

    async def votes(self, request: web.Request) -> web.Response:
        found = self.desk.verdicts.votes(DisputeId(_id(request)))
        return answer({"votes": [wire.encode(vote) for vote in found]})

    async def _awarded(self, signed: SignedBid) -> None:
        """Refuse a bid that nobody paid for, and what came of it."""
        award = self.desk.board.award_id(signed)
        if not await self.desk.gate.awarded(award):
            raise NotAllowed(signed.bid.seller, f"post on {hex32(award)}: not awarded")

    async def _admit(self, who: Address, role: Role) -> None:
        """Refuse a newcomer with nothing at stake; where the list is full, find it a place."""
        if not await self._stands(who, role):
            raise NotAllowed(who, f"register as a {role}: it has nothing at stake yet")
        directory = self.desk.directory
        if directory.has_room():
            return
        for node in directory.some(LOOKED_AT):
            if not await self._stands(node.address, node.registration.role):
                directory.forget(node.address)
                return

    async def _stands(self, who: Address, role: Role) -> bool:
        gate = self.desk.gate
        return await (gate.sells(who) if role is Role.SELLER else gate.judges(who))

    async def _buyer(self, who: Address, id_: SweepId, session: Session) -> Address:
        """Return for whom a session's key asks."""
        own = session.key == who and session.sweep_id == id_
        if not own or not await self.desk.gate.spends(session):
            raise NotAllowed(who, "ask in this session: it is another key's or sweep's, or over")
        return session.buyer

    async def _keep_dataset(self, id_: SweepId) -> bool:
        return await asyncio.to_thread(self.desk.uploads.keep, self.desk.board.dataset(id_))


def _sweep(request: web.Request) -> SweepId:
    return SweepId(_id(request))


def _id(request: web.Request) -> bytes:
    return parse_hex(request.match_info["id"], 32)


def _text(body: Document, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise DocumentInvalid(key, "text")
    return value


def _object(body: Document, key: str) -> dict[str, Any]:
    value = body.get(key)
    if not isinstance(value, dict):
        raise DocumentInvalid(key, "an object")
    return value


def _whole(body: Document, key: str) -> int:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_ROUND:
        raise DocumentInvalid(key, f"a whole number up to {MOST_ROUND}")
    return value


def _integer(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _role(body: Document) -> Role:
    try:
        return Role(str(body.get("role")))
    except ValueError:
        raise DocumentInvalid("role", f"one of {', '.join(Role)}") from None
