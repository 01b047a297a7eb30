"""Judges held to their word by other validators, who earn a tenth of what the fault costs.

Two words for one share, a word that a panel overturned, a demand that was not met. What was said is
read from the board and the chain; whether it is a fault, the contract says.
"""

import logging
import time
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any, Final

from eth_abi.exceptions import DecodingError

from compute_swarm.chain import artefacts
from compute_swarm.chain.status import DisputeKind
from compute_swarm.chain.transactions import Call, send
from compute_swarm.domain.audit import Item, ItemKind, share_items
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import Address, CommitId, Digest, hex32
from compute_swarm.domain.verdict import Outcome, SignedVerdict, Verdict, unpack_answers
from compute_swarm.errors import (
    AnswersInvalid,
    ChainError,
    NoFault,
    NothingToDo,
    SwarmError,
)
from compute_swarm.node.board import WORDS
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DemandEntry, DisputeEntry, Record
from compute_swarm.node.hearing import Brought
from compute_swarm.node.rounds import Backoff, contain
from compute_swarm.node.workplace import Workplace

log = logging.getLogger(__name__)

LOOK_S: Final = 15.0  # between two looks at the same commit, longer each time
LONGEST_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class Said:
    """A judge's word on a share; one that was posted is signed in its transaction only."""

    judge: Address
    signed: SignedVerdict
    transaction: bytes = b""

    @property
    def verdict(self) -> Verdict:
        return self.signed.verdict


@dataclass(slots=True)
class Reckoning:
    workplace: Workplace
    rests: Backoff = field(default_factory=lambda: Backoff(LOOK_S, LONGEST_S))
    _done: set[Hashable] = field(default_factory=set)
    _heard: dict[CommitId, list[Said]] = field(default_factory=dict)

    async def step(self, chronicle: Chronicle, now: int) -> None:
        """Look at every commit that is open or had a dispute, and at our own demands."""
        for demand in [demand for demand in chronicle.demands.values() if demand.open]:
            await contain(partial(self._expire, demand, now), f"demand {hex32(demand.id)}")
        open_ = {entry.id for entry in chronicle.open_commits()}
        refuted = [dispute for dispute in chronicle.disputes.values() if dispute.refuted]
        for entry in list(chronicle.commits.values()):
            disputes = [dispute for dispute in refuted if dispute.commit_id == entry.id]
            if entry.id in open_ or disputes or entry.id in self._heard:
                look = partial(self._look, chronicle, entry, disputes)
                await contain(look, f"commit {hex32(entry.id)}")

    # --- demands -----------------------------------------------------------------------------

    async def _expire(self, demand: DemandEntry, now: int) -> None:
        """End a demand of ours that its judge let pass; the tenth is the demander's alone."""
        contracts = self.workplace.contracts
        if now <= demand.time + contracts.deployment.profile.rules.demand_time:
            return
        oversight = contracts.oversight
        if demand.id in self._done or not self._ready(demand.id):
            return
        if (await oversight.demand_of(demand.id)).demander != self.workplace.address:
            self._done.add(demand.id)
            return
        await self._show(demand.id, oversight.expire(demand.verdict, demand.judge, demand.item))

    # --- words -------------------------------------------------------------------------------

    async def _look(
        self, chronicle: Chronicle, entry: CommitEntry, disputes: list[DisputeEntry]
    ) -> None:
        if not self._ready(entry.id):
            return
        words = await self._words(chronicle, entry)
        for one, other in _contradictions(words):
            key = ("contradict", entry.id, one.verdict.share, one.judge)
            if key not in self._done:
                await self._contradict(key, one, other)
        for dispute in disputes:
            await self._overturn(chronicle, entry, dispute, words)
        if not disputes and all(status.terminal for status in chronicle.statuses(entry)):
            self._heard.pop(entry.id)  # it was looked at once after its end

    async def _words(self, chronicle: Chronicle, entry: CommitEntry) -> list[Said]:
        """Return what others' judges have said so far: a board may forget, so we remember."""
        heard = self._heard.setdefault(entry.id, [])
        board = [Said(judge, one) for judge, one in await self._brought(chronicle, entry)]
        posted = chronicle.records.get(entry.id, Record()).posted.values()
        told = [Said(p.judge, SignedVerdict(p.verdict, b""), p.transaction) for p in posted]
        for said in (*board, *told):
            own = said.judge == self.workplace.address
            if not own and said.verdict.commit_id == entry.id and _adds(heard, said):
                heard.append(said)
        return heard

    async def _brought(self, chronicle: Chronicle, entry: CommitEntry) -> Brought:
        try:
            draw = await self.workplace.draws.of_commit(chronicle, entry)
            return [] if draw is None else await self.workplace.brought(entry.id, draw)
        except SwarmError as error:
            log.warning("verdicts on %s: %s", hex32(entry.id), error)
            return []

    async def _contradict(self, key: Hashable, one: Said, other: Said) -> None:
        first, second = [await self._signature(said) for said in (one, other)]
        if first is None or second is None:
            self._done.add(key)  # posted by a contract: its transaction shows no signature
            return
        call = self.workplace.contracts.oversight.contradict(first, second, one.judge)
        await self._punish(key, one.judge, call)

    async def _overturn(
        self, chronicle: Chronicle, entry: CommitEntry, dispute: DisputeEntry, words: list[Said]
    ) -> None:
        """Show the words that uphold what a panel refuted."""
        contracts = self.workplace.contracts
        draw = await self.workplace.draws.of_commit(chronicle, entry)
        if draw is None or ("kind", dispute.id) in self._done:
            return
        if (await contracts.court.dispute(dispute.id)).kind is DisputeKind.WITHHELD:
            self._done.add(("kind", dispute.id))  # that nobody could get it overturns no word
            return
        index = entry.commit.index_of(dispute.award_id)
        item = _disputed(draw.items, index, dispute.subject)
        for said in words:
            key = ("overturn", dispute.award_id, said.verdict.share, said.judge)
            if item is None or key in self._done or not _upholds(draw.items, said.verdict, item):
                continue
            place = (chronicle.sweeps[entry.sweep_id], entry.commit, index, dispute.subject)
            call = contracts.oversight.overturn(*place, said.signed, said.judge)
            await self._punish(key, said.judge, call)

    async def _signature(self, said: Said) -> SignedVerdict | None:
        """Return a verdict with its signature, out of the transaction that posted it if need be."""
        if said.signed.signature:
            return said.signed
        rpc, court = self.workplace.contracts.rpc, self.workplace.contracts.court
        hash_ = hex32(said.transaction)
        found: Any = await rpc.request("eth_getTransactionByHash", [hash_])
        post = artefacts.function(artefacts.COURT, "post")
        if found is None or str(found["to"]).lower() != court.address.lower():
            return None
        data = bytes.fromhex(found["input"].removeprefix("0x"))
        try:
            brought = post.decode_inputs(data[4:])["verdict"]
        except DecodingError:
            return None
        verdict = Verdict(
            said.verdict.commit_id,
            brought["share"],
            brought["answers"],
            Digest(brought["evidence"]),
        )
        same = data[:4] == post.selector and verdict == said.verdict and brought["signature"]
        return SignedVerdict(verdict, brought["signature"]) if same else None

    # --- how ---------------------------------------------------------------------------------

    def _ready(self, key: Hashable) -> bool:
        now = time.monotonic()
        if not self.rests.ready(key, now):
            return False
        self.rests.failed(key, now)
        return True

    async def _punish(self, key: Hashable, judge: Address, call: Call) -> None:
        """Show a fault where there is something to lose: a transaction costs, a key nothing."""
        found = await self.workplace.contracts.validators.validator(judge)
        if int(found.bond) + int(found.unbonding) == 0:
            self._done.add(key)
            return
        await self._show(key, call)

    async def _show(self, key: Hashable, call: Call) -> None:
        """Send it; what the contract finds to be no fault, or paid for, is not shown again."""
        try:
            await send(self.workplace.wallet, call)
        except (NoFault, NothingToDo) as refused:
            log.info("%s: %s", call.function.name, refused)
        except ChainError as refused:
            log.warning("%s: %s", call.function.name, refused)
            return
        self._done.add(key)


