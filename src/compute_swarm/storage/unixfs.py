"""Files and folders as UnixFS DAGs, with the CIDs that kubo gives them.

The form is `ipfs add --cid-version=1 --raw-leaves --chunker=size-1048576`: raw leaves of 1 MiB,
balanced dag-pb nodes of up to 174 links above them, a single leaf standing for itself. Both
protobuf messages are small enough to be written out here.
"""

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO, Final

from compute_swarm.errors import DagInvalid
from compute_swarm.storage.cid import Cid, Codec

CHUNK: Final = 1024 * 1024
LINKS: Final = 174
BLOCK_LIMIT: Final = 2 * 1024 * 1024  # of any block that is taken from others

NAME_LIMIT: Final = 255  # bytes of a name in a folder, as file systems have it

Put = Callable[[Cid, bytes], None]


class Kind(IntEnum):
    FOLDER = 1
    FILE = 2


@dataclass(frozen=True, slots=True)
class Link:
    cid: Cid
    name: str
    total: int  # bytes of all blocks below, as serialised (Tsize)


@dataclass(frozen=True, slots=True)
class Node:
    """A dag-pb block. `sizes` are the bytes of the file below each link; folders have none."""

    kind: Kind
    links: tuple[Link, ...]
    sizes: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return sum(self.sizes)


@dataclass(frozen=True, slots=True)
class Added:
    cid: Cid
    size: int  # bytes of the file; a folder has 0
    total: int  # bytes of all its blocks

    def link(self, name: str = "") -> Link:
        return Link(self.cid, name, self.total)


def add_bytes(data: bytes, put: Put) -> Added:
    """Store the data as a file."""
    pieces = (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))
    return _balanced([_add_leaf(piece, put) for piece in pieces], put)


def add_stream(stream: BinaryIO, put: Put) -> Added:
    """Store what the stream still holds as a file, one chunk in memory at a time."""
    return _balanced([_add_leaf(piece, put) for piece in _chunks(stream)], put)


def add_path(path: Path, put: Put) -> Added:
    """Store a file or a folder. As with kubo, hidden entries of a folder are left out."""
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        with path.open("rb") as stream:
            return add_stream(stream, put)
    if not stat.S_ISDIR(mode):
        raise DagInvalid(str(path), "neither a file nor a folder")
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    return add_folder({name: add_path(path / name, put) for name in names}, put)


def add_folder(entries: dict[str, Added], put: Put) -> Added:
    """Store a folder of what was added before."""
    ordered = sorted(entries.items(), key=lambda entry: entry[0].encode())
    links = tuple(added.link(name) for name, added in ordered)
    return _add_node(Node(Kind.FOLDER, links), put)


def encode(node: Node) -> bytes:
    data = _number(1, node.kind)
    if node.kind is Kind.FILE:
        data += _number(3, node.size) + b"".join(_number(4, size) for size in node.sizes)
    links = b"".join(
        _field(
            2, _field(1, bytes(link.cid)) + _field(2, link.name.encode()) + _number(3, link.total)
        )
        for link in node.links
    )
    return links + _field(1, data)


def decode(cid: Cid, block: bytes) -> Node:
    """Return the node of a dag-pb block, which must be encoded as we encode."""
    try:
        fields = _fields(block)
        node = _node([value for key, value in fields if key == 2], _only(fields, 1))
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise DagInvalid(str(cid), str(error) or "malformed") from None
    if encode(node) != block:
        raise DagInvalid(str(cid), "not in canonical form")
    return node


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(CHUNK):
        yield piece


def _add_leaf(piece: bytes, put: Put) -> Added:
    cid = Cid.of(Codec.RAW, piece)
    put(cid, piece)
    return Added(cid, len(piece), len(piece))


def _add_node(node: Node, put: Put) -> Added:
    block = encode(node)
    cid = Cid.of(Codec.DAG_PB, block)
    put(cid, block)
    return Added(cid, node.size, len(block) + sum(link.total for link in node.links))


def _balanced(level: list[Added], put: Put) -> Added:
    if not level:
        return _add_leaf(b"", put)
    while len(level) > 1:
        groups = (level[at : at + LINKS] for at in range(0, len(level), LINKS))
        level = [_add_node(_file_node(group), put) for group in groups]
    return level[0]


def _file_node(children: Sequence[Added]) -> Node:
    links = tuple(child.link() for child in children)
    return Node(Kind.FILE, links, tuple(child.size for child in children))


# Protobuf: a field is a varint key (number << 3 | wire type) and a varint, or a length and bytes.


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def _field(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number is too long")


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    fields: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if key & 7 == 0:
            fields.append((key >> 3, value))
        elif key & 7 == 2:
            if at + value > len(data):
                raise ValueError("cut short")
            fields.append((key >> 3, data[at : at + value]))
            at += value
        else:
            raise ValueError("an unknown wire type")
    return fields


def _only(fields: list[tuple[int, int | bytes]], number: int) -> int | bytes:
    found = [value for key, value in fields if key == number]
    if len(found) != 1:
        raise ValueError(f"field {number} is not there once")
    return found[0]


def _node(raw_links: list[int | bytes], raw_data: int | bytes) -> Node:
    data = _fields(_as_bytes(raw_data))
    kind = Kind(_as_number(_only(data, 1)))
    sizes = tuple(_as_number(value) for key, value in data if key == 4)
    links = tuple(_link(_as_bytes(raw)) for raw in raw_links)
    if kind is Kind.FILE and len(sizes) != len(links):
        raise ValueError("sizes and links differ in number")
    if not all(sizes):  # else a few blocks could stand for a walk that never ends
        raise ValueError("a link of a file holds nothing")
    names = [link.name for link in links]
    if kind is Kind.FILE and any(names):
        raise ValueError("a link of a file has a name")
    if kind is Kind.FOLDER and (len(set(names)) < len(names) or not all(map(_is_name, names))):
        raise ValueError("a name in the folder cannot be used")
    return Node(kind, links, sizes)


def _link(raw: bytes) -> Link:
    fields = _fields(raw)
    cid = Cid.from_bytes(_as_bytes(_only(fields, 1)))
    return Link(cid, _as_bytes(_only(fields, 2)).decode(), _as_number(_only(fields, 3)))


def _is_name(name: str) -> bool:
    if name in ("", ".", "..") or len(name.encode()) > NAME_LIMIT:
        return False
    return not any(sign in name for sign in "/\\\0")


def _as_bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a number where bytes should be")
    return value


def _as_number(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ValueError("bytes where a number should be")
    return value
