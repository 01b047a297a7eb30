from hypothesis import given
from hypothesis import strategies as st

from compute_swarm.domain.bonds import audit_fee, award_cost
from compute_swarm.domain.money import Amount
from compute_swarm.domain.settlement import Judged, settlement, stand_ins_half
from examples import posted

amounts = st.integers(0, 2**80).map(Amount)
judged = st.builds(
    Judged,
    st.integers(1, 300),
    st.lists(st.integers(1, 300), max_size=2),
    st.integers(0, 300),
)


@given(amounts, amounts, st.integers(1, 640), judged)
def test_every_unit_pulled_goes_somewhere(price, tip, done, some):
    award = posted("a", done, 20, price)
    closed = settlement(award, some, tip)
    assert closed.total == award_cost(award.award.total, tip)
    assert min(closed.seller, closed.buyer, closed.per_answer, closed.fees) >= 0
    assert 0 <= closed.dust < some.answers + 2


def test_a_seller_is_paid_for_what_it_did():
    closed = settlement(posted("a", 16, 1, price=1000), Judged(2), Amount(5))
    assert (closed.seller, closed.per_answer, closed.fees) == (16_000, 640, 1280)
    assert closed.buyer == 16_000 + 1280


def test_a_whole_award_gives_nothing_back_to_its_buyer():
    closed = settlement(posted("a", 32, 1, price=1), Judged(2), Amount(0))
    assert (closed.per_answer, closed.fees, closed.dust, closed.buyer) == (1, 2, 1, 0)


def test_the_fee_of_what_a_panel_judged_goes_back_to_the_buyer():
    closed = settlement(posted("a", 32, 1, price=1000), Judged(3, by_panels=2), Amount(0))
    assert audit_fee(Amount(32_000)) == 2_560
    assert (closed.per_answer, closed.fees, closed.buyer) == (512, 1_536, 1_024)


def test_two_stand_ins_split_the_fee_of_their_judge():
    closed = settlement(posted("a", 32, 1, price=10), Judged(2, [3]), Amount(0))
    assert (closed.per_answer, closed.fees, closed.dust) == (5, 10 + 2 * 7, 2)
    assert stand_ins_half(Amount(15)) == 7
