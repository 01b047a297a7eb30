import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.verdict import Answer, Outcome, pack_answers, unpack_answers
from compute_swarm.errors import AnswersInvalid

answers = st.lists(st.builds(Answer, st.sampled_from(Outcome), st.booleans()), max_size=40)


@given(answers)
def test_packed_answers_unpack(some):
    assert unpack_answers(pack_answers(some), len(some)) == tuple(some)


def test_the_first_answer_is_in_the_high_nibble():
    some = [(Outcome.UPHELD, True), (Outcome.NAMED, False), (Outcome.REFUTED, True)]
    assert pack_answers([Answer(*pair) for pair in some]).hex() == "5360"


@pytest.mark.parametrize("count", [1, 2, 3, 200])
def test_one_byte_says_that_all_is_upheld_as_compared_exactly(count):
    whole = (Answer(Outcome.UPHELD, exact=True),) * count
    assert pack_answers(whole).hex() == "ff"
    assert unpack_answers(b"\xff", count) == whole
    by_tolerance = (*whole[1:], Answer(Outcome.UPHELD, exact=False))
    assert len(pack_answers(by_tolerance)) == (count + 1) // 2


@pytest.mark.parametrize(
    ("data", "count"),
    [
        *(("51", 1), ("90", 1), ("19", 2), ("10", 0), ("", 1), ("1010", 2), ("1111", 5)),
        *(("ff", 0), ("ffff", 4), ("50", 1), ("55", 2), ("5550", 3)),
    ],
)
def test_answers_that_do_not_fit_are_refused(data, count):
    with pytest.raises(AnswersInvalid):
        unpack_answers(bytes.fromhex(data), count)


@given(st.binary(max_size=8), st.integers(0, 17))
def test_only_packed_answers_unpack(data, count):
    try:
        found = unpack_answers(data, count)
    except AnswersInvalid:
        return
    assert pack_answers(found) == data


def test_two_outcomes_refute():
    assert [outcome.refutes for outcome in Outcome] == [False, False, True, True]
