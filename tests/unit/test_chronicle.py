from dataclasses import replace

import pytest

from compute_swarm.chain.events import (
    Awarded,
    Committed,
    Demanded,
    Disputed,
    DisputeOpened,
    DisputeResolved,
    Event,
    Met,
    PanelRedrawn,
    Place,
    Restored,
    SessionOpened,
    SessionRevoked,
    Settled,
    Slashed,
    Summoned,
    SweepOpened,
    Unmet,
    VerdictPosted,
)
from compute_swarm.domain.bid import Terms
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.events import CommitEntry
from compute_swarm.domain.ids import (
    NATIVE,
    ZERO32,
    AwardId,
    CommitId,
    DemandId,
    DisputeId,
    SessionId,
    SweepId,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome, Verdict
from compute_swarm.node.chronicle import Chronicle, PostedVerdict, Record
from examples import account, digest

PLACE = Place(account("market"), 7, bytes(32), 70, bytes(32), 0)
SWEEP, AWARD = SweepId(digest("sweep")), AwardId(digest("award"))
COMMIT, DISPUTE = CommitId(digest("commit")), DisputeId(digest("dispute"))

OPENED = SweepOpened(
    SWEEP, account("buyer"), digest("spec"), Terms(NATIVE, 24, 120, 0), Amount(2), place=PLACE
)
AWARDED = Awarded(
    *(SWEEP, AWARD, account("seller"), 2, 48, Amount(5), 999, Amount(1), Amount(2)),
    place=PLACE,
)
COMMITTED = Committed(
    *(SWEEP, COMMIT, account("relayer"), (CommitEntry(AWARD, digest("root"), 40),)),
    place=replace(PLACE, block_number=9, time=90),
)
DISPUTED = Disputed(AWARD, DISPUTE, place=PLACE)
SUBJECT = Subject.judged(1, 3)
DISPUTE_OPENED = DisputeOpened(DISPUTE, COMMIT, AWARD, SUBJECT, account("judge"), place=PLACE)


def status(*events: Event) -> AwardStatus:
    return Chronicle.of(events).awards[AWARD].status


def test_a_commit_is_rebuilt_from_its_events() -> None:
    entry = Chronicle.of([OPENED, AWARDED, COMMITTED]).commits[COMMIT]
    (posted,) = entry.commit.awards
    assert (entry.commit.block_number, entry.commit.time) == (9, 90)
    assert entry.commit.relayer == account("relayer")
    assert (posted.root, posted.done, posted.award.deadline) == (digest("root"), 40, 999)
    assert entry.commit.sellers == {account("seller")}


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
    assert [dispute.subject for dispute in Chronicle.of(told).open_disputes()] == [SUBJECT]
    resolved = DisputeResolved(DISPUTE, Outcome.REFUTED, (), Amount(0), Amount(0), place=PLACE)
    assert list(Chronicle.of([*told, resolved]).open_disputes()) == []


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.UPHELD, Outcome.REFUTED])
def test_only_a_quorum_that_saw_a_difference_refutes(outcome: Outcome) -> None:
    told: list[Event] = [OPENED, AWARDED, COMMITTED, DISPUTED, DISPUTE_OPENED]
    resolved = DisputeResolved(DISPUTE, outcome, (), Amount(0), Amount(0), place=PLACE)
    dispute = Chronicle.of([*told, resolved]).disputes[DISPUTE]
    assert dispute.refuted is (outcome is Outcome.REFUTED)


def test_a_panel_that_is_drawn_anew_is_called_in_another_block() -> None:
    redrawn = PanelRedrawn(DISPUTE, 1, place=replace(PLACE, block_number=30, time=300))
    told: list[Event] = [OPENED, AWARDED, COMMITTED, DISPUTED, DISPUTE_OPENED]
    assert Chronicle.of(told).disputes[DISPUTE].time == 70
    dispute = Chronicle.of([*told, redrawn]).disputes[DISPUTE]
    assert (dispute.block_number, dispute.time, dispute.open) == (30, 300, True)
    assert dispute.round == 1


