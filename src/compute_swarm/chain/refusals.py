"""Reverts as errors of ours, told apart by the four bytes of the contract's own error."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.errors import (
    ChainError,
    ChainRefused,
    RpcRefused,
    TooFewValidators,
    TooLittleBalance,
    refused,
)

_REVERTED: Final = 3  # JSON-RPC's number for a revert
_ERROR: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)

# Several that leave the same decision, whatever they tell beside.
_ALIKE: Final[Mapping[type[ChainRefused], frozenset[str]]] = {
    refused.AnswersRefused: frozenset(
        (
            *("SweepMarket_BadAnswers", "AuditCourt_BadAnswers", "Oversight_BadAnswers"),
            "AuditCourt_NamesNotOne",
        )
    ),
    refused.NoFault: frozenset(
        (
            *("Oversight_NotUpheldExactly", "Oversight_NotAudit", "Oversight_OtherShare"),
            *("Oversight_SameWord", "Oversight_NotRefuted", "Oversight_NotUpheld"),
            "Oversight_OtherSegment",
        )
    ),
    refused.NothingToDo: frozenset(
        (
            *("SweepMarket_NothingToCommit", "SweepMarket_NothingToSettle"),
            *("AuditCourt_NothingOpen", "AuditCourt_NotOpen", "AuditCourt_Answered"),
            *("AuditCourt_AlreadySummoned", "AuditCourt_AlreadyDisputed"),
            *("Oversight_AlreadyDemanded", "Oversight_NotOpen", "Oversight_AwardClosed"),
            *("Oversight_AlreadyFined", "Oversight_NothingToWithdraw"),
            "SpendSessions_AlreadyOpen",
        )
    ),
    refused.OutsideSession: frozenset(
        (
            *("SpendSessions_OtherSweep", "SpendSessions_OtherBuyer"),
            *("SpendSessions_PriceTooHigh", "SpendSessions_BadSellers"),
            "SpendSessions_SellerNotNamed",
        )
    ),
    refused.SessionClosed: frozenset(
        ("SpendSessions_NotOpen", "SpendSessions_Revoked", "SpendSessions_Expired")
    ),
}

# What a caller can do something about; the others stay ChainRefused with the contract's words.
REFUSALS: Final[Mapping[str, Callable[..., ChainError]]] = {
    "SweepMarket_TokenNotListed": refused.TokenNotListed,
    "SweepMarket_WrongValue": refused.WrongValue,
    "SweepMarket_FreeTooSmall": refused.FreeTooSmall,
    "SweepMarket_TransferFailed": refused.TransferFailed,
    "SweepMarket_NotBuyer": refused.NotBuyer,
    "SweepMarket_BuyerValidates": refused.BuyerValidates,
    "SweepMarket_TooFewValidators": lambda have, need: TooFewValidators(need, have),
    "SweepMarket_TooFewTrials": refused.TooFewTrialsAwarded,
    "SweepMarket_TooManyOffers": refused.TooMuchAtOnce,
    "SweepMarket_TooManyAwards": refused.TooMuchAtOnce,
    "SweepMarket_TooManyItems": refused.TooMuchAtOnce,
    "SweepMarket_AboveCap": refused.AboveCap,
    "SweepMarket_UnknownAward": refused.UnknownAward,
    "SweepMarket_WrongStatus": refused.WrongStatus,
    "SweepMarket_BadSignature": refused.SignatureRefused,
    "SweepMarket_SeedUnknown": refused.SeedUnknown,
    "SweepMarket_TooEarly": refused.TooEarly,
    "SweepMarket_TooLate": refused.TooLate,
    "SweepMarket_NotPosted": refused.VerdictNotPosted,
    "SweepMarket_StillOpen": refused.StillOpen,
    "AuditCourt_AlreadyPosted": refused.AlreadyPosted,
    "AuditCourt_BadSignature": refused.SignatureRefused,
    "AuditCourt_SeedUnknown": refused.SeedUnknown,
    "AuditCourt_TooEarly": lambda _, opens: refused.TooEarly(opens),
    "AuditCourt_TooLate": lambda _, ended: refused.TooLate(ended),
    "AuditCourt_NoQuorum": refused.NoQuorum,
    "SpendSessions_NotBuyer": refused.NotBuyer,
    "SpendSessions_BadSignature": refused.SignatureRefused,
    "SpendSessions_Outdated": refused.SessionOutdated,
    "SpendSessions_AboveCap": refused.SessionCapReached,
    "Oversight_WrongDeposit": refused.WrongValue,
    "Oversight_BadSignature": refused.SignatureRefused,
    "Oversight_SeedUnknown": refused.SeedUnknown,
    "Oversight_TooEarly": refused.TooEarly,
    "Oversight_TooLate": refused.TooLate,
    "Oversight_BadPreimage": refused.PreimageRefused,
    "Oversight_TransferFailed": refused.TransferFailed,
    "Randomness_Unknown": refused.SeedUnknown,
    "DrandRandomness_TooLate": lambda _, ended: refused.TooLate(ended),
    "ValidatorSet_BondTooSmall": refused.BondTooSmall,
    "ValidatorSet_Full": refused.SetFull,
    "ValidatorSet_NothingToClaim": refused.NothingToClaim,
    "ValidatorSet_TransferFailed": refused.TransferFailed,
    "ERC20InsufficientBalance": lambda who, have, need: TooLittleBalance(
        need, have, "base units", who
    ),
    "ERC20InsufficientAllowance": refused.AllowanceTooSmall,
    **{name: partial(kind, name) for kind, names in _ALIKE.items() for name in names},
}


def refusal(answer: RpcRefused) -> ChainError:
    """What a contract answered; the node's own error where no contract spoke."""
    data = answer.data
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
    return ChainRefused("revert") if answer.number == _REVERTED else answer


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
