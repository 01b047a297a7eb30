from dataclasses import replace

from compute_swarm.chain.books import deposits
from compute_swarm.chain.events import Deposited
from compute_swarm.domain.ids import NATIVE
from compute_swarm.domain.money import Amount
from example_sweep import BUYER, opened, place
from examples import account


def test_what_an_award_brings_along_is_a_deposit_of_its_buyer():
    by_hand = Deposited(
        token=NATIVE, account=account("a"), source=BUYER, amount=Amount(5), place=place(1)
    )
    along = replace(opened(), brought=Amount(7))
    found = list(deposits([by_hand, along]))
    assert found == [(NATIVE, account("a"), 5), (along.terms.token, BUYER, 7)]
