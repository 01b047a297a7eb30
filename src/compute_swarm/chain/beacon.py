"""Rounds of drand's `quicknet`, brought to a chain whose deployment draws from them.

Anybody may do it, once a round; the signature is published at
`https://api.drand.sh/<chain hash>/public/<round>`, and the contract checks it.
"""

from typing import Final

from compute_swarm.chain.artefacts import BEACON
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import Call, call_of
from compute_swarm.domain.ids import Address
from compute_swarm.errors import DocumentInvalid

CHAIN_HASH: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
GENESIS: Final = 1_692_803_367  # seconds since 1970, of round 1
PERIOD: Final = 3  # seconds

_P: Final = int(  # the field of BLS12-381
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf"
    "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    16,
)
_COORDINATE: Final = 48  # bytes
_COMPRESSED, _INFINITY, _GREATER = (1 << bit for bit in (383, 382, 381))


def round_after(time: int, margin: int) -> int:
    """The round that answers a block of this time, as the contract says it."""
    earliest = time + margin
    return 1 if earliest < GENESIS else (earliest - GENESIS) // PERIOD + 2


def begins(number: int) -> int:
    """When a round begins; its signature is published a second or two later."""
    return GENESIS + (number - 1) * PERIOD


def prove(rpc: Rpc, randomness: Address, number: int, signature: bytes) -> Call:
    """Store a round's entropy, by the signature as drand publishes it."""
    return call_of(rpc, randomness, BEACON, "prove", (number, uncompressed(signature)))


def uncompressed(signature: bytes) -> bytes:
    """Both coordinates of a published point: the root costs nothing here, and much on chain."""
    word = int.from_bytes(signature, "big")
    x = word % _GREATER
    square = (x**3 + 4) % _P
    y = pow(square, (_P + 1) // 4, _P)
    flagged = word & (_COMPRESSED | _INFINITY) == _COMPRESSED
    if len(signature) != _COORDINATE or not flagged or x >= _P or y * y % _P != square:
        raise DocumentInvalid("signature", "a compressed point of BLS12-381's G1")
    if (y > _P // 2) != bool(word & _GREATER):
        y = _P - y
    return x.to_bytes(_COORDINATE, "big") + y.to_bytes(_COORDINATE, "big")
