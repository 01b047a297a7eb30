"""What a node is told at its start: `SWARM_NODE_*` variables, read once in `main`.

Keys and passwords are none of these: the wallet reads its own variables. Only the RPC's URL may
hold a key, and is left out where the settings are printed.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.errors import SettingUnknown, SettingWrong
from compute_swarm.node.seeds import ENDPOINTS

PREFIX: Final = "SWARM_NODE_"


class Role(StrEnum):
    SELLER = "seller"
    VALIDATOR = "validator"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """The settings of one node; names in the environment are these in capitals."""

    role: Role
    home: Path  # journal, states, blocks; one node's alone
    deployment: Path  # the record of the contracts
    rpc: str = field(default="http://127.0.0.1:8545", repr=False)  # its URL may hold a key
    coordinator: str = "http://127.0.0.1:8700"
    models: Path = Path("models")  # folders of base models, may be shared by nodes
    port: int = 0  # of the API; 0 lets the system choose
    device: str = "cpu"
    vram_gib: int = 0  # of the device, as registered
    price: Amount = Amount(10**9)  # least a segment, in base units
    most_trials: int = 16  # of one award
    most_disk: int = 64 * 2**30  # bytes of states and blocks
    drand: str = ",".join(ENDPOINTS)  # where the beacon's rounds are published, by commas
    keep_s: float = 86_400.0  # how long end states wait for a rung, once their award is paid
    poll_s: float = 1.0  # between looks at board and chain
    bid_s: int = 120  # how long a signed bid may be awarded
    patience_s: float = 60.0  # before doing by itself what a relayer should have done

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; one that does not exist is refused, so that no typo goes unseen."""
        given = {
            name.removeprefix(PREFIX).lower(): text
            for name, text in environ.items()
            if name.startswith(PREFIX)
        }
        known = {one.name: one for one in fields(cls)}
        for name in given:
            if name not in known:
                raise SettingUnknown(name, "the environment", tuple(known))
        for name, one in known.items():
            if one.default is MISSING and name not in given:
                raise SettingWrong(PREFIX + name.upper(), "", "a value; it has no default")
        return cls(**{name: _read(name, text) for name, text in given.items()})

    def environment(self) -> dict[str, str]:
        """Return the variables that say the same, for starting a node as a process."""
        written = {one.name: getattr(self, one.name) for one in fields(self)}
        return {PREFIX + name.upper(): _written(value) for name, value in written.items()}


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "role": Role,
    "home": Path,
    "deployment": Path,
    "models": Path,
    "port": int,
    "vram_gib": int,
    "price": parse_amount,
    "most_trials": int,
    "most_disk": int,
    "keep_s": float,
    "poll_s": float,
    "bid_s": int,
    "patience_s": float,
}


def _read(name: str, text: str) -> Any:
    try:
        return _READERS.get(name, str)(text)
    except ValueError:
        want = "seller or validator" if name == "role" else "a number"
        raise SettingWrong(PREFIX + name.upper(), text, want) from None


def _written(value: object) -> str:
    return f"{int(value)} wei" if isinstance(value, Amount) else str(value)