def _adds(heard: Iterable[Said], said: Said) -> bool:
    """Whether it says more than what was heard: of a judge on a share two words are enough."""
    place = (said.judge, said.verdict.share)
    known = [one for one in heard if (one.judge, one.verdict.share) == place]
    told = any((one.verdict, one.transaction) == (said.verdict, said.transaction) for one in known)
    words = {one.verdict for one in known} | {said.verdict}
    return not told and len(words) <= WORDS


def _contradictions(words: Iterable[Said]) -> Iterator[tuple[Said, Said]]:
    """Yield pairs of different words of one judge on one share."""
    places: dict[tuple[Address, int], list[Said]] = {}
    for said in words:
        places.setdefault((said.judge, said.verdict.share), []).append(said)
    for found in places.values():
        yield from (pair for pair in combinations(found, 2) if pair[0].verdict != pair[1].verdict)


def _disputed(items: Iterable[Item], index: int, subject: Subject) -> Item | None:
    """Return the item that a dispute is about; a challenged segment may not have been drawn."""
    if not subject.is_challenge:
        return next((item for item in items if item.number == subject.item), None)
    place = (index, ItemKind.AUDIT, subject.position)
    drawn = (item for item in items if (item.award_index, item.kind, item.position) == place)
    return next(drawn, None)


def _upholds(items: tuple[Item, ...], verdict: Verdict, item: Item) -> bool:
    share = share_items(items, verdict.share)
    if item not in share:
        return False
    try:
        answer = unpack_answers(verdict.answers, len(share))[share.index(item)]
    except AnswersInvalid:
        return False
    return answer.outcome is Outcome.UPHELD
