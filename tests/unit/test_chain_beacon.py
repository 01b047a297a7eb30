"""Rounds of drand as it publishes them, and as the contract takes them."""

import hashlib
import json
from pathlib import Path

import pytest

from compute_swarm.chain import beacon
from compute_swarm.chain.beacon import begins, round_after, uncompressed
from compute_swarm.errors import DocumentInvalid

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "drand.json").read_text())
ROUNDS = VECTORS["rounds"]["list"]
SIGNATURE = bytes.fromhex(ROUNDS[1]["signature"][2:])

every_round = pytest.mark.parametrize("case", ROUNDS, ids=[case["round"] for case in ROUNDS])


@every_round
def test_a_published_signature_is_given_both_coordinates(case):
    assert "0x" + uncompressed(bytes.fromhex(case["signature"][2:])).hex() == case["point"]


@every_round
def test_a_rounds_randomness_is_the_hash_of_its_signature(case):
    digest = hashlib.sha256(bytes.fromhex(case["signature"][2:])).hexdigest()
    assert "0x" + digest == case["randomness"]


def test_the_network_is_the_one_of_the_vectors():
    network = VECTORS["network"]
    assert network["chain_hash"] == "0x" + beacon.CHAIN_HASH
    assert (network["genesis"], network["period"]) == (str(beacon.GENESIS), str(beacon.PERIOD))


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE[:-1],
        SIGNATURE + b"\x00",
        bytes([SIGNATURE[0] & 0x7F]) + SIGNATURE[1:],  # says that it is not compressed
        bytes([SIGNATURE[0] | 0x40]) + SIGNATURE[1:],  # says that it is infinite
        b"\x9f" + b"\xff" * 47,  # not reduced
        SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 8]),  # of no point
        b"",
    ],
)
def test_what_is_no_point_is_refused(signature):
    with pytest.raises(DocumentInvalid):
        uncompressed(signature)


@pytest.mark.parametrize("margin", [3, 60])
def test_a_moment_is_answered_by_the_first_round_after_the_margin(margin):
    time = begins(1000) - margin
    assert [round_after(time + late, margin) for late in (-4, -3, -1, 0)] == [999, 1000, 1000, 1001]
    assert round_after(0, margin) == 1
