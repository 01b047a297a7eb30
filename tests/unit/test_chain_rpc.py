"""A connection that fails, told without the key that its URL may hold."""

import traceback

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from compute_swarm.chain.rpc import Rpc
from compute_swarm.errors import RpcUnavailable
from compute_swarm.node.settings import NodeSettings
from compute_swarm.sdk.settings import Settings

PATH = "/v3/KEY"


async def refuse(_: web.Request) -> web.Response:
    return web.Response(status=401)


async def mumble(_: web.Request) -> web.Response:
    return web.Response(text="<html>")


@pytest.mark.parametrize("answer", [refuse, mumble])
async def test_the_traceback_of_a_lost_connection_names_no_key(answer):
    app = web.Application()
    app.router.add_post(PATH, answer)
    async with TestServer(app) as server:
        with pytest.raises(RpcUnavailable) as lost:
            await Rpc.connect(str(server.make_url(PATH)), 1)
    assert PATH not in "".join(traceback.format_exception(lost.value))


def test_settings_are_shown_without_the_rpc():
    environment = {
        "SWARM_NODE_ROLE": "seller",
        "SWARM_NODE_HOME": "home",
        "SWARM_NODE_DEPLOYMENT": "record.json",
        "SWARM_NODE_RPC": "https://rpc.example/KEY",
    }
    assert "KEY" not in repr(NodeSettings.from_env(environment))
    assert "KEY" not in repr(Settings(rpc="https://rpc.example/KEY"))
