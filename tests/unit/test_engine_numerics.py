from dataclasses import replace

import torch

from compute_swarm.engine.numerics import class_id, faster_dtype, fix, machine_class
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
