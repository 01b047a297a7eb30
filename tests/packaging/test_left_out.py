"""A skip is told, and under REQUIRE_ALL=1 it fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "test_one.py": "import pytest\ndef test_it(): pytest.skip('no Chromium')\n",
    "test_file.py": "import pytest\npytest.skip('no headscale', allow_module_level=True)\n",
    "test_known.py": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n",
    "test_fine.py": "def test_it(): pass\n",
}


def outcome(root: Path, folder: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    """Run the four tests under the repository's own conftest.py."""
    shutil.copy(root / "tests" / "conftest.py", folder)
    for name, text in TESTS.items():
        (folder / name).write_text(text)
    environment = os.environ | {"PYTHONPATH": str(root / "tools"), "REQUIRE_ALL": require_all}
    command = [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "."]
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


def test_what_was_left_out_is_named(root: Path, tmp_path: Path) -> None:
    done = outcome(root, tmp_path, require_all="0")
    assert done.returncode == 0
    assert "test_one.py::test_it: no Chromium" in done.stdout
    assert "test_file.py: no headscale" in done.stdout


@pytest.mark.parametrize("why", ["no Chromium", "no headscale"])
def test_nothing_may_be_left_out_of_the_whole_gate(root: Path, tmp_path: Path, why: str) -> None:
    done = outcome(root, tmp_path, require_all="1")
    assert done.returncode != 0
    assert f"REQUIRE_ALL=1 allows no skip: {why}" in done.stdout
