"""The books of a market: each award's money from the events alone, and sums per party.

Every unit that `award` pulled or locked is somewhere: that is `Line.balanced`, checked by
whoever shows the books.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from compute_swarm.domain.bonds import audit_fee
from compute_swarm.domain.events import (
    Awarded,
    Committed,
    DepositHeld,
    DepositLost,
    DepositReturned,
    Disputed,
    DisputeOpened,
    DisputeResolved,
    Docked,
    Event,
    Expired,
    Refunded,
    Restored,
    SessionSpent,
    Settled,
    Slashed,
    SweepOpened,
)
from compute_swarm.domain.ids import Address, AwardId, DisputeId, SweepId
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome

MOST_DUST: Final = 2_048  # of an award: less than a unit for each of its answers


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
    fees: Amount = ZERO  # to judges, and after a slash to the panel and a challenger
    tips: Amount = ZERO  # to the commit's relayer, and to the caller of `settle`
    dust: Amount = ZERO  # of the audit fee, to the caller of `settle`
    docked: Amount = ZERO  # of the bond, for a panel that got what had been withheld
    undivided: Amount = ZERO  # of what was docked, and burned
    released: Amount = ZERO  # of the bond, to the seller
    burned: Amount = ZERO

    @property
    def escrow(self) -> Amount:
        """Still held for this award, the bond aside."""
        gone = self.paid + self.refunded + self.fees + self.tips + self.dust
        bond_gone = self.docked + self.released + self.burned
        return self.cost + self.bond - gone - bond_gone - self.locked

    @property
    def locked(self) -> Amount:
        return ZERO if self.status.terminal else self.bond - self.docked

    @property
    def balanced(self) -> bool:
        """Nothing is left in a closed award, and nothing was paid twice in an open one."""
        if self.status.terminal:
            return self.escrow == 0 and self.fees >= 0 and 0 <= self.dust <= MOST_DUST
        return self.escrow >= 0


@dataclass(frozen=True, slots=True)
class Deposits:
    """One challenger's deposits in one token."""

    held: Amount = ZERO
    returned: Amount = ZERO
    lost: Amount = ZERO  # to panels, and burned
    burned: Amount = ZERO

    @property
    def locked(self) -> Amount:
        return self.held - self.returned - self.lost


@dataclass(frozen=True, slots=True)
class RelayedAward:
    """What whoever sent an award for a buyer's session has earned by it."""

    sweep_id: SweepId
    buyer: Address
    token: Address
    tip: Amount


@dataclass(frozen=True, slots=True)
class PartySums:
    """One address over all lines of a token."""

    spent: Amount = ZERO  # pulled by `award`, its relayers' tips included
    refunded: Amount = ZERO
    earned: Amount = ZERO  # as a seller
    tips: Amount = ZERO  # as the relayer of commits; who called `settle` is not in the events
    locked: Amount = ZERO  # bonds, and deposits of challenges
    lost: Amount = ZERO  # of bonds and deposits


@dataclass(frozen=True, slots=True)
class Books:
    lines: tuple[Line, ...]
    relayed: tuple[RelayedAward, ...] = ()
    deposits: Mapping[tuple[Address, Address], Deposits] = field(default_factory=dict)  # by token

    @property
    def balanced(self) -> bool:
        """Whether all awards and deposits add up."""
        kept = all(deposits.locked >= 0 for deposits in self.deposits.values())
        return kept and all(line.balanced for line in self.lines)

    def total(self, amount: str) -> Amount:
        """Sum of a column, such as `paid` or `escrow`."""
        return Amount(sum(getattr(line, amount) for line in self.lines))

    def of_sweep(self, sweep_id: SweepId) -> "Books":
        """A sweep's lines; a challenger's deposits are not told by sweep."""
        return Books(
            tuple(line for line in self.lines if line.sweep_id == sweep_id),
            tuple(award for award in self.relayed if award.sweep_id == sweep_id),
        )

    def of_token(self, token: Address) -> "Books":
        return Books(
            tuple(line for line in self.lines if line.token == token),
            tuple(award for award in self.relayed if award.token == token),
            {key: deposits for key, deposits in self.deposits.items() if key[0] == token},
        )

    def parties(self) -> Mapping[Address, PartySums]:
        """Sums per address; take the books of one token first."""
        sums: dict[Address, PartySums] = {}
        for line in self.lines:
            _add(sums, line.buyer, PartySums(spent=line.cost, refunded=line.refunded))
            _add(sums, line.seller, _seller_sums(line))
            if line.committed_by is not None and line.tips:
                _add(sums, line.committed_by, PartySums(tips=line.tip))
        for award in self.relayed:
            _add(sums, award.buyer, PartySums(spent=award.tip))
        for (_, account), deposits in self.deposits.items():
            _add(sums, account, PartySums(locked=deposits.locked, lost=deposits.lost))
        return sums


