"""An open connection: chain, coordinator, nodes, and what this machine remembers."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from compute_swarm.chain import keystore
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import Deployment, verify
from compute_swarm.chain.outbox import SqliteOutbox
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.tokens import Token
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import NATIVE, Address
from compute_swarm.domain.money import ETHER, Coin
from compute_swarm.errors import NoDeployment, NoKey, PeerUnreachable, SessionOtherKey
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback, Transport
from compute_swarm.sdk.allowance import Allowance
from compute_swarm.sdk.coordinator import Coordinator
from compute_swarm.sdk.history import History
from compute_swarm.sdk.journal import SweepJournal
from compute_swarm.sdk.settings import Settings

AskPassword = Callable[[], str]


@dataclass(slots=True)
class Session:
    """All that sweeps share. Close it, or its sockets stay open."""

    settings: Settings
    wallet: Wallet
    contracts: Contracts
    coordinator: Coordinator
    transport: Transport
    journal: SweepJournal
    outbox: SqliteOutbox
    history: History
    allowance: Allowance | None = None  # of a key that buys for somebody else
    _peers: dict[str, Peer] = field(default_factory=dict, repr=False)
    _readers: dict[str, Peer] = field(default_factory=dict, repr=False)
    _coins: dict[Address, Coin] = field(default_factory=lambda: {NATIVE: ETHER}, repr=False)

    @property
    def buyer(self) -> Address:
        """Whose sweeps these are, and whose money."""
        return self.wallet.address if self.allowance is None else self.allowance.buyer

    @property
    def models(self) -> Path:
        return self.settings.folder / "models"

    def peer(self, url: str) -> Peer:
        """Return a client of a node whose requests are signed, the same one each time."""
        if url not in self._peers:
            self._peers[url] = Peer(url, self.transport, self.wallet)
        return self._peers[url]

    def reader(self, url: str) -> Peer:
        """Return a client for what everybody may read."""
        if url not in self._readers:
            self._readers[url] = Peer(url, self.transport)
        return self._readers[url]

    def peers(self, urls: Iterable[str]) -> list[Peer]:
        """Return clients of those nodes that the transport may reach: anybody may register one."""
        found = []
        for url in urls:
            with suppress(PeerUnreachable):
                found.append(self.peer(url))
        return found

    def token(self, address: Address) -> Token:
        return Token(self.contracts.rpc, address)

    async def coin(self, token: Address) -> Coin:
        """Return how people write the amounts of a payment token."""
        if token not in self._coins:
            self._coins[token] = await self.token(token).coin()
        return self._coins[token]

    async def aclose(self) -> None:
        for peer in (*self._peers.values(), *self._readers.values()):
            await peer.aclose()
        await self.coordinator.aclose()
        await self.contracts.rpc.close()
        self.outbox.close()
        self.history.close()


async def open_session(
    settings: Settings, wallet: Wallet, allowance: Allowance | None = None
) -> Session:
    """Connect, and hold chain and contracts against the deployment's record."""
    if allowance is None and settings.session:
        allowance = Allowance.load(settings.session)
    if allowance is not None and allowance.key != wallet.address:
        raise SessionOtherKey(allowance.key, wallet.address)
    deployment = Deployment.load(deployment_path(settings))
    rpc = await Rpc.connect(settings.endpoint, deployment.chain_id)
    try:
        await verify(rpc, deployment)
    except BaseException:
        await rpc.close()
        raise
    transport = Loopback()
    contracts = Contracts(rpc, deployment)
    return Session(
        settings=settings,
        wallet=wallet,
        contracts=contracts,
        coordinator=Coordinator(
            Peer(settings.coordinator, transport, wallet), Peer(settings.coordinator, transport)
        ),
        transport=transport,
        journal=SweepJournal(settings.folder / "sweeps.sqlite"),
        outbox=SqliteOutbox(settings.folder / "outbox.sqlite"),
        history=History(contracts, settings.folder / "history.sqlite"),
        allowance=allowance,
    )


def deployment_path(settings: Settings) -> Path:
    """The record of the network's deployment; one that is not there is refused."""
    if not settings.record.is_file():
        raise NoDeployment(settings.network)
    return settings.record


def open_wallet(
    settings: Settings,
    environment: Mapping[str, str] = os.environ,
    ask: AskPassword | None = None,
) -> Wallet:
    """Open the key that the environment names, else the home folder's keystore of that name."""
    if environment.get("SWARM_KEYSTORE") or environment.get("SWARM_PRIVATE_KEY"):
        return Wallet.from_env(environment)
    if not settings.keystore.is_file():
        raise NoKey(settings.wallet)
    try:
        password = keystore.password_from(environment)
    except NoKey:
        if ask is None:
            raise
        password = ask()
    return Wallet.load(settings.keystore, password)
