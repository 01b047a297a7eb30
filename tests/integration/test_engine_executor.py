"""Runs that are stopped, killed and short of memory end in the states of one that was not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.metrics import Metric, MetricEvent
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import TrialKey, trials
from compute_swarm.engine.checkpoints import Checkpoints
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.executor import ShardLosses, Work, run
from compute_swarm.engine.state import State
from small_sweep import (
    SWEEP_ID,
    advance,
    fresh_pack,
    hashes,
    mixed_spec,
    small_spec,
    small_tokens,
    tiny_base,
)

SPEC = mixed_spec()


@dataclass
class Record:
    """What a run told; a boundary told twice must be told alike."""

    boundaries: dict[tuple[TrialKey, int], tuple[StateHashes, float, ShardLosses]] = field(
        default_factory=dict
    )
    events: list[MetricEvent] = field(default_factory=list)

    def boundary(
        self, key: TrialKey, k: int, state: State, loss: float, losses: ShardLosses
    ) -> None:
        told = state.hashes(), loss, losses
        assert self.boundaries.setdefault((key, k), told) == told

    def values(self, name: Metric, trial: int = 0) -> list[float | str]:
        return [e.value for e in self.events if e.name is name and e.trial == trial]


def work(count: int = 8, last: int = 4, pack_size: int = 8, spec: SweepSpec = SPEC) -> Work:
    return Work(
        base=tiny_base(spec.numeric.dtype),
        spec=spec,
        tokens=small_tokens(spec),
        sweep_id=SWEEP_ID,
        trials=trials(spec)[:count],
        last=last,
        pack_size=pack_size,
    )


def never() -> bool:
    return False


def after(calls: int) -> Callable[[], bool]:
    left = iter(range(calls))
    return lambda: next(left, None) is None


def finish(job: Work, folder: Path, record: Record) -> None:
    assert run(job, Checkpoints(folder), record.boundary, record.events.append, never)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Record:
    record = Record()
    finish(work(), tmp_path_factory.mktemp("whole"), record)
    return record


def test_every_boundary_is_told_and_stored(whole: Record, tmp_path: Path) -> None:
    keys = [trial.key for trial in work().trials]
    assert set(whole.boundaries) == {(key, k) for key in keys for k in range(5)}
    finish(work(count=1), tmp_path, Record())
    assert Checkpoints(tmp_path).boundaries(keys[0]) == [0, 1, 2, 3, 4]


def test_boundaries_are_those_of_plain_training(whole: Record) -> None:
    pack = fresh_pack(SPEC, range(8))
    for k in range(5):
        for trial, own in zip(work().trials, hashes(pack), strict=True):
            assert whole.boundaries[trial.key, k][0] == own
        advance(pack, 1)


def test_packs_of_any_size_end_alike(whole: Record, tmp_path: Path) -> None:
    record = Record()
    finish(work(pack_size=3), tmp_path, record)
    assert record.boundaries == whole.boundaries


@pytest.mark.parametrize("segments", [0, 1, 3])
def test_a_stopped_run_goes_on_where_it_was(whole: Record, tmp_path: Path, segments: int) -> None:
    record = Record()
    store = Checkpoints(tmp_path)
    job = work(pack_size=5)
    assert not run(job, store, record.boundary, record.events.append, after(segments))
    finish(job, tmp_path, record)
    assert record.boundaries == whole.boundaries


def test_trials_resume_each_from_its_own_boundary(whole: Record, tmp_path: Path) -> None:
    record = Record()
    finish(work(count=2, last=3), tmp_path, record)
    finish(work(count=5, last=1), tmp_path, record)
    finish(work(), tmp_path, record)
    assert record.boundaries == whole.boundaries


def test_a_finished_run_trains_nothing_again(tmp_path: Path) -> None:
    finish(work(count=2), tmp_path, Record())
    again = Record()
    finish(work(count=2), tmp_path, again)
    assert again == Record()


def test_out_of_memory_halves_the_pack(whole: Record, tmp_path: Path) -> None:
    record = Record()
    sizes: list[float] = []

    def short_of_memory(event: MetricEvent) -> None:
        if event.name is Metric.PACK_K:
            sizes.append(float(event.value))
            if sizes[-1] > 2:
                raise MemoryError

    assert run(work(), Checkpoints(tmp_path), record.boundary, short_of_memory, never)
    assert sizes[:2] == [8.0, 4.0]
    assert set(sizes[2:]) == {1.0, 2.0}  # one is left where its neighbour was further
    assert record.boundaries == whole.boundaries


def test_other_errors_pass(tmp_path: Path) -> None:
    def broken(_: MetricEvent) -> None:
        raise RuntimeError("no disk")

    with pytest.raises(RuntimeError, match="no disk"):
        run(work(), Checkpoints(tmp_path), Record().boundary, broken, never)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_evaluations_come_when_the_specification_says(tmp_path: Path, dtype: str) -> None:
    record = Record()
    spec = small_spec(dtype, eval_dtype="float32")  # every 8 of 24 segments
    finish(work(count=1, last=24, spec=spec), tmp_path, record)
    (key,) = [trial.key for trial in trials(spec)]
    evaluated = [k for k in range(25) if record.boundaries[key, k][2] is not None]
    assert evaluated == [0, 8, 16, 24]
    assert record.boundaries[key, 24][2] == evaluate(advance(fresh_pack(spec, [0]), 24))[0]
    losses = [float(value) for value in record.values(Metric.EVAL_LOSS)]
    assert losses[-1] < losses[0]


def test_metrics_tell_steps_rates_and_speed(whole: Record) -> None:
    assert whole.values(Metric.TRIAL_STATUS) == ["running"]
    assert whole.values(Metric.TRAIN_STEP) == [2, 4, 6, 8]
    assert len(whole.values(Metric.TRAIN_LOSS)) == 8
    assert whole.values(Metric.TRAIN_TOKENS_SEEN) == [64, 128, 192, 256]
    assert set(whole.values(Metric.PACK_K)) == {8}
    assert all(float(value) > 0 for value in whole.values(Metric.PERF_TOKENS_PER_S))
    assert {event.name for event in whole.events} == set(Metric)


def test_a_killed_run_goes_on(whole: Record, tmp_path: Path) -> None:
    for kill_at in (2, 7, 11):
        child = subprocess.Popen(
            [sys.executable, __file__, str(tmp_path)],
            env={"PYTHONPATH": ":".join(sys.path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while stored(tmp_path) < kill_at and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert stored(tmp_path) >= kill_at
    record = Record()
    finish(work(count=3), tmp_path, record)
    expected = {at: told for at, told in whole.boundaries.items() if at[0].index < 3}
    assert record.boundaries.items() <= expected.items()
    store = Checkpoints(tmp_path)
    for (key, k), (parts, loss, losses) in expected.items():
        checkpoint = store.load(key, k)
        assert checkpoint.state.hashes() == parts
        assert (checkpoint.loss, checkpoint.eval_losses) == (loss, losses)


def stored(folder: Path) -> int:
    return len(list(folder.glob("*/*.safetensors")))


if __name__ == "__main__":
    finish(work(count=3), Path(sys.argv[1]), Record())