@dataclass(slots=True)
class _Ledger:
    sweeps: dict[SweepId, SweepOpened] = field(default_factory=dict)
    lines: dict[AwardId, Line] = field(default_factory=dict)
    relayed: list[RelayedAward] = field(default_factory=list)
    deposits: dict[tuple[Address, Address], Deposits] = field(default_factory=dict)
    disputes: dict[DisputeId, DisputeOpened] = field(default_factory=dict)
    opened: SweepOpened | None = None  # by the `award` that is being told
    opened_cost: Amount = ZERO  # of its awards so far

    def enter(self, event: Event) -> None:
        match event:
            case SweepOpened():
                self.sweeps.setdefault(event.sweep_id, event)
                self.opened, self.opened_cost = event, ZERO
            case Awarded():
                self.lines[event.award_id] = _awarded(self.sweeps[event.sweep_id], event)
                self.opened_cost += event.cost
            case SessionSpent():
                self._spent(event)
            case Committed():
                for entry in event.entries:
                    line = self.lines[entry.award_id]
                    self.lines[entry.award_id] = _committed(line, event.relayer, entry.done)
            case Disputed() | Restored() | Settled() | Slashed() | Refunded() | Expired():
                self.lines[event.award_id] = _moved(self.lines[event.award_id], event)
            case Docked():
                line = self.lines[event.award_id]
                self.lines[event.award_id] = replace(line, docked=event.amount)
            case DisputeOpened():
                self.disputes[event.dispute_id] = event
            case DisputeResolved():
                self._resolved(event)
            case DepositHeld() | DepositReturned() | DepositLost():
                key = (event.token, event.account)
                self.deposits[key] = _deposited(self.deposits.get(key, Deposits()), event)
            case _:
                pass

    def _spent(self, event: SessionSpent) -> None:
        """The awards of the same call were told just before, and cost all but the tip."""
        if self.opened is not None and event.cost > self.opened_cost:
            sweep = self.opened
            tip = Amount(event.cost - self.opened_cost)
            award = RelayedAward(sweep.sweep_id, sweep.buyer, sweep.terms.token, tip)
            self.relayed.append(award)

    def _resolved(self, event: DisputeResolved) -> None:
        """A bond is docked as a whole; what its panel's seats can't divide is burned."""
        opened = self.disputes.get(event.dispute_id)
        upheld = event.outcome is Outcome.UPHELD
        if opened is None or opened.subject.is_challenge or not (upheld and event.tokens):
            return
        line = self.lines[opened.award_id]
        undivided = line.docked - event.tokens.times(len(event.paid))
        self.lines[opened.award_id] = replace(line, undivided=undivided)


def books(events: Iterable[Event]) -> Books:
    """Keep the books over events in the chain's order."""
    ledger = _Ledger()
    for event in events:
        ledger.enter(event)
    return Books(tuple(ledger.lines.values()), tuple(ledger.relayed), ledger.deposits)


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
    return replace(line, status=AwardStatus.POSTED, done=done, committed_by=relayer)


def _moved(line: Line, event: Disputed | Restored | Settled | Slashed | Refunded | Expired) -> Line:
    match event:
        case Disputed():
            return replace(line, status=AwardStatus.DISPUTED)
        case Restored():
            return replace(line, status=AwardStatus.POSTED)
        case Settled():
            return _settled(line, event)
        case Slashed():
            return _slashed(line, event)
        case Refunded():
            return replace(
                line,
                status=AwardStatus.REFUNDED,
                refunded=line.cost - line.tip - event.fees,
                fees=event.fees,
                tips=line.tip,
                released=line.locked,
            )
        case Expired():
            return replace(
                line, status=AwardStatus.EXPIRED, refunded=line.cost, released=line.locked
            )


def _settled(line: Line, event: Settled) -> Line:
    """What of the cost nobody else got, and is no tip, is the audit fee's dust."""
    tips = line.tip.times(2)
    return replace(
        line,
        status=AwardStatus.SETTLED,
        paid=event.paid,
        refunded=event.refunded,
        fees=event.fees,
        tips=tips,
        dust=line.cost - event.paid - event.refunded - event.fees - tips,
        released=line.locked,
    )


def _slashed(line: Line, event: Slashed) -> Line:
    """What of the bond is neither burned nor the relayer's tip went to panel and judges."""
    return replace(
        line,
        status=AwardStatus.SLASHED,
        refunded=event.refunded,
        fees=event.bond - event.burned - line.tip,
        tips=line.tip,
        burned=event.burned,
    )


def _deposited(deposits: Deposits, event: DepositHeld | DepositReturned | DepositLost) -> Deposits:
    match event:
        case DepositHeld():
            return replace(deposits, held=deposits.held + event.amount)
        case DepositReturned():
            return replace(deposits, returned=deposits.returned + event.amount)
        case DepositLost():
            burned = deposits.burned + event.burned
            return replace(deposits, lost=deposits.lost + event.amount, burned=burned)


def _seller_sums(line: Line) -> PartySums:
    lost = line.bond if line.status is AwardStatus.SLASHED else line.docked
    return PartySums(earned=line.paid, locked=line.locked, lost=lost)


def _add(sums: dict[Address, PartySums], who: Address, more: PartySums) -> None:
    have = sums.get(who, PartySums())
    names = ("spent", "refunded", "earned", "tips", "locked", "lost")
    sums[who] = PartySums(*(getattr(have, n) + getattr(more, n) for n in names))
