"""What a drawn validator fetches of an award: bid, receipts, the states it needs, the adapters.

Nothing of it is believed here. The bid's hash is the award's id, the receipts' root is on chain,
states and adapters are held against the receipts by the worker.
"""

import asyncio
import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.bid import Bid, Posted, SignedBid
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.errors import BadInput, PeerUnreachable, SwarmError
from compute_swarm.mesh.peer import Peer
from compute_swarm.node.chronicle import CommitEntry
from compute_swarm.node.files import case_folder, write_whole
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import export
from compute_swarm.storage.transfer import PeerSource, fetch
from compute_swarm.verifier.assertions import Claim, claim_failures
from compute_swarm.verifier.dossier import CaseFile
from compute_swarm.verifier.judge import StateName
from compute_swarm.verifier.layout import adapter_folder, state_file

log = logging.getLogger(__name__)

STATE_LIMIT: Final = 2 * 2**30
ADAPTER_LIMIT: Final = 2**30
ADAPTER_PATIENCE_S: Final = 5.0  # with a source that fails; the whole gathering is tried again


@dataclass(frozen=True, slots=True)
class Gathered:
    """An award's papers as far as they came, and whether anything is still missing."""

    file: CaseFile | None
    complete: bool


@dataclass(slots=True)
class Gathering:
    """One commit's awards, gathered for some of its items."""

    workplace: Workplace
    entry: CommitEntry
    spec: SweepSpec
    items: tuple[Item, ...]

    async def award(self, index: int, wanted: Iterable[StateName] = ()) -> Gathered:
        """Fetch what is not here yet of one award; `wanted` are states beyond the start states."""
        posted = self.entry.commit.awards[index]
        try:
            peer = await self._seller(posted)
            file = await self._papers(peer, index, posted)
        except SwarmError as error:
            log.warning("award %s: %s", hex32(posted.award.id), error)
            return Gathered(None, False)
        claim = Claim(self.spec, self.entry.sweep_id, file.bid, posted, file.receipts)
        if claim_failures(claim):
            return Gathered(file, True)  # nothing can be located in it
        names = {*self._starts(claim, index), *wanted}
        arrived = [await self._state(peer, file, name) for name in sorted(names, key=str)]
        arrived += [await self._adapter(peer, file, receipt) for receipt in file.receipts]
        return Gathered(file, all(arrived))

    async def _seller(self, posted: Posted) -> Peer:
        urls = await self.workplace.board.urls()
        if posted.award.seller not in urls:
            raise PeerUnreachable(posted.award.seller, "it is not in the directory")
        return self.workplace.peer(urls[posted.award.seller])

    async def _papers(self, peer: Peer, index: int, posted: Posted) -> CaseFile:
        award_id = posted.award.id
        result: dict[str, Any] = await peer.get(f"/v1/awards/{hex32(award_id)}/result")
        try:
            receipts = tuple(Receipt.from_document(one) for one in result["receipts"])
            class_id = str(result["class_id"])
        except (BadInput, KeyError, TypeError):
            # A result that can't be read is one without receipts: a fault, and no excuse.
            receipts, class_id = (), ""
        folder = case_folder(self.workplace.settings.home, award_id)
        bid = await self._bid(peer, posted)
        return CaseFile(index, bid, posted, receipts, class_id, str(folder))

    async def _bid(self, peer: Peer, posted: Posted) -> Bid:
        """Find the bid whose hash is the award's id, at the seller or on the board."""
        award_id = posted.award.id
        try:
            document = await peer.get(f"/v1/awards/{hex32(award_id)}/bid")
            found = [wire.decode(SignedBid, document)]
        except SwarmError:
            found = []
        if not any(self.workplace.award_id(signed.bid) == award_id for signed in found):
            found = await self.workplace.board.bids(self.entry.sweep_id)
        for signed in found:
            if self.workplace.award_id(signed.bid) == award_id:
                return signed.bid
        raise PeerUnreachable(peer.url, "nobody shows the award's bid")

    def _starts(self, claim: Claim, index: int) -> Iterable[StateName]:
        """Name the start states of the audits; boundary 0 follows from the seed."""
        for item in self.items:
            if item.award_index == index and item.kind is ItemKind.AUDIT:
                segments = self.spec.training.segments
                key, k = locate(claim.ordered, item.position, segments)
                if k > 0:
                    yield StateName(key, k)

    async def _state(self, peer: Peer, file: CaseFile, name: StateName) -> bool:
        path = state_file(Path(file.folder), name.key, name.k)
        if path.exists():
            return True
        award_id, key = hex32(file.posted.award.id), name.key
        address = f"/v1/awards/{award_id}/states/{key.index}/{key.replica}/{name.k}"
        try:
            data = await peer.get_bytes(address, STATE_LIMIT)
        except SwarmError as error:
            log.warning("state %s of %s: %s", name.k, key, error)
            return False
        await asyncio.to_thread(write_whole, path, data)
        return True

    async def _adapter(self, peer: Peer, file: CaseFile, receipt: Receipt) -> bool:
        folder = adapter_folder(Path(file.folder), receipt.key)
        if folder.exists():
            return True
        blocks = self.workplace.blocks
        try:
            root = Cid.parse(receipt.adapter_cid)
            await fetch(
                root, [PeerSource(peer)], blocks, ADAPTER_LIMIT, patience=ADAPTER_PATIENCE_S
            )
            await asyncio.to_thread(export, root, blocks.get, folder, ADAPTER_LIMIT)
            await asyncio.to_thread(blocks.pin, root)
        except SwarmError as error:
            log.warning("adapter of %s: %s", receipt.key, error)
            return False
        # Whoever upholds serves the buyer too: the seller may be gone by then.
        self.workplace.journal.noted(f"adapter/{root}", hex32(file.posted.award.id))
        return True


def drop(home: Path, entry: CommitEntry) -> None:
    """Forget the states of a commit that is over; adapters stay in the block store."""
    for posted in entry.commit.awards:
        shutil.rmtree(case_folder(home, posted.award.id), ignore_errors=True)
