"""Reverts as errors of ours, told apart by the four bytes of the contract's own error."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.errors import (
    AboveCap,
    AllowanceTooSmall,
    AlreadyPosted,
    BondTooSmall,
    BuyerValidates,
    ChainError,
    ChainRefused,
    FreeTooSmall,
    NoQuorum,
    NotBuyer,
    NothingToClaim,
    NothingToDo,
    RpcRefused,
    SeedUnknown,
    SignatureRefused,
    TooEarly,
    TooFewTrialsAwarded,
    TooFewValidators,
    TooLate,
    TooLittleBalance,
    WrongStatus,
)

_REVERTED: Final = 3  # JSON-RPC's number for a revert
_ERROR: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)

# What a caller can do something about; the others stay ChainRefused with the contract's words.
REFUSALS: Final[Mapping[str, Callable[..., ChainError]]] = {
    "SweepMarket_FreeTooSmall": FreeTooSmall,
    "SweepMarket_TooFewTrials": TooFewTrialsAwarded,
    "SweepMarket_TooFewValidators": lambda have, need: TooFewValidators(need, have),
    "SweepMarket_WrongStatus": WrongStatus,
    "SweepMarket_BadSignature": SignatureRefused,
    "SweepMarket_AboveCap": AboveCap,
    "SweepMarket_NothingToCommit": lambda: NothingToDo("SweepMarket_NothingToCommit"),
    "SweepMarket_NothingToSettle": lambda _: NothingToDo("SweepMarket_NothingToSettle"),
    "SweepMarket_SeedUnknown": SeedUnknown,
    "SweepMarket_TooEarly": TooEarly,
    "SweepMarket_TooLate": TooLate,
    "SweepMarket_NotBuyer": NotBuyer,
    "SweepMarket_BuyerValidates": BuyerValidates,
    "AuditCourt_AlreadyPosted": AlreadyPosted,
    "AuditCourt_BadSignature": SignatureRefused,
    "AuditCourt_NothingOpen": lambda _: NothingToDo("AuditCourt_NothingOpen"),
    "AuditCourt_NotOpen": lambda _: NothingToDo("AuditCourt_NotOpen"),
    "AuditCourt_TooLate": lambda _, ended: TooLate(ended),
    "AuditCourt_TooEarly": lambda _, opens: TooEarly(opens),
    "AuditCourt_SeedUnknown": SeedUnknown,
    "AuditCourt_NoQuorum": NoQuorum,
    "Randomness_Unknown": SeedUnknown,
    "ValidatorSet_BondTooSmall": BondTooSmall,
    "ValidatorSet_NothingToClaim": NothingToClaim,
    "ERC20InsufficientBalance": lambda _, have, need: TooLittleBalance(need, have, "base units"),
    "ERC20InsufficientAllowance": AllowanceTooSmall,
}


def refusal(refused: RpcRefused) -> ChainError:
    """What a contract answered; the node's own error where no contract spoke."""
    data = refused.data
    entry = _selectors().get(data[:4])
    try:
        if entry is not None:
            return _leaf(entry, data[4:])
        if data[:4] == _ERROR:
            return ChainRefused("Error", *decode(["string"], data[4:]))
        if data[:4] == _PANIC:
            return ChainRefused("Panic", *decode(["uint256"], data[4:]))
    except DecodingError:
        return ChainRefused("0x" + data.hex())
    if data:
        return ChainRefused("0x" + data.hex())
    return ChainRefused("revert") if refused.number == _REVERTED else refused


def _leaf(entry: Entry, data: bytes) -> ChainError:
    values: list[Any] = list(entry.decode_inputs(data).values())
    make = REFUSALS.get(entry.name)
    return ChainRefused(entry.name, *values) if make is None else make(*values)


@cache
def _selectors() -> dict[bytes, Entry]:
    return {
        entry.selector: entry
        for name in (*artefacts.CONTRACTS, artefacts.TOKEN)
        for entry in artefacts.load(name).entries("error")
    }
