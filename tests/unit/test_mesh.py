import asyncio
import socket

import pytest
from aiohttp import web
from eth_account import Account

from compute_swarm.domain import auth
from compute_swarm.domain.ids import address, hex32
from compute_swarm.errors import (
    AnswerInvalid,
    AnswerTooLarge,
    LimitReached,
    PeerRefused,
    PeerUnreachable,
)
from compute_swarm.mesh.auth import authentication, caller
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.service import answer, errors_as_json, read_document, serving
from compute_swarm.mesh.transport import Loopback

LOOPBACK = Loopback()


class Key:
    """A signer as the wallet is one."""

    def __init__(self, number: int) -> None:
        self._account = Account.from_key(number.to_bytes(32, "big"))
        self.address = address(self._account.address)

    def sign_text(self, text: str) -> bytes:
        message = auth.encode_defunct(text=text)
        return bytes(self._account.sign_message(message).signature)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"caller": caller(request), "body": await read_document(request)})


async def whoami(request: web.Request) -> web.Response:
    return web.json_response({"caller": caller(request)})


async def broken(request: web.Request) -> web.Response:
    raise RuntimeError("a secret of the service")


async def full(request: web.Request) -> web.Response:
    raise LimitReached("sweeps", 3)


async def many(request: web.Request) -> web.Response:
    return web.Response(body=bytes(5000))


async def text(request: web.Request) -> web.Response:
    return web.Response(text="not JSON")


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def url(clock):
    app = web.Application(middlewares=[errors_as_json, authentication(clock)])
    app.router.add_post("/echo", echo)
    for handler in (whoami, broken, full, many, text, slow):
        app.router.add_get(f"/{handler.__name__}", handler)
    async with serving(app, LOOPBACK) as url:
        yield url


@pytest.fixture
async def peer(url, clock):
    async with Peer(url, LOOPBACK, Key(1), clock) as peer:
        yield peer


async def test_a_signed_request_names_its_caller(peer):
    answer = await peer.post("/echo", {"n": 1})
    assert answer == {"caller": Key(1).address, "body": {"n": 1}}


async def test_the_query_is_signed_too(peer, url, clock):
    assert (await peer.get("/whoami", {"a": "b c"}))["caller"] == Key(1).address
    header = auth.sign(
        Account.from_key(b"\1" * 32), auth.Call(url, "GET", "/whoami?a=1", b""), clock()
    )
    client = LOOPBACK.client(url)
    answer = await client.get("/whoami?a=2", headers={auth.HEADER: header})
    await client.aclose()
    assert answer.json()["code"] == "auth.wrong_signer"


async def test_what_was_signed_for_another_server_is_refused(url, clock):
    other = "http://127.0.0.1:1"
    call = auth.Call(other, "GET", "/whoami", b"")
    header = auth.sign(Account.from_key(b"\1" * 32), call, clock())
    client = LOOPBACK.client(url)
    for host in (url, other):
        headers = {auth.HEADER: header, "Host": host.removeprefix("http://")}
        answer = await client.get("/whoami", headers=headers)
        assert answer.json()["code"] == "auth.wrong_signer"
    await client.aclose()


async def test_a_server_may_be_dialled_by_its_other_name(url, clock):
    async with Peer(url.replace("127.0.0.1", "localhost"), LOOPBACK, Key(1), clock) as peer:
        assert (await peer.get("/whoami"))["caller"] == Key(1).address


async def test_a_number_that_json_lacks_is_not_written():
    assert answer({"loss": 1.5}).text == '{"loss":1.5}'
    with pytest.raises(ValueError, match="JSON"):
        answer({"loss": float("nan")})


async def test_without_a_signature_nobody_calls(url):
    async with Peer(url, LOOPBACK) as peer:
        with pytest.raises(PeerRefused) as caught:
            await peer.get("/whoami")
    assert (caught.value.status, caught.value.reason) == (401, "auth.malformed")


async def test_a_request_is_taken_once(peer, url, clock):
    body = b'{"n":1}'
    stamp = int(clock())
    signature = hex32(Key(1).sign_text(auth.Call(url, "POST", "/echo", body).text(stamp)))
    headers = {auth.HEADER: f"{Key(1).address}:{stamp}:{signature}"}
    client = LOOPBACK.client(url)
    first = await client.post("/echo", content=body, headers=headers)
    headers[auth.HEADER] = headers[auth.HEADER].lower()  # the same claim, another spelling
    second = await client.post("/echo", content=body, headers=headers)
    await client.aclose()
    assert (first.status_code, second.json()["code"]) == (200, "auth.replayed")


async def test_the_same_request_made_twice_is_signed_twice(peer):
    assert await peer.post("/echo", {}) == await peer.post("/echo", {})


async def test_a_replay_is_stale_when_it_is_forgotten(peer, clock):
    for _ in range(3):
        clock.now += 200
        await peer.post("/echo", {})
    clock.now += 100
    stale = Clock()
    stale.now = clock.now - 70
    async with Peer(peer.url, LOOPBACK, Key(1), stale) as late:
        with pytest.raises(PeerRefused) as caught:
            await late.post("/echo", {})
    assert caught.value.reason == "auth.stale"


async def test_errors_arrive_as_code_and_sentence(peer):
    with pytest.raises(PeerRefused) as caught:
        await peer.get("/full")
    assert (caught.value.status, caught.value.reason) == (429, "limit")
    with pytest.raises(PeerRefused) as caught:
        await peer.get("/nowhere")
    assert (caught.value.status, caught.value.reason) == (404, "http.404")


async def test_an_unforeseen_error_tells_the_caller_nothing(peer):
    with pytest.raises(PeerRefused) as caught:
        await peer.get("/broken")
    assert caught.value.reason == "service.failed"
    assert "secret" not in caught.value.said


@pytest.mark.parametrize("body", [b"[1]", b"{", b'{"a": NaN}', b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_object_is_refused(peer, body):
    client = LOOPBACK.client(peer.url)
    header = f"{Key(1).address}:1000000:"
    text = auth.Call(peer.url, "POST", "/echo", body).text(1_000_000)
    header += hex32(Key(1).sign_text(text))
    answer = await client.post("/echo", content=body, headers={auth.HEADER: header})
    await client.aclose()
    assert (answer.status_code, answer.json()["code"]) == (400, "document")


async def test_an_answer_over_the_limit_is_cut_off(peer):
    with pytest.raises(AnswerTooLarge):
        await peer.get_bytes("/many", 4999)
    assert len(await peer.get_bytes("/many", 5000)) == 5000


async def test_an_answer_that_is_not_json_is_refused(peer):
    with pytest.raises(AnswerInvalid):
        await peer.get("/text")


async def test_a_silent_peer_is_given_up(url):
    async with Peer(url, LOOPBACK, answer_seconds=0.3) as peer:
        with pytest.raises(PeerUnreachable):
            await peer.get("/slow")


async def test_nobody_at_the_address_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Peer(f"http://127.0.0.1:{port}", LOOPBACK) as peer:
        with pytest.raises(PeerUnreachable):
            await peer.get("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:80",
        "https://127.0.0.1",
        "http://example.org",
        "file:///etc",
        "http://",
        "x",
    ],
)
def test_loopback_reaches_no_other_host(url):
    with pytest.raises(PeerUnreachable):
        LOOPBACK.client(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:70000", "http://127.0.0.1:0", "http://[::1", "x"]
)
def test_what_is_no_address_is_a_peer_that_nobody_reaches(url):
    with pytest.raises(PeerUnreachable):
        Peer(url, Loopback())
