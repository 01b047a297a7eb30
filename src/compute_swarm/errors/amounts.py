"""Amounts as refusals tell them: coin in ETH, a token's in its base units and by its address."""

from decimal import Decimal
from typing import Final

_NATIVE: Final = "0x" + 40 * "0"


def ether(wei: int) -> str:
    return f"{Decimal(wei).scaleb(-18).normalize():f} ETH"


def amount_of(units: int, token: str) -> str:
    return ether(units) if token == _NATIVE else f"{units} base units of {token}"


def in_unit(units: int, symbol: str) -> str:
    return ether(units) if symbol == "wei" else f"{units} {symbol}"
