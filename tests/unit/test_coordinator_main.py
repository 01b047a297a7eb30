import asyncio
import logging

from compute_swarm.node.coordinator.main import collect_garbage
from compute_swarm.node.coordinator.store import SCHEMA, SCHEMA_VERSION, UPGRADES, Limits
from compute_swarm.node.coordinator.uploads import Uploads
from compute_swarm.node.database import Database
from compute_swarm.storage.blocks import DiskBlocks


async def test_the_collection_goes_on_after_an_error(tmp_path, caplog):
    database = Database.open(tmp_path / "coordinator.sqlite", SCHEMA, SCHEMA_VERSION, UPGRADES)
    blocks = DiskBlocks(tmp_path)
    blocks.close()  # so that each collection fails
    caplog.set_level(logging.ERROR)
    task = asyncio.create_task(collect_garbage(Uploads(database, blocks, Limits()), pause=0.01))
    await asyncio.wait([task], timeout=1)
    assert not task.done()
    assert len(caplog.records) > 1
    task.cancel()
    database.close()
