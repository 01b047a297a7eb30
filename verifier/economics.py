"""Whether cheating pays: expected values in exact rationals, in units of p, S segments' price.

A seller hands in an award and has forged some of it: `spread` says how many segments of each block.
What it forged cost it nothing; the rest cost its price, which is the most that it may cost. Then it
is paid, or slashed, or (no panel decides) neither. Left out is what only hurts it: the doubled
audits, the re-score, the fines of its judges, and that a panel which falls over a substitute's word
leaves two others to be found.

**The worst spread.** A block's one draw hits with probability forged / S. So the chance of being
paid, and that of not being slashed, are affine in each block's count while the others stay as they
are, and so is the value. What is affine in each variable is an average of its values at the corners
of the box, the spreads that forge each block whole or not at all, weighted as independent draws
would weight them. One of these forges nothing and is worth 0. If all others are worth less than 0,
so is every spread but the honest one; and as gain and loss are the same average, no spread needs a
greater bond than some corner. Of the corners only `corners` matter: once a block that is forged
whole is sure to be hit, its share's other blocks can be forged at no further risk.

**The worst cartel** is the greatest: let each seat have a number drawn from 0 to 1, and collude
where it is below x. A greater x turns honest seats and no others, and none of them hurts the seller
by that. The same holds for silencing a judge, and where panels of several shares fall together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache, cached_property
from itertools import product
from math import comb, prod
from typing import Final

from compute_swarm.domain.audit import MOST_SHARES
from compute_swarm.domain.bonds import audit_fee, bond, deposit, panel_fee, sellers_part
from compute_swarm.domain.dispute import challengers_part, refuter_penalty, withholder_penalty
from compute_swarm.domain.money import Amount

SEATS: Final = 7
QUORUM: Final = 4
ROUNDS: Final = 3  # panels of one dispute
PAIRS: Final = 3  # of substitutes
TIPS: Final = Fraction(2, 7)  # of a panel's fee: more than the two of an award never are

TRUST: Final = Fraction(3, 10)  # most of the stake that may collude
NONE: Final = Fraction(0)
ALL: Final = Fraction(1)

_UNIT: Final = 600  # base units a segment's price, so that nothing of it has to be rounded
_PAR: Final = (Amount(2), Amount(1))  # least bond and cap by which a unit is worth a coin


class Panels(Enum):
    """What panels of several shares' disputes about one award have to do with each other."""

    EACH = "each dispute has its own"  # as the court has it
    FIRST = "the first one decides"  # a bound: the other judges never get theirs


# --- what is handed in -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """Segments done of one award, all that was awarded: more awarded is a greater bond only.

    Trials and rungs alike are laid end to end and cut into blocks of S, and there are at least
    as many trials as blocks: the blocks are dealt to three shares, or to one each.
    """

    done: int
    segments: int = 32  # S
    floor: Fraction = NONE  # least fee of a panel
    seats: int = SEATS  # of a panel

    @property
    def blocks(self) -> tuple[int, ...]:
        whole, rest = divmod(self.done, self.segments)
        return (self.segments,) * whole + ((rest,) if rest else ())

    @property
    def shares(self) -> int:
        return min(MOST_SHARES, -(-self.done // self.segments))

    @property
    def price(self) -> Fraction:
        return self.of(self._total)

    @property
    def panel_fee(self) -> Fraction:
        return self.of(self._fee)

    @property
    def bond(self) -> Fraction:
        return self.of(self.locked)

    @property
    def locked(self) -> Amount:
        """The bond in base units."""
        return bond(Amount(_UNIT), self.done, self.segments, self._fee)

    @property
    def deposit(self) -> Fraction:
        """Of a challenge."""
        return self.of(deposit(self._total, self._fee))

    @property
    def challengers_part(self) -> Fraction:
        """What a true challenge has of the bond."""
        return self.of(challengers_part(deposit(self._total, self._fee)))

    @property
    def refuters_fine(self) -> Fraction:
        return self.of(refuter_penalty(self._total, self._fee, *_PAR).amount)

    @property
    def withholders_fine(self) -> Fraction:
        """Of a judge that could not get what a panel got."""
        return self.of(withholder_penalty(self._total, self._fee, *_PAR).amount)

    @property
    def half_panel(self) -> Fraction:
        """Of that fine, and of what the seller pays beside it, to the panel's majority."""
        return self.of(withholder_penalty(self._total, self._fee, *_PAR).panel)

    @property
    def sellers_part(self) -> Fraction:
        """What the seller pays beside it, once."""
        return self.of(sellers_part(self._total, self._fee))

    @property
    def judges_fee(self) -> Fraction:
        """A third of the audit fee."""
        return self.of(audit_fee(self._total)) / MOST_SHARES

    @property
    def back(self) -> Fraction:
        """What a buyer has back of a slashed award: price, audit fee and tips."""
        return self.price + self.of(audit_fee(self._total)) + TIPS * self.panel_fee

    def of(self, amount: Amount) -> Fraction:
        return Fraction(amount, _UNIT * self.segments)

    @property
    def _total(self) -> Amount:
        return Amount(_UNIT * self.done)

    @property
    def _fee(self) -> Amount:
        return panel_fee(Amount(_UNIT), self.seats, Amount(self.floor * _UNIT * self.segments))


