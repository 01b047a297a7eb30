"""Foundry's cast as an independent client: it reads and verifies what Python wrote and signed."""

import json
import subprocess

import pytest

from compute_swarm.chain.devnet import native_binary
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.slot import AwardSlot
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.typed_data import typed_bid
from compute_swarm.errors import NoBinary


@pytest.fixture(scope="module")
def cast():
    try:
        binary = native_binary("cast")
    except NoBinary:
        pytest.skip("cast was not found (install the npm packages: make setup)")

    def run(*arguments):
        command = [str(binary), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    return run


async def test_cast_reads_an_awards_slot(cast, net, life):
    await life.award(await life.bid(life.cast.sellers[0], (0,)))
    award = life.awards[0]
    answer = cast(
        *("call", "--rpc-url", net.url, life.contracts.market.address),
        *("awardSlot(bytes32)(uint256)", hex32(award.id)),
    )
    slot = AwardSlot.of(int(answer.stdout.split()[0]))
    assert slot == await life.contracts.market.award_slot(award.id)
    assert slot.status is AwardStatus.AWARDED


async def test_cast_verifies_a_bids_signature(cast, life):
    seller = life.cast.sellers[0]
    signed = await life.bid(seller, (0, 1))
    typed = typed_bid(life.chain_id, life.contracts.market.address, signed.bid)
    arguments = ["--data", json.dumps(typed), hex32(signed.signature)]
    verified = cast("wallet", "verify", "--address", seller.address, *arguments)
    assert verified.returncode == 0, verified.stderr
    other = life.cast.sellers[1].address
    assert cast("wallet", "verify", "--address", other, *arguments).returncode != 0


async def test_cast_computes_the_same_award_id(cast, life):
    """The EIP-712 digest that cast signs is the one whose signature recovers to the same key."""
    seller = life.cast.sellers[0]
    signed = await life.bid(seller, (0, 1))
    typed = typed_bid(life.chain_id, life.contracts.market.address, signed.bid)
    key = hex32(bytes(seller._account.key))
    answer = cast("wallet", "sign", "--private-key", key, "--data", json.dumps(typed))
    assert answer.stdout.strip() == hex32(signed.signature)
