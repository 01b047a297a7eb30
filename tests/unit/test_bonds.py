from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.bonds import (
    accusers_part,
    audit_fee,
    award_cost,
    bond,
    deposit,
    fine,
    panel_fee,
    sellers_part,
    worth,
)
from compute_swarm.domain.money import Amount

amounts = st.integers(0, 2**100).map(Amount)
LEAST, CAP = Amount(4 * 10**18), Amount(2 * 10**9)  # a token of nine digits, half the least bond


def test_a_panel_costs_two_segments_a_seat_or_the_floor():
    assert panel_fee(Amount(10), 3, Amount(50)) == 60
    assert panel_fee(Amount(10), 3, Amount(70)) == 70


def test_a_bond_is_the_greatest_of_its_three_terms():
    assert bond(Amount(10), 1, 32, Amount(60)) == 700  # two whole trials and a panel
    assert bond(Amount(10), 501, 32, Amount(60)) == 1253  # a quarter of the price, up
    assert bond(Amount(10), 1, 32, Amount(700)) == 1402  # an eighth of it, up, and two panels


@given(amounts, amounts)
def test_an_award_costs_price_fee_and_two_tips(total, tip):
    assert award_cost(total, tip) == total + audit_fee(total) + 2 * tip
    assert 0 <= audit_fee(total) * 10_000 - total * 800 < 10_000


def test_a_challenger_locks_a_fifth_of_the_price_and_a_panels_fee():
    assert deposit(Amount(501), Amount(60)) == 161


def test_who_withheld_and_who_could_not_get_it_both_pay_half_a_panel_and_more():
    assert sellers_part(Amount(801), Amount(60)) == 101 + 37  # an eighth, up, and five eighths
    assert accusers_part(Amount(801), Amount(61)) == 161 + 30  # a fifth, up, and a half


@given(amounts, st.integers(1, 2**20), st.integers(24, 1024), amounts)
def test_a_docked_bond_has_a_panel_and_three_eighths_left(price, segments, whole, floor):
    panel = panel_fee(price, 7, floor)
    docked = sellers_part(price.times(segments), panel)
    assert bond(price, segments, whole, panel) - docked >= panel + panel * 3 // 8


def test_a_cap_is_worth_half_the_least_bond():
    assert worth(CAP, LEAST, CAP) == LEAST // 2
    assert worth(Amount(1), LEAST, CAP) == 10**9


def test_a_fine_is_half_of_what_the_award_is_worth():
    assert fine(Amount(1_000), LEAST, CAP) == worth(Amount(1_000), LEAST, CAP) // 2
