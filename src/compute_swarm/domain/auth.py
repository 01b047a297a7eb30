"""Requests signed by an address: the X-Swarm-Auth header, EIP-191 over what is asked."""

from dataclasses import dataclass
from typing import Final, Protocol

from eth_account.datastructures import SignedMessage
from eth_account.messages import SignableMessage, encode_defunct

from compute_swarm.domain.ids import Address, address, hex32, parse_hex, sha256
from compute_swarm.domain.signature import signer as signer_of
from compute_swarm.errors import AuthMalformed, AuthStale, AuthWrongSigner, BadInput

HEADER: Final = "X-Swarm-Auth"
MOST_AGE_S: Final = 60


class Signer(Protocol):
    """An eth_account LocalAccount, or a wallet that looks like one."""

    @property
    def address(self) -> Address: ...

    def sign_message(self, signable_message: SignableMessage, /) -> SignedMessage: ...


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of whom; without the server's name it could pass the request on as its own."""

    origin: str  # of the server as its client dials it, such as http://127.0.0.1:8700
    method: str
    path: str  # with the query string where there is one
    body: bytes

    def text(self, time: int) -> str:
        """What is signed."""
        asked = f"{self.origin}\n{self.method.upper()}\n{self.path}\n{sha256(self.body).hex()}"
        return f"compute-swarm\n{asked}\n{time}"


def sign(signer: Signer, call: Call, now: float) -> str:
    """Return the header's value."""
    time = int(now)
    signed = signer.sign_message(encode_defunct(text=call.text(time)))
    return f"{signer.address}:{time}:{hex32(bytes(signed.signature))}"


def verify(header: str | None, call: Call, now: float) -> Address:
    """Return who signed the request, or raise an AuthError."""
    claimed, time, signature = _parse(header)
    age = int(now) - time
    if abs(age) > MOST_AGE_S:
        raise AuthStale(age, MOST_AGE_S)
    if signer_of(encode_defunct(text=call.text(time)), signature) != claimed:
        raise AuthWrongSigner(claimed)
    return claimed


def _parse(header: str | None) -> tuple[Address, int, bytes]:
    parts = (header or "").split(":")
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 16):
        raise AuthMalformed
    try:
        return address(parts[0]), int(parts[1]), parse_hex(parts[2], 65)
    except BadInput:
        raise AuthMalformed from None
