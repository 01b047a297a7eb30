"""What a rung goes on from: an earlier award's result, held against the chain, and its end states.

The result is hashes, and everybody has it who ever needed it. The end states lie where the earlier
award was trained and where it was judged, and go to the seller of the award that goes on from it.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from compute_swarm.domain.bid import Bid, Leg, Posted, SignedBid
from compute_swarm.domain.commitment import Boundary, Receipt, read_receipts
from compute_swarm.domain.ids import Address, AwardId, SweepId, hex32
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.trial import trials
from compute_swarm.engine.resources import ModelShape, checkpoint_bytes
from compute_swarm.errors import BlockUnavailable, NotKnown, PeerUnreachable, SwarmError
from compute_swarm.mesh.peer import Peer
from compute_swarm.node.chronicle import AwardEntry, Chronicle, Record
from compute_swarm.node.files import award_folder, write_whole
from compute_swarm.node.papers import ask_receipts
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.assertions import Earlier
from compute_swarm.verifier.layout import start_file, state_file, states_folder

log = logging.getLogger(__name__)

KEPT: Final = "kept"  # the journal's note of the folders whose end states stay, and until when
ANSWER_S: Final = 10.0  # of one peer that is asked for receipts
SLACK: Final = 4 * 2**20  # bytes of a state or an adapter beside its tensors: names, card, config

End: TypeAlias = tuple[AwardId, TrialKey, int]  # a trial's boundary at the end of an award


@dataclass(frozen=True, slots=True)
class Rungs:
    workplace: Workplace
    answer_s: float = ANSWER_S

    async def earlier(self, start: AwardId, first: Iterable[Address] = ()) -> Earlier | None:
        """Return an award's sweep and receipts: from the journal, else from who shows them.

        Those named first are asked first; all together have the time of three.
        """
        chronicle = await self.workplace.chronicle()
        entry = chronicle.awards.get(start)
        posted = None if entry is None else _posted(chronicle, entry)
        if entry is None or posted is None:
            return None
        segments = chronicle.sweeps[entry.sweep_id].terms.segments
        known = self._known(start)
        found = await asyncio.to_thread(read_receipts, known, posted.root, segments)
        if found is None:
            peers = await self.holders(chronicle, entry, first)
            found = await self._first_told(peers, posted, segments)
            if found is None:
                return None
            # Whoever goes on from it, or judges who does, can show it to others.
            told = [receipt.to_document() for receipt in found]
            self.workplace.journal.noted(f"receipts/{start.hex()}", told)
        return Earlier(entry.sweep_id, found)

    async def holders(
        self, chronicle: Chronicle, entry: AwardEntry, first: Iterable[Address] = ()
    ) -> list[Peer]:
        """Return the clients of those who may have an award's result: its seller, and its judges.

        Anybody may stand in the directory, and hold up who asks all of it.
        """
        who = [*first, entry.award.seller]
        if entry.commit_id is not None:
            draw = await self.workplace.draws.of_commit(
                chronicle, chronicle.commits[entry.commit_id]
            )
            record = chronicle.records.get(entry.commit_id, Record())
            who += () if draw is None else draw.judges
            who += [posted.judge for posted in record.posted.values()]
        return await self.workplace.peers(who)

    async def ends(self, id_: SweepId, leg: Leg) -> Mapping[TrialKey, Boundary]:
        """Return by trial the boundary that a leg goes on from, or refuse one that can't."""
        chronicle, rung = await self.workplace.chronicle(), leg.rung
        entry = chronicle.awards.get(rung.start)
        if entry is None or entry.commit_id is None or entry.sweep_id != id_:
            raise NotKnown("award of the sweep to go on from", hex32(rung.start))
        earlier = await self.earlier(rung.start)
        if earlier is None:
            raise NotKnown("result of the award to go on from", hex32(rung.start))
        last = {receipt.key: receipt.boundaries[-1] for receipt in earlier.receipts}
        for key in leg.trials:
            if key not in last or last[key].k != rung.first:
                raise NotKnown(f"end at boundary {rung.first} of trial", str(key))
        return {key: last[key] for key in leg.trials}

    async def fetch(self, signed: SignedBid, folder: Path, limits: Mapping[TrialKey, int]) -> None:
        """Bring the states of these trials that a bid goes on from into its award's folder.

        They are ours where we trained the earlier award; else its seller has them, or who judged
        it. The worker checks them.
        """
        bid = signed.bid
        missing = [key for key in limits if not start_file(folder, key).exists()]
        missing = [key for key in missing if not self._take_own(bid, key, folder)]
        if not missing:
            return
        await self.workplace.board.hang_up(signed)  # who has the states looks there
        chronicle = await self.workplace.chronicle()
        peers = await self.holders(chronicle, chronicle.awards[bid.start])
        for peer in peers:
            wanted = {key: limits[key] for key in missing}
            missing = await self._bring(peer, bid, wanted, folder)
        if missing:
            raise BlockUnavailable(f"state {bid.first} of {missing[0]}", len(peers))

    async def may_go_on(self, chronicle: Chronicle, caller: Address, end: End) -> bool:
        """Whether the caller won an award that goes on from here; the board has its bid."""
        start, key, k = end
        entry = chronicle.awards.get(start)
        if entry is None:
            return False
        own = {
            other.award.id
            for other in chronicle.awards_of(caller)
            if other.sweep_id == entry.sweep_id and other.status is AwardStatus.AWARDED
        }
        if not own:
            return False
        bids = [signed.bid for signed in await self.workplace.board.bids(entry.sweep_id)]
        fit = (bid for bid in bids if (bid.start, bid.first) == (start, k) and key in bid.keys)
        return any(self.workplace.award_id(bid) in own for bid in fit)

    def reached(self, award_id: AwardId) -> dict[TrialKey, int]:
        """Return the k that each trial of an award ended at, as far as this node knows."""
        known = (Receipt.from_document(one) for one in self._known(award_id))
        return {receipt.key: receipt.boundaries[-1].k for receipt in known}

    def _known(self, award_id: AwardId) -> list[dict[str, Any]]:
        """What the journal has of an award: our own receipts, or those of others."""
        journal = self.workplace.journal
        own = [one.receipt for one in journal.trials(award_id) if one.receipt is not None]
        return own or list(journal.note(f"receipts/{award_id.hex()}") or ())

    def _take_own(self, bid: Bid, key: TrialKey, folder: Path) -> bool:
        own = state_file(award_folder(self.workplace.settings.home, bid.start), key, bid.first)
        if not own.is_file():
            return False
        write_whole(start_file(folder, key), own.read_bytes())
        return True

    async def _first_told(
        self, peers: Sequence[Peer], posted: Posted, segments: int
    ) -> tuple[Receipt, ...] | None:
        """Ask one after another; who doesn't answer takes only a part of the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * self.answer_s):
                for peer in peers:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self.answer_s):
                            found = await ask_receipts(peer, posted, segments)
                            if found is not None:
                                return found
        return None

    async def _bring(
        self, peer: Peer, bid: Bid, limits: Mapping[TrialKey, int], folder: Path
    ) -> list[TrialKey]:
        """Fetch from one peer what it has; returns what it hasn't."""
        missing = list(limits)
        for key, limit in limits.items():
            path = f"/v1/awards/{hex32(bid.start)}/states/{key.index}/{key.replica}/{bid.first}"
            try:
                data = await peer.get_bytes(path, limit)
            except SwarmError as error:
                log.info("state %s of %s: %s", bid.first, key, error)
                if isinstance(error, PeerUnreachable):
                    break  # it would take as long for each of the others
                continue
            await asyncio.to_thread(write_whole, start_file(folder, key), data)
            missing.remove(key)
        return missing


