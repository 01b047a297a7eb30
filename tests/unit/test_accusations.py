from bisect import bisect_left
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path

import pytest

from compute_swarm.chain.profiles import PRODUCTION, PROFILES
from compute_swarm.domain.dispute import withholder_penalty
from compute_swarm.domain.money import ZERO
from compute_swarm.verifier.accusations import (
    ALONE,
    EVERYBODY,
    Accuser,
    certainty,
    false_challenge,
    false_refutation,
    false_slash,
    false_slash_silenced,
    false_unavailable,
    griefing,
    run_out,
    starved,
    starving,
    true_challenge,
)
from compute_swarm.verifier.economics import (
    SEATS,
    TIPS,
    TRUST,
    Panel,
    Shape,
    panel,
    stake,
    substituted,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "economics.md").read_text()
ACCUSERS = (ALONE, Accuser(validators=True), Accuser(buyer=True), EVERYBODY)
FALSE = (false_challenge, false_refutation, false_unavailable)
STAKES = (Fraction(1, 10), Fraction(2, 10), TRUST)
HUGE = 10**9

# A word's value is linear in price, fee of a panel and bond, but for where another term becomes the
# bond or the fine: those awards, the least, and such as have next to nothing but one of them.
PRICES = (*range(1, 400), 640, 1600, 16_000, HUGE)
FEES = tuple(map(Fraction, (0, 1, 2, 50, 10**6)))


def awards(segments: int = 32, prices: tuple[int, ...] = PRICES) -> list[Shape]:
    eights = [Shape(int(8 * fee * segments), segments, fee) for fee in FEES if fee]
    return [Shape(done, segments, fee) for done, fee in product(prices, FEES)] + eights


# --- false words -----------------------------------------------------------------------------


def test_two_tips_are_never_more_of_a_panels_fee_than_assumed():
    for profile in PROFILES.values():
        for token in profile.tokens:
            assert 2 * token.tip <= TIPS * token.panel_floor


@pytest.mark.parametrize("accuser", ACCUSERS, ids=("alone", "panelists", "buyer", "everybody"))
@pytest.mark.parametrize("accuse", FALSE)
def test_no_false_word_pays(accuse, accuser):
    for shape in awards():
        assert accuse(shape, panel(TRUST), accuser) < 0


@pytest.mark.parametrize("segments", [24, 48, 128, 256, 1024])
@pytest.mark.parametrize("accuse", FALSE)
def test_no_false_word_pays_at_other_lengths_of_a_trial(accuse, segments):
    for shape in awards(segments, (1, 2, 7, 14, 28, segments, 4 * segments, HUGE)):
        assert accuse(shape, panel(TRUST), EVERYBODY) < 0


@pytest.mark.parametrize("accuse", FALSE)
def test_a_greater_cartel_only_gains_by_a_false_word(accuse):
    for shape in (Shape(1), Shape(32), Shape(640), Shape(HUGE)):
        values = [accuse(shape, panel(Fraction(i, 20)), EVERYBODY) for i in range(9)]
        assert values == sorted(values)


HARDEST = [
    shape for segments in (24, 32, 128) for shape in awards(segments, (1, 8, 28, 64, 320, HUGE))
]


def first(accuse: Callable[[Shape, Panel, Accuser], Fraction], panels: list[Panel]) -> int:
    """The place of the first panel, of worse and worse ones, with which a false word pays."""
    return bisect_left(
        panels,
        True,
        key=lambda panel_: any(accuse(shape, panel_, EVERYBODY) >= 0 for shape in HARDEST),
    )


def test_the_document_says_where_false_words_begin_to_pay():
    greater = [panel(TRUST + Fraction(i, 1000)) for i in range(100)]
    fewer = [panel(TRUST, 1 - Fraction(i, 1000)) for i in range(300)]
    for name, accuse in (
        ("false challenge", false_challenge),
        ("false `refuted`", false_refutation),
        ("false `unavailable`", false_unavailable),
    ):
        stake, attending = 300 + first(accuse, greater), 1000 - first(accuse, fewer)
        ends = f"| {stake / 1000:.3f} | {attending / 10:.1f} % |"
        rows = (line for line in DOCUMENT.splitlines() if line.startswith(f"| {name} |"))
        assert [line.endswith(ends) for line in rows] == [True]


def test_a_false_unavailable_loses_a_twenty_fifth_of_a_great_price():
    assert round(
        false_unavailable(Shape(HUGE), panel(TRUST), EVERYBODY) / Shape(HUGE).price, 3
    ) == (Fraction("-0.039"))


def test_a_false_unavailable_pays_where_fines_are_worth_a_fifth_less():
    great, falling = Shape(HUGE), panel(TRUST)
    worth = falling.falls * great.back / (falling.holds * great.withholders_fine)
    assert round(1 / worth, 3) == Fraction("1.284")


def test_a_validators_bond_is_ten_false_alarms_about_commits_at_the_cap():
    token, least = PRODUCTION.tokens[0], PRODUCTION.least_bond
    fine = withholder_penalty(token.cap, ZERO, least, token.cap).amount
    assert round(least / fine) == 10


# --- true ones -------------------------------------------------------------------------------


def test_a_true_challenge_pays_at_the_same_odds_at_every_price_and_fee():
    for x, part in ((STAKES[0], "0.247"), (STAKES[1], "0.208"), (TRUST, "0.092")):
        expected = {
            round(true_challenge(shape, panel(x)) / shape.deposit, 3)
            for segments in (24, 32, 1024)
            for shape in awards(segments)
        }
        assert expected == {Fraction(part)}


