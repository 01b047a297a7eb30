import json

import pytest

from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.auth import HEADER, Call
from compute_swarm.errors import PeerRefused
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.coordinator.directory import KEPT_SECONDS
from compute_swarm.node.coordinator.gate import OpenGate
from compute_swarm.node.coordinator.store import Limits
from coordinator_desk import BUYER, OTHER, SELLER, Clock, coordinator

ALIVE = {"status": "waiting", "reachability": "loopback"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def running(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        yield running


async def listed(running, query=None):
    return (await running.peer().get("/v1/nodes", query))["nodes"]


async def test_a_node_is_online_while_its_heart_beats(running, clock):
    session = await running.register(SELLER, capacity={"vram_gib": 12})
    assert await listed(running) == []
    await session.post("/v1/nodes/heartbeat", ALIVE)
    (node,) = await listed(running)
    assert node["address"] == SELLER.address
    assert (node["status"], node["reachability"], node["online"]) == ("waiting", "loopback", True)
    assert node["capacity"] == {"vram_gib": 12}
    clock.now += 2.3
    assert len(await listed(running)) == 1
    clock.now += 0.2
    assert await listed(running) == []
    (node,) = await listed(running, {"all": 1})
    assert node["online"] is False


async def test_a_paused_node_says_why(running):
    session = await running.register(SELLER)
    paused = {"status": "paused", "reachability": "direct", "pause": "game"}
    await session.post("/v1/nodes/heartbeat", paused)
    assert (await listed(running))[0]["pause"] == "game"


async def test_a_session_survives_a_restart(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        token = (await running.register(SELLER)).token
    async with coordinator(tmp_path, clock) as running:
        session = running.peer()
        session.token = token
        await session.post("/v1/nodes/heartbeat", ALIVE)
        assert len(await listed(running)) == 1


async def test_a_new_registration_ends_the_old_session(running):
    old = await running.register(SELLER)
    await running.register(SELLER, url="http://127.0.0.1:9001")
    with pytest.raises(PeerRefused) as caught:
        await old.post("/v1/nodes/heartbeat", ALIVE)
    assert caught.value.status == 401


async def test_the_file_holds_no_usable_token(running, tmp_path):
    token = (await running.register(SELLER)).token
    for file in tmp_path.glob("coordinator.sqlite*"):
        assert token.encode() not in file.read_bytes()


async def test_nobody_registers_without_a_signature(running):
    with pytest.raises(PeerRefused) as caught:
        await running.peer().post("/v1/nodes", {"role": "seller"})
    assert caught.value.status == 401


async def test_an_address_has_one_role(running):
    await running.register(SELLER)
    with pytest.raises(PeerRefused) as caught:
        await running.register(SELLER, role="validator")
    assert caught.value.reason == "auth.not_allowed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"},
        {"role": ["seller"]},
        {"url": "ftp://127.0.0.1"},
        {"url": "http://"},
        {"url": "http://user@127.0.0.1"},
        {"url": "http://127.0.0.1/path"},
        {"url": "http://127.0.0.1:99999"},
        {"url": "http://[::1"},
        {"url": "http://" + "a" * 200},
        {"url": 7},
        {"class_id": "c" * 81},
        {"capacity": "much"},
        {"capacity": {"x": "y" * 2000}},
    ],
)
async def test_a_registration_that_is_off_is_refused(running, wrong):
    with pytest.raises(PeerRefused) as caught:
        await running.register(SELLER, **wrong)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "wrong", [{}, {"status": "asleep"}, {"reachability": 1}, {"more": 1}, {"pause": "lunch"}]
)
async def test_a_heartbeat_that_is_off_is_refused(running, wrong):
    session = await running.register(SELLER)
    with pytest.raises(PeerRefused) as caught:
        await session.post("/v1/nodes/heartbeat", (ALIVE | wrong) if wrong else {})
    assert caught.value.status == 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_a_capacity_has_to_be_finite(running, number):
    told = {"role": "seller", "url": "http://127.0.0.1:9000", "class_id": "c"}
    body = json.dumps(told | {"capacity": {"gib": 0}}).replace("0}", number + "}").encode()
    header = SELLER.auth_header(Call(running.url, "POST", "/v1/nodes", body), running.clock())
    async with Loopback().client(running.url) as client:
        answer = await client.post("/v1/nodes", content=body, headers={HEADER: header})
    assert (answer.status_code, answer.json()["code"]) == (400, "document")


