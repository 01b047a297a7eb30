"""Reverts as errors of ours, told apart by the four bytes of the contract's own error."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.errors import (
    AboveCap,
    AllowanceTooSmall,
    AlreadyPosted,
    AnswersRefused,
    BondTooSmall,
    BuyerValidates,
    ChainError,
    ChainRefused,
    FreeTooSmall,
    NoFault,
    NoQuorum,
    NotBuyer,
    NothingToClaim,
    NothingToDo,
    OutsideSession,
    PreimageRefused,
    RpcRefused,
    SeedUnknown,
    SessionCapReached,
    SessionClosed,
    SessionOutdated,
    SetFull,
    SignatureRefused,
    StillOpen,
    TokenNotListed,
    TooEarly,
    TooFewTrialsAwarded,
    TooFewValidators,
    TooLate,
    TooLittleBalance,
    TooMuchAtOnce,
    TransferFailed,
    UnknownAward,
    VerdictNotPosted,
    WrongStatus,
    WrongValue,
)

_REVERTED: Final = 3  # JSON-RPC's number for a revert
_ERROR: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)

# Several that leave the same decision, whatever they tell beside.
_ALIKE: Final[Mapping[type[ChainRefused], frozenset[str]]] = {
    AnswersRefused: frozenset(
        (
            *("SweepMarket_BadAnswers", "AuditCourt_BadAnswers", "Oversight_BadAnswers"),
            "AuditCourt_NamesNotOne",
        )
    ),
    NoFault: frozenset(
        (
            *("Oversight_NotUpheldExactly", "Oversight_NotAudit", "Oversight_OtherShare"),
            *("Oversight_SameWord", "Oversight_NotRefuted", "Oversight_NotUpheld"),
            "Oversight_OtherSegment",
        )
    ),
    NothingToDo: frozenset(
        (
            *("SweepMarket_NothingToCommit", "SweepMarket_NothingToSettle"),
            *("AuditCourt_NothingOpen", "AuditCourt_NotOpen", "AuditCourt_Answered"),
            *("AuditCourt_AlreadySummoned", "AuditCourt_AlreadyDisputed"),
            *("Oversight_AlreadyDemanded", "Oversight_NotOpen", "Oversight_AwardClosed"),
            *("Oversight_AlreadyFined", "Oversight_NothingToWithdraw"),
            "SpendSessions_AlreadyOpen",
        )
    ),
    OutsideSession: frozenset(
        (
            *("SpendSessions_OtherSweep", "SpendSessions_OtherBuyer"),
            *("SpendSessions_PriceTooHigh", "SpendSessions_BadSellers"),
            "SpendSessions_SellerNotNamed",
        )
    ),
    SessionClosed: frozenset(
        ("SpendSessions_NotOpen", "SpendSessions_Revoked", "SpendSessions_Expired")
    ),
}

# What a caller can do something about; the others stay ChainRefused with the contract's words.
REFUSALS: Final[Mapping[str, Callable[..., ChainError]]] = {
    "SweepMarket_TokenNotListed": TokenNotListed,
    "SweepMarket_WrongValue": WrongValue,
    "SweepMarket_FreeTooSmall": FreeTooSmall,
    "SweepMarket_TransferFailed": TransferFailed,
    "SweepMarket_NotBuyer": NotBuyer,
    "SweepMarket_BuyerValidates": BuyerValidates,
    "SweepMarket_TooFewValidators": lambda have, need: TooFewValidators(need, have),
    "SweepMarket_TooFewTrials": TooFewTrialsAwarded,
    "SweepMarket_TooManyOffers": TooMuchAtOnce,
    "SweepMarket_TooManyAwards": TooMuchAtOnce,
    "SweepMarket_TooManyItems": TooMuchAtOnce,
    "SweepMarket_AboveCap": AboveCap,
    "SweepMarket_UnknownAward": UnknownAward,
    "SweepMarket_WrongStatus": WrongStatus,
    "SweepMarket_BadSignature": SignatureRefused,
    "SweepMarket_SeedUnknown": SeedUnknown,
    "SweepMarket_TooEarly": TooEarly,
    "SweepMarket_TooLate": TooLate,
    "SweepMarket_NotPosted": VerdictNotPosted,
    "SweepMarket_StillOpen": StillOpen,
    "AuditCourt_AlreadyPosted": AlreadyPosted,
    "AuditCourt_BadSignature": SignatureRefused,
    "AuditCourt_SeedUnknown": SeedUnknown,
    "AuditCourt_TooEarly": lambda _, opens: TooEarly(opens),
    "AuditCourt_TooLate": lambda _, ended: TooLate(ended),
    "AuditCourt_NoQuorum": NoQuorum,
    "SpendSessions_NotBuyer": NotBuyer,
    "SpendSessions_BadSignature": SignatureRefused,
    "SpendSessions_Outdated": SessionOutdated,
    "SpendSessions_AboveCap": SessionCapReached,
    "Oversight_WrongDeposit": WrongValue,
    "Oversight_BadSignature": SignatureRefused,
    "Oversight_SeedUnknown": SeedUnknown,
    "Oversight_TooEarly": TooEarly,
    "Oversight_TooLate": TooLate,
    "Oversight_BadPreimage": PreimageRefused,
    "Oversight_TransferFailed": TransferFailed,
    "Randomness_Unknown": SeedUnknown,
    "DrandRandomness_TooLate": lambda _, ended: TooLate(ended),
    "ValidatorSet_BondTooSmall": BondTooSmall,
    "ValidatorSet_Full": SetFull,
    "ValidatorSet_NothingToClaim": NothingToClaim,
    "ValidatorSet_TransferFailed": TransferFailed,
    "ERC20InsufficientBalance": lambda who, have, need: TooLittleBalance(
        need, have, "base units", who
    ),
    "ERC20InsufficientAllowance": AllowanceTooSmall,
    **{name: partial(kind, name) for kind, names in _ALIKE.items() for name in names},
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
