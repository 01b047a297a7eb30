"""One award transaction, and no second one for the same trials whatever happens in between."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from compute_swarm.chain.sessions import Allowance as Left
from compute_swarm.chain.transactions import Call, send
from compute_swarm.domain import wire
from compute_swarm.domain.bid import SignedBid, Sweep
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import SweepId, hex32
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.errors import BadInput, BidUnusable, SwarmError, TransferError
from compute_swarm.sdk.allowance import Allowance, Spending
from compute_swarm.sdk.bids import Asked, award_id, firm_bid
from compute_swarm.sdk.journal import Payment, PaymentState
from compute_swarm.sdk.ledger import Ledger, SessionRecord, read_ledger
from compute_swarm.sdk.payment import lacking, permit_for
from compute_swarm.sdk.quote import Quote
from compute_swarm.sdk.session import Session


@dataclass(frozen=True, slots=True)
class Order:
    """The sweep that a payment is for."""

    sweep_id: SweepId
    sweep: Sweep
    spec: SweepSpec

    @property
    def name(self) -> str:
        return hex32(self.sweep_id)


async def ledger_of(session: Session, sweep_id: SweepId) -> Ledger:
    past = await session.history.past()
    return replace(read_ledger(sweep_id, past.events), time=past.time)


async def gather_bids(session: Session, order: Order, quotes: Iterable[Quote]) -> list[SignedBid]:
    """Ask every chosen seller for a signed bid, all at once; one bad bid spoils the round."""
    slices = [(part, quote.rung) for quote in quotes for part in quote.slices]
    asked = [Asked(order.sweep_id, order.spec, part, rung) for part, rung in slices]
    answers = await asyncio.gather(
        *(_firm_bid(session, one) for one in asked), return_exceptions=True
    )
    bids: list[SignedBid] = []
    for one, answer in zip(asked, answers, strict=True):
        if isinstance(answer, SignedBid):
            bids.append(answer)
        elif isinstance(answer, (TransferError, BadInput)):  # it did not answer, or nonsense
            raise BidUnusable(one.slice.offer.seller, answer.sentence) from answer
        else:
            raise answer
    return bids


async def _firm_bid(session: Session, asked: Asked) -> SignedBid:
    return await firm_bid(session.contracts, session.peer(asked.slice.offer.url), asked)


def next_round(session: Session, order: Order) -> int:
    """Return the number of the payment to come; asked before the ledger that it rests on is read.

    Whoever pays in between takes the number, so that what was decided without it is not paid.
    """
    return len(session.journal.payments(order.name))


async def pay(
    session: Session,
    order: Order,
    bids: Sequence[SignedBid],
    round_: int,
    opening: Allowance | None = None,
) -> Ledger:
    """Write the payment down, send it, and return the chain's word on it.

    With `opening` it opens that session. What no session allows is refused before it is written.
    """
    await _left(session, order, bids, opening)
    documents = [wire.encode(bid) for bid in bids]
    expiry = max(bid.bid.expiry for bid in bids)
    opens = None if opening is None else opening.document()
    payment = session.journal.intend(order.name, round_, documents, expiry, opens)
    if payment is None:  # another process of this home pays right now, or paid meanwhile
        return await resume_all(session, order)
    return await _send(session, order, payment)


def has_open_payment(session: Session, order: Order) -> bool:
    return any(payment.open for payment in session.journal.payments(order.name))


def may_be_unseen(session: Session, order: Order, ledger: Ledger) -> bool:
    """Whether awards that were paid for are missing from what was read of the chain.

    A backend that lags behind shows less than another one has mined; after a reorganisation they
    may come again until the bids expire, by the time of the blocks that were read.
    """
    return any(
        payment.state is PaymentState.MINED
        and ledger.time <= payment.expiry
        and any(
            award_id(session.contracts, bid.bid) not in ledger.lines for bid in bids_of(payment)
        )
        for payment in session.journal.payments(order.name)
    )


async def resume_all(session: Session, order: Order) -> Ledger:
    """Bring every open payment of the sweep to an end, as a restart finds it."""
    for payment in session.journal.payments(order.name):
        if payment.open:
            await _resume(session, order, payment)
    return await ledger_of(session, order.sweep_id)


async def _resume(session: Session, order: Order, payment: Payment) -> None:
    ledger = await ledger_of(session, order.sweep_id)
    bids = bids_of(payment)
    if any(award_id(session.contracts, bid.bid) in ledger.lines for bid in bids):
        await _publish(session, order, bids)  # whoever sent them may have stopped before
        session.journal.mined(payment)
    elif ledger.time > payment.expiry:
        session.journal.void(payment)  # no block after those that were read can award these bids
    else:
        await _send(session, order, payment)


async def _send(session: Session, order: Order, payment: Payment) -> Ledger:
    bids = bids_of(payment)
    call = await _call(session, order, payment)
    # A refusal leaves the payment open: another process may have sent the same bids a moment ago,
    # so only their expiry proves that they were never paid for.
    await send(session.wallet, call, once=payment.once, outbox=session.outbox)
    await _publish(session, order, bids)
    session.journal.mined(payment)
    return await ledger_of(session, order.sweep_id)


async def _call(session: Session, order: Order, payment: Payment) -> Call:
    """Return the transaction that pays: as the buyer, by a session's key, or to open a session."""
    contracts, token, bids = session.contracts, order.spec.budget.token, bids_of(payment)
    opening = opening_of(payment)
    left = await _left(session, order, bids, opening)
    if session.allowance is not None and left is not None:
        number, spending = left.last + 1, _spending(session, order, bids, session.allowance)
        signature = session.wallet.sign_typed(spending.message(number))
        return contracts.sessions.award(spending.purchase, number, signature)
    # What a key will spend has to be free by then, so all of the cap is brought along.
    cost = await _cost(session, order, bids) if opening is None else opening.session.cap
    funding = await lacking(session, cost, token)
    permit = await permit_for(session, funding, token)
    if opening is not None:
        purchase = _spending(session, order, bids, opening).purchase
        return contracts.sessions.open(purchase, funding, permit)
    trials = sum(len(bid.bid.keys) for bid in bids)
    return contracts.market.award(order.sweep, bids, trials, funding, permit)


