"""How much of its time the coordinator gives to one host, since addresses cost nothing here either.

A signature takes a millisecond to check, and a key to sign with is made up as fast. Whoever asks
faster than its pace waits its turn; only one that has too many waiting is refused.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from compute_swarm.domain.auth import HEADER
from compute_swarm.errors import DocumentInvalid, LimitReached

DOCUMENT_LIMIT: Final = 256 * 1024  # bytes of a body that is no block
SIGNED_RATE: Final = 50.0  # requests a second of a host that are signed, or post something signed
PLAIN_RATE: Final = 200.0  # reads and heartbeats
BURST_SECONDS: Final = 10.0  # of its pace that a host may use at once
WAITING_SECONDS: Final = 5.0
HOSTS: Final = 10_000  # that are remembered

_HEARTBEAT: Final = "/v1/nodes/heartbeat"  # carries a token, which costs nothing to check


class Pace:
    """So many requests a second for each host, and some at once after a pause."""

    def __init__(
        self, rate: float, clock: Callable[[], float] = time.monotonic, hosts: int = HOSTS
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._hosts = hosts
        self._booked: dict[str, float] = {}  # until when a host's pace is used up, oldest first

    def take(self, who: str) -> float:
        """Return the seconds that a request has to wait, or refuse it."""
        now = self._clock()
        used = max(self._booked.get(who, 0.0), now - BURST_SECONDS) + 1 / self._rate
        if used - now > WAITING_SECONDS:
            raise LimitReached("requests a second of one host", int(self._rate))
        self._booked.pop(who, None)
        self._booked[who] = used
        if len(self._booked) > self._hosts:
            del self._booked[next(iter(self._booked))]
        return max(used - now, 0.0)


def paced(signed: Pace | None = None, plain: Pace | None = None) -> Middleware:
    """Return a middleware that comes before signatures are checked and bodies read."""
    signed, plain = signed or Pace(SIGNED_RATE), plain or Pace(PLAIN_RATE)

    @web.middleware
    async def pace(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "PUT" and not _is_short(request):
            raise DocumentInvalid("", f"at most {DOCUMENT_LIMIT} bytes, and says so before")
        costs = HEADER in request.headers or _posts(request)
        await asyncio.sleep((signed if costs else plain).take(host(request.remote or "")))
        return await handler(request)

    return pace


def _is_short(request: web.Request) -> bool:
    if not request.body_exists:
        return True
    return request.content_length is not None and request.content_length <= DOCUMENT_LIMIT


def _posts(request: web.Request) -> bool:
    return request.method in ("POST", "PUT") and request.path != _HEARTBEAT


def host(remote: str) -> str:
    """Return whom an address belongs to: of the newer ones a customer has 2^64."""
    try:
        found = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    bits = 64 if found.version == 6 else 32
    return str(ipaddress.ip_network((found, bits), strict=False))
