import json
import math
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compute_swarm.domain.ids import NATIVE, keccak
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trials
from compute_swarm.errors import (
    SpecEmptyRange,
    SpecGridTooSmall,
    SpecGridUneven,
    SpecInvalid,
    SpecMissingKey,
    SpecNotFinite,
    SpecNotMultiple,
    SpecNotOneOf,
    SpecOutOfRange,
    SpecRepeated,
    SpecUnknownKey,
    SpecUnsupported,
    SpecWrongType,
)
from examples import account, spec, spec_document


def test_defaults_are_filled_in():
    full = spec().document()
    assert full["training"] == {
        "steps": 64,
        "segments": 32,
        "micro_batch": 1,
        "eval_every": 32,
        "schedule": "constant",
    }
    assert full["search"]["space"]["alpha"] == 16
    assert (full["budget"]["token"], full["metric"]) == (NATIVE, "eval/loss")


def test_a_document_reads_as_the_spec_it_is_of():
    assert SweepSpec.from_document(spec().document()) == spec()
    assert SweepSpec.from_document(json.loads(spec().canonical())) == spec()


def test_the_hash_is_that_of_the_canonical_document():
    assert spec().hash == keccak(spec().canonical())
    assert spec().canonical().startswith(b'{"budget":{"deadline_s":3600,"max_spend":"1000"')


def test_a_default_written_out_changes_no_hash():
    assert spec(training__segments=32, salt="0x" + "00" * 32).hash == spec().hash
    assert spec(search__space__weight_decay=0.0).hash == spec(search__space__weight_decay=0).hash


def test_the_order_of_keys_changes_no_hash():
    document = dict(reversed(spec_document().items()))
    assert SweepSpec.from_document(document).hash == spec().hash


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "0x" + "07" * 32},
        {"search__seed": 1},
        {"training__steps": 96},
        {"budget__max_spend": 1001},
        {"model__digest": "0x" + "09" * 32},
    ],
)
def test_what_changes_a_result_changes_the_hash(change):
    assert spec(**change).hash != spec().hash


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_evaluations_are_in_the_dtype_of_training_unless_told(dtype):
    some = spec(numeric__dtype=dtype)
    assert some.numeric.eval_dtype == some.document()["numeric"]["eval_dtype"] == dtype
    assert spec(numeric__dtype=dtype, numeric__eval_dtype=dtype).hash == some.hash


def test_rounded_training_may_be_evaluated_exactly():
    plain = spec(numeric__dtype="bfloat16")
    finer = spec(numeric__dtype="bfloat16", numeric__eval_dtype="float32")
    assert finer.numeric.eval_dtype == "float32"
    assert finer.hash != plain.hash


def test_terms_repeat_what_the_chain_needs():
    token = account("token")
    some = spec(budget__token=token, budget__verdict_time=120, requirements__vram_gib=8)
    terms = some.terms
    assert (terms.token, terms.segments, terms.verdict_time, terms.vram_gib) == (token, 32, 120, 8)
    assert some.steps_per_segment == 2


def test_there_are_no_more_shards_than_rows():
    assert spec().dataset.shards == 32
    assert spec(dataset__eval_rows=5).dataset.shards == 5


