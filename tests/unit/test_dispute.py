from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.dispute import (
    Subject,
    challengers_part,
    dispute_id,
    refuter_penalty,
    silence_penalty,
    withholder_penalty,
)
from compute_swarm.domain.ids import AwardId, CommitId
from compute_swarm.domain.money import Amount
from examples import digest

LEAST, CAP = Amount(4_000), Amount(1_000)  # an amount of the token is worth twice as many coins
COMMIT, AWARD = CommitId(digest("commit")), AwardId(digest("award"))


@given(st.integers(0, 2), st.integers(0, 1023))
def test_a_judged_subject_tells_share_and_item(share, item):
    subject = Subject.judged(share, item)
    assert (subject.is_challenge, subject.share, subject.item) == (False, share, item)


@given(st.integers(0, 2**32 - 1))
def test_a_challenged_subject_tells_its_position(position):
    subject = Subject.challenged(position)
    assert (subject.is_challenge, subject.position) == (True, position)
    assert subject < 2**256


def test_two_shares_may_dispute_one_item_apart():
    ids = {dispute_id(COMMIT, AWARD, Subject.judged(share, 7)) for share in range(3)}
    assert len(ids | {dispute_id(COMMIT, AWARD, Subject.challenged(7))}) == 4


def test_a_wrong_refutation_costs_the_awards_fine_of_which_the_panel_is_paid():
    penalty = refuter_penalty(Amount(900), Amount(60), LEAST, CAP)
    assert (penalty.amount, penalty.panel) == (900, 120)


def test_a_panel_is_paid_in_full_though_the_award_is_cheap():
    penalty = refuter_penalty(Amount(10), Amount(60), LEAST, CAP)
    assert (penalty.amount, penalty.panel) == (120, 120)


def test_a_false_alarm_costs_half_a_panel_and_a_fifth_of_the_price():
    penalty = withholder_penalty(Amount(900), Amount(61), LEAST, CAP)
    assert (penalty.amount, penalty.panel) == (420, 60)


def test_a_silent_judge_loses_what_its_share_would_have_earned_and_all_is_burned():
    penalty = silence_penalty(Amount(35), LEAST, CAP)
    assert (penalty.amount, penalty.panel) == (70, 0)


def test_a_challenger_that_was_right_has_a_quarter_of_its_deposit():
    assert challengers_part(Amount(161)) == 40
