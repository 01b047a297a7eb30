"""What a deployment fixes for ever, as data: delays, seats, bonds and tokens of each profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.domain.ids import NATIVE, Address
from compute_swarm.domain.money import Amount, parse_amount

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Rules:
    """The constants that market and court share, field for field the contracts' `Profile`."""

    draw_delay: int  # blocks
    window_least: int  # seconds, as all below
    window_verdict_bps: int
    verdict_time_least: int
    verdict_time_most: int
    panel_time: int
    grace: int
    least_validators: int
    seats: int
    quorum: int

    def abi(self) -> tuple[int, ...]:
        return (
            *(self.draw_delay, self.window_least, self.window_verdict_bps),
            *(self.verdict_time_least, self.verdict_time_most, self.panel_time, self.grace),
            *(self.least_validators, self.seats, self.quorum),
        )

    def window(self, verdict_time: int) -> int:
        """Seconds from a commit to the first `settle`."""
        return max(self.window_least, verdict_time * self.window_verdict_bps // 10_000)

    def answer_by(self, verdict_time: int) -> int:
        """Seconds from a commit until signed verdicts count only where they are posted."""
        return self.window(verdict_time) + verdict_time


@dataclass(frozen=True, slots=True)
class Listing:
    """A payment token and its amounts, in the token's base units."""

    token: Address
    tip: Amount  # per award, for `commit` and again for `settle`
    panel_floor: Amount
    cap: Amount  # most price of one commit
    least_price: Amount  # per segment

    def abi(self) -> tuple[Any, ...]:
        amounts = (self.tip, self.panel_floor, self.cap, self.least_price)
        return (self.token, *map(int, amounts))


@dataclass(frozen=True, slots=True)
class Profile:
    """All immutables of a deployment."""

    name: str
    rules: Rules
    least_bond: Amount  # a validator's, native coin
    epoch: int  # seconds
    unbonding: int  # seconds
    tokens: tuple[Listing, ...]


DEMO: Final = Profile(
    name="demo",
    rules=Rules(
        draw_delay=2,
        window_least=15,
        window_verdict_bps=0,
        verdict_time_least=120,
        verdict_time_most=120,
        panel_time=120,
        grace=10,
        least_validators=5,
        seats=3,
        quorum=2,
    ),
    least_bond=parse_amount("1 ETH"),
    epoch=5,
    unbonding=30 * MINUTE,
    tokens=(
        Listing(
            token=NATIVE,
            tip=parse_amount("0.0001 ETH"),
            panel_floor=parse_amount("0.001 ETH"),
            cap=parse_amount("0.5 ETH"),  # half of the least bond
            least_price=parse_amount("1 gwei"),
        ),
    ),
)

PRODUCTION: Final = Profile(
    name="production",
    rules=Rules(
        draw_delay=2,
        window_least=2 * HOUR,
        window_verdict_bps=10_000,
        verdict_time_least=HOUR,
        verdict_time_most=24 * HOUR,
        panel_time=24 * HOUR,
        grace=HOUR,
        least_validators=8,
        seats=7,
        quorum=4,
    ),
    least_bond=parse_amount("4 ETH"),
    epoch=HOUR,
    unbonding=14 * DAY,
    tokens=(
        Listing(
            token=NATIVE,
            tip=parse_amount("0.0005 ETH"),
            panel_floor=parse_amount("0.01 ETH"),
            cap=parse_amount("2 ETH"),  # half of the least bond
            least_price=parse_amount("10 gwei"),
        ),
    ),
)

PROFILES: Final[Mapping[str, Profile]] = {profile.name: profile for profile in (DEMO, PRODUCTION)}
