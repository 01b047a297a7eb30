"""Requests signed by an address: the X-Swarm-Auth header, EIP-191 over what is asked."""

from typing import Final, Protocol

from eth_account import Account
from eth_account.datastructures import SignedMessage
from eth_account.messages import SignableMessage, encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from compute_swarm.domain.ids import Address, address, hex32, parse_hex, sha256
from compute_swarm.errors import AuthMalformed, AuthStale, AuthWrongSigner, BadInput

HEADER: Final = "X-Swarm-Auth"
MOST_AGE_S: Final = 60


class Signer(Protocol):
    """An eth_account LocalAccount, or a wallet that looks like one."""

    @property
    def address(self) -> Address: ...

    def sign_message(self, signable_message: SignableMessage, /) -> SignedMessage: ...


def text(method: str, path: str, body: bytes, time: int) -> str:
    """What is signed; `path` holds the query string where there is one."""
    return f"compute-swarm\n{method.upper()}\n{path}\n{sha256(body).hex()}\n{time}"


def sign(signer: Signer, method: str, path: str, body: bytes, now: float) -> str:
    """Return the header's value."""
    time = int(now)
    signed = signer.sign_message(encode_defunct(text=text(method, path, body, time)))
    return f"{signer.address}:{time}:{hex32(bytes(signed.signature))}"


def verify(header: str | None, method: str, path: str, body: bytes, now: float) -> Address:
    """Return who signed the request, or raise an AuthError."""
    claimed, time, signature = _parse(header)
    age = int(now) - time
    if abs(age) > MOST_AGE_S:
        raise AuthStale(age, MOST_AGE_S)
    message = encode_defunct(text=text(method, path, body, time))
    if _signer(message, signature) != claimed:
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


def _signer(message: SignableMessage, signature: bytes) -> Address | None:
    try:
        return address(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None
