import numpy as np
import pytest

from compute_swarm.domain.canonical import canonical
from compute_swarm.domain.metrics import Metric
from compute_swarm.domain.money import Amount


def test_keys_are_sorted_and_numbers_shortest():
    assert canonical({"b": 1.0, "a": [1e-5, 1e21, True, None]}) == (
        b'{"a":[0.00001,1e+21,true,null],"b":1}'
    )


def test_subclasses_are_what_they_are_made_of():
    document = {"m": Metric.EVAL_LOSS, "n": np.float64(0.1), "a": Amount(7), "t": (1, 2)}
    assert canonical(document) == b'{"a":7,"m":"eval/loss","n":0.1,"t":[1,2]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"", object()])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical({"a": value})
