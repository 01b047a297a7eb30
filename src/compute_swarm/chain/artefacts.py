"""The committed build of each contract: its ABI and its bytecode."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from compute_swarm.chain.codec import Entry

MARKET: Final = "SweepMarket"
VALIDATORS: Final = "ValidatorSet"
COURT: Final = "AuditCourt"
RANDOMNESS: Final = "BlockhashRandomness"
TOKEN: Final = "PermitToken"  # of tests; its functions and errors are those of any ERC-20
CONTRACTS: Final = (MARKET, VALIDATORS, COURT, RANDOMNESS)


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

    def immutables(self, code: bytes) -> frozenset[int] | None:
        """The values that code on chain has in this build's immutables, None for other code."""
        places = [found.start() + 1 for found in _IMMUTABLE.finditer(self.deployed_bytecode)]
        blank = bytearray(code)
        for place in places:
            blank[place : place + 32] = bytes(32)
        if bytes(blank) != self.deployed_bytecode:
            return None
        return frozenset(int.from_bytes(code[place : place + 32], "big") for place in places)


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
