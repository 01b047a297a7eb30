"""A deployment: where the contracts of one chain lie, and what they were made with.

The contracts name each other for good, so that no setter and no owner is needed. Their addresses
are known beforehand because the Deployer makes them follow from who asks and a salt alone; and
they are the same on every chain, because it is itself put there by the well-known proxy.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Self

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from compute_swarm.chain import artefacts
from compute_swarm.chain.artefacts import (
    COURT,
    DEPLOYER,
    MARKET,
    OVERSIGHT,
    SESSIONS,
    VALIDATORS,
)
from compute_swarm.chain.cursor import SPAN
from compute_swarm.chain.places import NO_SALT, PROXY, deployed_address, deployer_address
from compute_swarm.chain.profiles import Profile
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import Call, call_of, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import Address, address, hex32
from compute_swarm.errors import (
    DeploymentDiffers,
    DocumentInvalid,
    EditionTaken,
    NoDeployment,
    RpcRefused,
    WrongChain,
)

EDITION: Final = "v1"
_CRADLE_GAS: Final = 70_000  # what the Deployer adds to a plain creation
_REVERTED: Final = 3  # JSON-RPC's number for a revert


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one chain; `block` is the first that may hold their events."""

    chain_id: int
    market: Address
    validators: Address
    court: Address
    sessions: Address
    oversight: Address
    randomness: Address
    deployer: Address
    sender: Address  # with the edition and the profile's name it gives the addresses
    edition: str
    block: int
    source: str  # SHA-256 over the builds that they were made from
    profile: Profile

    @property
    def contracts(self) -> Mapping[str, Address]:
        """The address of each contract by its name, in the order of their creation."""
        return {
            self.profile.entropy.contract: self.randomness,
            VALIDATORS: self.validators,
            MARKET: self.market,
            COURT: self.court,
            SESSIONS: self.sessions,
            OVERSIGHT: self.oversight,
        }

    @property
    def tokens(self) -> tuple[Address, ...]:
        """The payment tokens."""
        return tuple(listing.token for listing in self.profile.tokens)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"profile": self.profile.document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a record, refusing what is missing or unknown."""
        names = [field.name for field in fields(cls)]
        if set(document) != set(names):
            raise DocumentInvalid("deployment", f"an object with {', '.join(names)}")
        return cls(
            chain_id=int(document["chain_id"]),
            market=address(document["market"]),
            validators=address(document["validators"]),
            court=address(document["court"]),
            sessions=address(document["sessions"]),
            oversight=address(document["oversight"]),
            randomness=address(document["randomness"]),
            deployer=address(document["deployer"]),
            sender=address(document["sender"]),
            edition=str(document["edition"]),
            block=int(document["block"]),
            source=str(document["source"]),
            profile=Profile.from_document(document["profile"]),
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


@dataclass(frozen=True, slots=True)
class Creation:
    """One contract to create."""

    name: str
    place: Address
    code: bytes  # creation code and constructor arguments
    there: bool = False  # it was created before


def planned(chain_id: int, sender: Address, profile: Profile, edition: str = EDITION) -> Deployment:
    """What `deploy` will make; its block is yet 0."""

    def place(name: str) -> Address:
        return deployed_address(sender, salt_of(profile, edition, name))

    randomness = profile.entropy.contract
    return Deployment(
        chain_id=chain_id,
        market=place(MARKET),
        validators=place(VALIDATORS),
        court=place(COURT),
        sessions=place(SESSIONS),
        oversight=place(OVERSIGHT),
        randomness=place(randomness),
        deployer=deployer_address(),
        sender=sender,
        edition=edition,
        block=0,
        source=source_of(profile),
        profile=profile,
    )


def salt_of(profile: Profile, edition: str, name: str) -> bytes:
    """A contract's salt; a second deployment beside an old one takes another edition."""
    return keccak(text=f"compute-swarm/{edition}/{profile.name}/{name}")


def source_of(profile: Profile) -> str:
    """The digest of the builds that this release makes a deployment from."""
    names = (MARKET, VALIDATORS, COURT, SESSIONS, OVERSIGHT, profile.entropy.contract, DEPLOYER)
    return hex32(artefacts.digest(names))


def creations(deployment: Deployment) -> tuple[Creation, ...]:
    """What creates the Deployer and by it each contract, in order."""
    arguments = _arguments(deployment)
    places = {DEPLOYER: deployment.deployer, **deployment.contracts}
    return tuple(
        Creation(name, place, artefacts.load(name).creation(arguments[name]))
        for name, place in places.items()
    )


async def to_do(rpc: Rpc, plan: Deployment) -> tuple[Creation, ...]:
    """The creations of a plan, each marked where it is done.

    An interrupted deployment goes on; one that was made from other builds or parameters under the
    same edition is refused.
    """
    if plan.profile.chain_id not in (0, rpc.chain_id):
        raise WrongChain(plan.profile.chain_id, rpc.chain_id)
    if not await rpc.code(PROXY):
        raise DeploymentDiffers("The deterministic deployment proxy", PROXY, "there is no code")
    found = []
    for creation in creations(plan):
        code = await rpc.code(creation.place)
        if code and await _difference(rpc, creation, code):
            raise EditionTaken(plan.edition, plan.profile.name)
        found.append(replace(creation, there=bool(code)))
    return tuple(found)