# --- seats -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Panel:
    """How a dispute ends: it falls to the cartel, lapses, or is decided by the honest."""

    falls: Fraction
    lapses: Fraction
    part: Fraction  # the cartel's of an honest panel's fee: its seats join the majority

    @property
    def holds(self) -> Fraction:
        return 1 - self.falls - self.lapses


@dataclass(frozen=True, slots=True)
class Odds:
    """What protects a seller whose share has a forged item drawn."""

    upheld: Fraction  # by the share's judge, or by two substitutes in its place
    panel: Panel

    @property
    def paid(self) -> Fraction:
        return self.upheld + (1 - self.upheld) * self.panel.falls

    @property
    def unslashed(self) -> Fraction:
        return self.paid + (1 - self.upheld) * self.panel.lapses


@cache
def panel(
    colluding: Fraction, attending: Fraction = ALL, *, seats: int = SEATS, quorum: int = QUORUM
) -> Panel:
    """Seven seats, four votes, drawn at most three times; of the honest only some attend."""
    honest = (1 - colluding) * attending
    falls = holds = shared = NONE
    for c, h in product(range(seats + 1), repeat=2):
        if c + h > seats:
            continue
        absent = seats - c - h
        ways = comb(seats, c) * comb(seats - c, h)
        chance = ways * colluding**c * honest**h * (1 - colluding - honest) ** absent
        if c >= quorum:
            falls += chance
        elif h >= quorum:
            holds += chance
            shared += chance * Fraction(c, c + h)
    again = 1 - falls - holds
    return Panel(falls * sum(again**i for i in range(ROUNDS)), again**ROUNDS, shared / holds)


def against(
    judge: Fraction, beside: Fraction, *, silenced: bool = True, attending: Fraction = ALL
) -> Odds:
    """The odds where the seat of a judge colludes with one chance, those beside it with another.

    A silenced judge's first pair of substitutes decides: both collude, or an honest one refutes.
    """
    passed = beside**2 * silenced
    return Odds(judge + (1 - judge) * passed, panel(beside, attending))


@cache
def substituted(x: Fraction, attending: Fraction = ALL, *, enough: int = 1) -> Fraction:
    """The chance that a silenced judge's substitutes uphold what is forged.

    Of each pair who colludes speaks first, and two of them close the share; else an honest one
    that attends refutes. So many of them are enough where all turns are over: one, by the rule.
    """
    honest = (1 - x) * attending
    seat = ((1, 0, x), (0, 1, honest), (0, 0, 1 - x - honest))

    def closes(pair: int, upheld: int) -> Fraction:
        if pair == PAIRS:
            return ALL if upheld >= enough else NONE
        total = NONE
        for (a, b, one), (c, d, other) in product(seat, repeat=2):
            if upheld + a + c >= 2:
                total += one * other
            elif not b + d:
                total += one * other * closes(pair + 1, upheld + a + c)
        return total

    return closes(0, 0)


