"""Folders of a node's home."""

import tempfile
from pathlib import Path

from compute_swarm.domain.ids import AwardId


def award_folder(home: Path, award_id: AwardId) -> Path:
    """Return where a seller trains an award."""
    return home / "awards" / award_id.hex()


def case_folder(home: Path, award_id: AwardId) -> Path:
    """Return where a validator puts what it fetches of an award."""
    return home / "cases" / award_id.hex()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that can be fetched again: readers see all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(data)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
