"""A buyer's connection: sweeps to start and to come back to, balance and withdrawal."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.events import Event, SweepOpened
from compute_swarm.chain.transactions import send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.bid import Sweep, sweep_id
from compute_swarm.domain.ids import NATIVE, Address, SweepId, address, hex32, parse_hex
from compute_swarm.domain.money import Amount
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.errors import (
    DocumentInvalid,
    PeerUnreachable,
    SwarmError,
    SweepUnknown,
    TokenNotListed,
)
from compute_swarm.sdk.awarding import Order, ledger_of
from compute_swarm.sdk.dataset import prepare_data
from compute_swarm.sdk.journal import KnownSweep
from compute_swarm.sdk.model import read_model
from compute_swarm.sdk.payment import deposit_call
from compute_swarm.sdk.request import SweepRequest, build_spec
from compute_swarm.sdk.session import AskPassword, Session, open_session, open_wallet
from compute_swarm.sdk.settings import Settings, current_settings
from compute_swarm.sdk.sweep import AsyncSweep

LEAST_DIGITS: Final = 4  # of an abbreviated id


@dataclass(frozen=True, slots=True)
class Balance:
    """One address' money in one token, the native coin by default."""

    address: Address
    wallet: Amount  # outside the contracts
    free: Amount  # in the market, may be withdrawn
    locked: Amount  # in bonds and deposits

    def document(self) -> dict[str, object]:
        return {
            "address": self.address,
            "wallet_wei": str(int(self.wallet)),
            "free_wei": str(int(self.free)),
            "locked_wei": str(int(self.locked)),
        }


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """A line in the list of sweeps."""

    id: str
    model: str
    trials: int
    status: str

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "model": self.model,
            "trials": self.trials,
            "status": self.status,
        }


