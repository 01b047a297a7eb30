"""What a spec says of a base model, read from its files without a tensor library."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compute_swarm.domain.ids import Digest
from compute_swarm.errors import ModelNotFound

HEADER_LIMIT: Final = 100 * 2**20  # what the safetensors library itself refuses beyond

TOKENIZER_FILES: Final = (
    "added_tokens.json",
    "chat_template.jinja",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
)

# Short names: the hub's id and revision, and the folder that a cache keeps it in.
KNOWN: Final = {
    "smollm2": ("HuggingFaceTB/SmolLM2-135M-Instruct", "main", "smollm2-135m-instruct"),
}


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A local folder of safetensors and its digests."""

    id: str
    revision: str
    folder: Path
    digest: Digest
    tokenizer_digest: Digest
    parameters: int
    bytes: int


def read_model(name: str | Path, models: Path) -> ModelFiles:
    """Find a model by its folder, or by its short name or hub id in the cache `models`."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = models / _cached(str(name))
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelNotFound(str(name), f"no safetensors in {folder}")
    id_, revision = _named(folder)
    return ModelFiles(
        id=id_,
        revision=revision,
        folder=folder,
        digest=_digest(weights),
        tokenizer_digest=_digest(_tokenizer_files(folder)),
        parameters=sum(map(_parameters, weights)),
        bytes=sum(path.stat().st_size for path in weights),
    )


def _cached(name: str) -> str:
    if name in KNOWN:
        return KNOWN[name][2]
    return f"{name.replace('/', '--')}--main"


def _named(folder: Path) -> tuple[str, str]:
    """Return hub id and revision of a cached model; any other folder is called by its name."""
    for id_, revision, cached in KNOWN.values():
        if folder.name == cached:
            return id_, revision
    id_, found, revision = folder.name.rpartition("--")
    return (id_.replace("--", "/"), revision) if found else (folder.name, "local")


def _tokenizer_files(folder: Path) -> list[Path]:
    """Return whatever decides how text becomes tokens, by name."""
    return [folder / name for name in TOKENIZER_FILES if (folder / name).is_file()]


def _digest(paths: list[Path]) -> Digest:
    """SHA-256 over each file's name and content, both hashed."""
    running = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        running.update(hashlib.sha256(path.name.encode()).digest() + content)
    return Digest(running.digest())


def _parameters(path: Path) -> int:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, HEADER_LIMIT)))
    shapes = [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
    return sum(_product(shape) for shape in shapes)


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
