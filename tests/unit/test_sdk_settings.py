import pytest

from compute_swarm.errors import NoDeployment, NoKey, NoRpc, SettingsBroken, SettingUnknown
from compute_swarm.sdk.session import deployment_path, open_wallet
from compute_swarm.sdk.settings import Settings, read_settings


def test_an_argument_beats_the_environment_beats_the_file(tmp_path):
    (tmp_path / "swarm.toml").write_text('network = "file"\nrpc = "file"\nwallet = "file"\n')
    environment = {"SWARM_NETWORK": "environment", "SWARM_RPC": "environment"}
    found = read_settings({"network": "argument", "rpc": None}, environment, tmp_path)
    assert (found.network, found.rpc, found.wallet) == ("argument", "environment", "file")


def test_an_unknown_key_of_a_file_is_refused(tmp_path):
    (tmp_path / "swarm.toml").write_text('private_key = "0x00"\n')
    with pytest.raises(SettingUnknown, match="private_key"):
        read_settings({}, {}, tmp_path)


def test_a_broken_file_is_refused_by_its_name(tmp_path):
    (tmp_path / "swarm.toml").write_text("rpc = ")
    with pytest.raises(SettingsBroken, match=r"swarm\.toml"):
        read_settings({}, {}, tmp_path)


def test_only_the_local_network_has_an_rpc_by_itself():
    assert Settings().endpoint == "http://127.0.0.1:8545"
    assert Settings(network="sepolia", rpc="https://rpc.example").endpoint == "https://rpc.example"
    with pytest.raises(NoRpc, match="SWARM_RPC"):
        assert Settings(network="sepolia").endpoint


def test_a_network_is_a_name_or_a_path(tmp_path):
    home = Settings(home=str(tmp_path))
    with pytest.raises(NoDeployment):
        deployment_path(home)
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "local.json").write_text("{}")
    assert deployment_path(home) == tmp_path / "networks" / "local.json"
    record = tmp_path / "networks" / "local.json"
    assert deployment_path(Settings(network=str(record))) == record
    with pytest.raises(NoDeployment):
        deployment_path(Settings(network="a/b.json"))


def test_a_key_comes_from_the_environment_first(tmp_path):
    key = {"SWARM_PRIVATE_KEY": "0x" + "11" * 32}
    wallet = open_wallet(Settings(home=str(tmp_path)), key)
    assert "11" * 32 not in repr(wallet)
    with pytest.raises(NoKey):
        open_wallet(Settings(home=str(tmp_path)), {})
