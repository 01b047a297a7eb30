"""The event classes are the ABI's events, field for field."""

from dataclasses import fields

import pytest
from eth_abi import encode

from compute_swarm.chain import artefacts
from compute_swarm.chain.events import EVENTS, Awarded, SweepOpened, decode, decode_all
from compute_swarm.chain.rpc import Log
from compute_swarm.domain import events as domain
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.ids import NATIVE, address
from compute_swarm.domain.money import Amount

UNHEARD = {"NonceBumped", "Pinned"}  # nothing in the program asks for them
RENAMED = {"source": "from", "each_wei": "each"}
WHO = address("0x" + "12" * 20)
ENTRIES = {
    entry.name: entry
    for name in artefacts.CONTRACTS
    for entry in artefacts.load(name).entries("event")
}


def log(name, topics, types, values):
    data = encode(types, values)
    return Log(WHO, (ENTRIES[name].topic, *topics), data, 7, b"\x07" * 32, b"\x08" * 32, 2)


def word(value):
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


def test_every_event_of_the_contracts_has_its_class():
    assert set(ENTRIES) - UNHEARD == set(EVENTS)


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
    assert (event.place.block_number, event.place.index) == (7, 2)


def test_structs_become_the_domains():
    types = ["bytes32", "(address,uint16,uint32,uint16)"]
    values = (b"\x03" * 32, (NATIVE, 24, 120, 8))
    event = decode(log("SweepOpened", (b"\x01" * 32, word(WHO)), types, values))
    assert isinstance(event, SweepOpened)
    assert event.terms == Terms(NATIVE, 24, 120, 8)


def test_what_is_not_ours_is_passed_over():
    stranger = Log(WHO, (b"\x09" * 32,), b"", 1, b"", b"", 0)
    bare = Log(WHO, (), b"", 1, b"", b"", 0)
    assert decode_all([stranger, bare]) == ()
