import asyncio

import httpx
import pytest
from aiohttp import web

from compute_swarm.errors import LimitReached, PeerRefused
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import answer, errors_as_json, serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.coordinator.pace import (
    BURST_SECONDS,
    DOCUMENT_LIMIT,
    WAITING_SECONDS,
    Pace,
    host,
    paced,
)
from coordinator_desk import BUYER, Clock, coordinator


def used_up(pace: Pace, who: str = "host") -> int:
    """Ask until it is refused; returns how often it was not."""
    for count in range(10_000):
        try:
            pace.take(who)
        except LimitReached:
            return count
    raise AssertionError("never refused")


def test_a_host_has_a_burst_then_waits_its_turn_and_is_refused_in_the_end():
    pace = Pace(rate=10, clock=Clock())
    at_once = int(10 * BURST_SECONDS)
    assert [pace.take("host") for _ in range(at_once)] == [0.0] * at_once
    waits = [pace.take("host") for _ in range(int(10 * WAITING_SECONDS))]
    assert waits == pytest.approx([(1 + place) / 10 for place in range(len(waits))], abs=1e-3)
    with pytest.raises(LimitReached):
        pace.take("host")


def test_a_pause_gives_the_burst_back_and_no_more():
    clock = Clock()
    pace = Pace(rate=10, clock=clock)
    most = used_up(pace)
    clock.now += 1
    assert used_up(pace) == 10
    clock.now += 1e6
    assert used_up(pace) == most


def test_one_host_does_not_slow_down_another():
    pace = Pace(rate=10, clock=Clock())
    used_up(pace)
    assert pace.take("another") == 0.0


def test_only_so_many_hosts_are_remembered():
    pace = Pace(rate=10, clock=Clock(), hosts=2)
    used_up(pace, "first")
    for later in ("second", "third"):
        pace.take(later)
    assert pace.take("first") == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "", True),
    ],
)
def test_the_addresses_of_one_customer_are_one_host(one, other, same):
    assert (host(one) == host(other)) is same


@pytest.fixture
async def url():
    """A service whose signed requests are at their end, and whose plain ones are not."""

    async def served(_: web.Request) -> web.Response:
        return answer({})

    signed = Pace(rate=10, clock=Clock())
    used_up(signed, host("127.0.0.1"))
    app = web.Application(middlewares=[errors_as_json, paced(signed, Pace(10))])
    app.add_routes([web.route("*", "/{path:.*}", served)])
    async with serving(app, Loopback()) as url:
        yield url


async def test_what_has_a_signature_to_check_has_a_pace_of_its_own(url):
    async with Peer(url, Loopback()) as stranger, Peer(url, Loopback(), BUYER) as signer:
        await stranger.get("/v1/sweeps")
        await stranger.post("/v1/nodes/heartbeat", {})
        for costly in (
            stranger.post("/v1/results", {}),
            stranger.put_bytes("/v1/blocks/x", b""),
            signer.get("/v1/sweeps"),
            signer.post("/v1/nodes/heartbeat", {}),
        ):
            with pytest.raises(PeerRefused) as caught:
                await costly
            assert caught.value.status == 429


async def test_a_document_is_short_and_says_how_long_it_is(tmp_path):
    async def pieces():
        yield b"{}"
        await asyncio.sleep(0)

    async with coordinator(tmp_path, Clock()) as running, Loopback().client(running.url) as client:
        for content in (b" " * (DOCUMENT_LIMIT + 1), pieces()):
            reply: httpx.Response = await client.post("/v1/nodes/heartbeat", content=content)
            assert (reply.status_code, reply.json()["code"]) == (400, "document")
