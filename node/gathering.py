"""What a drawn validator fetches of an award: bid, receipts, the states it needs, the adapters.

Nothing of it is believed here. The bid's hash is the award's id, the receipts' root is on chain,
states and adapters are held against the receipts by the worker. Only the directory can't be
checked: a lying one leads to answers that nobody signed, and these count as none.
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.bid import Bid, Posted, SignedBid
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.resources import ModelShape
from compute_swarm.errors import SwarmError
from compute_swarm.mesh.peer import Peer
from compute_swarm.node.chronicle import CommitEntry
from compute_swarm.node.files import case_folder, write_whole
from compute_swarm.node.rungs import Rungs, state_limits
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import export
from compute_swarm.storage.transfer import PeerSource, fetch
from compute_swarm.verifier.assertions import Claim, claim_failures, is_signed
from compute_swarm.verifier.dossier import CaseFile
from compute_swarm.verifier.judge import StateName
from compute_swarm.verifier.layout import adapter_folder, state_file

log = logging.getLogger(__name__)

ADAPTER_PATIENCE_S: Final = 5.0  # with a source that fails; the whole gathering is tried again
AT_ONCE: Final = 16  # sellers; each has its own time, so that a slow one takes nobody else's

T = TypeVar("T")
Names: TypeAlias = Iterable[StateName]


@dataclass(slots=True)
class Gathering:
    """One commit's awards, gathered for some of its items within some seconds.

    What a seller does not send, or sends otherwise than signed, is missing. Where the coordinator
    fails instead, the error goes up: that is no seller's fault.
    """

    workplace: Workplace
    entry: CommitEntry
    spec: SweepSpec
    items: tuple[Item, ...]
    seconds: float
    _peers: dict[int, Peer] = field(default_factory=dict)

    @property
    def indices(self) -> list[int]:
        return sorted({item.award_index for item in self.items})

    async def papers(self) -> dict[int, CaseFile]:
        """Return by award's index the bid and the receipts, where these are the signed ones."""
        urls = await self.workplace.board.urls()
        for index in self.indices:
            url = urls.get(self._posted(index).award.seller)
            peer = None if url is None else self.workplace.reachable(url)
            if peer is not None:
                self._peers[index] = peer
        found = await self._each(self._peers, self._told)
        told = {index: one for index, one in found.items() if one is not None}
        posted_bids: list[SignedBid] = []
        if any(bid is None for _, bid in told.values()):
            posted_bids = await self.workplace.board.bids(self.entry.sweep_id)
        files: dict[int, CaseFile] = {}
        for index, (receipts, bid) in told.items():
            known = bid or self._fitting(index, posted_bids)
            if known is not None and (file := self._case(index, known, receipts)) is not None:
                files[index] = file
        return files | await self._rungs(files)

    async def parts(
        self, files: Mapping[int, CaseFile], shape: ModelShape, wanted: Mapping[int, Names]
    ) -> bool:
        """Fetch states and adapters; returns whether all came. `wanted` are further states."""

        async def of_one(index: int) -> bool:
            return await self._parts(index, files[index], shape, wanted.get(index, ()))

        arrived = await self._each(files, of_one)
        return all(arrived.values())

    async def _rungs(self, files: Mapping[int, CaseFile]) -> dict[int, CaseFile]:
        """Return the rungs' papers with the results that they go on from, as far as those came."""

        async def of_one(index: int) -> CaseFile:
            bid, rungs = files[index].bid, Rungs(self.workplace)
            others = await rungs.peers([bid.seller])
            return replace(files[index], earlier=await rungs.earlier(bid.start, others))

        rungs = [index for index, file in files.items() if not file.bid.rung.fresh]
        found = await self._each(rungs, of_one)
        return {index: file for index, file in found.items() if file is not None}

    async def _each(
        self, indices: Iterable[int], ask: Callable[[int], Awaitable[T]]
    ) -> dict[int, T | None]:
        """Ask about each award, `AT_ONCE` at a time; None where its time was over."""
        chosen, turns = list(indices), asyncio.Semaphore(AT_ONCE)
        rounds = max(1, -(-len(chosen) // AT_ONCE))

        async def one(index: int) -> T | None:
            try:
                async with turns, asyncio.timeout(self.seconds / rounds):
                    return await ask(index)
            except TimeoutError:
                log.warning("award %s: its time is over", hex32(self._posted(index).award.id))
                return None

        found = await asyncio.gather(*(one(index) for index in chosen))
        return dict(zip(chosen, found, strict=True))

    async def _told(self, index: int) -> tuple[tuple[Receipt, ...], Bid | None] | None:
        """Return what a seller says of its award, or None where it says nothing readable."""
        peer, id_ = self._peers[index], hex32(self._posted(index).award.id)
        try:
            result = await peer.get(f"/v1/awards/{id_}/result")
            receipts = tuple(Receipt.from_document(one) for one in result["receipts"])
        except (SwarmError, LookupError, TypeError) as error:
            log.warning("result of %s: %s", id_, error)
            return None
        try:
            signed = wire.decode(SignedBid, await peer.get(f"/v1/awards/{id_}/bid"))
        except SwarmError:
            return receipts, None
        return receipts, self._fitting(index, [signed])

    def _fitting(self, index: int, bids: Iterable[SignedBid]) -> Bid | None:
        """Return the bid whose hash is the award's id."""
        id_ = self._posted(index).award.id
        return next((s.bid for s in bids if self.workplace.award_id(s.bid) == id_), None)

    def _case(self, index: int, bid: Bid, receipts: tuple[Receipt, ...]) -> CaseFile | None:
        posted = self._posted(index)
        id_ = posted.award.id
        if not is_signed(Claim(self.spec, self.entry.sweep_id, bid, posted, receipts)):
            # The answer has no signature: whoever gave it, it isn't what the seller committed.
            log.warning("result of %s: not of the posted root", hex32(id_))
            return None
        # The buyer may ask here too: the seller may be gone by then.
        told = [receipt.to_document() for receipt in receipts]
        self.workplace.journal.noted(f"receipts/{id_.hex()}", told)
        folder = case_folder(self.workplace.settings.home, id_)
        return CaseFile(index, bid, posted, receipts, str(folder))

    async def _parts(self, index: int, file: CaseFile, shape: ModelShape, wanted: Names) -> bool:
        claim = file.claim(self.spec, self.entry.sweep_id)
        if claim_failures(claim):
            return True  # nothing can be located in it
        if claim.lacks_start:
            return False
        peer = self._peers[index]
        names = sorted({*self._starts(claim, index), *ends(claim), *wanted}, key=str)
        limits = state_limits(shape, self.spec)
        arrived = [await self._state(peer, file, n, limits[n.key]) for n in names]
        arrived += [await self._adapter(peer, file, r, limits[r.key]) for r in file.receipts]
        return all(arrived)

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
        note = f"adapter/{receipt.adapter_cid}"
        if folder.exists() and journal.note(note) is not None:
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
        journal.noted(note, hex32(file.posted.award.id))
        return True

    def _posted(self, index: int) -> Posted:
        return self.entry.commit.awards[index]


def ends(claim: Claim) -> Iterable[StateName]:
    """Name the end states that a rung may go on from: whoever upholds the award has them too."""
    for receipt in claim.receipts:
        if receipt.boundaries[-1].k < claim.spec.training.segments:
            yield StateName(receipt.key, receipt.boundaries[-1].k)
