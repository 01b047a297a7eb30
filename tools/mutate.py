"""How many small faults in the contracts the Foundry tests notice.

A seeded sample of all mutations is tried, each in a copy of the tree: first on the suites of the
mutated contract, then on all others, at last on the invariants. What no test notices is a
survivor. contracts/mutants.toml argues those that change nothing that can be observed; they do
not count. Results are kept, so that a run which was interrupted goes on.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from compute_swarm.chain.devnet import native_binary
from mutations import Mutation, mutations
from standard_json import NPM_COMPILER, ROOT

BUILD: Final = ROOT / "build" / "mutants"
ARGUED: Final = ROOT / "contracts" / "mutants.toml"
SOURCES: Final = ROOT / "contracts" / "src"
SAMPLE: Final = 240
SEED: Final = 1
LEAST_BPS: Final = 9_500
TIMEOUT: Final = 900  # seconds; a mutation that makes a loop endless runs out of gas long before

# Which suites a source's own faults should fall to; the first pattern that fits.
SUITES: Final[Mapping[str, str]] = {
    "market/Accounts.sol": "Accounts,Award,Challenge",
    "market/Awards.sol": "Award,SpendSessions",
    "market/Results.sol": "CommitResults,Expire,Settle",
    "market/Hearings.sol": "Settle,Marked,Expire,Summon",
    "market/Deployment.sol": "Production,Award,Accounts",
    "SweepMarket.sol": "Settle,Expire,Marked,Rulings,Resolve",
    "court/Panels.sol": "Panel,Resolve",
    "court/Records.sol": "Post,Challenge,Summon,Resolve",
    "court/Verdicts.sol": "Post,Summon,Marked,Rulings",
    "AuditCourt.sol": "Resolve,Rulings,Challenge,Panel",
    "ValidatorSet.sol": "ValidatorSet,Summary",
    "Oversight.sol": "Oversight",
    "SpendSessions.sol": "SpendSessions",
    "BlockhashRandomness.sol": "BlockhashRandomness",
    "DrandRandomness.sol": "DrandRandomness",
    "libraries/Bls.sol": "DrandRandomness",
    "Deployer.sol": "Deployer",
    "libraries/CodeBlob.sol": "ValidatorSet,Libraries",
    "libraries/Words.sol": "Words",
    "libraries/Deal.sol": "Deal,Vectors",
    "libraries/*": "Libraries,Vectors,Words",
}
SLOW: Final = "contracts/test/{Invariant,Liveness}.t.sol"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutation: `killed`, `survived`, or `stillborn` where it doesn't compile."""

    mutation: Mutation
    end: str
    by: str = ""


def main() -> int:
    arguments = _arguments()
    sources = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in _sources()}
    population = [one for file, text in sources.items() for one in planned(file, text)]
    population = [one for one in population if fnmatch(one.file, f"*{arguments.only}*")]
    order = random.Random(arguments.seed).sample(population, len(population))
    console = Console(width=max(Console().width, 100), highlight=False)
    console.print(f"{len(population)} mutations; {arguments.sample} of them, seed {arguments.seed}")
    trials = tried(order, arguments.sample, sources, arguments.jobs)
    return report(console, trials, sources)


def planned(file: str, source: bytes) -> list[Mutation]:
    """A source's mutations, by the compiler's own parser."""
    question = {
        "language": "Solidity",
        "sources": {file: {"content": source.decode()}},
        "settings": {"stopAfter": "parsing", "outputSelection": {"*": {"": ["ast"]}}},
    }
    done = subprocess.run(
        [NPM_COMPILER], input=json.dumps(question).encode(), capture_output=True, check=True
    )
    return mutations(file, source, json.loads(done.stdout)["sources"][file]["ast"])


def _sources() -> list[Path]:
    """All but those that only say what there is."""
    paths = sorted(SOURCES.rglob("*.sol"))
    return [path for path in paths if path.parent.name not in ("interfaces", "types")]


# --- trying ----------------------------------------------------------------------------------


def tried(
    order: Sequence[Mutation], sample: int, sources: Mapping[str, bytes], jobs: int
) -> list[Trial]:
    """The first so many that compile, in copies of the tree that take turns."""
    trees: SimpleQueue[Path] = SimpleQueue()
    for tree in _trees(jobs):
        trees.put(tree)
    log = BUILD / f"trials-{_state()}.jsonl"
    known = _known(log)

    def attempt(mutation: Mutation) -> Trial:
        before = sources[mutation.file]
        key = "|".join((mutation.file, str(mutation.line(before)), *mutation.change(before)))
        if key in known:
            return Trial(mutation, *known[key])
        tree = trees.get()
        try:
            trial = _try(tree, mutation, before)
        finally:
            trees.put(tree)
        with log.open("a") as file:
            file.write(json.dumps([key, trial.end, trial.by]) + "\n")
        return trial

    trials: list[Trial] = []
    with ThreadPoolExecutor(jobs) as pool, Progress(transient=True) as progress:
        task = progress.add_task("trying", total=sample)
        # A few at a time: how many compile is not known before.
        for at in range(0, len(order), 8 * jobs):
            for trial in pool.map(attempt, order[at : at + 8 * jobs]):
                trials.append(trial)
                progress.advance(task, trial.end != "stillborn")
            if progress.tasks[task].completed >= sample:
                break
    return trials


