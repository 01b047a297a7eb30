"""How a sweep's trials are bought: calls for offers, signed bids, one payment for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from compute_swarm.domain.bid import Leg
from compute_swarm.domain.ids import Address, address
from compute_swarm.domain.money import ZERO
from compute_swarm.errors import (
    BidUnusable,
    BuyerValidates,
    ChainRefused,
    FreeTooSmall,
    NoOffers,
    OutsideSession,
    RpcRefused,
    SessionCapReached,
    SessionClosed,
    TooFewValidators,
    TooLittleBalance,
    TransactionUnconfirmed,
    TransferError,
)
from compute_swarm.sdk.allowance import Allowance
from compute_swarm.sdk.awarding import (
    Order,
    gather_bids,
    has_open_payment,
    ledger_of,
    may_still_spend,
    pay,
    resume_all,
)
from compute_swarm.sdk.gathering import WAIT_S, Call, check_quote, quote_call
from compute_swarm.sdk.journal import PaymentState
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.payment import lacking
from compute_swarm.sdk.quote import Quote
from compute_swarm.sdk.rungs import ended_badly
from compute_swarm.sdk.session import Session

ROUNDS: Final = 3  # of offers, where sellers do not stand by theirs
TRIES: Final = 6  # without an offer, after which failed trials stay failed
HINDRANCES: Final = 180  # a quarter of an hour of them, one every few seconds

# What asking again can't change: the session or the buyer may not, or has too little.
FOR_GOOD: Final = (SessionClosed, SessionCapReached, OutsideSession, FreeTooSmall, BuyerValidates)
PASSING: Final = (
    *(TransferError, TransactionUnconfirmed, RpcRefused),
    *(TooLittleBalance, TooFewValidators),
)


class Outcome(Enum):
    """What became of offering failed trials again."""

    PLACED = auto()  # it shows at the next look
    IN_VAIN = auto()  # nobody took them, or the chain refused
    HINDERED = auto()  # something else is in the way, which may pass


@dataclass(slots=True)
class Tries:
    """How often failed trials were offered again to no effect; after too often they stay failed."""

    in_vain: int = 0
    hindered: int = 0

    def count(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.PLACED:
                self.in_vain = self.hindered = 0
            case Outcome.IN_VAIN:
                self.in_vain, self.hindered = self.in_vain + 1, 0
            case Outcome.HINDERED:
                self.hindered += 1

    @property
    def over(self) -> bool:
        return self.in_vain >= TRIES or self.hindered >= HINDRANCES


@dataclass(slots=True)
class Buying:
    """Buys trials of one sweep, and remembers which sellers were of no use."""

    session: Session
    order: Order
    unusable: set[Address] = field(default_factory=set)  # whose bids were not what was asked for
    reason: str = ""  # why nothing was placed the last time

    async def quotes(
        self,
        wanted: Sequence[Leg],
        ledger: Ledger,
        wait_s: float = WAIT_S,
        opening: Allowance | None = None,
    ) -> tuple[Quote, ...]:
        """Ask for offers, one call per leg; nothing is signed."""
        failed = {line.seller for line in ledger.books.lines if ended_badly(line.status)}
        refused = frozenset(failed | self.unusable)
        order = self.order
        most = order.spec.budget.max_spend - ledger.committed
        left = await may_still_spend(self.session, order, opening)
        most = most if left is None else min(most, left)
        quotes = []
        for leg in wanted:
            call = Call(order.sweep_id, order.sweep, order.spec, leg, most, refused, opening)
            quotes.append(await quote_call(self.session, call, wait_s))
            most = most - quotes[-1].cost
        return tuple(quotes)

    async def award(
        self, quotes: Sequence[Quote], round_: int, opening: Allowance | None = None
    ) -> Ledger:
        """Have the chosen sellers sign, and pay for all of it in one transaction.

        The round is that of before the ledger was read; see `next_round`.
        """
        if not quotes:
            return await ledger_of(self.session, self.order.sweep_id)
        cost = sum((quote.cost for quote in quotes), ZERO)
        left = await may_still_spend(self.session, self.order, opening)
        if left is not None and cost > left:
            raise SessionCapReached(cost, left)
        coin = await self.session.coin(self.order.spec.budget.token)
        for quote in quotes:
            check_quote(quote, coin)
        brought = cost if opening is None else opening.session.cap
        await lacking(self.session, brought, self.order.spec.budget.token)
        try:
            bids = await gather_bids(self.session, self.order, quotes)
        except BidUnusable as unusable:
            self.unusable.add(address(unusable.seller))
            raise
        return await pay(self.session, self.order, bids, round_, opening)

    async def buy(
        self,
        wanted: Sequence[Leg],
        ledger: Ledger,
        round_: int,
        opening: Allowance | None = None,
    ) -> None:
        """Ask for offers and pay for them; where a seller does not stand by its own, ask again."""
        for more in reversed(range(ROUNDS)):
            quotes = await self.quotes(wanted, ledger, opening=opening)
            try:
                await self.award(quotes, round_, opening)
            except BidUnusable:
                if not more:
                    raise
            else:
                return

    async def again(self, failed: Sequence[Leg], ledger: Ledger, round_: int) -> Outcome:
        """Offer failed trials to other sellers; what no try can change is raised."""
        waiting, self.reason = has_open_payment(self.session, self.order), ""
        try:
            if not waiting:
                await self.buy(failed, ledger, round_)
                return Outcome.PLACED
            await resume_all(self.session, self.order)
        except (NoOffers, ChainRefused) as refused:
            if isinstance(refused, FOR_GOOD) and not waiting:
                raise
            self.reason = refused.sentence
            # A refused payment stays open until its bids expire: its trials are not offered anew.
            return Outcome.HINDERED if waiting else Outcome.IN_VAIN
        except PASSING as hindrance:
            self.reason = hindrance.sentence
            return Outcome.HINDERED
        mined = self.session.journal.payments(self.order.name)[-1].state is PaymentState.MINED
        return Outcome.PLACED if mined else Outcome.HINDERED
