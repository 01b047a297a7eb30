"""The relayer: brings to the chain what the board holds, for the tips that the market pays.

It has no rights of its own. Each step reads the chain, decides (plans.py) and sends at most what
is missing, so it may be stopped anywhere, run twice, or be left out by parties that send their
own transactions.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import EventCursor
from compute_swarm.chain.cursor_store import SqliteCursorStore
from compute_swarm.chain.rpc import Block
from compute_swarm.chain.transactions import Call, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import audit
from compute_swarm.domain.bid import Submission, Sweep
from compute_swarm.domain.ids import Address, AwardId, CommitId, Digest, DisputeId, SweepId, hex32
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.errors import ChainError, ChainRefused, RpcUnavailable, SeedUnknown
from compute_swarm.node.coordinator.board import Board
from compute_swarm.node.coordinator.chain_index import ChainIndex, CommitLine, DisputeLine
from compute_swarm.node.coordinator.plans import (
    Case,
    Waiting,
    count,
    due_results,
    expirable,
    heard,
    parcels,
    settle_now,
    to_post,
)
from compute_swarm.node.coordinator.verdicts import Verdicts

PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 10.0
REST_SECONDS: Final = 5.0  # after a refusal, before the same call is tried again
PIN_BLOCKS: Final = 4_096  # half of the block hashes that a chain keeps

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a commit's seed fixed."""

    seed: Digest
    items: tuple[audit.Item, ...]
    judges: tuple[Address, ...]


