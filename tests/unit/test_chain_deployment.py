"""Records of deployments, the profiles they hold, and addresses known beforehand."""

import json
from dataclasses import replace

import pytest

from compute_swarm.chain.artefacts import BEACON, DEPLOYER, RANDOMNESS
from compute_swarm.chain.deployment import Deployment, creations, planned, salt_of
from compute_swarm.chain.places import created_address, deployed_address, deployer_address
from compute_swarm.chain.profiles import (
    BASE_SEPOLIA,
    DAY,
    DEMO,
    HOUR,
    PRODUCTION,
    PROFILES,
    SEPOLIA,
)
from compute_swarm.domain.ids import NATIVE, address
from compute_swarm.errors import DocumentInvalid, NoDeployment

SENDER, OTHER = (address("0x" + f"{digit}" * 40) for digit in (1, 2))
RECORD = replace(planned(31337, SENDER, DEMO), block=12)
PROOF_TIME = 3 * DAY  # of a round of drand

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())


@every_profile
def test_a_record_comes_back_as_it_was_saved(tmp_path, profile):
    record = planned(profile.chain_id, SENDER, profile)
    record.save(tmp_path / "a" / "anvil.json")
    assert Deployment.load(tmp_path / "a" / "anvil.json") == record
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["anvil.json"]


def test_a_record_outlives_a_change_of_the_profile_that_it_was_made_from(tmp_path):
    changed = replace(DEMO, name="demo", epoch=7)
    replace(RECORD, profile=changed).save(tmp_path / "anvil.json")
    assert Deployment.load(tmp_path / "anvil.json").profile == changed


def test_amounts_are_written_as_text_that_no_reader_rounds():
    written = json.loads(json.dumps(RECORD.document()))["profile"]
    assert written["least_bond"] == "1000000000000000000"
    assert written["tokens"][0]["cap"] == "500000000000000000"


def test_a_missing_record_is_told(tmp_path):
    with pytest.raises(NoDeployment):
        Deployment.load(tmp_path / "sepolia.json")


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "demo"},
        {"profile": DEMO.document() | {"seats": 3}},
        {"profile": DEMO.document() | {"rules": {}}},
        {"profile": DEMO.document() | {"least_bond": "much"}},
        {"profile": DEMO.document() | {"tokens": [{"token": "0x12"}]}},
        {"extra": 1},
        {"market": "nowhere"},
    ],
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


def test_a_deployed_address_follows_from_sender_and_salt():
    salt = salt_of(DEMO, "v1", "SweepMarket")
    places = {
        deployed_address(SENDER, salt),
        deployed_address(OTHER, salt),
        deployed_address(SENDER, salt_of(DEMO, "v2", "SweepMarket")),
        deployed_address(SENDER, salt_of(SEPOLIA, "v1", "SweepMarket")),
        deployed_address(SENDER, salt_of(DEMO, "v1", "AuditCourt")),
        deployer_address(),
    }
    assert len(places) == 6


def test_addresses_are_the_same_on_every_chain():
    here, there = (planned(chain, SENDER, PRODUCTION) for chain in (1, 31337))
    assert here.contracts == there.contracts
    assert here.deployer == there.deployer


def test_every_contract_is_created_with_the_addresses_of_the_others():
    plan = planned(31337, SENDER, DEMO)
    steps = {step.name: step for step in creations(plan)}
    assert list(steps) == [DEPLOYER, *plan.contracts]
    assert len({step.place for step in steps.values()}) == 7
    for name, step in steps.items():
        named = {
            other
            for other, place in plan.contracts.items()
            if bytes.fromhex(place[2:]) in step.code[-1024:]
        }
        assert name not in named
        assert (named == set()) is (name in {DEPLOYER, RANDOMNESS})


@every_profile
def test_a_profile_is_one_that_the_contracts_take(profile):
    assert profile.entropy.delay > 0
    assert 2 * profile.rules.quorum > profile.rules.seats
    assert profile.rules.quorum <= profile.rules.seats
    for listing in profile.tokens:
        assert 4 * listing.tip <= listing.panel_floor
        assert 2 * listing.cap == profile.least_bond
        bits = zip(listing.terms, (80, 64, 64, 48), strict=True)
        assert all(0 < amount < 1 << width for amount, width in bits)


@every_profile
def test_unbonding_outlasts_the_longest_dispute(profile):
    rules = profile.rules
    longest = profile.epoch + rules.longest(rules.verdict_time_most)
    known = PROOF_TIME if profile.entropy.contract == BEACON else 0
    assert profile.unbonding > longest + known


@pytest.mark.parametrize(("profile", "block_time"), [(SEPOLIA, 12), (BASE_SEPOLIA, 2)])
def test_a_seed_is_still_in_history_when_its_judges_may_be_summoned(profile, block_time):
    rules = profile.rules
    history = 8_191 * block_time
    assert rules.summonable(rules.verdict_time_most) + HOUR < history


def test_windows_grow_with_the_verdict_time_where_the_profile_says_so():
    rules = PRODUCTION.rules
    assert DEMO.rules.window(120) == 15
    assert DEMO.rules.summonable(120) == 120
    assert rules.window(3_600) == 7_200
    assert rules.window(86_400) == rules.summonable(86_400) == 86_400


def test_every_profile_takes_the_native_coin_first():
    assert {profile.tokens[0].token for profile in PROFILES.values()} == {NATIVE}
