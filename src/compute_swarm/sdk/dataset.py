"""A buyer's rows, checked and cut into content-addressed blocks before anything is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compute_swarm.domain.dataset import Format, format_of, parse_rows, to_jsonl
from compute_swarm.domain.ids import Digest, hex32, sha256
from compute_swarm.errors import DatasetInvalid
from compute_swarm.storage.blocks import MemoryBlocks
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.unixfs import add_bytes

MOST_BYTES = 256 * 2**20
EVALUATED = 10  # one row in ten, unless told otherwise
MOST_EVALUATED = 512


@dataclass(frozen=True, slots=True)
class PreparedData:
    """A dataset as a spec names it, with the blocks that sellers will fetch."""

    cid: Cid
    digest: Digest
    format: Format
    train_rows: int
    eval_rows: int
    blocks: MemoryBlocks = field(repr=False)

    def document(self, max_length: int) -> dict[str, Any]:
        """Return the `dataset` section of a spec."""
        return {
            "cid": str(self.cid),
            "digest": hex32(self.digest),
            "format": str(self.format),
            "train_rows": self.train_rows,
            "eval_rows": self.eval_rows,
            "max_length": max_length,
        }


def prepare_data(
    data: str | Path | Sequence[Mapping[str, Any]], eval_rows: int | None
) -> PreparedData:
    """Read a .jsonl file or rows, detect their format and refuse a broken one by its line."""
    content = _read(Path(data)) if isinstance(data, str | Path) else to_jsonl(data)
    if len(content) > MOST_BYTES:
        raise DatasetInvalid(0, f"is larger than {MOST_BYTES // 2**20} MiB")
    rows = parse_rows(content)
    evaluated = _evaluated(len(rows), eval_rows)
    blocks = MemoryBlocks()
    return PreparedData(
        cid=add_bytes(content, blocks.put).cid,
        digest=Digest(sha256(content)),
        format=format_of(rows[0]),
        train_rows=len(rows) - evaluated,
        eval_rows=evaluated,
        blocks=blocks,
    )


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise DatasetInvalid(0, f"at {path} cannot be read ({why})") from None


def _evaluated(rows: int, asked: int | None) -> int:
    if rows < 2:
        raise DatasetInvalid(0, "has one row; one to train on and one to evaluate are needed")
    if asked is None:
        return min(max(rows // EVALUATED, 1), MOST_EVALUATED)
    if not 1 <= asked < rows:
        raise DatasetInvalid(0, f"has {rows} rows; eval_rows={asked} leaves none to train on")
    return asked