async def _left(
    session: Session, order: Order, bids: Sequence[SignedBid], opening: Allowance | None
) -> Left | None:
    """Return what the session that pays has left, None without one; refuse what it doesn't allow.

    A key's message is brought by the key itself, which earns a tip for it.
    """
    allowance = session.allowance or opening
    if allowance is None:
        return None
    relayed = session.allowance is not None
    tip = (await session.contracts.market.token_terms(order.spec.budget.token)).tip
    cost = await _cost(session, order, bids) + (tip if relayed else ZERO)
    return await _spending(session, order, bids, allowance).check(order.sweep_id, cost, relayed)


def _spending(
    session: Session, order: Order, bids: Sequence[SignedBid], allowance: Allowance
) -> Spending:
    return Spending(allowance, session.contracts, order.sweep, tuple(bids))


def sessions_of(session: Session, order: Order, ledger: Ledger) -> list[SessionRecord]:
    """Return the sweep's sessions, and those that were opened and may be unseen yet."""
    seen = {record.session for record in ledger.sessions}
    openings = [
        opening_of(payment)
        for payment in session.journal.payments(order.name)
        if payment.state is PaymentState.MINED and ledger.time <= payment.expiry
    ]
    unseen = [one.session for one in openings if one is not None and one.session not in seen]
    return [*ledger.sessions, *(SessionRecord(one, one.cap, revoked=False) for one in unseen)]


def opening_of(payment: Payment) -> Allowance | None:
    return None if payment.opening is None else wire.decode(Allowance, payment.opening)


async def may_still_spend(
    session: Session, order: Order, opening: Allowance | None
) -> Amount | None:
    """Return what a session leaves for awards, None where none pays."""
    if session.allowance is None:
        return None if opening is None else opening.session.cap
    left = await _left(session, order, (), None)
    tip = (await session.contracts.market.token_terms(order.spec.budget.token)).tip
    return None if left is None else max(left.left - tip, ZERO)


async def _publish(session: Session, order: Order, bids: Sequence[SignedBid]) -> None:
    """Show the bids on the board, so that others can tell which award holds which trials."""
    try:
        await session.coordinator.post_bids(order.sweep_id, bids)
    except SwarmError:
        return  # the money is where it belongs, and the sellers know their bids


async def _cost(session: Session, order: Order, bids: Sequence[SignedBid]) -> Amount:
    terms = await session.contracts.market.token_terms(order.spec.budget.token)
    totals = (bid.bid.price.times(bid.bid.total_segments) for bid in bids)
    return sum((award_cost(total, terms.tip) for total in totals), ZERO)


def bids_of(payment: Payment) -> list[SignedBid]:
    return [wire.decode(SignedBid, document) for document in payment.bids]
