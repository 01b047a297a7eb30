"""Who judges: seats weighted by bond, drawn with replacement from those who may."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.draw import Tag, draw
from compute_swarm.domain.ids import Address, Digest
from compute_swarm.errors import TooFewValidators

JUDGE: Final = 0  # the seat of a share's judge
SUBSTITUTES: Final = range(1, 7)  # the seats after it, two a turn


@dataclass(frozen=True, slots=True)
class ValidatorEntry:
    """A validator in the set of an epoch."""

    validator: Address
    vram_gib: int
    bond: int  # wei


def eligible(
    entries: Iterable[ValidatorEntry], parties: Collection[Address], tier: int
) -> tuple[ValidatorEntry, ...]:
    """Those whose VRAM covers the tier and who are no party, in the set's order."""
    return tuple(e for e in entries if e.vram_gib >= tier and e.validator not in parties)


def seat(seed: Digest, tag: Tag, a: int, number: int, entries: Sequence[ValidatorEntry]) -> Address:
    """One draw weighted by bond, with replacement, from entries that are eligible."""
    total = sum(entry.bond for entry in entries)
    if total == 0:
        raise TooFewValidators(1, 0)
    x = draw(seed, tag, a.to_bytes(32, "big"), number) % total
    running = 0
    for entry in entries:
        running += entry.bond
        if running > x:
            return entry.validator
    raise AssertionError("x is below the total")


def judges(
    seed: Digest,
    entries: Iterable[ValidatorEntry],
    parties: Collection[Address],
    tier: int,
    shares: int,
) -> tuple[Address, ...]:
    """The judge of each share."""
    able = eligible(entries, parties, tier)
    return tuple(seat(seed, Tag.JUDGE, share, JUDGE, able) for share in range(shares))


def substitutes(
    seed: Digest,
    entries: Iterable[ValidatorEntry],
    parties: Collection[Address],
    judge: Address,
    tier: int,
    share: int,
) -> tuple[Address, ...]:
    """Who takes a silent judge's place, seat by seat; one may hold several."""
    able = eligible(entries, {*parties, judge}, tier)
    return tuple(seat(seed, Tag.JUDGE, share, number, able) for number in SUBSTITUTES)


def panel(
    seed: Digest,
    entries: Iterable[ValidatorEntry],
    parties: Collection[Address],
    accuser: Address,
    tier: int,
    seats: int,
) -> tuple[Address, ...]:
    """A validator for each seat of a dispute's panel; one may hold several."""
    able = eligible(entries, {*parties, accuser}, tier)
    return tuple(seat(seed, Tag.PANEL, 0, number, able) for number in range(seats))
