"""The trustless gateway: blocks, CAR streams and small files over HTTP, to whom policy allows.

A subset of the IPFS gateways' specification, so that any IPFS tool can fetch and verify.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from compute_swarm.errors import DocumentInvalid, NotAllowed
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.car import car
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import read, walk

FILE_LIMIT: Final = 16 * 1024 * 1024  # of a file put together here; clients fetch blocks otherwise

MayRead = Callable[[web.Request, Cid], Awaitable[bool]]


async def anybody(_request: web.Request, _cid: Cid) -> bool:
    """The policy of a store that holds public content only."""
    return True


@dataclass(frozen=True, slots=True)
class Gateway:
    blocks: BlockStore
    may_read: MayRead

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/ipfs/{cid}", self.serve)]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        cid = Cid.parse(request.match_info["cid"])
        if not await self.may_read(request, cid):
            raise NotAllowed("The caller", f"read {cid}")
        match request.query.get("format"):
            case "raw":
                return await self._raw(cid)
            case "car":
                return await self._car(request, cid)
            case None:
                return await self._file(cid)
            case other:
                raise DocumentInvalid(f"format={other[:20]}", "raw or car")

    async def _raw(self, cid: Cid) -> web.Response:
        block = await asyncio.to_thread(self.blocks.get, cid)
        return web.Response(body=block, headers=_headers(cid, "application/vnd.ipld.raw"))

    async def _file(self, cid: Cid) -> web.Response:
        data = await asyncio.to_thread(read, cid, self.blocks.get, FILE_LIMIT)
        return web.Response(body=data, headers=_headers(cid, "application/octet-stream"))

    async def _car(self, request: web.Request, cid: Cid) -> web.StreamResponse:
        scope = request.query.get("dag-scope", "all")
        if scope not in ("block", "all"):
            raise DocumentInvalid(f"dag-scope={scope[:20]}", "block or all")
        below = iter((cid,)) if scope == "block" else walk(cid, self.blocks.get)
        pieces = car(cid, below, self.blocks.get)
        first = await asyncio.to_thread(_next, pieces)
        root = await asyncio.to_thread(_next, pieces)  # a missing root is still a proper refusal
        response = web.StreamResponse(headers=_headers(cid, "application/vnd.ipld.car; version=1"))
        await response.prepare(request)
        await response.write(first + root)
        while piece := await asyncio.to_thread(_next, pieces):
            await response.write(piece)
        return response


def _next(pieces: Iterator[bytes]) -> bytes:
    return next(pieces, b"")


def _headers(cid: Cid, kind: str) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Disposition": "attachment",  # never a page of our origin
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{cid}"',
        "X-Ipfs-Path": f"/ipfs/{cid}",
    }
