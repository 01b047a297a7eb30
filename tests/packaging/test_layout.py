"""The four links that bring the top-level folders under one package name."""

import importlib
from pathlib import Path

import pytest

LINKED = ["engine", "node", "ui", "verifier"]


@pytest.mark.parametrize("name", LINKED)
def test_a_link_is_relative_and_leads_to_the_top_level_folder(root: Path, name: str) -> None:
    link = root / "src" / "compute_swarm" / name
    assert link.readlink() == Path(f"../../{name}")
    assert link.resolve() == root / name


@pytest.mark.parametrize("name", LINKED)
def test_a_linked_folder_is_imported_under_the_package(root: Path, name: str) -> None:
    module = importlib.import_module(f"compute_swarm.{name}")
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == root / name / "__init__.py"


def test_no_other_link_is_in_the_package(root: Path) -> None:
    links = [path.name for path in (root / "src").rglob("*") if path.is_symlink()]
    assert sorted(links) == LINKED
