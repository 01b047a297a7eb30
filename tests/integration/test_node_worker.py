"""The worker process on a tiny model: stopped, killed and started again."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from compute_swarm.domain import wire
from compute_swarm.domain.commitment import Boundary
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.trial import trials
from compute_swarm.engine.tiny import tiny
from compute_swarm.errors import WorkerFailed
from compute_swarm.node.workshop import Job
from compute_swarm.verifier.layout import adapter_folder, metrics_file, start_file, state_file
from example_claim import SWEEP, example_spec
from example_training import example_rows

SPEC = example_spec(trials=2, eval_every=8)
KEYS = tuple(trial.key for trial in trials(SPEC))

Boundaries = dict[tuple[TrialKey, int], Boundary]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def own_model(tmp_path: Path, base: Path) -> Path:
    """A model that no other job has had."""
    return shutil.copytree(base, tmp_path / "own")


@pytest.fixture
def job(tmp_path: Path, base: Path) -> dict[str, Any]:
    dataset = tmp_path / "rows.jsonl"
    dataset.write_bytes(example_rows())
    return {
        "job": "train",
        "spec": SPEC.document(),
        "sweep_id": hex32(SWEEP),
        "base": str(base),
        "dataset": str(dataset),
        "folder": str(tmp_path / "award"),
        "trials": hex32(pack_trials(KEYS)),
        "device": "cpu",
        "pack_size": 2,
        "known": {},
        "first": 0,
        "last": SPEC.training.segments,
        "starts": [],
    }


def log(job: dict[str, Any]) -> Path:
    return Path(job["folder"]) / "worker.log"


def boundary(event: dict[str, Any]) -> tuple[tuple[TrialKey, int], Boundary]:
    found = wire.decode(Boundary, event["boundary"])
    return (wire.decode(TrialKey, event["key"]), found.k), found


async def run(job: dict[str, Any]) -> tuple[Boundaries, dict[str, Any]]:
    """Run the job to its end; return the boundaries told and the result."""
    told: Boundaries = {}
    last: dict[str, Any] = {}
    async with Job(job, log(job)) as work:
        async for event in work.events():
            if event["event"] == "boundary":
                told.update([boundary(event)])
            last = event
    return told, last


async def run_until(job: dict[str, Any], k: int, kill: bool) -> Boundaries:
    """Run until boundary `k` is told, then kill the worker or ask it to stop."""
    told: Boundaries = {}
    async with Job(job, log(job)) as work:
        async for event in work.events():
            if event["event"] != "boundary":
                continue
            told.update([boundary(event)])
            if max(at for _, at in told) >= k and kill:
                assert work.pid is not None
                os.kill(work.pid, signal.SIGKILL)
                break
            if max(at for _, at in told) == k:
                work.stop()
    return told


async def test_a_killed_worker_goes_on_and_ends_where_it_would_have(
    job: dict[str, Any], tmp_path: Path
) -> None:
    whole, _ = await run(job | {"folder": str(tmp_path / "undisturbed")})
    before = await run_until(job, 7, kill=True)
    after, result = await run(job)
    assert result["complete"]
    assert before | after == whole
    assert {k for _, k in whole} == set(range(25))


async def test_a_worker_tries_once_whether_packs_keep_their_bits(
    job: dict[str, Any], own_model: Path
) -> None:
    await run_until(job | {"base": str(own_model)}, 1, kill=True)
    written = notes(own_model)
    await run_until(job | {"base": str(own_model)}, 2, kill=True)
    assert notes(own_model) == written
    assert len(written) == 1


def notes(model: Path) -> dict[Path, int]:
    """Return when each answer beside a model was written."""
    found = model.parent.glob(f"{model.name}.packs-*.json")
    return {path: path.stat().st_mtime_ns for path in found}


async def test_what_the_node_did_not_hear_is_told_again(job: dict[str, Any]) -> None:
    whole, _ = await run(job)
    again, _ = await run(job | {"known": {str(key): 20 for key in KEYS}})
    assert again == {at: found for at, found in whole.items() if at[1] > 20}


def rung_of(job: dict[str, Any], whole: Boundaries, folder: Path) -> dict[str, Any]:
    """The same trials' job from boundary 8 on, with what another worker left there."""
    for key in KEYS:
        path = start_file(folder, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(state_file(Path(job["folder"]), key, 8), path)
    ends = [{"key": wire.encode(k), "boundary": wire.encode(whole[k, 8])} for k in KEYS]
    return job | {"folder": str(folder), "first": 8, "starts": ends}


async def test_a_rung_ends_where_the_trials_would_have_without_a_pause(
    job: dict[str, Any], tmp_path: Path
) -> None:
    whole, _ = await run(job)
    told, result = await run(rung_of(job, whole, tmp_path / "rung"))
    assert told == {at: found for at, found in whole.items() if at[1] >= 8}
    assert [one["k"] for one in result["adapters"]] == [24] * len(KEYS)


async def test_a_state_that_is_not_the_earlier_end_is_dropped(
    job: dict[str, Any], tmp_path: Path
) -> None:
    whole, _ = await run(job)
    rung, first = rung_of(job, whole, tmp_path / "rung"), start_file(tmp_path / "rung", KEYS[0])
    shutil.copy(state_file(Path(job["folder"]), KEYS[0], 9), first)
    with pytest.raises(WorkerFailed) as failed:
        await run(rung)
    assert failed.value.cause == "transfer.corrupt"
    assert not first.exists()


async def test_a_stopped_worker_hands_in_whole_segments(job: dict[str, Any]) -> None:
    await run_until(job, 5, kill=False)
    folder = Path(job["folder"])
    for key in KEYS:
        assert (adapter_folder(folder, key) / "adapter_config.json").is_file()
        assert metrics_file(folder, key).read_bytes().endswith(b"\n")
    told, result = await run(job | {"known": {}})
    assert result["complete"]
    assert {k for _, k in told} == set(range(25))
