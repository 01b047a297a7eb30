import numpy as np
import pytest

from compute_swarm.domain.ids import SweepId, abi_hash, keccak
from compute_swarm.domain.trial import (
    Kind,
    TrialKey,
    TrialParams,
    kinds,
    philox_key,
    trial_hash,
    trial_seed,
    trials,
)
from examples import digest, spec

# Written down once: other points would make old sweeps unverifiable.
DRAWN = [(1.05461394e-05, 4), (1.67052012e-05, 8), (0.000101101875, 4), (0.000781787254, 8)]


def rates(some):
    return [trial.params.lr for trial in trials(some)]


def test_a_random_search_is_the_same_everywhere():
    assert [(t.params.lr, t.params.r) for t in trials(spec())[:4]] == DRAWN


def test_draws_are_those_of_philox():
    generator = np.random.Generator(np.random.Philox(key=7))
    drawn = [1e-5 * 100 ** generator.random(2)[0] for _ in range(6)]
    assert rates(spec(search__seed=7)) == pytest.approx(drawn, rel=1e-8)


def test_a_longer_search_starts_with_the_shorter_one():
    assert rates(spec(search__trials=20))[:6] == rates(spec())


def test_another_seed_draws_other_points():
    assert rates(spec(search__seed=1)) != rates(spec())


def test_a_grid_is_the_product_the_last_axis_fastest():
    some = spec(search__method="grid")
    assert [(t.params.lr, t.params.r) for t in trials(some)] == [
        (lr, r) for lr in (1e-5, 1e-4, 1e-3) for r in (4, 8)
    ]


def test_a_grid_of_lists_knows_its_size():
    space = {"lr": {"choice": [1e-4, 1e-3]}, "r": {"choice": [4, 8, 16]}}
    some = spec(search__method="grid", search__space=space, search__trials=...)
    assert (some.search.trials, len(trials(some))) == (6, 6)


def test_fewer_trials_take_the_first_of_a_grid_of_lists():
    space = {"lr": {"choice": [1e-4, 1e-3]}, "r": {"choice": [4, 8, 16]}}
    some = spec(search__method="grid", search__space=space, search__trials=4)
    assert [t.params.r for t in trials(some)] == [4, 8, 16, 4]


def test_two_ranges_share_the_points():
    space = {"lr": {"log": [1e-5, 1e-3]}, "alpha": {"uniform": [8, 32]}}
    some = spec(search__method="grid", search__space=space, search__trials=9)
    assert len({t.params for t in trials(some)}) == 9


def test_replicas_follow_their_trial_with_the_same_params():
    table = trials(spec(search__replicas=2))
    assert [t.key for t in table[:3]] == [TrialKey(0, 0), TrialKey(0, 1), TrialKey(1, 0)]
    assert table[0].params == table[1].params
    assert len(table) == 12


def test_kinds_group_trials_of_equal_cost():
    space = {"lr": 1e-3, "accumulation": {"choice": [4, 1]}}
    some = spec(search__method="grid", search__space=space, search__trials=2)
    assert {kind: len(group) for kind, group in kinds(some).items()} == {
        Kind(64 * 64, 64, 1): 1,
        Kind(64 * 64 * 4, 64, 1): 1,
    }
    assert [kind.tokens for kind in kinds(some)] == [4096, 16384]


def test_the_seed_is_of_sweep_trial_and_replica():
    sweep_id = SweepId(digest("sweep"))
    seed = trial_seed(sweep_id, TrialKey(3, 1))
    assert seed == abi_hash(["bytes32", "uint256", "uint256"], [sweep_id, 3, 1])
    assert philox_key(seed) == int.from_bytes(seed[:16], "big")


def test_the_trial_hash_is_of_canonical_params():
    params = TrialParams(1e-3, 8, 16.0, 0.0, 0, 1)
    written = b'{"accumulation":1,"alpha":16,"lr":0.001,"r":8,"warmup_steps":0,"weight_decay":0}'
    want = abi_hash(["bytes32", "bytes32"], [spec().hash, keccak(written)])
    assert trial_hash(spec().hash, params) == want