def test_a_true_challenge_pays_while_a_panel_falls_less_than_once_in_five():
    low, high = (panel(Fraction(x, 1000)) for x in (350, 351))
    assert low.falls < Fraction(1, 5) < high.falls
    assert true_challenge(Shape(32), high) < 0 < true_challenge(Shape(32), low)


# --- silence ---------------------------------------------------------------------------------


def test_a_share_runs_out_only_where_all_six_substitutes_collude():
    x = TRUST
    drawn = (
        x ** sum(seats) * (1 - x) ** (6 - sum(seats))
        for seats in product((False, True), repeat=6)
        if sum(seats) == 6
    )
    assert run_out(x, shares=1) == sum(drawn)
    assert run_out(x, silenced=False, shares=1) == x * run_out(x, shares=1)


def test_a_share_runs_out_so_often():
    assert [round(1 / run_out(x, silenced=False)) for x in STAKES[1:]] == [26_042, 1_524]
    assert [round(1 / run_out(x)) for x in STAKES[1:]] == [5_209, 458]


def test_that_one_substitute_is_enough_in_the_end_passes_nothing_that_was_forged():
    for x in STAKES:
        assert substituted(x) == substituted(x, enough=2) == x**2
        assert stake(x).upheld == x + (1 - x) * substituted(x)


def test_that_one_is_enough_passes_next_to_nothing_where_honest_substitutes_are_away():
    passed = {
        attending: [substituted(TRUST, Fraction(attending, 100), enough=n) for n in (2, 1)]
        for attending in (80, 65)
    }
    assert [round(chance, 4) for chance in passed[80]] == [Fraction("0.1363"), Fraction("0.1364")]
    assert [round(chance, 4) for chance in passed[65]] == [Fraction("0.1797"), Fraction("0.1813")]


def test_silencing_judges_only_helps_who_accuses():
    for x in STAKES:
        assert false_slash(x, panel(x)) < false_slash_silenced(x)


# --- kept from judges, served to panels ------------------------------------------------------


def row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def test_the_document_says_what_starving_costs_whom():
    for name, shape in (
        ("one segment", Shape(1)),
        ("one trial", Shape(32)),
        ("20 trials", Shape(640)),
        ("500 trials", Shape(16_000)),
    ):
        amounts = (shape.withholders_fine, shape.sellers_part, griefing(shape), griefing(shape, 3))
        cells = [f"{float(amount):.2f}" for amount in amounts]
        assert row(name, *cells, f"{float(100 * certainty(shape)):.0f} %") in DOCUMENT


def test_a_judge_loses_between_four_and_eight_fifths_of_what_a_griefing_seller_does():
    ratios = [griefing(shape) for shape in awards()]
    assert min(ratios) > Fraction(4, 5)
    assert max(ratios) < Fraction(8, 5)


@pytest.mark.parametrize("segments", [24, 32, 48, 128, 256, 1024])
def test_starving_judges_never_pays(segments):
    for shape, judges in product(awards(segments), (1, 2, 3)):
        assert starving(shape, TRUST, judges, buyer=True) < 0


def test_starving_three_judges_costs_a_fortieth_of_a_panel_and_an_eighth_of_the_price():
    for shape in awards(prices=(1, 33, 640)):
        worth = -shape.panel_fee / 40 - shape.price / 8
        assert starving(shape, TRUST, 3) == worth


def test_with_half_a_panel_as_the_sellers_part_starving_three_judges_would_pay():
    low, high = (Shape(33, floor=Fraction(fee)) for fee in ("0.463", "0.464"))
    less = [starving(shape, TRUST, 3, buyer=True) + shape.panel_fee / 8 for shape in (low, high)]
    assert less[0] < 0 < less[1]


def test_starving_eighteen_substitutes_pays_where_a_panels_fee_is_high():
    for buyer, fees in ((False, ("0.898", "0.899")), (True, ("0.323", "0.324"))):
        low, high = (
            starving(Shape(64 * 16, 64, Fraction(fee)), TRUST, 0, substitutes=18, buyer=buyer)
            for fee in fees
        )
        assert low < 0 < high


def test_a_sellers_part_that_starving_substitutes_never_pays_would_be_three_panels():
    shape = Shape(1, floor=Fraction(10**6))
    silent = starving(shape, TRUST, 0, substitutes=18, buyer=True) + shape.sellers_part
    assert round(silent / shape.panel_fee, 3) == Fraction("2.850")
    drawn = (
        comb(18, honest)
        * (1 - TRUST) ** honest
        * TRUST ** (18 - honest)
        * max(starving(shape, TRUST, 0, substitutes=honest), Fraction(0))
        for honest in range(19)
    )
    assert round(sum(drawn) / shape.panel_fee, 2) == Fraction("1.42")


def test_starving_judges_pays_no_quarter_of_the_stake():
    for shape in awards():
        assert starving(shape, Fraction(1, 4), 3) < 0


def test_a_panel_that_looks_at_one_unavailable_item_would_let_the_rest_through():
    assert starved(Shape(119)) < 0 < starved(Shape(120))
    assert starved(Shape(16_000)) == 497 - Fraction(500, 8) - Fraction(10 * SEATS, 8 * 32)
