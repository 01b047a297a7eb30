"""Gas of whole sweeps, all their transactions and verdicts included, beside targets and a snapshot.

The committed builds run on a local chain with the demo's profile, in native coin: one run of trials
a seller, all of them complete, one relayer for `commit` and `settle`. Whoever is paid has something
in its account already, as in the long run.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from gas_parts import PARTS, parts
from gas_runs import BASELINE, ROOT, Cost, Shape, measure

SNAPSHOT: Final = ROOT / "benchmarks" / "gas.json"
MEASURED: Final = ROOT / "build" / "bench" / "gas.json"
VALIDATORS: Final = 12
BESIDE: Final = (5, 50)  # other numbers of validators, for comparison
TOLERANCE_BPS: Final = 100
WIDTH: Final = 128  # of the table, also where nobody has a window

# Gas a trial at most, with twelve eligible validators.
TARGETS: Final[Mapping[Shape, int | None]] = {
    Shape(8, 2): None,
    Shape(50, 5): 11_000,
    Shape(500, 10): 2_100,
    Shape(50, 1): 4_100,
    Shape(500, 1): 420,
}


def main() -> int:
    arguments = _arguments()
    if arguments.parts:
        _console().print(parts_table(Shape(500, 1)))
        return 0
    figures = document(*measure(tuple(TARGETS), VALIDATORS, BESIDE))
    _write(MEASURED, figures)
    accepted = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.exists() else {}
    console = _console()
    console.print(table(figures, accepted))
    if arguments.accept:
        _write(SNAPSHOT, figures)
        accepted = figures
    missed, rose = misses(figures), rises(figures, accepted)
    for sentence in (*missed, *rose):
        console.print(sentence)
    if rose:
        console.print(f"To accept that: make gas ACCEPT=1 (it rewrites {_short(SNAPSHOT)}).")
    return 1 if missed or rose else 0


def document(
    by_validators: Mapping[int, Mapping[Shape, Cost]], baseline: Mapping[Shape, Cost]
) -> dict[str, Any]:
    """All figures as JSON: the sweeps, and beside them what they are compared with."""
    others = {str(n): _lines(costs) for n, costs in by_validators.items() if n != VALIDATORS}
    beside = {"validators": others, "struct_per_trial": _lines(baseline)}
    return _lines(by_validators[VALIDATORS]) | beside


def _lines(costs: Mapping[Shape, Cost]) -> dict[str, Any]:
    return {str(shape): _line(cost) for shape, cost in costs.items()}


def _line(cost: Cost) -> dict[str, int]:
    per_trial = -(-cost.total // cost.trials)
    head = {"per_trial": per_trial, "transactions": cost.transactions, "total": cost.total}
    return head | dict(cost.steps)


def totals(figures: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, int]]:
    """Each total, with the names that lead to it."""
    for name, part in figures.items():
        if name == "total":
            yield place, part
        elif isinstance(part, dict):
            yield from totals(part, f"{place} {name}".strip())


def misses(figures: Mapping[str, Any]) -> list[str]:
    """A sentence for each target that is missed."""
    return [
        f"{shape}: {figures[str(shape)]['per_trial']:,} gas a trial; the target is {target:,}."
        for shape, target in TARGETS.items()
        if target is not None and figures[str(shape)]["per_trial"] > target
    ]


def rises(figures: Mapping[str, Any], accepted: Mapping[str, Any]) -> list[str]:
    """A sentence for each total too far above the accepted one, and one for all that are new."""
    now, before = dict(totals(figures)), dict(totals(accepted))
    found = [
        f"{place}: {now[place]:,} gas in all, {change(now[place], had)} on the accepted {had:,}."
        for place, had in before.items()
        if 10_000 * now.get(place, 0) > (10_000 + TOLERANCE_BPS) * had
    ]
    new = [place for place in now if place not in before]
    return [*found, f"Not accepted before: {', '.join(new)}."] if new else found


def change(now: int, before: int) -> str:
    return f"{(now - before) / before:+.2%}"


def table(figures: Mapping[str, Any], accepted: Mapping[str, Any]) -> Table:
    """A line for each sweep."""
    made = Table(
        title=f"Gas of whole sweeps (trials/sellers), {VALIDATORS} eligible validators",
        caption=f"of 5, of 50: a trial with so many validators; struct: a trial of {BASELINE}",
        title_justify="left",
        caption_justify="left",
        title_style="bold",
    )
    names = ["sweep", "award", "commit", "settle", "total", "change", "a trial", "target"]
    for name in (*names, *(f"of {n}" for n in BESIDE), "struct", "saves"):
        made.add_column(name, justify="left" if name == "sweep" else "right")
    for shape, target in TARGETS.items():
        limit = "" if target is None else f"{target:,}"
        made.add_row(str(shape), *_cells(str(shape), limit, figures, accepted))
    return made


def _cells(
    shape: str, limit: str, figures: Mapping[str, Any], accepted: Mapping[str, Any]
) -> Iterator[str]:
    line, struct = figures[shape], figures["struct_per_trial"][shape]
    for step in ("award", "commit", "settle", "total"):
        yield f"{line[step]:,}"
    yield change(line["total"], accepted[shape]["total"]) if shape in accepted else "new"
    yield f"{line['per_trial']:,}"
    yield limit
    for count in BESIDE:
        yield f"{figures['validators'][str(count)][shape]['per_trial']:,}"
    yield f"{struct['per_trial']:,}"
    yield f"{struct['total'] / line['total']:.1f} x"


def parts_table(shape: Shape) -> Table:
    """A line for each thing that a sweep's gas goes into."""
    found = parts(shape, VALIDATORS)
    made = Table(title=f"What the gas of {shape} goes into, {VALIDATORS} eligible validators")
    for name in ("", *found, "total"):
        made.add_column(name, justify="right" if name else "left")
    for part in PARTS:
        gas = [steps[part] for steps in found.values()]
        made.add_row(part, *(f"{amount:,}" for amount in (*gas, sum(gas))))
    sums = [steps.total() for steps in found.values()]
    made.add_row("total", *(f"{amount:,}" for amount in (*sums, sum(sums))))
    return made


def _console() -> Console:
    return Console(width=max(Console().width, WIDTH), highlight=False)


def _write(path: Path, figures: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="keep the figures as the snapshot")
    parser.add_argument("--parts", action="store_true", help="only what 500/1 goes into, traced")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
