"""Whether packs keep their bits on this machine: tried once, then remembered beside the model."""

import json
import os
from pathlib import Path
from uuid import uuid4

from compute_swarm.domain.ids import hex32, keccak
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.model import Base
from compute_swarm.engine.numerics import class_id, self_test
from compute_swarm.engine.weights import locked


def most_together(base: Base, spec: SweepSpec, wanted: int) -> int:
    """Return how many trials may share a pack: those wanted, or one where sharing costs bits."""
    return wanted if wanted == 1 or _kept(base, spec) else 1


def note_of(base: Base, spec: SweepSpec) -> Path:
    """Return the file that keeps the answer for these weights, dtypes, libraries and device."""
    numeric = spec.numeric
    own = class_id(numeric.dtype, str(base.device))
    key = keccak(spec.model.digest + own + numeric.eval_dtype.encode())
    return base.directory.with_name(f"{base.directory.name}.packs-{key[:8].hex()}.json")


def _kept(base: Base, spec: SweepSpec) -> bool:
    note = note_of(base, spec)
    if not os.access(note.parent, os.W_OK):  # models that somebody else looks after
        return self_test(base, spec.numeric.eval_dtype)
    # Nodes of a machine share the folder: the others wait, which is cheaper than trying too.
    with locked(note.with_suffix(".lock")):
        if not note.exists():
            _write(note, spec, self_test(base, spec.numeric.eval_dtype))
        kept: bool = json.loads(note.read_text())["kept"]
    return kept


def _write(note: Path, spec: SweepSpec, kept: bool) -> None:
    fresh = note.with_name(f".{note.name}-{uuid4().hex}")
    fresh.write_text(json.dumps({"model": hex32(spec.model.digest), "kept": kept}))
    fresh.rename(note)
