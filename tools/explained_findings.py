"""Holds what slither finds against `contracts/slither.toml`; run by `make slither`.

Slither's own triage knows a finding by its lines, which every change above them moves. Here it is
known by detector, contract and function.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

EXPLAINED: Final = Path(__file__).resolve().parent.parent / "contracts" / "slither.toml"
EVERYWHERE: Final = "*"

Place = tuple[str, str]


def place(finding: dict[str, Any]) -> Place:
    """The detector, and the first element's function or variable with its contract."""
    first = finding["elements"][0]
    names = [first["name"]]
    parent = first.get("type_specific_fields", {}).get("parent")
    if first["type"] in ("variable", "node") and parent:
        names = [parent["name"]]
        parent = parent.get("type_specific_fields", {}).get("parent")
    if parent and parent["type"] == "contract":
        names.insert(0, parent["name"])
    return finding["check"], ".".join(names)


def explained() -> set[Place]:
    lines = tomllib.loads(EXPLAINED.read_text())["explained"]
    return {(line["detector"], where) for line in lines for where in line["where"]}


def main() -> None:
    report = json.loads(Path(sys.argv[1]).read_text())
    if not report["success"]:
        raise SystemExit(report["error"])
    findings = {place(one): one["description"] for one in report["results"].get("detectors", ())}
    known = explained()
    everywhere = {detector for detector, where in known if where == EVERYWHERE}
    for found in sorted(findings):
        if found not in known and found[0] not in everywhere:
            print(f"not explained: {' at '.join(found)}\n{findings[found]}")
    used = {(detector, EVERYWHERE) for detector, _ in findings} | findings.keys()
    for detector, where in sorted(known - used):
        print(f"explained in vain: {detector} at {where}")
    if known - used or any(f not in known and f[0] not in everywhere for f in findings):
        raise SystemExit(1)
    print(f"{len(findings)} findings, each explained in {EXPLAINED.name}")


if __name__ == "__main__":
    main()