def stake(x: Fraction, *, silenced: bool = True, attending: Fraction = ALL) -> Odds:
    """Part x of the stake, in so many hands that leaving out one changes nothing."""
    return against(x, x, silenced=silenced, attending=attending)


def among(colluding: int, validators: int, *, silenced: bool = True) -> Odds:
    """So many of equal validators; substitutes and panels are drawn without the judge."""
    return against(
        Fraction(colluding, validators), Fraction(colluding, validators - 1), silenced=silenced
    )


def beside_whale(x: Fraction, whale: Fraction) -> Odds:
    """One honest validator has much of the stake: where it is left out the cartel is greater."""
    dust, apart = against(NONE, x), against(NONE, x / (1 - whale))
    honest = 1 - x
    upheld = x + whale * apart.upheld + (honest - whale) * dust.upheld
    parts = [(whale, apart), (honest - whale, dust)]
    falls = sum(weight * (1 - odds.upheld) * odds.panel.falls for weight, odds in parts)
    return Odds(upheld, Panel(falls / (1 - upheld), NONE, apart.panel.part))


# --- a seller's spreads ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Corner:
    """A spread that forges each block whole or not at all."""

    forged: int  # segments
    sure: int  # shares that are certain to have a forged item
    chance: int = 0  # in S, that one more has: the partial block alone is forged in it


def corners(shape: Shape) -> Iterator[Corner]:
    """Every corner but the honest one, without those that leave out what is free to forge."""
    whole, rest = divmod(shape.done, shape.segments)
    shares = shape.shares
    for chosen in product((False, True), repeat=shares):
        sizes = [len(range(share, whole, shares)) for share in range(shares) if chosen[share]]
        if 0 in sizes:
            continue
        forged, sure = sum(sizes) * shape.segments, sum(chosen)
        if rest and chosen[whole % shares]:
            forged += rest
        elif rest:
            yield Corner(forged + rest, sure, rest)
        if forged:
            yield Corner(forged, sure)


@dataclass(frozen=True, slots=True)
class Fate:
    """The chances of a forged award; what is missing is a refund, price and bond back."""

    paid: Fraction
    slashed: Fraction


def fate(missed: Sequence[Fraction], odds: Odds, panels: Panels = Panels.EACH) -> Fate:
    """What becomes of an award of which each share has no forged item with some chance."""
    if panels is Panels.EACH:
        paid = prod((m + (1 - m) * odds.paid for m in missed), start=ALL)
        return Fate(paid, 1 - prod((m + (1 - m) * odds.unslashed for m in missed), start=ALL))
    quiet = prod((m + (1 - m) * odds.upheld for m in missed), start=ALL)
    paid = quiet + (1 - quiet) * odds.panel.falls
    return Fate(paid, (1 - quiet) * odds.panel.holds)


def misses(shape: Shape, spread: Sequence[int]) -> list[Fraction]:
    """The chance of each share that no draw hits what is forged in its blocks."""
    S = shape.segments
    return [
        prod((Fraction(S - forged, S) for forged in spread[share :: shape.shares]), start=ALL)
        for share in range(shape.shares)
    ]


def value(
    shape: Shape, spread: Sequence[int], odds: Odds, panels: Panels = Panels.EACH
) -> Fraction:
    """A seller's expected value of any spread, against 0 of honest work at its price."""
    ends = fate(misses(shape, spread), odds, panels)
    cost = Fraction(shape.done - sum(spread), shape.segments)
    return ends.paid * shape.price - ends.slashed * shape.bond - cost


@dataclass(frozen=True, slots=True)
class Case:
    """A corner of a shape, and what it is worth."""

    shape: Shape
    corner: Corner
    fate: Fate

    @property
    def forged(self) -> Fraction:
        return Fraction(self.corner.forged, self.shape.segments)

    @property
    def gain(self) -> Fraction:
        """Without any bond."""
        return self.forged - (1 - self.fate.paid) * self.shape.price

    @property
    def value(self) -> Fraction:
        return self.gain - self.fate.slashed * self.shape.bond

    @property
    def need(self) -> Fraction:
        """The bond at which the cheat is worth nothing."""
        return self.gain / self.fate.slashed

    @property
    def margin(self) -> Fraction:
        """What each p of forged work loses."""
        return -self.value / self.forged


