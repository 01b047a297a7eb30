"""Deploying the committed builds, and telling them from anything else."""

import asyncio
import os
import subprocess
from dataclasses import replace

import pytest
from eth_account import Account

from compute_swarm.chain.artefacts import COURT, DEPLOYER, MARKET, RANDOMNESS, VALIDATORS
from compute_swarm.chain.cursor import SPAN
from compute_swarm.chain.deployment import (
    Deployment,
    creations,
    deploy,
    differences,
    gas_of,
    planned,
    salt_of,
    to_do,
    verify,
)
from compute_swarm.chain.devnet import CHAIN_ID, MNEMONIC, DevnetOptions, dev_wallet, devnet
from compute_swarm.chain.profiles import DEMO, PRODUCTION, SEPOLIA
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import call_of, send
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.ids import NATIVE
from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.errors import DeploymentDiffers, EditionTaken, WrongChain


async def test_what_was_deployed_is_the_committed_build(rpc, contracts):
    await verify(rpc, contracts.deployment)


async def test_the_production_profile_deploys_too(rpc):
    deployment = await deploy(rpc, dev_wallet(0), PRODUCTION)
    await verify(rpc, deployment)
    assert deployment.profile is PRODUCTION


async def test_a_deployment_lies_where_it_was_planned(rpc, contracts):
    made = contracts.deployment
    assert made == replace(planned(CHAIN_ID, dev_wallet(0).address, DEMO), block=made.block)
    call = call_of(
        rpc, made.deployer, DEPLOYER, "addressOf", (made.sender, salt_of(DEMO, "v1", MARKET))
    )
    assert await call.read() == (made.market,)


async def test_another_edition_lies_beside_the_old_one_whose_money_comes_back(rpc, contracts):
    seller, one = dev_wallet(20), parse_amount("1 ETH")
    await send(seller, contracts.market.deposit(seller.address, one))
    second = await deploy(rpc, dev_wallet(0), DEMO, "v2")
    places = {*contracts.deployment.contracts.values(), *second.contracts.values()}
    assert len(places) == 12
    await verify(rpc, contracts.deployment)
    await send(seller, contracts.market.withdraw(one, seller.address))
    assert (await contracts.market.account(seller.address)).free == 0


async def test_deploying_again_sends_nothing_and_finds_the_record(rpc, contracts):
    deployer = dev_wallet(0)
    before = await rpc.nonce(deployer.address)
    again = await deploy(rpc, deployer, DEMO)
    assert await rpc.nonce(deployer.address) == before
    assert replace(again, block=0) == replace(contracts.deployment, block=0)
    assert again.block > contracts.deployment.block  # that of the first contract, not of the head


async def test_an_interrupted_deployment_goes_on(rpc):
    deployer = dev_wallet(21)
    plan = planned(CHAIN_ID, deployer.address, DEMO)
    for step in creations(plan)[1:4]:
        salt = salt_of(DEMO, plan.edition, step.name)
        await send(deployer, call_of(rpc, plan.deployer, DEPLOYER, "deploy", (salt, step.code)))
    left = [step.name for step in await to_do(rpc, plan) if not step.there]
    assert left == [COURT, "SpendSessions", "Oversight"]
    await verify(rpc, await deploy(rpc, deployer, DEMO))


class NarrowRpc(Rpc):
    """A public endpoint: it tells logs of a few blocks at once."""

    async def request(self, method, params):
        if method == "eth_getLogs":
            (wanted,) = params
            assert int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) < SPAN
        return await super().request(method, params)


