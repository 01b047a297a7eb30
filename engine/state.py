"""What a segment starts from and ends with: weights, both moments and the step, at true rank."""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from compute_swarm.domain.commitment import StateHashes, state_digest
from compute_swarm.domain.ids import Digest
from compute_swarm.domain.trial import TrialParams
from compute_swarm.engine.lora import Shapes, tensor_names
from compute_swarm.engine.randomness import uniform
from compute_swarm.errors import DocumentInvalid

Tensors = Mapping[str, NDArray[np.float32]]

_PARTS: Final = ("w", "m", "v")


@dataclass(frozen=True, slots=True)
class State:
    """Tensors by PEFT's names, of equal names and shapes in `w`, `m` and `v`."""

    w: Tensors
    m: Tensors
    v: Tensors
    step: int

    def hashes(self) -> StateHashes:
        w, m, v = (_sha256(getattr(self, part)) for part in _PARTS)
        return StateHashes(w, m, v)

    def digest(self, k: int) -> Digest:
        return state_digest(k, self.hashes(), self.step)

    def to_bytes(self, notes: Mapping[str, str] | None = None) -> bytes:
        """Return a safetensors file; `notes` ride in its header and are not part of the state."""
        tensors = {
            f"{part}.{name}": np.ascontiguousarray(array, dtype="<f4")
            for part in _PARTS
            for name, array in getattr(self, part).items()
        }
        return safetensors.numpy.save(tensors, {"step": str(self.step), **(notes or {})})

    @classmethod
    def from_bytes(cls, data: bytes) -> "State":
        """Read a state from another party: the form is checked, the values are not."""
        try:
            tensors = safetensors.numpy.load(data)
            step = int(read_notes(data)["step"])
        except (SafetensorError, KeyError, ValueError) as error:
            raise DocumentInvalid("state", "a safetensors file with a step") from error
        parts: dict[str, dict[str, NDArray[np.float32]]] = {part: {} for part in _PARTS}
        for name, array in tensors.items():
            part, _, rest = name.partition(".")
            if part not in parts or array.dtype != np.float32 or array.ndim != 2:
                raise DocumentInvalid(name, "a float32 matrix of w, m or v")
            parts[part][rest] = array
        w, m, v = (parts[part] for part in _PARTS)
        if step < 0 or not _shapes(w) == _shapes(m) == _shapes(v):
            raise DocumentInvalid("state", "w, m and v of equal shapes")
        return cls(w, m, v, step)

    def fits(self, shapes: Shapes, params: TrialParams) -> bool:
        """Whether these are the tensors of a trial with `params` on a base of `shapes`."""
        return _shapes(self.w) == expected_shapes(shapes, params)


def initial_state(shapes: Shapes, params: TrialParams, seed: bytes) -> State:
    """Return boundary 0: A uniform as in PEFT (Kaiming with a = sqrt 5), B and moments zero."""
    w = {}
    for index, (name, shape) in enumerate(sorted(expected_shapes(shapes, params).items())):
        if ".lora_A." in name:
            w[name] = uniform(seed, index, shape, 1 / np.sqrt(shape[1]))
        else:
            w[name] = np.zeros(shape, dtype=np.float32)
    return State(w, _zeros(w), _zeros(w), 0)


def expected_shapes(shapes: Shapes, params: TrialParams) -> dict[str, tuple[int, int]]:
    expected = {}
    for path, (out, into) in shapes.items():
        a, b = tensor_names(path)
        expected[a] = (params.r, into)
        expected[b] = (out, params.r)
    return expected


def read_notes(data: bytes) -> dict[str, str]:
    """Return the text in a safetensors header."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    return dict(header.get("__metadata__", {}))


def _sha256(tensors: Tensors) -> Digest:
    running = hashlib.sha256()
    for name in sorted(tensors):
        running.update(np.ascontiguousarray(tensors[name], dtype="<f4").data)
    return Digest(running.digest())


def _zeros(tensors: Tensors) -> Tensors:
    return {name: np.zeros_like(array) for name, array in tensors.items()}


def _shapes(tensors: Tensors) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in tensors.items()}
