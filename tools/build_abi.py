"""Compile the contracts and keep what one language reads of the other.

The Python package reads ABI and bytecode, the forge script the profiles.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from compute_swarm.chain.profiles import PROFILES
from standard_json import compiled, compiler

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "contracts" / "published"
DESTINATION = ROOT / "src" / "compute_swarm" / "chain" / "abi"
CONTRACTS = (
    "SweepMarket",
    "ValidatorSet",
    "AuditCourt",
    "SpendSessions",
    "Oversight",
    "BlockhashRandomness",
    "DrandRandomness",
    "Deployer",
    "PermitToken",
)
PROFILES_FILE = ROOT / "contracts" / "script" / "profiles.json"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


def forge() -> Path:
    """The native binary: the launcher beside it always exits with 0, also when forge fails."""
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}[platform.system()]
    package = f"forge-{system}-{ARCHITECTURES[platform.machine()]}"
    return ROOT / "node_modules" / "@foundry-rs" / package / "bin" / "forge"


def compile_contracts() -> None:
    """In folders of its own: building some sources makes forge forget the tests that use them."""
    sources = ("contracts/src", "contracts/test/PermitToken.sol")
    folders = ("--out", BUILD / "out", "--cache-path", BUILD / "cache")
    command: list[str | Path] = [forge(), "build", "--root", ROOT, "--quiet", *folders, *sources]
    subprocess.run(command, check=True, timeout=600)


def published(name: str) -> str:
    """One contract's file as text, the same on every machine."""
    artefact = json.loads((BUILD / "out" / f"{name}.sol" / f"{name}.json").read_text())
    document: dict[str, Any] = {
        "contractName": name,
        "abi": artefact["abi"],
        "bytecode": artefact["bytecode"]["object"],
        "deployedBytecode": artefact["deployedBytecode"]["object"],
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def profiles() -> str:
    """The profiles as text; the forge script takes its parameters from them."""
    documents = {name: profile.document() for name, profile in PROFILES.items()}
    return json.dumps(documents, indent=1) + "\n"


def files() -> dict[Path, str]:
    """All that is published, by where it lies."""
    abi = {DESTINATION / f"{name}.json": published(name) for name in CONTRACTS}
    return abi | {PROFILES_FILE: profiles()}


def write() -> None:
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stale() -> list[str]:
    """The published files that are not what the sources give."""
    return [
        path.stem for path, text in files().items() if not path.exists() or path.read_text() != text
    ]


def other_than_solcx() -> list[str]:
    """The contracts whose published bytecode is not what py-solc-x compiles."""
    solc = compiler(download=True)
    print(f"py-solc-x with {solc}")
    builds = compiled(solc)
    names = []
    for name in CONTRACTS:
        document = json.loads((DESTINATION / f"{name}.json").read_text())
        if any(document[part] != builds[name][part] for part in ("bytecode", "deployedBytecode")):
            names.append(name)
    return names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    check = parser.add_mutually_exclusive_group()
    check.add_argument("--check", action="store_true", help="compare only; 1 when out of date")
    check.add_argument("--solcx", action="store_true", help="compare with what py-solc-x compiles")
    arguments = parser.parse_args()
    if arguments.solcx:
        names = other_than_solcx()
    else:
        compile_contracts()
        if not arguments.check:
            write()
            return 0
        names = stale()
    if names:
        print(f"out of date: {', '.join(names)}; run python tools/build_abi.py", file=sys.stderr)
    return 1 if names else 0


if __name__ == "__main__":
    raise SystemExit(main())
