"""Memory and disk: what a pack needs, what the machine has, and how many trials fit."""

import json
import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial
from compute_swarm.errors import DiskTooSmall, ModelDoesNotFit

# Values of one layer's width that a token keeps for backward, by dtype (measured, eager).
_KEPT: Final = {"float32": 31, "bfloat16": 37}
_BYTES: Final = {"float32": 4, "bfloat16": 2}
_WORKSPACE: Final = 700 * 2**20  # the libraries themselves and their scratch
_MARGIN: Final = 0.9  # of what is free: other programs live here too
MOST_PACKED: Final = 16  # beyond this a larger pack gains less than 5 %


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What of a base model decides its memory."""

    parameters: int
    file_bytes: int
    hidden: int
    layers: int
    vocabulary: int
    linear: tuple[tuple[str, int, int], ...]  # path, out, in

    @classmethod
    def of(cls, directory: Path) -> "ModelShape":
        """Read config and safetensors headers; no weight is loaded."""
        config = json.loads((directory / "config.json").read_text())
        files = sorted(directory.glob("*.safetensors"))
        shapes = {name: entry["shape"] for path in files for name, entry in _tensors(path)}
        return cls(
            parameters=sum(_count(shape) for shape in shapes.values()),
            file_bytes=sum(path.stat().st_size for path in files),
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            vocabulary=config["vocab_size"],
            linear=tuple(
                (name.removesuffix(".weight"), shape[0], shape[1])
                for name, shape in shapes.items()
                if name.endswith(".weight") and len(shape) == 2
            ),
        )

    def adapter_parameters(self, targets: Sequence[str], r: int) -> int:
        return sum(r * (out + into) for path, out, into in self.linear if _ends(path, targets))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes that training needs: a fixed part, and one for each trial of the pack."""

    fixed: int
    per_trial: int
    loading: int  # peak of main memory while the weights are read

    def total(self, trials: int) -> int:
        return self.fixed + trials * self.per_trial


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What was free when looked at, in bytes."""

    ram_total: int
    ram_free: int
    disk_free: int
    directory: Path
    gpus: tuple[Gpu, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    device: str
    pack_size: int


def estimate(shape: ModelShape, spec: SweepSpec, trials: Sequence[Trial]) -> Estimate:
    """Return the memory of packs of these trials, the largest counted for each."""
    dtype, length = spec.numeric.dtype, spec.dataset.max_length
    width, micro_batch = _BYTES[dtype], spec.training.micro_batch
    bucket = spec.numeric.rank_bucket
    rank = max(-(-trial.params.r // bucket) * bucket for trial in trials)
    adapter = shape.adapter_parameters(spec.lora.target_modules, rank)
    low_copy = width if dtype != "float32" else 0
    kept = micro_batch * length * shape.layers * _KEPT[dtype] * shape.hidden * width
    logits = micro_batch * length * shape.vocabulary * (4 + width)
    # Evaluation in another dtype has a base and adapter buffers of its own beside training's.
    second = spec.numeric.eval_dtype != dtype
    bases = shape.parameters * (width + second * _BYTES[spec.numeric.eval_dtype])
    buffers = adapter * 16 * (1 + second)
    return Estimate(
        fixed=bases + logits + _WORKSPACE,
        per_trial=buffers + adapter * low_copy + kept,
        loading=bases + shape.file_bytes + _WORKSPACE,
    )


def checkpoint_bytes(shape: ModelShape, spec: SweepSpec, trials: Sequence[Trial]) -> int:
    """Return what all states of these trials take on disk until they are final."""
    targets = spec.lora.target_modules
    one = sum(12 * shape.adapter_parameters(targets, trial.params.r) for trial in trials)
    return one * (spec.training.segments + 1)


def probe(directory: Path) -> Machine:
    """Look at this machine; `directory` is where states will lie."""
    import psutil

    memory = psutil.virtual_memory()
    free = shutil.disk_usage(directory).free
    return Machine(memory.total, memory.available, free, directory, tuple(_gpus()))


def place(
    shape: ModelShape, spec: SweepSpec, trials: Sequence[Trial], machine: Machine
) -> Placement:
    """Choose device and pack size, or refuse with the numbers."""
    need = estimate(shape, spec, trials)
    disk = checkpoint_bytes(shape, spec, trials)
    if disk > machine.disk_free:
        raise DiskTooSmall(disk, machine.disk_free, str(machine.directory))
    if need.loading > machine.ram_free:
        raise ModelDoesNotFit(need.loading, machine.ram_free, "memory while loading")
    for number, gpu in enumerate(machine.gpus):
        if fits := _fits(need, gpu.free):
            return Placement(f"cuda:{number}", min(fits, len(trials)))
    if fits := _fits(need, machine.ram_free):
        return Placement("cpu", min(fits, len(trials)))
    if machine.gpus:
        most = max(gpu.free for gpu in machine.gpus)
        raise ModelDoesNotFit(need.total(1), most, "video memory")
    raise ModelDoesNotFit(need.total(1), machine.ram_free, "memory")


def peak_rss() -> int:
    """Return the most main memory that this process has held, in bytes."""
    import psutil

    for line in _lines(Path("/proc/self/status")):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def peak_vram() -> int:
    """Return the most video memory that this process has held, in bytes."""
    import torch

    return int(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else 0


def _fits(need: Estimate, free: int) -> int:
    room = int(free * _MARGIN) - need.fixed
    return min(max(room // need.per_trial, 0), MOST_PACKED)


def _gpus() -> list[Gpu]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []  # no driver: a machine without such a GPU
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return [_gpu(handle) for handle in handles]
    finally:
        pynvml.nvmlShutdown()


def _gpu(handle: Any) -> Gpu:
    import pynvml

    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(str(pynvml.nvmlDeviceGetName(handle)), int(memory.total), int(memory.free))


def _tensors(path: Path) -> list[tuple[str, dict[str, Any]]]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    return [(name, entry) for name, entry in header.items() if name != "__metadata__"]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _count(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _ends(path: str, names: Sequence[str]) -> bool:
    return any(path == name or path.endswith(f".{name}") for name in names)
