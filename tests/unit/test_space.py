from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.space import AXES, AXIS_NAMES, grid_points, read_space, value_at

rates = st.floats(1e-9, 1)
AXIS = {axis.name: axis for axis in AXES}


def points(name, values, count):
    space = read_space({"lr": 0.001, name: values}, "space")
    return grid_points(AXIS[name], space[name], count)


def test_a_space_has_every_axis_in_order():
    assert tuple(read_space({"lr": 0.001}, "space")) == AXIS_NAMES


def test_log_points_are_evenly_spaced_in_the_logarithm():
    assert points("lr", {"log": [1e-5, 1e-3]}, 3) == (1e-5, 1e-4, 1e-3)
    assert points("lr", {"log": [1e-5, 1e-3]}, 4)[1] == 4.64158883e-05


def test_uniform_points_are_what_a_person_would_write():
    assert points("weight_decay", {"uniform": [0, 0.1]}, 5) == (0.0, 0.025, 0.05, 0.075, 0.1)


def test_a_single_point_is_the_middle():
    assert points("lr", {"log": [1e-5, 1e-3]}, 1) == (1e-4,)


def test_whole_axes_have_whole_points_and_none_twice():
    assert points("r", {"log": [1, 8]}, 4) == (1, 2, 4, 8)
    assert points("r", {"uniform": [4, 6]}, 9) == (4, 5, 6)


def test_a_choice_divides_the_unit_evenly():
    axis, values = AXIS["r"], read_space({"lr": 1, "r": {"choice": [4, 8, 16]}}, "")["r"]
    drawn = [value_at(axis, values, Fraction(place, 6)) for place in range(7)]
    assert drawn == [4, 4, 8, 8, 16, 16, 16]


@given(st.fractions(0, 1), rates, rates, st.sampled_from(["log", "uniform"]))
def test_no_point_leaves_its_range(place, a, b, kind):
    low, high = min(a, b), max(a, b)
    if low < high:
        values = read_space({"lr": {kind: [low, high]}}, "")["lr"]
        assert low <= value_at(AXIS["lr"], values, place) <= high
