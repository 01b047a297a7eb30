from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.packing import (
    MOST_LISTED,
    Run,
    TrialKey,
    count_trials,
    pack_trials,
    read_runs,
    unpack_trials,
)
from compute_swarm.errors import TrialsInvalid
from examples import vectors

anywhere = st.builds(TrialKey, st.integers(0, 2**24 - 1), st.integers(0, 255))
close = st.builds(TrialKey, st.integers(0, 5), st.integers(0, 3))


def of(*runs):
    return b"".join(Run(*run).packed for run in runs)


def fewest_runs(keys):
    """Try every way to cut the keys into runs, one run after the other."""
    best = {0: [()]}
    for at in range(len(keys)):
        for runs in best.get(at, ()):
            for run in _runs_from(keys, at):
                if not runs or run.follows(runs[-1]):
                    best.setdefault(at + run.count, []).append((*runs, run))
    return min(len(runs) for runs in best[len(keys)])


def _runs_from(keys, at):
    first = keys[at]
    for trials, replicas in product(range(1, 7), range(1, 5)):
        run = Run(first.index, trials, first.replica, replicas)
        if tuple(run.listed()) == keys[at : at + run.count]:
            yield run


@given(st.sets(anywhere, min_size=1, max_size=20))
def test_packed_trials_unpack(some):
    ordered = tuple(sorted(some))
    packed = pack_trials(ordered)
    assert unpack_trials(packed) == ordered
    assert count_trials(packed) == len(ordered)


@settings(max_examples=60, deadline=None)
@given(st.sets(close, min_size=1, max_size=8))
def test_no_list_of_the_same_trials_is_shorter(some):
    ordered = tuple(sorted(some))
    assert len(read_runs(pack_trials(ordered))) == fewest_runs(ordered)


def test_a_run_is_trial_trials_replica_replicas():
    keys = [TrialKey(index, replica) for index in (0x010203, 0x010204) for replica in (4, 5, 6)]
    assert pack_trials(keys).hex() == "0102030000020403"


def test_a_whole_sweep_is_one_run():
    keys = [TrialKey(index, replica) for index in range(500) for replica in range(3)]
    assert read_runs(pack_trials(keys)) == (Run(0, 500, 0, 3),)


def test_a_trial_may_have_all_replicas():
    keys = [TrialKey(7, replica) for replica in range(256)]
    assert read_runs(pack_trials(keys)) == (Run(7, 1, 0, 255), Run(7, 1, 255, 1))


@pytest.mark.parametrize(
    "some",
    [
        [TrialKey(1, 0), TrialKey(1, 0)],
        [TrialKey(1, 0), TrialKey(0, 5)],
        [TrialKey(2**24, 0)],
        [TrialKey(0, 256)],
        [TrialKey(-1, 0)],
    ],
)
def test_a_list_out_of_order_or_range_is_refused(some):
    with pytest.raises(TrialsInvalid):
        pack_trials(some)


@pytest.mark.parametrize("case", vectors("ids", "trials"))
def test_lists_are_read_and_refused_as_by_the_contract(case):
    listed = bytes(case["trials"])
    if case["count"] == 0:
        with pytest.raises(TrialsInvalid):
            read_runs(listed)
    else:
        keys = unpack_trials(listed)
        assert [key.index for key in keys] == case["indices"]
        assert [key.replica for key in keys] == case["replicas"]
        assert count_trials(listed) == case["count"]


def test_eight_bytes_that_stand_for_billions_are_counted_and_not_written_out():
    vast = of((0, 2**24 - 1, 0, 255))
    assert count_trials(vast) == (2**24 - 1) * 255 > MOST_LISTED
    with pytest.raises(TrialsInvalid):
        unpack_trials(vast)


def test_a_reader_that_wants_few_trials_says_so():
    assert len(unpack_trials(of((0, 5, 0, 1)), most=5)) == 5
    with pytest.raises(TrialsInvalid):
        unpack_trials(of((0, 6, 0, 1)), most=5)
