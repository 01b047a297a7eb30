from dataclasses import replace
from pathlib import Path

import pytest

from compute_swarm.domain.dataset import Format
from compute_swarm.domain.ids import Digest
from compute_swarm.domain.trial import trials
from compute_swarm.errors import (
    DatasetInvalid,
    PriceInvalid,
    SpecEmptyRange,
    SpecMissingKey,
    SpecNotMultiple,
    SpecOutOfRange,
    SpecUnknownKey,
)
from compute_swarm.sdk import choice, log, uniform
from compute_swarm.sdk.dataset import prepare_data
from compute_swarm.sdk.model import ModelFiles
from compute_swarm.sdk.request import SweepRequest, build_spec
from compute_swarm.sdk.space import space_document

ROWS = [{"text": f"row {number}"} for number in range(100)]
MODEL = ModelFiles("acme/llama", "main", Path(), Digest(b"m" * 32), Digest(b"t" * 32), 10, 20)
HOUR = (3_600, 86_400)


def request(**changes):
    options = {"model": "m", "data": ROWS, "space": {"lr": log(1e-5, 1e-3)}, "trials": 4}
    return SweepRequest.of({**options, "max_spend": "0.05 ETH", **changes})


def spec_of(verdict_times=HOUR, **changes):
    asked = request(**changes)
    return build_spec(asked, MODEL, prepare_data(ROWS, asked.eval_rows), verdict_times)


def test_a_list_is_a_choice():
    assert space_document({"r": [4, 8]}) == {"r": choice(4, 8)} == {"r": {"choice": [4, 8]}}


def test_ranges_keep_their_ends():
    assert (log(1e-5, 1e-3), uniform(0, 1)) == ({"log": [1e-5, 1e-3]}, {"uniform": [0, 1]})


def test_every_default_is_filled_in():
    document = spec_of().document()
    assert document["training"]["steps"] == 96  # 90 rows to train on, in whole segments
    assert document["training"]["eval_every"] == document["training"]["segments"] == 32
    assert document["numeric"]["dtype"] == document["numeric"]["eval_dtype"] == "float32"
    assert document["budget"]["max_spend"] == str(5 * 10**16)


def test_the_same_words_give_the_same_sweep():
    assert spec_of().hash == spec_of().hash


def test_evaluations_may_have_a_dtype_of_their_own():
    numeric = spec_of(dtype="bfloat16", eval_dtype="float32").numeric
    assert (numeric.dtype, numeric.eval_dtype) == ("bfloat16", "float32")
    assert spec_of(dtype="bfloat16").numeric.eval_dtype == "bfloat16"


def test_another_salt_is_another_sweep():
    assert spec_of(salt="0x" + "01" * 32).hash != spec_of().hash


def test_verdict_time_stays_within_the_network():
    assert spec_of(verdict_times=(120, 120)).budget.verdict_time == 120


@pytest.mark.parametrize("time", [60, 3_599, 86_401])
def test_a_verdict_time_that_the_network_refuses_is_refused_here(time):
    with pytest.raises(SpecOutOfRange, match="verdict_time"):
        spec_of(verdict_time=time)


def test_a_grid_of_lists_needs_no_count():
    spec = spec_of(method="grid", trials=None, space={"lr": [1e-4, 1e-3], "r": [4, 8]})
    assert len(trials(spec)) == 4


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"modle": "x"}, SpecUnknownKey),
        ({"model": None}, SpecMissingKey),
        ({"space": {"lr": log(1e-3, 1e-5)}}, SpecEmptyRange),
        ({"space": {"lr": 1e-3, "dropout": 0.1}}, SpecUnknownKey),
        ({"steps": 100}, SpecNotMultiple),
        ({"max_spend": "-1 ETH"}, PriceInvalid),
        ({"eval_rows": 100}, DatasetInvalid),
    ],
)
def test_what_is_wrong_is_refused_by_name(changes, error):
    with pytest.raises(error):
        spec_of(**changes)


def test_one_row_in_ten_is_evaluated():
    data = prepare_data(ROWS, None)
    assert (data.train_rows, data.eval_rows, data.format) == (90, 10, Format.TEXT)


def test_a_file_and_its_rows_are_the_same_data(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f'{{"text":"row {number}"}}\n' for number in range(100)))
    assert prepare_data(path, None).cid == prepare_data(ROWS, None).cid


def test_the_blocks_hold_the_whole_dataset():
    data = prepare_data(ROWS, None)
    assert data.blocks.has(data.cid)


@pytest.mark.parametrize("rows", [[], [{"text": "one"}], [{"text": "a"}, {"prompt": "b"}]])
def test_broken_rows_are_refused(rows):
    with pytest.raises(DatasetInvalid):
        prepare_data(rows, None)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DatasetInvalid, match="no such file"):
        prepare_data(tmp_path / "none.jsonl", None)


def test_a_request_is_a_value():
    assert replace(request(), trials=4) == request()
