"""The one background event loop that the synchronous facades run on.

`asyncio.run` raises inside Jupyter, and patching its loop breaks other libraries; a daemon
thread with a loop of its own works in a notebook, a script and a REPL alike.
"""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for callers that have no event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="compute-swarm", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; an interrupt of the caller cancels it first."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


@cache
def background() -> LoopThread:
    """Return the process's loop thread, started at the first use."""
    return LoopThread()
