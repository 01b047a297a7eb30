"""A board in memory and sellers that sign what they are asked, for a buyer on a real chain."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from chain_life import PRICE, Life
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, Rung, SignedBid
from compute_swarm.domain.ids import Address, parse_hex
from compute_swarm.domain.packing import unpack_trials
from compute_swarm.errors import PeerUnreachable
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback


async def nothing() -> None:
    """What happens between two steps, as a rule."""


@dataclass
class Square:
    """The coordinator as a buyer sees it; `before_offers` is what others do meanwhile."""

    sellers: dict[Address, str] = field(default_factory=dict)
    prices: dict[Address, int] = field(default_factory=dict)
    calls: list[Leg] = field(default_factory=list)
    shown: list[SignedBid] = field(default_factory=list)
    before_offers: Callable[[], Awaitable[None]] = nothing
    down: bool = False

    async def nodes(self) -> list[dict[str, Any]]:
        return [
            {"address": who, "url": url, "role": "seller", "online": True}
            for who, url in self.sellers.items()
        ]

    async def sweep(self, _: object) -> dict[str, Any]:
        if self.down:
            raise PeerUnreachable("http://127.0.0.1:9", "refused")
        return {"calls": [{"round": number} for number in range(len(self.calls))]}

    async def announce(self, *_: object) -> None:
        """Nobody else reads this board."""

    async def call(self, id_: object, round_: int, leg: Leg, session: object = None) -> None:
        self.calls.append(leg)

    async def offers(self, id_: object, round_: int) -> list[dict[str, Any]]:
        happened, self.before_offers = self.before_offers, nothing
        await happened()
        return [
            {
                "seller": who,
                "class_id": "c",
                "price": str(self.prices.get(who, int(PRICE))),
                "most_trials": 8,
                "seconds_per_trial": 1.0,
                "deadline_s": 600,
            }
            for who in self.sellers
        ]

    async def bids(self, _: object) -> list[SignedBid]:
        return list(self.shown)

    async def post_bids(self, _: object, bids: Sequence[SignedBid]) -> None:
        if self.down:
            raise PeerUnreachable("http://127.0.0.1:9", "refused")
        self.shown.extend(bids)


@dataclass
class Stall:
    """A seller's node: it signs bids, or gives another answer, and shows results."""

    life: Life
    wallet: Wallet
    answer: object = None  # in place of a bid
    results: dict[str, object] = field(default_factory=dict)
    asked: int = 0

    def application(self) -> web.Application:
        app = web.Application()
        result = web.get("/v1/awards/{id}/result", self.result)
        app.add_routes([web.post("/v1/bids", self.bid), result])
        return app

    async def bid(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.answer is not None:
            return web.json_response(self.answer)
        asked = await request.json()
        trials = [key.index for key in unpack_trials(parse_hex(asked["trials"]))]
        rung = wire.decode(Rung, asked["rung"])
        stretch = {"start": rung.start, "first": rung.first, "segments": rung.segments}
        return web.json_response(wire.encode(await self.life.bid(self.wallet, trials, **stretch)))

    async def result(self, request: web.Request) -> web.Response:
        return web.json_response(self.results.get(request.match_info["id"], {}))


@asynccontextmanager
async def stall(square: Square, seller: Stall) -> AsyncIterator[Stall]:
    """Open a seller's stall on the square."""
    async with serving(seller.application(), Loopback()) as url:
        square.sellers[seller.wallet.address] = url
        yield seller
