"""A payment on a real chain: once, whatever happens between its steps."""

from dataclasses import dataclass

import pytest

from chain_life import Life
from compute_swarm.chain.outbox import SqliteOutbox
from compute_swarm.chain.transactions import send
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Leg, Rung, Sweep
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import NATIVE, SweepId
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.errors import BidUnusable, TooFewTrialsAwarded, TooLittleBalance
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.sdk.awarding import (
    Order,
    gather_bids,
    ledger_of,
    may_be_unseen,
    next_round,
    pay,
    resume_all,
)
from compute_swarm.sdk.bids import is_signed
from compute_swarm.sdk.coordinator import Coordinator
from compute_swarm.sdk.history import History, Past
from compute_swarm.sdk.journal import KnownSweep, PaymentState, SweepJournal
from compute_swarm.sdk.ledger import read_ledger
from compute_swarm.sdk.payment import lacking
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.settings import Settings
from example_sweep import SPEC

NOBODY = "http://127.0.0.1:9"  # where no coordinator answers


@dataclass
class SpecLife(Life):
    """A life of the example's sweep."""

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, SPEC.hash, SPEC.terms)


@pytest.fixture
def life(net, contracts):
    return SpecLife(net, contracts)


@pytest.fixture
async def session(life, tmp_path):
    opened = open_session(life, tmp_path)
    opened.journal.remember(known(life), "0x")
    yield opened
    opened.outbox.close()


def open_session(life, home):
    transport = Loopback()
    return Session(
        settings=Settings(home=str(home)),
        wallet=life.cast.buyer,
        contracts=life.contracts,
        coordinator=Coordinator(Peer(NOBODY, transport), Peer(NOBODY, transport)),
        transport=transport,
        journal=SweepJournal(home / "sweeps.sqlite"),
        outbox=SqliteOutbox(home / "outbox.sqlite"),
        history=History(life.contracts),
    )


def order(life):
    return Order(SweepId(life.sweep_id), life.sweep, SPEC)


def known(life):
    return KnownSweep(order(life).name, life.cast.buyer.address, SPEC.document())


async def bids_and_cost(life):
    bids = [
        await life.bid(life.cast.sellers[0], (0, 1)),
        await life.bid(life.cast.sellers[1], (2,)),
    ]
    tip = (await life.contracts.market.token_terms()).tip
    total = [bid.bid.price.times(bid.bid.total_segments) for bid in bids]
    return bids, sum((award_cost(one, tip) for one in total), ZERO)


def states(session, life):
    return [payment.state for payment in session.journal.payments(order(life).name)]


async def test_bids_are_awarded_in_one_transaction(life, session):
    bids, _ = await bids_and_cost(life)
    ledger = await pay(session, order(life), bids, next_round(session, order(life)))
    assert len(ledger.books.lines) == 2
    assert len(ledger.transactions) == 1
    assert states(session, life) == [PaymentState.MINED]


async def test_a_crash_before_sending_pays_at_the_restart(life, session):
    bids, _ = await bids_and_cost(life)
    documents = [wire.encode(bid) for bid in bids]
    session.journal.intend(order(life).name, 0, documents, bids[0].bid.expiry)
    ledger = await resume_all(session, order(life))
    assert len(ledger.books.lines) == 2


async def test_a_crash_after_sending_pays_no_second_time(life, session, tmp_path):
    bids, cost = await bids_and_cost(life)
    payment = session.journal.intend(
        order(life).name, 0, [wire.encode(bid) for bid in bids], bids[0].bid.expiry
    )
    call = life.contracts.market.award(life.sweep, bids, 3, cost)
    await send(life.cast.buyer, call, once=payment.once, outbox=session.outbox)
    ledger = await resume_all(open_session(life, tmp_path), order(life))
    assert len(ledger.transactions) == 1
    assert states(session, life) == [PaymentState.MINED]


async def test_bids_that_expired_are_given_up(life, session):
    bids, _ = await bids_and_cost(life)
    documents = [wire.encode(bid) for bid in bids]
    session.journal.intend(order(life).name, 0, documents, bids[0].bid.expiry)
    life.net.advance(1_000)
    ledger = await resume_all(session, order(life))
    assert not ledger.books.lines
    assert states(session, life) == [PaymentState.VOID]


class Behind:
    """The history as a backend tells it that stopped a while ago."""

    def __init__(self, time: int) -> None:
        self.time = time

    async def past(self) -> Past:
        return Past((), self.time)

    async def events(self):
        return ()


async def test_bids_are_not_given_up_by_a_backend_that_lags_behind_their_expiry(life, session):
    bids, _ = await bids_and_cost(life)
    documents = [wire.encode(bid) for bid in bids]
    session.journal.intend(order(life).name, 0, documents, bids[0].bid.expiry)
    session.history = Behind(await life.now())
    life.net.advance(1_000)
    with pytest.raises(TooFewTrialsAwarded):
        await resume_all(session, order(life))
    assert states(session, life) == [PaymentState.OPEN]


async def test_a_refused_payment_is_given_up_only_when_its_bids_expired(life, session):
    bids, _ = await bids_and_cost(life)
    await send(life.cast.sellers[0], life.contracts.market.bump_nonce())
    with pytest.raises(TooFewTrialsAwarded):
        await pay(session, order(life), bids, next_round(session, order(life)))
    assert states(session, life) == [PaymentState.OPEN]
    life.net.advance(1_000)
    await resume_all(session, order(life))
    assert states(session, life) == [PaymentState.VOID]
    assert not (await ledger_of(session, order(life).sweep_id)).books.lines


async def test_awards_that_a_lagging_backend_does_not_show_are_not_bought_again(life, session):
    bids, _ = await bids_and_cost(life)
    ledger = await pay(session, order(life), bids, next_round(session, order(life)))
    assert not may_be_unseen(session, order(life), ledger)
    behind = read_ledger(order(life).sweep_id, [])
    assert may_be_unseen(session, order(life), behind)


async def test_a_second_payer_of_the_same_home_pays_nothing_more(life, session):
    bids, _ = await bids_and_cost(life)
    await pay(session, order(life), bids, next_round(session, order(life)))
    documents = [wire.encode(bid) for bid in bids]
    assert session.journal.intend(order(life).name, 0, documents, 1) is None


async def test_a_poor_buyer_is_told_what_lacks_before_signing(session):
    with pytest.raises(TooLittleBalance):
        await lacking(session, Amount(10**30), NATIVE)


async def test_only_the_seller_signs_its_bid(life):
    bid = await life.bid(life.cast.sellers[0], (0,))
    assert is_signed(life.contracts, bid)
    other = await life.bid(life.cast.sellers[1], (0,))
    assert not is_signed(life.contracts, type(bid)(bid.bid, other.signature))
    assert not is_signed(life.contracts, type(bid)(bid.bid, b"junk"))


async def test_a_seller_that_does_not_answer_spoils_the_round(life, session):
    from compute_swarm.domain.packing import TrialKey
    from compute_swarm.sdk.allocation import Offer
    from compute_swarm.sdk.quote import Market, make_quote

    terms = await life.contracts.market.token_terms()
    seller = life.cast.sellers[0].address
    offer = Offer(seller, NOBODY, "c", Amount(10**12), 8, 1.0, 600)
    quote = make_quote(
        Leg((TrialKey(0, 0),), Rung.whole(24)),
        0,
        ([offer], []),
        Market(terms, 5, 15),
        Amount(10**18),
    )
    with pytest.raises(BidUnusable):
        await gather_bids(session, order(life), [quote])
