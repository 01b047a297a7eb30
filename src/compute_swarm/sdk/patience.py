"""Waiting for a chain that does not answer for a while."""

import time
from types import TracebackType

from compute_swarm.errors import RpcUnavailable


class Patience:
    """A block, entered again and again, in which an outage passes until it has lasted too long.

    One block that ends without an error starts the time anew.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> bool:
        if not isinstance(error, RpcUnavailable):
            self._since = None
            return False
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        return now - self._since < self._seconds
