from dataclasses import replace

import pytest

from compute_swarm.domain.ids import ZERO32, AwardId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import (
    Opening,
    Session,
    Spend,
    awards_hash,
    sellers_hash,
    session_id,
)
from compute_swarm.domain.typed_data import digest, typed_opening, typed_spend
from examples import BUYER, CHAIN_ID, account, vectors
from examples import digest as some_digest

SESSIONS = account("sessions")
SESSION = Session(
    buyer=BUYER,
    sweep_id=SweepId(some_digest("sweep")),
    key=account("key"),
    cap=Amount(10**18),
    highest_price=Amount(1_000),
    sellers=ZERO32,
    expiry=2_000_000_000,
    nonce=0,
)
A, B = AwardId(some_digest("a")), AwardId(some_digest("b"))


def read(case):
    names = ("buyer", "sweepId", "key", "cap", "highestPrice", "sellers", "expiry", "nonce")
    return Session(*(case[name] for name in names))


@pytest.mark.parametrize("case", vectors("ids", "sessions"))
def test_ids_and_messages_are_those_of_the_contract(case):
    place = (case["chainId"], case["sessions"])
    id_ = session_id(*place, read(case))
    assert id_ == case["id"]
    assert sellers_hash(case["sellerList"]) == case["sellers"]
    assert awards_hash(case["awardIds"]) == case["awards"]
    opening = Opening(id_, case["awards"], case["leastTrials"])
    assert digest(typed_opening(*place, opening)) == case["opening"]
    spend = Spend(id_, case["number"], case["awards"], case["leastTrials"])
    assert digest(typed_spend(*place, spend)) == case["spend"]


@pytest.mark.parametrize(
    "change",
    [
        {"buyer": account("other")},
        {"sweep_id": SweepId(some_digest("other"))},
        {"key": account("other")},
        {"cap": Amount(1)},
        {"highest_price": Amount(1)},
        {"sellers": some_digest("sellers")},
        {"expiry": 1},
        {"nonce": 1},
    ],
)
def test_a_session_id_depends_on_everything(change):
    own = session_id(CHAIN_ID, SESSIONS, SESSION)
    assert session_id(CHAIN_ID, SESSIONS, replace(SESSION, **change)) != own


def test_a_session_is_of_one_chain_and_contract():
    ids = {session_id(*place, SESSION) for place in ((CHAIN_ID, SESSIONS), (1, SESSIONS))}
    assert len(ids | {session_id(CHAIN_ID, account("other"), SESSION)}) == 3


def test_sellers_are_named_in_any_order_and_nobody_means_all():
    sellers = [account(n) for n in range(3)]
    assert sellers_hash(sellers) == sellers_hash(reversed(sellers))
    assert sellers_hash(sellers[:2]) != sellers_hash(sellers)
    assert sellers_hash([]) == ZERO32


def test_awards_are_named_in_the_order_of_the_offers():
    assert awards_hash([A, B]) != awards_hash([B, A])


def test_each_message_of_a_key_is_signed_apart():
    id_ = session_id(CHAIN_ID, SESSIONS, SESSION)
    spends = [Spend(id_, number, awards_hash([A]), 1) for number in (1, 2)]
    signed = {digest(typed_spend(CHAIN_ID, SESSIONS, spend)) for spend in spends}
    opening = Opening(id_, awards_hash([A]), 1)
    assert len(signed | {digest(typed_opening(CHAIN_ID, SESSIONS, opening))}) == 3
