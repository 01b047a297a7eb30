from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.ids import address
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.sdk.allocation import PREMIUM_BPS, Offer, allocate

TRIALS = tuple(TrialKey(index, 0) for index in range(12))


def offer(number, price=100, most=16, seconds=10.0):
    who = address(f"0x{number:040x}")
    return Offer(who, f"http://127.0.0.1:{number}", "c", Amount(price), most, seconds, 600)


def counts(slices):
    return {int(part.offer.seller, 16): len(part.trials) for part in slices}


def test_equal_sellers_share_evenly():
    assert counts(allocate(TRIALS, [offer(1), offer(2), offer(3)])) == {1: 4, 2: 4, 3: 4}


def test_a_seller_twice_as_fast_gets_twice_as_much():
    assert counts(allocate(TRIALS, [offer(1), offer(2, seconds=5.0)])) == {1: 4, 2: 8}


def test_a_dear_seller_waits_until_the_cheap_ones_are_full():
    assert counts(allocate(TRIALS, [offer(1, most=12), offer(2, price=200)])) == {1: 12}
    assert counts(allocate(TRIALS, [offer(1, most=5), offer(2, price=200)])) == {1: 5, 2: 7}


def test_a_small_premium_buys_speed():
    within = 100 + PREMIUM_BPS // 100
    assert 2 in counts(allocate(TRIALS, [offer(1), offer(2, price=within, seconds=1.0)]))


def test_what_nobody_has_room_for_is_left_out():
    assert counts(allocate(TRIALS, [offer(1, most=5)])) == {1: 5}
    assert allocate(TRIALS, []) == ()


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 9), st.floats(0.01, 1e4)), max_size=6)
)
def test_no_trial_is_given_twice_and_no_seller_overloaded(told):
    offers = [offer(n + 1, p, m, s) for n, (p, m, s) in enumerate(told)]
    slices = allocate(TRIALS, offers)
    given_out = [key for part in slices for key in part.trials]
    assert len(set(given_out)) == len(given_out) == min(len(TRIALS), sum(m for _, m, _ in told))
    assert all(len(part.trials) <= part.offer.most_trials for part in slices)
