"""Base models and datasets on this machine, each held against the digest that a spec names."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain.ids import sha256
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.weights import MOST_BYTES as MOST_MODEL_BYTES
from compute_swarm.engine.weights import cached_name, locked
from compute_swarm.errors import BlockCorrupt, ModelNotFound
from compute_swarm.node.workshop import WORKER, Job, worker_log
from compute_swarm.sdk.dataset import MOST_BYTES
from compute_swarm.sdk.model import ModelFiles, read_model
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import read
from compute_swarm.storage.transfer import Source, fetch

# Blocks and their nodes take a little more than the bytes they hold.
_OVERHEAD: Final = 2 * 2**20


class Library:
    """Models lie in a folder that nodes of a machine share; datasets come over the network."""

    def __init__(
        self,
        models: Path,
        home: Path,
        blocks: BlockStore,
        most_model_bytes: int = MOST_MODEL_BYTES,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._models = models
        self._home = home
        self._blocks = blocks
        self._most_model_bytes = most_model_bytes
        self._worker = worker
        self._known: dict[Path, tuple[float, ModelFiles]] = {}

    async def model(self, spec: SweepSpec) -> Path | None:
        """Return the folder that holds the spec's very weights and tokeniser, or None."""
        return await asyncio.to_thread(self._find_model, spec)

    async def acquire(self, spec: SweepSpec) -> Path:
        """Return the model's folder, fetched or converted by a worker if it is not here yet."""
        folder = await self.model(spec)
        if folder is None:
            target = self._models / cached_name(spec.model.id, spec.model.revision)
            known = target.exists()
            async with Job(self._job(spec), worker_log(self._home), self._worker) as work:
                await work.result()
            folder = await self.model(spec)
            if folder is None and not known:  # what was there before is another sweep's
                await asyncio.to_thread(_remove, target)
        if folder is None:
            raise ModelNotFound(spec.model.id, "what is here has other digests than the sweep's")
        return folder

    async def dataset(self, spec: SweepSpec, sources: Sequence[Source]) -> Path:
        """Return the dataset as a file, fetched the first time and checked."""
        path = self._home / "datasets" / f"{spec.dataset.digest.hex()}.jsonl"
        if not path.exists():
            root = Cid.parse(spec.dataset.cid)
            await fetch(root, sources, self._blocks, MOST_BYTES + _OVERHEAD)
            await asyncio.to_thread(self._write, spec, root, path)
        return path

    def _job(self, spec: SweepSpec) -> dict[str, Any]:
        return {
            "job": "model",
            "id": spec.model.id,
            "revision": spec.model.revision,
            "cache": str(self._models),
            "most_bytes": self._most_model_bytes,
        }

    def _find_model(self, spec: SweepSpec) -> Path | None:
        wanted = (spec.model.digest, spec.model.tokenizer_digest)
        for folder in sorted(self._models.glob("*")):
            found = self._read(folder) if folder.is_dir() else None
            if found is not None and (found.digest, found.tokenizer_digest) == wanted:
                return folder
        return None

    def _read(self, folder: Path) -> ModelFiles | None:
        """Digest a folder's files, once as long as none of them changes."""
        changed = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)
        known = self._known.get(folder)
        if known is None or known[0] != changed:
            try:
                known = (changed, read_model(folder, self._models))
            # A header that a stranger wrote may be anything.
            except (ModelNotFound, OSError, LookupError, TypeError, ValueError):
                return None
            self._known[folder] = known
        return known[1]

    def _write(self, spec: SweepSpec, root: Cid, path: Path) -> None:
        data = read(root, self._blocks.get, MOST_BYTES)
        if sha256(data) != spec.dataset.digest:
            raise BlockCorrupt(str(root), "the sweep's spec")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(path)


def _remove(folder: Path) -> None:
    with locked(folder.with_name(folder.name + ".lock")):
        shutil.rmtree(folder, ignore_errors=True)
