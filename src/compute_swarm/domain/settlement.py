"""Who gets what when an award settles; the parts add up to what was pulled, to the unit."""

from collections.abc import Sequence
from dataclasses import dataclass

from compute_swarm.domain.bid import Posted
from compute_swarm.domain.bonds import audit_fee
from compute_swarm.domain.money import ZERO, Amount


@dataclass(frozen=True, slots=True)
class Settlement:
    """An award that was wholly upheld: by its judges, by stand-ins or panels in their place."""

    seller: Amount  # pay, without the bond that comes free
    buyer: Amount  # segments not done and their audit fee, and the fee of what panels judged
    per_answer: Amount  # to whoever gave it
    fees: Amount  # to judges and stand-ins
    dust: Amount  # of the audit fee, to the caller of `settle`
    tip: Amount  # to the relayer of the commit, and to the caller of `settle`, each

    @property
    def total(self) -> Amount:
        return self.seller + self.buyer + self.fees + self.dust + self.tip.times(2)


@dataclass(frozen=True, slots=True)
class Judged:
    """How an award's answers were given, doubled items counted twice."""

    by_judges: int
    by_stand_ins: Sequence[int] = ()  # share by share
    by_panels: int = 0

    @property
    def answers(self) -> int:
        return self.by_judges + sum(self.by_stand_ins) + self.by_panels


def settlement(posted: Posted, judged: Judged, tip: Amount) -> Settlement:
    """Split an award of which `judged` are all answers, its re-score's included."""
    award = posted.award
    pay = award.price.times(posted.done)
    fee = audit_fee(pay)
    per_answer = Amount(fee // judged.answers)
    cleared = per_answer.times(judged.by_panels)
    fees = judges_fees(per_answer, judged)
    return Settlement(
        seller=pay,
        buyer=award.total - pay + audit_fee(award.total) - fee + cleared,
        per_answer=per_answer,
        fees=fees,
        dust=fee - fees - cleared,
        tip=tip,
    )


def judges_fees(per_answer: Amount, judged: Judged) -> Amount:
    """What judges and stand-ins have together; nobody is paid twice for what panels judged."""
    halves = (stand_ins_half(per_answer.times(count)) for count in judged.by_stand_ins)
    return per_answer.times(judged.by_judges) + sum((half.times(2) for half in halves), ZERO)


def stand_ins_half(fee: Amount) -> Amount:
    """What each of two substitutes has of a silent judge's fee in an award."""
    return Amount(fee // 2)
