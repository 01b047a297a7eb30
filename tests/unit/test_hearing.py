from dataclasses import replace

import pytest

from compute_swarm.domain.ids import ZERO32
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Answer, Outcome, SignedVerdict, Verdict, pack_answers
from compute_swarm.node.hearing import (
    Case,
    expirable,
    heard,
    seats_due,
    settle_now,
    settleable,
    signed,
    to_post,
    to_summon,
    unanswered,
    upholders,
)
from example_case import (
    DRAW,
    ENTRY,
    JUDGES,
    SETTLE,
    SUMMON,
    A,
    B,
    case,
    record,
    substitute,
    verdict,
)
from examples import account

POSTED, DISPUTED, SETTLED = AwardStatus.POSTED, AwardStatus.DISPUTED, AwardStatus.SETTLED
UPHELD = {share: verdict(share) for share in range(3)}
OF_A = next(item for item in DRAW.items if item.award_index == 0)
REFUTED = UPHELD | {OF_A.share: verdict(OF_A.share, {OF_A.number: Outcome.NAMED})}
ANSWER_TIME = 60 + 3 * 120  # seconds from a summons on


def brought(verdicts):
    return [(JUDGES[share], one) for share, one in verdicts.items()]


# What is heard


def test_who_upheld_all_items_of_an_award_in_its_share_is_its_witness():
    about = DRAW.shares_about(0)
    words = [(JUDGES[share], one.verdict) for share, one in REFUTED.items()]
    expected = [JUDGES[share] for share in sorted(about - {OF_A.share})]
    unreadable = (account("liar"), replace(words[0][1], answers=b""))
    assert upholders(DRAW, [unreadable, *words], 0) == list(dict.fromkeys(expected))


def test_only_drawn_judges_with_fitting_answers_are_listened_to():
    stranger, other_share = (account("stranger"), verdict(0)), (JUDGES[1], verdict(0))
    short = replace(verdict(0), verdict=replace(verdict(0).verdict, answers=b""))
    beyond = replace(verdict(0), verdict=replace(verdict(0).verdict, share=3))
    elsewhere = replace(verdict(0), verdict=replace(verdict(0).verdict, commit_id=A))
    unnamed = verdict(OF_A.share, {OF_A.number: Outcome.REFUTED})
    wrong = [(JUDGES[0], short), (JUDGES[0], beyond), (JUDGES[0], elsewhere)]
    assert signed(case(), [stranger, other_share, *wrong, (JUDGES[OF_A.share], unnamed)]) == {}
    assert signed(case(), brought(UPHELD)) == UPHELD


def test_of_two_words_of_a_judge_the_first_is_taken():
    both = [(JUDGES[OF_A.share], UPHELD[OF_A.share]), (JUDGES[OF_A.share], REFUTED[OF_A.share])]
    assert signed(case(), both) == {OF_A.share: UPHELD[OF_A.share]}


def test_what_is_posted_counts_before_what_is_signed():
    told = record(posted={(OF_A.share, 0): REFUTED[OF_A.share]})
    found = heard(case(record=told), UPHELD)
    assert found[OF_A.share].verdict == REFUTED[OF_A.share].verdict
    assert found[OF_A.share].signature == b""
    assert len(found) == 3


def test_a_substitutes_verdict_is_not_its_judges():
    told = record({1: SUMMON}, {(1, 2): verdict(1)})
    assert heard(case(record=told), {}) == {}


def test_a_judge_that_was_summoned_is_heard_only_where_it_is_posted():
    assert set(heard(case(record=record({1: SUMMON})), UPHELD)) == {0, 2}
    told = record({1: SUMMON}, {(1, 0): verdict(1)})
    assert set(heard(case(record=told), UPHELD)) == {0, 1, 2}


# Settling


def test_a_commit_settles_once_all_is_upheld_and_its_window_over():
    assert settleable(case(), UPHELD) == [0, 1]
    assert not settle_now(case(), UPHELD, SETTLE - 1)
    assert settle_now(case(), UPHELD, SETTLE)


def test_a_missing_verdict_holds_up_the_awards_of_its_share():
    part = {share: verdict(share) for share in range(2)}
    lacking = {item.award_index for item in DRAW.share(2)}
    assert settleable(case(), part) == [index for index in (0, 1) if index not in lacking]
    assert not settle_now(case(statuses=(POSTED, SETTLED)), {}, SUMMON)


