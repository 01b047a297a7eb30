"""What this machine can take on: memory and disk as they are now, classes and speed as measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Kind
from compute_swarm.engine.resources import Machine, ModelShape, probe
from compute_swarm.node.settings import NodeSettings
from compute_swarm.node.workshop import Job, worker_log

# Operations a second until the first award has been timed; low, so that deadlines are kept.
_GUESSED: Final[Mapping[str, float]] = {"cpu": 2e10, "cuda": 5e12}
# Forward and backward through a frozen weight: two operations each way.
_PER_WEIGHT: Final = 4


@dataclass(frozen=True, slots=True)
class Capacity:
    machine: Machine
    device: str
    vram_gib: int
    engine: str  # version
    classes: Mapping[str, str]  # numeric class by dtype

    def document(self) -> dict[str, Any]:
        """Return what the directory shows to buyers."""
        return {
            "vram_gib": self.vram_gib,
            "ram_gib": self.machine.ram_total // 2**30,
            "device": self.device,
            "gpus": [gpu.name for gpu in self.machine.gpus],
        }

    def now(self) -> "Capacity":
        """Look at memory and disk again."""
        return replace(self, machine=probe(self.machine.directory))


async def measure(settings: NodeSettings) -> Capacity:
    """Ask a worker for the classes, since only a worker loads torch."""
    async with Job({"job": "probe", "device": settings.device}, worker_log(settings.home)) as job:
        found = await job.result()
    settings.home.mkdir(parents=True, exist_ok=True)
    return Capacity(
        machine=limited(probe(settings.home), settings.most_disk),
        device=settings.device,
        vram_gib=settings.vram_gib,
        engine=found["engine"],
        classes=found["classes"],
    )


def limited(machine: Machine, most_disk: int) -> Machine:
    """Count no more disk than the owner gives."""
    return replace(machine, disk_free=min(machine.disk_free, most_disk))


def guessed_speed(shape: ModelShape, device: str) -> float:
    """Return training tokens a second that even a slow machine of the kind reaches."""
    operations = _GUESSED["cuda" if device.startswith("cuda") else "cpu"]
    return operations / (_PER_WEIGHT * shape.parameters)


def speed_note(spec: SweepSpec, device: str) -> str:
    """Return the journal's key for the measured speed of such work."""
    return f"speed/{spec.model.digest.hex()}/{spec.numeric.dtype}/{device}"


def seconds_per_trial(kind: Kind, speed: float) -> float:
    return kind.tokens / speed
