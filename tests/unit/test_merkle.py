import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.ids import keccak
from compute_swarm.domain.merkle import merkle_proof, merkle_root, verify_proof
from examples import digest

sizes = st.integers(1, 40)


def leaves(size):
    return [digest(at) for at in range(size)]


def pair(a, b):
    return keccak(min(a, b) + max(a, b))


def test_a_single_leaf_is_the_root():
    assert merkle_root(leaves(1)) == digest(0)
    assert merkle_proof(leaves(1), 0) == ()


def test_three_leaves_are_laid_out_as_openzeppelin_does():
    a, b, c = leaves(3)
    # Array: root, (b, a), c, b, a; the first two leaves lie deepest.
    assert merkle_root([a, b, c]) == pair(pair(a, b), c)


def test_there_is_no_root_of_nothing():
    with pytest.raises(ValueError, match="leaf"):
        merkle_root([])


@given(sizes, st.data())
def test_every_leaf_is_proved(size, data):
    index = data.draw(st.integers(0, size - 1))
    some = leaves(size)
    assert verify_proof(merkle_root(some), some[index], merkle_proof(some, index))


@given(sizes, st.data())
def test_no_other_leaf_is_proved(size, data):
    index = data.draw(st.integers(0, size - 1))
    some = leaves(size)
    assert not verify_proof(merkle_root(some), digest("other"), merkle_proof(some, index))


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(index):
    with pytest.raises(IndexError):
        merkle_proof(leaves(3), index)
