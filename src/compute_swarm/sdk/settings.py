"""Where a setting comes from: argument > `SWARM_*` > ./swarm.toml > the user's file > default.

Secrets are never read from TOML: a key lives in a keystore, its password in the environment or
in a prompt.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from compute_swarm.errors import NoRpc, SettingsBroken, SettingUnknown

FILE_NAME = "swarm.toml"
LOCAL_RPC: Final = "http://127.0.0.1:8545"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a program needs in order to reach a network."""

    network: str = "local"  # a network's name, or the path of a deployment record
    rpc: str = field(default="", repr=False)  # its URL may hold a key
    coordinator: str = "http://127.0.0.1:8700"
    wallet: str = "keystore"  # the name of a key in the home folder
    home: str = "~/.compute-swarm"  # keys, journal and cache
    session: str = ""  # the file of a spend session, where the wallet is its key

    @property
    def folder(self) -> Path:
        return Path(self.home).expanduser()

    @property
    def endpoint(self) -> str:
        """The chain's RPC; without one the network `local` is taken to be on this machine."""
        if not self.rpc and self.network != "local":
            raise NoRpc(self.network)
        return self.rpc or LOCAL_RPC

    @property
    def record(self) -> Path:
        """Where the network's deployment is recorded: at its path, or by its name at home."""
        named = Path(self.network).expanduser()
        if named.suffix == ".json":
            return named
        return self.folder / "networks" / f"{self.network}.json"

    @property
    def keystore(self) -> Path:
        return self.folder / f"{self.wallet}.json"


def read_settings(
    given: Mapping[str, str | None], environment: Mapping[str, str], directory: Path
) -> Settings:
    """Merge the layers; a key that no layer knows is refused."""
    layers = [
        _from_file(user_config_path("compute-swarm") / FILE_NAME),
        _from_file(directory / FILE_NAME),
        _from_environment(environment),
        {name: value for name, value in given.items() if value is not None},
    ]
    merged: dict[str, str] = {}
    for layer in layers:
        merged |= layer
    return Settings(**merged)


def current_settings(**given: str | None) -> Settings:
    """Read the settings of this process."""
    return read_settings(given, os.environ, Path.cwd())


def _names() -> set[str]:
    return {one.name for one in fields(Settings)}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environment[f"SWARM_{name.upper()}"]
        for name in _names()
        if environment.get(f"SWARM_{name.upper()}")
    }


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        raise SettingsBroken(str(path), str(broken)) from None
    for name in document:
        if name not in _names():
            raise SettingUnknown(name, str(path), tuple(sorted(_names())))
    return {name: str(value) for name, value in document.items()}
