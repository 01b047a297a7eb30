"""States on disk at segment ends: whole files or none, whenever the power goes."""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compute_swarm.domain.trial import TrialKey
from compute_swarm.engine.state import State, read_notes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A boundary as it lies on disk."""

    k: int
    state: State
    loss: float
    eval_losses: tuple[float, ...] | None


class Checkpoints:
    """A folder of states, `<trial>-<replica>/<k>.safetensors`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, key: TrialKey, k: int) -> Path:
        return self.directory / f"{key.index}-{key.replica}" / f"{k:04d}.safetensors"

    def save(self, key: TrialKey, checkpoint: Checkpoint) -> None:
        notes = {"loss": checkpoint.loss.hex()}
        if checkpoint.eval_losses is not None:
            notes["eval_losses"] = json.dumps([loss.hex() for loss in checkpoint.eval_losses])
        write_whole(self.path(key, checkpoint.k), checkpoint.state.to_bytes(notes))

    def load(self, key: TrialKey, k: int) -> Checkpoint:
        data = self.path(key, k).read_bytes()
        notes = read_notes(data)
        words: Sequence[str] | None = json.loads(notes.get("eval_losses", "null"))
        losses = None if words is None else tuple(float.fromhex(word) for word in words)
        return Checkpoint(k, State.from_bytes(data), float.fromhex(notes["loss"]), losses)

    def boundaries(self, key: TrialKey) -> list[int]:
        """Return the boundaries on disk, in order."""
        names = self.path(key, 0).parent.glob("*.safetensors")
        return sorted(int(path.stem) for path in names)

    def drop(self, key: TrialKey, ks: Sequence[int]) -> None:
        for k in ks:
            self.path(key, k).unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write through a temporary file, fsync and rename, so that readers never see a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name is durable only now
    finally:
        os.close(folder)
