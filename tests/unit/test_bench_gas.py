"""What `make gas` makes of its figures; the chain that they come from is no part of it."""

from dataclasses import replace

import pytest
from rich.console import Console

from bench_gas import BESIDE, TARGETS, VALIDATORS, document, misses, rises, table, totals
from gas_runs import Cost, Shape, usual

COUNTS = (VALIDATORS, *BESIDE)
FIFTY = Shape(50, 5)


def sweep(shape, per_trial):
    """A cost of so much a trial: a gas for `award`, two for `commit`, the rest for `settle`."""
    total = per_trial * shape.trials
    return Cost(shape.trials, 3, {"award": 1, "commit": 2, "settle": total - 3})


def costs():
    """Each sweep exactly at its target, or at 40,000 where there is none."""
    return {shape: sweep(shape, target or 40_000) for shape, target in TARGETS.items()}


@pytest.fixture
def baseline():
    steps = {"award": 100, "submit": 50, "judge": 30, "settle": 60}
    return {shape: Cost(shape.trials, 4 * shape.trials, steps) for shape in TARGETS}


@pytest.fixture
def figures(baseline):
    return document({count: costs() for count in COUNTS}, baseline)


@pytest.fixture
def dearer(baseline):
    """Figures with another cost of the sweep of fifty trials by five sellers."""

    def made(cost):
        return document({count: costs() | {FIFTY: cost} for count in COUNTS}, baseline)

    return made


def shown(figures, accepted):
    console = Console(width=128)
    with console.capture() as capture:
        console.print(table(figures, accepted))
    return capture.get()


def line_of(text, shape):
    return next(line for line in text.splitlines() if f" {shape} " in line)


def test_the_document_has_each_sweep_with_its_steps(figures):
    assert figures["50/5"] == {
        "per_trial": 11_000,
        "transactions": 3,
        "total": 550_000,
        "award": 1,
        "commit": 2,
        "settle": 549_997,
    }


def test_the_document_has_other_sets_of_validators_and_the_baseline_beside(figures):
    assert set(figures) == {*map(str, TARGETS), "validators", "struct_per_trial"}
    assert set(figures["validators"]) == set(map(str, BESIDE))
    assert figures["validators"]["50"]["500/1"]["per_trial"] == 420
    assert figures["struct_per_trial"]["8/2"]["transactions"] == 32


def test_a_trial_s_part_is_rounded_up(dearer):
    cost = sweep(FIFTY, 11_000)
    steps = dict(cost.steps) | {"settle": cost.steps["settle"] + 1}
    assert dearer(replace(cost, steps=steps))["50/5"]["per_trial"] == 11_001


def test_every_total_has_a_name_of_its_own(figures):
    names = dict(totals(figures))
    assert len(names) == len(TARGETS) * (len(COUNTS) + 1)
    assert names["50/5"] == names["validators 5 50/5"] == 550_000
    assert names["struct_per_trial 50/5"] == 240


def test_a_target_that_is_just_met_is_no_miss(figures):
    assert misses(figures) == []


def test_a_missed_target_is_told_with_both_figures(dearer):
    (sentence,) = misses(dearer(sweep(FIFTY, 11_001)))
    assert sentence == "50/5: 11,001 gas a trial; the target is 11,000."


def test_the_accepted_figures_are_no_rise(figures):
    assert rises(figures, figures) == []


def test_a_rise_of_one_in_a_hundred_is_tolerated(figures, dearer):
    assert rises(dearer(sweep(FIFTY, 11_110)), figures) == []


def test_a_greater_rise_is_told_for_each_total(figures, dearer):
    first, *others = rises(dearer(sweep(FIFTY, 11_111)), figures)
    assert first == "50/5: 555,550 gas in all, +1.01% on the accepted 550,000."
    assert [sentence.split(":")[0] for sentence in others] == [
        "validators 5 50/5",
        "validators 50 50/5",
    ]


def test_a_fall_is_no_rise(figures, dearer):
    assert rises(dearer(sweep(FIFTY, 5_000)), figures) == []


def test_figures_that_nobody_accepted_are_named_together(figures):
    accepted = {name: part for name, part in figures.items() if name != "8/2"}
    assert rises(figures, accepted) == ["Not accepted before: 8/2."]


def test_a_sweep_that_is_measured_no_more_is_no_rise(figures):
    accepted = figures | {"9/3": figures["50/5"]}
    assert rises(figures, accepted) == []


def test_the_table_shows_a_sweep_beside_its_target_and_what_it_is_compared_with(figures):
    line = line_of(shown(figures, figures), "50/5")
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    steps = ["1", "2", "549,997", "550,000"]
    beside = ["11,000", "11,000", "11,000", "11,000", "5", "0.0 x"]
    assert cells == ["50/5", *steps, "+0.00%", *beside]


def test_the_table_shows_what_changed(figures, dearer):
    assert "-1.00%" in line_of(shown(dearer(sweep(FIFTY, 10_890)), figures), "50/5")


def test_the_table_needs_no_accepted_figures(figures):
    assert "new" in line_of(shown(figures, {}), "50/5")


@pytest.mark.parametrize("places", [(4, 5, 7), (0, 6, 11), (1, 5, 11)])
def test_different_judges_around_the_middle_are_a_usual_draw(places):
    assert usual(places, 12)


@pytest.mark.parametrize("places", [(5, 5, 6), (0, 1, 2), (9, 10, 11), (4, 5, 6)])
def test_a_judge_drawn_twice_or_judges_at_one_end_are_not(places):
    assert not usual(places, 12)
