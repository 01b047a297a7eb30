"""A capped key buys more of one sweep for its buyer, and nothing else."""

from dataclasses import replace

import pytest
from test_sdk_awarding import SpecLife, known, open_session, order

from chain_life import PRICE
from compute_swarm.chain.books import read_books
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain import wire
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import NATIVE
from compute_swarm.domain.money import ETHER, Amount
from compute_swarm.errors import (
    FreeTooSmall,
    NoSession,
    NotAllowed,
    OutsideSession,
    SessionCapReached,
    SessionClosed,
    SessionOtherKey,
    SessionStands,
    SessionUseless,
)
from compute_swarm.sdk.allowance import Allowance, Limits, opened
from compute_swarm.sdk.awarding import next_round, pay, resume_all
from compute_swarm.sdk.ledger import SessionRecord
from compute_swarm.sdk.session import open_session as connect
from compute_swarm.sdk.settings import Settings
from compute_swarm.sdk.sweep import AsyncSweep

KEY = dev_wallet(11)
LIMITS = Limits(KEY.address, "0.05 ETH")


@pytest.fixture
def life(net, contracts):
    return SpecLife(net, contracts)


@pytest.fixture
async def buyer(life, tmp_path):
    own = open_session(life, tmp_path / "buyer")
    own.journal.remember(known(life), "0x")
    yield own
    own.outbox.close()


async def cost_of(life, bid) -> Amount:
    tip = (await life.contracts.market.token_terms()).tip
    return award_cost(bid.bid.price.times(bid.bid.total_segments), tip)


async def allowed(life, buyer, **changes) -> Allowance:
    """A session that the buyer opened with its first trial."""
    limits = replace(LIMITS, **changes)
    allowance = limits.allowance(life.sweep, order(life).sweep_id, (ETHER, await life.now()))
    bid = await life.bid(life.cast.sellers[0], (0,))
    await pay(buyer, order(life), [bid], next_round(buyer, order(life)), allowance)
    return allowance


def holder(life, home, allowance):
    """The key's side of it, on another machine."""
    own = replace(open_session(life, home), wallet=KEY, allowance=allowance)
    own.journal.remember(known(life), "0x")
    return own


async def test_the_first_award_opens_it_and_brings_the_cap_along(life, buyer):
    allowance = await allowed(life, buyer)
    left = await life.contracts.sessions.left(allowance.session)
    free = (await life.contracts.market.account(buyer.wallet.address)).free
    assert left.usable
    assert left.left == free > 0
    (record,) = await AsyncSweep(buyer, order(life), None).sessions()
    assert (record["key"], record["left_wei"], record["state"]) == (
        KEY.address,
        str(int(left.left)),
        "open",
    )


async def test_its_key_buys_more_and_the_books_miss_nothing(life, buyer, tmp_path):
    notebook = holder(life, tmp_path / "key", await allowed(life, buyer))
    for trial in (1, 2):
        bid = await life.bid(life.cast.sellers[0], (trial,))
        ledger = await pay(notebook, order(life), [bid], next_round(notebook, order(life)))
    assert len(ledger.books.lines) == 3
    assert (await read_books(life.contracts)).balanced
    assert notebook.buyer == life.cast.buyer.address
    notebook.outbox.close()


@pytest.mark.parametrize(
    ("limits", "bid", "refused"),
    [
        ({"highest_price": PRICE}, {"price": Amount(PRICE + 1)}, OutsideSession),
        ({"sellers": (dev_wallet(6).address,)}, {"seller": 1}, OutsideSession),
        ({"cap": Amount(3 * 10**14)}, {}, SessionCapReached),
    ],
)
async def test_what_it_does_not_allow_is_refused_before_the_key_signs(
    life, buyer, tmp_path, limits, bid, refused
):
    notebook = holder(life, tmp_path / "key", await allowed(life, buyer, **limits))
    changes = {name: value for name, value in bid.items() if name != "seller"}
    more = await life.bid(life.cast.sellers[bid.get("seller", 0)], (1,), **changes)
    before = await life.contracts.rpc.nonce(KEY.address)
    with pytest.raises(refused):
        await pay(notebook, order(life), [more], next_round(notebook, order(life)))
    assert await life.contracts.rpc.nonce(KEY.address) == before
    notebook.outbox.close()


async def test_money_that_the_buyer_took_back_is_not_there_for_the_key(life, buyer, tmp_path):
    from compute_swarm.chain.transactions import send

    notebook = holder(life, tmp_path / "key", await allowed(life, buyer))
    who = life.cast.buyer.address
    free = (await life.contracts.market.account(who)).free
    await send(life.cast.buyer, life.contracts.market.withdraw(free, who))
    bid = await life.bid(life.cast.sellers[0], (1,))
    with pytest.raises(FreeTooSmall):
        await pay(notebook, order(life), [bid], next_round(notebook, order(life)))
    notebook.outbox.close()


