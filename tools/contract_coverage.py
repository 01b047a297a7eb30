"""How much of the contracts their tests run: every line, statement, branch and function, or 1.

forge compiles without the optimiser for this, so what is measured in gas or bytes is left out; so
are the invariants, which run long and nothing that the other tests leave.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TRACE: Final = ROOT / "build" / "contracts" / "lcov.info"
COMMAND: Final = (
    *("forge", "coverage", "--color", "never", "--exclude-tests"),
    *("--no-match-coverage", "contracts/script"),
    *("--no-match-contract", "^(Gas|Invariant|Reach)"),
    *("--no-match-test", "no_larger_than_a_chain_takes"),
    *("--report", "summary", "--report", "lcov", "--report-file", str(TRACE)),
)
LIMIT: Final = 1800  # seconds
_ROW: Final = re.compile(r"^\| (?P<name>\S+) +(?P<cells>\|.*\d+/\d+.*)\|$", re.MULTILINE)
_CELL: Final = re.compile(r"\((\d+)/(\d+)\)")
_COLUMNS: Final = ("lines", "statements", "branches", "functions")


def main() -> int:
    TRACE.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        COMMAND, cwd=ROOT, check=False, capture_output=True, text=True, timeout=LIMIT
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        return done.returncode
    print(table(done.stdout))
    lacking = shortfalls(done.stdout)
    for sentence in (*lacking, *never_run(TRACE.read_text(encoding="utf-8"))):
        print(sentence, file=sys.stderr)
    return 1 if lacking else 0


def table(output: str) -> str:
    """The lines of forge's output that are its table."""
    return "\n".join(line for line in output.splitlines() if line[:1] in "╭|+╰" and line)


def shortfalls(output: str) -> list[str]:
    """A sentence for each figure of the table that is not full, and one where there is none."""
    rows = list(_ROW.finditer(output))
    if not rows:
        return ["forge printed no table of coverage."]
    return [
        f"{row['name']}: {run} of {there} {column}"
        for row in rows
        for column, (run, there) in zip(_COLUMNS, _CELL.findall(row["cells"]), strict=True)
        if run != there
    ]


def never_run(trace: str) -> Iterator[str]:
    """Where the lines and branches lie that no test ran, in lcov's words."""
    path = ""
    for line in trace.splitlines():
        kind, _, rest = line.partition(":")
        fields = rest.split(",")
        if kind == "SF":
            path = rest
        elif kind == "DA" and fields[1] == "0":
            yield f"{path}:{fields[0]} never runs"
        elif kind == "BRDA" and fields[3] in ("0", "-"):
            yield f"{path}:{fields[0]} never branches this way"


if __name__ == "__main__":
    raise SystemExit(main())
