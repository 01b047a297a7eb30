"""The wheel, built from the sdist and installed where the sources are out of reach."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)

SOURCES = ["LICENSE", "README.md", "pyproject.toml", "engine", "node", "src", "ui", "verifier"]
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.egg-info")

IMPORT_ALL = """
import importlib, json, pkgutil
import compute_swarm

files = {"compute_swarm": compute_swarm.__file__}
for found in pkgutil.walk_packages(compute_swarm.__path__, "compute_swarm."):
    files[found.name] = importlib.import_module(found.name).__file__
print(json.dumps(files))
"""


def files_below(folder: Path) -> Iterator[str]:
    """Every file below the folder, links followed, as the wheel should name it."""
    for path, _, names in os.walk(folder, followlinks=True):
        for name in names:
            yield (Path(path) / name).relative_to(folder).as_posix()


@pytest.fixture(scope="module")
def sources(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that setuptools leaves nothing behind in the repository."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, symlinks=True, ignore=NOT_SHIPPED)
        else:
            shutil.copy(root / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def shipped(sources: Path) -> set[str]:
    return set(files_below(sources / "src"))


@pytest.fixture(scope="module")
def wheel(shipped: set[str], sources: Path) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", sources]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return next((sources / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel and, at second hand, the dependencies installed here."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    install = [sys.executable, "-m", "pip", "--python", folder, "install", "--quiet"]
    subprocess.run([*install, "--no-deps", "--no-index", wheel], check=True, timeout=120)
    # Python ignores a .pth within a folder that a .pth names, so the link of this
    # environment to the source tree isn't followed.
    (site_packages(folder) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def site_packages(environment: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path, shipped: set[str]) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in packed if ".dist-info/" not in name} == shipped


def test_every_module_imports_from_the_wheel(environment: Path, shipped: set[str]) -> None:
    command = [environment / "bin" / "python", "-I", "-c", IMPORT_ALL]
    done = subprocess.run(
        command, cwd=environment, check=False, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    imported = {Path(file) for file in json.loads(done.stdout).values()}
    assert imported == {
        site_packages(environment) / name for name in shipped if name.endswith(".py")
    }


def test_the_wheel_installs_the_command(environment: Path) -> None:
    swarm = environment / "bin" / "swarm"
    assert subprocess.run([swarm, "--help"], check=False, timeout=60).returncode == 0
