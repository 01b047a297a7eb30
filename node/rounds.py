"""A step again and again: the one place where a node waits out what others let down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
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
