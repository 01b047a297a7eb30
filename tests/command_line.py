"""`swarm` as a test runs it: in this process, with a home of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compute_swarm.cli.app import run

Result = tuple[int | str, str, str]


def command_line(home: Path, url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Return what runs a command against a chain; it returns (status, out, err)."""

    def call(*arguments: str) -> Result:
        try:
            status: int | str = run(["--home", str(home), "--rpc", url, *arguments])
        except SystemExit as ended:
            status = ended.code or 0
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
