"""Compile the contracts and keep their ABI and bytecode where the Python package reads them."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "contracts" / "published"
DESTINATION = ROOT / "src" / "compute_swarm" / "chain" / "abi"
CONTRACTS = (
    "SweepMarket",
    "ValidatorSet",
    "AuditCourt",
    "BlockhashRandomness",
    "PermitToken",
)
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


def write() -> None:
    DESTINATION.mkdir(parents=True, exist_ok=True)
    for name in CONTRACTS:
        (DESTINATION / f"{name}.json").write_text(published(name))


def stale() -> list[str]:
    """The contracts whose published file is not what the sources compile to."""
    names = []
    for name in CONTRACTS:
        path = DESTINATION / f"{name}.json"
        if not path.exists() or path.read_text() != published(name):
            names.append(name)
    return names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 when out of date")
    arguments = parser.parse_args()
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
