import math
from pathlib import Path

import pytest

from compute_swarm.domain.trial import TrialKey, TrialParams
from compute_swarm.engine.checkpoints import Checkpoint, Checkpoints, write_whole
from compute_swarm.engine.state import initial_state

KEY = TrialKey(4, 1)
STATE = initial_state({"q": (6, 4)}, TrialParams(1e-3, 2, 16.0, 0.0, 0, 1), bytes(32))


@pytest.mark.parametrize("losses", [None, (1.25, math.inf, 0.1)])
@pytest.mark.parametrize("loss", [0.1, math.inf])
def test_a_checkpoint_comes_back(
    tmp_path: Path, loss: float, losses: tuple[float, ...] | None
) -> None:
    store = Checkpoints(tmp_path)
    store.save(KEY, Checkpoint(3, STATE, loss, losses))
    back = store.load(KEY, 3)
    assert (back.k, back.loss, back.eval_losses) == (3, loss, losses)
    assert back.state.hashes() == STATE.hashes()


def test_a_diverged_loss_is_kept(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(KEY, Checkpoint(1, STATE, math.nan, (math.nan,)))
    assert math.isnan(store.load(KEY, 1).loss)


def test_boundaries_are_listed_in_order_and_dropped(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    assert store.boundaries(KEY) == []
    for k in (10, 2, 0):
        store.save(KEY, Checkpoint(k, STATE, 0.0, None))
    assert store.boundaries(KEY) == [0, 2, 10]
    store.drop(KEY, [2, 5])
    assert store.boundaries(KEY) == [0, 10]
    assert store.boundaries(TrialKey(4, 0)) == []


def test_what_is_half_written_is_never_a_boundary(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(KEY, Checkpoint(0, STATE, 0.0, None))
    (store.path(KEY, 1).parent / "tmpabc").write_bytes(b"half")
    assert store.boundaries(KEY) == [0]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_whole(path, b"old")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")  # type: ignore[arg-type]  # what is tested
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
