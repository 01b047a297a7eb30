"""Refusing typed messages that nobody signed, or somebody else."""

from collections.abc import Mapping
from typing import Any

from compute_swarm.domain.ids import Address
from compute_swarm.domain.signature import typed_signer
from compute_swarm.errors import AuthWrongSigner


def recover(typed: Mapping[str, Any], signature: bytes) -> Address:
    """Return the signer, or raise `AuthWrongSigner`."""
    signer = typed_signer(typed, signature)
    if signer is None:
        raise AuthWrongSigner("anybody")
    return signer


def signed_by(claimed: Address, typed: Mapping[str, Any], signature: bytes) -> None:
    """Refuse a message that somebody else signed."""
    if typed_signer(typed, signature) != claimed:
        raise AuthWrongSigner(claimed)
