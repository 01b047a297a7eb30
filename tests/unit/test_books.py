from dataclasses import replace

import pytest

from compute_swarm.domain.bid import Terms, audit_fee, award_cost
from compute_swarm.domain.books import books
from compute_swarm.domain.events import (
    Awarded,
    CommitEntry,
    Committed,
    Disputed,
    Expired,
    Refunded,
    Restored,
    Settled,
    Slashed,
    SweepOpened,
)
from compute_swarm.domain.ids import NATIVE, AwardId, CommitId, DisputeId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.settlement import settlement
from compute_swarm.domain.status import AwardStatus
from examples import BUYER, SELLER, account, digest, posted

SWEEP = SweepId(digest("sweep"))
RELAYER = account("relayer")
TIP = Amount(7)
POSTED = posted("a", 32, 1, price=1000)
AWARD = POSTED.award
COST = award_cost(AWARD.total, TIP)
BOND = Amount(64_000)

OPENED = SweepOpened(SWEEP, BUYER, digest("spec"), Terms(NATIVE, 32, 120, 0))
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
DISPUTED = Disputed(AWARD.id, DisputeId(digest("dispute")))


def settled():
    closed = settlement(POSTED, 2, TIP)
    return Settled(AWARD.id, SELLER, closed.seller, closed.buyer, closed.fees)


def test_money_waits_in_escrow_while_the_seller_works():
    (line,) = books([OPENED, AWARDED]).lines
    assert (line.status, line.escrow, line.locked) == (AwardStatus.AWARDED, COST, BOND)
    assert (line.tip, line.balanced) == (TIP, True)


def test_a_commit_pays_its_relayer():
    (line,) = books([OPENED, AWARDED, COMMITTED]).lines
    assert (line.status, line.done, line.tips) == (AwardStatus.POSTED, 32, TIP)
    assert line.escrow == COST - TIP


def test_a_settled_award_is_paid_out_to_the_unit():
    kept = books([OPENED, AWARDED, COMMITTED, settled()])
    (line,) = kept.lines
    assert (line.status, line.escrow, line.locked, line.released) == (4, 0, 0, BOND)
    assert (line.paid, line.fees, line.tips) == (32_000, audit_fee(AWARD.total), 14)
    assert kept.balanced


def test_a_slash_makes_the_buyer_whole_and_burns_the_rest():
    slashed = Slashed(AWARD.id, SELLER, BOND, refunded=COST, burned=Amount(50_000))
    (line,) = books([OPENED, AWARDED, COMMITTED, DISPUTED, slashed]).lines
    assert (line.refunded, line.burned, line.fees) == (COST, 50_000, 64_000 - 50_000 - TIP)
    assert (line.released, line.escrow, line.balanced) == (0, 0, True)


def test_a_dismissed_dispute_leaves_the_award_as_it_was():
    before = books([OPENED, AWARDED, COMMITTED])
    assert books([OPENED, AWARDED, COMMITTED, DISPUTED, Restored(AWARD.id)]) == before


def test_an_expired_award_goes_back_whole():
    (line,) = books([OPENED, AWARDED, Expired(AWARD.id)]).lines
    assert (line.refunded, line.released, line.tips, line.balanced) == (COST, BOND, 0, True)


def test_a_refund_keeps_the_commits_tip():
    (line,) = books([OPENED, AWARDED, COMMITTED, Refunded(AWARD.id)]).lines
    assert (line.refunded, line.released, line.balanced) == (COST - TIP, BOND, True)


def test_a_unit_too_much_is_seen():
    wrong = replace(settled(), paid=Amount(32_001))
    assert not books([OPENED, AWARDED, COMMITTED, wrong]).balanced


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