@dataclass(frozen=True, slots=True)
class Ends:
    """What stays of an award's states once it is over: the ends that a rung may go on from."""

    workplace: Workplace

    def keep(self, folder: Path, award_id: AwardId, segments: int) -> None:
        """Drop all states but the ends of unfinished trials; those stay for `keep_s`."""
        journal = self.workplace.journal
        kept = set(self._ends(folder, award_id, segments))
        for path in states_folder(folder).glob("*/*.safetensors"):
            if path not in kept:
                path.unlink()
        if not kept:
            shutil.rmtree(states_folder(folder), ignore_errors=True)
            return
        until = time.time() + self.workplace.settings.keep_s
        journal.noted(KEPT, {str(folder): until} | (journal.note(KEPT) or {}))

    def tidy(self) -> None:
        """Let go of ends that nobody went on from in time."""
        kept: dict[str, float] = self.workplace.journal.note(KEPT) or {}
        over = [folder for folder, until in kept.items() if time.time() > until]
        for folder in over:
            shutil.rmtree(states_folder(Path(folder)), ignore_errors=True)
        if over:
            left = {folder: until for folder, until in kept.items() if folder not in over}
            self.workplace.journal.noted(KEPT, left)

    def _ends(self, folder: Path, award_id: AwardId, segments: int) -> Iterator[Path]:
        rungs = Rungs(self.workplace)
        for key, k in rungs.reached(award_id).items():
            path = state_file(folder, key, k)
            if k < segments and path.is_file():
                yield path


def state_limits(shape: ModelShape, spec: SweepSpec) -> dict[TrialKey, int]:
    """Return how many bytes a state of each trial, or its adapter, may have."""
    states = spec.training.segments + 1
    return {
        trial.key: checkpoint_bytes(shape, spec, [trial]) // states + SLACK
        for trial in trials(spec)
    }


def _posted(chronicle: Chronicle, entry: AwardEntry) -> Posted | None:
    if entry.commit_id is None:
        return None
    commit = chronicle.commits[entry.commit_id].commit
    return commit.awards[commit.index_of(entry.award.id)]
