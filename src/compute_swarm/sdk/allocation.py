"""Which seller trains which trials: a pure function of the offers, so that a quote is repeatable.

Trials of one kind cost the same, so only counts are decided here. Each trial goes to the seller
that would finish it first, among those that ask no more than a little above the cheapest; dearer
sellers come in only once the cheaper ones are full.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import Amount
from compute_swarm.domain.trial import TrialKey

PREMIUM_BPS = 2_500  # what a quicker finish may cost above the cheapest offer


@dataclass(frozen=True, slots=True)
class Offer:
    """What one seller would do for a call: no promise yet, the bid that follows is."""

    seller: Address
    url: str
    class_id: str
    price: Amount  # per segment
    most_trials: int
    seconds_per_trial: float
    deadline_s: int


@dataclass(frozen=True, slots=True)
class Slice:
    """The trials that one seller is asked to sign a bid for."""

    offer: Offer
    trials: tuple[TrialKey, ...]

    @property
    def seconds(self) -> float:
        return len(self.trials) * self.offer.seconds_per_trial


def allocate(trials: Sequence[TrialKey], offers: Sequence[Offer]) -> tuple[Slice, ...]:
    """Deal the trials to the offers; those that nobody has room for are left out."""
    counts = {offer.seller: 0 for offer in offers}
    for _ in trials:
        offer = _next(offers, counts)
        if offer is None:
            break
        counts[offer.seller] += 1
    slices, at = [], 0
    for offer in sorted(offers, key=lambda offer: offer.seller):
        count = counts[offer.seller]
        if count:
            slices.append(Slice(offer, tuple(trials[at : at + count])))
            at += count
    return tuple(slices)


def _next(offers: Sequence[Offer], counts: dict[Address, int]) -> Offer | None:
    free = [offer for offer in offers if counts[offer.seller] < offer.most_trials]
    if not free:
        return None
    limit = min(offer.price for offer in free) * (10_000 + PREMIUM_BPS)
    affordable = [offer for offer in free if offer.price * 10_000 <= limit]
    return min(affordable, key=lambda offer: (_finish(offer, counts), offer.price, offer.seller))


def _finish(offer: Offer, counts: dict[Address, int]) -> float:
    return (counts[offer.seller] + 1) * offer.seconds_per_trial
