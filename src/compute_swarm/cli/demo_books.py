"""The demo's books: every wei that entered the contracts, found again by reading balances.

Two accounts are kept apart and have to agree. One is read from the coins themselves: what each
party's balance gained, with its gas and what it paid in added back. The other is what the
contracts say of themselves, their events.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compute_swarm.chain.books import BURNED, deposits
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.events import Bonded, Claimed, Event, Fined, Withdrawn
from compute_swarm.chain.rpc import Rpc
from compute_swarm.domain.books import books
from compute_swarm.domain.ids import Address, address
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.errors import DemoFailed


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who; the buyer's and sellers' addresses never overlap with validators'."""

    sellers: tuple[Address, ...]
    buyers: tuple[Address, ...]
    validators: tuple[Address, ...]
    relayers: tuple[Address, ...]

    @property
    def all(self) -> tuple[Address, ...]:
        return (*self.sellers, *self.buyers, *self.validators, *self.relayers)


@dataclass(slots=True)
class _Paid:
    gas: dict[Address, int] = field(default_factory=dict)
    value: dict[Address, int] = field(default_factory=dict)
    brought: int = 0  # into the contracts


@dataclass(frozen=True, slots=True)
class DemoBooks:
    """Where the money is, in wei."""

    entered: Amount
    sellers: Amount
    buyers: Amount
    validators: Amount
    tips: Amount
    burned: Amount
    held: Amount

    @property
    def difference(self) -> int:
        outs = (self.sellers, self.buyers, self.validators, self.tips, self.burned, self.held)
        return int(self.entered) - sum(map(int, outs))

    def document(self) -> dict[str, Any]:
        names = ("entered", "sellers", "buyers", "validators", "tips", "burned", "held")
        amounts = {f"{name}_wei": int(getattr(self, name)) for name in names}
        return amounts | {"difference_wei": self.difference}


async def read_books(
    contracts: Contracts, parties: Parties, first_block: int, events: Sequence[Event]
) -> DemoBooks:
    """Read the balances from `first_block`, before any money moved, to now."""
    rpc = contracts.rpc
    last = (await rpc.head()).number
    paid = await _paid(rpc, first_block + 1, last, set(contracts.deployment.contracts.values()))
    received = {
        who: await rpc.balance(who, last)
        - await rpc.balance(who, first_block)
        + Amount(paid.gas.get(who, 0) + paid.value.get(who, 0))
        for who in parties.all
    }
    balances = [await rpc.balance(where, last) for where in contracts.deployment.contracts.values()]
    # Its key is nobody's.
    burned = (await contracts.market.account(BURNED)).free
    burned += (await contracts.validators.validator(BURNED)).credit
    found = DemoBooks(
        entered=Amount(paid.brought),
        sellers=_sum(received, parties.sellers),
        buyers=_sum(received, parties.buyers),
        validators=_sum(received, parties.validators),
        tips=_sum(received, parties.relayers),
        burned=burned,
        held=sum(balances, ZERO) - burned,
    )
    _check_received(received, events)
    _check_roles(found, parties, events)
    return found


def _sum(received: Mapping[Address, Amount], who: Iterable[Address]) -> Amount:
    return sum((received[one] for one in who), ZERO)


async def _paid(rpc: Rpc, first: int, last: int, contracts: set[Address]) -> _Paid:
    """What each account spent on gas and sent along, block by block."""
    paid = _Paid()
    for number in range(first, last + 1):
        block = await rpc.request("eth_getBlockByNumber", [hex(number), True])
        values = {tx["hash"]: int(tx["value"], 16) for tx in block["transactions"]}
        if not values:
            continue
        for receipt in await rpc.request("eth_getBlockReceipts", [hex(number)]):
            sender = address(receipt["from"])
            gas = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
            paid.gas[sender] = paid.gas.get(sender, 0) + gas
            if int(receipt["status"], 16):
                value = values[receipt["transactionHash"]]
                paid.value[sender] = paid.value.get(sender, 0) + value
                if receipt["to"] and address(receipt["to"]) in contracts:
                    paid.brought += value
    return paid


def _check_received(received: Mapping[Address, Amount], events: Sequence[Event]) -> None:
    """What left the contracts by their events is what each balance gained."""
    told: dict[Address, int] = {}
    for event in events:
        if isinstance(event, Withdrawn | Claimed):
            told[event.to] = told.get(event.to, 0) + int(event.amount)
    for who, amount in received.items():
        if told.get(who, 0) != amount:
            raise DemoFailed(f"{who} received {int(amount)} wei", f"events say {told.get(who, 0)}")


def _check_roles(found: DemoBooks, parties: Parties, events: Sequence[Event]) -> None:
    """Hold each role's sum against the awards' events; all money has been taken out by now."""
    kept = books(events)
    if not kept.balanced:
        raise DemoFailed("an award's events do not add up")
    names = ("cost", "paid", "refunded", "fees", "tips", "dust", "docked", "undivided", "burned")
    total = {name: int(kept.total(name)) for name in names}
    lost = sum(int(line.bond - line.released) for line in kept.lines)
    bonded = sum(int(event.amount) for event in events if isinstance(event, Bonded))
    fined = sum(int(event.burned) for event in events if isinstance(event, Fined))
    judged = total["fees"] + total["docked"] - total["undivided"] - fined
    # Who relays is nobody's office, so tips are counted with the sellers' money.
    earned = _deposited(events, (*parties.sellers, *parties.relayers)) - lost + total["paid"]
    expected = {
        "sellers and tips": (
            found.sellers + found.tips,
            earned + total["tips"] + total["dust"],
        ),
        "buyers": (
            found.buyers,
            _deposited(events, parties.buyers) - total["cost"] + total["refunded"],
        ),
        "validators": (found.validators, bonded + judged),
        "burned": (found.burned, total["burned"] + total["undivided"] + fined),
        "held": (found.held, 0),
        "difference": (found.difference, 0),
    }
    for name, (have, want) in expected.items():
        if have != want:
            raise DemoFailed(f"{name}: the balances say {int(have)} wei", f"the events {want}")


def _deposited(events: Iterable[Event], who: Sequence[Address]) -> int:
    return sum(int(amount) for _, account, amount in deposits(events) if account in who)
