"""What a deployment fixes for ever, as data: times, seats, bonds, entropy and tokens.

The numbers of money follow one reasoning, each profile with its own prices:

- *least bond*: what a validator has at stake; as many as must be eligible have to raise it.
- *cap*: worth half of it, so that a wrong judge's fine, half of an award's price, is a quarter of
  its bond at most, and four can be paid.
- *tip*: the gas of one award within a `commit` or a `settle`, 100,000 at a price of gas that the
  chain seldom exceeds; paid twice.
- *panel floor*: an hour of a rented GPU for each seat, so that the panel of the cheapest sweep is
  still worth coming to. A seller's bond is twice that at least, a challenge costs it at least.
- *least price*: half a minute of one CPU core; a smaller segment would not be worth its audit.
  Eight per cent of a trial pay one to two segments' price for each segment that is replayed.
- *demand deposit*: the gas of the answer, 200,000, which it pays.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self, get_type_hints

from compute_swarm.chain.artefacts import BEACON, RANDOMNESS
from compute_swarm.domain.ids import NATIVE, Address, address
from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.errors import DocumentInvalid

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

SEPOLIA_CHAIN: Final = 11_155_111
BASE_SEPOLIA_CHAIN: Final = 84_532


@dataclass(frozen=True, slots=True)
class Rules:
    """The constants that the contracts share, in the order of their `Profile`."""

    window_least: int  # seconds, as all times below
    window_verdict_bps: int
    verdict_time_least: int
    verdict_time_most: int
    judge_time: int  # of a summoned judge
    panel_time: int  # of each panel, of three at most
    demand_time: int
    grace: int
    least_validators: int
    seats: int
    quorum: int

    def abi(self) -> tuple[int, ...]:
        return (
            *(self.window_least, self.window_verdict_bps),
            *(self.verdict_time_least, self.verdict_time_most),
            *(self.judge_time, self.panel_time, self.demand_time, self.grace),
            *(self.least_validators, self.seats, self.quorum),
        )

    def window(self, verdict_time: int) -> int:
        """Seconds from a commit to the first `settle`."""
        return max(self.window_least, verdict_time * self.window_verdict_bps // 10_000)

    def summonable(self, verdict_time: int) -> int:
        """Seconds from a commit until a silent judge may be summoned."""
        return max(self.window(verdict_time), verdict_time)

    def longest(self, verdict_time: int) -> int:
        """Seconds from a commit's draw to the last fine, where every call comes in time.

        A judge that is summoned and stays silent, three pairs of substitutes, three panels, and a
        demand made at the last moment.
        """
        judged = self.summonable(verdict_time) + self.judge_time + 3 * verdict_time
        return judged + 3 * self.panel_time + 2 * self.demand_time


@dataclass(frozen=True, slots=True)
class Entropy:
    """Where seeds come from: the contract, and how far it looks ahead of a moment."""

    contract: str
    delay: int  # blocks of the chain, or seconds before a round of drand


@dataclass(frozen=True, slots=True)
class Listing:
    """A payment token and its amounts, in the token's base units."""

    token: Address
    cap: Amount  # most price of one commit
    panel_floor: Amount
    tip: Amount  # per award, for `commit` and again for `settle`
    least_price: Amount  # per segment

    def abi(self) -> tuple[Any, ...]:
        return (self.token, tuple(map(int, self.terms)))

    @property
    def terms(self) -> tuple[Amount, ...]:
        """The amounts in the order of the contracts' `TokenTerms`."""
        return (self.cap, self.panel_floor, self.tip, self.least_price)


