"""All randomness of a trial: counter-based Philox on CPU, keyed by the trial's seed.

Only the generator's raw 64-bit words are used: NumPy keeps those stable over versions, while it
may change how its distributions consume them.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from compute_swarm.domain.trial import philox_key


class Stream(IntEnum):
    WEIGHTS = 1  # one index per tensor, in canonical order
    ORDER = 2  # one index per epoch


def words(seed: bytes, stream: Stream, index: int, count: int) -> NDArray[np.uint64]:
    """Return `count` raw words; no two of (seed, stream, index) share any."""
    counter = (int(stream) << 192) | (index << 128)
    generator = np.random.Philox(key=philox_key(seed), counter=counter)
    return np.asarray(generator.random_raw(count), dtype=np.uint64)


def uniform(seed: bytes, index: int, shape: tuple[int, int], bound: float) -> NDArray[np.float32]:
    """Return weights in [-bound, bound), exact in float32 but for the one product."""
    raw = words(seed, Stream.WEIGHTS, index, shape[0] * shape[1])
    unit = (raw >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1.0)
    return (unit * np.float32(bound)).reshape(shape)


def permutation(seed: bytes, epoch: int, size: int) -> NDArray[np.int64]:
    """Return the order of `size` rows in one epoch."""
    keys = words(seed, Stream.ORDER, epoch, size)
    return np.argsort(keys, kind="stable").astype(np.int64)
