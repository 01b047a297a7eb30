"""How a sweep's trials are bought: calls for offers, signed bids, one payment for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from compute_swarm.domain.bid import Leg
from compute_swarm.domain.ids import Address, address
from compute_swarm.domain.money import ZERO
from compute_swarm.errors import BidUnusable, ChainRefused, NoOffers, SessionCapReached
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
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.payment import lacking
from compute_swarm.sdk.quote import Quote
from compute_swarm.sdk.rungs import ended_badly
from compute_swarm.sdk.session import Session


@dataclass(slots=True)
class Buying:
    """Buys trials of one sweep, and remembers which sellers were of no use."""

    session: Session
    order: Order
    unusable: set[Address] = field(default_factory=set)  # whose bids were not what was asked for

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
        for quote in quotes:
            check_quote(quote)
        brought = cost if opening is None else opening.session.cap
        await lacking(self.session, brought, self.order.spec.budget.token)
        try:
            bids = await gather_bids(self.session, self.order, quotes)
        except BidUnusable as unusable:
            self.unusable.add(address(unusable.seller))
            raise
        return await pay(self.session, self.order, bids, round_, opening)

    async def again(self, failed: Sequence[Leg], ledger: Ledger, round_: int) -> bool:
        """Offer failed trials to other sellers; False where nobody took them this time."""
        try:
            if has_open_payment(self.session, self.order):
                await resume_all(self.session, self.order)
            else:
                await self.award(await self.quotes(failed, ledger), round_)
        except ChainRefused:
            return True  # the payment stays open until its bids expire: looked at again soon
        except NoOffers:
            return False
        return True  # what it placed shows at the next look
