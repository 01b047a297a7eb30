import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.jsontext import MOST_DEPTH, parse_json
from compute_swarm.errors import DocumentInvalid

texts = st.text(alphabet='[]{}"\\a') | st.text()
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(documents)
def test_a_document_is_read(document):
    assert parse_json(json.dumps(document)) == document
    assert parse_json(json.dumps(document, ensure_ascii=True).encode()) == document


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nan",
        "NaN",
        "[-Infinity]",
        '{"a"}',
        "1 2",
        '"',
        "9" * 5000,
        b"\xff",
        '{"a":"\n"}',
    ],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(DocumentInvalid):
        parse_json(text)


@pytest.mark.parametrize("number", ["Infinity", "1e999", "[-1e400]"])
def test_a_number_beyond_floats_is_refused(number):
    with pytest.raises(DocumentInvalid):
        parse_json(number)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '["]",'])
def test_deep_nesting_is_refused_before_it_can_exhaust_the_stack(opening):
    with pytest.raises(DocumentInvalid, match="levels"):
        parse_json(opening * 200_000)


def test_brackets_in_strings_are_no_nesting():
    assert parse_json(json.dumps("[" * 100 + '\\"' + "{" * 100))


def test_the_deepest_nesting_allowed_is_read():
    assert parse_json("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    with pytest.raises(DocumentInvalid):
        parse_json("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("inside", ["a", '\\"'])
def test_an_unended_string_costs_one_pass(inside):
    with pytest.raises(DocumentInvalid):
        parse_json('"' + inside * 2**20)
