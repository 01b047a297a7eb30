"""Reverts are told by their four bytes; texts play no part."""

import pytest
from eth_abi import encode

from compute_swarm.chain import artefacts
from compute_swarm.chain.refusals import REFUSALS, refusal
from compute_swarm.domain.ids import NATIVE, address
from compute_swarm.errors import (
    ChainError,
    ChainRefused,
    FreeTooSmall,
    NothingToDo,
    RpcRefused,
    TooEarly,
    TooFewValidators,
)

WHO = address("0x" + "12" * 20)
ERRORS = {
    entry.name: entry
    for name in (*artefacts.CONTRACTS, artefacts.TOKEN)
    for entry in artefacts.load(name).entries("error")
}
_SAMPLES = {"address": "0x" + "12" * 20, "bytes32": b"\x05" * 32, "bytes": b"", "string": ""}


def reverted(data, number=3, message="anything at all"):
    return refusal(RpcRefused("eth_call", number, message, data))


def sample(entry):
    return entry.encode_call([_SAMPLES.get(part.type, 4) for part in entry.inputs])


def test_every_refusal_of_ours_is_an_error_of_the_contracts():
    assert set(REFUSALS) <= set(ERRORS)


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_every_error_of_the_contracts_is_told_in_words(name):
    answer = reverted(sample(ERRORS[name]))
    assert isinstance(answer, ChainError)
    assert not isinstance(answer, RpcRefused)
    assert answer.sentence
    assert answer.action


def test_the_values_come_along():
    data = ERRORS["SweepMarket_FreeTooSmall"].encode_call((WHO, NATIVE, 9, 4))
    answer = reverted(data)
    assert isinstance(answer, FreeTooSmall)
    assert (answer.who, answer.need, answer.have) == (WHO, 9, 4)


def test_values_are_put_in_our_order():
    answer = reverted(ERRORS["SweepMarket_TooFewValidators"].encode_call((3, 5)))
    assert isinstance(answer, TooFewValidators)
    assert (answer.need, answer.have) == (5, 3)


def test_the_same_decision_of_two_contracts_is_one_error():
    market = reverted(ERRORS["SweepMarket_TooEarly"].encode_call((77,)))
    court = reverted(ERRORS["AuditCourt_TooEarly"].encode_call((b"\x01" * 32, 77)))
    assert type(market) is type(court) is TooEarly
    assert market.opens == court.opens == 77


def test_refusals_that_leave_the_same_decision_are_one_error_with_the_contracts_words():
    answered = reverted(ERRORS["AuditCourt_Answered"].encode_call((b"\x01" * 32, 2)))
    demanded = reverted(ERRORS["Oversight_AlreadyDemanded"].encode_call((b"\x01" * 32,)))
    assert type(answered) is type(demanded) is NothingToDo
    assert (answered.error, answered.values) == ("AuditCourt_Answered", (b"\x01" * 32, 2))


def test_a_beacon_and_a_block_are_waited_for_alike():
    point = 6_400_123
    assert reverted(ERRORS["Randomness_Unknown"].encode_call((point,))).point == point
    assert reverted(ERRORS["SweepMarket_SeedUnknown"].encode_call((point,))).point == point


def test_a_require_with_a_text_keeps_it():
    answer = reverted(bytes.fromhex("08c379a0") + encode(["string"], ["no way"]))
    assert isinstance(answer, ChainRefused)
    assert answer.values == ("no way",)


@pytest.mark.parametrize("data", [b"\x01\x02\x03\x04", bytes.fromhex("08c379a0") + b"\xff"])
def test_unknown_data_is_still_a_refusal(data):
    answer = reverted(data)
    assert isinstance(answer, ChainRefused)
    assert answer.error == "0x" + data.hex()


def test_a_bare_revert_is_a_refusal_and_another_error_is_not():
    assert isinstance(reverted(b""), ChainRefused)
    assert isinstance(reverted(b"", number=-32603), RpcRefused)


def test_the_message_decides_nothing():
    data = ERRORS["SweepMarket_TooEarly"].encode_call((77,))
    answer = reverted(data, message="SweepMarket_TooLate")
    assert isinstance(answer, TooEarly)
