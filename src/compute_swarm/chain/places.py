"""Addresses that are known before a contract exists: of a nonce, of the proxy, of our Deployer."""

from functools import cache
from typing import Final

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.types import Nonce
from web3.utils import get_create_address

from compute_swarm.chain import artefacts
from compute_swarm.domain.ids import Address, address

# Creates what follows a salt in its calldata; on every public chain, and on anvil.
PROXY: Final = address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
NO_SALT: Final = bytes(32)

# What the Deployer creates first: a contract that creates what it is called with.
_CRADLE: Final = bytes.fromhex("73363d3d37363d34f03d5f5f3e6012573d5ffd5b005f526014600cf3")


@cache
def deployer_address() -> Address:
    """Where the Deployer lies, on every chain."""
    return _create2(PROXY, NO_SALT, artefacts.load(artefacts.DEPLOYER).creation())


def deployed_address(sender: Address, salt: bytes) -> Address:
    """Where a contract lies that `sender` creates through the Deployer, whatever its code."""
    own = keccak(encode(["address", "bytes32"], [sender, salt]))
    return created_address(_create2(deployer_address(), own, _CRADLE), 1)


def created_address(sender: Address, nonce: int) -> Address:
    """Where a contract that `sender` creates with a nonce will lie."""
    return to_checksum_address(get_create_address(sender, Nonce(nonce)))


def _create2(sender: Address, salt: bytes, code: bytes) -> Address:
    whole = b"\xff" + bytes.fromhex(sender[2:]) + salt + keccak(code)
    return to_checksum_address(keccak(whole)[12:])
