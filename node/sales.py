"""A seller's side of the bargain: offers in answer to calls, and firm bids that it signs."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.bid import Bid, Leg, SignedBid, Sweep, sweep_id
from compute_swarm.domain.bonds import bond, panel_fee
from compute_swarm.domain.ids import Address, SweepId, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, kind_of, trials
from compute_swarm.domain.typed_data import typed_bid
from compute_swarm.engine.resources import ModelShape
from compute_swarm.errors import FreeTooSmall, LimitReached, NotAllowed, NotKnown, SwarmError
from compute_swarm.node.bidding import Asked, Rates, Reason, quote, reasons, usable_seconds
from compute_swarm.node.board import Call, Notice
from compute_swarm.node.capacity import Capacity, guessed_speed, speed_note
from compute_swarm.node.journal import AwardStage, BidRecord
from compute_swarm.node.rounds import Backoff, contain
from compute_swarm.node.rungs import Rungs
from compute_swarm.node.workplace import Workplace

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 600.0  # an older call has been answered by others, or is given up
OFFER_SECONDS: Final = 600.0  # by then speed, memory and work taken on are others
PUBLIC: Final = ("public", "loopback")  # transports that reach a node without the mesh


@dataclass(slots=True)
class Sales:
    workplace: Workplace
    capacity: Capacity
    declined: dict[SweepId, tuple[Reason, ...]] = field(default_factory=dict)  # for people
    clock: Callable[[], float] = time.time
    rests: Backoff = field(default_factory=Backoff)  # what could not be gone on from
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def answer_calls(self, now: float) -> None:
        """Look at the board and offer on every call that this machine can serve."""
        for notice in await self.workplace.board.notices():
            for call in notice.calls[-1:]:
                if now - call.at < FRESH_SECONDS and not self._offered(call):
                    answer = partial(self._answer, notice, call)
                    await contain(answer, f"sweep {hex32(call.sweep_id)}")

    async def sign_bid(self, buyer: Address, id_: SweepId, leg: Leg) -> SignedBid:
        """Sign a firm bid for these trials, or refuse by one of the node's rules.

        Asked again for the same trials, the same bid comes back: one award at most.
        """
        notice = await self._notice(id_)
        asks = notice.sweep.buyer == buyer
        if not asks and not (await self.workplace.chronicle()).buys(id_, buyer):
            raise NotAllowed(buyer, f"ask for bids on a sweep of {notice.sweep.buyer}")
        spec = await self.workplace.spec(id_, notice.sweep)
        offer = self._offer(id_, spec, leg)
        if offer is None or self.clock() > float(offer.get("expiry", 0)):
            raise NotKnown("offer of ours on sweep", hex32(id_))
        if not leg.rung.fresh:
            await Rungs(self.workplace).ends(id_, leg)
        async with self._turn:  # or two requests at once would each find room
            now = await self.workplace.now()
            known = self._open_bid(id_, leg, now)
            if known is not None:
                return known
            self._check_trials(id_, spec, leg, (int(offer["most_trials"]), now))
            self._check_time(spec, len(leg.trials) * float(offer["seconds_per_trial"]), now)
            price = Amount(int(offer["price"]))
            return await self._sign(notice.sweep, spec, leg, (price, now))

    async def _answer(self, notice: Notice, call: Call) -> None:
        deployment = self.workplace.contracts.deployment
        if sweep_id(deployment.chain_id, deployment.market, notice.sweep) != call.sweep_id:
            return
        try:
            spec = await self.workplace.spec(call.sweep_id, notice.sweep)
        except SwarmError as error:
            log.warning("sweep %s: %s", hex32(call.sweep_id), error)
            return
        trials_, startable = _named(spec, call.leg.trials), await self._startable(call)
        asked = Asked(spec, trials_, call.leg.rung, startable)
        folder = await self.workplace.library.model(spec)
        model = None if folder is None else ModelShape.of(folder)
        capacity, rates = self.capacity.now(), await self._rates(spec, model)
        offer = quote(asked, capacity, rates, model)
        if offer is None:
            self.declined[call.sweep_id] = reasons(asked, capacity, rates, model)
            return
        self.declined.pop(call.sweep_id, None)
        await self.workplace.board.offer(call, offer)
        document = {"expiry": self.clock() + OFFER_SECONDS} | wire.encode(offer)
        self.workplace.journal.noted(offer_note(call.sweep_id, spec, call.leg), document)
        self.workplace.journal.noted(f"offered/{call.sweep_id.hex()}", call.round)
        log.info("offered on %s, round %d", hex32(call.sweep_id), call.round)

    async def _startable(self, call: Call) -> bool:
        """Whether what the call goes on from has ended just there, and can be seen."""
        start = call.leg.rung.start
        if call.leg.rung.fresh:
            return True
        if not self.rests.ready(start, time.monotonic()):
            return False
        try:
            return bool(await Rungs(self.workplace).ends(call.sweep_id, call.leg))
        except SwarmError as error:
            # Those who should have it may hold us up, and there are other calls.
            self.rests.failed(start, time.monotonic())
            log.info("sweep %s: %s", hex32(call.sweep_id), error)
            return False

    async def _rates(self, spec: SweepSpec, model: ModelShape | None) -> Rates:
        settings, journal = self.workplace.settings, self.workplace.journal
        terms = await self.workplace.contracts.market.token_terms(spec.budget.token)
        measured = journal.note(speed_note(spec, settings.device))
        guess = 1.0 if model is None else guessed_speed(model, settings.device)
        return Rates(
            price=settings.price,
            most_trials=settings.most_trials,
            tokens_per_s=float(measured or guess),
            backlog_s=self._backlog(await self.workplace.now()),
            least_price=terms.least_price,
            listed=terms.listed,
            public=self.workplace.transport.name in PUBLIC,
        )

    def _backlog(self, now: int) -> float:
        """Return the seconds that awards won still need, and bids that may yet be awarded."""
        journal = self.workplace.journal
        seconds = 0.0
        for record in journal.awards(AwardStage.WON, AwardStage.TRAINING):
            total = int(record.document["award"]["segments"])
            first = int(record.document["bid"]["bid"]["first"])
            reached = [trial.boundary or first for trial in journal.trials(record.award_id)]
            done = sum(boundary - first for boundary in reached)
            seconds += float(record.document["seconds"]) * (total - done) / total
        return seconds + sum(self._promised_seconds(bid) for bid in journal.open_bids(now))

    def _promised_seconds(self, record: BidRecord) -> float:
        known = self.workplace.journal.note(f"spec/{record.sweep_id.hex()}")
        leg = _leg(record)
        if known is None:
            return 0.0
        offer = self._offer(record.sweep_id, SweepSpec.from_document(known), leg)
        one = 0.0 if offer is None else float(offer["seconds_per_trial"])
        return one * len(leg.trials)

    def _check_trials(
        self, id_: SweepId, spec: SweepSpec, leg: Leg, limits: tuple[int, int]
    ) -> None:
        """Refuse trials that are not of one kind, or more than were offered of such a leg."""
        (offered, now), chosen = limits, _named(spec, leg.trials)
        if len(chosen) != len(leg.trials) or len({kind_of(spec, trial) for trial in chosen}) != 1:
            raise NotKnown("set of trials of one kind", ", ".join(map(str, leg.trials)))
        place = offer_note(id_, spec, leg)
        open_ = [(bid.sweep_id, _leg(bid)) for bid in self.workplace.journal.open_bids(now)]
        # Offers on other legs of the same sweep are promises of their own.
        promised = sum(
            len(other.trials)
            for sweep, other in open_
            if sweep != id_ or offer_note(id_, spec, other) == place
        )
        if len(leg.trials) + promised > offered:
            raise LimitReached("trials", offered)

    def _check_time(self, spec: SweepSpec, seconds: float, now: int) -> None:
        """Refuse what could not be done in time beside all else that was promised."""
        left = usable_seconds(spec) - self._backlog(now)
        if seconds > left:
            raise LimitReached("seconds of training before the deadline", max(int(left), 0))

    async def _sign(
        self, sweep: Sweep, spec: SweepSpec, leg: Leg, terms: tuple[Amount, int]
    ) -> SignedBid:
        """Sign for a price at a time, once it is sure that the bond is there."""
        (price, now), workplace, token = terms, self.workplace, sweep.terms.token
        account = await workplace.contracts.market.account(workplace.address, token)
        deployment, rung = workplace.contracts.deployment, leg.rung
        bid = Bid(
            sweep_id=sweep_id(deployment.chain_id, deployment.market, sweep),
            seller=workplace.address,
            trials=pack_trials(leg.trials),
            first=rung.first,
            segments=rung.segments,
            price=price,
            start=rung.start,
            deadline=now + spec.budget.deadline_s,
            expiry=now + workplace.settings.bid_s,
            nonce=account.nonce,
        )
        need = await self._bond(bid, spec)
        if account.free < need:
            raise FreeTooSmall(workplace.address, token, need, account.free)
        typed = typed_bid(deployment.chain_id, deployment.market, bid)
        signed = SignedBid(bid, workplace.wallet.sign_typed(typed))
        record = BidRecord(workplace.award_id(bid), bid.sweep_id, wire.encode(signed), bid.expiry)
        workplace.journal.bid_signed(record)
        return signed

    async def _bond(self, bid: Bid, spec: SweepSpec) -> Amount:
        contracts = self.workplace.contracts
        terms = await contracts.market.token_terms(spec.budget.token)
        seats = contracts.deployment.profile.rules.seats
        fee = panel_fee(bid.price, seats, terms.panel_floor)
        return bond(bid.price, bid.total_segments, spec.training.segments, fee)

    def _open_bid(self, id_: SweepId, leg: Leg, now: int) -> SignedBid | None:
        for record in self.workplace.journal.open_bids(now + self.workplace.settings.bid_s // 2):
            if record.sweep_id == id_ and _leg(record) == leg:
                return _bid(record)
        return None

    def _offer(self, id_: SweepId, spec: SweepSpec, leg: Leg) -> dict[str, Any] | None:
        document: dict[str, Any] | None
        document = self.workplace.journal.note(offer_note(id_, spec, leg))
        return document

    def _offered(self, call: Call) -> bool:
        last = self.workplace.journal.note(f"offered/{call.sweep_id.hex()}")
        return last is not None and int(last) >= call.round

    async def _notice(self, id_: SweepId) -> Notice:
        for notice in await self.workplace.board.notices():
            if notice.sweep_id == id_:
                return notice
        raise NotKnown("sweep", hex32(id_))


def _named(spec: SweepSpec, keys: Iterable[TrialKey]) -> list[Trial]:
    table = {trial.key: trial for trial in trials(spec)}
    return [table[key] for key in keys if key in table]


def offer_note(id_: SweepId, spec: SweepSpec, leg: Leg) -> str:
    """Return the journal's key for what was offered on such trials, from there to there."""
    kinds = {kind_of(spec, trial).tokens for trial in _named(spec, leg.trials)}
    rung = leg.rung
    place = f"{rung.start.hex()}/{rung.first}/{rung.segments}/{max(kinds, default=0)}"
    return f"offer/{id_.hex()}/{place}"


def _bid(record: BidRecord) -> SignedBid:
    return wire.decode(SignedBid, record.document)


def _leg(record: BidRecord) -> Leg:
    bid = _bid(record).bid
    return Leg(bid.keys, bid.rung)
