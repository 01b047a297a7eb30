from pathlib import Path

import pytest

from compute_swarm.domain.money import Amount
from compute_swarm.errors import PriceInvalid, SettingUnknown, SettingWrong
from compute_swarm.node.settings import NodeSettings, Role

NEEDED = {
    "SWARM_NODE_ROLE": "seller",
    "SWARM_NODE_HOME": "/srv/node",
    "SWARM_NODE_DEPLOYMENT": "/srv/record.json",
}


def test_what_is_not_said_has_a_default() -> None:
    settings = NodeSettings.from_env(NEEDED)
    assert (settings.role, settings.home) == (Role.SELLER, Path("/srv/node"))
    assert settings.device == "cpu"


def test_values_are_read_as_their_kind() -> None:
    given = {"SWARM_NODE_PRICE": "0.001 ETH", "SWARM_NODE_POLL_S": "0.2", "SWARM_NODE_PORT": "81"}
    settings = NodeSettings.from_env(NEEDED | given)
    assert settings.price == 10**15
    assert (settings.poll_s, settings.port) == (0.2, 81)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingUnknown):
        NodeSettings.from_env(NEEDED | {"SWARM_NODE_PRIZE": "1 wei"})


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_a_setting_without_default_has_to_be_said(missing: str) -> None:
    given = {name: text for name, text in NEEDED.items() if name != missing}
    with pytest.raises(SettingWrong, match=missing):
        NodeSettings.from_env(given)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("SWARM_NODE_ROLE", "judge", SettingWrong),
        ("SWARM_NODE_PORT", "many", SettingWrong),
        ("SWARM_NODE_PRICE", "cheap", PriceInvalid),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        NodeSettings.from_env(NEEDED | {name: text})


def test_other_variables_are_not_ours() -> None:
    key = "0x" + "ab" * 32
    settings = NodeSettings.from_env(NEEDED | {"SWARM_PRIVATE_KEY": key, "HOME": "/root"})
    assert key not in repr(settings)


def test_settings_written_as_variables_are_read_back() -> None:
    settings = NodeSettings(
        role=Role.VALIDATOR,
        home=Path("/a"),
        deployment=Path("/b"),
        price=Amount(7),
        patience_s=2.5,
    )
    assert NodeSettings.from_env(settings.environment()) == settings
