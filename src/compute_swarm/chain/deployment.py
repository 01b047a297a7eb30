"""A deployment: where the contracts of one chain lie, made from the committed builds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from eth_utils.address import to_checksum_address
from web3.types import Nonce
from web3.utils import get_create_address

from compute_swarm.chain import artefacts
from compute_swarm.chain.artefacts import COURT, MARKET, RANDOMNESS, VALIDATORS
from compute_swarm.chain.profiles import PROFILES, Profile
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import Call, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import Address, address
from compute_swarm.errors import DeploymentDiffers, DocumentInvalid, NoDeployment


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one chain; `block` is the first that may hold their events."""

    chain_id: int
    market: Address
    validators: Address
    court: Address
    randomness: Address
    block: int
    profile: Profile
    tokens: tuple[Address, ...]

    @property
    def contracts(self) -> Mapping[str, Address]:
        """The address of each contract by its name."""
        return {
            RANDOMNESS: self.randomness,
            VALIDATORS: self.validators,
            MARKET: self.market,
            COURT: self.court,
        }

    def document(self) -> dict[str, Any]:
        """As JSON; the profile by its name, as its numbers are the release's."""
        return asdict(self) | {"profile": self.profile.name, "tokens": list(self.tokens)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a record, refusing what is missing or unknown."""
        fields = cls.__slots__
        if set(document) != set(fields):
            raise DocumentInvalid("deployment", f"an object with {', '.join(fields)}")
        if document["profile"] not in PROFILES:
            raise DocumentInvalid("profile", f"one of {', '.join(PROFILES)}")
        return cls(
            chain_id=int(document["chain_id"]),
            market=address(document["market"]),
            validators=address(document["validators"]),
            court=address(document["court"]),
            randomness=address(document["randomness"]),
            block=int(document["block"]),
            profile=PROFILES[document["profile"]],
            tokens=tuple(map(address, document["tokens"])),
        )

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(path.suffix + ".new")
        fresh.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a record from a file."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoDeployment(path.stem) from None
        except ValueError:
            raise DocumentInvalid(str(path), "JSON") from None
        return cls.from_document(document)


async def deploy(rpc: Rpc, wallet: Wallet, profile: Profile) -> Deployment:
    """Create all contracts. Nothing else may send from the wallet meanwhile.

    Each names the others for good, so that no setter and no owner is needed: the court's address
    follows from the wallet's nonce before the court exists.
    """
    head = await rpc.head()
    nonce = await rpc.nonce(wallet.address)
    randomness, validators, market, court = (
        created_address(wallet.address, nonce + step) for step in range(4)
    )
    rules, tokens = profile.rules.abi(), [listing.abi() for listing in profile.tokens]
    bonds = (int(profile.least_bond), profile.epoch, profile.unbonding)
    await _create(rpc, wallet, RANDOMNESS, (), randomness)
    await _create(rpc, wallet, VALIDATORS, (court, *bonds), validators)
    await _create(rpc, wallet, MARKET, (validators, court, randomness, rules, tokens), market)
    await _create(rpc, wallet, COURT, (market, validators, randomness, rules), court)
    return Deployment(
        chain_id=rpc.chain_id,
        market=market,
        validators=validators,
        court=court,
        randomness=randomness,
        block=head.number,
        profile=profile,
        tokens=tuple(listing.token for listing in profile.tokens),
    )


async def verify(rpc: Rpc, deployment: Deployment) -> None:
    """Hold the code on chain against the committed builds, and its immutables against the record.

    Code is compared with its immutables blanked; they must then be the addresses and the numbers
    that the record and its profile name, so that no part belongs to another deployment.
    """
    expected = _immutables(deployment)
    for name, where in deployment.contracts.items():
        code = await rpc.code(where)
        if not code:
            raise DeploymentDiffers(name, where, "there is no code")
        found = artefacts.load(name).immutables(code)
        if found is None:
            raise DeploymentDiffers(name, where, "the code is another build")
        if found != expected[name]:
            raise DeploymentDiffers(name, where, "it was made with other parameters")


def created_address(sender: Address, nonce: int) -> Address:
    """Where a contract that `sender` creates with a nonce will lie."""
    return to_checksum_address(get_create_address(sender, Nonce(nonce)))


def _immutables(deployment: Deployment) -> Mapping[str, frozenset[int]]:
    profile, rules = deployment.profile, deployment.profile.rules
    market, validators, court, randomness = (
        int(where, 16)
        for where in (
            *(deployment.market, deployment.validators),
            *(deployment.court, deployment.randomness),
        )
    )
    panels = (rules.draw_delay, rules.panel_time, rules.seats, rules.quorum)
    bonds = (int(profile.least_bond), profile.epoch, profile.unbonding)
    return {
        RANDOMNESS: frozenset(),
        VALIDATORS: frozenset((court, *bonds)),
        MARKET: frozenset((validators, court, randomness, *rules.abi())),
        COURT: frozenset((market, validators, randomness, *panels)),
    }


async def _create(
    rpc: Rpc, wallet: Wallet, name: str, arguments: Sequence[Any], expected: Address
) -> None:
    build = artefacts.load(name)
    data = build.bytecode + build.constructor.encode_arguments(arguments)
    receipt = await send(wallet, Call(rpc, None, data, build.constructor))
    if receipt.contract != expected:
        raise DeploymentDiffers(name, str(receipt.contract), f"expected it at {expected}")
