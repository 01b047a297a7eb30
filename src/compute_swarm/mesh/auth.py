"""Who is calling: verifies the `X-Swarm-Auth` header of requests, and refuses it a second time.

Routes decide for themselves whether they need a caller; a header that is present must be right.
"""

import time
from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from compute_swarm.domain.auth import HEADER, MOST_AGE_S, Call, verify
from compute_swarm.domain.ids import Address
from compute_swarm.errors import AuthMalformed, AuthReplayed

CALLER = web.RequestKey("caller", Address)

ORIGINS = web.AppKey("origins", list[str])  # how this service is dialled; filled by `serving`

Clock: TypeAlias = Callable[[], float]


def authentication(clock: Clock = time.time) -> Middleware:
    """Return a middleware that sets the caller of each signed request."""
    seen = SeenRequests(clock)

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        header = request.headers.get(HEADER)
        if header is not None:
            body = await request.read()
            call = Call(_own_origin(request), request.method, request.raw_path, body)
            who = verify(header, call, clock())
            if request.method == "POST":  # GET and PUT change nothing when they are repeated
                seen.take(who, call.text(int(header.split(":")[1])))
            request[CALLER] = who
        return await handler(request)

    return authenticate


def caller(request: web.Request) -> Address:
    """Return who signed the request, or refuse a request that nobody signed."""
    try:
        return request[CALLER]
    except KeyError:
        raise AuthMalformed from None


def _own_origin(request: web.Request) -> str:
    """Return this service's address, of several the one that was dialled.

    The Host header only chooses: what names another server must not become ours by it.
    """
    own = request.app.get(ORIGINS) or [""]
    return next((origin for origin in own if origin.endswith(f"://{request.host}")), own[0])


class SeenRequests:
    """The signed requests of the last two windows. An older one is refused for its time already.

    What was signed is remembered, not the header: one message has several valid signatures.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[Address, str], float] = {}

    def take(self, who: Address, message: str) -> None:
        now = self._clock()
        while self._until and next(iter(self._until.values())) < now:
            del self._until[next(iter(self._until))]
        if (who, message) in self._until:
            raise AuthReplayed(who)
        # A time stamp may lie a window ahead and stays valid for a window after it.
        self._until[who, message] = now + 2 * MOST_AGE_S + 1
