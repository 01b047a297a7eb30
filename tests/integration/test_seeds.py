"""Draws get their seeds without a relayer: published rounds are brought, block hashes kept."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from chain_life import Life
from compute_swarm.chain.beacon import CHAIN_HASH, begins, round_after
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import deploy
from compute_swarm.chain.devnet import CHAIN_ID, Devnet, DevnetOptions, dev_wallet, devnet
from compute_swarm.chain.profiles import PRODUCTION
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.delivery import Delivery
from compute_swarm.node.seeds import AGAIN_S, MOST_BYTES, Beacon, Moment, Seeds
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.workplace import Workplace

ROUND = 20_791_007  # the newest one that is vendored
MOMENT = Moment(1, begins(ROUND) - PRODUCTION.entropy.delay - 1)
NOWHERE = "http://127.0.0.1:9"

Rounds = dict[int, tuple[str, str]]


@pytest.fixture(scope="module")
def published(root: Path) -> Rounds:
    """What drand published: signature and randomness by round."""
    rounds = json.loads((root / "tests" / "vectors" / "drand.json").read_text())["rounds"]["list"]
    return {int(r["round"]): (r["signature"][2:], r["randomness"][2:]) for r in rounds}


@pytest.fixture
def later(anvil_binary: Path) -> Iterator[Devnet]:
    """A chain just after the round began."""
    with devnet(DevnetOptions(genesis=begins(ROUND) + 10)) as chain:
        yield chain


@pytest.fixture
async def beaconed(later: Devnet) -> AsyncIterator[Contracts]:
    """A deployment that draws from drand."""
    async with await Rpc.connect(later.url, CHAIN_ID) as rpc:
        yield Contracts(rpc, await deploy(rpc, dev_wallet(0), PRODUCTION))


class Publisher:
    """An endpoint as drand's, and what it was asked for."""

    def __init__(self, rounds: Rounds) -> None:
        self.rounds, self.asked = rounds, list[int]()

    async def public(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        self.asked.append(number)
        if number not in self.rounds:
            raise web.HTTPNotFound
        signature, randomness = self.rounds[number]
        return web.json_response(
            {"round": number, "signature": signature, "randomness": randomness}
        )


@asynccontextmanager
async def publishing(rounds: Rounds) -> AsyncIterator[tuple[Publisher, str]]:
    publisher, app = Publisher(rounds), web.Application()
    app.add_routes([web.get(f"/{CHAIN_HASH}/public/{{number}}", publisher.public)])
    async with serving(app, Loopback(), 0) as url:
        yield publisher, url


def test_the_moment_is_answered_by_the_vendored_round() -> None:
    assert round_after(MOMENT.time, PRODUCTION.entropy.delay) == ROUND


async def test_a_published_round_is_brought_once_and_is_the_draws_entropy(
    beaconed: Contracts, published: Rounds
) -> None:
    async with publishing(published) as (publisher, url):
        seeds = Seeds(beaconed, Beacon([url]))
        head = await beaconed.rpc.head()
        call = await seeds.due(MOMENT, head)
        assert call is not None
        await send(dev_wallet(1), call)
        entropy = await beaconed.randomness.entropy(MOMENT.block_number, MOMENT.time)
        assert entropy is not None
        assert entropy.hex() == published[ROUND][1]
        assert await Seeds(beaconed, Beacon([url])).due(MOMENT, head) is None
    assert publisher.asked == [ROUND]


async def test_an_endpoint_that_lies_is_passed_over(beaconed: Contracts, published: Rounds) -> None:
    lie = {ROUND: published[1_000]}
    async with publishing(lie) as (_, liar), publishing(published) as (_, url):
        seeds = Seeds(beaconed, Beacon([NOWHERE, liar, url]))
        call = await seeds.due(MOMENT, await beaconed.rpc.head())
    assert call is not None
    await call.read()


@pytest.mark.parametrize("answer", [("zz", ""), ("00", ""), ("", "")])
async def test_where_nobody_tells_the_round_nothing_is_sent_and_nobody_pestered(
    beaconed: Contracts, answer: tuple[str, str]
) -> None:
    async with publishing({ROUND: answer}) as (publisher, url):
        seeds = Seeds(beaconed, Beacon([NOWHERE, "not an address", url]))
        for _ in range(3):
            assert await seeds.due(MOMENT, await beaconed.rpc.head()) is None
    assert publisher.asked == [ROUND]
    assert AGAIN_S > 0


async def dripping(request: web.Request) -> web.StreamResponse:
    """Send a byte again and again, each in time."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def inflating(request: web.Request) -> web.Response:
    """Send a round that is small only as long as nobody inflates it."""
    document = json.dumps({"round": ROUND, "signature": "00", "padding": " " * MOST_BYTES})
    body = gzip.compress(document.encode())
    assert len(body) < MOST_BYTES
    return web.Response(body=body, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("answer", [dripping, inflating])
async def test_an_endpoint_is_heard_for_its_time_only_and_word_for_word(
    published: Rounds, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> None:
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", answer)])
    async with serving(app, Loopback(), 0) as hostile, publishing(published) as (_, url):
        async with asyncio.timeout(3):
            found = await Beacon([hostile, url], answer_s=0.5).signatures(ROUND)
    assert found == [bytes.fromhex(published[ROUND][0])]


async def test_a_round_that_has_not_begun_is_not_asked_for(
    beaconed: Contracts, published: Rounds
) -> None:
    early = replace(await beaconed.rpc.head(), time=begins(ROUND))
    async with publishing(published) as (publisher, url):
        assert await Seeds(beaconed, Beacon([url])).due(MOMENT, early) is None
    assert publisher.asked == []


# --- block hashes ----------------------------------------------------------------------------


@asynccontextmanager
async def selling(life: Life, folder: Path) -> AsyncIterator[Workplace]:
    """The seller of the first award, whom no relayer helps."""
    life.contracts.deployment.save(folder / "deployment.json")
    settings = NodeSettings(
        role=Role.SELLER,
        home=folder / "seller",
        deployment=folder / "deployment.json",
        rpc=life.net.url,
        coordinator=NOWHERE,
        patience_s=0.0,
    )
    async with open_workplace(settings, life.cast.sellers[0]) as workplace:
        yield workplace


def pinned(life: Life) -> list[int]:
    wanted = {"address": life.contracts.randomness.address, "fromBlock": "0x0"}
    logs = life.net.request("eth_getLogs", wanted)
    return [int(log["topics"][1], 16) for log in logs]  # type: ignore[attr-defined]


async def test_a_seller_keeps_the_seed_that_its_award_waits_for(life: Life, tmp_path: Path) -> None:
    await life.award(await life.bid(life.cast.sellers[0], [0, 1, 2]))
    await life.post_results(72)
    async with selling(life, tmp_path) as workplace:
        chronicle, delivery = await workplace.chronicle(), Delivery(workplace)
        entry = chronicle.awards[life.awards[0].id]
        await delivery._posted(chronicle, entry)
        assert pinned(life) == []  # the block is young
        workplace.seeds.pin_blocks = 2
        await delivery._posted(chronicle, entry)
        await delivery._posted(chronicle, entry)
    delay = life.contracts.deployment.profile.entropy.delay
    assert pinned(life) == [life.commit.block_number + delay]
