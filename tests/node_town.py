"""A small network of real processes: chain, coordinator, sellers, validators; and a buyer."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import Deployment, deploy
from compute_swarm.chain.devnet import Devnet, DevnetOptions, Stake, dev_wallet, populate
from compute_swarm.chain.profiles import DEMO
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.domain.money import parse_amount
from compute_swarm.node.coordinator.main import Coordinator, CoordinatorSettings, running
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.sdk.settings import Settings
from compute_swarm.sdk.swarm import AsyncSwarm

DEPLOYER, BUYER, RELAYER = 0, 30, 31
VALIDATORS = (1, 2, 3, 4, 5)
AGENT = "compute_swarm.node.agent"
CHEATER = "compute_swarm.node.demo_cheater"


@dataclass
class Node:
    """One agent's process, which may be killed and started again in the same home."""

    settings: NodeSettings
    account: int
    log: Path
    module: str = AGENT
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        key = {"SWARM_PRIVATE_KEY": _key(self.account)}
        environment = {**os.environ, **self.settings.environment(), **key, **self.extra}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    @property
    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _end(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


@dataclass
class Town:
    folder: Path
    chain: Devnet
    contracts: Contracts
    coordinator: Coordinator
    models: Path
    nodes: list[Node] = field(default_factory=list)

    @property
    def record(self) -> Path:
        return self.folder / "deployment.json"

    async def seller(self, account: int, cheat: str = "", **settings: object) -> Node:
        """Fund and start a seller."""
        wallet = dev_wallet(account)
        deposit = self.contracts.market.deposit(wallet.address, parse_amount("5 ETH"))
        await send(wallet, deposit)
        extra = {"SWARM_DEMO_CHEAT": cheat} if cheat else {}
        module = CHEATER if cheat else AGENT
        return self._add(
            Node(self._settings(Role.SELLER, account), account, self._log(account), module, extra),
            settings,
        )

    async def validators(self, **settings: object) -> list[Node]:
        """Bond and start five validators; they count from the next epoch on."""
        await populate(self.contracts, [dev_wallet(a) for a in VALIDATORS], Stake())
        return [
            self._add(
                Node(self._settings(Role.VALIDATOR, account), account, self._log(account)), settings
            )
            for account in VALIDATORS
        ]

    async def online(self, count: int, seconds: float = 60) -> None:
        async def enough() -> bool:
            return sum(node.online for node in self.coordinator.desk.directory.nodes()) >= count

        await until(enough, seconds)

    def status(self, node: Node) -> str:
        """Return what a node's last heartbeat said."""
        found = self.coordinator.desk.directory.node(dev_wallet(node.account).address)
        return "" if found is None else str(found.heartbeat.status)

    async def restart_chain(self, down_s: float) -> None:
        """Stop the chain with its state, and start it again at the same place after a while."""
        self.chain.stop()
        await asyncio.sleep(down_s)
        self.chain.start()

    @asynccontextmanager
    async def buyer(self, account: int = BUYER, session: str = "") -> AsyncIterator[AsyncSwarm]:
        """Connect as a buyer, or as a session's key on a machine of its own."""
        settings = Settings(
            network=str(self.record),
            rpc=self.chain.url,
            coordinator=self.coordinator.url,
            home=str(self.folder / f"buyer-{account}"),
            session=session,
        )
        async with await AsyncSwarm.open(settings, dev_wallet(account)) as swarm:
            yield swarm

    def _add(self, node: Node, settings: dict[str, object]) -> Node:
        node.settings = replace(node.settings, **settings)  # type: ignore[arg-type]
        node.start()
        self.nodes.append(node)
        return node

    def _log(self, account: int) -> Path:
        return self.folder / f"node-{account}.log"

    def _settings(self, role: Role, account: int) -> NodeSettings:
        return NodeSettings(
            role=role,
            home=self.folder / f"node-{account}",
            deployment=self.record,
            rpc=self.chain.url,
            coordinator=self.coordinator.url,
            models=self.models,
            poll_s=0.5,
        )


@asynccontextmanager
async def town(folder: Path, models: Path) -> AsyncIterator[Town]:
    """Chain and coordinator; nodes are added by the test and stopped with the rest."""
    async with AsyncExitStack() as stack:
        options = DevnetOptions(block_time=0.5, state=folder / "chain.json")
        chain = stack.enter_context(Devnet(options))
        rpc = await stack.enter_async_context(await Rpc.connect(chain.url, 31337))
        deployment = await deploy(rpc, dev_wallet(DEPLOYER), DEMO)
        deployment.save(folder / "deployment.json")
        coordinator = await stack.enter_async_context(_coordinator(folder, chain, deployment))
        found = Town(folder, chain, Contracts(rpc, deployment), coordinator, models)
        stack.callback(_stop_all, found)
        yield found


@asynccontextmanager
async def _coordinator(
    folder: Path, chain: Devnet, deployment: Deployment
) -> AsyncIterator[Coordinator]:
    settings = CoordinatorSettings(
        folder=folder / "coordinator",
        deployment=deployment,
        rpc_url=chain.url,
        port=0,
    )
    async with running(settings, dev_wallet(RELAYER)) as coordinator:
        yield coordinator


async def until(happened: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Wait for a condition, or fail when the time is over."""
    async with asyncio.timeout(seconds):
        while not await happened():  # noqa: ASYNC110 - what is waited for is in other processes
            await asyncio.sleep(0.1)


def _stop_all(found: Town) -> None:
    for node in found.nodes:
        node.stop()


def _key(account: int) -> str:
    from eth_account import Account

    from compute_swarm.chain.devnet import MNEMONIC

    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{account}"
    return str(Account.from_mnemonic(MNEMONIC, account_path=path).key.hex())