@dataclass(frozen=True)
class Table:
    """The cases of a length of trial against a cartel, whose fates are few and kept."""

    segments: int
    odds: Odds
    panels: Panels = Panels.EACH

    def cases(self, shape: Shape) -> Iterator[Case]:
        for corner in corners(shape):
            yield Case(shape, corner, self._fates[corner.sure, corner.chance])

    def neediest(self, shape: Shape) -> Case:
        return max(self.cases(shape), key=lambda case: case.need)

    def pays(self, shapes: Iterable[Shape]) -> Iterator[Case]:
        """Every case that is not worth less than nothing at the contract's bond."""
        for shape in shapes:
            price, bond_ = _UNIT * shape.done, shape.locked
            for corner in corners(shape):
                paid, slashed, of = self._weights[corner.sure, corner.chance]
                gain = _UNIT * (corner.forged - shape.done) * of + paid * price
                if gain >= slashed * bond_:
                    yield Case(shape, corner, self._fates[corner.sure, corner.chance])

    @cached_property
    def _fates(self) -> dict[tuple[int, int], Fate]:
        return {
            (sure, chance): fate(
                [NONE] * sure + [Fraction(self.segments - chance, self.segments)],
                self.odds,
                self.panels,
            )
            for sure in range(MOST_SHARES + 1)
            for chance in range(self.segments)
        }

    @cached_property
    def _weights(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """The fates over common denominators: half a million cases take integers."""
        weights = {}
        for key, ends in self._fates.items():
            of = ends.paid.denominator * ends.slashed.denominator
            weights[key] = (int(ends.paid * of), int(ends.slashed * of), of)
        return weights


def shapes(most_trials: int, segments: int = 32) -> Iterator[Shape]:
    """Every number of segments from one to so many complete trials."""
    return (Shape(done, segments) for done in range(1, most_trials * segments + 1))


def deep(
    most_trials: int = 1023,
    lengths: Iterable[int] = (24, 32, 48, 64, 128),
    stakes: Iterable[Fraction] = (NONE, TRUST / 3, 2 * TRUST / 3, TRUST),
) -> Iterator[Case]:
    """Every case that pays, of whatever a commit may hold; there should be none."""
    for segments, x, silenced, panels in product(lengths, stakes, (True, False), Panels):
        table = Table(segments, stake(x, silenced=silenced), panels)
        yield from table.pays(shapes(most_trials, segments))


# --- the whole cartel's purse ----------------------------------------------------------------


def purse(case: Case, odds: Odds, locked: Amount | None = None) -> Fraction:
    """An upper bound for seller and validators with one purse, where each dispute has its panel.

    Beside the seller's value they have the fee of panels that they hold (the overturned judge
    pays), their seats' part of one that they lose, or a challenger's part of the bond for
    challenging the seller themselves before the judge does; they know their chances when they
    choose.
    """
    shape, corner = case.shape, case.corner
    locked = shape.locked if locked is None else locked
    bond_, fee = shape.of(locked), shape.panel_fee
    falls, part = odds.panel.falls, odds.panel.part
    burned = bond_ - shape.challengers_part
    given_up = (falls + (1 - falls) * part) * fee - burned
    hit = [ALL] * corner.sure + [Fraction(corner.chance, shape.segments)]
    total = case.forged - shape.price
    for disputed in product((False, True), repeat=len(hit)):
        chances = [h * (1 - odds.upheld) for h in hit]
        chance = prod(
            (c if d else 1 - c for c, d in zip(chances, disputed, strict=True)), start=ALL
        )
        n = sum(disputed)
        all_fall = falls**n
        fought = all_fall * shape.price - (1 - all_fall) * (bond_ - part * fee)
        total += chance * (n * falls * fee + (max(fought, given_up) if n else fought))
    return total


def purse_need(case: Case, odds: Odds) -> Fraction:
    """The bond at which a whole cartel's purse is empty, to a base unit above."""
    low, high = 0, 2 * case.shape.locked
    while low < high:
        middle = (low + high) // 2
        if purse(case, odds, Amount(middle)) >= 0:
            low = middle + 1
        else:
            high = middle
    return case.shape.of(Amount(low))
