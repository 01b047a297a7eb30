import inspect

import pytest

from compute_swarm import errors
from compute_swarm.errors import (
    BadInput,
    ChainError,
    ConfigurationError,
    NoOffers,
    RpcUnavailable,
    SpecNotMultiple,
    SpecOutOfRange,
    SpecUnknownKey,
    SwarmError,
    SweepFailed,
    TooLittleBalance,
)

ALL = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, SwarmError)
]


def test_an_error_is_a_code_a_sentence_and_an_action():
    error = TooLittleBalance(need=5, have=2)
    assert str(error) == (
        "chain.too_little_balance: 5 wei are needed and 2 are there. Add 3 wei to this account."
    )


@pytest.mark.parametrize(
    ("branch", "status"),
    [(BadInput, 2), (ConfigurationError, 3), (ChainError, 4), (NoOffers, 5), (SweepFailed, 6)],
)
def test_a_branch_has_its_exit_status(branch, status):
    assert branch.exit_status == status


def test_no_two_errors_share_a_code():
    own = [error.code for error in ALL if "code" in vars(error)]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("leaf", [e for e in ALL if not e.__subclasses__()], ids=lambda e: e.code)
def test_every_leaf_has_its_own_words(leaf):
    assert leaf.sentence is not SwarmError.sentence
    assert leaf.action is not SwarmError.action


def test_a_leaf_keeps_its_values():
    error = SpecOutOfRange("training.steps", 3, 24, 100)
    assert (error.path, error.value, error.least, error.most) == ("training.steps", 3, 24, 100)
    assert "at least 24" in error.action


def test_an_open_end_is_told():
    assert "above 0" in SpecOutOfRange("lr", 0, 0, 1, open_low=True).action


def test_an_unknown_key_lists_the_known_ones():
    assert SpecUnknownKey("model.size", ("id", "digest")).action == "Use one of id, digest."


def test_steps_that_do_not_divide_get_the_nearest_that_do():
    assert SpecNotMultiple("training.steps", 100, 32).fits == (96, 128)
    assert SpecNotMultiple("training.steps", 20, 32).fits == (32, 32)


@pytest.mark.parametrize(
    "url",
    ["https://rpc.example/v3/KEY", "https://rpc.example?k=KEY", "https://KEY:KEY@rpc.example/#KEY"],
)
def test_a_silent_rpc_is_named_without_its_keys(url):
    error = RpcUnavailable(url)
    assert "https://rpc.example does" in str(error)
    assert "KEY" not in repr(error) + str(error)
