"""Trials of a sweep: the same table from the same spec, everywhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from compute_swarm.domain.canonical import canonical
from compute_swarm.domain.grid import grid, random
from compute_swarm.domain.ids import Digest, SweepId, abi_hash, keccak
from compute_swarm.domain.packing import TrialKey, pack_trials, unpack_trials
from compute_swarm.domain.space import Number
from compute_swarm.domain.spec import SweepSpec

__all__ = [
    "Kind",
    "Trial",
    "TrialKey",
    "TrialParams",
    "kind_of",
    "kinds",
    "pack_trials",
    "philox_key",
    "trial_hash",
    "trial_seed",
    "trials",
    "unpack_trials",
]


@dataclass(frozen=True, slots=True)
class TrialParams:
    lr: float
    r: int
    alpha: float
    weight_decay: float
    warmup_steps: int
    accumulation: int

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Trial:
    index: int
    replica: int
    params: TrialParams

    @property
    def key(self) -> TrialKey:
        return TrialKey(self.index, self.replica)


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What trials of equal cost have in common; an award holds one kind."""

    tokens: int  # training tokens of a whole trial, padding included
    max_length: int
    micro_batch: int


def trials(spec: SweepSpec) -> tuple[Trial, ...]:
    """All trials by index, and of each its replicas, which differ in their seed only."""
    search = spec.search
    if search.method == "grid":
        points = grid(search.space, search.trials)
    else:
        points = random(search.space, search.trials, search.seed)
    return tuple(
        Trial(index, replica, _params(point))
        for index, point in enumerate(points)
        for replica in range(search.replicas)
    )


def kind_of(spec: SweepSpec, trial: Trial) -> Kind:
    length, micro_batch = spec.dataset.max_length, spec.training.micro_batch
    rows = spec.training.steps * micro_batch * trial.params.accumulation
    return Kind(rows * length, length, micro_batch)


def kinds(spec: SweepSpec) -> Mapping[Kind, tuple[Trial, ...]]:
    """The trials of each kind, the cheapest kind first."""
    groups: dict[Kind, list[Trial]] = {}
    for trial in trials(spec):
        groups.setdefault(kind_of(spec, trial), []).append(trial)
    return {kind: tuple(groups[kind]) for kind in sorted(groups)}


def trial_seed(sweep_id: SweepId, key: TrialKey) -> bytes:
    return abi_hash(["bytes32", "uint256", "uint256"], [sweep_id, key.index, key.replica])


def philox_key(seed: bytes) -> int:
    """NumPy's Philox takes a key of 128 bits: the seed's first 16 bytes, big endian."""
    return int.from_bytes(seed[:16], "big")


def trial_hash(spec_hash: Digest, params: TrialParams) -> Digest:
    digest = keccak(canonical(params.document()))
    return Digest(abi_hash(["bytes32", "bytes32"], [spec_hash, digest]))


def _params(point: tuple[Number, ...]) -> TrialParams:
    lr, r, alpha, weight_decay, warmup_steps, accumulation = point
    return TrialParams(
        float(lr), int(r), float(alpha), float(weight_decay), int(warmup_steps), int(accumulation)
    )
