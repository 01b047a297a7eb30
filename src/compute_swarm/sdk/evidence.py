"""What sellers say of their awards, kept only where it agrees with the chain."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compute_swarm.domain.bid import Bid, SignedBid
from compute_swarm.domain.books import Line
from compute_swarm.domain.commitment import Receipt, read_receipts
from compute_swarm.domain.ids import Address, AwardId, SweepId, address, hex32, parse_hex
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.status import AwardStatus
from compute_swarm.errors import BidNotShown, SwarmError
from compute_swarm.sdk.awarding import bids_of
from compute_swarm.sdk.bids import award_id
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.rungs import ended_badly
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.view import Evidence, Progress


@dataclass(slots=True)
class EvidenceDesk:
    """Gathers evidence of one sweep; what was proved once is not asked for again."""

    session: Session
    sweep_id: SweepId
    segments: int  # S
    bids: dict[AwardId, Bid] = field(default_factory=dict)
    receipts: dict[AwardId, dict[TrialKey, Receipt]] = field(default_factory=dict)
    heard: dict[tuple[AwardId, TrialKey], dict[int, float]] = field(default_factory=dict)

    async def gather(self, ledger: Ledger) -> Evidence:
        await self._learn_bids(ledger)
        urls = await self.urls()
        posted = [line for line in ledger.books.lines if line.award_id in ledger.posted]
        await asyncio.gather(*(self._learn_receipts(line, ledger, urls) for line in posted))
        running = [line for line in ledger.books.lines if line.status is AwardStatus.AWARDED]
        return Evidence(self.bids, self.receipts, await self._progress(running, urls))

    def not_shown(self, ledger: Ledger) -> AwardId | None:
        """Return an award that did not fail, and of whose trials nothing is known, or None."""
        good = (line for line in ledger.books.lines if not ended_badly(line.status))
        return next((line.award_id for line in good if line.award_id not in self.bids), None)

    def check_bids(self, ledger: Ledger) -> None:
        """Refuse to decide which trials go on while an award might hold any of them."""
        unknown = self.not_shown(ledger)
        if unknown is not None:
            raise BidNotShown(hex32(unknown))

    def curve(self, id_: AwardId | None, key: TrialKey) -> dict[int, float]:
        """Return training loss by segment: the receipt's, else what the seller told so far.

        What an award goes on from comes first.
        """
        if id_ is None:
            return {}
        bid = self.bids.get(id_)
        before = {} if bid is None or bid.rung.fresh else self.curve(bid.start, key)
        receipt = self.receipts.get(id_, {}).get(key)
        if receipt is not None:
            return before | {boundary.k: boundary.loss for boundary in receipt.boundaries[1:]}
        return before | self.heard.get((id_, key), {})

    async def urls(self) -> dict[Address, str]:
        """Return every node's address on the network."""
        try:
            nodes = await self.session.coordinator.nodes()
        except SwarmError:
            return {}  # the chain alone still makes a view
        return {address(node["address"]): str(node["url"]) for node in nodes}

    async def _learn_bids(self, ledger: Ledger) -> None:
        """An award's id is its bid's hash, so a bid from anywhere proves its own trials."""
        if all(id_ in self.bids for id_ in ledger.lines):
            return
        payments = self.session.journal.payments(hex32(self.sweep_id))
        self._take([bid for payment in payments for bid in bids_of(payment)], ledger)
        if not all(id_ in self.bids for id_ in ledger.lines):
            self._take(await self._board_bids(), ledger)

    async def _board_bids(self) -> list[SignedBid]:
        try:
            return await self.session.coordinator.bids(self.sweep_id)
        except SwarmError:
            return []

    def _take(self, bids: Iterable[SignedBid], ledger: Ledger) -> None:
        for signed in bids:
            id_ = award_id(self.session.contracts, signed.bid)
            if id_ in ledger.lines:
                self.bids[id_] = signed.bid

    async def _learn_receipts(
        self, line: Line, ledger: Ledger, urls: Mapping[Address, str]
    ) -> None:
        """Ask the seller, then the others: what rebuilds the root is true from anybody."""
        id_ = line.award_id
        others = [url for who, url in urls.items() if who != line.seller]
        for url in (*([urls[line.seller]] if line.seller in urls else []), *others):
            if id_ in self.receipts:
                return
            try:
                document = await self.session.reader(url).get(f"/v1/awards/{hex32(id_)}/result")
                told = document["receipts"]
            except (SwarmError, LookupError, TypeError):
                continue  # asked again at the next look
            receipts = read_receipts(told, ledger.posted[id_].root, self.segments)
            if receipts is not None:
                self.receipts[id_] = {receipt.key: receipt for receipt in receipts}

    async def _progress(
        self, lines: Sequence[Line], urls: Mapping[Address, str]
    ) -> dict[tuple[AwardId, TrialKey], Progress]:
        asked = [line for line in lines if line.seller in urls]
        answers = await asyncio.gather(*(self._ask_progress(urls[line.seller]) for line in asked))
        # Of its own award only, and of the trials in it, can a seller tell anything.
        found = {
            key: progress
            for line, answer in zip(asked, answers, strict=True)
            for key, progress in answer.items()
            if key[0] == line.award_id and key[1] in self._keys(line.award_id)
        }
        for key, progress in found.items():
            if progress.loss is not None and progress.segments:
                self.heard.setdefault(key, {})[progress.segments] = progress.loss
        return found

    def _keys(self, id_: AwardId) -> tuple[TrialKey, ...]:
        bid = self.bids.get(id_)
        return () if bid is None else bid.keys

    async def _ask_progress(self, url: str) -> dict[tuple[AwardId, TrialKey], Progress]:
        try:
            return read_progress(await self.session.reader(url).get("/v1/progress"))
        except (SwarmError, KeyError, TypeError, ValueError, OverflowError):
            return {}


def read_progress(document: Mapping[str, Any]) -> dict[tuple[AwardId, TrialKey], Progress]:
    """Read a node's account of its running trials."""
    found = {}
    for trial in document["trials"]:
        id_ = AwardId(parse_hex(trial["award_id"], 32))
        key = TrialKey(int(trial["trial"]), int(trial["replica"]))
        found[id_, key] = Progress(
            segments=int(trial["k"]),
            loss=_number(trial.get("loss")),
            eval_loss=_number(trial.get("eval_loss")),
        )
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
