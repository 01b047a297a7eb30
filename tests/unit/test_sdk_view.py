import io
import math
from dataclasses import replace

from rich.console import Console

from compute_swarm.chain.events import SessionSpent
from compute_swarm.domain.bid import FRESH, Bid
from compute_swarm.domain.books import books
from compute_swarm.domain.ids import NATIVE, SessionId, SweepId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.status import AwardStatus, SweepStatus, TrialStatus
from compute_swarm.sdk.books import SweepBooks
from compute_swarm.sdk.earnings import earnings_of
from compute_swarm.sdk.facade import view_html
from compute_swarm.sdk.ledger import read_ledger
from compute_swarm.sdk.view import Evidence, Progress, view_sweep
from example_sweep import (
    SELLERS,
    SPEC,
    SWEEP_ID,
    award_id,
    awarded,
    commit_id,
    committed,
    opened,
    receipt,
    settled,
    slashed,
)


def bid(*trials):
    keys = pack_trials(TrialKey(trial, 0) for trial in trials)
    return Bid(SWEEP_ID, SELLERS[0], keys, 0, 24, Amount(1), FRESH, 9, 9, 0)


BIDS = {award_id(0): bid(0, 1), award_id(1): bid(2, 3), award_id(2): bid(2, 3)}
FIRST, SECOND = awarded(0, 2, SELLERS[0]), awarded(1, 2, SELLERS[1])
THIRD = awarded(2, 2, SELLERS[0], block=12)
RUNNING = (opened(), FIRST, SECOND)
POSTED = (*RUNNING, committed(0, (0, 48), (1, 48)))
CHEATED = (*POSTED, slashed(1, SECOND), settled(0, FIRST))
AGAIN = (*CHEATED, THIRD, committed(1, (2, 48), block=15))
OVER = (*AGAIN, settled(2, THIRD, block=20))
RECEIPTS = {
    award_id(a): {TrialKey(t, 0): receipt(a, t, loss)}
    for a, t, loss in ((0, 0, 2.5), (2, 2, 2.125))
}

OTHER = receipt(0, 1, 2.75)


def view_of(events, receipts=RECEIPTS, progress=None):
    evidence = Evidence(BIDS, receipts, progress or {})
    return view_sweep("0xabcdef0123", SPEC, read_ledger(SWEEP_ID, events), evidence)


def states(view):
    return [str(row.status) for row in view.rows]


def test_a_sweep_without_awards_is_a_draft():
    view = view_of(())
    assert view.status is SweepStatus.DRAFT
    assert states(view) == ["queued"] * 4


def test_trials_run_until_their_results_are_posted():
    told = {(award_id(0), TrialKey(0, 0)): Progress(24, 2.9, None)}
    view = view_of(RUNNING, {}, told)
    assert states(view) == ["submitted", "running", "running", "running"]
    assert states(view_of(POSTED)) == ["auditing"] * 4


def test_a_slashed_award_refutes_its_trials_and_no_others():
    view = view_of(CHEATED)
    assert states(view) == ["settled", "settled", "refuted", "refuted"]
    assert view.status is SweepStatus.PARTLY_SETTLED


def test_trials_that_are_awarded_again_show_the_award_that_counts():
    view = view_of(AGAIN)
    assert states(view) == ["settled", "settled", "auditing", "auditing"]
    assert [row.attempts for row in view.rows] == [1, 1, 2, 2]
    assert view.status is SweepStatus.SETTLING


def test_a_sweep_is_settled_when_every_trial_is():
    view = view_of(OVER)
    assert view.status is SweepStatus.SETTLED
    assert (view.settled, view.finished) == (4, True)


def test_the_best_is_the_settled_trial_of_least_loss():
    assert view_of(OVER).best.trial == 2
    assert view_of(AGAIN).best.trial == 0


