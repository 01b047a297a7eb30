"""Money: integers of base units with their own type; the name says who a rounding favours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from compute_swarm.errors import PriceInvalid

BPS: Final = 10_000
UNITS: Final[Mapping[str, int]] = {"ETH": 18, "gwei": 9, "wei": 0}

_AMOUNT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z][A-Za-z0-9.]*)\s*", re.ASCII)


class Amount(int):
    """Base units of a token (wei of ETH)."""

    __slots__ = ()

    def __add__(self, other: int, /) -> "Amount":
        return Amount(int(self) + other)

    def __radd__(self, other: int, /) -> "Amount":
        return Amount(int(self) + other)

    def __sub__(self, other: int, /) -> "Amount":
        return Amount(int(self) - other)

    def times(self, count: int) -> "Amount":
        return Amount(int(self) * count)

    def mul_bps_up(self, bps: int) -> "Amount":
        return Amount(-(-int(self) * bps // BPS))

    def mul_bps_down(self, bps: int) -> "Amount":
        return Amount(int(self) * bps // BPS)


ZERO: Final = Amount(0)


def parse_amount(text: str, units: Mapping[str, int] = UNITS) -> Amount:
    """Return `0.05 ETH` in base units; more digits than the unit has are refused, not rounded."""
    match = _AMOUNT.fullmatch(text)
    decimals = _decimals(match[2], units) if match else None
    if match is None or decimals is None:
        raise PriceInvalid(text, tuple(units))
    with localcontext() as context:
        context.prec = len(text) + decimals + 1
        scaled = Decimal(match[1]).scaleb(decimals)
        if scaled != scaled.to_integral_value() or scaled >= 2**128:
            raise PriceInvalid(text, tuple(units))
        return Amount(int(scaled))


def format_amount(amount: int, symbol: str = "ETH", decimals: int = 18) -> str:
    """Return the exact amount without trailing zeros, such as `0.05 ETH`."""
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{sign}{whole}{'.' + fraction if fraction else ''} {symbol}"


@dataclass(frozen=True, slots=True)
class Coin:
    """A payment token as people write its amounts."""

    symbol: str
    decimals: int

    def parse(self, text: str) -> Amount:
        units = UNITS if self == ETHER else {self.symbol: self.decimals}
        return parse_amount(text, units)

    def text(self, amount: int) -> str:
        return format_amount(amount, self.symbol, self.decimals)


ETHER: Final = Coin("ETH", 18)


def _decimals(symbol: str, units: Mapping[str, int]) -> int | None:
    known = {name.lower(): decimals for name, decimals in units.items()}
    return known.get(symbol.lower())
