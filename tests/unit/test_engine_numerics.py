from dataclasses import replace
from pathlib import Path

import torch

from compute_swarm.engine.numerics import class_id, faster_dtype, fix, machine_class
from compute_swarm.engine.weights import model_digest, tokenizer_digest
from small_sweep import tiny_folder


def test_arithmetic_is_fixed() -> None:
    torch.backends.cuda.matmul.allow_tf32 = True
    fix()
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cuda.matmul.allow_tf32


def test_a_class_is_the_same_every_time_and_one_per_dtype() -> None:
    assert class_id("float32") == class_id("float32")
    assert class_id("float32") != class_id("bfloat16")
    assert len(class_id("float32")) == 32


def test_any_other_library_kernel_or_machine_is_another_class() -> None:
    own = machine_class("float32")
    others = [
        replace(own, engine="0"),
        replace(own, device="another"),
        replace(own, kernels="another"),
        replace(own, threads=2),
        replace(own, libraries={**own.libraries, "torch": "1.0"}),
    ]
    assert len({own.id, *(other.id for other in others)}) == 6


def test_the_faster_dtype_is_one_that_a_spec_may_name() -> None:
    assert faster_dtype(tiny_folder()) in ("float32", "bfloat16")


def test_digests_cover_what_they_name_and_nothing_else(tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json", "README.md"):
        (tmp_path / name).write_text(name)
    model, tokenizer = model_digest(tmp_path), tokenizer_digest(tmp_path)
    (tmp_path / "README.md").write_text("changed")
    assert (model_digest(tmp_path), tokenizer_digest(tmp_path)) == (model, tokenizer)
    (tmp_path / "tokenizer.json").write_text("changed")
    assert model_digest(tmp_path) == model
    assert tokenizer_digest(tmp_path) != tokenizer
    (tmp_path / "model.safetensors").rename(tmp_path / "model-1.safetensors")
    assert model_digest(tmp_path) != model
