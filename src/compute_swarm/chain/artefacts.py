"""The committed build of each contract: its ABI and its bytecode."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from compute_swarm.chain.codec import Entry

MARKET: Final = "SweepMarket"
VALIDATORS: Final = "ValidatorSet"
COURT: Final = "AuditCourt"
SESSIONS: Final = "SpendSessions"
OVERSIGHT: Final = "Oversight"
RANDOMNESS: Final = "BlockhashRandomness"
BEACON: Final = "DrandRandomness"
DEPLOYER: Final = "Deployer"  # what creates them; no part of the protocol
TOKEN: Final = "PermitToken"  # of tests; its functions and errors are those of any ERC-20
CONTRACTS: Final = (MARKET, VALIDATORS, COURT, SESSIONS, OVERSIGHT, RANDOMNESS, BEACON)

# What solc leaves for an immutable: PUSH32 of zero, which it writes for nothing else.
_IMMUTABLE: Final = re.compile(rb"\x7f\x00{32}")


@dataclass(frozen=True)
class Artefact:
    """One contract's build, as `chain/abi/<name>.json` holds it."""

    name: str
    abi: Sequence[Mapping[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes

    def function(self, name: str) -> Entry:
        """The function of that name; our contracts overload none."""
        return next(entry for entry in self.entries("function") if entry.name == name)

    def entries(self, kind: str) -> Iterator[Entry]:
        """All functions, events or errors."""
        return (Entry.of(self.name, item) for item in self.abi if item["type"] == kind)

    @property
    def constructor(self) -> Entry:
        """The constructor, with no inputs where the source writes none."""
        return next(self.entries("constructor"), Entry(self.name, "constructor", (), ()))

    def creation(self, arguments: Sequence[Any] = ()) -> bytes:
        """What creates the contract: its bytecode and the constructor's arguments."""
        return self.bytecode + self.constructor.encode_arguments(arguments)

    def built(self, code: bytes) -> bool:
        """Whether code on chain is this build, whatever it has in its immutables."""
        blank = bytearray(code)
        for found in _IMMUTABLE.finditer(self.deployed_bytecode):
            blank[found.start() + 1 : found.end()] = bytes(32)
        return bytes(blank) == self.deployed_bytecode


@cache
def load(name: str) -> Artefact:
    """Read a committed build."""
    path = files("compute_swarm.chain") / "abi" / f"{name}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return Artefact(
        name=document["contractName"],
        abi=document["abi"],
        bytecode=bytes.fromhex(document["bytecode"].removeprefix("0x")),
        deployed_bytecode=bytes.fromhex(document["deployedBytecode"].removeprefix("0x")),
    )


@cache
def function(contract: str, name: str) -> Entry:
    """A function of a committed build, parsed once."""
    return load(contract).function(name)


def digest(names: Iterable[str]) -> bytes:
    """SHA-256 over the bytecode of some builds: which sources and compiler they came from."""
    whole = hashlib.sha256()
    for name in names:
        bytecode = load(name).bytecode
        whole.update(f"{name} {len(bytecode)}\n".encode() + bytecode)
    return whole.digest()
