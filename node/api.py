"""A node's HTTP interface, and the rules of who may read what.

Receipts and bids are for everybody: they hold hashes. A state goes to the judges and panelists
drawn for its commit, an end state to the seller of a rung that goes on from it too, an adapter to
them and, once upheld, to the buyer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from compute_swarm import __version__
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, Rung, SignedBid
from compute_swarm.domain.ids import Address, AwardId, SweepId, hex32, parse_hex
from compute_swarm.domain.packing import TrialKey, unpack_trials
from compute_swarm.errors import NotAllowed, NotKnown
from compute_swarm.mesh.auth import CALLER, authentication, caller
from compute_swarm.mesh.service import BODY_LIMIT, answer, errors_as_json, read_document
from compute_swarm.node.chronicle import Chronicle
from compute_swarm.node.files import award_folder, case_folder
from compute_swarm.node.release import Release
from compute_swarm.node.rungs import End, Rungs
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.gateway import Gateway
from compute_swarm.verifier.layout import metrics_file, state_file


class Work(Protocol):
    """What the interface shows of a role."""

    def progress(self) -> dict[str, Any]: ...


class Bidder(Protocol):
    """Who signs firm bids, at a seller's."""

    async def sign_bid(self, buyer: Address, id_: SweepId, leg: Leg) -> SignedBid: ...


@dataclass(frozen=True, slots=True)
class Counter:
    """All that a node answers from; a validator has no bidder."""

    workplace: Workplace
    work: Work
    bidder: Bidder | None
    capacity: Mapping[str, Any]


def application(counter: Counter) -> web.Application:
    app = web.Application(
        middlewares=[errors_as_json, authentication()], client_max_size=BODY_LIMIT
    )
    app.add_routes(_Handlers(counter, Release(counter.workplace)).routes())
    return app


@dataclass(frozen=True, slots=True)
class _Handlers:
    counter: Counter
    release: Release

    def routes(self) -> list[web.RouteDef]:
        award = "/v1/awards/{id}"
        gateway = Gateway(self.counter.workplace.blocks, self._may_read)
        return [
            web.get("/v1/status", self.status),
            web.get("/v1/progress", self.progress),
            web.post("/v1/bids", self.bid),
            web.get(f"{award}/bid", self.signed_bid),
            web.get(f"{award}/result", self.result),
            web.get(f"{award}/states/{{trial}}/{{replica}}/{{k}}", self.state),
            web.get(f"{award}/metrics/{{trial}}/{{replica}}", self.metrics),
            *gateway.routes(),
        ]

    async def status(self, _: web.Request) -> web.Response:
        settings = self.counter.workplace.settings
        return answer(
            {
                "version": __version__,
                "address": self.counter.workplace.address,
                "role": str(settings.role),
                "status": self.counter.work.progress()["status"],
                "capacity": dict(self.counter.capacity),
            }
        )

    async def progress(self, _: web.Request) -> web.Response:
        return answer(self.counter.work.progress())

    async def bid(self, request: web.Request) -> web.Response:
        """`{"sweep_id", "trials", "rung"}` of the sweep's buyer: a firm bid for just these."""
        who = caller(request)
        if self.counter.bidder is None:
            raise NotAllowed(who, "ask a validator for bids")
        body = await read_document(request)
        id_ = SweepId(parse_hex(body.get("sweep_id", ""), 32))
        most = self.counter.workplace.settings.most_trials
        keys = unpack_trials(parse_hex(body.get("trials", "")), most)
        leg = Leg(keys, wire.decode(Rung, body.get("rung"), "rung"))
        return answer(wire.encode(await self.counter.bidder.sign_bid(who, id_, leg)))

    async def signed_bid(self, request: web.Request) -> web.Response:
        id_ = _award(request)
        record = self.counter.workplace.journal.bid(id_)
        if record is None:
            raise NotKnown("bid", hex32(id_))
        return answer(record.document)

    async def result(self, request: web.Request) -> web.Response:
        """A seller's receipts; a validator gives those that it holds against the posted root."""
        id_, journal = _award(request), self.counter.workplace.journal
        result = journal.result(id_)
        if result is None:
            receipts = journal.note(f"receipts/{id_.hex()}")
            if receipts is None:
                raise NotKnown("result", hex32(id_))
            return answer({"award_id": hex32(id_), "receipts": receipts})
        receipts = [trial.receipt for trial in journal.trials(id_) if trial.receipt is not None]
        return answer(
            {
                "award_id": hex32(id_),
                "root": hex32(result.root),
                "done": result.done,
                "receipts": receipts,
            }
        )

    async def state(self, request: web.Request) -> web.StreamResponse:
        who, id_ = caller(request), _award(request)
        workplace = self.counter.workplace
        chronicle = await workplace.recent_chronicle()
        key, k = _trial(request), _whole(request, "k")
        drawn = await workplace.draws.may_read(chronicle, who, id_)
        if not drawn and not await self._goes_on(chronicle, who, (id_, key, k)):
            raise NotAllowed(who, f"read states of {hex32(id_)}: it is not drawn for its commit")
        home = workplace.settings.home
        places = [state_file(folder(home, id_), key, k) for folder in (award_folder, case_folder)]
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            raise NotKnown("state", f"{k} of {key}")
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        id_, key = _award(request), _trial(request)
        home = self.counter.workplace.settings.home
        path = metrics_file(award_folder(home, id_), key)
        if not path.is_file():
            raise NotKnown("metrics", str(key))
        return web.FileResponse(path, headers={"Content-Type": "application/jsonl"})

    async def _goes_on(self, chronicle: Chronicle, who: Address, end: End) -> bool:
        """Whether this is an end state, the caller's to go on from, and paid for or upheld.

        An award costs its buyer nothing where it expires, so it alone can't show others' work.
        """
        rungs, (id_, key, k) = Rungs(self.counter.workplace), end
        return (
            await rungs.may_go_on(chronicle, who, end)
            and await self.release.released(chronicle, id_)
            and rungs.reached(id_).get(key) == k
        )

    async def _may_read(self, request: web.Request, cid: Cid) -> bool:
        who = request.get(CALLER)
        return who is not None and await self.release.may_read(who, cid)


def _award(request: web.Request) -> AwardId:
    return AwardId(parse_hex(request.match_info["id"], 32))


def _trial(request: web.Request) -> TrialKey:
    return TrialKey(_whole(request, "trial"), _whole(request, "replica"))


def _whole(request: web.Request, name: str) -> int:
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 8):
        raise NotKnown(name, text[:20])
    return int(text)
