"""Ids and hashes: keccak-256 for what a contract recomputes, SHA-256 for bulk bytes."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final, NewType, TypeAlias

from eth_abi.abi import encode as abi_encode
from eth_typing import ChecksumAddress
from eth_utils.address import is_address, to_checksum_address
from eth_utils.crypto import keccak as _keccak

from compute_swarm.errors import AddressInvalid, DocumentInvalid

SweepId = NewType("SweepId", bytes)
AwardId = NewType("AwardId", bytes)
CommitId = NewType("CommitId", bytes)
DisputeId = NewType("DisputeId", bytes)
SessionId = NewType("SessionId", bytes)
DemandId = NewType("DemandId", bytes)
Digest = NewType("Digest", bytes)
ClassId = NewType("ClassId", bytes)  # numeric class of a machine: engine, ISA or GPU, dtype, flags
Address: TypeAlias = ChecksumAddress

ZERO32: Final = Digest(bytes(32))
NATIVE: Final[Address] = to_checksum_address("0x" + "00" * 20)  # the native coin as a token

_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def keccak(data: bytes) -> bytes:
    return _keccak(data)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def abi_hash(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """H(...) of the protocol: keccak-256 of the ABI encoding."""
    return _keccak(abi_encode(types, values))


def address(text: str) -> Address:
    """Return `text` checksummed."""
    if not is_address(text):
        raise AddressInvalid(str(text))
    return to_checksum_address(text)


def hex32(data: bytes) -> str:
    """Return 0x and lower-case digits; of any length, 32 bytes being the usual one."""
    return "0x" + data.hex()


def parse_hex(text: object, length: int | None = None) -> bytes:
    """Return the bytes of a 0x string, of exactly `length` bytes when given."""
    match = _HEX.fullmatch(text) if isinstance(text, str) else None
    if match is None or (length is not None and len(match[1]) != 2 * length):
        want = "a 0x string" if length is None else f"a 0x string of {length} bytes"
        raise DocumentInvalid(str(text)[:80], want)
    return bytes.fromhex(match[1])


def domain_separator(chain_id: int, contract: Address) -> bytes:
    """EIP-712 domain of our contracts."""
    return abi_hash(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [
            keccak(_DOMAIN_TYPE.encode()),
            keccak(b"compute-swarm"),
            keccak(b"1"),
            chain_id,
            contract,
        ],
    )


def eip712_digest(separator: bytes, struct_hash: bytes) -> bytes:
    return keccak(b"\x19\x01" + separator + struct_hash)
