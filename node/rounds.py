"""A step again and again: the one place where a node waits out what others let down."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from compute_swarm.errors import SwarmError

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_PAUSE_S: Final = 15.0
REMEMBERED: Final = 4_096  # things that rest or are waited for; a node runs for months


async def every(seconds: float, step: Callable[[], Awaitable[None]], name: str) -> None:
    """Run the step for ever, `seconds` apart; after failures that may pass, at longer pauses."""
    pause = seconds
    while True:
        failure = await attempt(step, name)
        pause = seconds if failure is None else min(2 * pause, LONGEST_PAUSE_S)
        await asyncio.sleep(pause)


async def attempt(step: Callable[[], Awaitable[None]], name: str) -> SwarmError | None:
    """Run the step once; a failure that may pass is logged and returned.

    Chain, peers and memory come back by themselves, and a stranger's nonsense must not stop a
    node. What is no error of our tree is a fault of the program, and does.
    """
    try:
        await step()
    except SwarmError as failure:
        log.warning("%s: %s", name, failure)
        return failure
    return None


async def contain(step: Callable[[], Awaitable[None]], name: str) -> Exception | None:
    """Run a step on one stranger's papers; whatever they break is logged and returned.

    One sweep, award or notice must not stop the work on all others, even by a fault of ours.
    """
    try:
        return await attempt(step, name)
    except Exception as fault:
        log.exception("%s: a fault of the program", name)
        return fault


@dataclass(slots=True)
class Backoff:
    """Things that failed rest, each longer than the last time, while others go on."""

    first_s: float = 2.0
    longest_s: float = 120.0
    _rests: dict[Hashable, tuple[float, float]] = field(default_factory=dict)  # until, length

    def ready(self, key: Hashable, now: float) -> bool:
        return key not in self._rests or now >= self._rests[key][0]

    def failed(self, key: Hashable, now: float) -> None:
        known = self._rests.get(key)
        rest = self.first_s if known is None else min(2 * known[1], self.longest_s)
        self._rests.pop(key, None)
        self._rests[key] = (now + rest, rest)
        _prune(self._rests)

    def forget(self, key: Hashable) -> None:
        self._rests.pop(key, None)


@dataclass(slots=True)
class Patience:
    """Others have their time for a thing, from when we first saw it due, before we do it."""

    seconds: float
    _since: dict[Hashable, float] = field(default_factory=dict)

    def over(self, key: Hashable, longer: float = 0.0) -> bool:
        """Whether they have had it, and `longer`."""
        now = time.monotonic()
        since = self._since.setdefault(key, now)
        _prune(self._since)
        return now - since >= self.seconds + longer

    def ended(self, key: Hashable) -> bool:
        """Whether they have had it; asked again it starts anew."""
        if not self.over(key):
            return False
        self._since[key] = time.monotonic()
        return True


def _prune(told: dict[Hashable, T]) -> None:
    """Forget the oldest: what is still going on begins anew."""
    while len(told) > REMEMBERED:
        del told[next(iter(told))]
