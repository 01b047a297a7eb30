"""The handle of the spend sessions: a key that awards in a buyer's name, up to a cap."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from compute_swarm.chain import artefacts
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.tokens import NO_PERMIT, Permit
from compute_swarm.chain.transactions import Call, call_of
from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.session import Purchase, Session


class Allowance(NamedTuple):
    """What a session can still do."""

    left: Amount  # of its cap
    last: int  # number of the last message; the next one's is greater
    usable: bool


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of buyers; what they have not spent stays free in the market."""

    rpc: Rpc
    address: Address

    def open(
        self,
        purchase: Purchase,
        funding: Amount = ZERO,
        permit: Permit = NO_PERMIT,
        signature: bytes = b"",
    ) -> Call:
        """Open a session by its first award; a relayer brings the buyer's signature, and no coin.

        What a relayer brings along as a token is pulled from the buyer.
        """
        brought = (int(funding), permit.abi())
        call = self._call("open", *_abi(purchase), list(purchase.sellers), brought, signature)
        own = not signature and purchase.sweep.pays_coin
        return call.with_value(funding) if own else call

    def award(self, purchase: Purchase, number: int, signature: bytes) -> Call:
        """Award more, by the signature of the session's key over message `number`."""
        session, sweep, offers, least_trials = _abi(purchase)
        sellers = list(purchase.sellers)
        return self._call("award", session, sweep, offers, number, least_trials, sellers, signature)

    def revoke(self, session: Session) -> Call:
        """End a session for ever; only its buyer."""
        return self._call("revoke", session.abi())

    async def left(self, session: Session) -> Allowance:
        amount, last, usable = await self._call("left", session.abi()).read()
        return Allowance(Amount(amount), last, usable)

    def _call(self, name: str, *arguments: Any) -> Call:
        return call_of(self.rpc, self.address, artefacts.SESSIONS, name, arguments)


def _abi(purchase: Purchase) -> tuple[Any, ...]:
    offers = [bid.abi() for bid in purchase.bids]
    return (purchase.session.abi(), purchase.sweep.abi(), offers, purchase.least_trials)
