"""Who signed a typed message. Only keys: a contract wallet's word is for the chain to check."""

from collections.abc import Mapping
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from compute_swarm.domain.ids import Address, address
from compute_swarm.errors import AuthWrongSigner


def recover(typed: Mapping[str, Any], signature: bytes) -> Address:
    """Return the signer, or raise `AuthWrongSigner`."""
    try:
        message = encode_typed_data(full_message=dict(typed))
        return address(Account.recover_message(message, signature=signature))
    # A malformed signature has many ways to fail within the curve's libraries.
    except Exception:  # noqa: BLE001
        raise AuthWrongSigner("anybody") from None


def signed_by(claimed: Address, typed: Mapping[str, Any], signature: bytes) -> None:
    """Refuse a message that somebody else signed."""
    if len(signature) != 65 or recover(typed, signature) != claimed:
        raise AuthWrongSigner(claimed)
