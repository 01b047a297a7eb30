"""Spend sessions: what a buyer allows a key to award in its name, and what that key signs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from compute_swarm.domain.bid import U32, U40, U128, SignedBid, Sweep
from compute_swarm.domain.ids import (
    ZERO32,
    Address,
    AwardId,
    Digest,
    SessionId,
    SweepId,
    abi_hash,
    domain_separator,
    eip712_digest,
    keccak,
)
from compute_swarm.domain.wire import Bits

SESSION_TYPE: Final = (
    "Session(address buyer,bytes32 sweepId,address key,uint128 cap,uint128 highestPrice,"
    "bytes32 sellers,uint40 expiry,uint32 nonce)"
)


@dataclass(frozen=True, slots=True)
class Session:
    """Up to a cap, until a time, at no higher price, from some sellers or from all."""

    buyer: Address
    sweep_id: SweepId
    key: Address  # who signs the awards; it can do nothing else
    cap: U128  # of prices, audit fees and tips together
    highest_price: U128  # per segment
    sellers: Digest  # `sellers_hash`
    expiry: U40
    nonce: U32  # tells sessions apart that are alike otherwise

    def abi(self) -> tuple[Any, ...]:
        return (
            self.buyer,
            self.sweep_id,
            self.key,
            int(self.cap),
            int(self.highest_price),
            self.sellers,
            self.expiry,
            self.nonce,
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """What a buyer signs for a relayer: a session and its first award."""

    session_id: SessionId
    awards: Digest  # `awards_hash`
    least_trials: Annotated[int, Bits(256)]


@dataclass(frozen=True, slots=True)
class Spend:
    """What a session's key signs for each later award."""

    session_id: SessionId
    number: U32  # greater than that of each message before
    awards: Digest  # `awards_hash`
    least_trials: Annotated[int, Bits(256)]


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a session is asked to award."""

    session: Session
    sweep: Sweep
    bids: tuple[SignedBid, ...]
    least_trials: int
    sellers: tuple[Address, ...] = ()  # those that the session names, ascending


def sellers_hash(sellers: Iterable[Address]) -> Digest:
    """What a session names its sellers by; zero stands for all, and no list for none."""
    words = [bytes.fromhex(seller[2:]).rjust(32, b"\0") for seller in sellers]
    return Digest(keccak(b"".join(sorted(words)))) if words else ZERO32


def awards_hash(awards: Iterable[AwardId]) -> Digest:
    """What a message names its awards by, in the order of the offers."""
    return Digest(keccak(b"".join(awards)))


def session_id(chain_id: int, sessions: Address, session: Session) -> SessionId:
    """The EIP-712 digest, which the buyer signs over in `Opening`."""
    types = ["bytes32", "address", "bytes32", "address", "uint128", "uint128", "bytes32"]
    types += ["uint40", "uint32"]
    struct_hash = abi_hash(types, [keccak(SESSION_TYPE.encode()), *session.abi()])
    return SessionId(eip712_digest(domain_separator(chain_id, sessions), struct_hash))
