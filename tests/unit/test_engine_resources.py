from dataclasses import replace
from pathlib import Path

import pytest

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.engine.resources import (
    MOST_PACKED,
    Gpu,
    Machine,
    ModelShape,
    checkpoint_bytes,
    estimate,
    peak_rss,
    place,
    probe,
)
from compute_swarm.errors import DiskTooSmall, ModelDoesNotFit
from small_sweep import small_spec, tiny_base, tiny_folder

GIB = 2**30
SPEC = small_spec(lr={"choice": [i / 1000 for i in range(1, 33)]})
TRIALS = trials(SPEC)
SMOLLM2 = ModelShape(
    parameters=134_515_008,
    file_bytes=269_060_552,
    hidden=576,
    layers=30,
    vocabulary=49_152,
    linear=tuple(
        (f"model.layers.{i}.self_attn.{name}", out, 576)
        for i in range(30)
        for name, out in (("q_proj", 576), ("v_proj", 192))
    ),
)


def machine(ram: int = 16 * GIB, disk: int = 100 * GIB, gpus: tuple[Gpu, ...] = ()) -> Machine:
    return Machine(ram, ram, disk, Path("/states"), gpus)


def test_a_model_is_read_from_its_headers() -> None:
    shape = ModelShape.of(tiny_folder())
    assert shape.parameters == sum(p.numel() for p in tiny_base().model.parameters())
    assert (shape.hidden, shape.layers, shape.vocabulary) == (128, 4, 320)
    assert shape.adapter_parameters(["q_proj"], 8) == 4 * 8 * (128 + 128)


def test_a_pack_costs_a_fixed_part_and_one_for_each_trial() -> None:
    need = estimate(SMOLLM2, SPEC, TRIALS)
    assert need.total(8) - need.total(7) == need.per_trial
    assert need.fixed > SMOLLM2.parameters * 4


def demo_spec(eval_dtype: str) -> SweepSpec:
    spec = replace(SPEC, numeric=replace(SPEC.numeric, dtype="bfloat16", eval_dtype=eval_dtype))
    spec = replace(spec, dataset=replace(spec.dataset, max_length=64))
    return replace(spec, lora=replace(spec.lora, target_modules=("q_proj", "v_proj")))


def test_eight_trials_on_smollm2_need_about_two_gigabytes() -> None:
    assert 1.4 < estimate(SMOLLM2, demo_spec("bfloat16"), TRIALS).total(8) / GIB < 2.4


def test_evaluation_in_another_dtype_needs_a_second_base() -> None:
    plain, finer = (estimate(SMOLLM2, demo_spec(d), TRIALS) for d in ("bfloat16", "float32"))
    assert finer.fixed - plain.fixed == finer.loading - plain.loading == SMOLLM2.parameters * 4
    adapter = SMOLLM2.adapter_parameters(("q_proj", "v_proj"), 8)
    assert finer.per_trial - plain.per_trial == 16 * adapter


def test_a_larger_rank_in_the_same_bucket_costs_nothing() -> None:
    costs = {r: estimate(SMOLLM2, SPEC, trials(small_spec(r=r))).per_trial for r in (1, 8, 9)}
    assert costs[1] == costs[8] < costs[9]


def test_work_goes_to_the_gpu_that_holds_it() -> None:
    gpus = (Gpu("small", GIB, GIB // 4), Gpu("large", 24 * GIB, 20 * GIB))
    assert place(SMOLLM2, SPEC, TRIALS, machine(gpus=gpus)).device == "cuda:1"


def test_work_goes_to_the_cpu_where_no_gpu_holds_it() -> None:
    placement = place(SMOLLM2, SPEC, TRIALS, machine(gpus=(Gpu("small", GIB, GIB // 4),)))
    assert placement.device == "cpu"


def test_packs_are_as_large_as_memory_allows_and_gains_last() -> None:
    need = estimate(SMOLLM2, SPEC, TRIALS)
    snug = machine(ram=int((need.total(3) + need.per_trial // 2) / 0.9))
    assert place(SMOLLM2, SPEC, TRIALS, snug).pack_size == 3
    assert place(SMOLLM2, SPEC, TRIALS, machine()).pack_size == MOST_PACKED
    assert place(SMOLLM2, SPEC, TRIALS[:2], machine()).pack_size == 2


def test_a_refusal_tells_the_numbers() -> None:
    with pytest.raises(ModelDoesNotFit) as error:
        place(SMOLLM2, SPEC, TRIALS, machine(ram=GIB))
    assert "1.0 GiB are free" in error.value.sentence


def test_states_must_fit_on_the_disk() -> None:
    need = checkpoint_bytes(SMOLLM2, SPEC, TRIALS)
    with pytest.raises(DiskTooSmall) as error:
        place(SMOLLM2, SPEC, TRIALS, machine(disk=need - 1))
    assert (error.value.need_bytes, error.value.have_bytes) == (need, need - 1)


def test_this_machine_can_be_looked_at(tmp_path: Path) -> None:
    found = probe(tmp_path)
    assert 0 < found.ram_free <= found.ram_total
    assert found.disk_free > 0
    assert peak_rss() > 2**20