class Staked(OpenGate):
    """Vouches for those named, as long as they are named."""

    def __init__(self, *who: Wallet) -> None:
        self.who = {wallet.address for wallet in who}

    async def sells(self, who) -> bool:
        return who in self.who

    async def judges(self, who) -> bool:
        return who in self.who


async def refused(awaitable) -> str:
    with pytest.raises(PeerRefused) as caught:
        await awaitable
    return caught.value.reason


async def addresses(running):
    return {node["address"] for node in await listed(running, {"all": 1})}


@pytest.mark.parametrize("role", ["seller", "validator"])
async def test_a_key_with_nothing_at_stake_takes_up_no_place(tmp_path, clock, role):
    async with coordinator(tmp_path, clock, gate=Staked(SELLER)) as running:
        assert await refused(running.register(OTHER, role=role)) == "auth.not_allowed"
        await running.register(SELLER, role=role)
        assert await addresses(running) == {SELLER.address}


async def test_a_known_node_registers_anew_whatever_it_has_left(tmp_path, clock):
    gate = Staked(SELLER)
    async with coordinator(tmp_path, clock, gate=gate) as running:
        await running.register(SELLER)
        gate.who.clear()
        await running.register(SELLER, url="http://127.0.0.1:9001")
        assert (await listed(running, {"all": 1}))[0]["url"] == "http://127.0.0.1:9001"


async def test_a_silent_node_with_a_stake_keeps_its_place_in_a_full_directory(tmp_path, clock):
    async with coordinator(tmp_path, clock, Limits(nodes=1), Staked(SELLER, OTHER)) as running:
        await running.register(SELLER)
        clock.now += 3600
        assert await refused(running.register(OTHER)) == "limit"
        assert await addresses(running) == {SELLER.address}


async def test_a_full_directory_forgets_who_has_nothing_at_stake_any_more(tmp_path, clock):
    gate = Staked(SELLER, OTHER)
    async with coordinator(tmp_path, clock, Limits(nodes=2), gate) as running:
        for who in (SELLER, OTHER):
            await (await running.register(who)).post("/v1/nodes/heartbeat", ALIVE)
        gate.who = {SELLER.address, BUYER.address}
        await running.register(BUYER)
        assert await addresses(running) == {SELLER.address, BUYER.address}


async def test_a_full_directory_forgets_who_was_silent_for_weeks(tmp_path, clock):
    async with coordinator(tmp_path, clock, Limits(nodes=2)) as running:
        await running.register(SELLER)
        alive = await running.register(OTHER)
        clock.now += KEPT_SECONDS + 1
        await alive.post("/v1/nodes/heartbeat", ALIVE)
        await running.register(BUYER)
        assert await addresses(running) == {OTHER.address, BUYER.address}


async def test_a_restart_makes_nobody_look_silent(tmp_path, clock):
    async with coordinator(tmp_path, clock) as running:
        await running.register(SELLER)
    clock.now += KEPT_SECONDS + 1
    async with coordinator(tmp_path, clock, Limits(nodes=1)) as running:
        assert await refused(running.register(OTHER)) == "limit"


async def test_the_status_counts_the_nodes(running):
    session = await running.register(SELLER)
    await running.register(OTHER)
    await session.post("/v1/nodes/heartbeat", ALIVE)
    status = await running.peer().get("/v1/status")
    assert (status["nodes"], status["online"]) == (2, 1)
