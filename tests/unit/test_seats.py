from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.draw import Tag, draw
from compute_swarm.domain.seats import ValidatorEntry, eligible, judges, panel, seat, substitutes
from compute_swarm.errors import TooFewValidators
from examples import account, digest

SEED = digest("seed")


def entries(*bonds, vram=0):
    return [ValidatorEntry(account(at), vram, bond) for at, bond in enumerate(bonds)]


def test_eligible_are_others_of_the_tier_in_order():
    some = [*entries(1, 1, 1, vram=8), ValidatorEntry(account("small"), 7, 1)]
    able = eligible(some, {account(1)}, 8)
    assert [entry.validator for entry in able] == [account(0), account(2)]


def test_a_seat_falls_by_bond():
    some = entries(1, 2, 7)
    seats = Counter(seat(SEED, Tag.PANEL, 0, n, some) for n in range(2000))
    assert 100 < seats[account(0)] < 300
    assert 1250 < seats[account(2)] < 1550


def test_a_seat_is_the_first_whose_running_sum_exceeds_the_draw():
    some = entries(3, 4, 5)
    x = draw(SEED, Tag.JUDGE, (2).to_bytes(32, "big"), 0) % 12
    want = 0 if x < 3 else 1 if x < 7 else 2
    assert seat(SEED, Tag.JUDGE, 2, 0, some) == account(want)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_no_party_and_no_small_machine_judges(n):
    some = [*entries(5, 5, 5, 5, vram=16), ValidatorEntry(account("small"), 8, 1000)]
    drawn = judges(digest(n), some, {account(0)}, 16, 3)
    assert len(drawn) == 3
    assert set(drawn) <= {account(1), account(2), account(3)}


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_panel_never_holds_the_judge_in_question(n):
    some = entries(1000, 5, 5, 5)
    drawn = panel(digest(n), some, {account(1)}, account(0), 0, 7)
    assert len(drawn) == 7
    assert set(drawn) <= {account(2), account(3)}


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_silent_judge_never_stands_in_for_itself(n):
    some = entries(1000, 5, 5, 5)
    drawn = substitutes(digest(n), some, {account(1)}, account(0), 0, 2)
    assert len(drawn) == 6
    assert set(drawn) <= {account(2), account(3)}


def test_judge_and_substitutes_are_the_seats_of_one_share():
    some = entries(3, 4, 5, 6)
    (judge, *_) = judges(SEED, some, (), 0, 1)
    others = [entry for entry in some if entry.validator != judge]
    drawn = substitutes(SEED, some, (), judge, 0, 0)
    assert judge == seat(SEED, Tag.JUDGE, 0, 0, some)
    assert list(drawn) == [seat(SEED, Tag.JUDGE, 0, n, others) for n in range(1, 7)]


def test_without_eligible_validators_there_is_no_seat():
    with pytest.raises(TooFewValidators):
        judges(SEED, entries(1), {account(0)}, 0, 1)
