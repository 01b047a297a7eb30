import math
from dataclasses import replace

import pytest

pytest.importorskip("nicegui")

from compute_swarm.ui.charts import DARK, LIGHT, curves, parallel
from example_sight import row, sight


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "ground"), [(LIGHT, "#ffffff"), (DARK, "#121212")])
def test_every_colour_passes_aa_on_its_ground(theme, ground):
    assert all(contrast(colour, ground) >= 4.5 for colour in (theme.text, *theme.series))


def test_no_two_trials_look_alike():
    styles = [LIGHT.style(number) for number in range(20)]
    assert len(set(styles)) == len(styles)


def test_a_curve_has_a_point_a_segment():
    seen = sight()
    series = curves(seen.view, seen.curves, LIGHT)["series"]
    assert [len(line["data"]) for line in series] == [29] * 8


def test_a_diverged_trial_is_clipped_and_marked():
    seen = sight()
    blown = ({1: 3.0, 2: 99.0, 3: math.nan}, *seen.curves[1:])
    options = curves(seen.view, blown, LIGHT)
    assert options["yAxis"]["max"] < 10
    assert "diverged" in options["series"][0]["name"]
    assert len(options["series"][0]["data"]) == 2


def test_a_diverged_trial_ends_at_the_top_of_the_axis():
    seen = sight()
    rows = (replace(row(0), eval_loss=50.0), *seen.view.rows[1:])
    options = parallel(replace(seen.view, rows=rows), DARK)
    top = options["parallelAxis"][-1]["max"]
    assert options["series"][0]["data"][0][-1] == top < 10


def test_the_learning_rate_is_on_a_logarithmic_axis():
    assert parallel(sight().view, LIGHT)["parallelAxis"][0]["type"] == "log"
