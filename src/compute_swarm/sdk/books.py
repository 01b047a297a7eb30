"""Where a sweep's money is, to the wei."""

from dataclasses import dataclass
from typing import Any

from compute_swarm.domain.books import Books
from compute_swarm.domain.money import ETHER, ZERO, Amount, Coin


@dataclass(frozen=True, slots=True)
class SweepBooks:
    """The awards' lines and their sums, from the contracts' events."""

    books: Books
    coin: Coin = ETHER

    @property
    def difference(self) -> Amount:
        """What closed awards do not account for; anything but 0 is a fault of the contracts."""
        closed = [line for line in self.books.lines if line.status.terminal]
        return Books(tuple(closed)).total("escrow")

    @property
    def held(self) -> Amount:
        """Price, fees, tips and bonds of the awards that are still open."""
        open_ = Books(tuple(line for line in self.books.lines if not line.status.terminal))
        return open_.total("escrow") + open_.total("locked")

    def document(self) -> dict[str, Any]:
        total = self.books.total
        relayed = sum((award.tip for award in self.books.relayed), ZERO)  # of sessions' awards
        amounts = {
            "entered": total("cost") + total("bond") + relayed,
            "sellers": total("paid") + total("released"),
            "buyers": total("refunded"),
            "validators": total("fees") + total("docked") - total("undivided"),
            "tips": total("tips") + total("dust") + relayed,
            "burned": total("burned") + total("undivided"),
            "held": self.held,
            "difference": self.difference,
        }
        return {f"{name}_wei": str(int(amount)) for name, amount in amounts.items()}

    def __str__(self) -> str:
        rows = self.document().items()
        return "\n".join(
            f"{name.removesuffix('_wei'):12}{self.coin.text(int(wei)):>30}" for name, wei in rows
        )
