from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data

from compute_swarm.domain.bid import (
    FRESH,
    Award,
    Rung,
    SignedBid,
    Submission,
    Sweep,
    Terms,
    TokenTerms,
    bid_digest,
    commit_id,
    sweep_id,
)
from compute_swarm.domain.ids import NATIVE, AwardId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.typed_data import digest, typed_bid
from examples import BUYER, CHAIN_ID, MARKET, account, bid, commit, posted
from examples import digest as some_digest

SWEEP = Sweep(BUYER, some_digest("spec"), Terms(NATIVE, 32, 120, 0))


@pytest.mark.parametrize(
    "other",
    [
        replace(SWEEP, buyer=account("other")),
        replace(SWEEP, spec_hash=some_digest("other")),
        replace(SWEEP, terms=replace(SWEEP.terms, segments=33)),
        replace(SWEEP, terms=replace(SWEEP.terms, token=account("token"))),
        replace(SWEEP, terms=replace(SWEEP.terms, verdict_time=121)),
        replace(SWEEP, terms=replace(SWEEP.terms, vram_gib=8)),
    ],
)
def test_a_sweep_id_depends_on_everything(other):
    assert sweep_id(CHAIN_ID, MARKET, other) != sweep_id(CHAIN_ID, MARKET, SWEEP)


def test_a_sweep_id_depends_on_chain_and_market():
    own = sweep_id(CHAIN_ID, MARKET, SWEEP)
    assert own not in (sweep_id(1, MARKET, SWEEP), sweep_id(CHAIN_ID, account("m"), SWEEP))


def test_the_bid_digest_is_what_wallets_sign():
    assert bid_digest(CHAIN_ID, MARKET, bid()) == bytes(digest(typed_bid(CHAIN_ID, MARKET, bid())))


def test_a_signed_bid_names_its_signer():
    seller = Account.create()
    some = replace(bid(), seller=seller.address)
    message = encode_typed_data(full_message=typed_bid(CHAIN_ID, MARKET, some))
    signature = seller.sign_message(message).signature
    assert Account.recover_message(message, signature=signature) == some.seller


@pytest.mark.parametrize(
    "change",
    [
        {"sweep_id": SweepId(bytes(32))},
        {"seller": account("other")},
        {"trials": bytes(8)},
        {"first": 1},
        {"segments": 31},
        {"price": Amount(99)},
        {"start": some_digest("start")},
        {"deadline": 1},
        {"expiry": 1},
        {"nonce": 1},
    ],
)
def test_a_bid_digest_depends_on_everything(change):
    changed = bid_digest(CHAIN_ID, MARKET, replace(bid(), **change))
    assert changed != bid_digest(CHAIN_ID, MARKET, bid())


def test_an_award_counts_what_the_bid_lists():
    some = bid(trials=3, segments=8, price=100)
    award = Award.of(bid_digest(CHAIN_ID, MARKET, some), some)
    assert (award.trials, award.segments, award.total) == (3, 24, 2400)
    assert some.keys == (TrialKey(0, 0), TrialKey(1, 0), TrialKey(2, 0))


def test_a_commit_id_depends_on_the_order_of_awards():
    a, b = posted("a", 32, 1), posted("b", 32, 1)
    assert commit_id(CHAIN_ID, MARKET, commit(a, b)) != commit_id(CHAIN_ID, MARKET, commit(b, a))


def test_a_commit_id_is_known_before_its_time_and_relayer():
    one = commit(posted("a", 32, 1))
    later = replace(one, time=one.time + 1, relayer=account("other"))
    assert commit_id(CHAIN_ID, MARKET, one) == commit_id(CHAIN_ID, MARKET, later)


EARLIER = AwardId(some_digest("rung"))


@pytest.mark.parametrize(
    ("rung", "fits"),
    [
        (Rung.whole(32), True),
        (Rung(FRESH, 0, 4), True),
        (Rung(EARLIER, 4, 7), True),
        (Rung(EARLIER, 4, 28), True),
        (Rung(EARLIER, 4, 29), False),  # past the last segment
        (Rung(FRESH, 4, 7), False),  # goes on from nothing
        (Rung(EARLIER, 0, 32), False),  # goes on from an award, yet begins anew
        (Rung(FRESH, 0, 0), False),
    ],
)
def test_a_rung_goes_on_from_an_award_exactly_where_it_does_not_begin(rung, fits):
    assert rung.fits(32) is fits


def test_a_bid_says_its_rung():
    assert bid(segments=8).rung == Rung(FRESH, 0, 8)
    assert replace(bid(), start=EARLIER, first=4).rung == Rung(EARLIER, 4, 32)


def test_a_token_without_a_cap_is_not_listed():
    terms = TokenTerms(Amount(5), Amount(1), Amount(1), Amount(1))
    assert terms.listed
    assert not replace(terms, cap=Amount(0)).listed


AWARD = "(bytes32,address,uint32,uint32,uint128,uint40)"
BID = "(bytes32,address,bytes,uint16,uint16,uint128,bytes32,uint40,uint40,uint32)"
POSTED = posted("a", 32, 1)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("(address,bytes32,(address,uint16,uint32,uint16))", SWEEP),
        (f"({BID},bytes)", SignedBid(bid(), b"x")),
        (f"({AWARD},bytes32,uint32,bytes)", Submission(POSTED.award, POSTED.root, 32, b"x")),
        (f"(uint256,uint256,address,({AWARD},bytes32,uint32)[])", commit(POSTED)),
    ],
)
def test_a_value_encodes_as_the_contracts_struct(kind, value):
    assert len(encode([kind], [value.abi()])) % 32 == 0


def test_a_submission_is_what_gets_posted():
    assert Submission(POSTED.award, POSTED.root, POSTED.done, b"x").posted == POSTED
