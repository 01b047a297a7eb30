"""The contracts' events as the chain tells them: the domain's, each with its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any, Final, TypeAlias, get_args, get_origin, get_type_hints

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.chain.rpc import Log
from compute_swarm.domain import events
from compute_swarm.domain.bid import Award, Commit, Posted
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import Address, AwardId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the chain an event stands; two events never share one."""

    contract: Address
    block_number: int
    block_hash: bytes
    time: int  # the block's
    transaction: bytes
    index: int  # within the block


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited(events.Deposited):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(events.Withdrawn):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceBumped(events.NonceBumped):
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
class Docked(events.Docked):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired(events.Expired):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositHeld(events.DepositHeld):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReturned(events.DepositReturned):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositLost(events.DepositLost):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPosted(events.VerdictPosted):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Summoned(events.Summoned):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(events.DisputeOpened):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRedrawn(events.PanelRedrawn):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(events.SessionOpened):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked(events.SessionRevoked):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpent(events.SessionSpent):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded(events.Demanded):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Met(events.Met):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet(events.Unmet):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted(events.Contradicted):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Overturned(events.Overturned):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditWithdrawn(events.CreditWithdrawn):
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned(events.Pinned):
    place: Place


Event: TypeAlias = (
    Deposited
    | Withdrawn
    | NonceBumped
    | SweepOpened
    | Awarded
    | BidSkipped
    | Committed
    | Settled
    | Disputed
    | Restored
    | Slashed
    | Refunded
    | Docked
    | Expired
    | DepositHeld
    | DepositReturned
    | DepositLost
    | VerdictPosted
    | Summoned
    | DisputeOpened
    | PanelRedrawn
    | DisputeResolved
    | DisputeLapsed
    | Bonded
    | Unbonding
    | Claimed
    | Fined
    | SessionOpened
    | SessionRevoked
    | SessionSpent
    | Demanded
    | Met
    | Unmet
    | Contradicted
    | Overturned
    | CreditWithdrawn
    | Pinned
)

EVENTS: Final[Mapping[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        *(Deposited, Withdrawn, NonceBumped, DepositHeld, DepositReturned, DepositLost),
        *(SweepOpened, Awarded, BidSkipped, Committed, Settled, Disputed, Restored, Slashed),
        *(Refunded, Docked, Expired),
        *(VerdictPosted, Summoned, DisputeOpened, PanelRedrawn, DisputeResolved, DisputeLapsed),
        *(Bonded, Unbonding, Claimed, Fined),
        *(SessionOpened, SessionRevoked, SessionSpent),
        *(Demanded, Met, Unmet, Contradicted, Overturned, CreditWithdrawn),
        Pinned,
    )
}

_NAMES: Final = {"from": "source"}  # the ABI's to the domain's
_KINDS: Final = {(artefacts.OVERSIGHT, "Withdrawn"): "CreditWithdrawn"}  # the market has one too


def decode(log: Log) -> Event | None:
    """The event of a log, None for one that no part of the program asks for."""
    entry = _topics().get(log.topics[0]) if log.topics else None
    if entry is None:
        return None
    values = entry.decode_log(log.topics, log.data)
    kind = EVENTS[kind_of(entry)]
    fields = _fields(kind, {_NAMES.get(name, name): value for name, value in values.items()})
    return kind(place=_place(log), **fields)


def decode_all(logs: Iterable[Log]) -> tuple[Event, ...]:
    """The events of some logs, in their order."""
    return tuple(event for log in logs if (event := decode(log)) is not None)


def kind_of(entry: Entry) -> str:
    """The name of ours for a contract's event."""
    return _KINDS.get((entry.contract, entry.name), entry.name)


def award_of(event: Awarded) -> Award:
    """The award as later calls pass it again."""
    numbers = (event.trials, event.segments, event.price, event.deadline)
    return Award(event.award_id, event.seller, *numbers)


def commit_of(event: Committed, awards: Mapping[AwardId, Award]) -> Commit:
    """The commit as later calls pass it again; its time is that of the event's block."""
    posted = tuple(Posted(awards[e.award_id], e.root, e.done) for e in event.entries)
    return Commit(event.place.block_number, event.place.time, event.relayer, posted)


def _place(log: Log) -> Place:
    where = (log.address, log.block_number, log.block_hash, log.time)
    return Place(*where, log.transaction, log.index)


def _fields(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    hints = _hints(kind)
    return {name: _value(hints[name], value) for name, value in values.items()}


def _value(hint: Any, value: Any) -> Any:
    """A decoded value as the domain has it: money, outcomes and structs have their own types."""
    if hint in (Amount, Outcome, Subject):
        return hint(value)
    if is_dataclass(hint):
        make: Any = hint
        return make(**_fields(make, value))
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], item) for item in value)
    return value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _topics() -> Mapping[bytes, Entry]:
    return {
        entry.topic: entry
        for name in artefacts.CONTRACTS
        for entry in artefacts.load(name).entries("event")
        if kind_of(entry) in EVENTS
    }
