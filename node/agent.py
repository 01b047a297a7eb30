"""A node's process: open everything, serve, register, work, and leave in order.

`python -m compute_swarm.node.agent` with `SWARM_NODE_*` and a wallet in the environment. Killed at
any point it goes on from its journal.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import Deployment, verify
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.wallet import Wallet
from compute_swarm.engine.resources import probe
from compute_swarm.errors import PeerRefused, SwarmError
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.api import Counter, application
from compute_swarm.node.board import Board
from compute_swarm.node.capacity import Capacity, limited, measure
from compute_swarm.node.draw import Draws
from compute_swarm.node.journal import Journal
from compute_swarm.node.library import Library
from compute_swarm.node.rounds import every
from compute_swarm.node.sales import Sales
from compute_swarm.node.seeds import LATE_PIN_BLOCKS, Beacon, Seeds
from compute_swarm.node.seller import Seller
from compute_swarm.node.settings import NodeSettings, Role
from compute_swarm.node.validator import Validator
from compute_swarm.node.workplace import Workplace
from compute_swarm.node.workshop import WORKER
from compute_swarm.sdk.history import History
from compute_swarm.storage.blocks import DiskBlocks

log = logging.getLogger(__name__)

HEARTBEAT_S: Final = 1.0
HEARTBEAT_ANSWER_S: Final = 2.0


def main(worker: Sequence[str] = WORKER) -> None:
    """Run the node that the environment describes until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for chatty in ("httpx", "web3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings = NodeSettings.from_env(os.environ)
    try:
        asyncio.run(run(settings, Wallet.from_env(os.environ), worker))
    except SwarmError as error:
        log.error("%s", error)
        raise SystemExit(error.exit_status) from None


async def run(settings: NodeSettings, wallet: Wallet, worker: Sequence[str] = WORKER) -> None:
    """Run until SIGTERM or SIGINT."""
    task = asyncio.create_task(work(settings, wallet, worker))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
    log.info("stopped")


async def work(settings: NodeSettings, wallet: Wallet, worker: Sequence[str] = WORKER) -> None:
    """Run until cancelled."""
    async with AsyncExitStack() as stack:
        workplace = await stack.enter_async_context(open_workplace(settings, wallet))
        staff = await _staff(workplace, worker)
        counter = Counter(workplace, staff.role, staff.bidder, staff.capacity)
        app = application(counter)
        transport = workplace.transport
        url = await stack.enter_async_context(serving(app, transport, settings.port))
        log.info("%s %s serves at %s", settings.role, wallet.address, url)
        presence = Presence(workplace, staff, url)
        async with asyncio.TaskGroup() as group:
            group.create_task(presence.keep())
            group.create_task(staff.role.run())


@asynccontextmanager
async def open_workplace(settings: NodeSettings, wallet: Wallet) -> AsyncIterator[Workplace]:
    """Open journal and stores, connect, and hold the chain against the deployment's record."""
    deployment = Deployment.load(settings.deployment)
    transport = Loopback()
    async with AsyncExitStack() as stack:
        journal = Journal(settings.home / "journal.sqlite")
        stack.callback(journal.close)
        blocks = DiskBlocks(settings.home / "blocks")
        stack.callback(blocks.close)
        rpc = await Rpc.connect(settings.rpc, deployment.chain_id)
        stack.push_async_callback(rpc.close)
        await verify(rpc, deployment)
        contracts = Contracts(rpc, deployment)
        peer = Peer(settings.coordinator, transport, wallet)
        reader = Peer(settings.coordinator, transport)
        pulse = Peer(settings.coordinator, transport, answer_seconds=HEARTBEAT_ANSWER_S)
        workplace = Workplace(
            settings=settings,
            wallet=wallet,
            contracts=contracts,
            journal=journal,
            board=Board(peer, reader, pulse),
            blocks=blocks,
            library=Library(settings.models, settings.home, blocks),
            transport=transport,
            history=History(contracts),
            draws=Draws(contracts),
            seeds=Seeds(contracts, Beacon(settings.drand.split(",")), LATE_PIN_BLOCKS),
        )
        stack.push_async_callback(workplace.aclose)
        yield workplace


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does the work of this node, and what the directory is told of it."""

    role: Seller | Validator
    class_id: str
    capacity: dict[str, Any]

    @property
    def bidder(self) -> Sales | None:
        return self.role.sales if isinstance(self.role, Seller) else None


async def _staff(workplace: Workplace, worker: Sequence[str]) -> Staff:
    settings = workplace.settings
    if settings.role is Role.VALIDATOR:
        # A validator loads torch only once it is drawn, so it doesn't know its classes before.
        settings.home.mkdir(parents=True, exist_ok=True)
        machine = limited(probe(settings.home), settings.most_disk)
        idle = Capacity(machine, settings.device, settings.vram_gib, "", {})
        return Staff(Validator.at(workplace), "", idle.document())
    capacity = await measure(settings)
    seller = Seller.at(workplace, capacity, worker)
    return Staff(seller, capacity.classes["float32"], capacity.document())


@dataclass(slots=True)
class Presence:
    """The node in the coordinator's directory: registered once a session, alive each second."""

    workplace: Workplace
    staff: Staff
    url: str
    registered: bool = False

    async def keep(self) -> None:
        await every(HEARTBEAT_S, self._beat, "coordinator")

    async def _beat(self) -> None:
        board, settings = self.workplace.board, self.workplace.settings
        if not self.registered:
            staff = self.staff
            await board.register(str(settings.role), self.url, staff.class_id, staff.capacity)
            self.registered = True
            log.info("registered at %s", settings.coordinator)
        try:
            await board.heartbeat(self.staff.role.status, self.workplace.transport.name)
        except PeerRefused:
            self.registered = False  # the coordinator has forgotten the session: a new one
            raise


if __name__ == "__main__":
    main()