class AsyncSwarm:
    """A connection to one network with one wallet. `Swarm` is the same without `await`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    async def connect(
        cls,
        network: str | None = None,
        *,
        coordinator: str | None = None,
        wallet: Wallet | str | None = None,
        rpc: str | None = None,
        home: str | None = None,
        session: str | None = None,
    ) -> Self:
        """Connect to a network by its name or by the path of its deployment record.

        `wallet` is an open wallet or the name of a key in the home folder, never a key itself. With
        `session`, the file of a spend session, that key buys more of its sweep for the buyer.
        """
        given = {"network": network, "coordinator": coordinator, "rpc": rpc, "home": home}
        name = wallet if isinstance(wallet, str) else None
        settings = current_settings(wallet=name, session=session, **given)
        return await cls.open(settings, wallet if isinstance(wallet, Wallet) else None)

    @classmethod
    async def open(
        cls, settings: Settings, wallet: Wallet | None = None, ask: AskPassword | None = None
    ) -> Self:
        """Connect with settings that were read before."""
        if wallet is None:
            wallet = await asyncio.to_thread(open_wallet, settings, ask=ask)
        return cls(await open_session(settings, wallet))

    async def aclose(self) -> None:
        await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        settings = self._session.settings
        return f"<swarm {settings.network} as {self._session.wallet.address}>"

    @property
    def address(self) -> Address:
        return self._session.wallet.address

    @property
    def contracts(self) -> Contracts:
        """Handles of the network's contracts, for reading."""
        return self._session.contracts

    @property
    def wallet(self) -> Wallet:
        """The key that signs; it shows its address only."""
        return self._session.wallet

    async def node_status(self, url: str | None = None) -> dict[str, Any]:
        """Ask this wallet's node, or the one at `url`, what it is doing."""
        if url is None:
            nodes = await self._session.coordinator.nodes()
            found = [node["url"] for node in nodes if node["address"] == self.address]
            if not found:
                raise PeerUnreachable(self.address, "no node of this wallet is on the board")
            url = str(found[0])
        peer = self._session.reader(url)
        return {**await peer.get("/v1/status"), **await peer.get("/v1/progress")}

    async def events(self) -> Sequence[Event]:
        """Return everything that the network's contracts have told so far."""
        return await self._session.history.events()

    async def sweep(self, **options: Any) -> AsyncSweep:
        """Describe a sweep; `SweepRequest` lists the options. Nothing leaves this machine yet.

        Needed are model, data, space and max_spend. What can be known without asking sellers is
        checked here: names, ranges, rows, the model, what the network takes as token and times.
        """
        request = SweepRequest.of(options)
        data = await asyncio.to_thread(prepare_data, request.data, request.eval_rows)
        model = await asyncio.to_thread(read_model, request.model, self._session.models)
        rules = self._session.contracts.deployment.profile.rules
        allowed = (rules.verdict_time_least, rules.verdict_time_most)
        if not (await self.contracts.market.token_terms(request.token)).listed:
            raise TokenNotListed(request.token)
        coin = await self._session.coin(request.token)
        spec = build_spec(request, model, data, allowed, coin)
        sweep = Sweep(self._session.buyer, spec.hash, spec.terms)
        return AsyncSweep(self._session, self._order(spec, sweep), data)

    async def attach(self, ref: str) -> AsyncSweep:
        """Come back to a sweep by its id or the first digits of it, from any machine."""
        ids = {sweep.id for sweep in self._session.journal.sweeps()} | await self._board_ids()
        found = [id_ for id_ in ids if id_.startswith((ref, f"0x{ref}"))]
        if len(found) != 1 or len(ref) < LEAST_DIGITS:
            raise SweepUnknown(ref, len(ids))
        return self._attached(await self._known(found[0]))

    async def list_sweeps(self) -> list[SweepSummary]:
        """Return this buyer's sweeps that were paid for, the newest first."""
        events = await self._session.history.events()
        opened = [
            e for e in events if isinstance(e, SweepOpened) and e.buyer == self._session.buyer
        ]
        ids = dict.fromkeys(hex32(event.sweep_id) for event in reversed(opened))
        return [await self._summary(await self._known(id_)) for id_ in ids]

    async def balance(self, token: Address = NATIVE) -> Balance:
        contracts = self._session.contracts
        account = await contracts.market.account(self.address, token)
        if token == NATIVE:
            wallet = await contracts.rpc.balance(self.address)
        else:
            wallet = await self._session.token(token).balance(self.address)
        return Balance(self.address, wallet, account.free, account.locked)

    async def deposit(self, amount: Amount, token: Address = NATIVE) -> None:
        """Put money into the market ahead of its use; sweeps take the free balance first."""
        await send(self._session.wallet, await deposit_call(self._session, amount, token))

    async def withdraw(
        self, amount: Amount | None = None, to: Address | None = None, token: Address = NATIVE
    ) -> Amount:
        """Take free money out of the market, all of it by default; returns the amount."""
        market = self._session.contracts.market
        free = (await market.account(self.address, token)).free
        taken = free if amount is None else amount
        if taken:
            await send(self._session.wallet, market.withdraw(taken, to or self.address, token))
        return taken

    def _order(self, spec: SweepSpec, sweep: Sweep) -> Order:
        deployment = self._session.contracts.deployment
        return Order(sweep_id(deployment.chain_id, deployment.market, sweep), sweep, spec)

    def _attached(self, known: KnownSweep) -> AsyncSweep:
        """Rebuild a sweep from its spec; a spec that is not the id's is refused."""
        spec = SweepSpec.from_document(known.spec)
        sweep = Sweep(address(known.buyer), spec.hash, spec.terms)
        order = self._order(spec, sweep)
        if order.name != known.id:
            raise DocumentInvalid(known.id, "the id of its spec")
        return AsyncSweep(self._session, order, None)

    async def _board_ids(self) -> set[str]:
        try:
            return {str(s["sweep_id"]) for s in await self._session.coordinator.sweeps()}
        except SwarmError:
            return set()  # the journal alone still knows this machine's sweeps

    async def _known(self, id_: str) -> KnownSweep:
        """Return a sweep's spec from this machine, else from the board."""
        for sweep in self._session.journal.sweeps():
            if sweep.id == id_:
                return sweep
        document = await self._session.coordinator.sweep(SweepId(parse_hex(id_, 32)))
        return KnownSweep(id_, str(document["buyer"]), document["spec"])

    async def _summary(self, known: KnownSweep) -> SweepSummary:
        spec = SweepSpec.from_document(known.spec)
        ledger = await ledger_of(self._session, SweepId(parse_hex(known.id, 32)))
        status = "closed" if ledger.closed else "running"
        return SweepSummary(known.id, spec.model.id, len(trials(spec)), status)
