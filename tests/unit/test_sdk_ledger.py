import pytest

from compute_swarm.chain.events import (
    DisputeOpened,
    DisputeResolved,
    PanelRedrawn,
    SessionOpened,
    SessionSpent,
    Summoned,
    VerdictPosted,
)
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import ZERO32, DisputeId, SessionId, keccak
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session
from compute_swarm.domain.verdict import Outcome
from compute_swarm.sdk.ledger import PostedAnswers, read_ledger
from example_sweep import (
    BUYER,
    SELLERS,
    SWEEP_ID,
    TIP,
    award_id,
    awarded,
    commit_id,
    committed,
    opened,
    place,
)

FIRST = awarded(0, 2, SELLERS[0])
TOLD = (opened(), FIRST, committed(0, (0, 48)))
DISPUTE = DisputeId(keccak(b"dispute"))
SUBJECT = Subject.judged(1, 4)
SESSION = SessionId(keccak(b"session"))


def posted(share, seat):
    return VerdictPosted(commit_id(0), share, seat, SELLERS[2], b"\x55", ZERO32, place=place(6))


def disputed():
    ids = (DISPUTE, commit_id(0), award_id(0))
    return DisputeOpened(*ids, SUBJECT, SELLERS[2], place=place(7))


def test_a_commit_is_what_the_contracts_are_passed_again():
    (record,) = read_ledger(SWEEP_ID, TOLD).commits
    assert (record.commit.block_number, record.commit.time) == (5, 1_005)
    assert record.commit.relayer == BUYER
    assert record.commit.awards[0].award.id == award_id(0)


def test_posted_verdicts_are_kept_seat_by_seat():
    (record,) = read_ledger(SWEEP_ID, (*TOLD, posted(0, 0), posted(2, 3))).commits
    assert record.posted == (
        PostedAnswers(0, 0, SELLERS[2], b"\x55"),
        PostedAnswers(2, 3, SELLERS[2], b"\x55"),
    )


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome.UPHELD, "dismissed"),
        (Outcome.REFUTED, "refuted"),
        (Outcome.UNAVAILABLE, "withheld"),
    ],
)
def test_a_dispute_is_open_until_a_panel_decides_however_often_it_is_drawn(outcome, end):
    redrawn = PanelRedrawn(DISPUTE, 1, place=place(8))
    told = (*TOLD, disputed(), redrawn)
    record = read_ledger(SWEEP_ID, told).disputes[DISPUTE]
    assert (record.subject, record.accuser, record.outcome) == (SUBJECT, SELLERS[2], "open")
    resolved = DisputeResolved(DISPUTE, outcome, (), Amount(0), Amount(0), place=place(9))
    assert read_ledger(SWEEP_ID, (*told, resolved)).disputes[DISPUTE].outcome == end


def test_summons_and_redrawn_panels_are_transactions_of_the_sweep():
    summoned = Summoned(commit_id(0), 1, SELLERS[2], place=place(20))
    redrawn = PanelRedrawn(DISPUTE, 1, place=place(21))
    ledger = read_ledger(SWEEP_ID, (*TOLD, disputed(), summoned, redrawn))
    assert {summoned.place.transaction, redrawn.place.transaction} <= ledger.transactions
    other = read_ledger(b"o" * 32, (*TOLD, disputed(), summoned, redrawn))
    assert not other.transactions


def test_what_a_sessions_relayers_earned_is_spent_too():
    terms = (BUYER, SWEEP_ID, SELLERS[2], Amount(10**18), Amount(10**9), ZERO32, 10**10, 0)
    session = SessionOpened(SESSION, BUYER, SWEEP_ID, Session(*terms), place=place(1, 9))
    spent = SessionSpent(SESSION, 0, FIRST.cost + TIP, Amount(0), place=place(1, 10))
    ledger = read_ledger(SWEEP_ID, (opened(), FIRST, session, spent))
    assert ledger.committed == FIRST.cost + TIP
    assert read_ledger(SWEEP_ID, (opened(), FIRST)).committed == FIRST.cost
