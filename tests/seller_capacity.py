"""A seller's capacity as a worker would have measured it."""

from pathlib import Path

from compute_swarm.engine.resources import probe
from compute_swarm.node.capacity import Capacity

CAPACITY = Capacity(
    machine=probe(Path("/")),
    device="cpu",
    vram_gib=24,
    engine="1",
    classes={"float32": "0x" + "c1" * 32, "bfloat16": "0x" + "c2" * 32},
)
