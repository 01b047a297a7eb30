"""The books of a market: each award's money from the events alone, and sums per party.

Every unit that `award` pulled or locked is somewhere: that is `Line.balanced`, checked by
whoever shows the books.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from compute_swarm.domain.bid import audit_fee
from compute_swarm.domain.events import (
    Awarded,
    Committed,
    Disputed,
    Event,
    Expired,
    Refunded,
    Restored,
    Settled,
    Slashed,
    SweepOpened,
)
from compute_swarm.domain.ids import Address, AwardId, SweepId
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.status import AwardStatus


@dataclass(frozen=True, slots=True)
class Line:
    """One award: what went in (cost, bond) and where it is."""

    award_id: AwardId
    sweep_id: SweepId
    buyer: Address
    token: Address
    seller: Address
    status: AwardStatus
    trials: int
    segments: int
    price: Amount
    tip: Amount
    cost: Amount  # price, audit fee, two tips
    bond: Amount
    done: int = 0
    committed_by: Address | None = None
    paid: Amount = ZERO  # to the seller
    refunded: Amount = ZERO  # to the buyer
    fees: Amount = ZERO  # to judges, and after a slash to the panel
    tips: Amount = ZERO  # to relayers
    released: Amount = ZERO  # of the bond, to the seller
    burned: Amount = ZERO

    @property
    def escrow(self) -> Amount:
        """Still held for this award, the bond aside."""
        gone = self.paid + self.refunded + self.fees + self.tips + self.burned + self.released
        return self.cost + self.bond - gone - self.locked

    @property
    def locked(self) -> Amount:
        return ZERO if self.status.terminal else self.bond

    @property
    def balanced(self) -> bool:
        """Nothing is left in a closed award, and nothing was paid twice in an open one."""
        return self.escrow == 0 if self.status.terminal else self.escrow >= 0


@dataclass(frozen=True, slots=True)
class PartySums:
    """One address over all lines of a token."""

    spent: Amount = ZERO  # pulled by `award`
    refunded: Amount = ZERO
    earned: Amount = ZERO  # as a seller
    tips: Amount = ZERO  # as the relayer of commits; who called `settle` is not in the events
    locked: Amount = ZERO
    lost: Amount = ZERO  # bonds slashed


@dataclass(frozen=True, slots=True)
class Books:
    lines: tuple[Line, ...]

    @property
    def balanced(self) -> bool:
        return all(line.balanced for line in self.lines)

    def total(self, amount: str) -> Amount:
        """Sum of a column, such as `paid` or `escrow`."""
        return Amount(sum(getattr(line, amount) for line in self.lines))

    def of_sweep(self, sweep_id: SweepId) -> "Books":
        return Books(tuple(line for line in self.lines if line.sweep_id == sweep_id))

    def of_token(self, token: Address) -> "Books":
        return Books(tuple(line for line in self.lines if line.token == token))

    def parties(self) -> Mapping[Address, PartySums]:
        """Sums per address; take the books of one token first."""
        sums: dict[Address, PartySums] = {}
        for line in self.lines:
            _add(sums, line.buyer, PartySums(spent=line.cost, refunded=line.refunded))
            _add(sums, line.seller, _seller_sums(line))
            if line.committed_by is not None:
                _add(sums, line.committed_by, PartySums(tips=line.tip))
        return sums


@dataclass(slots=True)
class _Ledger:
    sweeps: dict[SweepId, SweepOpened] = field(default_factory=dict)
    lines: dict[AwardId, Line] = field(default_factory=dict)

    def enter(self, event: Event) -> None:
        match event:
            case SweepOpened():
                self.sweeps.setdefault(event.sweep_id, event)
            case Awarded():
                self.lines[event.award_id] = _awarded(self.sweeps[event.sweep_id], event)
            case Committed():
                for entry in event.entries:
                    line = self.lines[entry.award_id]
                    self.lines[entry.award_id] = _committed(line, event.relayer, entry.done)
            case Disputed() | Restored() | Settled() | Slashed() | Refunded() | Expired():
                self.lines[event.award_id] = _moved(self.lines[event.award_id], event)
            case _:
                pass


def books(events: Iterable[Event]) -> Books:
    """Keep the books over events in the chain's order."""
    ledger = _Ledger()
    for event in events:
        ledger.enter(event)
    return Books(tuple(ledger.lines.values()))


def _awarded(sweep: SweepOpened, event: Awarded) -> Line:
    total = event.price.times(event.segments)
    return Line(
        award_id=event.award_id,
        sweep_id=event.sweep_id,
        buyer=sweep.buyer,
        token=sweep.terms.token,
        seller=event.seller,
        status=AwardStatus.AWARDED,
        trials=event.trials,
        segments=event.segments,
        price=event.price,
        tip=Amount((event.cost - total - audit_fee(total)) // 2),
        cost=event.cost,
        bond=event.bond,
    )


def _committed(line: Line, relayer: Address, done: int) -> Line:
    return replace(line, status=AwardStatus.POSTED, done=done, committed_by=relayer, tips=line.tip)


def _moved(line: Line, event: Disputed | Restored | Settled | Slashed | Refunded | Expired) -> Line:
    match event:
        case Disputed():
            return replace(line, status=AwardStatus.DISPUTED)
        case Restored():
            return replace(line, status=AwardStatus.POSTED)
        case Settled():
            return replace(
                line,
                status=AwardStatus.SETTLED,
                paid=event.paid,
                refunded=event.refunded,
                fees=event.fees,
                tips=line.tip.times(2),
                released=line.bond,
            )
        case Slashed():
            return _slashed(line, event)
        case Refunded():
            back = line.cost - line.tips
            return replace(line, status=AwardStatus.REFUNDED, refunded=back, released=line.bond)
        case Expired():
            return replace(line, status=AwardStatus.EXPIRED, refunded=line.cost, released=line.bond)


def _slashed(line: Line, event: Slashed) -> Line:
    """What is neither refunded nor burned nor the commit's tip went to panel and judges."""
    fees = line.cost + event.bond - event.refunded - event.burned - line.tip
    return replace(
        line,
        status=AwardStatus.SLASHED,
        refunded=event.refunded,
        fees=fees,
        burned=event.burned,
    )


def _seller_sums(line: Line) -> PartySums:
    lost = line.bond if line.status is AwardStatus.SLASHED else ZERO
    return PartySums(earned=line.paid, locked=line.locked, lost=lost)


def _add(sums: dict[Address, PartySums], who: Address, more: PartySums) -> None:
    have = sums.get(who, PartySums())
    names = ("spent", "refunded", "earned", "tips", "locked", "lost")
    sums[who] = PartySums(*(getattr(have, n) + getattr(more, n) for n in names))
