"""Who gets what when an award settles; the parts add up to what was pulled, to the unit."""

from dataclasses import dataclass

from compute_swarm.domain.bid import Award, Posted, audit_fee
from compute_swarm.domain.money import Amount


@dataclass(frozen=True, slots=True)
class Settlement:
    """An award that was wholly upheld."""

    seller: Amount  # pay, without the bond that comes free
    buyer: Amount  # segments not done, fee not due, dust
    per_item: Amount  # for each item to its judge
    items: int
    tip: Amount  # for `commit` and for `settle`, each

    @property
    def fees(self) -> Amount:
        return self.per_item.times(self.items)

    @property
    def total(self) -> Amount:
        return self.seller + self.buyer + self.fees + self.tip.times(2)


def settlement(posted: Posted, items: int, tip: Amount) -> Settlement:
    """`items` are the award's, its re-score included."""
    award = posted.award
    pay = award.price.times(posted.done)
    per_item = Amount(audit_fee(pay) // items)
    fee_left = audit_fee(award.total) - per_item.times(items)
    return Settlement(pay, award.total - pay + fee_left, per_item, items, tip)


def judge_fine(least_bond: Amount, award: Award, cap: Amount, *, withheld: bool = False) -> Amount:
    """What a judge overturned by a panel loses of its validator bond, in the native coin.

    Half where it called the item unavailable: the seller may have kept it waiting.
    """
    fine = least_bond * award.total // (4 * cap)
    return Amount(fine // 2 if withheld else fine)
