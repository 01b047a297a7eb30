"""Where the bytes of an award lie within its folder, at the seller's and at a validator's.

States are the engine's checkpoints; the engine itself stays out of this module, since nodes read
it without torch.
"""

from pathlib import Path
from typing import Final

from compute_swarm.domain.packing import TrialKey

ADAPTER_FILE: Final = "adapter_model.safetensors"


def states_folder(folder: Path) -> Path:
    return folder / "states"


def state_file(folder: Path, key: TrialKey, k: int) -> Path:
    return states_folder(folder) / f"{key.index}-{key.replica}" / f"{k:04d}.safetensors"


def start_file(folder: Path, key: TrialKey) -> Path:
    """Return where a seller puts the state that a rung goes on from, before it is checked."""
    return folder / "starts" / f"{key.index}-{key.replica}.safetensors"


def adapter_folder(folder: Path, key: TrialKey) -> Path:
    """Return the PEFT folder of a trial."""
    return folder / "adapters" / f"{key.index}-{key.replica}"


def metrics_file(folder: Path, key: TrialKey) -> Path:
    return folder / "metrics" / f"{key.index}-{key.replica}.jsonl"
