from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.bid import award_cost
from compute_swarm.domain.money import Amount
from compute_swarm.domain.settlement import judge_fine, settlement
from examples import posted

amounts = st.integers(0, 2**80).map(Amount)


@given(amounts, amounts, st.integers(1, 640), st.integers(1, 100))
def test_every_unit_pulled_goes_somewhere(price, tip, done, items):
    some = posted("a", done, 20, price)
    closed = settlement(some, items, tip)
    assert closed.total == award_cost(some.award.total, tip)
    assert min(closed.seller, closed.buyer, closed.per_item) >= 0


def test_a_seller_is_paid_for_what_it_did():
    closed = settlement(posted("a", 16, 1, price=1000), 2, Amount(5))
    assert (closed.seller, closed.per_item, closed.fees) == (16_000, 640, 1280)
    assert closed.buyer == 16_000 + 1280


def test_dust_goes_to_the_buyer():
    closed = settlement(posted("a", 32, 1, price=1), 2, Amount(0))
    assert (closed.per_item, closed.fees, closed.buyer) == (1, 2, 1)


def test_a_wrong_judge_loses_in_proportion_to_the_award():
    award = replace(posted("a", 32, 1).award, price=Amount(100))
    assert judge_fine(Amount(1000), award, cap=Amount(6400)) == 125
    assert judge_fine(Amount(1000), award, cap=Amount(6400), withheld=True) == 62