def test_what_can_settles_once_the_verdict_time_is_over():
    assert settleable(case(), REFUTED) == [1]
    assert not settle_now(case(), REFUTED, SUMMON - 1)
    assert settle_now(case(), REFUTED, SUMMON)


def test_a_doubled_item_needs_both_its_shares():
    item = next(item for item in DRAW.items if item.award_index == 0)
    second = (item.share + 1) % 3
    others = [one for one in DRAW.items if one.award_index == 1]
    some = case(draw=replace(DRAW, items=(replace(item, second=second), *others)))
    assert settleable(some, {item.share: all_upheld(some, item.share)}) == []
    both = {share: all_upheld(some, share) for share in (item.share, second)}
    assert 0 in settleable(some, both)


def all_upheld(of: Case, share: int) -> SignedVerdict:
    answers = [Answer(Outcome.UPHELD, exact=True) for _ in of.draw.share(share)]
    return SignedVerdict(Verdict(of.id, share, pack_answers(answers), ZERO32), b"signed")


def test_a_disputed_award_does_not_hold_up_the_others():
    assert settle_now(case(statuses=(DISPUTED, POSTED)), REFUTED, SETTLE)


def test_a_cleared_share_settles_all_the_same():
    assert settleable(case(cleared={(A, OF_A.share)}), REFUTED) == [0, 1]


def test_stand_ins_settle_what_their_silent_judge_did_not_answer():
    part, told = {share: verdict(share) for share in range(2)}, record({2: SUMMON})
    assert settleable(case(record=told, stood_in={(A, 2), (B, 2)}), part) == [0, 1]
    assert settleable(case(record=told, stood_in={(B, 2)}), part) == [1]


# Posting


def test_a_refutation_is_posted_and_nothing_else_at_first():
    assert to_post(case(), UPHELD, SETTLE) == []
    assert to_post(case(), REFUTED, SETTLE) == [REFUTED[OF_A.share]]


def test_in_a_dispute_the_other_verdicts_on_the_award_are_posted_too():
    told = record(posted={(OF_A.share, 0): REFUTED[OF_A.share]})
    disputed = case(statuses=(DISPUTED, POSTED), record=told)
    others = [share for share in range(3) if share != OF_A.share]
    assert [one.verdict.share for one in to_post(disputed, REFUTED, SETTLE)] == others


def test_a_refutation_of_a_closed_award_is_not_posted():
    closed = case(statuses=(AwardStatus.SLASHED, POSTED))
    assert to_post(closed, REFUTED, SETTLE) == []


def test_a_withheld_item_is_posted_like_a_refuted_one():
    withheld = {OF_A.share: verdict(OF_A.share, {OF_A.number: Outcome.UNAVAILABLE})}
    assert to_post(case(), withheld, SETTLE) == [withheld[OF_A.share]]
    assert to_post(case(statuses=(AwardStatus.REFUNDED, POSTED)), withheld, SETTLE) == []
    assert settleable(case(), UPHELD | withheld) == [1]


def test_a_refutation_is_posted_though_another_award_is_withheld():
    of_b = next(i for i in DRAW.items if i.award_index == 1 and i.share == OF_A.share)
    mixed = {OF_A.number: Outcome.NAMED, of_b.number: Outcome.UNAVAILABLE}
    one = {OF_A.share: verdict(OF_A.share, mixed)}
    assert to_post(case(), one, SETTLE) == [one[OF_A.share]]


def test_a_judge_that_had_signed_when_it_was_summoned_is_posted_in_its_time():
    summoned = case(record=record({1: SUMMON}))
    assert to_post(summoned, UPHELD, SUMMON + 60) == [UPHELD[1]]
    assert to_post(summoned, UPHELD, SUMMON + 61) == []
    assert to_post(replace(summoned, statuses=(SETTLED, SETTLED)), UPHELD, SUMMON) == []


# Summons


def test_judges_are_summoned_once_their_time_is_over_and_nobody_knows_their_word():
    part = {0: verdict(0)}
    assert to_summon(case(), part, SUMMON - 1) == []
    assert to_summon(case(), part, SUMMON) == [1, 2]
    told = record({1: SUMMON}, {(2, 0): verdict(2)})
    assert to_summon(case(record=told), part, SUMMON) == []


