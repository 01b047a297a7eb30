"""The forge on PATH is the native one: its exit status tells a failing test."""

import subprocess
import tomllib
from pathlib import Path

import pytest

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

contract Broken {{
    function test_two_words() external pure {{
        require({claim}, "broken on purpose");
    }}
}}
"""


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """A throw-away Foundry project with the repository's own compiler."""
    settings = tomllib.loads((root / "foundry.toml").read_text())
    compiler = root / settings["profile"]["default"]["solc"]
    (tmp_path / "foundry.toml").write_text(
        f"[profile.default]\noffline = true\nsolc = '{compiler}'\n"
    )
    (tmp_path / "test").mkdir()
    return tmp_path


@pytest.mark.parametrize(("claim", "passes"), [("1 + 1 == 2", True), ("1 + 1 == 3", False)])
def test_forge_exits_with_the_verdict(forge: Path, project: Path, claim: str, passes: bool) -> None:
    (project / "test" / "Broken.t.sol").write_text(SOURCE.format(claim=claim))
    done = subprocess.run(
        [forge, "test"], cwd=project, check=False, capture_output=True, text=True, timeout=90
    )
    assert (done.returncode == 0) is passes, done.stdout + done.stderr
    assert ("broken on purpose" in done.stdout) is not passes
