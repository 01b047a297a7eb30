"""What all HTTP services share: errors as JSON, bounded bodies, start and stop."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler

from compute_swarm.domain.jsontext import parse_json, write_json
from compute_swarm.errors import (
    AuthError,
    AuthReplayed,
    BadInput,
    BlockCorrupt,
    BlockTooLarge,
    BlockUnavailable,
    DagInvalid,
    DocumentInvalid,
    LimitReached,
    NotAllowed,
    NotKnown,
    SwarmError,
)
from compute_swarm.mesh.auth import ORIGINS
from compute_swarm.mesh.transport import Transport

BODY_LIMIT = 2 * 1024 * 1024 + 64 * 1024

STATUSES: tuple[tuple[type[SwarmError], int], ...] = (
    (NotKnown, 404),
    (BlockUnavailable, 404),
    (BlockTooLarge, 413),
    (BlockCorrupt, 400),
    (DagInvalid, 400),
    (LimitReached, 429),
    (BadInput, 400),
    (NotAllowed, 403),
    (AuthReplayed, 409),
    (AuthError, 401),
)

log = logging.getLogger(__name__)

Document: TypeAlias = dict[str, Any]


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer each error with its code and sentence; what isn't ours stays unnamed to the caller."""
    try:
        return await handler(request)
    except SwarmError as error:
        return refusal(status_of(error), error.code, error.sentence, error.action)
    except web.HTTPException as refused:
        if refused.status < 400:
            raise
        return refusal(refused.status, f"http.{refused.status}", f"{refused.reason}.", "")
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return refusal(500, "service.failed", "The service failed on this request.", "")


def refusal(status: int, code: str, sentence: str, action: str) -> web.Response:
    return answer({"code": code, "sentence": sentence, "action": action}, status)


def answer(document: Document, status: int = 200) -> web.Response:
    """Answer with JSON, which has no form for NaN or an infinity."""
    return web.json_response(document, status=status, dumps=write_json)


def status_of(error: SwarmError) -> int:
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 503)


async def read_document(request: web.Request) -> Document:
    """Return the body as a JSON object, or refuse it."""
    document = parse_json(await request.read())
    if not isinstance(document, dict):
        raise DocumentInvalid("", "a JSON object")
    return document


@asynccontextmanager
async def serving(app: web.Application, transport: Transport, port: int = 0) -> AsyncIterator[str]:
    """Serve the application while the context is open; yields its address as peers name it."""
    origins = app[ORIGINS] = []
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        at = transport.listen(port)
        site = web.TCPSite(runner, at.host, at.port)
        await site.start()
        bound = runner.addresses[0][1]
        origins.extend(transport.origins(bound))
        yield transport.url(bound)
    finally:
        await runner.cleanup()
