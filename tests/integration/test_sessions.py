"""A buyer's session: its key awards in the buyer's name, relayed by anybody."""

from dataclasses import replace

import pytest

from chain_life import PRICE, Life, told
from compute_swarm.chain.books import read_books
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.chain.events import Awarded, SessionOpened, SessionRevoked, SessionSpent
from compute_swarm.chain.transactions import send
from compute_swarm.domain.bid import bid_digest
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.domain.session import (
    Opening,
    Purchase,
    Session,
    Spend,
    awards_hash,
    sellers_hash,
    session_id,
)
from compute_swarm.domain.typed_data import typed_opening, typed_spend
from compute_swarm.errors import (
    NotBuyer,
    OutsideSession,
    SessionCapReached,
    SessionClosed,
    SessionOutdated,
    SignatureRefused,
)

KEY = dev_wallet(11)
FUNDS = parse_amount("0.1 ETH")


class SessionLife(Life):
    """A life whose buyer lets a key award."""

    async def session(self, **changes) -> Session:
        own = Session(
            buyer=self.cast.buyer.address,
            sweep_id=self.sweep_id,
            key=KEY.address,
            cap=FUNDS,
            highest_price=PRICE,
            sellers=sellers_hash(()),
            expiry=await self.now() + 3_600,
            nonce=0,
        )
        return replace(own, **changes)

    def id_of_session(self, session: Session) -> bytes:
        return session_id(self.chain_id, self.contracts.sessions.address, session)

    def awards_of(self, purchase: Purchase) -> bytes:
        market = self.contracts.market.address
        return awards_hash(bid_digest(self.chain_id, market, one.bid) for one in purchase.bids)

    def opened_by(self, purchase: Purchase) -> bytes:
        """The buyer's signature for a relayer."""
        id_ = self.id_of_session(purchase.session)
        said = Opening(id_, self.awards_of(purchase), purchase.least_trials)
        typed = typed_opening(self.chain_id, self.contracts.sessions.address, said)
        return self.cast.buyer.sign_typed(typed)

    def spent_by(self, purchase: Purchase, number: int, wallet=KEY) -> bytes:
        """The key's signature over one message."""
        id_ = self.id_of_session(purchase.session)
        said = Spend(id_, number, self.awards_of(purchase), purchase.least_trials)
        typed = typed_spend(self.chain_id, self.contracts.sessions.address, said)
        return wallet.sign_typed(typed)

    async def buy(self, session: Session, *trials: int, **changes) -> Purchase:
        bid = await self.bid(self.cast.sellers[0], trials, **changes)
        return Purchase(session, self.sweep, (bid,), len(trials))


@pytest.fixture
def life(net, contracts):
    return SessionLife(net, contracts)


async def opened(life: SessionLife, **changes) -> Session:
    """A session that the buyer opened with one trial, all its funds brought along."""
    session = await life.session(**changes)
    purchase = await life.buy(session, 0)
    await send(life.cast.buyer, life.contracts.sessions.open(purchase, FUNDS))
    return session


async def test_a_buyer_opens_a_session_with_its_first_award(life):
    session = await life.session()
    purchase = await life.buy(session, 0)
    receipt = await send(life.cast.buyer, life.contracts.sessions.open(purchase, FUNDS))
    (event,) = told(receipt, SessionOpened)
    assert (event.session_id, event.session) == (life.id_of_session(session), session)
    (awarded,) = told(receipt, Awarded)
    left = await life.contracts.sessions.left(session)
    assert (left.left, left.last, left.usable) == (FUNDS - awarded.cost, 0, True)
    assert (await life.contracts.market.account(session.buyer)).free == FUNDS - awarded.cost
    assert (await read_books(life.contracts)).balanced


async def test_a_relayer_opens_it_with_the_buyers_signature_and_earns_a_tip(life):
    buyer, relayer = life.cast.buyer, life.cast.relayer
    await send(buyer, life.contracts.market.deposit(buyer.address, FUNDS))
    purchase = await life.buy(await life.session(), 0)
    call = life.contracts.sessions.open(purchase, signature=life.opened_by(purchase))
    await send(relayer, call)
    tip = (await life.contracts.market.token_terms()).tip
    assert (await life.contracts.market.account(relayer.address)).free == tip
    assert (await read_books(life.contracts)).balanced


async def test_its_key_awards_more_through_anybody_and_all_counts_against_the_cap(life):
    session = await opened(life)
    before = await life.contracts.sessions.left(session)
    purchase = await life.buy(session, 1, 2)
    call = life.contracts.sessions.award(purchase, 1, life.spent_by(purchase, 1))
    receipt = await send(life.cast.relayer, call)
    (spent,) = told(receipt, SessionSpent)
    terms = await life.contracts.market.token_terms()
    cost = award_cost(PRICE.times(2 * 24), terms.tip) + terms.tip
    assert (spent.number, spent.cost, spent.left) == (1, cost, before.left - cost)
    books = await read_books(life.contracts)
    assert books.balanced
    assert [award.tip for award in books.awards.relayed] == [terms.tip]
    buyer = books.awards.parties()[session.buyer]
    assert FUNDS - buyer.spent == (await life.contracts.market.account(session.buyer)).free


@pytest.mark.parametrize(
    ("session", "bid", "refused"),
    [
        ({"highest_price": Amount(PRICE - 1)}, {}, OutsideSession),
        ({"sellers": sellers_hash([KEY.address])}, {}, OutsideSession),
        ({"cap": Amount(10)}, {}, SessionCapReached),
        ({"expiry": 1}, {}, SessionClosed),
        ({"sweep_id": bytes(32)}, {}, OutsideSession),
    ],
)
async def test_what_a_session_does_not_allow_is_refused(life, session, bid, refused):
    purchase = await life.buy(await life.session(**session), 0, **bid)
    if session.get("sellers"):
        purchase = replace(purchase, sellers=(KEY.address,))
    with pytest.raises(refused):
        await send(life.cast.buyer, life.contracts.sessions.open(purchase, FUNDS))


async def test_a_message_works_once_and_only_by_the_sessions_key(life):
    session = await opened(life)
    purchase = await life.buy(session, 1)
    sessions, relayer = life.contracts.sessions, life.cast.relayer
    forged = life.spent_by(purchase, 1, life.cast.stranger)
    with pytest.raises(SignatureRefused):
        await send(relayer, sessions.award(purchase, 1, forged))
    call = sessions.award(purchase, 1, life.spent_by(purchase, 1))
    await send(relayer, call)
    with pytest.raises(SessionOutdated) as outdated:
        await send(relayer, call)
    assert (outdated.value.number, outdated.value.last) == (1, 1)


async def test_a_revoked_session_awards_nothing_any_more(life):
    session = await opened(life)
    with pytest.raises(NotBuyer):
        await send(life.cast.stranger, life.contracts.sessions.revoke(session))
    receipt = await send(life.cast.buyer, life.contracts.sessions.revoke(session))
    assert len(told(receipt, SessionRevoked)) == 1
    purchase = await life.buy(session, 1)
    call = life.contracts.sessions.award(purchase, 1, life.spent_by(purchase, 1))
    with pytest.raises(SessionClosed):
        await send(life.cast.relayer, call)
    assert not (await life.contracts.sessions.left(session)).usable
