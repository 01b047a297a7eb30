"""The coordinator's process: HTTP service, relayer, and tidying up."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import Deployment
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import SweepId
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback, Transport
from compute_swarm.node.coordinator.app import Desk, application
from compute_swarm.node.coordinator.board import Board
from compute_swarm.node.coordinator.directory import Directory
from compute_swarm.node.coordinator.gate import ChainGate
from compute_swarm.node.coordinator.relayer import PATIENCE_SECONDS, Relayer
from compute_swarm.node.coordinator.store import SCHEMA, SCHEMA_VERSION, UPGRADES, Limits
from compute_swarm.node.coordinator.uploads import Uploads
from compute_swarm.node.coordinator.verdicts import Verdicts
from compute_swarm.node.database import Database
from compute_swarm.node.seeds import ENDPOINTS, Beacon
from compute_swarm.storage.blocks import DiskBlocks

PORT: Final = 8700
GARBAGE_SECONDS: Final = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CoordinatorSettings:
    folder: Path  # database and blocks
    deployment: Deployment
    rpc_url: str = field(repr=False)  # may hold a key
    port: int = PORT
    patience: float = PATIENCE_SECONDS  # of the relayer, with results that come one by one
    limits: Limits = field(default_factory=Limits)
    drand: tuple[str, ...] = ENDPOINTS  # that publish the beacon's rounds
    transport: Transport = field(default_factory=Loopback)


@dataclass(frozen=True, slots=True)
class Coordinator:
    """A coordinator at work."""

    url: str
    desk: Desk
    relayer: Relayer


@asynccontextmanager
async def running(settings: CoordinatorSettings, wallet: Wallet) -> AsyncIterator[Coordinator]:
    """Serve and relay while the context is open; the wallet pays the relayer's gas."""
    path = settings.folder / "coordinator.sqlite"
    database = Database.open(path, SCHEMA, SCHEMA_VERSION, UPGRADES)
    blocks = DiskBlocks(settings.folder)
    try:
        async with await Rpc.connect(settings.rpc_url, settings.deployment.chain_id) as rpc:
            contracts = Contracts(rpc, settings.deployment)
            desk = _desk(settings, database, blocks, contracts)
            relayer = Relayer(contracts, wallet, desk.board, desk.verdicts, settings.patience)
            relayer.seeds.beacon = Beacon(settings.drand)
            async with (
                serving(application(desk), settings.transport, settings.port) as url,
                asyncio.TaskGroup() as group,
            ):
                tasks = [
                    group.create_task(relayer.run()),
                    group.create_task(tidy(desk, relayer.open_sweeps)),
                ]
                log.info("coordinator at %s", url)
                yield Coordinator(url, desk, relayer)
                for task in tasks:
                    task.cancel()
    finally:
        blocks.close()
        database.close()


async def run(
    settings: CoordinatorSettings,
    wallet: Wallet,
    ready: Callable[[Coordinator], None] = lambda _: None,
) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, wallet) as coordinator:
        ready(coordinator)
        await stop.wait()


def _desk(
    settings: CoordinatorSettings, database: Database, blocks: DiskBlocks, contracts: Contracts
) -> Desk:
    limits, deployment = settings.limits, settings.deployment
    return Desk(
        directory=Directory(database, limits),
        board=Board(database, deployment, limits),
        verdicts=Verdicts(database, deployment, limits),
        uploads=Uploads(database, blocks, limits),
        blocks=blocks,
        gate=ChainGate(contracts),
    )


async def tidy(
    desk: Desk, open_sweeps: Callable[[], Iterable[SweepId]], pause: float = GARBAGE_SECONDS
) -> None:
    """Take down what is over, and drop what no sweep names, again and again until cancelled."""
    while True:
        await asyncio.sleep(pause)
        try:
            for id_ in open_sweeps():
                desk.board.opened(id_)
            gone = desk.board.take_down()
            freed = await asyncio.to_thread(desk.uploads.collect_garbage)
        except Exception:  # a full disk must not end the service
            log.exception("not tidied")
        else:
            log.info("%d sweeps taken down, %d bytes of no sweep dropped", gone, freed)
