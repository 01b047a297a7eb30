"""An adapter from strangers: fetched by CID, held against the receipt, written as a PEFT folder."""

import asyncio
import hashlib
import json
import struct
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import Digest
from compute_swarm.errors import AdapterCorrupt
from compute_swarm.storage.blocks import MemoryBlocks
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.dag import export
from compute_swarm.storage.transfer import Source, fetch

LIMIT: Final = 4 * 2**30  # bytes of one adapter
WEIGHTS: Final = "adapter_model.safetensors"
RECEIPTS: Final = "receipts.json"


async def save_adapter(
    receipt: Receipt, sources: Sequence[Source], folder: Path, evidence: Mapping[str, Any]
) -> Path:
    """Fetch the adapter, check it and put it at `folder`, which must not exist yet."""
    cid = Cid.parse(receipt.adapter_cid)
    blocks = MemoryBlocks()
    await fetch(cid, sources, blocks, LIMIT)
    return await asyncio.to_thread(_write, receipt, cid, blocks, folder, evidence)


def weights_digest(safetensors: bytes) -> Digest:
    """SHA-256 over the tensors' bytes in name order: what a receipt calls the adapter's digest."""
    (length,) = struct.unpack_from("<Q", safetensors)
    header = json.loads(safetensors[8 : 8 + length])
    start = 8 + length
    running = hashlib.sha256()
    for name in sorted(name for name in header if name != "__metadata__"):
        first, last = header[name]["data_offsets"]
        running.update(safetensors[start + first : start + last])
    return Digest(running.digest())


def _write(
    receipt: Receipt, cid: Cid, blocks: MemoryBlocks, folder: Path, evidence: Mapping[str, Any]
) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
        fresh = Path(temporary) / "adapter"
        export(cid, blocks.get, fresh, LIMIT)
        _check(receipt, fresh)
        document = {**evidence, "receipt": receipt.to_document()}
        (fresh / RECEIPTS).write_text(json.dumps(document, indent=2) + "\n")
        fresh.rename(folder)
    return folder


def _check(receipt: Receipt, folder: Path) -> None:
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise AdapterCorrupt(receipt.adapter_cid, f"holds no {WEIGHTS}")
    try:
        digest = weights_digest(weights.read_bytes())
    except (struct.error, ValueError, KeyError, TypeError):
        raise AdapterCorrupt(receipt.adapter_cid, f"holds a broken {WEIGHTS}") from None
    if digest != receipt.adapter_digest:
        raise AdapterCorrupt(receipt.adapter_cid, "holds other weights than the receipt's")
