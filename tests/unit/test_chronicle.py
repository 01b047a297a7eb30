from dataclasses import replace

from compute_swarm.chain.events import (
    Awarded,
    CommitEntry,
    Committed,
    Disputed,
    DisputeOpened,
    DisputeResolved,
    Event,
    Place,
    Restored,
    Settled,
    Slashed,
    SweepOpened,
)
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.ids import NATIVE, AwardId, CommitId, DisputeId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.status import AwardStatus
from compute_swarm.node.chronicle import Chronicle
from examples import account, digest

PLACE = Place(account("market"), 7, bytes(32), bytes(32), 0)
SWEEP, AWARD = SweepId(digest("sweep")), AwardId(digest("award"))
COMMIT, DISPUTE = CommitId(digest("commit")), DisputeId(digest("dispute"))

OPENED = SweepOpened(
    SWEEP, account("buyer"), digest("spec"), Terms(NATIVE, 24, 120, 0), place=PLACE
)
AWARDED = Awarded(
    *(SWEEP, AWARD, account("seller"), 2, 48, Amount(5), 999, Amount(1), Amount(2)),
    place=PLACE,
)
COMMITTED = Committed(
    *(SWEEP, COMMIT, account("relayer"), (CommitEntry(AWARD, digest("root"), 40),)),
    place=replace(PLACE, block_number=9),
)
DISPUTED = Disputed(AWARD, DISPUTE, place=PLACE)
DISPUTE_OPENED = DisputeOpened(DISPUTE, COMMIT, AWARD, 3, account("judge"), place=PLACE)


def status(*events: Event) -> AwardStatus:
    return Chronicle.of(events).awards[AWARD].status


def test_a_commit_is_rebuilt_from_its_events() -> None:
    entry = Chronicle.of([OPENED, AWARDED, COMMITTED]).commits[COMMIT]
    (posted,) = entry.commit.awards
    assert entry.commit.block_number == 9
    assert (posted.root, posted.done, posted.award.deadline) == (digest("root"), 40, 999)
    assert entry.sellers == {account("seller")}


def test_an_award_goes_through_its_states() -> None:
    told: list[Event] = [OPENED, AWARDED]
    assert status(*told) is AwardStatus.AWARDED
    assert status(*told, COMMITTED) is AwardStatus.POSTED
    assert status(*told, COMMITTED, DISPUTED) is AwardStatus.DISPUTED
    assert status(*told, COMMITTED, DISPUTED, Restored(AWARD, place=PLACE)) is AwardStatus.POSTED


def test_a_commit_is_open_until_all_its_awards_are_closed() -> None:
    told: list[Event] = [OPENED, AWARDED, COMMITTED]
    assert [entry.id for entry in Chronicle.of(told).open_commits()] == [COMMIT]
    settled = Settled(AWARD, account("seller"), Amount(1), Amount(0), Amount(0), place=PLACE)
    assert list(Chronicle.of([*told, settled]).open_commits()) == []


def test_a_dispute_is_open_until_it_is_resolved_even_of_a_slashed_award() -> None:
    slashed = Slashed(AWARD, account("seller"), Amount(1), Amount(1), Amount(0), place=PLACE)
    told: list[Event] = [OPENED, AWARDED, COMMITTED, DISPUTED, DISPUTE_OPENED, slashed]
    assert [dispute.item for dispute in Chronicle.of(told).open_disputes()] == [3]
    resolved = DisputeResolved(DISPUTE, False, (), Amount(0), place=PLACE)
    assert list(Chronicle.of([*told, resolved]).open_disputes()) == []


def test_a_seller_finds_its_awards() -> None:
    chronicle = Chronicle.of([OPENED, AWARDED])
    assert [entry.award.id for entry in chronicle.awards_of(account("seller"))] == [AWARD]
    assert list(chronicle.awards_of(account("other"))) == []
