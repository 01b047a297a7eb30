"""A local chain for each test, with contracts deployed, validators bonded and sellers funded.

That is done once a run; each test then starts its own anvil from a copy of the saved state,
which takes a fifth of a second.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chain_life import TOKEN_FUNDS, Cast, Life
from compute_swarm.chain import artefacts
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import Deployment, deploy
from compute_swarm.chain.devnet import (
    CHAIN_ID,
    Devnet,
    DevnetOptions,
    Stake,
    dev_wallet,
    devnet,
    populate,
)
from compute_swarm.chain.profiles import DEMO, Listing
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.tokens import Token
from compute_swarm.chain.transactions import Call, send
from compute_swarm.domain.money import Amount, parse_amount


@dataclass(frozen=True)
class Prepared:
    """A saved chain to start from."""

    state: Path
    deployment: Deployment


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, anvil_binary: Path) -> Prepared:
    state = tmp_path_factory.mktemp("chain") / "state.json"
    with devnet(DevnetOptions(state=state)) as net:
        deployment = asyncio.run(_prepare(net))
    return Prepared(state, deployment)


@pytest.fixture
def net(prepared: Prepared, tmp_path: Path) -> Iterator[Devnet]:
    """A running chain of the test's own."""
    state = tmp_path / "chain.json"
    shutil.copy(prepared.state, state)
    with devnet(DevnetOptions(state=state)) as chain:
        chain.mine(1)  # Else the latest block is as old as the saved state, and its time with it.
        yield chain


@pytest.fixture
async def rpc(net: Devnet) -> AsyncIterator[Rpc]:
    async with await Rpc.connect(net.url, CHAIN_ID) as connection:
        yield connection


@pytest.fixture
def contracts(rpc: Rpc, prepared: Prepared) -> Contracts:
    return Contracts(rpc, prepared.deployment)


@pytest.fixture
def life(net: Devnet, contracts: Contracts) -> Life:
    """A sweep that nobody has bid for yet."""
    return Life(net, contracts)


@pytest.fixture
async def token(rpc: Rpc) -> Token:
    """A token of which buyer and seller hold some."""
    build = artefacts.load(artefacts.TOKEN)
    created = await send(dev_wallet(0), Call(rpc, None, build.bytecode, build.constructor))
    assert created.contract is not None
    mint = build.function("mint")
    for index in (6, 8):
        wallet = dev_wallet(index)
        data = mint.encode_call((wallet.address, int(TOKEN_FUNDS)))
        await send(wallet, Call(rpc, created.contract, data, mint))
    return Token(rpc, created.contract)


@pytest.fixture
async def market_of_two(net: Devnet, rpc: Rpc, token: Token) -> Life:
    """Contracts that take the coin and the token."""
    listing = Listing(token.address, Amount(10**10), Amount(20_000), Amount(1_000), Amount(1))
    profile = replace(DEMO, tokens=(*DEMO.tokens, listing))
    contracts = Contracts(rpc, await deploy(rpc, dev_wallet(0), profile, "of two tokens"))
    life = Life(net, contracts, token=token.address)
    await populate(contracts, life.cast.validators, Stake())
    return life


async def _prepare(net: Devnet) -> Deployment:
    async with await Rpc.connect(net.url, CHAIN_ID) as rpc:
        deployment = await deploy(rpc, dev_wallet(0), DEMO)
        contracts = Contracts(rpc, deployment)
        funds = parse_amount("1 ETH")
        cast = Cast()
        for seller in cast.sellers:
            await send(seller, contracts.market.deposit(seller.address, funds))
        await populate(contracts, cast.validators, Stake())
        return deployment
