from pathlib import Path

import pytest
import safetensors.numpy
from numpy import zeros

from compute_swarm.errors import ModelNotFound
from compute_swarm.sdk.model import ModelFiles, read_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    safetensors.numpy.save_file({"a": zeros((2, 3)), "b": zeros(4)}, tmp_path / "model.safetensors")
    for name in ("tokenizer.json", "README.md"):
        (tmp_path / name).write_text(name)
    return tmp_path


def digests(folder: Path) -> tuple[bytes, bytes]:
    files: ModelFiles = read_model(folder, folder)
    return files.digest, files.tokenizer_digest


def test_a_model_is_read_without_its_weights(folder: Path) -> None:
    files = read_model(folder, folder)
    assert (files.id, files.revision, files.parameters) == (folder.name, "local", 10)
    assert files.bytes == (folder / "model.safetensors").stat().st_size


def test_digests_cover_what_they_name_and_nothing_else(folder: Path) -> None:
    model, tokenizer = digests(folder)
    assert model != tokenizer
    (folder / "README.md").write_text("changed")
    assert digests(folder) == (model, tokenizer)
    (folder / "tokenizer.json").write_text("changed")
    assert digests(folder)[0] == model
    assert digests(folder)[1] != tokenizer
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    assert digests(folder)[0] != model


def test_a_cached_model_goes_by_its_hub_id(folder: Path) -> None:
    cached = folder.rename(folder.with_name("acme--llama--main"))
    files = read_model("acme/llama", folder.parent)
    assert (files.folder, files.id, files.revision) == (cached, "acme/llama", "main")


def test_a_folder_without_safetensors_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        read_model(tmp_path, tmp_path)
