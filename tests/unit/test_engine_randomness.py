import numpy as np

from compute_swarm.engine.randomness import Stream, permutation, uniform, words

SEED = bytes(range(32))
PINNED = ["8820dafefabb549b", "f6cc1766f709b52d"]


def test_words_are_pinned() -> None:
    # Would these change, no state of an older engine could be replayed.
    assert [f"{word:016x}" for word in words(SEED, Stream.WEIGHTS, 0, 2)] == PINNED


def test_streams_and_indices_differ() -> None:
    draws = {tuple(words(SEED, stream, i, 3)) for stream in Stream for i in range(4)}
    assert len(draws) == 8


def test_only_the_first_half_of_the_seed_counts() -> None:
    other = SEED[:16] + bytes(16)
    assert np.array_equal(words(SEED, Stream.ORDER, 1, 4), words(other, Stream.ORDER, 1, 4))


def test_weights_fill_their_range() -> None:
    drawn = uniform(SEED, 0, (50, 200), 0.25)
    assert drawn.dtype == np.float32
    assert -0.25 <= drawn.min() < -0.24
    assert 0.24 < drawn.max() < 0.25
    assert abs(float(drawn.mean())) < 0.01


def test_every_epoch_has_an_order_of_its_own() -> None:
    first, second = permutation(SEED, 0, 40), permutation(SEED, 1, 40)
    assert sorted(first) == sorted(second) == list(range(40))
    assert list(first) != list(second)
