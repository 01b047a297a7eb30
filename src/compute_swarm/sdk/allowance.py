"""A capped key for one sweep: what its buyer allowed, as a file that may be handed on.

The file holds no key. Whoever has it and the key that it names can award more of the sweep, up to
the cap and the time, and nothing else; the money leaves the buyer's balance for nothing but that.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.sessions import Allowance as Left
from compute_swarm.domain import wire
from compute_swarm.domain.bid import SignedBid, Sweep, bid_digest
from compute_swarm.domain.ids import Address, SessionId, SweepId, hex32
from compute_swarm.domain.money import Amount, Coin
from compute_swarm.domain.session import (
    Purchase,
    Session,
    Spend,
    awards_hash,
    sellers_hash,
    session_id,
)
from compute_swarm.domain.typed_data import typed_spend
from compute_swarm.errors import (
    DocumentInvalid,
    FreeTooSmall,
    NoSession,
    OutsideSession,
    SessionCapReached,
    SessionClosed,
    SessionStands,
    SessionUseless,
)
from compute_swarm.sdk.ledger import SessionRecord

MOST_HOURS: Final = 24 * 366


@dataclass(frozen=True, slots=True)
class Allowance:
    """A spend session as its buyer opened it, with the sellers that it names."""

    session: Session
    sellers: tuple[Address, ...] = ()  # ascending; none for all

    @property
    def buyer(self) -> Address:
        return self.session.buyer

    @property
    def key(self) -> Address:
        return self.session.key

    def id(self, contracts: Contracts) -> SessionId:
        deployment = contracts.deployment
        return session_id(deployment.chain_id, deployment.sessions, self.session)

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = wire.encode(self)
        return document

    def save(self, path: str | Path) -> Path:
        """Write it where the key's holder finds it."""
        target = Path(path).expanduser()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(self.document(), indent=1) + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | Path) -> "Allowance":
        """Read the file of a session; another file, or none, is refused."""
        try:
            document = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
            found = wire.decode(cls, document)
        except (OSError, ValueError, DocumentInvalid):
            raise NoSession(str(path)) from None
        if found.session.sellers != sellers_hash(found.sellers):
            raise NoSession(str(path))
        return found

    def excludes(self, seller: Address, price: Amount) -> str | None:
        """Return why an offer is outside the session, or None."""
        if price > self.session.highest_price:
            return "its price is above what the session allows"
        if self.sellers and seller not in self.sellers:
            return "the session does not name it"
        return None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a buyer lets a key do: an amount, a time, a highest price, perhaps some sellers only."""

    key: Address
    cap: str | Amount
    hours: float = 24.0
    highest_price: str | Amount | None = None  # per segment; None for no other limit than the cap
    sellers: tuple[Address, ...] = ()  # none for all

    def allowance(self, sweep: Sweep, id_: SweepId, at: tuple[Coin, int]) -> Allowance:
        """Return the session that says so, or refuse what could never award anything."""
        coin, now = at
        cap = _amount(self.cap, coin)
        price = cap if self.highest_price is None else _amount(self.highest_price, coin)
        if self.key == sweep.buyer:
            raise SessionUseless("its key is the buyer's own")
        if cap <= 0 or price <= 0:
            raise SessionUseless("it allows nothing to be spent")
        if not 0 < self.hours <= MOST_HOURS:
            raise SessionUseless(f"it is not for up to {MOST_HOURS} hours")
        sellers, expiry = ascending(self.sellers), now + int(self.hours * 3_600)
        named = sellers_hash(sellers)
        return Allowance(Session(sweep.buyer, id_, self.key, cap, price, named, expiry, 0), sellers)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a key buys at once, checked before it signs."""

    allowance: Allowance
    contracts: Contracts
    sweep: Sweep
    bids: tuple[SignedBid, ...]

    @property
    def trials(self) -> int:
        return sum(len(bid.bid.keys) for bid in self.bids)

    @property
    def purchase(self) -> Purchase:
        allowance = self.allowance
        return Purchase(allowance.session, self.sweep, self.bids, self.trials, allowance.sellers)

    async def check(self, id_: SweepId, cost: Amount, relayed: bool) -> Left:
        """Refuse what the session does not allow; `cost` is what the award takes."""
        session, contracts = self.allowance.session, self.contracts
        if session.sweep_id != id_:
            raise OutsideSession("another sweep", hex32(id_))
        for signed in self.bids:
            why = self.allowance.excludes(signed.bid.seller, signed.bid.price)
            if why is not None:
                raise OutsideSession(why, signed.bid.seller)
        left = await contracts.sessions.left(session)
        if relayed and not left.usable:
            raise SessionClosed("not open, over or revoked", self.allowance.id(contracts))
        if cost > left.left:
            raise SessionCapReached(cost, left.left)
        if relayed:
            token = self.sweep.terms.token
            free = (await contracts.market.account(session.buyer, token)).free
            if free < cost:
                raise FreeTooSmall(session.buyer, token, cost, free)
        return left

    def message(self, number: int) -> dict[str, Any]:
        """Return what the key signs for one award, by EIP-712."""
        deployment = self.contracts.deployment
        place = (deployment.chain_id, deployment.market)
        awards = awards_hash(bid_digest(*place, signed.bid) for signed in self.bids)
        said = Spend(self.allowance.id(self.contracts), number, awards, self.trials)
        return typed_spend(deployment.chain_id, deployment.sessions, said)


def _amount(said: str | Amount, coin: Coin) -> Amount:
    return coin.parse(said) if isinstance(said, str) else said


def ascending(sellers: Iterable[Address]) -> tuple[Address, ...]:
    """Return sellers as a session names them: each once, in order of their bytes."""
    return tuple(sorted(set(sellers), key=str.lower))


def opened(records: Sequence[SessionRecord], asked: Allowance, now: int) -> Allowance | None:
    """Return the newest session that stands for the key and the sellers asked for, or None.

    When it ends is not compared: hours count from when they were asked for. Another cap or price
    is refused, else the key would have another limit than its buyer just said.
    """
    wanted = asked.session
    for record in reversed(records):
        session = record.session
        alike = (session.key, session.sellers) == (wanted.key, wanted.sellers)
        if not alike or record.revoked or now > session.expiry:
            continue
        if (session.cap, session.highest_price) != (wanted.cap, wanted.highest_price):
            raise SessionStands(session.key, session.cap, session.highest_price)
        return Allowance(session, asked.sellers)
    return None
