import pytest
from aiohttp import web

from compute_swarm.mesh.service import errors_as_json, serving
from compute_swarm.mesh.transport import Loopback
from compute_swarm.storage.blocks import MemoryBlocks
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import walk
from compute_swarm.storage.gateway import Gateway
from compute_swarm.storage.unixfs import CHUNK, add_bytes, add_folder

DATA = b"".join(bytes([n]) * CHUNK for n in range(3)) + b"end"
SECRET = b"not for everybody"


@pytest.fixture
def blocks():
    return MemoryBlocks()


@pytest.fixture
def file(blocks):
    return add_bytes(DATA, blocks.put)


@pytest.fixture
def secret(blocks):
    return add_bytes(SECRET, blocks.put)


@pytest.fixture
async def client(blocks, secret):
    async def may_read(request: web.Request, cid: Cid) -> bool:
        return cid != secret.cid or request.headers.get("X-Key") == "right"

    app = web.Application(middlewares=[errors_as_json])
    app.add_routes(Gateway(blocks, may_read).routes())
    loopback = Loopback()
    async with serving(app, loopback) as url:
        client = loopback.client(url)
        yield client
        await client.aclose()


async def test_a_raw_block_is_served_with_its_type(client, file, blocks):
    answer = await client.get(f"/ipfs/{file.cid}?format=raw")
    assert answer.content == blocks.get(file.cid)
    assert answer.headers["Content-Type"] == "application/vnd.ipld.raw"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_small_file_is_put_together(client, file):
    assert (await client.get(f"/ipfs/{file.cid}")).content == DATA


def car_blocks(data: bytes) -> list[tuple[Cid, bytes]]:
    """Read a CAR by its specification, header left out."""
    found, at = [], 0
    while at < len(data):
        length = shift = 0
        while True:
            byte = data[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                break
        frame = data[at : at + length]
        at += length
        found.append(frame)
    return [(Cid.from_bytes(frame[:36]), frame[36:]) for frame in found[1:]]


async def test_a_car_holds_the_whole_dag_root_first(client, file, blocks):
    answer = await client.get(f"/ipfs/{file.cid}?format=car")
    assert answer.headers["Content-Type"].startswith("application/vnd.ipld.car")
    expected = [(cid, blocks.get(cid)) for cid in walk(file.cid, blocks.get)]
    assert car_blocks(answer.content) == expected


async def test_a_cars_header_names_the_root(client, secret):
    answer = await client.get(f"/ipfs/{secret.cid}?format=car", headers={"X-Key": "right"})
    header = answer.content[1 : 1 + answer.content[0]]
    assert header.startswith(b"\xa2erootsa"[:7])
    assert bytes(secret.cid) in header


async def test_the_scope_block_is_one_block(client, file):
    answer = await client.get(f"/ipfs/{file.cid}?format=car&dag-scope=block")
    assert [cid for cid, _ in car_blocks(answer.content)] == [file.cid]


@pytest.mark.parametrize("form", ["", "?format=raw", "?format=car"])
async def test_policy_is_asked_for_every_form(client, secret, form):
    refused = await client.get(f"/ipfs/{secret.cid}{form}")
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.not_allowed")
    allowed = await client.get(f"/ipfs/{secret.cid}{form}", headers={"X-Key": "right"})
    assert SECRET in allowed.content


@pytest.mark.parametrize("form", ["", "?format=raw", "?format=car"])
async def test_what_is_not_here_is_not_found(client, form):
    answer = await client.get(f"/ipfs/{add_bytes(b'gone', lambda *_: None).cid}{form}")
    assert (answer.status_code, answer.json()["code"]) == (404, "transfer.unavailable")


@pytest.mark.parametrize("path", ["/ipfs/x", "/ipfs/..%2f..%2fetc%2fpasswd"])
async def test_no_cid_is_a_bad_request(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "document")


async def test_an_unknown_format_or_scope_is_a_bad_request(client, file):
    for query in ("format=tar", "format=car&dag-scope=everything"):
        assert (await client.get(f"/ipfs/{file.cid}?{query}")).status_code == 400


async def test_a_folder_is_not_put_together(client, blocks):
    folder = add_folder({}, blocks.put)
    assert (await client.get(f"/ipfs/{folder.cid}")).json()["code"] == "transfer.dag_invalid"
