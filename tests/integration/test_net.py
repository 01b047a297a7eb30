"""`swarm net`: deploying by the command line, and looking at what was deployed."""

import io
import json

import pytest

from command_line import command_line
from compute_swarm.chain.devnet import DevnetOptions, devnet
from compute_swarm.domain.ids import NATIVE

# anvil's first account.
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


@pytest.fixture(scope="module")
def chain(anvil_binary):
    with devnet(DevnetOptions()) as net:
        yield net


@pytest.fixture
def swarm(chain, monkeypatch, capsys, tmp_path):
    """Run the command line with a home of its own; returns (status, out, err)."""
    monkeypatch.setenv("SWARM_PRIVATE_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "120")
    return command_line(tmp_path, chain.url, capsys)


def info(swarm, *options):
    status, out, _ = swarm(*options, "net", "info", "--json")
    return status, json.loads(out)


def test_a_person_is_asked_before_anything_is_sent(swarm, chain, monkeypatch, tmp_path):
    sender = chain.wallet(0).address
    before = chain.request("eth_getTransactionCount", sender, "latest")
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    status, out, _ = swarm("net", "deploy", "--edition", "asked")
    assert status == 1
    assert "transactions of" in out
    assert chain.request("eth_getTransactionCount", sender, "latest") == before
    assert not (tmp_path / "networks").exists()


def test_what_was_deployed_is_as_built(swarm):
    assert swarm("net", "deploy", "--yes")[0] == 0
    status, found = info(swarm)
    assert status == 0
    assert {contract["state"] for contract in found["contracts"]} == {"as built"}
    assert len(found["contracts"]) == 7
    assert found["deployment"]["source"] == found["deployment"]["source_here"]
    assert found["tokens"][0] == {
        "token": NATIVE,
        "cap": "0.5 ETH",
        "panel_floor": "0.001 ETH",
        "tip": "0.0001 ETH",
        "least_price": "0.000000001 ETH",
    }
    assert (found["stake"]["validators"], found["validators"]) == (0, [])


def test_people_are_told_the_same_in_tables(swarm):
    swarm("net", "deploy", "--yes")
    status, out, _ = swarm("net", "info")
    assert status == 0
    for word in ("as built", "AuditCourt", "least_bond", "21.60%", "panel_floor"):
        assert word in out


def test_looking_needs_no_key(swarm, monkeypatch):
    swarm("net", "deploy", "--yes")
    monkeypatch.delenv("SWARM_PRIVATE_KEY")
    assert info(swarm)[0] == 0


def test_what_differs_is_named_and_makes_the_status_3(swarm, tmp_path):
    swarm("net", "deploy", "--yes")
    path = tmp_path / "networks" / "local.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"oversight": NATIVE, "validators": record["court"]}))
    status, found = info(swarm)
    assert status == 3
    states = {contract["name"]: contract["state"] for contract in found["contracts"]}
    assert states["Oversight"] == "there is no code"
    assert states["ValidatorSet"] == "the code is another build"
    assert states["SweepMarket"] == "it was made with other parameters"
    assert states["SpendSessions"] == "as built"
    assert "validators" not in found  # nobody answers for them


def test_the_record_of_an_earlier_edition_is_kept(swarm, tmp_path):
    swarm("net", "deploy", "--yes")
    assert swarm("net", "deploy", "--edition", "second", "--yes")[0] == 0
    names = sorted(path.name for path in (tmp_path / "networks").iterdir())
    assert names == ["local-1.json", "local.json"]
    assert info(swarm)[1]["deployment"]["edition"] == "second"
    assert info(swarm, "--network", "local-1")[1]["deployment"]["edition"] == "v1"


def test_deploying_again_finds_the_record(swarm, tmp_path):
    swarm("net", "deploy", "--yes")
    path = tmp_path / "networks" / "local.json"
    path.unlink()
    status, out, _ = swarm("net", "deploy")  # nothing is to be done: nothing is asked
    assert status == 0
    assert "to do" not in out
    assert info(swarm)[0] == 0


@pytest.mark.parametrize(("profile", "status"), [("sepolia", 3), ("moon", 2)])
def test_a_profile_that_does_not_fit_is_refused(swarm, profile, status):
    assert swarm("net", "deploy", "--profile", profile, "--yes")[0] == status


def test_a_network_that_nobody_deployed_is_told(swarm):
    status, _, err = swarm("--network", "moon", "net", "info")
    assert status == 3
    assert "config.no_deployment" in err


def test_raising_a_bond_keeps_the_tier(swarm):
    swarm("net", "deploy", "--yes")
    assert "24 GiB" in swarm("validator", "bond", "1 ETH", "--vram", "24")[1]
    status, out, _ = swarm("validator", "bond", "1 ETH")
    assert status == 0
    assert "2 ETH" in out
    assert "24 GiB" in out
    assert "0 GiB" in swarm("validator", "bond", "1 wei", "--vram", "0")[1]


def test_a_seller_sees_its_earnings_by_token(swarm):
    swarm("net", "deploy", "--yes")
    status, out, _ = swarm("node", "earnings")
    assert status == 0
    assert "on_the_way" in out
    (line,) = json.loads(swarm("node", "earnings", "--json")[1])["earned"]
    assert (line["token"], line["paid_wei"]) == (NATIVE, "0")
