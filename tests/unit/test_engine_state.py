import hashlib
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from compute_swarm.domain.commitment import state_digest
from compute_swarm.domain.trial import TrialParams
from compute_swarm.engine.state import State, initial_state, read_notes
from compute_swarm.errors import DocumentInvalid

SHAPES = {"model.layers.10.q": (6, 4), "model.layers.2.q": (6, 4)}
PARAMS = TrialParams(1e-3, 2, 16.0, 0.0, 0, 1)
SEED = bytes(range(32))
A2 = "base_model.model.model.layers.2.q.lora_A.weight"


@pytest.fixture
def state() -> State:
    return initial_state(SHAPES, PARAMS, SEED)


def test_boundary_0_has_random_a_and_nothing_else(state: State) -> None:
    assert state.step == 0
    for name, array in state.w.items():
        assert bool(array.any()) == (".lora_A." in name)
        assert np.abs(array).max() <= 0.5
    assert not any(array.any() for part in (state.m, state.v) for array in part.values())


def test_boundary_0_is_a_function_of_the_seed(state: State) -> None:
    assert initial_state(dict(reversed(SHAPES.items())), PARAMS, SEED).digest(0) == state.digest(0)
    assert initial_state(SHAPES, PARAMS, bytes(32)).digest(0) != state.digest(0)


def test_hashes_cover_the_tensors_in_name_order(state: State) -> None:
    data = b"".join(state.w[name].astype("<f4").tobytes() for name in sorted(state.w))
    assert state.hashes().w == hashlib.sha256(data).digest()
    assert state.hashes().m == hashlib.sha256(bytes(len(data))).digest()
    assert state.digest(3) == state_digest(3, state.hashes(), 0)


def test_a_state_survives_its_bytes(state: State) -> None:
    moved = replace(state, step=7, m={name: array + 1 for name, array in state.m.items()})
    back = State.from_bytes(moved.to_bytes({"loss": "1"}))
    assert back.hashes() == moved.hashes()
    assert back.step == 7
    assert read_notes(moved.to_bytes({"loss": "1"}))["loss"] == "1"


def test_a_state_knows_whose_it_may_be(state: State) -> None:
    assert state.fits(SHAPES, PARAMS)
    assert not state.fits(SHAPES, replace(PARAMS, r=3))
    assert not state.fits({"model.layers.2.q": (6, 4)}, PARAMS)


@pytest.mark.parametrize("cut", [0, 5, 60, 300])
def test_bytes_cut_short_are_refused(state: State, cut: int) -> None:
    with pytest.raises(DocumentInvalid):
        State.from_bytes(state.to_bytes()[:cut])


@pytest.mark.parametrize(
    "tensors",
    [
        {"w.x": np.zeros((2, 2), np.float64)},
        {"w.x": np.zeros(2, np.float32)},
        {"x": np.zeros((2, 2), np.float32)},
        {"w.x": np.zeros((2, 2), np.float32)},
    ],
    ids=["dtype", "vector", "part", "moments missing"],
)
def test_other_tensors_are_refused(tensors: dict[str, np.ndarray]) -> None:
    with pytest.raises(DocumentInvalid):
        State.from_bytes(safetensors.numpy.save(tensors, {"step": "0"}))


@pytest.mark.parametrize("step", ["-1", "x", None])
def test_a_step_is_a_whole_number(step: str | None) -> None:
    parts = {f"{part}.x": np.zeros((2, 2), np.float32) for part in "wmv"}
    with pytest.raises(DocumentInvalid):
        State.from_bytes(safetensors.numpy.save(parts, None if step is None else {"step": step}))