def test_a_diverged_trial_is_never_the_best():
    told = {award_id(0): {TrialKey(0, 0): receipt(0, 0, math.nan), TrialKey(1, 0): OTHER}}
    view = view_of(CHEATED, told)
    assert view.best.trial == 1
    assert view.rows[0].document()["eval_loss"] == "nan"


def test_what_came_back_is_not_spent():
    assert view_of(CHEATED).spent == FIRST.cost


def test_the_books_of_a_finished_sweep_have_no_difference():
    kept = SweepBooks(read_ledger(SWEEP_ID, OVER).books)
    document = kept.document()
    assert (document["difference_wei"], document["held_wei"]) == ("0", "0")
    assert int(document["burned_wei"]) == SECOND.bond - 100


def test_an_open_sweep_holds_price_and_bond():
    kept = SweepBooks(read_ledger(SWEEP_ID, RUNNING).books)
    assert kept.held == FIRST.cost + SECOND.cost + FIRST.bond + SECOND.bond


def test_the_ledger_knows_commits_and_transactions():
    ledger = read_ledger(SWEEP_ID, OVER)
    assert [record.id for record in ledger.commits] == [commit_id(0), commit_id(1)]
    assert len(ledger.transactions) == 7
    assert ledger.lines[award_id(1)].status is AwardStatus.SLASHED


def test_events_of_another_sweep_are_left_out():
    other = read_ledger(b"o" * 32, OVER)
    assert not other.books.lines
    assert not other.transactions


def test_earnings_are_what_the_events_say():
    (found,) = earnings_of(OVER, SELLERS[0])
    assert found["paid_wei"] == str(10_000 * 96)
    assert earnings_of(OVER, SELLERS[1])[0]["lost_wei"] == str(int(SECOND.bond))


def test_earnings_in_two_tokens_are_two_sums():
    token, other = "0x" + 40 * "1", SweepId(b"t" * 32)
    terms = replace(SPEC.terms, token=token)
    more = awarded(7, 1, SELLERS[0])
    in_token = [
        replace(opened(), sweep_id=other, terms=terms),
        replace(more, sweep_id=other),
        settled(7, more),
    ]
    coin, tokens = earnings_of((*OVER, *in_token), SELLERS[0])
    assert (coin["token"], coin["paid_wei"]) == (NATIVE, str(10_000 * 96))
    assert (tokens["token"], tokens["paid_wei"]) == (token, str(10_000 * 24))


def test_a_relayers_tip_for_a_sessions_award_is_in_the_books():
    spent = SessionSpent(
        SessionId(b"s" * 32), 1, Amount(FIRST.cost + 5), Amount(0), place=FIRST.place
    )
    tipped = SweepBooks(books((opened(), FIRST, spent))).document()
    plain = SweepBooks(books((opened(), FIRST))).document()
    for name in ("entered_wei", "tips_wei"):
        assert int(tipped[name]) == int(plain[name]) + 5


def test_the_same_rows_are_printed_and_shown_in_a_notebook():
    view, screen = view_of(OVER), io.StringIO()
    Console(file=screen, width=120).print(view)
    for text in (screen.getvalue(), view_html(view)):
        assert "settled" in text
        assert "2.125" in text
    assert view.rows[2].status is TrialStatus.SETTLED


def test_a_settled_trial_whose_result_nobody_shows_is_named_and_never_the_best():
    screen = io.StringIO()
    hidden = {id_: found for id_, found in RECEIPTS.items() if id_ != award_id(0)}
    view = view_of(OVER, hidden)
    assert view.best.trial == 2
    Console(file=screen, width=120).print(view)
    for text in (screen.getvalue(), view_html(view), *view.document()["notices"]):
        assert "results of trials 0/0, 1/0, 3/0" in text
    assert view_of(OVER, {}).best is None


def test_a_view_that_lacks_nothing_says_nothing():
    whole = {
        award_id(a): {TrialKey(t, 0): receipt(a, t, 2.5) for t in pair}
        for a, pair in ((0, (0, 1)), (2, (2, 3)))
    }
    assert view_of(OVER, whole).notices == ()
