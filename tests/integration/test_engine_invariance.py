"""A trial's bits are its own, whatever is trained beside it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.invariance import most_together, note_of
from compute_swarm.engine.model import load_base
from compute_swarm.engine.numerics import self_test
from compute_swarm.engine.pack import Member, Pack
from compute_swarm.engine.state import State
from compute_swarm.engine.tiny import tiny
from compute_swarm.engine.training import run_segment
from small_sweep import (
    advance,
    fresh_pack,
    hashes,
    mixed_spec,
    seeded,
    small_spec,
    small_tokens,
    tiny_base,
)

DTYPES = ("float32", "bfloat16")
EVALUATIONS = (("float32", "float32"), ("bfloat16", "bfloat16"), ("bfloat16", "float32"))
RATES = {"choice": [1e-3, 3e-3, 1e-2, 3e-2]}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("indices", [(1,), (1, 0, 2), (2, 1), (3, 2, 1, 0)])
def test_a_packed_trial_is_the_trial_alone(dtype: str, indices: tuple[int, ...]) -> None:
    spec = small_spec(dtype, lr=RATES)
    (alone,) = hashes(advance(fresh_pack(spec, [1]), 3))
    packed = hashes(advance(fresh_pack(spec, indices), 3))
    assert packed[indices.index(1)] == alone


@pytest.mark.parametrize("dtype", DTYPES)
def test_ranks_and_accumulations_may_be_mixed(dtype: str) -> None:
    spec = mixed_spec(dtype)
    packed = hashes(advance(fresh_pack(spec, range(8)), 2))
    for index in range(8):
        assert hashes(advance(fresh_pack(spec, [index]), 2)) == [packed[index]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_survivors_go_on_as_if_nobody_had_left(dtype: str) -> None:
    spec = mixed_spec(dtype)
    pack = advance(fresh_pack(spec, range(8)), 1)
    pack.keep([6, 1, 3])
    advance(pack, 2)
    whole = hashes(advance(fresh_pack(spec, range(8)), 3))
    assert hashes(pack) == [whole[i] for i in (6, 1, 3)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_padded_ranks_stay_exactly_zero(dtype: str) -> None:
    pack = advance(fresh_pack(mixed_spec(dtype), range(8)), 3)
    for group in pack.groups:
        for row, place in enumerate(pack.places[group.first : group.first + group.size]):
            r = place.trial.params.r
            for buffer in (group.w, group.m, group.v, group.g):
                for _, a, b in group.layout.views(buffer):
                    assert not a[row, r:].any()
                    assert not b[row, :, r:].any()
            assert group.w[row].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_mixed_replay_reaches_the_next_state(dtype: str) -> None:
    # A validator's share: another segment of each trial, and two of one.
    spec = mixed_spec(dtype)
    pack = fresh_pack(spec, range(4))
    history = [pack.states(), *(advance(pack, 1).states() for _ in range(5))]
    drawn = [(0, 3), (2, 0), (1, 4), (2, 2), (3, 1)]
    replayed = advance(pack_of(spec, [(i, history[k][i]) for i, k in drawn]), 1)
    assert hashes(replayed) == [history[k + 1][i].hashes() for i, k in drawn]
    assert replayed.steps == [2 * (k + 1) for _, k in drawn]


@pytest.mark.parametrize("k", range(5))
def test_training_resumes_from_any_boundary(k: int) -> None:
    spec = mixed_spec("bfloat16")
    end = hashes(advance(fresh_pack(spec, [5]), 5))
    (stored,) = advance(fresh_pack(spec, [5]), k).states()
    read = State.from_bytes(stored.to_bytes())
    assert hashes(advance(pack_of(spec, [(5, read)]), 5 - k)) == end


@pytest.mark.parametrize("dtype", DTYPES)
def test_losses_are_the_same_bits_too(dtype: str) -> None:
    spec = mixed_spec(dtype)
    pack = fresh_pack(spec, [3, 0, 5])
    run_segment(pack)
    alone = fresh_pack(spec, [0])
    (run,) = run_segment(alone)
    assert run_segment(pack)[1].losses == run_segment(alone)[0].losses
    assert run.loss == sum(run.losses) / 2


@pytest.mark.parametrize(("dtype", "eval_dtype"), EVALUATIONS)
def test_an_evaluation_is_the_same_in_any_company_and_order(dtype: str, eval_dtype: str) -> None:
    spec = mixed_spec(dtype, eval_dtype)
    pack = advance(fresh_pack(spec, range(8)), 2)
    whole = evaluate(pack)
    for indices in ([5], [3, 0, 5], [7, 6, 5, 4, 3, 2, 1, 0]):
        pack.keep(indices)
        assert evaluate(pack) == [whole[i] for i in indices]
        pack = advance(fresh_pack(spec, range(8)), 2)


@pytest.mark.parametrize(("dtype", "eval_dtype"), EVALUATIONS)
def test_a_shard_alone_has_the_loss_that_it_has_in_the_whole(dtype: str, eval_dtype: str) -> None:
    pack = advance(fresh_pack(small_spec(dtype, eval_dtype=eval_dtype, lr=RATES), range(4)), 2)
    whole = evaluate(pack)
    for shard in range(6):
        assert evaluate(pack, shard) == [(losses[shard],) for losses in whole]


@pytest.mark.parametrize(("dtype", "eval_dtype"), EVALUATIONS)
def test_at_boundary_0_every_trial_is_the_base_model(dtype: str, eval_dtype: str) -> None:
    spec = mixed_spec(dtype, eval_dtype)
    assert len(set(evaluate(fresh_pack(spec, range(8))))) == 1


def test_the_dtype_of_evaluations_changes_no_training() -> None:
    plain, finer = mixed_spec("bfloat16"), mixed_spec("bfloat16", "float32")
    packs = [fresh_pack(spec, range(8)) for spec in (plain, finer)]
    scores = [(evaluate(pack), evaluate(advance(pack, 1))) for pack in packs]
    assert hashes(advance(packs[0], 1)) == hashes(advance(packs[1], 1))
    assert scores[0] != scores[1]


def test_finer_evaluation_of_a_rounded_trial_is_that_of_its_weights_in_float32() -> None:
    pack = advance(fresh_pack(mixed_spec("bfloat16", "float32"), range(8)), 2)
    states = pack.states()
    exact = pack_of(mixed_spec("float32"), list(enumerate(states)))
    assert evaluate(pack) == evaluate(exact)


@pytest.mark.parametrize(("dtype", "eval_dtype"), EVALUATIONS)
def test_the_self_test_passes_here(dtype: str, eval_dtype: str) -> None:
    assert self_test(tiny_base(dtype), eval_dtype)


def test_the_self_test_is_made_once(tmp_path: Path) -> None:
    spec = small_spec("bfloat16", eval_dtype="float32")
    base = load_base(tiny(tmp_path / "model", steps=0), spec.numeric)
    assert most_together(base, spec, 1) == 1
    assert not note_of(base, spec).exists()
    assert most_together(base, spec, 8) == 8
    # What is remembered counts, so it is not tried again.
    note_of(base, spec).write_text('{"kept": false}')
    assert most_together(base, spec, 8) == 1
    assert note_of(base, small_spec("bfloat16")) != note_of(base, spec)


@pytest.mark.parametrize("indices", [(0, 1, 2), (1,), (2, 0)])
def test_separate_processes_agree(indices: tuple[int, ...]) -> None:
    other = subprocess.run(
        [sys.executable, __file__, json.dumps(indices)],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert json.loads(other.stdout.splitlines()[-1]) == told(indices)


def pack_of(spec: SweepSpec, members: list[tuple[int, State]]) -> Pack:
    table = trials(spec)
    chosen = [Member(*seeded(table[i]), state) for i, state in members]
    return Pack(tiny_base(spec.numeric.dtype), spec, small_tokens(spec), chosen)


def told(indices: tuple[int, ...]) -> dict[str, list[str]]:
    def words(parts: StateHashes) -> str:
        return (parts.w + parts.m + parts.v).hex()

    return {
        dtype: [words(own) for own in hashes(advance(fresh_pack(mixed_spec(dtype), indices), 2))]
        for dtype in DTYPES
    }


if __name__ == "__main__":
    print(json.dumps(told(tuple(json.loads(sys.argv[1])))))  # noqa: T201 - read by the test above
