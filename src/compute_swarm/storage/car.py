"""CAR v1, the stream of blocks that IPFS tools exchange."""

from collections.abc import Iterable, Iterator
from typing import Final

from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import Get
from compute_swarm.storage.unixfs import varint

# DAG-CBOR of {"roots": [CID], "version": 1}; tag 42 holds the CID's 36 bytes behind a zero byte.
_HEADER: Final = (b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00", b"\x67version\x01")


def car(root: Cid, cids: Iterable[Cid], get: Get) -> Iterator[bytes]:
    """Yield a CAR stream of the blocks: the header, then one piece a block."""
    yield _framed(_HEADER[0] + bytes(root) + _HEADER[1])
    for cid in cids:
        yield _framed(bytes(cid) + get(cid))


def _framed(data: bytes) -> bytes:
    return varint(len(data)) + data
