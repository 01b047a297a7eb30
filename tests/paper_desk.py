"""A node that reads an award's papers, and a seller that shows them, without a chain."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from aiohttp import web

from compute_swarm.domain import wire
from compute_swarm.domain.bid import SignedBid
from compute_swarm.domain.ids import Address, SweepId, hex32
from compute_swarm.errors import PeerUnreachable
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.journal import Journal
from compute_swarm.node.settings import NodeSettings
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.assertions import Claim
from coordinator_desk import DEPLOYMENT, JUDGE
from example_claim import CHAIN, MARKET


@dataclass
class Directory:
    """A board that knows sellers, or that can't be reached."""

    known: dict[Address, str]
    down: bool = False
    shown: list[SignedBid] = field(default_factory=list)

    async def urls(self) -> dict[Address, str]:
        if self.down:
            raise PeerUnreachable("http://127.0.0.1:9", "refused")
        return self.known

    async def bids(self, _: SweepId) -> list[SignedBid]:
        return self.shown

    async def aclose(self) -> None:
        pass


class Undrawn:
    async def of_commit(self, *_: object) -> None:
        return None


def desk(board: Directory, journal: Journal, settings: NodeSettings) -> Workplace:
    """A workplace with the parts that reading papers needs; on its chain nothing is drawn."""
    contracts = SimpleNamespace(deployment=replace(DEPLOYMENT, chain_id=CHAIN, market=MARKET))
    lacks: dict[str, Any] = dict.fromkeys(("blocks", "library", "history", "seeds"))
    return Workplace(
        settings=settings,
        wallet=JUDGE,
        contracts=contracts,  # type: ignore[arg-type]
        journal=journal,
        board=board,  # type: ignore[arg-type]
        transport=Loopback(),
        draws=Undrawn(),  # type: ignore[arg-type]
        **lacks,
    )


@dataclass
class Seller:
    """Serves the papers of two claims, after a pause."""

    claims: Sequence[Claim]
    slow: Claim | None = None
    padding: int = 0  # bytes

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/v1/awards/{id}/{what}", self.answer)])
        return app

    async def answer(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        claim = next(one for one in self.claims if hex32(one.posted.award.id) == id_)
        if claim is self.slow:
            await asyncio.sleep(5)
        if request.match_info["what"] == "bid":
            return web.json_response(wire.encode(SignedBid(claim.bid, bytes(65))))
        told = [receipt.to_document() for receipt in claim.receipts]
        return web.json_response({"receipts": told, "padding": " " * self.padding})
