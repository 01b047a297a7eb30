import json
import subprocess
import sys

import pytest

import compute_swarm

HEAVY = {"eth_account", "nicegui", "numpy", "peft", "torch", "transformers", "web3"}


def modules_after(statement: str) -> set[str]:
    """Run the statement in a fresh interpreter and return the names of what it loaded."""
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not HEAVY & modules_after("import compute_swarm; compute_swarm.__version__")


def test_importing_the_sdk_loads_no_role_extra() -> None:
    assert not {"nicegui", "peft", "torch", "transformers"} & modules_after(
        "from compute_swarm import connect"
    )


@pytest.mark.parametrize("name", compute_swarm.__all__)
def test_a_public_name_resolves(name: str) -> None:
    assert getattr(compute_swarm, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sweeps'"):
        compute_swarm.sweeps  # noqa: B018
