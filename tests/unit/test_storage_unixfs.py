"""CIDs against kubo's.

tests/vectors/cids.json was written by kubo 0.43.1, `ipfs add -Q --only-hash --cid-version=1
--raw-leaves --chunker=size-1048576` for each file and the same with `-r` for each folder. The
contents are made from seeds, by `pattern` below.
"""

import hashlib
import io
import json
from pathlib import Path

import pytest

from compute_swarm.errors import DagInvalid, DocumentInvalid
from compute_swarm.storage.cid import Cid, Codec
from compute_swarm.storage.unixfs import (
    CHUNK,
    Kind,
    Link,
    Node,
    add_bytes,
    add_path,
    add_stream,
    decode,
    encode,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "cids.json").read_text())
LEAF = Cid.of(Codec.RAW, b"leaf")


def pattern(seed: int, size: int) -> bytes:
    tile = hashlib.shake_256(f"compute-swarm {seed}".encode()).digest(65_537)
    return (tile * (size // len(tile) + 1))[:size]


def drop(cid: Cid, block: bytes) -> None:
    pass


def name_of(case):
    return case["name"]


@pytest.mark.parametrize("case", VECTORS["files"], ids=name_of)
def test_a_file_has_kubos_cid(case):
    data = pattern(case["seed"], case["size"])
    added = add_stream(io.BytesIO(data), drop)
    assert (str(added.cid), added.size) == (case["cid"], case["size"])


@pytest.mark.parametrize("case", VECTORS["folders"], ids=name_of)
def test_a_folder_has_kubos_cid(case, tmp_path):
    for entry in case["entries"]:
        path = tmp_path / entry["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pattern(entry["seed"], entry["size"]))
    assert str(add_path(tmp_path, drop).cid) == case["cid"]


def test_bytes_and_a_stream_of_them_are_the_same_file():
    data = pattern(1, 2 * CHUNK + 5)
    assert add_bytes(data, drop) == add_stream(io.BytesIO(data), drop)


def test_hidden_files_of_a_folder_are_left_out(tmp_path):
    before = add_path(tmp_path, drop)
    (tmp_path / ".cache").write_text("x")
    assert add_path(tmp_path, drop) == before


def test_a_link_in_a_folder_is_refused(tmp_path):
    (tmp_path / "key").symlink_to("/etc/hostname")
    with pytest.raises(DagInvalid):
        add_path(tmp_path, drop)


@pytest.mark.parametrize("case", VECTORS["files"], ids=name_of)
def test_a_cid_is_read_as_it_is_written(case):
    cid = Cid.parse(case["cid"])
    assert str(cid) == case["cid"]
    assert Cid.from_bytes(bytes(cid)) == cid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",  # version 0
        str(LEAF).upper(),
        str(LEAF)[:-1],
        str(LEAF) + "a",
        str(LEAF)[:-1] + "b",  # the last digit's spare bits
        "bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",  # dag-cbor
        "b" + "é" * 58,
        "../../../../../../../../../../../../../../../../../../etc/",
    ],
)
def test_what_is_no_cid_of_ours_is_refused(text):
    with pytest.raises(DocumentInvalid):
        Cid.parse(text)


def node_cid(block: bytes) -> Cid:
    return Cid.of(Codec.DAG_PB, block)


def test_a_node_is_read_as_it_is_written():
    node = Node(Kind.FILE, (Link(LEAF, "", 4), Link(LEAF, "", 4)), (4, 4))
    assert decode(node_cid(b""), encode(node)) == node


@pytest.mark.parametrize(
    "node",
    [
        Node(Kind.FILE, (Link(LEAF, "", 4),), (4, 4)),
        Node(Kind.FILE, (Link(LEAF, "", 4),), (0,)),
        Node(Kind.FILE, (Link(LEAF, "name", 4),), (4,)),
        Node(Kind.FOLDER, (Link(LEAF, "", 4),)),
        Node(Kind.FOLDER, (Link(LEAF, "..", 4),)),
        Node(Kind.FOLDER, (Link(LEAF, "a/../../b", 4),)),
        Node(Kind.FOLDER, (Link(LEAF, "a\\b", 4),)),
        Node(Kind.FOLDER, (Link(LEAF, "a\0", 4),)),
        Node(Kind.FOLDER, (Link(LEAF, "a", 4), Link(LEAF, "a", 4))),
    ],
)
def test_a_node_that_could_harm_is_refused(node):
    block = encode(node)
    with pytest.raises(DagInvalid):
        decode(node_cid(block), block)


GOOD = encode(Node(Kind.FILE, (Link(LEAF, "", 4),), (4,)))


@pytest.mark.parametrize(
    "block",
    [b"", b"\x0a", b"\x0a\xff", b"\xff" * 20, b"\x0a\x02\x08\x09", GOOD[:-1], GOOD + b"\x18\x01"]
    + [
        GOOD[:at] + bytes([GOOD[at] ^ 0x80]) + GOOD[at + 1 :] for at in (0, 1, 2, 3, -3 % len(GOOD))
    ],
)
def test_a_malformed_node_is_refused(block):
    with pytest.raises(DagInvalid):
        decode(node_cid(block), block)
