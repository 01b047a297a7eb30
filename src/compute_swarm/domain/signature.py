"""Who signed a message, by the contracts' rule: what the chain would refuse counts for nobody.

Only keys: a contract wallet's word is for the chain to check.
"""

from collections.abc import Mapping
from typing import Any, Final

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from compute_swarm.domain.ids import Address, address

LENGTH: Final = 65  # r, s and v
_HIGHEST_S: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def is_canonical(signature: bytes) -> bool:
    """Whether a signature has the one form that the contracts take; libraries take more."""
    s = int.from_bytes(signature[32:64], "big")
    return len(signature) == LENGTH and signature[64] in (27, 28) and s <= _HIGHEST_S


def signer(message: SignableMessage, signature: bytes) -> Address | None:
    """Return who signed, or None if nobody did."""
    if not is_canonical(signature):
        return None
    try:
        return address(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


def typed_signer(typed: Mapping[str, Any], signature: bytes) -> Address | None:
    """Return who signed an EIP-712 message, or None if nobody did."""
    return signer(encode_typed_data(full_message=dict(typed)), signature)