async def gas_of(rpc: Rpc, sender: Address, steps: Sequence[Creation]) -> int:
    """About what is left to do costs."""
    total = 0
    for step in steps:
        if not step.there:
            plain = {"from": sender, "data": hex32(step.code)}
            total += int(await rpc.request("eth_estimateGas", [plain]), 16) + _CRADLE_GAS
    return total


async def deploy(rpc: Rpc, wallet: Wallet, profile: Profile, edition: str = EDITION) -> Deployment:
    """Create what is not there yet, a transaction each, and hold it all against the plan."""
    plan = planned(rpc.chain_id, wallet.address, profile, edition)
    head = await rpc.head()
    deployer, *steps = await to_do(rpc, plan)
    if not deployer.there:
        entry = artefacts.load(DEPLOYER).constructor
        await send(wallet, Call(rpc, PROXY, NO_SALT + deployer.code, entry))
    # No address depends on the order, and no constructor asks another contract.
    left = [_call(rpc, plan, step) for step in steps if not step.there]
    await asyncio.gather(*(send(wallet, call) for call in left))
    begun = [step.place for step in steps if step.there]
    made = replace(plan, block=await _first_block(rpc, plan, begun, head.number))
    await verify(rpc, made)
    return made


def _call(rpc: Rpc, plan: Deployment, step: Creation) -> Call:
    salt = salt_of(plan.profile, plan.edition, step.name)
    return call_of(rpc, plan.deployer, DEPLOYER, "deploy", (salt, step.code))


async def verify(rpc: Rpc, deployment: Deployment) -> None:
    """Hold the code on chain against the committed builds and the record's parameters."""
    for different in await differences(rpc, deployment):
        raise different


async def differences(rpc: Rpc, deployment: Deployment) -> tuple[DeploymentDiffers, ...]:
    """All that is not as the record and this release say, a line for each contract.

    The code that a build and the record's parameters give is worked out on the chain itself, by
    running the creation at its address without sending it: no part can be another deployment's.
    """
    found = []
    for creation in creations(deployment):
        code = await rpc.code(creation.place)
        why = await _difference(rpc, creation, code) if code else "there is no code"
        if not why and creation.name == MARKET:
            why = await _other_terms(rpc, deployment)
        if why:
            found.append(DeploymentDiffers(creation.name, creation.place, why))
    return tuple(found)


async def _difference(rpc: Rpc, creation: Creation, code: bytes) -> str:
    if not artefacts.load(creation.name).built(code):
        return "the code is another build"
    # In the place of the contract's code its creation runs, and returns what it would leave there.
    run = [{"to": creation.place}, "latest", {creation.place: {"code": hex32(creation.code)}}]
    try:
        expected = await rpc.request("eth_call", run)
    except RpcRefused as refused:
        if refused.number != _REVERTED:
            raise
        expected = ""  # its constructor takes no such parameters
    return "" if hex32(code) == expected else "it was made with other parameters"


async def _other_terms(rpc: Rpc, deployment: Deployment) -> str:
    """Terms beyond the first token's lie in storage."""
    for listing in deployment.profile.tokens:
        call = call_of(rpc, deployment.market, MARKET, "tokenTerms", (listing.token,))
        (terms,) = await call.read()
        if tuple(terms.values()) != listing.terms:
            return f"it has other terms for the token {listing.token}"
    return ""


async def _first_block(rpc: Rpc, plan: Deployment, begun: Sequence[Address], head: int) -> int:
    """The block of a deployment that was begun earlier, as the Deployer told it.

    Read from the head backwards, as many blocks at once as public RPCs allow, until each contract
    that was there is told of: a deployment that broke off is seldom old.
    """
    (told,) = artefacts.load(DEPLOYER).entries("event")
    topics = [hex32(told.topic), hex32(encode(["address"], [plan.sender]))]
    left, found, last = set(begun), head, head
    while left and last >= 0:
        first = max(last - SPAN + 1, 0)
        wanted = {"address": plan.deployer, "topics": topics}
        span = {"fromBlock": hex(first), "toBlock": hex(last)}
        for log in await rpc.request("eth_getLogs", [wanted | span]):
            (line,) = await rpc.read_logs([log])
            created = told.decode_log(line.topics, line.data)["created"]
            if created in left:
                left.remove(created)
                found = min(found, line.block_number)
        last = first - 1
    return found


def _arguments(deployment: Deployment) -> Mapping[str, Sequence[Any]]:
    """The constructors' arguments by contract."""
    d, profile = deployment, deployment.profile
    rules, tokens = profile.rules.abi(), [listing.abi() for listing in profile.tokens]
    bonds = (int(profile.least_bond), profile.epoch, profile.unbonding)
    return {
        DEPLOYER: (),
        profile.entropy.contract: (profile.entropy.delay,),
        VALIDATORS: (d.court, d.oversight, *bonds),
        MARKET: ((d.validators, d.court, d.sessions, d.randomness), rules, tokens),
        COURT: (d.market, d.validators, d.randomness, rules),
        SESSIONS: (d.market,),
        OVERSIGHT: (
            *(d.market, d.court, d.validators, d.randomness),
            *(rules, int(profile.demand_deposit)),
        ),
    }
