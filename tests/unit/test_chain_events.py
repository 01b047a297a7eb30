"""The event classes are the ABI's events, field for field."""

from dataclasses import fields

import pytest
from eth_abi import encode

from compute_swarm.chain import artefacts
from compute_swarm.chain.events import (
    EVENTS,
    Awarded,
    Committed,
    CreditWithdrawn,
    DisputeOpened,
    SessionOpened,
    SweepOpened,
    award_of,
    commit_of,
    decode,
    decode_all,
    kind_of,
)
from compute_swarm.chain.rpc import Log
from compute_swarm.domain import events as domain
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import NATIVE, address
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session

RENAMED = {"source": "from"}
WHO = address("0x" + "12" * 20)
ENTRIES = {
    kind_of(entry): entry
    for name in artefacts.CONTRACTS
    for entry in artefacts.load(name).entries("event")
}


def log(name, topics, types, values):
    data = encode(types, values)
    where = (7, b"\x07" * 32, 700, b"\x08" * 32, 2)
    return Log(WHO, (ENTRIES[name].topic, *topics), data, *where)


def word(value):
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


def test_every_event_of_the_contracts_has_its_class():
    assert set(ENTRIES) == set(EVENTS)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_events_fields_are_the_abis(name):
    own = [field.name for field in fields(EVENTS[name]) if field.name != "place"]
    assert [RENAMED.get(field, field) for field in own] == [
        part.name for part in ENTRIES[name].inputs
    ]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_is_the_domains_with_a_place(name):
    assert issubclass(EVENTS[name], getattr(domain, name))


def test_an_award_is_decoded_to_typed_values():
    types = ["uint32", "uint32", "uint128", "uint40", "uint256", "uint256"]
    topics = (b"\x01" * 32, b"\x02" * 32, word(WHO))
    event = decode(log("Awarded", topics, types, (2, 48, 5, 99, 300, 260)))
    assert isinstance(event, Awarded)
    assert (event.sweep_id, event.award_id, event.seller) == (b"\x01" * 32, b"\x02" * 32, WHO)
    assert event.price == 5
    assert isinstance(event.price, Amount)
    assert (event.place.block_number, event.place.time, event.place.index) == (7, 700, 2)


def test_structs_become_the_domains():
    types = ["bytes32", "(address,uint16,uint32,uint16)", "uint256"]
    values = (b"\x03" * 32, (NATIVE, 24, 120, 8), 7)
    event = decode(log("SweepOpened", (b"\x01" * 32, word(WHO)), types, values))
    assert isinstance(event, SweepOpened)
    assert event.terms == Terms(NATIVE, 24, 120, 8)
    assert event.brought == Amount(7)


def test_a_session_is_decoded_to_the_domains():
    types = ["(address,bytes32,address,uint128,uint128,bytes32,uint40,uint32)"]
    values = (WHO, b"\x01" * 32, WHO, 900, 5, bytes(32), 99, 1)
    topics = (b"\x02" * 32, word(WHO), b"\x01" * 32)
    event = decode(log("SessionOpened", topics, types, (values,)))
    assert isinstance(event, SessionOpened)
    assert event.session == Session(*values)
    assert isinstance(event.session.cap, Amount)


def test_a_subject_is_told_as_one():
    topics = (b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    values = (Subject.challenged(77), WHO)
    event = decode(log("DisputeOpened", topics, ["uint256", "address"], values))
    assert isinstance(event, DisputeOpened)
    assert (event.subject.is_challenge, event.subject.position) == (True, 77)


def test_two_contracts_events_of_one_name_are_told_apart():
    types, topics = ["address", "uint256"], (word(WHO),)
    event = decode(log("CreditWithdrawn", topics, types, (WHO, 5)))
    assert isinstance(event, CreditWithdrawn)
    assert (event.account, event.amount) == (WHO, 5)


def test_a_commit_is_put_together_with_its_blocks_time_and_its_sender():
    awarded = decode(
        log(
            "Awarded",
            (b"\x01" * 32, b"\x02" * 32, word(WHO)),
            ["uint32", "uint32", "uint128", "uint40", "uint256", "uint256"],
            (2, 48, 5, 99, 300, 260),
        )
    )
    committed = decode(
        log(
            "Committed",
            (b"\x01" * 32, b"\x04" * 32, word(WHO)),
            ["(bytes32,bytes32,uint32)[]"],
            ([(b"\x02" * 32, b"\x06" * 32, 40)],),
        )
    )
    assert isinstance(awarded, Awarded)
    assert isinstance(committed, Committed)
    commit = commit_of(committed, {awarded.award_id: award_of(awarded)})
    assert (commit.block_number, commit.time, commit.relayer) == (7, 700, WHO)
    (posted,) = commit.awards
    assert (posted.award.trials, posted.root, posted.done) == (2, b"\x06" * 32, 40)


def test_what_is_not_ours_is_passed_over():
    stranger = Log(WHO, (b"\x09" * 32,), b"", 1, b"", 10, b"", 0)
    bare = Log(WHO, (), b"", 1, b"", 10, b"", 0)
    assert decode_all([stranger, bare]) == ()