@dataclass(frozen=True, slots=True)
class Profile:
    """All that a deployment's constructors are told, beside each other's addresses."""

    name: str
    rules: Rules
    entropy: Entropy
    least_bond: Amount  # a validator's, native coin
    epoch: int  # seconds
    unbonding: int  # seconds
    demand_deposit: Amount  # native coin
    tokens: tuple[Listing, ...]  # the one used most first: its terms cost no gas to read
    chain_id: int = 0  # the only chain that it is meant for; 0 for any

    def document(self) -> dict[str, Any]:
        """As JSON, amounts as decimal strings."""
        return dict(_plain(asdict(self)))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a profile, refusing what is missing or unknown."""
        try:
            return cls(
                **_ints(cls, document, besides=("name", "rules", "entropy", "tokens")),
                name=str(document["name"]),
                rules=Rules(**_ints(Rules, document["rules"])),
                entropy=Entropy(
                    **_ints(Entropy, document["entropy"], besides=("contract",)),
                    contract=str(document["entropy"]["contract"]),
                ),
                tokens=tuple(map(_listing, document["tokens"])),
            )
        except (KeyError, TypeError, ValueError):
            raise DocumentInvalid("parameters", "those of a profile") from None


def _listing(document: Mapping[str, Any]) -> Listing:
    amounts = _ints(Listing, document, besides=("token",))
    return Listing(token=address(document["token"]), **amounts)


def _ints(kind: type, document: Mapping[str, Any], besides: tuple[str, ...] = ()) -> dict[str, Any]:
    """The numbers of a document that must have a dataclass's fields and no others."""
    known = get_type_hints(kind)
    if set(document) != set(known):
        raise KeyError(kind.__name__)
    return {name: of(document[name]) for name, of in known.items() if name not in besides}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(int(value)) if isinstance(value, Amount) else value


def _coin(*, cap: str, floor: str, tip: str, least: str) -> Listing:
    """The native coin's terms."""
    return Listing(NATIVE, *map(parse_amount, (cap, floor, tip, least)))


DEMO: Final = Profile(
    name="demo",
    rules=Rules(
        window_least=15,
        window_verdict_bps=0,
        verdict_time_least=120,
        verdict_time_most=120,
        judge_time=60,
        panel_time=120,
        demand_time=60,
        grace=10,
        least_validators=5,
        seats=3,
        quorum=2,
    ),
    entropy=Entropy(RANDOMNESS, delay=2),
    least_bond=parse_amount("1 ETH"),
    epoch=5,
    unbonding=30 * MINUTE,
    demand_deposit=parse_amount("0.001 ETH"),
    tokens=(_coin(cap="0.5 ETH", floor="0.001 ETH", tip="0.0001 ETH", least="1 gwei"),),
)

# Coins of worth on Ethereum, at some 2,500 dollars: gas at 5 gwei, a GPU hour for 2.50.
PRODUCTION: Final = Profile(
    name="production",
    rules=Rules(
        window_least=2 * HOUR,
        window_verdict_bps=10_000,
        verdict_time_least=HOUR,
        verdict_time_most=24 * HOUR,
        judge_time=HOUR,
        panel_time=24 * HOUR,
        demand_time=24 * HOUR,
        grace=HOUR,
        least_validators=8,
        seats=7,
        quorum=4,
    ),
    # A block producer would have to hold back five slots in a row to know the round.
    entropy=Entropy(BEACON, delay=MINUTE),
    least_bond=parse_amount("4 ETH"),
    epoch=HOUR,
    unbonding=14 * DAY,
    demand_deposit=parse_amount("0.001 ETH"),
    tokens=(_coin(cap="2 ETH", floor="0.007 ETH", tip="0.0005 ETH", least="100 gwei"),),
)

# The same rules where coins come from faucets: bonds that eight people can collect, gas at 2 gwei.
SEPOLIA: Final = replace(
    PRODUCTION,
    name="sepolia",
    entropy=Entropy(RANDOMNESS, delay=2),
    least_bond=parse_amount("0.2 ETH"),
    demand_deposit=parse_amount("0.0004 ETH"),
    tokens=(_coin(cap="0.1 ETH", floor="0.0014 ETH", tip="0.0002 ETH", least="10 gwei"),),
    chain_id=SEPOLIA_CHAIN,
)

# Its blocks come every two seconds, so 8,191 hashes last four and a half hours: a verdict time of
# two leaves as much again to pin a seed. Gas at 0.1 gwei, what the data costs included.
BASE_SEPOLIA: Final = replace(
    SEPOLIA,
    name="base-sepolia",
    rules=replace(SEPOLIA.rules, verdict_time_most=2 * HOUR),
    least_bond=parse_amount("0.1 ETH"),
    demand_deposit=parse_amount("0.00002 ETH"),
    tokens=(_coin(cap="0.05 ETH", floor="0.0007 ETH", tip="0.00001 ETH", least="10 gwei"),),
    chain_id=BASE_SEPOLIA_CHAIN,
)

PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile for profile in (DEMO, PRODUCTION, SEPOLIA, BASE_SEPOLIA)
}