def test_the_court_has_a_record_of_what_was_posted_and_whom_somebody_summoned() -> None:
    said = (account("judge"), b"\x50", digest("evidence"))
    substitute = VerdictPosted(COMMIT, 0, 3, *said, place=PLACE)
    judge = VerdictPosted(COMMIT, 1, 0, *said, place=PLACE)
    summons = Summoned(COMMIT, 0, account("silent"), place=replace(PLACE, time=300))
    told: list[Event] = [OPENED, AWARDED, COMMITTED]
    assert COMMIT not in Chronicle.of(told).records
    record = Chronicle.of([*told, summons, substitute, judge]).records[COMMIT]
    words = {share: Verdict(COMMIT, share, b"\x50", digest("evidence")) for share in (0, 1)}
    assert record.posted == {
        (0, 3): PostedVerdict(account("judge"), words[0]),
        (1, 0): PostedVerdict(account("judge"), words[1]),
    }
    assert record.summoned == {0: 300}


def test_a_challenge_alone_is_on_record_too() -> None:
    challenged = replace(DISPUTE_OPENED, subject=Subject.challenged(5))
    told: list[Event] = [OPENED, AWARDED, COMMITTED, challenged]
    assert Chronicle.of(told).records == {COMMIT: Record()}


def test_a_demand_is_open_until_it_is_met_or_not() -> None:
    id_, judge = DemandId(digest("demand")), account("judge")
    demand = Demanded(id_, COMMIT, judge, digest("verdict"), 1, 4, place=PLACE)
    (open_,) = Chronicle.of([demand]).open_demands(judge)
    assert (open_.share, open_.item, open_.time) == (1, 4, 70)
    assert list(Chronicle.of([demand]).open_demands(account("other"))) == []
    for end in (Met(id_, judge, place=PLACE), Unmet(id_, judge, place=PLACE)):
        assert list(Chronicle.of([demand, end]).open_demands(judge)) == []


def test_what_is_told_twice_in_a_row_changes_nothing() -> None:
    told: list[Event] = [OPENED, AWARDED, COMMITTED, DISPUTED, DISPUTE_OPENED]
    told += [PanelRedrawn(DISPUTE, 1, place=PLACE), Restored(AWARD, place=PLACE)]
    once, twice = Chronicle.of(told), Chronicle.of(told)
    for event in told:
        twice.add(event)
    assert twice == once


def test_a_sessions_key_buys_as_its_buyer_does_until_it_is_revoked() -> None:
    key, who = account("key"), account("buyer")
    session = Session(who, SWEEP, key, Amount(9), Amount(9), ZERO32, 9, 0)
    id_ = SessionId(digest("session"))
    opened = SessionOpened(id_, who, SWEEP, session, place=PLACE)
    chronicle = Chronicle.of([OPENED, opened])
    assert [chronicle.buys(SWEEP, one) for one in (who, key, account("other"))] == [
        True,
        True,
        False,
    ]
    assert not chronicle.buys(SweepId(digest("other sweep")), key)
    chronicle.add(SessionRevoked(id_, place=PLACE))
    assert not chronicle.buys(SWEEP, key)


def test_awards_without_a_result_are_known_by_their_sweep() -> None:
    ((sweep, awards),) = Chronicle.of([OPENED, AWARDED]).awarded().items()
    assert (sweep, [award.id for award in awards]) == (SWEEP, [AWARD])
    assert Chronicle.of([OPENED, AWARDED, COMMITTED]).awarded() == {}


def test_a_seller_finds_its_awards() -> None:
    chronicle = Chronicle.of([OPENED, AWARDED])
    assert [entry.award.id for entry in chronicle.awards_of(account("seller"))] == [AWARD]
    assert list(chronicle.awards_of(account("other"))) == []
