"""Agents stay light: what trains and replays lives in another process."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "peft", "nicegui")
CHECK = "import sys, {module}; print([name for name in {heavy} if name in sys.modules])"


@pytest.mark.parametrize(
    "module",
    [
        "compute_swarm.node.agent",
        "compute_swarm.node.demo_cheater",
        "compute_swarm.node.worker",
        "compute_swarm.verifier.judge",
        "compute_swarm.verifier.dossier",
    ],
)
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    code = CHECK.format(module=module, heavy=HEAVY)
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
