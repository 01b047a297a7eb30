"""Lists of (trial, replica) as the chain keeps them: four bytes each, strictly increasing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from compute_swarm.domain.wire import Bits
from compute_swarm.errors import TrialsInvalid

MOST_INDEX: Final = 2**24 - 1
MOST_REPLICA: Final = 2**8 - 1


@dataclass(frozen=True, slots=True, order=True)
class TrialKey:
    index: Annotated[int, Bits(24)]
    replica: Annotated[int, Bits(8)]

    def __str__(self) -> str:
        return f"{self.index}/{self.replica}"


def pack_trials(keys: Iterable[TrialKey]) -> bytes:
    """Index in 24 bits, replica in 8, big endian."""
    ordered = tuple(keys)
    for place, key in enumerate(ordered):
        fits = 0 <= key.index <= MOST_INDEX and 0 <= key.replica <= MOST_REPLICA
        if not fits or (place and ordered[place - 1] >= key):
            raise TrialsInvalid(place)
    return b"".join((key.index << 8 | key.replica).to_bytes(4, "big") for key in ordered)


def unpack_trials(data: bytes) -> tuple[TrialKey, ...]:
    if len(data) % 4:
        raise TrialsInvalid(len(data) // 4)
    words = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
    for place in range(1, len(words)):
        if words[place - 1] >= words[place]:
            raise TrialsInvalid(place)
    return tuple(TrialKey(word >> 8, word & MOST_REPLICA) for word in words)
