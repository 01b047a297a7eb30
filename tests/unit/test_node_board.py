from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain import wire
from compute_swarm.domain.ids import CommitId, Digest, SweepId
from compute_swarm.domain.verdict import SignedVerdict, Verdict
from compute_swarm.errors import AnswerInvalid
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.board import Board

SWEEP = SweepId(bytes(32))
COMMIT = CommitId(bytes(32))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        "x",
        None,
        7,
        {"sweeps": [{}], "spec": 3, "bids": [{}], "verdicts": [{}], "nodes": [{}]},
        {"sweeps": 1, "spec": {}, "bids": {}, "verdicts": "x", "nodes": [7]},
    ],
)
async def test_an_answer_of_the_wrong_form_is_a_failure_that_may_pass(answer: Any) -> None:
    async def say(_: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", say)
    transport = Loopback()
    async with serving(app, transport) as url:
        peer = Peer(url, transport, dev_wallet(1))
        board = Board(peer, Peer(url, transport), Peer(url, transport))
        reads: tuple[Callable[[], Awaitable[object]], ...] = (
            board.notices,
            partial(board.spec, SWEEP),
            partial(board.bids, SWEEP),
            partial(board.verdicts, COMMIT, ()),
            board.urls,
            partial(board.register, "seller", url, "", {}),
        )
        for read in reads:
            with pytest.raises(AnswerInvalid):
                await read()
        await board.aclose()


async def test_of_a_flood_of_verdicts_two_of_each_seat_are_read() -> None:
    judge, other = dev_wallet(1).address, dev_wallet(2).address

    def said(who: str, share: int, answers: bytes) -> dict[str, Any]:
        verdict = Verdict(COMMIT, share, answers, Digest(bytes(32)))
        return {"judge": who, "signed": wire.encode(SignedVerdict(verdict, bytes(65)))}

    unreadable = {"judge": other, "signed": {"verdict": {"share": 0, "answers": "?"}}}
    flood = [said(judge, 0, bytes([n % 5])) for n in range(50)] + [unreadable] * 50
    told = [*flood, said(judge, 1, b""), said(other, 1, b"")]

    async def say(_: web.Request) -> web.Response:
        return web.json_response({"verdicts": told})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", say)
    transport = Loopback()
    async with serving(app, transport) as url:
        board = Board(*(Peer(url, transport) for _ in range(3)))
        found = await board.verdicts(COMMIT, {(0, judge), (1, other)})
        await board.aclose()
    words = [(who, one.verdict.share, one.verdict.answers) for who, one in found]
    assert words == [(judge, 0, b"\0"), (judge, 0, b"\1"), (other, 1, b"")]
