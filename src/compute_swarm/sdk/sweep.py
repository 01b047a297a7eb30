"""One sweep of a buyer: quote, start, watch, fetch."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from compute_swarm.chain.transactions import send
from compute_swarm.domain.bid import Leg, Sweep
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.money import Coin
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.errors import (
    NotAllowed,
    RungUndecided,
    SessionNeedsAward,
)
from compute_swarm.sdk.adapter import save_adapter
from compute_swarm.sdk.allowance import Allowance, Limits, opened
from compute_swarm.sdk.audits import AuditDesk, AuditRow
from compute_swarm.sdk.awarding import (
    Order,
    ledger_of,
    may_be_unseen,
    next_round,
    resume_all,
    sessions_of,
)
from compute_swarm.sdk.books import SweepBooks
from compute_swarm.sdk.buying import Buying, Outcome, Tries
from compute_swarm.sdk.dataset import PreparedData
from compute_swarm.sdk.evidence import EvidenceDesk
from compute_swarm.sdk.gathering import WAIT_S
from compute_swarm.sdk.journal import KnownSweep
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.patience import Patience
from compute_swarm.sdk.quote import Quote
from compute_swarm.sdk.rungs import (
    Keep,
    Receipts,
    Step,
    check_decided,
    check_end,
    check_plan,
    chosen_keys,
    course,
    loss_at,
    onward,
    read_keep,
    steps,
    survivors,
    unplaced,
)
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.view import SweepView, TrialRow, view_sweep
from compute_swarm.storage.transfer import PeerSource

LOOK_S: Final = 1.0  # between two looks at a running sweep
AGAIN_S: Final = 5.0  # before failed trials are offered again after nobody took them
OUTAGE_S: Final = 900.0  # of the chain's endpoint, that watching a sweep outlasts

Show = Callable[[SweepView], None]


@dataclass(frozen=True, slots=True)
class Best:
    """The settled trial of least loss, and the way to its adapter."""

    session: Session
    row: TrialRow
    receipt: Receipt
    sources: Sequence[PeerSource]
    evidence: dict[str, Any]

    async def save(self, folder: str | Path) -> Path:
        """Fetch the adapter and write it as a PEFT folder with receipts.json."""
        return await save_adapter(self.receipt, self.sources, Path(folder), self.evidence)


class AsyncSweep:
    """A sweep that is described, or one that was started before."""

    def __init__(self, session: Session, order: Order, data: PreparedData | None) -> None:
        self._session = session
        self._order = order
        self._data = data
        self._desk = EvidenceDesk(session, order.sweep_id, order.spec.training.segments)
        self._audits = AuditDesk(session, order)
        self._quotes: tuple[Quote, ...] = ()
        self._first_end: int | None = None  # of the first rung, where whole trials aren't wanted
        self._buying = Buying(session, order)

    def __repr__(self) -> str:
        return f"<sweep {self.id[:10]} of {self.spec.model.id}>"

    @property
    def id(self) -> str:
        return self._order.name

    @property
    def spec(self) -> SweepSpec:
        return self._order.spec

    @property
    def terms(self) -> Sweep:
        """The sweep as the contract knows it."""
        return self._order.sweep

    async def quote(self, wait_s: float = WAIT_S, segments: int | None = None) -> tuple[Quote, ...]:
        """Ask for offers, one call per kind of trial. Nothing is signed.

        With `segments` on the first segments of each trial only: a rung that others may go on from.
        """
        self._begin_with(segments)
        await self._announce()
        ledger = await self.ledger()
        wanted = await self._unplaced(ledger)
        self._quotes = await self._buying.quotes(wanted, ledger, wait_s)
        return self._quotes

    async def start(self, segments: int | None = None) -> SweepView:
        """Pay in one `award` transaction. A sweep that was paid for before is attached to.

        With `segments` only the first ones of each trial are bought; `rung` goes on from there.
        """
        await self._start(segments)
        return await self.view()

    async def allow(self, limits: Limits, segments: int | None = None) -> Allowance:
        """Start the sweep as `start` does, and let a key award more of it, within limits.

        All of the cap is brought along, and the first award counts against it. What is left is free
        balance of the buyer like any other: its other sweeps take from it, and a withdrawal, too.
        Asked again, the session that stands comes back, with its own end. A sweep that was started
        opens one only with trials that failed. Whoever watches buys those again, so of the buyer
        and the key one alone should watch.
        """
        order, session = self._order, self._session
        if session.allowance is not None:
            raise NotAllowed(session.wallet.address, "open a session: only the buyer may")
        now = (await session.contracts.rpc.head()).time
        asked = limits.allowance(order.sweep, order.sweep_id, (await self._coin(), now))
        # One that was sent before, and not confirmed then, has its own end: it is the one meant.
        before = await resume_all(session, order)
        known = opened(sessions_of(session, order, before), asked, now)
        if known is not None:
            return known
        await self._start(segments, asked)
        made = opened(sessions_of(session, order, await self.ledger()), asked, now)
        if made is None:
            raise SessionNeedsAward(self.id)
        return made

    async def _start(self, segments: int | None, opening: Allowance | None = None) -> None:
        """Buy what was not bought yet; of a started sweep only what a session opens with."""
        round_ = next_round(self._session, self._order)
        ledger = await resume_all(self._session, self._order)
        if self._unseen(ledger) or (ledger.books.lines and opening is None):
            return
        fits = segments == self._first_end and opening is None
        quotes, self._quotes = self._quotes if fits else (), ()  # none is paid for twice
        if not quotes:
            self._begin_with(segments)
            await self._announce()
            wanted = await self._unplaced(ledger)
            await self._buying.buy(wanted, ledger, round_, opening)
        else:  # they were shown: what is dearer without a seller is shown before it is paid, too
            await self._buying.award(quotes, round_)

    async def revoke(self, allowance: Allowance) -> None:
        """End a session at once and for ever; only its buyer can."""
        contracts = self._session.contracts
        if self._session.wallet.address != allowance.buyer:
            raise NotAllowed(self._session.wallet.address, "revoke a session of somebody else")
        await send(self._session.wallet, contracts.sessions.revoke(allowance.session))

    async def sessions(self) -> list[dict[str, Any]]:
        """Return the keys that may award more of this sweep, and what each has left."""
        now = (await self._session.contracts.rpc.head()).time
        return [record.document(now) for record in (await self.ledger()).sessions]

    async def survivors(self, segments: int, keep: Keep) -> tuple[TrialKey, ...]:
        """Return the part of the trials that was best when so many segments were done.

        By what settled awards commit to, and refused before all are: so it comes out the same
        whenever and by whomever it is asked.
        """
        check_end(self.spec, segments, first=False)
        ledger = await self.ledger()
        await self._desk.gather(ledger)
        self._desk.check_bids(ledger)
        ways = self._ways(ledger)
        unbought = [str(key) for key, way in ways.items() if not way]
        if unbought and self._unseen(ledger):
            raise RungUndecided(", ".join(unbought))
        check_decided(ways, self._receipts, segments)
        losses = {key: loss_at(way, key, self._receipts, segments) for key, way in ways.items()}
        return survivors(losses, read_keep(keep))

    async def rung(self, trials: Iterable[int | TrialKey], segments: int) -> SweepView:
        """Pay for these trials to go on until so many of their segments are done in all.

        Each goes on from its last result, which has to be on chain; one that is settled is sure,
        one that is still audited saves time. Trials that are there, or bought up to there, cost
        nothing again, so that a cell may be run twice. A number stands for all its replicas.
        """
        check_end(self.spec, segments, first=False)
        round_ = next_round(self._session, self._order)
        ledger = await resume_all(self._session, self._order)
        await self._desk.gather(ledger)
        self._desk.check_bids(ledger)
        ways = self._ways(ledger)
        chosen = chosen_keys(trials, ways)
        if not self._unseen(ledger):
            legs = onward(self.spec, {key: ways[key] for key in chosen}, self._receipts, segments)
            if legs:
                await self._buying.buy(legs, ledger, round_)
        return await self.view()

    async def halve(self, rungs: Sequence[int], keep: Keep, show: Show | None = None) -> SweepView:
        """Carry out successive halving: all trials to the first rung, the best on to the next.

        Run again it goes on where it was.
        """
        check_plan(self.spec, rungs)
        read_keep(keep)
        await self.start(rungs[0])
        view = await self.watch(show)
        for before, segments in pairwise(rungs):
            await self.rung(await self.survivors(before, keep), segments)
            view = await self.watch(show)
        return view

    async def ledger(self) -> Ledger:
        return await ledger_of(self._session, self._order.sweep_id)

    async def view(self) -> SweepView:
        """Look once: the chain, and what sellers can prove."""
        return (await self._look())[0]

    async def books(self) -> SweepBooks:
        return SweepBooks((await self.ledger()).books, await self._coin())

    async def audits(self) -> tuple[AuditRow, ...]:
        """Return who audits what, and what they said so far."""
        ledger = await self.ledger()
        if any(id_ not in self._desk.receipts for id_ in ledger.posted):
            await self._desk.gather(ledger)
        return await self._audits.rows(ledger, self._desk.receipts)

    def curve(self, row: TrialRow) -> dict[int, float]:
        """Return a trial's training loss by segment, as of the last look."""
        return self._desk.curve(row.award_id, row.key)

    async def trials(self) -> list[dict[str, Any]]:
        """Return a flat row per trial."""
        return [row.document() for row in (await self.view()).rows]

    async def watch(self, show: Show | None = None) -> SweepView:
        """Stay until the sweep is over. Trials that fail are awarded again, within max_spend.

        Those apart that a later rung was chosen without. Only where the sweep was paid for: of two
        machines, one alone knows what it has promised. An endpoint of the chain that is away for a
        quarter of an hour is waited for.
        """
        pays = bool(self._session.journal.payments(self._order.name))
        tries = Tries()
        patience = Patience(OUTAGE_S)
        while True:
            with patience:
                round_ = next_round(self._session, self._order)
                view, ledger = await self._look()
                if show is not None:
                    show(view)
                failed = await self._unplaced(ledger)
                if not failed:
                    if view.finished and not self._unseen(ledger):
                        return view
                elif pays and not tries.over:
                    outcome = await self._buying.again(failed, ledger, round_)
                    tries.count(outcome)
                    await asyncio.sleep(0 if outcome is Outcome.PLACED else AGAIN_S)
                elif ledger.closed:
                    return view
            await asyncio.sleep(LOOK_S)

    async def best(self) -> Best:
        """Return the best settled trial of those whose results are shown; the view names others."""
        view = await self.view()
        row = view.winner()
        assert row.award_id is not None  # it is settled
        return await self._best(row, self._desk.receipts[row.award_id][row.key])

    async def _best(self, row: TrialRow, receipt: Receipt) -> Best:
        urls = await self._desk.urls()
        first = [urls[receipt.seller]] if receipt.seller in urls else []
        others = [url for url in urls.values() if url not in first]
        sources = [PeerSource(peer) for peer in self._session.peers((*first, *others))]
        posted = (await self.ledger()).posted[receipt.award_id]
        evidence = {
            "sweep": self.id,
            "spec": self.spec.document(),
            "commit": hex32(posted.commit_id),
            "root": hex32(posted.root),
            "leaves": [
                hex32(other.leaf()) for other in self._desk.receipts[receipt.award_id].values()
            ],
        }
        return Best(self._session, row, receipt, sources, evidence)

    async def _look(self) -> tuple[SweepView, Ledger]:
        ledger = await self.ledger()
        evidence = await self._desk.gather(ledger)
        view = view_sweep(self.id, self.spec, ledger, evidence, await self._coin())
        if self._buying.reason:
            view = replace(view, notices=(*view.notices, self._buying.reason))
        return view, ledger

    async def _coin(self) -> Coin:
        return await self._session.coin(self.spec.budget.token)

    async def _announce(self) -> None:
        """Put spec and data on the board; they name no key and hold no money.

        Where a session's key asks, its buyer has done that.
        """
        self._session.journal.remember(
            KnownSweep(self.id, self._order.sweep.buyer, self.spec.document()),
            hex32(self.spec.hash),
        )
        if self._session.allowance is not None:
            return
        await self._session.coordinator.announce(self.spec, self._order.sweep)
        if self._data is not None:
            await self._session.coordinator.upload(self._data.blocks)

    async def _unplaced(self, ledger: Ledger) -> tuple[Leg, ...]:
        """Trials without an award, or whose last awards failed."""
        if self._unseen(ledger):
            return ()
        await self._desk.gather(ledger)
        if self._desk.not_shown(ledger) is not None:
            return ()  # it may hold any of them: nothing is paid for twice
        first = self._first_end or self.spec.training.segments
        return unplaced(self.spec, ledger.books.lines, self._desk.bids, self._receipts, first)

    def _unseen(self, ledger: Ledger) -> bool:
        return may_be_unseen(self._session, self._order, ledger)

    def _ways(self, ledger: Ledger) -> dict[TrialKey, tuple[Step, ...]]:
        """Return by trial the awards that brought it as far as it is."""
        lines, bids = ledger.books.lines, self._desk.bids
        keys = [trial.key for trial in trials(self.spec)]
        return {key: course(steps(key, lines, bids)) for key in keys}

    @property
    def _receipts(self) -> Receipts:
        return self._desk.receipts

    def _begin_with(self, segments: int | None) -> None:
        if segments is not None:
            check_end(self.spec, segments, first=True)
        self._first_end = segments
