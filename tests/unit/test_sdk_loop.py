import asyncio
import threading

import pytest

from compute_swarm.sdk.loop import background


async def thread_name():
    await asyncio.sleep(0)
    return threading.current_thread().name


def test_work_runs_on_the_one_background_thread():
    assert background().run(thread_name()) == "compute-swarm"
    assert background() is background()


async def test_it_works_inside_a_running_loop():
    """As in Jupyter, where `asyncio.run` raises."""
    assert background().run(thread_name()) == "compute-swarm"


def test_errors_come_through():
    async def fail():
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        background().run(fail())
