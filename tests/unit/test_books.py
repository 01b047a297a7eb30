from dataclasses import replace

import pytest

from compute_swarm.domain.bid import Terms
from compute_swarm.domain.bonds import audit_fee, award_cost
from compute_swarm.domain.books import MOST_DUST, books
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.events import (
    Awarded,
    CommitEntry,
    Committed,
    DepositHeld,
    DepositLost,
    DepositReturned,
    Disputed,
    DisputeOpened,
    DisputeResolved,
    Docked,
    Expired,
    Refunded,
    Restored,
    SessionSpent,
    Settled,
    Slashed,
    SweepOpened,
)
from compute_swarm.domain.ids import NATIVE, AwardId, CommitId, DisputeId, SessionId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.settlement import Judged, settlement
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome
from examples import BUYER, SELLER, account, digest, posted

SWEEP = SweepId(digest("sweep"))
RELAYER = account("relayer")
TIP = Amount(7)
POSTED = posted("a", 32, 1, price=1000)
AWARD = POSTED.award
COST = award_cost(AWARD.total, TIP)
BOND = Amount(64_000)

OPENED = SweepOpened(SWEEP, BUYER, digest("spec"), Terms(NATIVE, 32, 120, 0), COST)
AWARDED = Awarded(
    SWEEP,
    AWARD.id,
    SELLER,
    AWARD.trials,
    AWARD.segments,
    AWARD.price,
    AWARD.deadline,
    bond=BOND,
    cost=COST,
)
COMMITTED = Committed(
    SWEEP, CommitId(digest("commit")), RELAYER, (CommitEntry(AWARD.id, POSTED.root, POSTED.done),)
)
COMMIT, DISPUTE = COMMITTED.commit_id, DisputeId(digest("dispute"))
DISPUTED = Disputed(AWARD.id, DISPUTE)
DOCKED = Docked(AWARD.id, Amount(31))
JUDGES = (account("one"), account("two"))


def settled():
    closed = settlement(POSTED, Judged(3), TIP)
    return Settled(AWARD.id, SELLER, closed.seller, closed.buyer, closed.fees)


def test_money_waits_in_escrow_while_the_seller_works():
    (line,) = books([OPENED, AWARDED]).lines
    assert (line.status, line.escrow, line.locked) == (AwardStatus.AWARDED, COST, BOND)
    assert (line.tip, line.balanced) == (TIP, True)


def test_a_commit_pays_nobody_yet():
    (line,) = books([OPENED, AWARDED, COMMITTED]).lines
    assert (line.status, line.done, line.tips) == (AwardStatus.POSTED, 32, 0)
    assert line.escrow == COST


def test_a_settled_award_is_paid_out_to_the_unit():
    kept = books([OPENED, AWARDED, COMMITTED, settled()])
    (line,) = kept.lines
    assert (line.status, line.escrow, line.locked, line.released) == (4, 0, 0, BOND)
    assert (line.paid, line.tips, line.refunded) == (32_000, 14, 0)
    assert line.fees + line.dust == audit_fee(AWARD.total)
    assert line.dust == 1
    assert kept.balanced


def test_a_slash_makes_the_buyer_whole_and_burns_the_rest():
    slashed = Slashed(AWARD.id, SELLER, BOND, refunded=COST, burned=Amount(50_000))
    (line,) = books([OPENED, AWARDED, COMMITTED, DISPUTED, slashed]).lines
    assert (line.refunded, line.burned, line.fees) == (COST, 50_000, 64_000 - 50_000 - TIP)
    assert (line.released, line.tips, line.escrow, line.balanced) == (0, TIP, 0, True)


def test_a_docked_bond_is_smaller_whatever_becomes_of_it():
    told = [OPENED, AWARDED, COMMITTED, DISPUTED, DOCKED]
    (line,) = books(told).lines
    assert (line.docked, line.locked, line.escrow) == (31, BOND - 31, COST)
    slashed = Slashed(AWARD.id, SELLER, BOND - 31, refunded=COST, burned=Amount(50_000))
    (line,) = books([*told, slashed]).lines
    assert (line.fees, line.balanced) == (64_000 - 31 - 50_000 - TIP, True)
    (line,) = books([*told, Restored(AWARD.id), settled()]).lines
    assert (line.released, line.balanced) == (BOND - 31, True)


