"""The contracts' events as the chain tells them: the domain's, each with its place."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.chain.rpc import Log
from compute_swarm.domain import events
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.events import CommitEntry
from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import Amount


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the chain an event stands; two events never share one."""

    contract: Address
    block_number: int
    block_hash: bytes
    transaction: bytes
    index: int  # within the block


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited(events.Deposited):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(events.Withdrawn):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOpened(events.SweepOpened):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarded(events.Awarded):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class BidSkipped(events.BidSkipped):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed(events.Committed):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(events.Settled):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed(events.Disputed):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(events.Restored):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Slashed(events.Slashed):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded(events.Refunded):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired(events.Expired):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPosted(events.VerdictPosted):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(events.DisputeOpened):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolved(events.DisputeResolved):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLapsed(events.DisputeLapsed):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonded(events.Bonded):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbonding(events.Unbonding):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(events.Claimed):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fined(events.Fined):
    place: Place


Event: TypeAlias = (
    Deposited
    | Withdrawn
    | SweepOpened
    | Awarded
    | BidSkipped
    | Committed
    | Settled
    | Disputed
    | Restored
    | Slashed
    | Refunded
    | Expired
    | VerdictPosted
    | DisputeOpened
    | DisputeResolved
    | DisputeLapsed
    | Bonded
    | Unbonding
    | Claimed
    | Fined
)

EVENTS: Final[Mapping[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        *(Deposited, Withdrawn, SweepOpened, Awarded, BidSkipped, Committed),
        *(Settled, Disputed, Restored, Slashed, Refunded, Expired),
        *(VerdictPosted, DisputeOpened, DisputeResolved, DisputeLapsed),
        *(Bonded, Unbonding, Claimed, Fined),
    )
}

_MONEY: Final = frozenset(
    ("amount", "price", "bond", "cost", "paid", "refunded", "fees", "burned", "each_wei")
)
_NAMES: Final = {"from": "source", "each": "each_wei"}  # the ABI's to the domain's
_STRUCTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "terms": lambda value: Terms(**value),
    "entries": lambda value: tuple(CommitEntry(**entry) for entry in value),
}


def decode(log: Log) -> Event | None:
    """The event of a log, None for one that no part of the program asks for."""
    entry = _topics().get(log.topics[0]) if log.topics else None
    if entry is None:
        return None
    values = entry.decode_log(log.topics, log.data)
    named = {_NAMES.get(name, name): value for name, value in values.items()}
    place = Place(log.address, log.block_number, log.block_hash, log.transaction, log.index)
    fields = {name: _value(name, value) for name, value in named.items()}
    return EVENTS[entry.name](place=place, **fields)


def decode_all(logs: Iterable[Log]) -> tuple[Event, ...]:
    """The events of some logs, in their order."""
    return tuple(event for log in logs if (event := decode(log)) is not None)


def _value(name: str, value: Any) -> Any:
    if name in _STRUCTS:
        return _STRUCTS[name](value)
    return Amount(value) if name in _MONEY and isinstance(value, int) else value


@cache
def _topics() -> Mapping[bytes, Entry]:
    return {
        entry.topic: entry
        for name in artefacts.CONTRACTS
        for entry in artefacts.load(name).entries("event")
        if entry.name in EVENTS
    }