class Relayer:
    def __init__(
        self,
        contracts: Contracts,
        wallet: Wallet,
        board: Board,
        verdicts: Verdicts,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.index = ChainIndex()
        self.pin_blocks = PIN_BLOCKS
        self._contracts = contracts
        self._wallet = wallet
        self._board = board
        self._verdicts = verdicts
        self._patience = patience
        self._clock = clock
        self._cursor = _cursor(contracts)
        self._drawn: dict[CommitId, Drawn] = {}
        self._pinned: set[CommitId | DisputeId] = set()
        self._refused: set[tuple[AwardId, bytes]] = set()  # results that the contract won't take
        self._quorum_at: dict[DisputeId, float] = {}
        self._resting: dict[object, float] = {}

    async def run(self, pause: float = PAUSE_SECONDS) -> None:
        """Work until cancelled; a lost connection is waited out."""
        wait = pause
        while True:
            try:
                await self.step()
                wait = pause
            except ChainError as error:
                log.warning("relayer waits: %s", error)
                wait = min(2 * wait, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(wait)

    async def step(self) -> None:
        """Read the chain once and do all that is due."""
        await self._read()
        head = await self._contracts.rpc.head()
        now = head.time
        for sweep_id in list(self.index.awarded()):
            await self._bring_results(sweep_id, now)
        for line in self.index.open_commits():
            await self._pin(line.id, line.commit.block_number, head.number)
            await self._judge(line, now)
        for dispute in self.index.open_disputes():
            await self._decide(dispute, head)

    async def _read(self) -> None:
        while True:
            batch = await self._cursor.read()
            if batch.removed:
                await self._start_over()
                return
            for event in batch.added:
                self.index.apply(event)
            self._cursor.done(batch)
            if not batch.behind:
                break
        for line in self.index.commits.values():
            sweep = self.index.sweeps[line.sweep_id]
            self._verdicts.committed(line.sweep_id, sweep, line.commit)

    async def _start_over(self) -> None:
        """Forget everything read: the chain was reorganised."""
        self.index = ChainIndex()
        self._cursor = _cursor(self._contracts)
        self._drawn.clear()
        self._pinned.clear()
        self._refused.clear()
        # What was sent may be gone, and then the nonces counted since are too high.
        self._wallet.forget_nonce(self._contracts.rpc.chain_id)
        await self._read()

    # Results

    async def _bring_results(self, sweep_id: SweepId, now: int) -> None:
        sweep = self.index.sweeps[sweep_id]
        grace = self._contracts.deployment.profile.rules.grace
        awards = {award.id: award for award in self.index.awarded()[sweep_id]}
        for award in awards.values():
            if now > award.deadline + grace:
                await self._try(award.id, self._contracts.market.expire_award(sweep, award))
        results = [
            result
            for result in self._board.results(sweep_id)
            if awards.get(result.submission.award.id) == result.submission.award
            and result.submission.award.deadline + grace >= now
            and (result.submission.award.id, result.submission.root) not in self._refused
        ]
        waiting = Waiting(list(awards.values()), results, grace)
        due = due_results(waiting, self._patience, self._clock(), now)
        if due:
            cap = (await self._contracts.market.token_terms(sweep.terms.token)).cap
            for parcel in parcels(due, sweep.terms.segments, cap):
                await self._commit(sweep, parcel)

    async def _commit(self, sweep: Sweep, parcel: Sequence[Submission]) -> None:
        """Commit together; where that is refused, without those that are refused alone."""
        market = self._contracts.market
        key = ("commit", *(one.award.id for one in parcel))
        if await self._try(key, market.commit(sweep, parcel)):
            return
        sound = []
        for one in parcel:
            try:
                await market.commit(sweep, [one]).read(self._wallet.address)
                sound.append(one)
            except ChainRefused as refused:
                log.warning("result of %s is not taken: %s", hex32(one.award.id), refused)
                self._refused.add((one.award.id, one.root))
        if sound and len(sound) < len(parcel):
            await self._try(
                ("commit", *(one.award.id for one in sound)), market.commit(sweep, sound)
            )

    # Verdicts

    async def _pin(self, id_: CommitId | DisputeId, number: int, head: int) -> None:
        """Keep the seed of what is still open when the chain is about to forget its block."""
        block = number + self._contracts.deployment.profile.rules.draw_delay
        if head - block <= self.pin_blocks or id_ in self._pinned:
            return
        if await self._try(("pin", id_), self._contracts.randomness.pin(block)):
            self._pinned.add(id_)

    async def _judge(self, line: CommitLine, now: int) -> None:
        case = await self._case(line)
        if case is None:
            await self._expire_unseeded(line)
            return
        verdicts = heard(case, self._verdicts.verdicts(line.id), now)
        court, market = self._contracts.court, self._contracts.market
        for signed in to_post(case, verdicts):
            key = ("post", line.id, signed.verdict.share)
            await self._try(key, court.post(case.sweep, case.commit, signed))
        if settle_now(case, verdicts, now):
            await self._settle(case, [signed for _, signed in sorted(verdicts.items())])
        for index in expirable(case, now):
            key = ("expire", line.id, index)
            await self._try(key, market.expire_posted(case.sweep, case.commit, index))

    async def _settle(self, case: Case, verdicts: Sequence[SignedVerdict]) -> None:
        """Settle by all verdicts; where that is refused, by the most that the contract takes."""
        market, key = self._contracts.market, ("settle", case.id)
        call = market.settle(case.sweep, case.commit, verdicts)
        if self._rests(key) or await self._try(key, call):
            return
        for fewer in _fewer(verdicts):
            call = market.settle(case.sweep, case.commit, fewer)
            try:
                await call.read(self._wallet.address)
            except ChainRefused:
                continue
            log.warning("%s is settled by %d of its verdicts", hex32(case.id), len(fewer))
            await self._try(("settle", case.id, *fewer), call)
            return

    async def _case(self, line: CommitLine) -> Case | None:
        """Return the commit as the contract sees it, None while nobody is drawn."""
        sweep, market = self.index.sweeps[line.sweep_id], self._contracts.market
        docket = await market.docket(sweep, line.commit)
        if not any(docket.seed):
            return None
        drawn = await self._draw(line, sweep, docket.seed, docket.shares)
        times = await market.times(sweep.terms, docket.time)
        return Case(
            id=line.id,
            sweep=sweep,
            commit=line.commit,
            statuses=[slot.status for slot in docket.slots],
            items=drawn.items,
            judges=drawn.judges,
            settle_from=times.settle_from,
            answer_by=times.answer_by,
            posted=dict(line.posted),
            cleared=await self._cleared(line, docket.shares),
        )

    async def _draw(self, line: CommitLine, sweep: Sweep, seed: Digest, shares: int) -> Drawn:
        known = self._drawn.get(line.id)
        if known is not None and known.seed == seed:
            return known
        court = self._contracts.court
        judges = [await court.judge_of(sweep, line.commit, share) for share in range(shares)]
        items = audit.items(seed, line.commit, sweep.terms.segments)
        self._drawn[line.id] = Drawn(seed, items, tuple(judges))
        return self._drawn[line.id]

    async def _cleared(self, line: CommitLine, shares: int) -> set[tuple[AwardId, int]]:
        """Return which awards a panel upheld against which judges."""
        disputed = {d.award_id for d in self.index.disputes.values() if d.commit_id == line.id}
        court = self._contracts.court
        return {
            (award, share)
            for award in disputed
            for share in range(shares)
            if await court.cleared(line.id, award, share)
        }

    async def _expire_unseeded(self, line: CommitLine) -> None:
        """Give the money back where the seed was lost before anybody pinned it."""
        delay = self._contracts.deployment.profile.rules.draw_delay
        if not await self._contracts.randomness.lost(line.commit.block_number + delay):
            return
        sweep = self.index.sweeps[line.sweep_id]
        for index, posted in enumerate(line.commit.awards):
            if self.index.awards[posted.award.id].status is AwardStatus.POSTED:
                call = self._contracts.market.expire_posted(sweep, line.commit, index)
                await self._try(("expire", line.id, index), call)

    # Disputes

    async def _decide(self, dispute: DisputeLine, head: Block) -> None:
        line = self.index.commits[dispute.commit_id]
        sweep, court = self.index.sweeps[line.sweep_id], self._contracts.court
        rules = self._contracts.deployment.profile.rules
        opened = await court.dispute(dispute.id)
        if head.time > opened.time + rules.panel_time:
            expire = court.expire(sweep, line.commit, dispute.item)
            await self._try(("lapse", dispute.id), expire)
            return
        await self._pin(dispute.id, opened.block_number, head.number)
        try:
            panel = await court.panel_of(sweep, line.commit, dispute.item)
        except SeedUnknown:
            return
        ballot = count(panel, self._verdicts.votes(dispute.id))
        if not ballot.decided(rules.quorum):
            return
        # Who votes with the majority is paid, so the others get a moment to be heard.
        since = self._quorum_at.setdefault(dispute.id, self._clock())
        if ballot.complete or self._clock() - since >= self._patience:
            resolve = court.resolve(sweep, line.commit, dispute.item, ballot.votes)
            await self._try(("resolve", dispute.id), resolve)

    async def _try(self, key: object, call: Call) -> bool:
        """Send a call, unless the same one was refused a moment ago."""
        if self._rests(key):
            return False
        try:
            await send(self._wallet, call)
        except RpcUnavailable:
            raise
        except ChainError as refused:
            log.info("%s: %s", call.function.name, refused)
            self._resting[key] = time.monotonic() + REST_SECONDS
            return False
        log.info("%s sent", call.function.name)
        await self._read()
        return True

    def _rests(self, key: object) -> bool:
        return time.monotonic() < self._resting.get(key, 0.0)


def _fewer(verdicts: Sequence[SignedVerdict]) -> Iterator[tuple[SignedVerdict, ...]]:
    """Yield what is left without some of the verdicts, the most first; there are at most three."""
    for count_ in range(len(verdicts) - 1, 0, -1):
        yield from combinations(verdicts, count_)


def _cursor(contracts: Contracts) -> EventCursor:
    deployment = contracts.deployment
    store = SqliteCursorStore(Path(":memory:"), "relayer")
    addresses: tuple[Address, ...] = (deployment.market, deployment.court)
    return EventCursor(contracts.rpc, addresses, store, deployment.block)
