"""The relayer: brings to the chain what the board holds, for the tips that the market pays.

Expiries, posts, summonses, panels and seeds pay nobody, so strangers who award to themselves could
have it send them without end: beyond so many an hour it leaves them to those whose money waits.

It has no rights of its own. Each step reads the chain, decides (plans.py) and sends at most what
is missing, so it may be stopped anywhere, run twice, or be left out by parties that send their
own transactions.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import EventCursor
from compute_swarm.chain.cursor_store import SqliteCursorStore
from compute_swarm.chain.events import Committed, Event, SweepOpened
from compute_swarm.chain.rpc import Block
from compute_swarm.chain.transactions import Call, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.bid import Submission, Sweep
from compute_swarm.domain.ids import Address, AwardId, DisputeId, SweepId, hex32
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.errors import ChainError, ChainRefused, RpcUnavailable
from compute_swarm.node.cases import Cases
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DisputeEntry
from compute_swarm.node.coordinator.board import Board
from compute_swarm.node.coordinator.plans import Waiting, due_results, parcels, to_bundle
from compute_swarm.node.coordinator.verdicts import Verdicts
from compute_swarm.node.draw import Draws
from compute_swarm.node.hearing import (
    Case,
    expirable,
    heard,
    in_order,
    settle_now,
    signed,
    to_post,
    to_summon,
)
from compute_swarm.node.panel import count, is_over
from compute_swarm.node.seeds import Moment, Seeds

HOUR: Final = 3600.0
PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 10.0
REST_SECONDS: Final = 5.0  # after a refusal, before the same call is tried again
UNPAID_AN_HOUR: Final = 120  # transactions beyond those that a tip paid for

log = logging.getLogger(__name__)


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
        self.chronicle = Chronicle()
        self.seeds = Seeds(contracts)
        self._contracts = contracts
        self._wallet = wallet
        self._board = board
        self._verdicts = verdicts
        self._patience = patience
        self._clock = clock
        self._cursor = _cursor(contracts)
        self._draws = Draws(contracts)
        self._cases = Cases(contracts, self._draws)
        self._refused: set[tuple[AwardId, bytes]] = set()  # results that the contract won't take
        self._quorum_at: dict[tuple[DisputeId, int], float] = {}  # by dispute and round
        self._resting: dict[object, float] = {}
        self.unpaid_an_hour = UNPAID_AN_HOUR
        self._unpaid: deque[float] = deque()  # when they were sent

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
        for sweep_id in list(self.chronicle.awarded()):
            await self._bring_results(sweep_id, now)
        for entry in list(self.chronicle.open_commits()):
            await self._keep_seed(Moment(entry.commit.block_number, entry.commit.time), head)
            await self._judge(entry, now)
        for dispute in list(self.chronicle.open_disputes()):
            await self._decide(dispute, head)

    async def _read(self) -> None:
        while True:
            batch = await self._cursor.read()
            if batch.removed:
                await self._start_over()
                return
            for event in batch.added:
                self._hear(event)
            self._cursor.done(batch)
            if not batch.behind:
                break

    def _hear(self, event: Event) -> None:
        """Tell the chronicle, and the board what it keeps: once, for what is read adds up."""
        self.chronicle.add(event)
        if isinstance(event, SweepOpened):
            self._board.opened(event.sweep_id)
        elif isinstance(event, Committed):
            entry = self.chronicle.commits[event.commit_id]
            sweep = self.chronicle.sweeps[entry.sweep_id]
            self._verdicts.committed(entry.sweep_id, sweep, entry.commit)

    async def _start_over(self) -> None:
        """Forget everything read: the chain was reorganised."""
        self.chronicle = Chronicle()
        self._cursor = _cursor(self._contracts)
        self.seeds.forget()
        self._refused.clear()
        # What was sent may be gone, and then the nonces counted since are too high.
        self._wallet.forget_nonce(self._contracts.rpc.chain_id)
        await self._read()

    def open_sweeps(self) -> set[SweepId]:
        """Return the sweeps with an award that has not ended."""
        entries = self.chronicle.awards.values()
        return {entry.sweep_id for entry in entries if not entry.status.terminal}

    # Results

    async def _bring_results(self, sweep_id: SweepId, now: int) -> None:
        sweep = self.chronicle.sweeps[sweep_id]
        grace = self._contracts.deployment.profile.rules.grace
        awards = {award.id: award for award in self.chronicle.awarded()[sweep_id]}
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
                if not await self._commit_and_settle(sweep_id, sweep, parcel, now):
                    await self._commit(sweep, parcel)

    async def _commit_and_settle(
        self, sweep_id: SweepId, sweep: Sweep, parcel: Sequence[Submission], now: int
    ) -> bool:
        """Settle an earlier commit of the sweep along with this one, where one is due."""
        entries = [one for one in self.chronicle.open_commits() if one.sweep_id == sweep_id]
        cases = [await self._case(entry, now) for entry in entries]
        ready = [(case, heard(case, self._said(case))) for case in cases if case is not None]
        bundle = to_bundle(ready, now)
        if bundle is None:
            return False
        case, verdicts = bundle
        market = self._contracts.market
        settle = market.settle(case.sweep, case.commit, in_order(verdicts))
        call = market.multicall([settle, market.commit(sweep, parcel)])
        return await self._earn(("bundle", case.id, *(one.award.id for one in parcel)), call)

    async def _commit(self, sweep: Sweep, parcel: Sequence[Submission]) -> None:
        """Commit together; where that is refused, without those that are refused alone."""
        market = self._contracts.market
        key = ("commit", *(one.award.id for one in parcel))
        if await self._earn(key, market.commit(sweep, parcel)):
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
            await self._earn(
                ("commit", *(one.award.id for one in sound)), market.commit(sweep, sound)
            )

    # Verdicts

    async def _keep_seed(self, moment: Moment, head: Block) -> None:
        """Bring what a draw waits for, or keep it when the chain is about to forget it."""
        key = ("seed", moment)
        call = None if self._rests(key) else await self.seeds.due(moment, head)
        if call is not None and await self._try(key, call):
            self.seeds.kept(moment)

    async def _judge(self, entry: CommitEntry, now: int) -> None:
        case = await self._case(entry, now)
        if case is None:
            await self._expire_unseeded(entry)
            return
        if await self._call_judges(case, now):
            case = await self._case(entry, now) or case
        verdicts = heard(case, self._said(case))
        brought, market = in_order(verdicts), self._contracts.market
        if settle_now(case, verdicts, now):
            await self._settle(case, brought)
        for index in expirable(case):
            key = ("expire", case.id, index)
            await self._try(key, market.expire_posted(case.sweep, case.commit, index, brought))

    async def _call_judges(self, case: Case, now: int) -> bool:
        """Put on chain what has to be there, and call on who is silent; whether there was any."""
        court, said, changed = self._contracts.court, self._said(case), False
        for one in to_post(case, said, now):
            call = court.post(case.sweep, case.commit, one)
            changed |= await self._try(("post", case.id, one.verdict.share), call)
        for share in to_summon(case, said, now):
            if share in self._said(case):
                continue  # it has come while others were called
            call = court.summon(case.sweep, case.commit, share)
            changed |= await self._try(("summon", case.id, share), call)
        return changed

    async def _case(self, entry: CommitEntry, now: int) -> Case | None:
        return await self._cases.of(self.chronicle, entry, now)

    def _said(self, case: Case) -> dict[int, SignedVerdict]:
        return signed(case, self._verdicts.verdicts(case.id))

    async def _settle(self, case: Case, verdicts: Sequence[SignedVerdict]) -> None:
        """Settle by all verdicts; where that is refused, by the most that the contract takes."""
        market, key = self._contracts.market, ("settle", case.id)
        call = market.settle(case.sweep, case.commit, verdicts)
        if self._rests(key) or await self._earn(key, call):
            return
        for fewer in _fewer(verdicts):
            call = market.settle(case.sweep, case.commit, fewer)
            try:
                await call.read(self._wallet.address)
            except ChainRefused:
                continue
            log.warning("%s is settled by %d of its verdicts", hex32(case.id), len(fewer))
            await self._earn(("settle", case.id, *fewer), call)
            return

    async def _expire_unseeded(self, entry: CommitEntry) -> None:
        """Give the money back where the seed was lost before anybody pinned it."""
        commit = entry.commit
        if not await self._contracts.randomness.lost(commit.block_number, commit.time):
            return
        sweep = self.chronicle.sweeps[entry.sweep_id]
        for index, status in enumerate(self.chronicle.statuses(entry)):
            if status is AwardStatus.POSTED:
                call = self._contracts.market.expire_posted(sweep, commit, index)
                await self._try(("expire", entry.id, index), call)

    # Disputes

    async def _decide(self, dispute: DisputeEntry, head: Block) -> None:
        entry = self.chronicle.commits[dispute.commit_id]
        sweep, court = self.chronicle.sweeps[entry.sweep_id], self._contracts.court
        rules = self._contracts.deployment.profile.rules
        index = entry.commit.index_of(dispute.award_id)
        place = (sweep, entry.commit, index, dispute.subject)
        called = (dispute.block_number, dispute.time)
        await self._keep_seed(Moment(*called), head)
        panel = await self._draws.of_dispute(self.chronicle, dispute)
        lost = panel is None and await self._contracts.randomness.lost(*called)
        if lost or is_over(dispute, rules, head.time):
            await self._try(("expire", dispute.id, dispute.round), court.expire(*place))
            return
        ballot = count(panel or (), dispute.round, self._verdicts.votes(dispute.id))
        if not ballot.decided(rules.quorum):
            return
        # Who votes with the majority is paid, so the others get a moment to be heard.
        key = (dispute.id, dispute.round)
        since = self._quorum_at.setdefault(key, self._clock())
        if ballot.complete or self._clock() - since >= self._patience:
            await self._try(("resolve", *key), court.resolve(*place, ballot.votes))

    async def _earn(self, key: object, call: Call) -> bool:
        """Send what a tip pays for, which makes up for something that nobody paid."""
        sent = await self._send(key, call)
        if sent and self._unpaid:
            self._unpaid.popleft()
        return sent

    async def _try(self, key: object, call: Call) -> bool:
        """Send what nobody pays for, as far as an hour's measure goes."""
        now = self._clock()
        while self._unpaid and self._unpaid[0] <= now - HOUR:
            self._unpaid.popleft()
        if len(self._unpaid) >= self.unpaid_an_hour:
            return False
        sent = await self._send(key, call)
        if sent:
            self._unpaid.append(now)
        return sent

    async def _send(self, key: object, call: Call) -> bool:
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