WRONG = [
    ({"colour": 1}, SpecUnknownKey, "colour"),
    ({"model__size": 1}, SpecUnknownKey, "model.size"),
    ({"search__space__lrr": 1}, SpecUnknownKey, "search.space.lrr"),
    ({"search__space__lr": {"normal": [1, 2]}}, SpecUnknownKey, "search.space.lr.normal"),
    ({"model": ...}, SpecMissingKey, "model"),
    ({"dataset__cid": ...}, SpecMissingKey, "dataset.cid"),
    ({"search__space__lr": ...}, SpecMissingKey, "search.space.lr"),
    ({"search__trials": ...}, SpecMissingKey, "search.trials"),
    ({"budget__max_spend": ...}, SpecMissingKey, "budget.max_spend"),
    ({"model": "SmolLM2"}, SpecWrongType, "model"),
    ({"model__id": " "}, SpecWrongType, "model.id"),
    ({"model__digest": "0x12"}, SpecWrongType, "model.digest"),
    ({"training__steps": 64.0}, SpecWrongType, "training.steps"),
    ({"training__steps": True}, SpecWrongType, "training.steps"),
    ({"training__steps": "64"}, SpecWrongType, "training.steps"),
    ({"lora__target_modules": "q_proj"}, SpecWrongType, "lora.target_modules"),
    ({"lora__target_modules": []}, SpecWrongType, "lora.target_modules"),
    ({"lora__target_modules": ["a", "a"]}, SpecRepeated, "lora.target_modules"),
    ({"lora__dropout": 0.1}, SpecUnsupported, "lora.dropout"),
    ({"lora__dropout": math.nan}, SpecNotFinite, "lora.dropout"),
    ({"budget__max_spend": "0.05 ETH"}, SpecWrongType, "budget.max_spend"),
    ({"budget__max_spend": 1.5}, SpecWrongType, "budget.max_spend"),
    ({"budget__max_spend": "9" * 5000}, SpecWrongType, "budget.max_spend"),
    ({"budget__max_spend": -1}, SpecOutOfRange, "budget.max_spend"),
    ({"budget__max_spend": "-1"}, SpecOutOfRange, "budget.max_spend"),
    ({"budget__token": "0x12"}, SpecWrongType, "budget.token"),
    ({"budget__verdict_time": 0}, SpecOutOfRange, "budget.verdict_time"),
    ({"budget__verdict_time": 86_401}, SpecOutOfRange, "budget.verdict_time"),
    ({"training__segments": 23}, SpecOutOfRange, "training.segments"),
    ({"training__segments": 1025}, SpecOutOfRange, "training.segments"),
    ({"training__steps": 65}, SpecNotMultiple, "training.steps"),
    ({"training__eval_every": 33}, SpecOutOfRange, "training.eval_every"),
    ({"training__micro_batch": 0}, SpecOutOfRange, "training.micro_batch"),
    ({"training__schedule": "step"}, SpecNotOneOf, "training.schedule"),
    ({"numeric__dtype": "float16"}, SpecNotOneOf, "numeric.dtype"),
    ({"numeric__eval_dtype": "float16"}, SpecNotOneOf, "numeric.eval_dtype"),
    ({"numeric__eval_dtype": "bfloat16"}, SpecNotOneOf, "numeric.eval_dtype"),
    ({"dataset__format": ["text"]}, SpecNotOneOf, "dataset.format"),
    ({"metric": "eval_loss"}, SpecNotOneOf, "metric"),
    ({"requirements__vram_gib": -1}, SpecOutOfRange, "requirements.vram_gib"),
    ({"search__replicas": 257}, SpecOutOfRange, "search.replicas"),
    ({"search__trials": 10_001}, SpecOutOfRange, "search.trials"),
    ({"search__seed": 2**53}, SpecOutOfRange, "search.seed"),
    ({"search__space__lr": math.nan}, SpecNotFinite, "search.space.lr"),
    ({"search__space__lr": 10**400}, SpecOutOfRange, "search.space.lr"),
    ({"search__space__lr": 0}, SpecOutOfRange, "search.space.lr"),
    ({"search__space__lr": 1.5}, SpecOutOfRange, "search.space.lr"),
    ({"search__space__lr": "1e-4"}, SpecWrongType, "search.space.lr"),
    ({"search__space__lr": {}}, SpecWrongType, "search.space.lr"),
    ({"search__space__lr": {"log": [1e-3]}}, SpecWrongType, "search.space.lr.log"),
    ({"search__space__lr": {"log": [1e-3, 1e-5]}}, SpecEmptyRange, "search.space.lr.log"),
    ({"search__space__lr": {"log": [1e-3, 1e-3]}}, SpecEmptyRange, "search.space.lr.log"),
    ({"search__space__lr": {"log": [1e-3, math.inf]}}, SpecNotFinite, "search.space.lr.log[1]"),
    (
        {"search__space__weight_decay": {"log": [0, 0.1]}},
        SpecOutOfRange,
        "search.space.weight_decay.log[0]",
    ),
    ({"search__space__r": 2.5}, SpecWrongType, "search.space.r"),
    ({"search__space__r": 0}, SpecOutOfRange, "search.space.r"),
    ({"search__space__r": {"choice": [4, 512]}}, SpecOutOfRange, "search.space.r.choice[1]"),
    ({"search__space__r": {"choice": [4, 4]}}, SpecRepeated, "search.space.r.choice"),
    ({"search__space__r": {"choice": []}}, SpecWrongType, "search.space.r.choice"),
    ({"search__space__alpha": 0}, SpecOutOfRange, "search.space.alpha"),
    ({"search__space__alpha": -8}, SpecOutOfRange, "search.space.alpha"),
    ({"search__space__warmup_steps": 65}, SpecOutOfRange, "search.space.warmup_steps"),
    (
        {"search__space__warmup_steps": {"choice": [0, 65]}},
        SpecOutOfRange,
        "search.space.warmup_steps",
    ),
    ({"search__method": "tpe"}, SpecNotOneOf, "search.method"),
    ({"search__method": "grid", "search__trials": 5}, SpecGridUneven, "search.trials"),
    (
        {"search__method": "grid", "search__space__lr": {"choice": [1e-4, 1e-3]}},
        SpecGridTooSmall,
        "search.trials",
    ),
]


@pytest.mark.parametrize(("change", "leaf", "path"), WRONG)
def test_a_wrong_document_names_the_place(change, leaf, path):
    with pytest.raises(SpecInvalid) as caught:
        spec(**change)
    assert (type(caught.value), caught.value.path) == (leaf, path)
    assert caught.value.sentence.startswith(f"`{path}`")
    assert caught.value.action.endswith(".")


def places(document, path=()):
    """Yield the path of every value of a document."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 24, 64, 2**53, 10**400])
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=300)
@given(st.sampled_from(list(places(spec().document()))), values)
def test_any_value_anywhere_is_read_or_refused(path, value):
    document = deepcopy(spec().document())
    section = document
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    try:
        read = SweepSpec.from_document(document)
    except SpecInvalid:
        return
    assert SweepSpec.from_document(json.loads(read.canonical())) == read
    assert len(trials(read)) == read.search.trials * read.search.replicas


def test_an_uneven_grid_names_the_sizes_that_fit():
    with pytest.raises(SpecGridUneven) as caught:
        spec(search__method="grid", search__trials=5)
    assert caught.value.fits == (4, 6)


def test_what_is_no_mapping_is_no_sweep():
    with pytest.raises(SpecWrongType):
        SweepSpec.from_document([])  # type: ignore[arg-type]
