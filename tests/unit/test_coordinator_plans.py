from dataclasses import replace

import pytest

from compute_swarm.domain.bid import Award, Submission
from compute_swarm.domain.ids import AwardId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.node.coordinator.board import Result
from compute_swarm.node.coordinator.plans import Waiting, due_results, parcels, to_bundle
from example_case import COMMIT, ENTRY, SETTLE, TIME, S, case, verdict
from examples import account, digest


def award(label: str, segments: int = S, price: int = 100, deadline: int = 2_000) -> Award:
    id_ = AwardId(digest(label))
    return Award(id_, account("seller"), segments // S, segments, Amount(price), deadline)


def result(of: Award, at: float = 0.0) -> Result:
    return Result(SweepId(digest("s")), Submission(of, digest("root"), of.segments, b""), at)


# Results


def test_complete_results_are_due_at_once():
    a, b = award("a"), award("b")
    waiting = Waiting([a, b], [result(a, 5), result(b, 6)], grace=10)
    assert [one.award for one in due_results(waiting, 60, 6, 100)] == [a, b]


@pytest.mark.parametrize(
    ("now", "chain_now", "due"),
    [(59, 100, 0), (65, 100, 1), (6, 1_939, 0), (6, 1_940, 1)],
    ids=["early", "patience is over", "time is left", "the deadline is near"],
)
def test_a_part_is_due_when_the_rest_takes_too_long(now, chain_now, due):
    a, b = award("a"), award("b")
    waiting = Waiting([a, b], [result(a, 5)], grace=10)
    assert len(due_results(waiting, 60, now, chain_now)) == due


def test_nothing_is_due_without_results():
    assert due_results(Waiting([award("a")], [], 10), 0, 1e9, 10**9) == []


def test_parcels_stay_below_items_and_price():
    many = [result(award(str(n), 100 * S)).submission for n in range(25)]  # 101 items each
    assert [len(parcel) for parcel in parcels(many, S, Amount(10**9))] == [10, 10, 5]
    price = int(many[0].award.total)
    assert [len(parcel) for parcel in parcels(many[:5], S, Amount(2 * price))] == [2, 2, 1]
    assert parcels([], S, Amount(1)) == []


def test_a_commit_holds_so_many_awards():
    small = [result(award(str(n), price=1)).submission for n in range(130)]
    assert [len(parcel) for parcel in parcels(small, S, Amount(10**9))] == [64, 64, 2]


# Bundles


def test_a_commit_takes_along_the_oldest_settlement_of_its_sweep_that_is_due():
    verdicts = {share: verdict(share) for share in range(3)}
    older = replace(ENTRY, commit=replace(COMMIT, time=TIME - 50))
    both = [(case(), verdicts), (case(entry=older), verdicts)]
    assert to_bundle(both, SETTLE) == both[1]
    assert to_bundle(both[:1], SETTLE - 1) is None
    assert to_bundle([(case(), {})], SETTLE) is None