def test_nobody_is_summoned_for_what_is_closed():
    assert to_summon(case(statuses=(SETTLED, SETTLED)), {}, SUMMON) == []
    assert to_summon(case(statuses=(DISPUTED, SETTLED)), {}, SUMMON) == [0, 1, 2]


def test_where_nobody_was_eligible_every_share_is_summoned():
    empty = case(draw=replace(DRAW, judges=(), substitutes=()))
    assert to_summon(empty, signed(empty, brought(UPHELD)), SUMMON) == [0, 1, 2]


# Substitutes


def test_substitutes_are_needed_for_what_nobody_has_answered():
    silent = case(record=record({1: SUMMON}))
    assert unanswered(silent, 1) == {0, 1}
    assert not unanswered(silent, 0)
    assert not unanswered(case(record=record({1: SUMMON}, {(1, 0): verdict(1)})), 1)
    assert unanswered(replace(silent, stood_in={(A, 1)}), 1) == {1}
    assert not unanswered(replace(silent, stood_in={(A, 1)}, cleared={(B, 1)}), 1)
    assert not unanswered(replace(silent, stood_in={(A, 1)}, statuses=(POSTED, SETTLED)), 1)


@pytest.mark.parametrize("seat", range(1, 7))
def test_each_pair_of_substitutes_has_its_turn_until_the_last_one_ends(seat: int):
    silent, who = case(record=record({1: SUMMON})), substitute(1, seat)
    begin = SUMMON + 60 + (seat - 1) // 2 * 120
    end = SUMMON + ANSWER_TIME
    due = [seats_due(silent, who, 1, now) for now in (begin, begin + 1, end, end + 1)]
    assert due == [(), (seat,), (seat,), ()]


def test_a_seat_that_has_spoken_is_not_due_again():
    told = record({1: SUMMON}, {(1, 1): verdict(1)})
    assert seats_due(case(record=told), substitute(1, 1), 1, SUMMON + 61) == ()
    assert seats_due(case(record=told), substitute(1, 2), 1, SUMMON + 61) == (2,)


def test_who_holds_several_seats_speaks_in_each_of_them():
    twice = tuple(substitute(1, 1) for _ in range(6))
    draw = replace(DRAW, substitutes=(DRAW.substitutes[0], twice, DRAW.substitutes[2]))
    silent = case(draw=draw, record=record({1: SUMMON}))
    assert seats_due(silent, substitute(1, 1), 1, SUMMON + 61) == (1, 2)
    assert seats_due(silent, substitute(1, 1), 1, SUMMON + 181) == (1, 2, 3, 4)


def test_a_word_that_was_heard_and_upholds_nothing_is_not_said_again():
    twice = tuple(substitute(1, 1) for _ in range(6))
    draw = replace(DRAW, substitutes=(DRAW.substitutes[0], twice, DRAW.substitutes[2]))
    refuting = dict.fromkeys(first_items(1), Outcome.NAMED)
    for word, due in ((verdict(1), (2,)), (verdict(1, refuting), ())):
        told = record({1: SUMMON}, {(1, 1): word})
        assert seats_due(case(draw=draw, record=told), substitute(1, 1), 1, SUMMON + 61) == due


def first_items(share: int) -> list[int]:
    """One item of each award that the share answers for."""
    return list({item.award_index: item.number for item in DRAW.share(share)}.values())


# Running out


def test_awards_expire_once_a_summoned_share_has_run_out():
    lost = {(A, 2), (B, 2)}
    assert expirable(case()) == []
    assert expirable(case(ran_out=lost)) == [0, 1]
    assert expirable(case(ran_out=lost, statuses=(DISPUTED, POSTED))) == [1]


def test_settling_and_expiring_are_never_both_open():
    late = case(record=record({2: SUMMON}), ran_out={(A, 2)}, stood_in={(B, 2)})
    verdicts = heard(late, signed(late, brought(UPHELD)))
    assert (settleable(late, verdicts), expirable(late)) == ([1], [0])


def test_a_case_names_its_commit():
    assert (case().id, case().commit) == (ENTRY.id, ENTRY.commit)
    assert (case().settle_from, case().summon_from) == (SETTLE, SUMMON)
