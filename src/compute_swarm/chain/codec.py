"""The contract ABI as values: functions, events and errors that encode and decode by themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak


@dataclass(frozen=True)
class Parameter:
    """One input or output. Decoded structs are mappings of names, addresses are checksummed."""

    name: str
    type: str  # canonical, tuples expanded
    indexed: bool
    components: tuple["Parameter", ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Parameter":
        return cls(
            name=snake(entry.get("name", "")),
            type=collapse_if_tuple(dict(entry)),
            indexed=bool(entry.get("indexed", False)),
            components=tuple(map(cls.of, entry.get("components", ()))),
        )

    def shape(self, value: Any) -> Any:
        """Name the parts of a decoded tuple, through lists of tuples too."""
        if self.type.endswith("]"):
            item = Parameter(self.name, self.type[: self.type.rindex("[")], False, self.components)
            return tuple(item.shape(part) for part in value)
        if self.type == "address":
            return to_checksum_address(value)
        if not self.components:
            return value
        parts = zip(self.components, value, strict=True)
        return {part.name: part.shape(inner) for part, inner in parts}


@dataclass(frozen=True)
class Entry:
    """A function, event or error of an ABI."""

    contract: str
    name: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]

    @classmethod
    def of(cls, contract: str, entry: Mapping[str, Any]) -> "Entry":
        return cls(
            contract=contract,
            name=entry.get("name", "constructor"),
            inputs=tuple(map(Parameter.of, entry.get("inputs", ()))),
            outputs=tuple(map(Parameter.of, entry.get("outputs", ()))),
        )

    @cached_property
    def signature(self) -> str:
        return f"{self.name}({','.join(part.type for part in self.inputs)})"

    @cached_property
    def topic(self) -> bytes:
        """keccak-256 of the signature: an event's first topic, whose start selects calls."""
        return keccak(text=self.signature)

    @property
    def selector(self) -> bytes:
        return self.topic[:4]

    def encode_arguments(self, arguments: Sequence[Any]) -> bytes:
        return encode([part.type for part in self.inputs], arguments)

    def encode_call(self, arguments: Sequence[Any]) -> bytes:
        return self.selector + self.encode_arguments(arguments)

    def decode_inputs(self, data: bytes) -> dict[str, Any]:
        return _decode(self.inputs, data)

    def decode_outputs(self, data: bytes) -> tuple[Any, ...]:
        return tuple(_decode_values(self.outputs, data))

    def decode_log(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The values of an event; indexed dynamic ones would be hashes, and ours has none."""
        indexed = [part for part in self.inputs if part.indexed]
        plain = [part for part in self.inputs if not part.indexed]
        found = _decode(indexed, b"".join(topics[1:])) | _decode(plain, data)
        return {part.name: found[part.name] for part in self.inputs}


def snake(name: str) -> str:
    """`awardId` → `award_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().lstrip("_")


def _decode(parts: Sequence[Parameter], data: bytes) -> dict[str, Any]:
    values = _decode_values(parts, data)
    return {part.name: value for part, value in zip(parts, values, strict=True)}


def _decode_values(parts: Sequence[Parameter], data: bytes) -> list[Any]:
    values = decode([part.type for part in parts], data)
    return [part.shape(value) for part, value in zip(parts, values, strict=True)]
