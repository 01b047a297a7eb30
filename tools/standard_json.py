"""The contracts' standard JSON input, put together without Foundry and compiled by py-solc-x."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import solcx
from solcx.exceptions import SolcInstallationError, SolcNotInstalled
from solcx.install import get_executable

ROOT: Final = Path(__file__).resolve().parent.parent
NPM_COMPILER: Final = ROOT / "tools" / "solc" / "solc"
TOKEN: Final = ROOT / "contracts" / "test" / "PermitToken.sol"
_IMPORT: Final = re.compile(r'^import\s[^"]*"([^"]+)";', re.MULTILINE)
_OUTPUT: Final = ("abi", "evm.bytecode.object", "evm.deployedBytecode.object")


def standard_input(root: Path = ROOT) -> dict[str, Any]:
    """What `forge build` hands to the compiler: the same sources, names and settings."""
    profile = tomllib.loads((root / "foundry.toml").read_text())["profile"]["default"]
    sources: dict[str, str] = {}
    remappings = dict(line.split("=", 1) for line in profile["remappings"])
    for path in (*sorted((root / profile["src"]).rglob("*.sol")), TOKEN):
        _add(sources, root, remappings, path.relative_to(root).as_posix())
    return {
        "language": "Solidity",
        "sources": {name: {"content": sources[name]} for name in sorted(sources)},
        "settings": {
            "remappings": profile["remappings"],
            "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
            "metadata": {
                "bytecodeHash": profile["bytecode_hash"],
                "appendCBOR": profile["cbor_metadata"],
            },
            "outputSelection": {"*": {"*": list(_OUTPUT)}},
            "evmVersion": profile["evm_version"],
            "viaIR": profile["via_ir"],
        },
    }


def compiler(download: bool = False) -> Path:
    """py-solc-x's own solc where it has one, or may download it; else npm's."""
    version = json.loads((ROOT / "package.json").read_text())["devDependencies"]["solc"]
    try:
        if download:
            solcx.install_solc(version)
        return Path(get_executable(version))
    except (OSError, SolcInstallationError, SolcNotInstalled):
        return NPM_COMPILER


def compiled(solc: Path) -> dict[str, dict[str, Any]]:
    """Each contract's ABI and bytecode by its name."""
    output = solcx.compile_standard(standard_input(), base_path=ROOT, solc_binary=solc)
    return {
        name: {
            "abi": contract["abi"],
            "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
            "deployedBytecode": "0x" + contract["evm"]["deployedBytecode"]["object"],
        }
        for file in output["contracts"].values()
        for name, contract in file.items()
    }


def _add(sources: dict[str, str], root: Path, remappings: dict[str, str], name: str) -> None:
    """A source and all that it imports, each under its name from the root."""
    if name in sources:
        return
    sources[name] = (root / name).read_text()
    for target in _IMPORT.findall(sources[name]):
        _add(sources, root, remappings, _resolved(remappings, name, target))


def _resolved(remappings: dict[str, str], name: str, target: str) -> str:
    for prefix, place in remappings.items():
        if target.startswith(prefix):
            return place + target.removeprefix(prefix)
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
