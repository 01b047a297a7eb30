"""CIDv1 over sha2-256, in the two codecs that files are made of: raw leaves and dag-pb nodes."""

import base64
import binascii
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from compute_swarm.domain.ids import sha256
from compute_swarm.errors import DocumentInvalid

_VERSION: Final = 1
_SHA2_256: Final = b"\x12\x20"  # multihash code and length
_TEXT_LENGTH: Final = 59  # multibase prefix and 36 bytes in base32


class Codec(IntEnum):
    RAW = 0x55  # the bytes of a file, nothing around them
    DAG_PB = 0x70  # links to other blocks, and UnixFS data


@dataclass(frozen=True, slots=True, order=True)
class Cid:
    codec: Codec
    digest: bytes

    @classmethod
    def of(cls, codec: Codec, block: bytes) -> "Cid":
        return cls(codec, sha256(block))

    @classmethod
    def parse(cls, text: str) -> "Cid":
        """Return the CID of its one textual form: base32, lower case."""
        try:
            if len(text) != _TEXT_LENGTH or text[0] != "b" or text != text.lower():
                raise ValueError
            cid = cls.from_bytes(base64.b32decode(text[1:].upper() + "=" * 6))
        except (ValueError, binascii.Error):
            raise DocumentInvalid(text[:80], "a CIDv1 of sha2-256, raw or dag-pb") from None
        if str(cid) != text:  # spare bits of the last digit were set
            raise DocumentInvalid(text, "a CIDv1 in canonical base32")
        return cid

    @classmethod
    def from_bytes(cls, data: bytes) -> "Cid":
        """Return the CID of its binary form. Anything else is a ValueError."""
        if len(data) != 36 or data[0] != _VERSION or data[2:4] != _SHA2_256:
            raise ValueError("not a CIDv1 of sha2-256")
        return cls(Codec(data[1]), data[4:])

    def __bytes__(self) -> bytes:
        return bytes((_VERSION, self.codec)) + _SHA2_256 + self.digest

    def __str__(self) -> str:
        return "b" + base64.b32encode(bytes(self)).decode("ascii").lower().rstrip("=")

    def matches(self, block: bytes) -> bool:
        return sha256(block) == self.digest
