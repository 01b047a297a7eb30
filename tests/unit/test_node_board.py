from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.domain.ids import CommitId, SweepId
from compute_swarm.errors import AnswerInvalid
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.node.board import Board

SWEEP = SweepId(bytes(32))


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
            partial(board.verdicts, CommitId(bytes(32))),
            board.urls,
            partial(board.register, "seller", url, "", {}),
        )
        for read in reads:
            with pytest.raises(AnswerInvalid):
                await read()
        await board.aclose()
