"""A seller that commits and then shows nothing to anybody: real judges, a real panel, one end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chain_life import SEGMENTS, Life
from compute_swarm.chain.books import read_books
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.coordinator.main import CoordinatorSettings, running
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator
from compute_swarm.storage.cid import Cid, Codec
from examples import spec as example_spec

HALF = 61  # seconds: more than half of the judges' time, and of the panel's


def a_spec() -> SweepSpec:
    return example_spec(
        dataset__cid=str(Cid.of(Codec.RAW, b"rows")),
        training__segments=SEGMENTS,
        training__steps=SEGMENTS,
        budget__max_spend="1000000000000000000",
        budget__verdict_time=120,
    )


@dataclass
class Silence(Life):
    """A sweep whose seller is in no directory."""

    spec: SweepSpec = field(default_factory=a_spec)
    validators: list[Validator] = field(default_factory=list)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, self.spec.hash, self.spec.terms)

    async def becomes(self, status: AwardStatus) -> None:
        """Let the validators look until the relayer has brought the award there."""
        async with asyncio.timeout(60):
            while (await self.contracts.market.award_slot(self.awards[0].id)).status != status:
                for validator in self.validators:
                    await validator.look()
                await asyncio.sleep(0.2)


@pytest.fixture
async def silence(net: Devnet, contracts: Contracts, tmp_path: Path) -> AsyncIterator[Silence]:
    life, record = Silence(net, contracts), tmp_path / "deployment.json"
    contracts.deployment.save(record)
    office = CoordinatorSettings(
        tmp_path / "coordinator", contracts.deployment, net.url, port=0, patience=0.0
    )
    async with AsyncExitStack() as stack:
        coordinator = await stack.enter_async_context(running(office, dev_wallet(20)))
        async with Peer(coordinator.url, Loopback(), life.cast.buyer) as buyer:
            document = {"spec": life.spec.document(), "sweep": wire.encode(life.sweep)}
            await buyer.post("/v1/sweeps", document)
        for wallet in life.cast.validators:
            home = tmp_path / wallet.address
            settings = NodeSettings(Role.VALIDATOR, home, record, net.url, coordinator.url)
            workplace = await stack.enter_async_context(open_workplace(settings, wallet))
            life.validators.append(Validator(workplace))
        yield life


async def test_who_withholds_from_everybody_is_slashed(silence: Silence, net: Devnet) -> None:
    await silence.award(await silence.bid(silence.cast.sellers[0], range(6)))
    await silence.post_results(6 * SEGMENTS)
    net.advance(HALF)
    await silence.becomes(AwardStatus.DISPUTED)
    net.mine(3)
    net.advance(HALF)
    await silence.becomes(AwardStatus.SLASHED)
    slashed = (await read_books(silence.contracts)).awards.lines[0]
    assert slashed.burned > 0
    assert hex32(slashed.award_id) == hex32(silence.awards[0].id)
