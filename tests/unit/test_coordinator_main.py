import asyncio
import logging

from compute_swarm.node.coordinator.board import KEPT_SECONDS
from compute_swarm.node.coordinator.main import tidy
from coordinator_desk import Clock, a_spec, coordinator


async def test_tidying_goes_on_after_an_error(tmp_path, caplog):
    async with coordinator(tmp_path, Clock()) as running:
        running.desk.blocks.close()  # so that each collection fails
        caplog.set_level(logging.ERROR)
        task = asyncio.create_task(tidy(running.desk, list, pause=0.01))
        await asyncio.wait([task], timeout=1)
        assert not task.done()
        assert len(caplog.records) > 1
        task.cancel()


async def test_a_sweep_with_an_open_award_is_never_taken_down(tmp_path):
    clock = Clock()
    async with coordinator(tmp_path, clock) as running:
        live, over = [
            await running.announce(a_spec(salt="0x" + f"{number:064x}")) for number in (1, 2)
        ]
        for id_ in (live, over):
            running.desk.board.opened(id_)
        clock.now += KEPT_SECONDS + 1
        task = asyncio.create_task(tidy(running.desk, lambda: [live], pause=0.01))
        await asyncio.wait([task], timeout=0.5)
        task.cancel()
        (left,) = running.desk.board.sweeps()
        assert left["sweep_id"] == "0x" + live.hex()
