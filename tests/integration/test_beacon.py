"""A published round of drand, brought to a chain."""

import json

import pytest

from compute_swarm.chain.artefacts import BEACON
from compute_swarm.chain.beacon import begins, prove, round_after
from compute_swarm.chain.deployment import deploy
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.chain.profiles import PRODUCTION
from compute_swarm.chain.refusals import refusal
from compute_swarm.chain.transactions import call_of
from compute_swarm.domain.ids import hex32
from compute_swarm.errors import ChainRefused, RpcRefused


@pytest.fixture
async def randomness(rpc):
    return (await deploy(rpc, dev_wallet(0), PRODUCTION)).randomness


@pytest.fixture
def published(root):
    rounds = json.loads((root / "tests" / "vectors" / "drand.json").read_text())["rounds"]["list"]
    return {int(case["round"]): bytes.fromhex(case["signature"][2:]) for case in rounds}


async def run_then(rpc, call, time):
    """Run a call as if it were this time."""
    sent = {"to": call.to, "data": hex32(call.data)}
    return await rpc.request("eth_call", [sent, "latest", {}, {"time": hex(time)}])


async def test_a_published_round_is_taken(rpc, randomness, published):
    for number in (1_000, 20_791_007):
        call = prove(rpc, randomness, number, published[number])
        assert await run_then(rpc, call, begins(number) + 2) == "0x"


async def test_the_signature_of_another_round_is_refused(rpc, randomness, published):
    call = prove(rpc, randomness, 1_001, published[1_000])
    with pytest.raises(RpcRefused) as refused:
        await run_then(rpc, call, begins(1_001) + 2)
    answer = refusal(refused.value)
    assert isinstance(answer, ChainRefused)
    assert (answer.error, answer.values) == ("DrandRandomness_BadSignature", (1_001,))


async def test_the_round_of_a_moment_is_the_contracts(rpc, randomness):
    for time in range(1_800_000_000, 1_800_000_007):
        (number,) = await call_of(rpc, randomness, BEACON, "roundAfter", (time,)).read()
        assert number == round_after(time, PRODUCTION.entropy.delay)
