"""A step again and again: the one place where a node waits out what others let down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from compute_swarm.errors import SwarmError

log = logging.getLogger(__name__)

LONGEST_PAUSE_S: Final = 15.0


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
        self._rests[key] = (now + rest, rest)

    def forget(self, key: Hashable) -> None:
        self._rests.pop(key, None)
