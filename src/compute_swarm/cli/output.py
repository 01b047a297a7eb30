"""What the command line prints: tables for people, JSON for programs, refusals in three lines."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from compute_swarm.errors import SwarmError

console = Console()
complaints = Console(stderr=True)


def show_json(document: Any) -> None:
    """Print `document` to standard output, with nothing around it."""
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True, default=str) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def show_pairs(pairs: dict[str, object]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in pairs.items():
        table.add_row(f"[bold]{name}[/bold]", str(value))
    console.print(table)


class _Progress(logging.Handler):
    """What takes long, told to whoever waits, beside what is printed."""

    def emit(self, record: logging.LogRecord) -> None:
        complaints.print(record.getMessage(), style="dim", highlight=False)


def tell_progress(name: str) -> None:
    """Tell people what a module logs while it works."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    if not logger.handlers:
        logger.addHandler(_Progress())


def refuse(error: SwarmError) -> int:
    """Print code, sentence and action to standard error; return the exit status."""
    complaints.print(f"[bold red]{error.code}[/bold red]", highlight=False)
    complaints.print(error.sentence, markup=False, highlight=False)
    complaints.print(f"→ {error.action}", markup=False, highlight=False)
    complaints.print(f"  swarm explain {error.code}", style="dim", highlight=False)
    return error.exit_status
