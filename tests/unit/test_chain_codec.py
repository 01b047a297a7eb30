"""ABI entries encode and decode by themselves, structs and lists of structs too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry, snake

AWARD = {
    "type": "function",
    "name": "look",
    "inputs": [
        {
            "name": "pairs",
            "type": "tuple[]",
            "components": [
                {"name": "awardId", "type": "bytes32"},
                {"name": "who", "type": "address"},
            ],
        },
        {"name": "count", "type": "uint256"},
    ],
    "outputs": [{"name": "", "type": "address[]"}],
}
LOW = "0x" + "ab" * 20
CHECKED = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB"


def test_a_signature_spells_structs_out():
    entry = Entry.of("Test", AWARD)
    assert entry.signature == "look((bytes32,address)[],uint256)"


def test_the_selector_is_the_well_known_one():
    transfer = {
        "name": "transfer",
        "inputs": [{"name": "to", "type": "address"}, {"name": "value", "type": "uint256"}],
    }
    assert Entry.of("Token", transfer).selector.hex() == "a9059cbb"


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=3), st.integers(0, 2**256 - 1))
def test_what_was_encoded_is_decoded_with_names(ids, count):
    entry = Entry.of("Test", AWARD)
    data = entry.encode_call(([(one, LOW) for one in ids], count))
    found = entry.decode_inputs(data[4:])
    assert found["count"] == count
    assert list(found["pairs"]) == [{"award_id": one, "who": CHECKED} for one in ids]


def test_addresses_come_back_checksummed_within_lists():
    entry = Entry.of("Test", AWARD)
    data = bytes(31) + b"\x20" + bytes(31) + b"\x01" + bytes(12) + bytes.fromhex("ab" * 20)
    assert entry.decode_outputs(data) == ((CHECKED,),)


def test_an_event_is_put_together_from_topics_and_data():
    entry = Entry.of(
        "Test",
        {
            "name": "Moved",
            "inputs": [
                {"name": "who", "type": "address", "indexed": True},
                {"name": "amount", "type": "uint256", "indexed": False},
                {"name": "why", "type": "uint8", "indexed": True},
            ],
        },
    )
    topics = (entry.topic, bytes(12) + bytes.fromhex("ab" * 20), bytes(31) + b"\x07")
    found = entry.decode_log(topics, bytes(31) + b"\x05")
    assert found == {"who": CHECKED, "amount": 5, "why": 7}


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("awardId", "award_id"), ("vramGib", "vram_gib"), ("from", "from"), ("", "")],
)
def test_names_are_spelled_as_in_python(name, spelled):
    assert snake(name) == spelled


@pytest.mark.parametrize("contract", artefacts.CONTRACTS)
def test_no_function_of_ours_is_overloaded(contract):
    names = [entry.name for entry in artefacts.load(contract).entries("function")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("contract", artefacts.CONTRACTS)
def test_every_contract_fits_the_size_limit_of_a_chain(contract):
    assert 0 < len(artefacts.load(contract).deployed_bytecode) <= 24_576
