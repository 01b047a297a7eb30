"""How the SDK pays in a token: from the free balance first, then by allowance, else by permit."""

import pytest

from chain_life import SEGMENTS, TOKEN_FUNDS, Life
from compute_swarm.chain.outbox import SqliteOutbox
from compute_swarm.chain.tokens import NO_PERMIT
from compute_swarm.chain.transactions import send
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.errors import TooLittleBalance
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.sdk.awarding import Order, next_round, pay
from compute_swarm.sdk.coordinator import Coordinator
from compute_swarm.sdk.history import History
from compute_swarm.sdk.journal import KnownSweep, SweepJournal
from compute_swarm.sdk.payment import deposit_call, lacking, permit_for
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.settings import Settings
from example_sweep import spec

NOBODY = "http://127.0.0.1:9"  # where no coordinator answers
PRICE = Amount(1_000)


class TokenLife(Life):
    """A life of a sweep that is paid in the token."""

    @property
    def spec(self):
        return spec(token=self.token)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, self.spec.hash, self.spec.terms)

    @property
    def order(self) -> Order:
        return Order(SweepId(self.sweep_id), self.sweep, self.spec)


@pytest.fixture
def life(market_of_two):
    return TokenLife(market_of_two.net, market_of_two.contracts, token=market_of_two.token)


@pytest.fixture
async def session(life, tmp_path):
    transport = Loopback()
    opened = Session(
        settings=Settings(home=str(tmp_path)),
        wallet=life.cast.buyer,
        contracts=life.contracts,
        coordinator=Coordinator(Peer(NOBODY, transport), Peer(NOBODY, transport)),
        transport=transport,
        journal=SweepJournal(tmp_path / "sweeps.sqlite"),
        outbox=SqliteOutbox(tmp_path / "outbox.sqlite"),
        history=History(life.contracts),
    )
    known = KnownSweep(life.order.name, life.cast.buyer.address, life.spec.document())
    opened.journal.remember(known, "0x")
    yield opened
    opened.outbox.close()


async def bought(life, session):
    """One trial, bid for and paid by the SDK; returns what it cost."""
    seller, market = life.cast.sellers[0], life.contracts.market
    token = session.token(life.token)
    permit = await token.permit(seller, market.address, TOKEN_FUNDS, await life.now() + 600)
    await send(seller, market.deposit_with_permit(seller.address, TOKEN_FUNDS, life.token, permit))
    bids = [await life.bid(seller, (0,), price=PRICE)]
    cost = award_cost(PRICE.times(SEGMENTS), (await market.token_terms(life.token)).tip)
    ledger = await pay(session, life.order, bids, next_round(session, life.order))
    assert len(ledger.books.lines) == len(ledger.transactions) == 1
    return cost


async def test_a_token_without_allowance_is_paid_by_permit_in_one_transaction(life, session):
    cost = await bought(life, session)
    token, buyer = session.token(life.token), life.cast.buyer.address
    assert await token.balance(buyer) == TOKEN_FUNDS - cost
    assert await token.allowance(buyer, life.contracts.market.address) == 0


async def test_an_allowance_that_is_there_is_used(life, session):
    token, market = session.token(life.token), life.contracts.market.address
    await send(life.cast.buyer, token.approve(market, TOKEN_FUNDS))
    assert await permit_for(session, Amount(5), life.token) is NO_PERMIT
    cost = await bought(life, session)
    assert await token.allowance(life.cast.buyer.address, market) == TOKEN_FUNDS - cost


async def test_the_free_balance_is_spent_first(life, session):
    buyer, half = life.cast.buyer.address, Amount(TOKEN_FUNDS // 2)
    await send(life.cast.buyer, await deposit_call(session, half, life.token))
    assert await lacking(session, half, life.token) == 0
    assert await lacking(session, half + 7, life.token) == 7
    cost = await bought(life, session)
    assert (await life.contracts.market.account(buyer, life.token)).free == half - cost
    assert await session.token(life.token).balance(buyer) == half


async def test_a_lack_is_told_in_the_tokens_own_units(life, session):
    with pytest.raises(TooLittleBalance) as told:
        await lacking(session, TOKEN_FUNDS + 1, life.token)
    coin = await session.coin(life.token)
    assert (told.value.need, told.value.have) == (TOKEN_FUNDS + 1, TOKEN_FUNDS)
    assert coin.symbol in str(told.value)
