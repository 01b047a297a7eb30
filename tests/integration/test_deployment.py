"""Deploying the committed builds, and telling them from anything else."""

from dataclasses import replace

import pytest

from compute_swarm.chain.deployment import Deployment, deploy, verify
from compute_swarm.chain.devnet import CHAIN_ID, DevnetOptions, dev_wallet, devnet
from compute_swarm.chain.profiles import PRODUCTION
from compute_swarm.chain.rpc import Rpc
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.ids import NATIVE
from compute_swarm.errors import DeploymentDiffers


async def test_what_was_deployed_is_the_committed_build(rpc, contracts):
    await verify(rpc, contracts.deployment)


async def test_the_production_profile_deploys_too(rpc):
    deployment = await deploy(rpc, dev_wallet(0), PRODUCTION)
    await verify(rpc, deployment)
    assert deployment.profile is PRODUCTION


async def test_another_contract_at_the_address_is_refused(rpc, contracts):
    wrong = replace(contracts.deployment, randomness=contracts.deployment.market)
    with pytest.raises(DeploymentDiffers) as differs:
        await verify(rpc, wrong)
    assert differs.value.contract == "BlockhashRandomness"


async def test_no_contract_at_the_address_is_refused(rpc, contracts):
    wrong = replace(contracts.deployment, randomness=dev_wallet(30).address)
    with pytest.raises(DeploymentDiffers):
        await verify(rpc, wrong)


async def test_other_constants_than_the_profiles_are_refused(rpc, contracts):
    with pytest.raises(DeploymentDiffers):
        await verify(rpc, replace(contracts.deployment, profile=PRODUCTION))


async def test_parts_of_two_deployments_do_not_make_one(rpc, contracts):
    other = await deploy(rpc, dev_wallet(0), contracts.deployment.profile)
    mixed = replace(contracts.deployment, court=other.court)
    with pytest.raises(DeploymentDiffers):
        await verify(rpc, mixed)


async def test_the_rules_in_python_are_the_contracts(contracts):
    rules = contracts.deployment.profile.rules
    times = await contracts.market.times(Terms(NATIVE, 24, 120, 0), 1_000)
    assert times.settle_from == 1_000 + rules.window(120)
    assert times.answer_by == 1_000 + rules.answer_by(120)


async def test_a_record_outlives_a_restart_of_the_chain(anvil_binary, tmp_path):
    options = DevnetOptions(state=tmp_path / "state.json")
    with devnet(options) as net:
        async with await Rpc.connect(net.url, CHAIN_ID) as rpc:
            (await deploy(rpc, dev_wallet(0), PRODUCTION)).save(tmp_path / "record.json")
    with devnet(options) as net:
        async with await Rpc.connect(net.url, CHAIN_ID) as rpc:
            await verify(rpc, Deployment.load(tmp_path / "record.json"))