async def test_a_revoked_key_buys_nothing_more_and_only_the_buyer_revokes(life, buyer, tmp_path):
    allowance = await allowed(life, buyer)
    notebook = holder(life, tmp_path / "key", allowance)
    with pytest.raises(NotAllowed):
        await AsyncSweep(notebook, order(life), None).revoke(allowance)
    sweep = AsyncSweep(buyer, order(life), None)
    await sweep.revoke(allowance)
    bid = await life.bid(life.cast.sellers[0], (1,))
    with pytest.raises(SessionClosed):
        await pay(notebook, order(life), [bid], next_round(notebook, order(life)))
    assert [record["state"] for record in await sweep.sessions()] == ["revoked"]
    notebook.outbox.close()


async def test_asked_for_again_the_session_that_stands_comes_back(life, buyer):
    allowance = await allowed(life, buyer)
    sweep = AsyncSweep(buyer, order(life), None)
    assert await sweep.allow(LIMITS) == allowance


async def test_a_file_goes_to_the_keys_holder_and_no_other_key_uses_it(life, buyer, tmp_path):
    allowance = await allowed(life, buyer)
    path = allowance.save(tmp_path / "session.json")
    assert Allowance.load(path) == allowance
    life.contracts.deployment.save(tmp_path / "deployment.json")
    settings = Settings(network=str(tmp_path / "deployment.json"), session=str(path))
    with pytest.raises(SessionOtherKey):
        await connect(settings, life.cast.stranger)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"session": 3}'])
def test_what_is_no_session_is_refused_by_name(tmp_path, text):
    path = tmp_path / "session.json"
    path.write_text(text)
    with pytest.raises(NoSession, match=r"session\.json"):
        Allowance.load(path)


@pytest.mark.parametrize(
    "changes",
    [{"cap": Amount(0)}, {"hours": 0.0}, {"hours": 1e9}, {"highest_price": Amount(0)}],
)
def test_a_session_that_could_buy_nothing_is_refused(life, changes):
    with pytest.raises(SessionUseless):
        replace(LIMITS, **changes).allowance(life.sweep, order(life).sweep_id, (ETHER, 0))


def test_the_buyers_own_key_needs_no_session(life):
    own = replace(LIMITS, key=life.cast.buyer.address)
    with pytest.raises(SessionUseless):
        own.allowance(life.sweep, order(life).sweep_id, (ETHER, 0))


def stands(allowance, **changes):
    session = replace(allowance.session, **changes)
    return [SessionRecord(session, session.cap, revoked=False)]


def test_a_session_of_other_sellers_is_not_taken_for_the_same(life):
    made = LIMITS.allowance(life.sweep, order(life).sweep_id, (ETHER, 0))
    assert opened(stands(made), made, 0) == made
    assert opened([replace(stands(made)[0], revoked=True)], made, 0) is None
    assert opened(stands(made), made, made.session.expiry + 1) is None
    named = replace(LIMITS, sellers=(NATIVE,))
    other = named.allowance(life.sweep, order(life).sweep_id, (ETHER, 0))
    assert opened(stands(made), other, 0) is None


def test_a_session_with_another_end_is_the_one_that_was_asked_for(life):
    made = LIMITS.allowance(life.sweep, order(life).sweep_id, (ETHER, 0))
    later = LIMITS.allowance(life.sweep, order(life).sweep_id, (ETHER, 130))
    assert opened(stands(made), later, 130) == made


@pytest.mark.parametrize("changes", [{"cap": Amount(5)}, {"highest_price": Amount(5)}])
def test_another_limit_than_the_one_that_stands_is_refused(life, changes):
    made = LIMITS.allowance(life.sweep, order(life).sweep_id, (ETHER, 0))
    with pytest.raises(SessionStands):
        opened(stands(made, **changes), made, 0)


async def test_a_session_that_a_crash_kept_back_is_opened_at_the_restart(life, buyer):
    asked = LIMITS.allowance(life.sweep, order(life).sweep_id, (ETHER, await life.now()))
    bid = await life.bid(life.cast.sellers[0], (0,))
    documents = [wire.encode(bid)]
    buyer.journal.intend(order(life).name, 0, documents, bid.bid.expiry, asked.document())
    ledger = await resume_all(buyer, order(life))
    assert [record.session for record in ledger.sessions] == [asked.session]


async def test_a_cap_below_the_first_award_is_refused_before_it_is_written_down(life, buyer):
    limits = replace(LIMITS, cap=PRICE)
    asked = limits.allowance(life.sweep, order(life).sweep_id, (ETHER, await life.now()))
    bid = await life.bid(life.cast.sellers[0], (0,))
    with pytest.raises(SessionCapReached):
        await pay(buyer, order(life), [bid], 0, asked)
    assert buyer.journal.payments(order(life).name) == []
