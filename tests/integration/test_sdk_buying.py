"""Buying on a real chain: what is bought, by whom it was bought before, and what goes wrong."""

from contextlib import AsyncExitStack

import pytest
from test_sdk_awarding import Behind, SpecLife, known, open_session, order

from chain_life import PRICE
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain import wire
from compute_swarm.errors import BidNotShown, SessionCapReached, SessionNeedsAward
from compute_swarm.sdk.allowance import Limits
from compute_swarm.sdk.awarding import next_round, resume_all
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.sweep import AsyncSweep
from square import Square, Stall, stall


@pytest.fixture
def life(net, contracts):
    return SpecLife(net, contracts)


@pytest.fixture
def square():
    return Square()


@pytest.fixture
async def seller(life, square):
    async with stall(square, Stall(life, life.cast.sellers[0])) as opened:
        yield opened


@pytest.fixture
async def buyer(life, square, tmp_path):
    async with AsyncExitStack() as stack:
        yield await on_square(stack, life, square, tmp_path)


async def on_square(stack, life, square, home) -> Session:
    session = open_session(life, home)
    stack.push_async_callback(close, session)
    session.coordinator = square
    session.journal.remember(known(life), "0x")
    return session


async def close(session) -> None:
    for peer in (*session._peers.values(), *session._readers.values()):
        await peer.aclose()
    session.outbox.close()


def sweep_of(session, life) -> AsyncSweep:
    return AsyncSweep(session, order(life), None)


async def test_of_two_processes_of_one_home_one_pays(life, square, seller, buyer, tmp_path):
    async with AsyncExitStack() as stack:
        other = sweep_of(await on_square(stack, life, square, tmp_path), life)

        async def meanwhile() -> None:
            await other.start()

        square.before_offers = meanwhile
        await sweep_of(buyer, life).start()
        ledger = await other.ledger()
    assert len(ledger.transactions) == 1
    assert len(buyer.journal.payments(order(life).name)) == 1


async def test_a_start_that_cannot_see_what_was_paid_pays_nothing_more(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    await sweep.quote()
    await sweep.start()
    history, buyer.history = buyer.history, Behind(await life.now())
    await sweep.start()
    assert await sweep.quote() == ()
    buyer.history = history
    assert len((await sweep.ledger()).transactions) == 1


async def test_of_no_quotes_nothing_is_bought(life, square, seller, buyer):
    ledger = await sweep_of(buyer, life)._buying.award((), 0)
    assert not ledger.books.lines


async def test_nothing_goes_on_beside_an_award_whose_bid_nobody_shows(life, square, seller, buyer):
    await life.award(await life.bid(life.cast.sellers[0], (0, 1, 2, 3)))
    sweep = sweep_of(buyer, life)
    with pytest.raises(BidNotShown):
        await sweep.rung([0], 24)
    with pytest.raises(BidNotShown):
        await sweep.survivors(24, 0.5)
    assert seller.asked == 0


async def test_a_restart_shows_the_bids_that_a_crash_kept_back(life, square, seller, buyer):
    bid = await life.bid(life.cast.sellers[0], (0,))
    documents = [wire.encode(bid)]
    round_ = next_round(buyer, order(life))
    buyer.journal.intend(order(life).name, round_, documents, bid.bid.expiry)
    await life.award(bid)
    await resume_all(buyer, order(life))
    assert square.shown == [bid]


KEY = dev_wallet(11)


async def test_a_session_opens_with_the_first_rung(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    made = await sweep.allow(Limits(KEY.address, "0.01 ETH"), 24)
    assert (await life.contracts.sessions.left(made.session)).usable
    with pytest.raises(SessionNeedsAward):
        await sweep.allow(Limits(dev_wallet(12).address, "0.01 ETH"))
    assert len((await sweep.ledger()).books.lines) == 1


async def test_a_cap_below_the_cost_is_refused_before_a_seller_signs(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    with pytest.raises(SessionCapReached):
        await sweep.allow(Limits(KEY.address, PRICE))
    assert seller.asked == 0
    assert buyer.journal.payments(order(life).name) == []
    await sweep.start()
    assert (await sweep.ledger()).sessions == ()


async def test_a_session_opens_with_the_sellers_that_it_names(life, square, seller, buyer):
    async with stall(square, Stall(life, life.cast.sellers[1])) as other:
        square.prices[other.wallet.address] = int(PRICE) * 2
        named = (other.wallet.address,)
        await sweep_of(buyer, life).allow(Limits(KEY.address, "0.01 ETH", sellers=named))
    assert (seller.asked, other.asked) == (0, 1)
