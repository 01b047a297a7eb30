import inspect

import pytest

from compute_swarm import errors
from compute_swarm.errors import (
    BadInput,
    BondTooSmall,
    ChainError,
    ConfigurationError,
    FreeTooSmall,
    NoOffers,
    RpcUnavailable,
    SessionCapReached,
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
    error = TooLittleBalance(5 * 10**16, 2 * 10**18 // 100, who="0xabc")
    assert str(error) == (
        "chain.too_little_balance: 0.05 ETH is needed and 0xabc has 0.02 ETH."
        " Add 0.03 ETH to 0xabc."
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FreeTooSmall("0xabc", "0x" + 40 * "0", 10**18, 10**17), ["1 ETH", "0.1 ETH"]),
        (FreeTooSmall("0xabc", "0x12", 7, 5), ["7 base units of 0x12", "5 base units"]),
        (BondTooSmall(10**17, 2 * 10**17), ["0.1 ETH", "0.2 ETH"]),
        (SessionCapReached(7, 5), ["wei, or the token's base units"]),
        (TooLittleBalance(7, 5, "base units of T"), ["7 base units of T", "2 base units of T"]),
        (TooLittleBalance(0, 0), ["0 ETH"]),
    ],
)
def test_an_amount_has_a_unit(error, told):
    assert [words for words in told if words not in str(error)] == []


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