def _state() -> str:
    """Of sources and tests: a result is good for these alone."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "contracts").rglob("*.sol")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _known(log: Path) -> dict[str, tuple[str, str]]:
    """What was tried before."""
    if not log.exists():
        return {}
    lines = map(json.loads, log.read_text().splitlines())
    return {key: (end, by) for key, end, by in lines}


def _trees(count: int) -> list[Path]:
    """Copies of what forge reads, compiled once."""
    first, *others = (BUILD / f"tree-{number}" for number in range(count))
    first.mkdir(parents=True, exist_ok=True)
    for name in ("contracts", "tests/vectors", "tools/solc"):
        shutil.rmtree(first / name, ignore_errors=True)
        shutil.copytree(ROOT / name, first / name)
    for name in ("foundry.toml", "package.json"):
        shutil.copy(ROOT / name, first)
    if not (first / "node_modules").exists():
        (first / "node_modules").symlink_to(ROOT / "node_modules")
    _forge(first, "build")
    for tree in others:
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(first, tree, symlinks=True)
    return [first, *others]


def _try(tree: Path, mutation: Mutation, before: bytes) -> Trial:
    path = tree / mutation.file
    path.write_bytes(mutation.applied(before))
    try:
        for selection in selections(mutation.file):
            done = _forge(tree, "test", "--fail-fast", *selection)
            if done is None:
                return Trial(mutation, "killed", "time")
            if done.returncode != 0:
                return _failed(mutation, done.stdout)
    finally:
        path.write_bytes(before)
    return Trial(mutation, "survived")


def selections(file: str) -> Iterator[tuple[str, ...]]:
    """Filters for forge, one after the other."""
    own = next(suites for part, suites in SUITES.items() if fnmatch(file, f"*/src/{part}"))
    yield "--match-path", f"contracts/test/{{{own},}}.t.sol"
    yield "--no-match-path", SLOW
    yield "--match-path", SLOW


def _failed(mutation: Mutation, output: str) -> Trial:
    if "Compiler run failed" in output:
        return Trial(mutation, "stillborn")
    failures = [line for line in output.splitlines() if line.startswith("[FAIL")]
    return Trial(mutation, "killed", failures[0][:120] if failures else "forge")


def _forge(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    """None where it took too long. Tests look contracts up, so that only these compile anew."""
    command = [str(native_binary("forge")), *arguments, "--root", str(tree)]
    settings = os.environ | {"FOUNDRY_DYNAMIC_TEST_LINKING": "true"}
    try:
        return subprocess.run(
            command, env=settings, check=False, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return None


# --- telling ---------------------------------------------------------------------------------


def report(console: Console, trials: Sequence[Trial], sources: Mapping[str, bytes]) -> int:
    """Print what became of them; 1 where fewer than 95 % of those that count were killed."""
    argued = _argued()
    counts: dict[str, dict[str, int]] = {}
    open_: list[str] = []
    for trial in trials:
        file, source = trial.mutation.file, sources[trial.mutation.file]
        change = trial.mutation.change(source)
        end = "equivalent" if (file, *change) in argued and trial.end == "survived" else trial.end
        row = counts.setdefault(file.removeprefix("contracts/src/"), {})
        row[end] = row.get(end, 0) + 1
        if end == "survived":
            place = f"{file}:{trial.mutation.line(source)}"
            open_.append(f"{place}\n  - {change[0]}\n  + {change[1]}")
    console.print(_table(counts))
    killed, survived = (sum(row.get(end, 0) for row in counts.values()) for end in ENDS[:2])
    for one in open_:
        console.print(f"survived: {one}", markup=False)
    if not killed + survived:
        return 1
    share = 10_000 * killed // (killed + survived)
    console.print(f"{killed} of {killed + survived} killed: {share / 100:.1f} %")
    return 0 if share >= LEAST_BPS else 1


ENDS: Final = ("killed", "survived", "equivalent", "stillborn")


def _table(counts: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table("source", *ENDS)
    for file, row in sorted(counts.items()):
        table.add_row(file, *(str(row.get(end, 0)) for end in ENDS))
    return table


def _argued() -> set[tuple[str, str, str]]:
    if not ARGUED.exists():
        return set()
    entries: list[Mapping[str, Any]] = tomllib.loads(ARGUED.read_text()).get("equivalent", [])
    return {(f"contracts/src/{one['file']}", one["before"], one["after"]) for one in entries}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many that compile")
    parser.add_argument("--seed", type=int, default=SEED, help="which of them (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="copies at once")
    parser.add_argument("--only", default="", help="a part of the sources' path")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
