from dataclasses import replace

import pytest

from compute_swarm.domain.bid import FRESH, Bid, Leg, Rung, TokenTerms
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.money import ETHER, Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.errors import NoOffers, OverBudget
from compute_swarm.sdk.allocation import Offer, Slice
from compute_swarm.sdk.bids import Asked, bid_fault
from compute_swarm.sdk.gathering import check_quote
from compute_swarm.sdk.quote import Market, make_quote, sift
from example_sweep import MARKET, SELLERS, SPEC, SWEEP_ID

TERMS = TokenTerms(
    cap=Amount(10**18), panel_floor=Amount(10**6), tip=Amount(100), least_price=Amount(10)
)
CHAIN = Market(TERMS, 5, 15)
KEYS = tuple(TrialKey(index, 0) for index in range(4))
WHOLE = Rung.whole(24)


def offer(number, price=1_000, most=8, seconds=10.0):
    return Offer(SELLERS[number], "http://127.0.0.1:1", "c", Amount(price), most, seconds, 600)


def quote(*offers, most=10**9, rung=WHOLE):
    answers = sift(offers, (SPEC, WHOLE), CHAIN, ())
    return make_quote(Leg(KEYS, rung), 0, answers, CHAIN, Amount(most))


def test_a_quote_costs_what_award_pulls():
    found = quote(offer(0))
    assert found.cost == award_cost(Amount(1_000 * 24 * 4), TERMS.tip)
    assert (found.matching, found.seconds, found.left_over) == (1, 40.0, ())


def test_a_rung_costs_its_own_segments():
    found = quote(offer(0), rung=Rung(b"a" * 32, 8, 4))
    assert found.cost == award_cost(Amount(1_000 * 4 * 4), TERMS.tip)
    assert (found.document()["from_segment"], found.document()["to_segment"]) == (8, 12)


def test_the_range_runs_from_the_cheapest_to_the_dearest():
    found = quote(offer(0), offer(1, price=2_000))
    assert found.low == award_cost(Amount(1_000 * 24 * 4), TERMS.tip)
    assert found.high == award_cost(Amount(2_000 * 24 * 4), TERMS.tip)
    assert found.low <= found.cost <= found.high


def test_every_award_brings_its_tips():
    found = quote(offer(0), offer(1))
    assert len(found.slices) == 2
    assert found.low == found.high == found.cost


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"price": 1}, "least"),
        ({"price": 10**17}, "max_spend"),
        ({"seconds": 10**6}, "deadline"),
        ({"most": 0}, "busy"),
    ],
)
def test_an_excluded_seller_is_told_its_limit(changes, word):
    (found,) = quote(offer(0, **changes)).excluded
    assert word in found.limit
    assert word in str(quote(offer(0, **changes)))


def test_an_award_holds_no_more_trials_than_the_tokens_cap_pays():
    low = Market(replace(TERMS, cap=Amount(1_000 * 24 * 3 - 1)), 5, 15)
    (usable,), _ = sift([offer(0)], (SPEC, WHOLE), low, ())
    assert usable.most_trials == 2
    (usable,), _ = sift([offer(0)], (SPEC, Rung(b"a" * 32, 8, 12)), low, ())
    assert usable.most_trials == 5
    _, (one,) = sift([offer(0, price=10_000)], (SPEC, WHOLE), low, ())
    assert "more than an award may cost" in one.limit


def test_an_award_holds_no_more_trials_than_a_commit_has_items():
    (usable,), _ = sift([offer(0, most=2_000)], (SPEC, WHOLE), CHAIN, ())
    assert usable.most_trials == 1_023


def test_a_seller_that_failed_is_not_asked_again():
    _, excluded = sift([offer(0)], (SPEC, WHOLE), CHAIN, [SELLERS[0]])
    assert "failed" in excluded[0].limit


def test_a_quote_that_cannot_be_paid_is_refused():
    with pytest.raises(OverBudget, match=r"max_spend is 0\.000000000000001 ETH"):
        check_quote(quote(offer(0), most=1_000), ETHER)
    with pytest.raises(NoOffers):
        check_quote(quote(offer(0, most=3)), ETHER)
    check_quote(quote(offer(0)), ETHER)


def test_a_quote_is_a_document():
    document = quote(offer(0)).document()
    assert document["sellers"][0]["trials"] == ["0/0", "1/0", "2/0", "3/0"]
    assert document["cost_wei"] == str(int(quote(offer(0)).cost))


NOW = 1_000
ASKED = Asked(SWEEP_ID, SPEC, Slice(offer(0), KEYS), WHOLE)
GOOD = {
    "sweep_id": SWEEP_ID,
    "seller": SELLERS[0],
    "trials": pack_trials(KEYS),
    "first": 0,
    "segments": 24,
    "price": Amount(1_000),
    "start": FRESH,
    "deadline": NOW + 600,
    "expiry": NOW + 60,
    "nonce": 0,
}


def test_a_bid_as_asked_has_no_fault():
    assert bid_fault(Bid(**GOOD), ASKED, NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        {"sweep_id": b"x" * 32},
        {"seller": MARKET},
        {"trials": pack_trials(KEYS[:3])},
        {"segments": 12},
        {"first": 1},
        {"price": Amount(1_001)},
        {"start": b"s" * 32},
        {"expiry": NOW + 5},
        {"deadline": NOW},
        {"deadline": NOW + 10**6},
    ],
)
def test_a_bid_that_differs_is_found_out(change):
    assert bid_fault(Bid(**(GOOD | change)), ASKED, NOW) is not None
