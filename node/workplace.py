"""What both roles of a node work with, opened once by the agent and handed down."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.events import Event
from compute_swarm.chain.transactions import Call, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.bid import Bid, Sweep, bid_digest
from compute_swarm.domain.ids import Address, AwardId, CommitId, SweepId
from compute_swarm.domain.signature import typed_signer
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.typed_data import typed_verdict
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.errors import ChainError, DocumentInvalid, PeerUnreachable
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Transport
from compute_swarm.node.board import Board
from compute_swarm.node.cases import Cases
from compute_swarm.node.chronicle import Chronicle
from compute_swarm.node.draw import Draw, Draws
from compute_swarm.node.hearing import Brought
from compute_swarm.node.journal import Journal
from compute_swarm.node.library import Library
from compute_swarm.node.seeds import Moment, Seeds
from compute_swarm.node.settings import NodeSettings
from compute_swarm.sdk.history import History
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.transfer import PeerSource

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Workplace:
    settings: NodeSettings
    wallet: Wallet
    contracts: Contracts
    journal: Journal
    board: Board
    blocks: BlockStore
    library: Library
    transport: Transport
    history: History
    draws: Draws
    seeds: Seeds
    _peers: dict[str, Peer] = field(default_factory=dict)
    _chronicle: tuple[int, bytes, Chronicle] | None = None
    _read_at: float = 0.0

    @property
    def address(self) -> Address:
        return self.wallet.address

    @property
    def coordinator(self) -> PeerSource:
        """The coordinator's gateway, where buyers leave their datasets."""
        return PeerSource(self.board.peer)

    @property
    def cases(self) -> Cases:
        return Cases(self.contracts, self.draws)

    def peer(self, url: str) -> Peer:
        """Return the client of another node, the same one each time."""
        if url not in self._peers:
            self._peers[url] = Peer(url, self.transport, self.wallet)
        return self._peers[url]

    def reachable(self, url: str) -> Peer | None:
        """Return the client of a node by what the directory says, or None where that leads nowhere.

        Whoever registered wrote it: one bad address must not keep us from all the others.
        """
        try:
            return self.peer(url)
        except PeerUnreachable as error:
            log.info("%s", error)
            return None

    async def peers(self, who: Iterable[Address]) -> list[Peer]:
        """Return the clients of those that the directory knows, once each, and none of our own."""
        urls = await self.board.urls()
        named = [one for one in dict.fromkeys(who) if one in urls and one != self.address]
        found = [self.reachable(urls[one]) for one in named]
        return [peer for peer in found if peer is not None]

    async def recent_chronicle(self) -> Chronicle:
        """Return what `chronicle` does or did a moment ago: others ask as often as they like."""
        if self._chronicle is None or time.monotonic() - self._read_at >= self.settings.poll_s:
            return await self.chronicle()
        return self._chronicle[2]

    async def chronicle(self) -> Chronicle:
        """Return the chain's events as they stand, read anew only where there are new ones."""
        events = await self.history.events()
        self._read_at = time.monotonic()
        last = events[-1].place.block_hash if events else b""
        known = self._chronicle
        if known is not None and known[0] and not _goes_on(events, known[0], known[1]):
            self.seeds.forget()  # what kept them may be among what was undone
        if known is None or known[:2] != (len(events), last):
            known = (len(events), last, Chronicle.of(events))
            self._chronicle = known
        return known[2]

    async def now(self) -> int:
        """Return the chain's time, which deadlines are held against."""
        return (await self.contracts.rpc.head()).time

    async def try_send(self, call: Call, about: str) -> bool:
        """Send it and return whether that went well; others may have been first, or gas is out."""
        try:
            await send(self.wallet, call)
        except ChainError as refused:
            log.warning("%s: %s: %s", about, call.function.name, refused)
            return False
        return True

    async def keep_seed(self, moment: Moment) -> None:
        """Do for a draw what the relayer should have done, where money of ours waits for it."""
        call = await self.seeds.due(moment, await self.contracts.rpc.head())
        if call is not None and await self.try_send(call, f"block {moment.block_number}"):
            self.seeds.kept(moment)

    async def spec(self, id_: SweepId, sweep: Sweep) -> SweepSpec:
        """Return a sweep's specification, held against its hash and terms on chain."""
        key = f"spec/{id_.hex()}"
        known: dict[str, Any] | None = self.journal.note(key)
        if known is not None:
            return SweepSpec.from_document(known)
        spec = await self.board.spec(id_)
        if spec.hash != sweep.spec_hash or spec.terms != sweep.terms:
            raise DocumentInvalid("spec", "the document that the sweep's hash and terms name")
        self.journal.noted(key, spec.document())
        return spec

    async def brought(self, id_: CommitId, draw: Draw) -> Brought:
        """Return the board's verdicts on a commit that its draw's judges signed, each with who."""
        found = await self.board.verdicts(id_, draw.seats)

        def checked() -> Brought:
            return [(judge, one) for judge, one in found if self._signer(one) == judge]

        return await asyncio.to_thread(checked)

    def award_id(self, bid: Bid) -> AwardId:
        deployment = self.contracts.deployment
        return bid_digest(deployment.chain_id, deployment.market, bid)

    def _signer(self, signed: SignedVerdict) -> Address | None:
        deployment = self.contracts.deployment
        typed = typed_verdict(deployment.chain_id, deployment.court, signed.verdict)
        return typed_signer(typed, signed.signature)

    async def aclose(self) -> None:
        """Close the clients; who opened chain, journal and blocks closes those."""
        for peer in self._peers.values():
            await peer.aclose()
        await self.board.aclose()


def _goes_on(events: Sequence[Event], count: int, last: bytes) -> bool:
    """Whether events that were told before, `count` of them, were not undone."""
    return len(events) >= count and events[count - 1].place.block_hash == last
