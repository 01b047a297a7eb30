"""Trials side by side in one set of buffers, each at its own step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial
from compute_swarm.engine.data import TokenSet
from compute_swarm.engine.lora import Adapters, Layout, Leaf, tensor_names
from compute_swarm.engine.model import Base
from compute_swarm.engine.state import State, Tensors, initial_state
from compute_swarm.errors import DocumentInvalid


@dataclass(frozen=True, slots=True)
class Member:
    """A trial and where it stands."""

    trial: Trial
    seed: bytes
    state: State


@dataclass(slots=True)
class Place:
    """Whom a row of the buffers belongs to, and how far that trial is."""

    trial: Trial
    seed: bytes
    step: int

    @property
    def accumulation(self) -> int:
        return self.trial.params.accumulation


class Pack:
    """K trials on one base.

    In the buffers (`places`) trials with more accumulation come first, so that those still at
    work in a micro-step are a prefix; then by rank. Results are in the order of the members given.
    """

    def __init__(
        self, base: Base, spec: SweepSpec, tokens: TokenSet, members: Sequence[Member]
    ) -> None:
        self.base, self.spec, self.tokens = base, spec, tokens
        self._shapes = base.shapes(spec.lora.target_modules)
        self._load(members)

    @classmethod
    def fresh(
        cls, base: Base, spec: SweepSpec, tokens: TokenSet, trials: Sequence[tuple[Trial, bytes]]
    ) -> "Pack":
        """Start trials with their seeds at boundary 0."""
        shapes = base.shapes(spec.lora.target_modules)
        members = [Member(t, seed, initial_state(shapes, t.params, seed)) for t, seed in trials]
        return cls(base, spec, tokens, members)

    @property
    def size(self) -> int:
        return len(self.places)

    @property
    def order(self) -> Sequence[int]:
        """The place in the buffers of each member."""
        return self._order

    @property
    def steps(self) -> list[int]:
        return [self.places[place].step for place in self._order]

    def states(self) -> list[State]:
        """Copy every trial's state out of the buffers."""
        return [self._state(place) for place in self._order]

    def members(self, indices: Sequence[int]) -> list[Member]:
        """Return these members as they stand now."""
        chosen = [self._order[i] for i in indices]
        owners = [self.places[place] for place in chosen]
        return [
            Member(owner.trial, owner.seed, self._state(place))
            for owner, place in zip(owners, chosen, strict=True)
        ]

    def keep(self, indices: Sequence[int]) -> None:
        """Go on with these members only, in this order; no bit of theirs changes."""
        self._load(self.members(indices))

    def evaluating(self) -> "Pack":
        """Return these members as they stand now, on the base that evaluates them."""
        base = self.base.evaluating(self.spec.numeric)
        if base is self.base:
            return self
        return Pack(base, self.spec, self.tokens, self.members(range(self.size)))

    def leaves(self, count: int) -> dict[str, tuple[Leaf, ...]]:
        """Return the adapters of the first `count` places, by layer."""
        if count not in self._leaves:
            found: dict[str, tuple[Leaf, ...]] = {}
            for group in self.groups:
                if group.first < count:
                    for path, leaf in group.leaves(min(group.size, count - group.first)):
                        found[path] = (*found.get(path, ()), leaf)
            self._leaves[count] = found
        return self._leaves[count]

    def _load(self, members: Sequence[Member]) -> None:
        def buffer_order(i: int) -> tuple[int, int]:
            params = members[i].trial.params
            return -params.accumulation, self._padded(params.r)

        by_place = sorted(range(len(members)), key=buffer_order)
        self._order = [by_place.index(i) for i in range(len(members))]
        ordered = [members[i] for i in by_place]
        self.places = [Place(m.trial, m.seed, m.state.step) for m in ordered]
        self.groups = self._groups()
        self._leaves: dict[int, dict[str, tuple[Leaf, ...]]] = {}
        for place, member in enumerate(ordered):
            self._fill(place, member.state)
        for group in self.groups:
            group.round()

    def _padded(self, r: int) -> int:
        bucket = self.spec.numeric.rank_bucket
        return math.ceil(r / bucket) * bucket

    def _groups(self) -> list[Adapters]:
        """Return buffers for each run of places of one padded rank."""
        groups: list[Adapters] = []
        params = [place.trial.params for place in self.places]
        for rank, run in groupby(params, key=lambda p: self._padded(p.r)):
            first = groups[-1].first + groups[-1].size if groups else 0
            layout = Layout.of(self._shapes, rank)
            scales = [p.alpha / p.r for p in run]
            groups.append(Adapters(layout, first, scales, self.base.dtype, self.base.device))
        return groups

    def _group(self, place: int) -> tuple[Adapters, int]:
        """Return the buffers that hold a place, and its row in them."""
        group = next(g for g in reversed(self.groups) if g.first <= place)
        return group, place - group.first

    def _fill(self, place: int, state: State) -> None:
        params = self.places[place].trial.params
        if not state.fits(self._shapes, params):
            raise DocumentInvalid("state", "of this trial's layers and rank")
        r = params.r
        group, row = self._group(place)
        for buffer, tensors in ((group.w, state.w), (group.m, state.m), (group.v, state.v)):
            for slot, a, b in group.layout.views(buffer[row : row + 1]):
                name_a, name_b = tensor_names(slot.path)
                a[0, :r].copy_(torch.tensor(tensors[name_a]))
                b[0, :, :r].copy_(torch.tensor(tensors[name_b]))

    def _state(self, place: int) -> State:
        r = self.places[place].trial.params.r
        group, row = self._group(place)
        w, m, v = (
            _tensors(group.layout, buffer[row : row + 1], r)
            for buffer in (group.w, group.m, group.v)
        )
        return State(w, m, v, self.places[place].step)


def _tensors(layout: Layout, row: Tensor, r: int) -> Tensors:
    """Copy one trial's tensors out of its row at their true rank."""
    still = row.to("cpu", copy=True)  # the buffer goes on changing
    tensors = {}
    for slot, a, b in layout.views(still):
        name_a, name_b = tensor_names(slot.path)
        tensors[name_a] = a[0, :r].numpy()
        tensors[name_b] = np.ascontiguousarray(b[0, :, :r].numpy())
    return tensors
