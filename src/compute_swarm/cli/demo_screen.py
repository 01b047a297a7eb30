"""What the demo prints: a line for each step, the table of trials, the books."""

import json
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.live import Live

from compute_swarm.cli.output import console, show_table
from compute_swarm.domain.money import format_amount
from compute_swarm.sdk.view import SweepView, view_table


class Screen:
    """The terminal: a line for each step, a live table where there is a person to see it."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._started = time.monotonic()
        self._last = ""

    def __enter__(self) -> Self:
        if console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        seconds = time.monotonic() - self._started
        console.print(f"{seconds:6.1f} s  {line}", markup=False, highlight=False)

    def show(self, view: SweepView) -> None:
        if console.is_terminal:
            self._live.update(view_table(view), refresh=True)
        states = Counter(str(row.status) for row in view.rows)
        line = ", ".join(f"{count} {state}" for state, count in states.items())
        if line != self._last:
            self._last = line
            self.say(f"{view.status}: {line}")

    def done(self, view: SweepView, report: dict[str, Any]) -> None:
        """Write the report and print what a person wants to know of it."""
        self._live.stop()
        self._report.write_text(json.dumps(report, indent=2) + "\n")
        console.print(view_table(view))
        books = report["books"]
        rows = [(name.removesuffix("_wei"), format_amount(wei)) for name, wei in books.items()]
        show_table("books", ("where", "amount"), rows)
        cheater = report["cheater"]
        self.say(
            f"the cheater lost {format_amount(cheater['bond_lost_wei'])} "
            f"and the buyer got {format_amount(cheater['refunded_wei'])} back"
        )
        self.say(f"{report['transactions']} transactions; the report is {self._report}")
