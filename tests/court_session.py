"""A sweep with a coordinator that relays and the nodes of all validators, on a local chain."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chain_life import SEGMENTS, Life
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.ids import Address, hex32
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.coordinator.main import CoordinatorSettings, running
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator
from compute_swarm.storage.cid import Cid, Codec
from examples import spec as example_spec

RELAYER = 20


def a_spec() -> SweepSpec:
    return example_spec(
        dataset__cid=str(Cid.of(Codec.RAW, b"rows")),
        training__segments=SEGMENTS,
        training__steps=SEGMENTS,
        budget__max_spend="1000000000000000000",
        budget__verdict_time=120,
    )


@dataclass
class Session(Life):
    """A life whose judges are nodes; its sellers are in no directory, and show nothing."""

    spec: SweepSpec = field(default_factory=a_spec)
    validators: list[Validator] = field(default_factory=list)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, self.spec.hash, self.spec.terms)

    def node(self, address: Address) -> Validator:
        return next(one for one in self.validators if one.workplace.address == address)

    async def status(self) -> AwardStatus:
        return (await self.contracts.market.award_slot(self.awards[0].id)).status

    async def speak(self) -> None:
        """Let every node say what it knows, and examine nothing."""
        for validator in self.validators:
            await validator.speak()

    async def judge(self) -> None:
        """Let every node examine what is most urgent, and say what it knows."""
        for validator in self.validators:
            await validator.work()
            await validator.speak()

    async def becomes(self, status: AwardStatus, examining: bool) -> None:
        """Let the nodes work until the relayer has brought the first award there."""
        async with asyncio.timeout(60):
            while await self.status() is not status:
                await (self.judge() if examining else self.speak())
                await asyncio.sleep(0.2)


def remember(node: Validator, life: Life, verdicts: Iterable[SignedVerdict]) -> None:
    """Leave verdicts in a journal, as a validator that was killed after signing does."""
    for signed in verdicts:
        verdict = signed.verdict
        document = {
            "seed": hex32(life.seed),
            "signed": wire.encode(signed),
            "openings": {},
        }
        node.workplace.journal.verdict_signed(verdict.commit_id, verdict.share, document)


@asynccontextmanager
async def session(
    net: Devnet, contracts: Contracts, folder: Path, relayer: Wallet | None = None
) -> AsyncIterator[Session]:
    """Start the coordinator, whose relayer works by itself, and open all validators' nodes.

    With a `relayer` that can't pay for transactions the nodes do all themselves, at once.
    """
    life, record = Session(net, contracts), folder / "deployment.json"
    contracts.deployment.save(record)
    office = CoordinatorSettings(
        folder / "coordinator", contracts.deployment, net.url, port=0, patience=0.0
    )
    async with AsyncExitStack() as stack:
        payer = relayer or dev_wallet(RELAYER)
        coordinator = await stack.enter_async_context(running(office, payer))
        async with Peer(coordinator.url, Loopback(), life.cast.buyer) as buyer:
            document = {"spec": life.spec.document(), "sweep": wire.encode(life.sweep)}
            await buyer.post("/v1/sweeps", document)
        for wallet in life.cast.validators:
            home = folder / wallet.address
            settings = NodeSettings(
                *(Role.VALIDATOR, home, record, net.url, coordinator.url),
                patience_s=0.0 if relayer else 60.0,
            )
            workplace = await stack.enter_async_context(open_workplace(settings, wallet))
            life.validators.append(Validator.at(workplace))
        yield life