async def test_an_interrupted_deployment_goes_on_where_logs_are_told_in_spans(net, rpc):
    deployer = dev_wallet(21)
    plan = planned(CHAIN_ID, deployer.address, DEMO)
    first = creations(plan)[1]
    deploy_one = (salt_of(DEMO, plan.edition, first.name), first.code)
    begun = await send(deployer, call_of(rpc, plan.deployer, DEPLOYER, "deploy", deploy_one))
    for _ in range(5):  # all at once takes longer than a request may
        net.request("anvil_mine", hex(SPAN // 5 + 20))
    async with await NarrowRpc.connect(net.url, CHAIN_ID) as narrow:
        assert (await deploy(narrow, deployer, DEMO)).block == begun.block_number


async def test_an_edition_is_not_made_anew_with_other_parameters(rpc, contracts):
    dearer = replace(DEMO, least_bond=Amount(2 * DEMO.least_bond))
    with pytest.raises(EditionTaken):
        await deploy(rpc, dev_wallet(0), dearer)


async def test_a_profile_is_deployed_on_its_own_chain_only(rpc):
    with pytest.raises(WrongChain):
        await deploy(rpc, dev_wallet(0), SEPOLIA)


async def test_what_is_left_to_do_costs_about_what_was_said(rpc):
    wallet = dev_wallet(22)
    steps = await to_do(rpc, planned(CHAIN_ID, wallet.address, DEMO))
    expected = await gas_of(rpc, wallet.address, steps)
    used = 0
    for step in steps:
        if not step.there:
            salt = salt_of(DEMO, "v1", step.name)
            call = call_of(rpc, steps[0].place, DEPLOYER, "deploy", (salt, step.code))
            used += (await send(wallet, call)).gas_used
    assert abs(expected - used) < used / 20


async def test_another_contract_at_the_address_is_refused(rpc, contracts):
    wrong = replace(contracts.deployment, randomness=contracts.deployment.market)
    with pytest.raises(DeploymentDiffers) as differs:
        await verify(rpc, wrong)
    assert differs.value.contract == RANDOMNESS


async def test_no_contract_at_the_address_is_refused(rpc, contracts):
    wrong = replace(contracts.deployment, randomness=dev_wallet(30).address)
    with pytest.raises(DeploymentDiffers):
        await verify(rpc, wrong)


async def test_other_constants_than_the_profiles_are_refused(rpc, contracts):
    with pytest.raises(DeploymentDiffers):
        await verify(rpc, replace(contracts.deployment, profile=PRODUCTION))


async def test_parameters_that_no_constructor_takes_are_refused(rpc, contracts):
    without = replace(DEMO, entropy=replace(DEMO.entropy, delay=0))
    (different,) = await differences(rpc, replace(contracts.deployment, profile=without))
    assert (different.contract, different.why) == (RANDOMNESS, "it was made with other parameters")


async def test_parts_of_two_deployments_do_not_make_one(rpc, contracts):
    other = await deploy(rpc, dev_wallet(0), contracts.deployment.profile, "v2")
    mixed = replace(contracts.deployment, court=other.court)
    names = [different.contract for different in await differences(rpc, mixed)]
    assert names == [VALIDATORS, MARKET, COURT, "Oversight"]


async def test_two_addresses_that_are_exchanged_are_noticed(rpc, contracts):
    made = contracts.deployment
    mixed = replace(made, sessions=made.randomness, randomness=made.sessions)
    assert MARKET in [different.contract for different in await differences(rpc, mixed)]


async def test_other_terms_of_a_second_token_are_refused(rpc, contracts):
    (coin,) = DEMO.tokens
    listing = replace(coin, token=dev_wallet(31).address)
    two = replace(DEMO, tokens=(coin, listing))
    made = await deploy(rpc, dev_wallet(0), two, "two tokens")
    dearer = replace(listing, tip=Amount(listing.tip + 1))
    record = replace(made, profile=replace(two, tokens=(coin, dearer)))
    (different,) = await differences(rpc, record)
    assert (different.contract, dearer.token in different.why) == (MARKET, True)


async def test_the_rules_in_python_are_the_contracts(rpc, contracts):
    rules = contracts.deployment.profile.rules
    call = call_of(
        rpc,
        contracts.deployment.market,
        MARKET,
        "settleFrom",
        (Terms(NATIVE, 24, 120, 0).abi(), 1_000),
    )
    assert await call.read() == (1_000 + rules.window(120),)
    (profile,) = await call_of(rpc, contracts.deployment.market, MARKET, "profile", ()).read()
    assert tuple(profile.values()) == rules.abi()


@pytest.mark.timeout(300)
async def test_the_forge_script_deploys_the_same_to_the_same_addresses(
    rpc, net, forge, root, tmp_path
):
    key = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/23").key.hex()
    command = [
        *(forge, "script", "contracts/script/Deploy.s.sol", "--sig", "run(string,string)"),
        *("demo", "by forge", "--rpc-url", net.url, "--private-key", key, "--broadcast"),
    ]
    folders = {
        f"FOUNDRY_{name}": str(tmp_path / name) for name in ("OUT", "CACHE_PATH", "BROADCAST")
    }
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=root,
        env=os.environ | folders,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    await verify(rpc, planned(CHAIN_ID, dev_wallet(23).address, DEMO, "by forge"))


async def test_a_record_outlives_a_restart_of_the_chain(anvil_binary, tmp_path):
    options = DevnetOptions(state=tmp_path / "state.json")
    with devnet(options) as net:
        async with await Rpc.connect(net.url, CHAIN_ID) as rpc:
            (await deploy(rpc, dev_wallet(0), PRODUCTION)).save(tmp_path / "record.json")
    with devnet(options) as net:
        async with await Rpc.connect(net.url, CHAIN_ID) as rpc:
            await verify(rpc, Deployment.load(tmp_path / "record.json"))
