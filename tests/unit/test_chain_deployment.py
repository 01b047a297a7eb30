"""Records of deployments, and the profiles they name."""

import json

import pytest

from compute_swarm.chain.deployment import Deployment, created_address
from compute_swarm.chain.profiles import DEMO, PROFILES
from compute_swarm.domain.ids import NATIVE, address
from compute_swarm.errors import DocumentInvalid, NoDeployment

ONE, TWO, THREE, FOUR = (address("0x" + f"{digit}" * 40) for digit in range(1, 5))
RECORD = Deployment(31337, ONE, TWO, THREE, FOUR, 12, DEMO, (NATIVE,))


def test_a_record_comes_back_as_it_was_saved(tmp_path):
    RECORD.save(tmp_path / "a" / "anvil.json")
    assert Deployment.load(tmp_path / "a" / "anvil.json") == RECORD
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["anvil.json"]


def test_a_missing_record_is_told(tmp_path):
    with pytest.raises(NoDeployment):
        Deployment.load(tmp_path / "sepolia.json")


@pytest.mark.parametrize(
    "change", [{"profile": "other"}, {"extra": 1}, {"tokens": ["0x12"]}, {"market": "nowhere"}]
)
def test_a_damaged_record_is_refused(tmp_path, change):
    path = tmp_path / "anvil.json"
    path.write_text(json.dumps(RECORD.document() | change))
    with pytest.raises(Exception) as refused:  # noqa: PT011
        Deployment.load(path)
    assert refused.type.__module__.startswith("compute_swarm.errors")


def test_what_is_no_json_is_refused(tmp_path):
    path = tmp_path / "anvil.json"
    path.write_text("{")
    with pytest.raises(DocumentInvalid):
        Deployment.load(path)


def test_a_created_address_is_the_well_known_one():
    sender = address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    assert created_address(sender, 0).lower() == "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    assert created_address(sender, 1).lower() == "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_a_profile_is_one_that_the_contracts_take(profile):
    assert profile.rules.draw_delay > 0
    assert 2 * profile.rules.quorum > profile.rules.seats
    for listing in profile.tokens:
        assert 4 * listing.tip <= listing.panel_floor
        assert 2 * listing.cap == profile.least_bond


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_unbonding_outlasts_the_longest_dispute(profile):
    rules = profile.rules
    longest = rules.answer_by(rules.verdict_time_most) + 2 * rules.panel_time
    assert profile.unbonding > longest


def test_windows_grow_with_the_verdict_time_where_the_profile_says_so():
    production = PROFILES["production"].rules
    assert DEMO.rules.window(120) == 15
    assert production.window(3_600) == 7_200
    assert production.window(86_400) == 86_400
    assert production.answer_by(86_400) == 172_800
