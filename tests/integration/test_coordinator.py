"""The whole coordinator on a local chain: parties speak HTTP, and nobody else sends."""

import asyncio

import pytest

from chain_life import SEGMENTS, Life
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Commit, Sweep, sweep_id
from compute_swarm.domain.ids import DisputeId, hex32
from compute_swarm.domain.status import AwardStatus
from compute_swarm.errors import DatabaseInUse, PeerRefused
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.coordinator.main import CoordinatorSettings, running
from compute_swarm.node.coordinator.store import Standing
from examples import spec

SPEC = spec(
    dataset__cid="bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    training__steps=2 * SEGMENTS,
    training__segments=SEGMENTS,
    requirements__vram_gib=24,
    budget__verdict_time=120,
)


class Scene(Life):
    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, SPEC.hash, SPEC.terms)


@pytest.fixture
def scene(net, contracts):
    return Scene(net, contracts)


@pytest.fixture
def settings(net, prepared, tmp_path):
    return CoordinatorSettings(tmp_path / "data", prepared.deployment, net.url, port=0)


@pytest.fixture
async def coordinator(settings, scene):
    async with running(settings, scene.cast.relayer) as coordinator:
        yield coordinator


@pytest.fixture
async def peer(coordinator):
    peers = []

    def connect(wallet: Wallet | None = None) -> Peer:
        peers.append(Peer(coordinator.url, Loopback(), wallet))
        return peers[-1]

    yield connect
    for one in peers:
        await one.aclose()


async def until(condition, tries: int = 200):
    for _ in range(tries):
        if found := await condition():
            return found
        await asyncio.sleep(0.1)
    raise TimeoutError


async def test_a_sweep_is_settled_by_the_coordinator_alone(scene, peer):
    document = {"spec": SPEC.document(), "sweep": wire.encode(scene.sweep)}
    await peer(scene.cast.buyer).post("/v1/sweeps", document)
    bids = [
        await scene.bid(seller, trials)
        for seller, trials in zip(scene.cast.sellers, ((0, 1), (2,)), strict=True)
    ]
    await scene.award(*bids)
    for bid, award, done in zip(bids, scene.awards, (2 * SEGMENTS, SEGMENTS), strict=True):
        result = {"bid": wire.encode(bid), "submission": wire.encode(scene.submission(award, done))}
        await peer().post("/v1/results", result)

    board = peer()
    sweep = f"/v1/sweeps/{hex32(scene.sweep_id)}"

    async def commits():
        return (await board.get(sweep))["commits"]

    (commit_id,) = await until(commits)
    scene.commit = wire.decode(Commit, (await board.get(f"/v1/commits/{commit_id}"))["commit"])
    scene.net.mine(3)
    scene.seed = (await scene.contracts.market.docket(scene.sweep, scene.commit)).seed
    for verdict in await scene.verdicts():
        await board.post(f"/v1/commits/{commit_id}/verdicts", wire.encode(verdict))
    scene.net.advance(16)

    async def settled():
        slots = [await scene.contracts.market.award_slot(award.id) for award in scene.awards]
        return all(slot.status is AwardStatus.SETTLED for slot in slots)

    await until(settled)


async def test_only_the_chains_awards_and_validators_are_listened_to(scene, peer):
    document = {"spec": SPEC.document(), "sweep": wire.encode(scene.sweep)}
    await peer(scene.cast.buyer).post("/v1/sweeps", document)
    bid = await scene.bid(scene.cast.sellers[0], (0,))
    await scene.award(bid)
    other = await scene.bid(scene.cast.sellers[0], (1,))
    submission = wire.encode(scene.submission(scene.awards[0], SEGMENTS))
    with pytest.raises(PeerRefused) as caught:
        await peer().post("/v1/results", {"bid": wire.encode(other), "submission": submission})
    assert caught.value.reason == "auth.not_allowed"
    await peer().post("/v1/results", {"bid": wire.encode(bid), "submission": submission})


async def test_two_coordinators_do_not_share_a_folder(coordinator, settings, scene):
    with pytest.raises(DatabaseInUse):
        async with running(settings, scene.cast.relayer):
            pass


async def test_only_who_has_something_at_stake_registers(scene, peer):
    told = {"url": "http://127.0.0.1:9000", "class_id": "", "capacity": {}}
    stranger, cast = Wallet.from_key(b"\x07" * 32), scene.cast
    for role, who in (("seller", cast.sellers[0]), ("validator", cast.validators[0])):
        await peer(who).post("/v1/nodes", told | {"role": role})
        with pytest.raises(PeerRefused) as caught:
            await peer(stranger).post("/v1/nodes", told | {"role": role})
        assert caught.value.reason == "auth.not_allowed"
    with pytest.raises(PeerRefused):  # a judge's bond is no seller's stake
        await peer(cast.validators[1]).post("/v1/nodes", told | {"role": "seller"})


async def test_only_who_can_pay_for_a_trial_counts_as_a_buyer(scene, coordinator, peer):
    stranger = Wallet.from_key(b"\x07" * 32)
    for who, standing in ((scene.cast.buyer, Standing.FUNDED), (stranger, Standing.UNKNOWN)):
        sweep = Sweep(who.address, SPEC.hash, SPEC.terms)
        await peer(who).post("/v1/sweeps", {"spec": SPEC.document(), "sweep": wire.encode(sweep)})
        assert await coordinator.desk.gate.pays(sweep) == (standing is Standing.FUNDED)
        id_ = sweep_id(scene.chain_id, scene.contracts.market.address, sweep)
        assert coordinator.desk.board._sweep(id_)["standing"] == standing


async def test_the_gate_knows_no_dispute_that_was_made_up(coordinator):
    assert not await coordinator.desk.gate.disputed(DisputeId(b"d" * 32))
