from dataclasses import replace

from compute_swarm.domain.status import AwardStatus
from compute_swarm.node.duties import Duty, duties
from example_case import (
    DRAW,
    JUDGES,
    SUMMON,
    TIME,
    A,
    B,
    case,
    record,
    substitute,
    verdict,
)
from examples import account

SILENT = case(record=record({1: SUMMON}))


def test_a_judge_has_its_share_and_the_verdict_time_for_it():
    assert duties(case(), JUDGES[1], TIME) == [Duty(1, SUMMON, TIME + 60)]
    assert duties(case(), account("stranger"), TIME) == []


def test_one_validator_may_judge_several_shares():
    draw = replace(DRAW, judges=(JUDGES[0], JUDGES[0], JUDGES[2]))
    assert [duty.share for duty in duties(case(draw=draw), JUDGES[0], TIME)] == [0, 1]


def test_a_summoned_judge_hurries_and_then_it_is_too_late():
    assert duties(SILENT, JUDGES[1], SUMMON) == [Duty(1, SUMMON + 60, TIME + 60)]
    assert duties(SILENT, JUDGES[1], SUMMON + 60) != []
    assert duties(SILENT, JUDGES[1], SUMMON + 61) == []


def test_what_is_closed_or_answered_needs_no_judge():
    closed = (AwardStatus.SETTLED, AwardStatus.SETTLED)
    assert duties(case(statuses=closed), JUDGES[1], TIME) == []
    told = record(posted={(1, 0): verdict(1)})
    assert duties(case(record=told), JUDGES[1], TIME) == []


def test_the_first_pair_of_substitutes_begins_at_the_summons():
    for seat in (1, 2):
        (duty,) = duties(SILENT, substitute(1, seat), SUMMON)
        assert duty == Duty(1, SUMMON + 61 + 120, SUMMON + 61 + 60)


def test_later_substitutes_begin_with_their_turn():
    assert duties(SILENT, substitute(1, 3), SUMMON + 180) == []
    (duty,) = duties(SILENT, substitute(1, 3), SUMMON + 181)
    assert duty == Duty(1, SUMMON + 301, SUMMON + 241)
    assert duties(SILENT, substitute(1, 3), SUMMON + 60 + 360) != []
    assert duties(SILENT, substitute(1, 3), SUMMON + 61 + 360) == []


def test_nobody_stands_in_where_no_judge_was_called():
    assert duties(case(), substitute(1, 1), SUMMON) == []
    assert duties(SILENT, substitute(0, 1), SUMMON) == []


def test_substitutes_that_are_not_needed_any_more_rest():
    answered = replace(SILENT, stood_in={(A, 1), (B, 1)})
    assert duties(answered, substitute(1, 3), SUMMON + 200) == []


def test_who_was_heard_on_a_share_says_nothing_else_about_it():
    told = record({1: SUMMON}, {(1, 1): verdict(1)})
    assert duties(case(record=told), substitute(1, 1), SUMMON + 100) == []
