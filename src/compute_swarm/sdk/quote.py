"""What a sweep would cost, when it would be done, and who is left out by which limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from compute_swarm.domain.audit import MOST_ITEMS
from compute_swarm.domain.bid import Leg, Rung, TokenTerms
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import ETHER, ZERO, Amount, Coin
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.sdk.allocation import Offer, Slice, allocate
from compute_swarm.sdk.allowance import Allowance


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A seller that will not get trials, and the limit that says so."""

    seller: Address
    limit: str


@dataclass(frozen=True, slots=True)
class Quote:
    """An answer to the call of one round. Nothing in it is signed."""

    round: int
    rung: Rung
    slices: tuple[Slice, ...]
    left_over: tuple[TrialKey, ...]  # trials that no seller has room for
    cost: Amount  # price, audit fees and tips, as `award` would pull it
    low: Amount  # the whole sweep at the cheapest offer's price
    high: Amount  # and at the dearest's
    seconds: float  # until the slowest seller is done training
    audit_seconds: int  # from the last result to the money
    matching: int
    excluded: tuple[Exclusion, ...]
    validators: int  # eligible for this sweep
    most: Amount  # the buyer's limit
    coin: Coin = ETHER

    @property
    def affordable(self) -> bool:
        return self.cost <= self.most

    def document(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "from_segment": self.rung.first,
            "to_segment": self.rung.end,
            "cost_wei": str(int(self.cost)),
            "low_wei": str(int(self.low)),
            "high_wei": str(int(self.high)),
            "max_spend_wei": str(int(self.most)),
            "seconds": round(self.seconds, 1),
            "audit_seconds": self.audit_seconds,
            "matching_sellers": self.matching,
            "eligible_validators": self.validators,
            "left_over": [str(key) for key in self.left_over],
            "sellers": [_slice_document(part) for part in self.slices],
            "excluded": [{"seller": e.seller, "limit": e.limit} for e in self.excluded],
        }

    def __str__(self) -> str:
        lines = [
            f"{self.coin.text(self.cost)} for the sweep "
            f"({self.coin.text(self.low)} to {self.coin.text(self.high)} by seller; "
            f"at most {self.coin.text(self.most)})",
            f"about {_duration(self.seconds)} of training, then {_duration(self.audit_seconds)} "
            "until it is audited and paid",
            f"{self.matching} sellers match, {self.validators} validators may judge",
            *(f"  {part.offer.seller}: {len(part.trials)} trials" for part in self.slices),
            *(f"  not {one.seller}: {one.limit}" for one in self.excluded),
            "What is not delivered or not upheld is refunded in full.",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Market:
    """What the chain says that a quote depends on."""

    terms: TokenTerms
    validators: int
    audit_seconds: int  # window of the sweep's verdict time
    coin: Coin = ETHER
    allowance: Allowance | None = None  # whose limits hold, where a session's key asks


def price_range(
    segments: int, awards: int, offers: Sequence[Offer], tip: Amount
) -> tuple[Amount, Amount]:
    """The cost of these segments at the cheapest and at the dearest of the offers."""
    tips = tip.times(2 * (awards - 1))  # each further award pays for its own commit and settle
    totals = [award_cost(offer.price.times(segments), tip) + tips for offer in offers]
    return (min(totals), max(totals)) if totals else (ZERO, ZERO)


def make_quote(
    leg: Leg,
    round_: int,
    answers: tuple[Sequence[Offer], Sequence[Exclusion]],
    market: Market,
    most: Amount,
) -> Quote:
    """Allocate the trials and add up; pure, so that the same offers give the same quote."""
    offers, excluded = answers
    trials, rung = leg.trials, leg.rung
    slices = allocate(trials, offers)
    given = sum(len(part.trials) for part in slices)
    segments = len(trials) * rung.segments
    low, high = price_range(segments, max(len(slices), 1), offers, market.terms.tip)
    return Quote(
        round=round_,
        rung=rung,
        slices=slices,
        left_over=tuple(trials[given:]),
        cost=slices_cost(rung, slices, market.terms.tip),
        low=low,
        high=high,
        seconds=max((part.seconds for part in slices), default=0.0),
        audit_seconds=market.audit_seconds,
        matching=len(offers),
        excluded=tuple(excluded),
        validators=market.validators,
        most=most,
        coin=market.coin,
    )


def slices_cost(rung: Rung, slices: Iterable[Slice], tip: Amount) -> Amount:
    """What `award` pulls for these slices, one award each."""
    counts = ((s.offer.price, len(s.trials) * rung.segments) for s in slices)
    return sum((award_cost(price.times(count), tip) for price, count in counts), ZERO)


def sift(
    offers: Iterable[Offer],
    asked: tuple[SweepSpec, Rung],
    market: Market,
    refused: Iterable[Address],
) -> tuple[list[Offer], list[Exclusion]]:
    """Split offers into usable ones and excluded ones, each with the limit that excludes it."""
    usable: list[Offer] = []
    excluded: list[Exclusion] = []
    barred = set(refused)
    for offer in offers:
        limit = _limit(offer, asked, market, barred)
        if limit is None:
            most = min(offer.most_trials, _most_trials(offer, asked, market.terms))
            usable.append(replace(offer, most_trials=most))
        else:
            excluded.append(Exclusion(offer.seller, limit))
    return usable, excluded


def _limit(
    offer: Offer, asked: tuple[SweepSpec, Rung], market: Market, barred: set[Address]
) -> str | None:
    (spec, rung), terms, coin = asked, market.terms, market.coin
    if offer.seller in barred:
        return "an award of this sweep to it failed"
    outside = market.allowance and market.allowance.excludes(offer.seller, offer.price)
    if outside:
        return outside
    if offer.price < max(terms.least_price, 1):
        return f"its price is below the least one, {coin.text(terms.least_price)}"
    one_trial = award_cost(offer.price.times(rung.segments), terms.tip)
    if one_trial > spec.budget.max_spend:
        return f"one trial costs {coin.text(one_trial)}, above max_spend"
    if offer.seconds_per_trial > spec.budget.deadline_s:
        return f"a trial takes it {_duration(offer.seconds_per_trial)}, past the deadline"
    if offer.most_trials < 1:
        return "it is busy"
    if _most_trials(offer, asked, terms) < 1:
        return f"one trial is more than an award may cost, {coin.text(terms.cap)}"
    return None


def _most_trials(offer: Offer, asked: tuple[SweepSpec, Rung], terms: TokenTerms) -> int:
    """Return how many trials one award holds; the contract passes over a bid for more."""
    spec, rung = asked
    by_price = terms.cap // offer.price.times(rung.segments)
    return min(by_price, (MOST_ITEMS - 1) * spec.training.segments // rung.segments)


def _slice_document(part: Slice) -> dict[str, Any]:
    return {
        "seller": part.offer.seller,
        "trials": [str(key) for key in part.trials],
        "price_wei": str(int(part.offer.price)),
        "seconds": round(part.seconds, 1),
        "class_id": part.offer.class_id,
    }


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"
