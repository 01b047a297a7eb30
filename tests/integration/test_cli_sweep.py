"""`swarm sweep` on a chain: what the command line does with a sweep that was paid for."""

import asyncio

import pytest
from eth_account import Account
from test_allowance import KEY, allowed
from test_sdk_awarding import SpecLife, known, open_session, order

from command_line import command_line
from compute_swarm.chain.devnet import MNEMONIC, dev_wallet
from compute_swarm.sdk.sweep import AsyncSweep


@pytest.fixture
def life(net, contracts):
    return SpecLife(net, contracts)


@pytest.fixture
async def buyer(life, tmp_path):
    own = open_session(life, tmp_path)
    own.journal.remember(known(life), "0x")
    life.contracts.deployment.save(tmp_path / "networks" / "local.json")
    yield own
    own.outbox.close()


@pytest.fixture
def swarm(net, tmp_path, monkeypatch, capsys):
    """Run a command as the buyer; returns (status, out, err)."""
    Account.enable_unaudited_hdwallet_features()
    key = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/8").key
    monkeypatch.setenv("SWARM_PRIVATE_KEY", key.hex())
    monkeypatch.setenv("COLUMNS", "120")
    return command_line(tmp_path, net.url, capsys)


async def test_a_key_whose_file_is_lost_is_stopped(life, buyer, swarm):
    await allowed(life, buyer)
    revoke = ("sweep", "revoke", order(life).name, "--key", KEY.address.lower())
    assert (await asyncio.to_thread(swarm, *revoke))[0] == 0
    (session,) = await AsyncSweep(buyer, order(life), None).sessions()
    assert (session["key"], session["state"]) == (KEY.address, "revoked")


async def test_a_key_without_a_session_is_told(life, buyer, swarm):
    await allowed(life, buyer)
    revoke = ("sweep", "revoke", order(life).name, "--key", dev_wallet(30).address)
    status, _, err = await asyncio.to_thread(swarm, *revoke)
    assert (status, err.splitlines()[0]) == (2, "unknown")


def test_revoking_needs_a_file_or_a_key(swarm):
    assert swarm("sweep", "revoke", "0x1234")[0] == 2


def test_whom_a_key_may_buy_from_is_an_address(swarm, tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text("")
    allow = ("sweep", "allow", str(file), "--key", KEY.address, "--cap", "1 ETH")
    status, _, err = swarm(*allow, "--price", "1 gwei", "--segments", "8", "--seller", "me")
    assert (status, err.splitlines()[0]) == (2, "address")
