"""Whether to offer on a call, and for what: pure, so that a person can be told why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from compute_swarm.domain.bid import Rung
from compute_swarm.domain.money import Amount
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Kind, Trial, kind_of
from compute_swarm.engine.resources import ModelShape, checkpoint_bytes, place
from compute_swarm.errors import DiskTooSmall, ModelDoesNotFit
from compute_swarm.node.capacity import Capacity, seconds_per_trial

# Of the buyer's deadline: the rest is for fetching, signing and a busy hour.
_USABLE: Final = 0.7


class Reason(StrEnum):
    """Why a node makes no offer; each with the limit that a person could change."""

    KIND = "kind"  # the trials named are not of one kind, or not in the sweep
    ENGINE = "engine"  # another engine's version: the bits would differ
    MODEL = "model"  # the base model is not on this machine
    TARGETS = "targets"  # the modules to adapt are not in the model
    TOKEN = "token"  # the network does not list the payment token
    VRAM = "vram"  # the sweep asks for a higher tier
    REACHABILITY = "reachability"  # the sweep asks for nodes with a public address
    MEMORY = "memory"  # not even one trial fits
    DISK = "disk"  # nor its states
    PRICE = "price"  # the buyer's limit is below this node's price
    TIME = "time"  # a trial takes longer than the buyer waits
    START = "start"  # what it goes on from has not ended there, or can't be seen


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call is for: some of a sweep's trials, and how far each is to be brought."""

    spec: SweepSpec
    trials: Sequence[Trial]
    rung: Rung
    startable: bool = True  # whether what a rung goes on from is there

    @property
    def part(self) -> float:
        """Of a whole trial."""
        return self.rung.segments / self.spec.training.segments


@dataclass(frozen=True, slots=True)
class Rates:
    """What the owner asks, and how fast this machine has been."""

    price: Amount  # least a segment
    most_trials: int
    tokens_per_s: float
    backlog_s: float = 0.0  # until work taken on earlier is done
    least_price: Amount = Amount(0)  # the network's, for the token
    listed: bool = True  # whether the network takes the token
    public: bool = False  # whether others reach this node without the mesh


@dataclass(frozen=True, slots=True)
class Offer:
    """What goes to the board in answer to a call."""

    price: Amount
    most_trials: int
    seconds_per_trial: float
    class_id: str
    deadline_s: int


def quote(asked: Asked, capacity: Capacity, rates: Rates, model: ModelShape | None) -> Offer | None:
    """Return an offer for the trials asked for, or None; `reasons` then says why."""
    if reasons(asked, capacity, rates, model) or model is None:
        return None
    spec = asked.spec
    seconds = _seconds(asked, kind_of(spec, asked.trials[0]), rates)
    room = [
        len(asked.trials),
        rates.most_trials,
        int(_time_left(spec, rates) // max(seconds, 1e-9)),
        capacity.machine.disk_free // checkpoint_bytes(model, spec, asked.trials[:1]),
    ]
    return Offer(
        price=max(rates.price, rates.least_price),
        most_trials=max(min(room), 1),
        seconds_per_trial=seconds,
        class_id=capacity.classes[spec.numeric.dtype],
        deadline_s=spec.budget.deadline_s,
    )


def reasons(
    asked: Asked, capacity: Capacity, rates: Rates, model: ModelShape | None
) -> tuple[Reason, ...]:
    """Return every limit that excludes this node, in the order of `Reason`."""
    spec = asked.spec
    kinds = {kind_of(spec, trial) for trial in asked.trials}
    found = {
        Reason.KIND: len(kinds) != 1,
        Reason.ENGINE: spec.numeric.engine_version != capacity.engine,
        Reason.MODEL: model is None,
        Reason.TARGETS: model is not None and _adapts_nothing(spec, model),
        Reason.TOKEN: not rates.listed,
        Reason.VRAM: spec.requirements.vram_gib > capacity.vram_gib,
        Reason.REACHABILITY: spec.requirements.reachability == "public" and not rates.public,
        Reason.PRICE: _price_of_one(asked, rates) > spec.budget.max_spend,
        Reason.START: not (asked.startable and asked.rung.fits(spec.training.segments)),
    }
    if len(kinds) == 1:
        found[Reason.TIME] = _seconds(asked, kinds.pop(), rates) > _time_left(spec, rates)
        if model is not None and not found[Reason.TARGETS]:
            found |= _space(spec, asked.trials[:1], capacity, model)
    return tuple(reason for reason in Reason if found.get(reason))


def _adapts_nothing(spec: SweepSpec, model: ModelShape) -> bool:
    return model.adapter_parameters(spec.lora.target_modules, 1) == 0


def _price_of_one(asked: Asked, rates: Rates) -> Amount:
    return max(rates.price, rates.least_price).times(asked.rung.segments)


def _seconds(asked: Asked, kind: Kind, rates: Rates) -> float:
    """Return how long one trial's segments take."""
    return seconds_per_trial(kind, rates.tokens_per_s) * asked.part


def _time_left(spec: SweepSpec, rates: Rates) -> float:
    return usable_seconds(spec) - rates.backlog_s


def usable_seconds(spec: SweepSpec) -> float:
    """Return how long this node may train before the buyer's deadline."""
    return spec.budget.deadline_s * _USABLE


def _space(
    spec: SweepSpec, one: Sequence[Trial], capacity: Capacity, model: ModelShape
) -> dict[Reason, bool]:
    try:
        place(model, spec, one, capacity.machine)
    except DiskTooSmall:
        return {Reason.DISK: True}
    except ModelDoesNotFit:
        return {Reason.MEMORY: True}
    return {}
