from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from compute_swarm.chain.profiles import DEMO, PRODUCTION
from compute_swarm.domain.audit import ItemKind, items
from compute_swarm.verifier.accusations import false_slash, false_slash_silenced, run_out
from compute_swarm.verifier.economics import (
    ALL,
    NONE,
    QUORUM,
    SEATS,
    TIPS,
    TRUST,
    Odds,
    Panels,
    Shape,
    Table,
    among,
    beside_whale,
    corners,
    deep,
    fate,
    misses,
    panel,
    purse,
    purse_need,
    shapes,
    stake,
    value,
)
from examples import commit, digest, posted

DOCUMENT = (Path(__file__).parents[2] / "docs" / "economics.md").read_text()
WORST = stake(TRUST)
TENTH = Fraction(1, 10)
ONE_SEGMENT, ONE_TRIAL, FIVE_QUARTERS, TWENTY = Shape(1), Shape(32), Shape(40), Shape(640)
SMALL_SETS = ((2, 8), (3, 12), (6, 20), (15, 50))
LEAST = PRODUCTION.rules.least_validators


def spreads(shape: Shape) -> Iterator[tuple[int, ...]]:
    """Every spread, the honest one left out."""
    return (s for s in product(*(range(size + 1) for size in shape.blocks)) if any(s))


def played(shape: Shape, spread: tuple[int, ...], x: Fraction) -> Fraction:
    """A spread's value by playing out every draw, judge, pair and panel."""
    falls = sum(
        x ** sum(seats) * (1 - x) ** (7 - sum(seats))
        for seats in product((False, True), repeat=7)
        if sum(seats) >= 4
    )

    @cache
    def decided(hit: int) -> Fraction:
        total = NONE
        for seats in product((False, True), repeat=3 * hit):
            chance = x ** sum(seats) * (1 - x) ** (len(seats) - sum(seats))
            upheld = [judge or (a and b) for judge, a, b in zip(*[iter(seats)] * 3, strict=True)]
            paid = falls ** upheld.count(False)
            total += chance * (paid * shape.price - (1 - paid) * shape.bond)
        return total

    total = sum(
        decided(len({j % shape.shares for j, forged in enumerate(spread) if drawn[j] < forged}))
        for drawn in product(range(shape.segments), repeat=len(spread))
    )
    cost = Fraction(shape.done - sum(spread), shape.segments)
    return total / shape.segments ** len(spread) - cost


def needs(shape: Shape, panels: Panels = Panels.EACH) -> Fraction:
    return Table(shape.segments, WORST, panels).neediest(shape).need


# --- the model -------------------------------------------------------------------------------


def test_the_panel_is_the_production_profiles():
    assert (PRODUCTION.rules.seats, PRODUCTION.rules.quorum) == (SEATS, QUORUM)


