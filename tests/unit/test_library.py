from pathlib import Path

import pytest

from compute_swarm.errors import ModelNotFound
from compute_swarm.node.library import Library
from compute_swarm.storage.blocks import MemoryBlocks
from examples import spec

# A worker that brings a model of other digests than any sweep's.
SCRIPT = """
import sys
from pathlib import Path
from compute_swarm.node.worker import serve

def model(job, emit, stop):
    folder = Path(job["cache"]) / "org--model--main"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    return {"folder": str(folder)}

sys.exit(serve({"model": model}))
"""
SPEC = spec(model__id="org/model", model__revision="main")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "models").mkdir()
    worker = ("-c", SCRIPT)
    return Library(tmp_path / "models", tmp_path / "home", MemoryBlocks(), worker=worker)


async def test_a_fetched_model_of_other_digests_is_deleted(
    library: Library, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotFound, match="other digests"):
        await library.acquire(SPEC)
    assert not (tmp_path / "models" / "org--model--main").exists()


async def test_a_model_that_was_there_before_stays(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "org--model--main"
    folder.mkdir()
    with pytest.raises(ModelNotFound):
        await library.acquire(SPEC)
    assert folder.exists()


async def test_no_worker_is_asked_for_a_model_with_a_paths_name(library: Library) -> None:
    with pytest.raises(ModelNotFound, match="no such names"):
        await library.acquire(spec(model__id="../../etc"))
