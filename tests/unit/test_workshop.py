import asyncio
import os
from pathlib import Path

import pytest

from compute_swarm.errors import WorkerFailed
from compute_swarm.node.workshop import Job, worker_environment

# A worker of the same manners as the real one, without anything heavy.
SCRIPT = """
import json, sys, time
from compute_swarm.errors import ModelNotFound
from compute_swarm.node.worker import serve

def echo(job, emit, stop):
    emit({"event": "heard", "word": job["word"]})
    return {"word": job["word"].upper()}

def refuse(job, emit, stop):
    raise ModelNotFound("tiny", "it is not there")

def until_told(job, emit, stop):
    emit({"event": "ready"})
    stop.wait()
    return {"told": True}

def noisy(job, emit, stop):
    print("a library says hello")
    return {}

def crash(job, emit, stop):
    raise RuntimeError("of the worker's own")

jobs = {f.__name__: f for f in (echo, refuse, until_told, noisy, crash)}
sys.exit(serve(jobs))
"""


def job(folder: Path, **document: object) -> Job:
    return Job(document, folder / "worker.log", ("-c", SCRIPT))


async def test_a_job_reports_and_ends_with_its_result(tmp_path: Path) -> None:
    async with job(tmp_path, job="echo", word="hello") as work:
        events = [event async for event in work.events()]
    assert events == [
        {"event": "heard", "word": "hello"},
        {"event": "done", "word": "HELLO"},
    ]


async def test_an_error_of_ours_keeps_its_code(tmp_path: Path) -> None:
    async with job(tmp_path, job="refuse") as work:
        with pytest.raises(WorkerFailed, match="model_not_found"):
            await work.result()


async def test_a_crash_is_told_with_the_log(tmp_path: Path) -> None:
    async with job(tmp_path, job="crash") as work:
        with pytest.raises(WorkerFailed, match=r"worker\.log"):
            await work.result()
    assert "of the worker's own" in (tmp_path / "worker.log").read_text()


async def test_what_libraries_print_is_no_event(tmp_path: Path) -> None:
    async with job(tmp_path, job="noisy") as work:
        assert await work.result() == {"event": "done"}


async def test_a_worker_is_asked_to_stop_and_still_gives_its_result(tmp_path: Path) -> None:
    async with job(tmp_path, job="until_told") as work:
        events = work.events()
        assert (await anext(events))["event"] == "ready"
        work.stop()
        assert await anext(events) == {"event": "done", "told": True}


async def test_a_worker_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    async with job(tmp_path, job="until_told") as work:
        with pytest.raises(WorkerFailed, match="timeout"):
            await work.result(0.2)
        with pytest.raises(ProcessLookupError):
            os.kill(work.pid or 0, 0)


async def test_a_worker_ends_with_its_node(tmp_path: Path) -> None:
    async with job(tmp_path, job="until_told") as work:
        assert (await anext(work.events()))["event"] == "ready"
        pid = work.pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_cancelled_node_leaves_no_worker(tmp_path: Path) -> None:
    started: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def node() -> None:
        async with job(tmp_path, job="until_told") as work:
            async for _ in work.events():
                started.set_result(work.pid)

    task = asyncio.create_task(node())
    pid = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_gets_no_keys_and_one_thread() -> None:
    environment = worker_environment(
        {"SWARM_PRIVATE_KEY": "0xab", "SWARM_PASSWORD": "x", "PATH": "/bin"}
    )
    assert not {"SWARM_PRIVATE_KEY", "SWARM_PASSWORD"} & set(environment)
    assert (environment["PATH"], environment["OMP_NUM_THREADS"]) == ("/bin", "1")
