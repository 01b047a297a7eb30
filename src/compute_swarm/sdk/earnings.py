"""What a seller has earned, from the contracts' events."""

from collections.abc import Sequence
from typing import Any

from compute_swarm.chain.events import Event
from compute_swarm.domain.books import Line, books
from compute_swarm.domain.ids import NATIVE, Address
from compute_swarm.domain.status import AwardStatus


def earnings_of(events: Sequence[Event], seller: Address) -> list[dict[str, Any]]:
    """Sum the awards of one seller for each payment token; the coin's sums come first."""
    own = [line for line in books(events).lines if line.seller == seller]
    tokens = dict.fromkeys((NATIVE, *(line.token for line in own)))
    return [_sums(token, [line for line in own if line.token == token]) for token in tokens]


def _sums(token: Address, lines: Sequence[Line]) -> dict[str, Any]:
    open_ = [line for line in lines if not line.status.terminal]
    slashed = [line for line in lines if line.status is AwardStatus.SLASHED]
    return {
        "token": token,
        "awards": len(lines),
        "open": len(open_),
        "paid_wei": str(sum(int(line.paid) for line in lines)),
        "on_the_way_wei": str(sum(int(line.price.times(line.segments)) for line in open_)),
        "lost_wei": str(sum(int(line.bond) for line in slashed)),
    }
