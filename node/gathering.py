"""What a drawn validator fetches of an award: bid, receipts, the states it needs, the adapters.

Nothing of it is believed here. The bid's hash is the award's id, the receipts' root is on chain,
states and adapters are held against the receipts by the worker. Only the directory can't be
checked: what a lying one keeps from us counts as `unavailable` in the end.
"""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.bid import Bid, Posted, SignedBid
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import Address, hex32
from compute_swarm.domain.jsontext import parse_json
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.resources import ModelShape
from compute_swarm.errors import SwarmError
from compute_swarm.mesh.peer import Peer
from compute_swarm.node.chronicle import CommitEntry
from compute_swarm.node.files import case_folder, write_whole
from compute_swarm.node.papers import ask_receipts
from compute_swarm.node.rungs import Rungs, state_limits
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import export
from compute_swarm.storage.transfer import PeerSource, fetch
from compute_swarm.verifier.assertions import Claim, claim_failures
from compute_swarm.verifier.dossier import CaseFile
from compute_swarm.verifier.judge import StateName
from compute_swarm.verifier.layout import adapter_folder, state_file

log = logging.getLogger(__name__)

ADAPTER_PATIENCE_S: Final = 5.0  # with a source that fails; the whole gathering is tried again
BID_LIMIT: Final = 2**20  # bytes
MOST_WITNESSES: Final = 4  # that are asked beside a seller
AT_ONCE: Final = 16  # sellers; each has its own time, so that a slow one takes nobody else's

T = TypeVar("T")
Names: TypeAlias = Iterable[StateName]