def test_a_slash_of_more_than_is_left_of_a_bond_is_seen():
    slashed = Slashed(AWARD.id, SELLER, BOND, refunded=COST, burned=Amount(50_000))
    assert not books([OPENED, AWARDED, COMMITTED, DISPUTED, DOCKED, slashed]).balanced


def test_what_a_panel_cannot_divide_of_a_docked_bond_is_told_apart():
    opened = DisputeOpened(DISPUTE, COMMIT, AWARD.id, Subject.judged(0, 1), JUDGES[0])
    resolved = DisputeResolved(DISPUTE, Outcome.UPHELD, JUDGES, tokens=Amount(15), coins=Amount(9))
    told = [OPENED, AWARDED, COMMITTED, opened, DISPUTED, DOCKED, Restored(AWARD.id), resolved]
    (line,) = books(told).lines
    assert (line.docked, line.undivided) == (31, 1)


def test_a_dismissed_dispute_leaves_the_award_as_it_was():
    before = books([OPENED, AWARDED, COMMITTED])
    assert books([OPENED, AWARDED, COMMITTED, DISPUTED, Restored(AWARD.id)]) == before


def test_an_expired_award_goes_back_whole():
    (line,) = books([OPENED, AWARDED, Expired(AWARD.id)]).lines
    assert (line.refunded, line.released, line.tips, line.balanced) == (COST, BOND, 0, True)


def test_a_refund_pays_the_relayer_and_those_who_judged_all_the_same():
    (line,) = books([OPENED, AWARDED, COMMITTED, Refunded(AWARD.id, Amount(90))]).lines
    assert (line.refunded, line.fees, line.tips) == (COST - TIP - 90, 90, TIP)
    assert (line.released, line.balanced) == (BOND, True)


def test_a_unit_too_much_is_seen():
    for change in (2, -MOST_DUST):
        wrong = replace(settled(), paid=Amount(32_000 + change))
        assert not books([OPENED, AWARDED, COMMITTED, wrong]).balanced


def test_the_tip_for_an_award_in_a_session_is_the_buyers_cost():
    spent = SessionSpent(SessionId(digest("session")), 1, COST + TIP, Amount(0))
    (award,) = books([OPENED, AWARDED, spent]).relayed
    assert (award.sweep_id, award.buyer, award.token, award.tip) == (SWEEP, BUYER, NATIVE, TIP)
    assert books([OPENED, AWARDED, spent]).parties()[BUYER].spent == COST + TIP
    own = replace(spent, cost=COST)
    assert books([OPENED, AWARDED, own]).relayed == ()


def test_a_challengers_deposit_is_locked_until_it_comes_back_or_is_lost():
    who, held = account("challenger"), DepositHeld(NATIVE, account("challenger"), Amount(100))
    assert books([held]).parties()[who].locked == 100
    back = DepositReturned(NATIVE, who, Amount(40))
    lost = DepositLost(NATIVE, who, Amount(60), burned=Amount(3))
    kept = books([held, back, lost])
    assert (kept.parties()[who].locked, kept.parties()[who].lost) == (0, 60)
    assert kept.deposits[NATIVE, who].burned == 3
    assert kept.balanced
    assert not books([held, lost, back, lost]).balanced


def test_parties_see_their_own_sums():
    other = replace(AWARDED, award_id=AwardId(digest("b")))
    parties = books([OPENED, AWARDED, other, COMMITTED, settled()]).parties()
    refunded = settled().refunded
    assert (parties[BUYER].spent, parties[BUYER].refunded) == (2 * COST, refunded)
    assert (parties[SELLER].earned, parties[SELLER].locked, parties[SELLER].lost) == (
        32_000,
        BOND,
        0,
    )
    assert parties[RELAYER].tips == TIP


def test_books_are_kept_per_sweep_and_token():
    kept = books([OPENED, AWARDED])
    assert kept.of_sweep(SWEEP) == kept
    assert kept.of_sweep(SweepId(digest("other"))).lines == ()
    assert kept.of_token(account("token")).lines == ()


@pytest.mark.parametrize("column", ["cost", "escrow"])
def test_columns_are_summed(column):
    other = replace(AWARDED, award_id=AwardId(digest("b")))
    assert books([OPENED, AWARDED, other]).total(column) == 2 * COST
