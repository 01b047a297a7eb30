"""Lists of (trial, replica) as bids carry them: runs of eight bytes, what they list in order."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Final, Self

from compute_swarm.domain.wire import Bits
from compute_swarm.errors import TrialsInvalid

MOST_INDEX: Final = 2**24 - 1
MOST_REPLICA: Final = 2**8 - 1
MOST_LISTED: Final = 1_023 * 1_024  # of an award: blocks of as many trials of one segment

_WORDS: Final = struct.Struct(">II")
_RUN: Final = _WORDS.size


@dataclass(frozen=True, slots=True, order=True)
class TrialKey:
    index: Annotated[int, Bits(24)]
    replica: Annotated[int, Bits(8)]

    def __str__(self) -> str:
        return f"{self.index}/{self.replica}"


@dataclass(frozen=True, slots=True)
class Run:
    """Some trials in sequence, and of each of them the same replicas in sequence."""

    index: int  # the first trial
    trials: int
    replica: int  # the first replica of each
    replicas: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Read eight bytes: trial (24 bits), trials (24), replica (8), replicas (8)."""
        trials, replicas = _WORDS.unpack(data)
        word = trials << 32 | replicas
        return cls(word >> 40, word >> 16 & MOST_INDEX, word >> 8 & MOST_REPLICA, word & 0xFF)

    @property
    def packed(self) -> bytes:
        word = self.index << 40 | self.trials << 16 | self.replica << 8 | self.replicas
        return word.to_bytes(_RUN, "big")

    @property
    def count(self) -> int:
        return self.trials * self.replicas

    @property
    def last(self) -> TrialKey:
        return TrialKey(self.index + self.trials - 1, self.replica + self.replicas - 1)

    @property
    def fits(self) -> bool:
        last = self.last
        return self.count > 0 and last.index <= MOST_INDEX and last.replica <= MOST_REPLICA

    def listed(self) -> Iterator[TrialKey]:
        for index in range(self.index, self.index + self.trials):
            for replica in range(self.replica, self.replica + self.replicas):
                yield TrialKey(index, replica)

    def follows(self, earlier: "Run") -> bool:
        """Whether all of it comes after the earlier run; only a single trial may go on."""
        if self.index == earlier.last.index:
            return earlier.trials == 1 and self.replica > earlier.last.replica
        return self.index > earlier.last.index


def pack_trials(keys: Iterable[TrialKey]) -> bytes:
    """Return the list for keys in order, each run as long as can be."""
    return b"".join(run.packed for run in _runs(_checked(keys)))


def read_runs(data: bytes) -> tuple[Run, ...]:
    """Return the runs of a list; refused where the contract refuses it."""
    if not data or len(data) % _RUN:
        raise TrialsInvalid(len(data) // _RUN)
    runs = tuple(Run.of(data[at : at + _RUN]) for at in range(0, len(data), _RUN))
    for place, run in enumerate(runs):
        if not run.fits or (place and not run.follows(runs[place - 1])):
            raise TrialsInvalid(place)
    return runs


def count_trials(data: bytes) -> int:
    """Return how many (trial, replica) a list has, without writing them out."""
    return sum(run.count for run in read_runs(data))


def unpack_trials(data: bytes, most: int = MOST_LISTED) -> tuple[TrialKey, ...]:
    """Write a list out; eight bytes can stand for billions, so one of too many is refused."""
    runs = read_runs(data)
    if sum(run.count for run in runs) > most:
        raise TrialsInvalid(len(runs))
    return tuple(key for run in runs for key in run.listed())


def _checked(keys: Iterable[TrialKey]) -> tuple[TrialKey, ...]:
    ordered = tuple(keys)
    for place, key in enumerate(ordered):
        fits = 0 <= key.index <= MOST_INDEX and 0 <= key.replica <= MOST_REPLICA
        if not fits or (place and ordered[place - 1] >= key):
            raise TrialsInvalid(place)
    return ordered


def _runs(keys: Iterable[TrialKey]) -> list[Run]:
    """Take each trial's replicas in runs, and let the last run go on over trials just like it."""
    found: list[Run] = []
    for index, group in groupby(keys, key=lambda key: key.index):
        spans = _spans([key.replica for key in group])
        last = found[-1] if found else None
        if len(spans) == 1 and last is not None and _goes_on(last, index, spans[0]):
            found[-1] = Run(last.index, last.trials + 1, last.replica, last.replicas)
        else:
            found += [Run(index, 1, replica, replicas) for replica, replicas in spans]
    return found


def _spans(replicas: list[int]) -> list[tuple[int, int]]:
    """Return the (first, count) of each unbroken sequence; a count has eight bits."""
    spans: list[tuple[int, int]] = []
    for replica in replicas:
        if spans and sum(spans[-1]) == replica and spans[-1][1] < MOST_REPLICA:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        else:
            spans.append((replica, 1))
    return spans


def _goes_on(run: Run, index: int, span: tuple[int, int]) -> bool:
    adjoins = run.index + run.trials == index and run.trials < MOST_INDEX
    return adjoins and (run.replica, run.replicas) == span