@dataclass(slots=True)
class Gathering:
    """One commit's awards, gathered for some of its items within some seconds.

    The seller is asked, then who upheld the award (its `witnesses`, by index) and so has what it
    delivered: a seller can't show the judges what it keeps from a panel. What a seller does not
    send, or sends otherwise than signed, is missing. Where the coordinator fails instead, the error
    goes up: that is no seller's fault.
    """

    workplace: Workplace
    entry: CommitEntry
    spec: SweepSpec
    items: tuple[Item, ...]
    seconds: float
    witnesses: Mapping[int, Sequence[Address]] = field(default_factory=dict)
    _sources: dict[int, deque[Peer]] = field(default_factory=dict)

    @property
    def indices(self) -> list[int]:
        return sorted({item.award_index for item in self.items})

    async def papers(self) -> dict[int, CaseFile]:
        """Return by award's index the bid and the receipts, where these are the signed ones."""
        await self._find_sources()
        found = await self._each(self._sources, self._told)
        told = {index: one for index, one in found.items() if one is not None}
        posted_bids: list[SignedBid] = []
        if any(bid is None for _, bid in told.values()):
            posted_bids = await self.workplace.board.bids(self.entry.sweep_id)
        files: dict[int, CaseFile] = {}
        for index, (receipts, bid) in told.items():
            known = bid or self._fitting(index, posted_bids)
            if known is not None:
                files[index] = self._case(index, known, receipts)
        return files | await self._rungs(files)

    async def parts(
        self, files: Mapping[int, CaseFile], shape: ModelShape, wanted: Mapping[int, Names]
    ) -> bool:
        """Fetch states and adapters; returns whether all came. `wanted` are further states."""

        async def of_one(index: int, peer: Peer) -> bool | None:
            return await self._parts(index, files[index], peer, shape, wanted.get(index, ()))

        arrived = await self._each(files, of_one)
        for sources in self._sources.values():
            sources.rotate(-1)  # what came and was no use then comes from another
        return all(arrived.values())

    async def _find_sources(self) -> None:
        urls = await self.workplace.board.urls()
        for index in self.indices:
            seller = self._posted(index).award.seller
            known = {seller, self.workplace.address}
            others = [who for who in self.witnesses.get(index, ()) if who not in known]
            named = [urls[who] for who in (seller, *others[:MOST_WITNESSES]) if who in urls]
            peers = [peer for url in named if (peer := self.workplace.reachable(url)) is not None]
            if peers:
                self._sources[index] = deque(peers)

    async def _rungs(self, files: Mapping[int, CaseFile]) -> dict[int, CaseFile]:
        """Return the rungs' papers with the results that they go on from, as far as those came."""

        async def of_one(index: int) -> CaseFile:
            bid = files[index].bid
            earlier = await Rungs(self.workplace).earlier(bid.start, [bid.seller])
            return replace(files[index], earlier=earlier)

        rungs = [index for index, file in files.items() if not file.bid.rung.fresh]
        found = await asyncio.gather(*(of_one(index) for index in rungs))
        return dict(zip(rungs, found, strict=True))

    async def _each(
        self, indices: Iterable[int], ask: Callable[[int, Peer], Awaitable[T | None]]
    ) -> dict[int, T | None]:
        """Ask about each award, `AT_ONCE` at a time; None where no source had it in its time."""
        chosen, turns = list(indices), asyncio.Semaphore(AT_ONCE)
        rounds = max(1, -(-len(chosen) // AT_ONCE))

        async def one(index: int) -> T | None:
            async with turns:
                for peer, seconds in _shared(self._sources[index], self.seconds / rounds):
                    try:
                        async with asyncio.timeout(seconds):
                            found = await ask(index, peer)
                    except TimeoutError:
                        log.warning("award %s: the time of %s is over", self._name(index), peer.url)
                        continue
                    if found is not None:
                        return found
            return None

        found = await asyncio.gather(*(one(index) for index in chosen))
        return dict(zip(chosen, found, strict=True))

    async def _told(self, index: int, peer: Peer) -> tuple[tuple[Receipt, ...], Bid | None] | None:
        """Return the receipts of an award and its bid, or None where the peer shows no receipts."""
        segments = self.spec.training.segments
        receipts = await ask_receipts(peer, self._posted(index), segments)
        if receipts is None:
            return None
        try:
            data = await peer.get_bytes(f"/v1/awards/{self._name(index)}/bid", BID_LIMIT)
            signed = wire.decode(SignedBid, parse_json(data))
        except SwarmError:
            return receipts, None
        return receipts, self._fitting(index, [signed])

    def _fitting(self, index: int, bids: Iterable[SignedBid]) -> Bid | None:
        """Return the bid whose hash is the award's id."""
        id_ = self._posted(index).award.id
        return next((s.bid for s in bids if self.workplace.award_id(s.bid) == id_), None)

    def _case(self, index: int, bid: Bid, receipts: tuple[Receipt, ...]) -> CaseFile:
        posted = self._posted(index)
        id_ = posted.award.id
        # The buyer may ask here too: the seller may be gone by then.
        told = [receipt.to_document() for receipt in receipts]
        self.workplace.journal.noted(f"receipts/{id_.hex()}", told)
        folder = case_folder(self.workplace.settings.home, id_)
        return CaseFile(index, bid, posted, receipts, str(folder))

    async def _parts(
        self, index: int, file: CaseFile, peer: Peer, shape: ModelShape, wanted: Names
    ) -> bool | None:
        """Fetch what is missing; None where the peer hasn't all of it."""
        claim = file.claim(self.spec, self.entry.sweep_id)
        if claim_failures(claim):
            return True  # nothing can be located in it
        if claim.lacks_start:
            return None
        names = sorted({*self._starts(claim, index), *ends(claim), *wanted}, key=str)
        limits = state_limits(shape, self.spec)
        arrived = [await self._state(peer, file, n, limits[n.key]) for n in names]
        arrived += [await self._adapter(peer, file, r, limits[r.key]) for r in file.receipts]
        return all(arrived) or None

    def _starts(self, claim: Claim, index: int) -> Iterable[StateName]:
        """Name the start states of the audits; boundary 0 follows from the seed."""
        for item in self.items:
            if item.award_index == index and item.kind is ItemKind.AUDIT:
                segments = self.spec.training.segments
                key, k = locate(claim.ordered, item.position, segments)
                if k > 0:
                    yield StateName(key, k)

    async def _state(self, peer: Peer, file: CaseFile, name: StateName, limit: int) -> bool:
        path = state_file(Path(file.folder), name.key, name.k)
        if path.exists():
            return True
        award_id, key = hex32(file.posted.award.id), name.key
        address = f"/v1/awards/{award_id}/states/{key.index}/{key.replica}/{name.k}"
        try:
            data = await peer.get_bytes(address, limit)
        except SwarmError as error:
            log.warning("state %s of %s: %s", name.k, key, error)
            return False
        await asyncio.to_thread(write_whole, path, data)
        return True

    async def _adapter(self, peer: Peer, file: CaseFile, receipt: Receipt, limit: int) -> bool:
        folder = adapter_folder(Path(file.folder), receipt.key)
        blocks, journal = self.workplace.blocks, self.workplace.journal
        id_ = file.posted.award.id
        if folder.exists() and id_ in journal.delivering(receipt.adapter_cid):
            return True
        try:
            root = Cid.parse(receipt.adapter_cid)
            # A result that a reorganisation undid may have left another adapter.
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            await fetch(root, [PeerSource(peer)], blocks, limit, patience=ADAPTER_PATIENCE_S)
            await asyncio.to_thread(export, root, blocks.get, folder, limit)
            await asyncio.to_thread(blocks.pin, root)
        except (SwarmError, OSError) as error:
            log.warning("adapter of %s: %s", receipt.key, error)
            return False
        # Whoever upholds serves the buyer too: the seller may be gone by then.
        journal.delivers(id_, receipt.adapter_cid)
        return True

    def _posted(self, index: int) -> Posted:
        return self.entry.commit.awards[index]

    def _name(self, index: int) -> str:
        return hex32(self._posted(index).award.id)


def _shared(sources: Sequence[Peer], seconds: float) -> Iterator[tuple[Peer, float]]:
    """Give the first source half of the time, and the others what is left of it."""
    first, *others = sources
    yield first, seconds / 2 if others else seconds
    yield from ((peer, seconds / 2 / len(others)) for peer in others)


def ends(claim: Claim) -> Iterable[StateName]:
    """Name the end states that a rung may go on from: whoever upholds the award has them too."""
    for receipt in claim.receipts:
        if receipt.boundaries[-1].k < claim.spec.training.segments:
            yield StateName(receipt.key, receipt.boundaries[-1].k)
