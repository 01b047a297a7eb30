"""Buying on a real chain: what is bought, by whom it was bought before, and what goes wrong."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from test_sdk_awarding import Behind, SpecLife, known, open_session, order

from chain_life import PRICE
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.chain.transactions import send
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, Rung, Sweep
from compute_swarm.domain.ids import SweepId, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.errors import (
    BidNotShown,
    BidUnusable,
    ResultsNotShown,
    RungUndecided,
    SessionCapReached,
    SessionClosed,
    SessionNeedsAward,
    TokenNotListed,
)
from compute_swarm.sdk.allowance import Limits
from compute_swarm.sdk.awarding import Order, next_round, resume_all
from compute_swarm.sdk.buying import Outcome, Tries
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.swarm import AsyncSwarm
from compute_swarm.sdk.sweep import AsyncSweep
from example_sweep import ROWS, spec
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


async def test_nobody_is_chosen_while_what_was_paid_is_unseen(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    await sweep.start()
    buyer.history = Behind(await life.now())
    with pytest.raises(RungUndecided, match="0/0, 1/0"):
        await sweep.survivors(24, 0.5)


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


async def test_a_session_that_is_unseen_yet_comes_back(life, square, seller, buyer):
    sweep, limits = sweep_of(buyer, life), Limits(KEY.address, "0.01 ETH")
    made = await sweep.allow(limits)
    buyer.history = Behind(await life.now())
    assert await sweep.allow(limits) == made


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


async def test_a_cheap_seller_that_never_signs_does_not_keep_the_others_out(
    life, square, seller, buyer
):
    seller.answer = {"bid": "nonsense"}
    async with stall(square, Stall(life, life.cast.sellers[1])) as other:
        square.prices[other.wallet.address] = int(PRICE) * 2
        await sweep_of(buyer, life).start()
    assert (seller.asked, other.asked) == (1, 1)


async def test_what_was_shown_is_not_replaced_by_what_is_dearer(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    async with stall(square, Stall(life, life.cast.sellers[1])) as other:
        square.prices[other.wallet.address] = int(PRICE) * 2
        await sweep.quote()
        seller.answer = {"bid": "nonsense"}
        with pytest.raises(BidUnusable):
            await sweep.start()
        assert other.asked == 0
        await sweep.start()
    assert len((await sweep.ledger()).books.lines) == 1


@pytest.mark.parametrize("url", ["http://example.org", "http://[", "http://127.0.0.1:99999999"])
async def test_an_offer_from_where_nobody_may_be_reached_keeps_nobody_out(
    life, square, seller, buyer, url
):
    square.sellers[life.cast.sellers[1].address] = url
    square.prices[life.cast.sellers[1].address] = int(PRICE) // 2
    sweep = sweep_of(buyer, life)
    await sweep.start()
    assert len((await sweep.ledger()).books.lines) == 1
    assert len(buyer.peers((url, *square.sellers.values()))) == 1


async def test_an_empty_answer_of_a_stranger_does_not_end_a_look(life, square, seller, buyer):
    bid = await life.bid(life.cast.sellers[0], (0, 1, 2, 3))
    await life.award(bid)
    await life.post_results(96)
    seller.results = {hex32(life.awards[0].id): {"receipts": []}}
    square.shown.append(bid)
    view = await sweep_of(buyer, life).view()
    assert {str(row.status) for row in view.rows} == {"auditing"}


async def failed_legs(life, buyer):
    """A started sweep whose only award expired, and its trials."""
    sweep = sweep_of(buyer, life)
    await sweep.start()
    ledger = await sweep.ledger()
    (award,) = ledger.awards.values()
    life.net.advance(2_000)
    await send(life.cast.stranger, life.contracts.market.expire_award(life.sweep, award))
    ledger = await sweep.ledger()
    return sweep, ledger, await sweep._unplaced(ledger)


async def test_a_started_sweep_opens_a_session_with_the_trials_that_failed(
    life, square, seller, buyer
):
    sweep, *_ = await failed_legs(life, buyer)
    async with stall(square, Stall(life, life.cast.sellers[1])):
        made = await sweep.allow(Limits(KEY.address, "0.01 ETH"))
    ledger = await sweep.ledger()
    assert [record.session for record in ledger.sessions] == [made.session]
    assert len(ledger.books.lines) == 2


async def test_trials_that_nobody_takes_are_offered_in_vain(life, square, seller, buyer):
    sweep, ledger, legs = await failed_legs(life, buyer)
    again = await sweep._buying.again(legs, ledger, next_round(buyer, order(life)))
    assert again is Outcome.IN_VAIN
    async with stall(square, Stall(life, life.cast.sellers[1])):
        again = await sweep._buying.again(legs, ledger, next_round(buyer, order(life)))
    assert again is Outcome.PLACED


async def test_a_moment_without_a_board_hinders_and_says_why(life, square, seller, buyer):
    sweep, ledger, legs = await failed_legs(life, buyer)
    square.down = True
    again = await sweep._buying.again(legs, ledger, next_round(buyer, order(life)))
    assert again is Outcome.HINDERED
    (why,) = (await sweep.view()).notices
    assert "does not answer" in why


async def test_a_payment_that_the_chain_refuses_hinders_until_its_bids_expire(
    life, square, seller, buyer
):
    sweep, ledger, legs = await failed_legs(life, buyer)
    bid = await life.bid(life.cast.sellers[1], (0, 1, 2, 3))
    await send(life.cast.sellers[1], life.contracts.market.bump_nonce())
    documents, round_ = [wire.encode(bid)], next_round(buyer, order(life))
    buyer.journal.intend(order(life).name, round_, documents, bid.bid.expiry)
    assert await sweep._buying.again(legs, ledger, round_ + 1) is Outcome.HINDERED
    life.net.advance(1_000)
    assert await sweep._buying.again(legs, ledger, round_ + 1) is Outcome.HINDERED
    assert await sweep._buying.again(legs, ledger, round_ + 1) is Outcome.IN_VAIN


async def test_a_key_whose_session_is_over_is_told_so(life, square, seller, buyer):
    sweep = sweep_of(buyer, life)
    made = await sweep.allow(Limits(KEY.address, "0.01 ETH"))
    ledger = await sweep.ledger()
    await sweep.revoke(made)
    notebook = replace(buyer, wallet=KEY, allowance=made)
    legs = (Leg((TrialKey(0, 0),), Rung.whole(24)),)
    with pytest.raises(SessionClosed):
        await sweep_of(notebook, life)._buying.again(legs, ledger, 1)


def test_tries_end_by_those_in_vain_and_by_a_long_hindrance():
    tries = Tries(in_vain=5)
    tries.count(Outcome.HINDERED)
    assert not tries.over
    tries.count(Outcome.IN_VAIN)
    assert tries.over
    tries.count(Outcome.PLACED)
    assert not tries.over
    assert Tries(hindered=180).over


async def test_the_best_of_results_that_nobody_shows_is_not_told(life, square, seller, buyer):
    bid = await life.bid(life.cast.sellers[0], (0, 1, 2, 3))
    await life.award(bid)
    square.shown.append(bid)
    await life.post_results(96)
    life.net.advance(16)
    await life.settle(await life.verdicts())
    with pytest.raises(ResultsNotShown, match="0/0, 1/0, 2/0, 3/0"):
        await sweep_of(buyer, life).best()


async def test_a_token_that_the_market_does_not_take_is_refused_at_once(life, buyer, tmp_path):
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    options = {"model": tmp_path, "data": ROWS, "space": {"lr": [1e-4]}, "max_spend": "1 ETH"}
    with pytest.raises(TokenNotListed):
        await AsyncSwarm(buyer).sweep(**options, method="grid", token=KEY.address)


async def test_a_keys_quote_is_held_against_what_its_session_has_left(life, square, seller, buyer):
    made = await sweep_of(buyer, life).allow(Limits(KEY.address, Amount(5 * 10**14)))
    notebook = replace(buyer, wallet=KEY, allowance=made)
    sweep = sweep_of(notebook, life)
    legs = (Leg(tuple(TrialKey(index, 0) for index in range(4)), Rung.whole(24)),)
    quotes = await sweep._buying.quotes(legs, await sweep.ledger())
    tip = (await life.contracts.market.token_terms()).tip
    assert quotes[0].most == (await life.contracts.sessions.left(made.session)).left - tip
    with pytest.raises(SessionCapReached):
        await sweep._buying.award(quotes, 1)
    assert seller.asked == 1


async def test_a_token_that_the_market_does_not_take_is_not_quoted(life, square, seller, buyer):
    unlisted = spec(token=KEY.address)
    sweep = Sweep(life.cast.buyer.address, unlisted.hash, unlisted.terms)
    made = Order(SweepId(b"s" * 32), sweep, unlisted)
    with pytest.raises(TokenNotListed):
        await AsyncSweep(buyer, made, None).quote()
    assert square.calls == []