@pytest.mark.parametrize("done", [1, 32, 40, 64, 96, 100, 320, 333])
def test_the_draw_deals_blocks_to_shares_as_the_model_does(done):
    shape = Shape(done)
    blocks = len(shape.blocks)
    audits = [
        item
        for item in items(digest("seed"), commit(posted("award", done, blocks)), shape.segments)
        if item.kind is ItemKind.AUDIT
    ]
    assert all(item.share == item.block % shape.shares for item in audits)
    assert {item.block for item in audits} >= set(range(done // shape.segments))


@pytest.mark.parametrize(("done", "segments"), [(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (7, 2)])
def test_the_value_is_what_playing_every_draw_and_seat_gives(done, segments):
    shape, x = Shape(done, segments), Fraction(3, 10)
    for spread in spreads(shape):
        assert value(shape, spread, stake(x)) == played(shape, spread, x)


@pytest.mark.parametrize("panels", Panels)
def test_of_all_spreads_a_corner_is_the_worst(panels):
    for segments in (2, 3, 4, 5):
        table = Table(segments, WORST, panels)
        for shape in shapes(4, segments):
            most = table.neediest(shape).need
            for spread in spreads(shape):
                ends = fate(misses(shape, spread), WORST, panels)
                gain = Fraction(sum(spread), segments) - (1 - ends.paid) * shape.price
                assert gain <= most * ends.slashed


def test_corners_leave_out_only_what_is_free_to_forge():
    for shape in shapes(4, 3):
        best = max(
            value(shape, spread, WORST)
            for spread in spreads(shape)
            if all(forged in (0, size) for forged, size in zip(spread, shape.blocks, strict=True))
        )
        assert best == max(case.value for case in Table(3, WORST).cases(shape))


def test_a_greater_or_silencing_cartel_only_gains():
    stakes = [stake(Fraction(i, 20), silenced=s) for i in range(7) for s in (False, True)]
    for shape in (ONE_SEGMENT, ONE_TRIAL, FIVE_QUARTERS, TWENTY):
        values = [[c.value for c in Table(32, odds).cases(shape)] for odds in stakes]
        for fewer, more in zip(values, values[2:], strict=False):
            assert all(a <= b for a, b in zip(fewer, more, strict=True))
        for shown, silenced in zip(values[::2], values[1::2], strict=True):
            assert all(a <= b for a, b in zip(shown, silenced, strict=True))


def test_panels_that_fall_together_are_the_worse_bound():
    tables = [Table(32, WORST, panels) for panels in Panels]
    for shape in shapes(6):
        each, first = (list(table.cases(shape)) for table in tables)
        assert all(a.fate.paid <= b.fate.paid for a, b in zip(each, first, strict=True))


# --- no forgery pays -------------------------------------------------------------------------


@pytest.mark.parametrize("panels", Panels)
@pytest.mark.parametrize("segments", [24, 32])
def test_no_spread_of_up_to_500_trials_pays(segments, panels):
    table = Table(segments, WORST, panels)
    assert list(table.pays(shapes(500, segments))) == []


def test_no_spread_pays_a_smaller_cartel_or_one_that_silences_nobody():
    lengths, stakes = (32,), (NONE, TENTH, 2 * TENTH, TRUST)
    assert list(deep(60, lengths, stakes)) == []


def test_no_spread_pays_among_few_equal_validators():
    for validators in range(LEAST, 41):
        table = Table(32, among(int(TRUST * validators), validators))
        assert list(table.pays(shapes(20))) == []


def test_a_docked_bond_pays_the_panel_that_slashes_it_and_the_relayers_tip():
    for segments, done, fee in product((24, 32, 1024), (1, 40, 640, 16_000), (0, 1, 2, 50)):
        shape = Shape(done, segments, Fraction(fee))
        left = shape.bond - shape.sellers_part
        assert left >= Fraction(11, 8) * shape.panel_fee > (1 + TIPS / 2) * shape.panel_fee


def test_a_bond_a_little_smaller_than_needed_would_be_found_out():
    table = Table(32, WORST)
    for case in (table.neediest(ONE_SEGMENT), table.neediest(TWENTY)):
        assert case.gain - case.fate.slashed * case.need == 0
        assert case.gain - case.fate.slashed * (case.need - Fraction(1, 1000)) > 0


@pytest.mark.parametrize(
    ("panels", "least"), [(Panels.EACH, "0.141"), (Panels.FIRST, "0.040")], ids=str
)
def test_the_smallest_margin_is_where_a_quarter_of_the_price_is_the_bond(panels, least):
    table = Table(32, WORST, panels)
    margins = {
        done: min(case.margin for case in table.cases(Shape(done)))
        for done in (*range(1, 400), 640, 16_000)
    }
    assert min(margins, key=margins.__getitem__) == 312
    assert margins[312] == margins[640] == margins[16_000]
    assert round(margins[312], 3) == Fraction(least)


def test_a_single_segment_loses_three_eighths_of_what_is_forged():
    (single,) = Table(32, WORST).cases(ONE_SEGMENT)
    assert round(single.margin, 3) == Fraction("0.374")


@pytest.mark.parametrize(("panels", "least"), [(Panels.EACH, 371), (Panels.FIRST, 319)], ids=str)
def test_the_cartel_with_which_forging_begins_to_pay(panels, least):
    def pays(thousandths: int) -> bool:
        table = Table(32, stake(Fraction(thousandths, 1000)), panels)
        return any(table.pays(Shape(done) for done in (*range(1, 330), 640, 16_000)))

    assert pays(least)
    assert not pays(least - 1)


def test_a_trial_of_any_length_needs_less_than_its_bond():
    assert 1 / (1 - WORST.paid) < 2
    for segments in (24, 32, 64, 1024):
        shape = Shape(1, segments)
        most = 1 / (1 - WORST.paid) - shape.price
        assert Table(segments, WORST).neediest(shape).need == most < shape.bond


# --- the document ----------------------------------------------------------------------------


def row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def percent(chance: Fraction, digits: int = 1) -> str:
    return f"{float(100 * chance):.{digits}f} %"


def p(amount: Fraction) -> str:
    return f"{float(amount):.2f}"


def test_the_document_says_the_bonds_that_are_needed():
    for name, shape in (
        ("one segment", ONE_SEGMENT),
        ("a quarter of a trial", Shape(8)),
        ("one trial", ONE_TRIAL),
        ("five quarters", FIVE_QUARTERS),
        ("2 trials", Shape(64)),
        ("8 trials", Shape(256)),
        ("20 trials", TWENTY),
        ("500 trials", Shape(16_000)),
    ):
        cells = (p(needs(shape)), p(needs(shape, Panels.FIRST)), p(shape.bond))
        assert row(name, *cells) in DOCUMENT


def test_the_document_says_the_odds_of_a_cartel():
    for x in (TENTH, 2 * TENTH, TRUST):
        odds = stake(x)
        cells = (
            percent(odds.panel.falls, 2),
            percent(odds.paid),
            percent((1 - (1 - x) ** 3) * odds.panel.falls, 2),
            percent(false_slash(x, odds.panel), 2),
            percent(false_slash_silenced(x), 2),
            f"1 in {round(1 / run_out(x, silenced=False)):,}",
            f"1 in {round(1 / run_out(x)):,}",
        )
        assert row(f"{float(x):.1f}", *cells) in DOCUMENT


def test_the_document_says_the_odds_of_small_sets():
    for colluding, validators in SMALL_SETS:
        odds = among(colluding, validators)
        table = Table(32, odds)
        x, between = Fraction(colluding, validators), Fraction(colluding - 1, validators - 1)
        cells = (
            percent(odds.panel.falls),
            percent(odds.paid),
            *(p(table.neediest(shape).need) for shape in (ONE_SEGMENT, ONE_TRIAL, TWENTY)),
            percent(false_slash(x, panel(between))),
            percent(panel(x).falls),
        )
        assert row(f"{colluding} of {validators}", *cells) in DOCUMENT


def test_the_document_says_what_absence_and_whales_do():
    for name, odds in (
        ("80 % of the honest attend", stake(TRUST, attending=Fraction(80, 100))),
        ("65 % of the honest attend", stake(TRUST, attending=Fraction(65, 100))),
        ("60 % of the honest attend", stake(TRUST, attending=Fraction(60, 100))),
        ("one honest validator has 25 %", beside_whale(TRUST, Fraction(25, 100))),
        ("one honest validator has 35 %", beside_whale(TRUST, Fraction(35, 100))),
        ("one honest validator has 40 %", beside_whale(TRUST, Fraction(40, 100))),
    ):
        table = Table(32, odds)
        cells = [p(table.neediest(shape).need) for shape in (ONE_SEGMENT, ONE_TRIAL, TWENTY)]
        pays = "pays" if any(table.pays(shapes(20))) else "does not pay"
        assert row(name, percent(odds.panel.falls), *cells, pays) in DOCUMENT


def demo(x: Fraction) -> Odds:
    rules = DEMO.rules
    return Odds(stake(x).upheld, panel(x, seats=rules.seats, quorum=rules.quorum))


def test_the_document_says_what_the_demos_panel_of_three_is_worth():
    for x in (TENTH, 2 * TENTH, TRUST):
        odds = demo(x)
        table = Table(32, odds)
        done = [Shape(n, seats=DEMO.rules.seats) for n in (1, 32, 640)]
        cells = [p(table.neediest(shape).need) for shape in done]
        assert row(f"{float(x):.1f}", percent(odds.panel.falls), *cells) in DOCUMENT
        assert not any(table.pays(Shape(n, seats=DEMO.rules.seats) for n in range(1, 641)))


def test_the_document_says_how_full_a_purse_is():
    for name, shape in (
        ("24", Shape(1, 24)),
        ("32", ONE_SEGMENT),
        ("48", Shape(1, 48)),
        ("32, a panel's fee is p", Shape(1, floor=ALL)),
        ("32, a panel's fee is 2 p", Shape(1, floor=2 * ALL)),
    ):
        (single,) = Table(shape.segments, WORST).cases(shape)
        loses = percent(-purse(single, WORST) / single.forged)
        assert row(name, p(purse_need(single, WORST)), p(shape.bond), loses) in DOCUMENT


# --- one purse -------------------------------------------------------------------------------


def edges(done: int, segments: int) -> list[Fraction]:
    """The least fee of a panel, those where another term becomes the bond, and a huge one.

    Between any two of them, one after the other, a purse is a convex function of the fee.
    """
    least, price = Fraction(2 * SEATS, segments), Fraction(done, segments)
    kinks = (price / 4 - 2, price / 16, 2 - price / 8)
    return [least, *sorted(fee for fee in kinks if fee > least), Fraction(10**6)]


@pytest.mark.parametrize("segments", [24, 32, 48, 128, 1024])
def test_a_cartels_purse_is_empty_at_every_fee_of_a_panel(segments):
    table = Table(segments, WORST)
    parts = {1, 2, 4, 8, 16, segments - 1}
    trials = (1, 2, 3, 4, 8, 10, 16, 20, 40, 500)
    for done in parts | {n * segments + more for n in trials for more in (0, 1)}:
        for fee in edges(done, segments):
            for case in table.cases(Shape(done, segments, fee)):
                assert purse(case, WORST) < 0


def test_a_cartels_purse_is_empty_of_any_number_of_segments():
    table = Table(32, WORST)
    for shape in shapes(12):
        assert all(purse(case, WORST) < 0 for case in table.cases(shape))


def test_corners_are_few():
    assert max(len(list(corners(shape))) for shape in shapes(40)) <= 11
