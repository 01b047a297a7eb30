"""One peer's HTTP interface: signed requests out, bounded answers back, errors as ours.

The peer is not trusted: an answer has a size limit and a deadline, redirects are not followed,
and whatever is wrong with it becomes a `TransferError`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias
from urllib.parse import urlsplit

import httpx

from compute_swarm.domain import auth
from compute_swarm.domain.ids import Address, hex32, sha256
from compute_swarm.domain.jsontext import parse_json
from compute_swarm.errors import (
    AnswerInvalid,
    AnswerTooLarge,
    AuthReplayed,
    DocumentInvalid,
    PeerRefused,
    PeerUnreachable,
)
from compute_swarm.mesh.transport import Transport

JSON_LIMIT = 16 * 1024 * 1024
REFUSAL_LIMIT = 64 * 1024
REPEATS = 5
ANSWER_SECONDS = 60.0
REMEMBERED = 1024

Json: TypeAlias = Any


class Signer(Protocol):
    @property
    def address(self) -> Address: ...

    def sign_text(self, text: str) -> bytes:
        """Return the EIP-191 signature of the text, 65 bytes."""


class Peer:
    """A client of one peer. With a signer its requests name the caller, with a token they don't.

    Anybody may have written the URL: one that leads nowhere raises `PeerUnreachable`.
    """

    def __init__(
        self,
        url: str,
        transport: Transport,
        signer: Signer | None = None,
        clock: Callable[[], float] = time.time,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._answer_seconds = answer_seconds
        self.url = url.rstrip("/")
        self.token: str | None = None
        self._client = _client(transport, self.url)
        self._signer = signer
        self._stamps = Stamps(clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Json:
        return _parsed(self.url, await self.get_bytes(path, JSON_LIMIT, params))

    async def get_bytes(
        self, path: str, limit: int, params: Mapping[str, str | int] | None = None
    ) -> bytes:
        """Return the body of an answer of at most `limit` bytes."""
        return await self._send(self._client.build_request("GET", path, params=params), limit)

    async def post(self, path: str, document: Json) -> Json:
        for _ in range(REPEATS):
            request = self._client.build_request("POST", path, json=document)
            try:
                return _parsed(self.url, await self._send(request, JSON_LIMIT))
            except PeerRefused as refused:
                # Another client of this key sent the same within this second: sign a later one.
                if refused.reason != AuthReplayed.code:
                    raise
        raise AuthReplayed(self._signer.address if self._signer else "nobody")

    async def put_bytes(self, path: str, data: bytes) -> Json:
        kind = {"Content-Type": "application/octet-stream"}
        request = self._client.build_request("PUT", path, content=data, headers=kind)
        return _parsed(self.url, await self._send(request, JSON_LIMIT))

    async def _send(self, request: httpx.Request, limit: int) -> bytes:
        self._authorise(request)
        try:
            async with asyncio.timeout(self._answer_seconds):
                response = await self._client.send(request, stream=True)
                try:
                    most = limit if response.is_success else REFUSAL_LIMIT
                    body = await _read(response, most)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError) as error:
            raise PeerUnreachable(self.url, str(error) or type(error).__name__) from error
        if not response.is_success:
            raise _refusal(self.url, response.status_code, body)
        return body

    def _authorise(self, request: httpx.Request) -> None:
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token}"
        elif self._signer is not None:
            path = request.url.raw_path.decode("ascii")
            stamp = self._stamps.next(request.method, path, request.content)
            origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
            call = auth.Call(origin, request.method, path, request.content)
            signature = hex32(self._signer.sign_text(call.text(stamp)))
            request.headers[auth.HEADER] = f"{self._signer.address}:{stamp}:{signature}"


def _client(transport: Transport, url: str) -> httpx.AsyncClient:
    try:
        if urlsplit(url).port == 0:  # one above 65535 raises, and later nobody would expect it
            raise ValueError(url)
        return transport.client(url)
    except (ValueError, httpx.InvalidURL):
        raise PeerUnreachable(url, "not an address") from None


class Stamps:
    """Times to sign, in whole seconds; never the same for the same request twice.

    A server refuses a POST whose signature it saw before, and one repeated within a second would
    carry the same. Reads may repeat theirs: whoever polls would else run ahead of the clock.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: dict[bytes, int] = {}

    def next(self, method: str, path: str, body: bytes) -> int:
        if method != "POST":
            return int(self._clock())
        key = sha256(f"{method}\n{path}\n".encode() + sha256(body))
        stamp = max(int(self._clock()), self._used.pop(key, -1) + 1)
        self._used[key] = stamp
        if len(self._used) > REMEMBERED:
            del self._used[next(iter(self._used))]
        return stamp


async def _read(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > limit:
            raise AnswerTooLarge(str(response.request.url), limit)
    return bytes(body)


def _parsed(url: str, body: bytes) -> Json:
    try:
        return parse_json(body)
    except DocumentInvalid:
        raise AnswerInvalid(url, "not JSON") from None


def _refusal(url: str, status: int, body: bytes) -> PeerRefused:
    try:
        document = parse_json(body)
        return PeerRefused(url, status, str(document["code"])[:80], str(document["sentence"])[:500])
    except (DocumentInvalid, KeyError, TypeError):
        return PeerRefused(url, status, "unknown", "It gave no reason.")
