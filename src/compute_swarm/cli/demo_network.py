"""The demo's network: chain, contracts, coordinator, validators and sellers, up and funded."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import httpx

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import deploy
from compute_swarm.chain.devnet import CHAIN_ID, Devnet, DevnetOptions, free_port
from compute_swarm.chain.profiles import DEMO
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.cli.demo_plan import (
    SELLER_STAKE,
    VALIDATOR_BOND,
    Cast,
    DemoPlan,
    Party,
)
from compute_swarm.cli.demo_stage import Actor, Stage
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.money import Amount
from compute_swarm.errors import DemoFailed
from compute_swarm.node.demo_cheater import VARIABLE as CHEAT
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.sdk.settings import Settings

READY_S: Final = 120.0
PATIENCE_S: Final = 60  # of the relayer: one commit for all sellers
HONEST: Final = ("compute_swarm.node.agent",)
CHEATING: Final = ("compute_swarm.node.demo_cheater",)


@dataclass(slots=True)
class DemoNetwork:
    """What runs, and how to reach it."""

    plan: DemoPlan
    stage: Stage
    net: Devnet
    contracts: Contracts
    cast: Cast
    coordinator_port: int = field(default_factory=free_port)
    first_block: int = 0  # before any money moved

    @property
    def coordinator(self) -> str:
        return f"http://127.0.0.1:{self.coordinator_port}"

    @property
    def record(self) -> Path:
        return self.plan.folder / "deployment.json"

    def settings(self, name: str) -> Settings:
        """How one of the parties reaches the network."""
        return Settings(
            network=str(self.record),
            rpc=self.net.url,
            coordinator=self.coordinator,
            home=str(self.plan.home / name),
        )

    def start_coordinator(self) -> Actor:
        settings = self.settings("coordinator")
        told = {f"SWARM_{name.upper()}": str(value) for name, value in asdict(settings).items()}
        module = ("compute_swarm.cli", "coordinator", "run")
        options = ("--port", str(self.coordinator_port), "--patience", str(PATIENCE_S))
        return self.stage.start(
            "coordinator", (*module, *options), told | _key_of(self.cast.relayer)
        )

    def start_nodes(self) -> list[Actor]:
        """Start the validators and the sellers; who cheats has a worker of its own."""
        return [self._start_node(party) for party in (*self.cast.validators, *self.cast.sellers)]

    def _start_node(self, party: Party) -> Actor:
        settings = NodeSettings(
            role=Role.VALIDATOR if party.price is None else Role.SELLER,
            home=self.plan.home / party.name,
            deployment=self.record,
            rpc=self.net.url,
            coordinator=self.coordinator,
            models=self.plan.models,
            price=party.price or Amount(1),
        )
        told = settings.environment() | _key_of(party)
        if party.cheats:
            return self.stage.start(party.name, CHEATING, told | {CHEAT: "half-tokens"})
        return self.stage.start(party.name, HONEST, told)

    async def fund(self) -> None:
        """Bond the validators and deposit the sellers' stake."""
        contracts, cast = self.contracts, self.cast
        bonds = [
            send(party.wallet(), contracts.validators.bond(0, VALIDATOR_BOND))
            for party in cast.validators
        ]
        stakes = [
            send(party.wallet(), contracts.market.deposit(party.address, SELLER_STAKE))
            for party in cast.sellers
        ]
        await asyncio.gather(*bonds, *stakes)

    async def ready(self) -> None:
        """Wait until every node is on the board and the validators' epoch has begun."""
        nodes = len(self.cast.validators) + len(self.cast.sellers)
        await self._until(self._online, nodes, "nodes on the board")
        await self._until(self._eligible, len(self.cast.validators), "validators")

    async def answers(self, url: str) -> None:
        """Wait until something serves there."""

        async def serving() -> int:
            async with httpx.AsyncClient(trust_env=False) as client:
                try:
                    return int((await client.get(url)).is_success)
                except httpx.TransportError:
                    return 0

        await self._until(serving, 1, f"answers from {url}")

    async def _until(self, count: Callable[[], Awaitable[int]], need: int, what: str) -> None:
        end = time.monotonic() + READY_S
        while (have := await count()) < need:
            self.stage.check()
            if time.monotonic() > end:
                raise DemoFailed(f"{have} of {need} {what} after {READY_S:.0f} s")
            await asyncio.sleep(0.5)

    async def _online(self) -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                answer = await client.get(f"{self.coordinator}/v1/status")
            except httpx.TransportError:
                return 0
        return int(answer.json()["online"])

    async def _eligible(self) -> int:
        head = await self.contracts.rpc.head()
        return (await self.contracts.validators.eligible(head.time, 0)).validators


def _key_of(party: Party) -> dict[str, str]:
    return {"SWARM_PRIVATE_KEY": hex32(party.key)}


async def raise_network(stack: AsyncExitStack, plan: DemoPlan, cast: Cast) -> DemoNetwork:
    """Start the chain and deploy; the stack ends everything, newest first."""
    options = DevnetOptions(block_time=1, log=plan.logs / "anvil.log")
    stage = stack.enter_context(Stage(plan.logs))
    net = stack.enter_context(Devnet(options))
    rpc = await stack.enter_async_context(await Rpc.connect(net.url, CHAIN_ID))
    deployment = await deploy(rpc, cast.deployer.wallet(), DEMO)
    network = DemoNetwork(plan, stage, net, Contracts(rpc, deployment), cast)
    deployment.save(network.record)
    network.first_block = (await rpc.head()).number
    return network
