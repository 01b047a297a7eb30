"""The books of a deployment: what came in, what went out, what is held; to the last wei.

Everything is read at one block. Two sums have to come out as nothing: what the events say came in,
less what left, less what the contract holds; and what it holds, less what it owes to anyone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor import history
from compute_swarm.chain.events import (
    Awarded,
    Bonded,
    Claimed,
    Committed,
    Contradicted,
    CreditWithdrawn,
    Demanded,
    Deposited,
    DisputeResolved,
    Event,
    Overturned,
    SessionSpent,
    Settled,
    SweepOpened,
    Withdrawn,
)
from compute_swarm.chain.rpc import Rpc
from compute_swarm.domain.books import Books, books
from compute_swarm.domain.ids import NATIVE, Address, address, hex32
from compute_swarm.domain.money import ZERO, Amount

BURNED: Final = address("0x000000000000000000000000000000000000dEaD")
_BALANCE_OF: Final = bytes.fromhex("70a08231")  # balanceOf(address)


@dataclass(frozen=True, slots=True)
class Pot:
    """One contract's money in one token."""

    contract: str
    token: Address
    entered: Amount
    left: Amount
    held: Amount
    owed: Amount  # to accounts, bonds and open awards

    @property
    def difference(self) -> Amount:
        """What came in and is neither out nor there; nothing, if the books are right."""
        return self.entered - self.left - self.held

    @property
    def unowned(self) -> Amount:
        """What is there and belongs to nobody; nothing, if the books are right."""
        return self.held - self.owed


@dataclass(frozen=True, slots=True)
class ChainBooks:
    """The pots of a deployment, and the awards' own lines."""

    block_number: int
    pots: tuple[Pot, ...]
    awards: Books

    @property
    def difference(self) -> Amount:
        """The sum of all that is off, in either sense."""
        return Amount(sum(abs(pot.difference) + abs(pot.unowned) for pot in self.pots))

    @property
    def balanced(self) -> bool:
        return self.difference == 0 and self.awards.balanced


async def read_books(contracts: Contracts) -> ChainBooks:
    """Read all events and balances as they are at the newest block."""
    deployment, rpc = contracts.deployment, contracts.rpc
    head = await rpc.head()
    addresses = tuple(deployment.contracts.values())
    events = await history(rpc, addresses, deployment.block, head.number)
    awards = books(events)
    pots = [
        await _market_pot(contracts, token, events, awards, head.number)
        for token in deployment.tokens
    ]
    pots.append(await _validators_pot(contracts, events, head.number))
    pots.append(await _oversight_pot(contracts, events, head.number))
    return ChainBooks(head.number, tuple(pots), awards)


def deposits(events: Iterable[Event]) -> Iterator[tuple[Address, Address, Amount]]:
    """Token, account and amount of each deposit; an `award` tells its own with the sweep."""
    for event in events:
        match event:
            case Deposited():
                yield event.token, event.account, event.amount
            case SweepOpened():
                yield event.terms.token, event.buyer, event.brought


async def _market_pot(
    contracts: Contracts, token: Address, events: Sequence[Event], awards: Books, block: int
) -> Pot:
    market = contracts.market
    # The tips of `settle` and of sessions' awards are the sender's, whom no event names.
    senders = await _senders(contracts.rpc, events, (Settled, SessionSpent))
    people = senders.union(*map(_named, events)) | {BURNED}
    accounts = [await market.account(who, token, block) for who in sorted(people)]
    owed = sum(account.free + account.locked for account in accounts)
    return Pot(
        contract="SweepMarket",
        token=token,
        entered=_sum(amount for of, _, amount in deposits(events) if of == token),
        left=_sum(e.amount for e in events if isinstance(e, Withdrawn) and e.token == token),
        held=await _balance(contracts.rpc, token, market.address, block),
        owed=awards.of_token(token).total("escrow") + owed,
    )


async def _validators_pot(contracts: Contracts, events: Sequence[Event], block: int) -> Pot:
    validators = contracts.validators
    # A tenth of a forfeited bond, or of a fine, goes to whoever showed the fault.
    reporters = await _senders(contracts.rpc, events, (Demanded, Contradicted, Overturned))
    people = reporters | {e.validator for e in events if isinstance(e, Bonded)} | {BURNED}
    kept = [await validators.validator(who, block) for who in sorted(people)]
    return Pot(
        contract="ValidatorSet",
        token=NATIVE,
        entered=_sum(e.amount for e in events if isinstance(e, Bonded)),
        left=_sum(e.amount for e in events if isinstance(e, Claimed)),
        held=await contracts.rpc.balance(validators.address, block),
        owed=_sum(one.bond + one.unbonding + one.credit for one in kept),
    )


async def _oversight_pot(contracts: Contracts, events: Sequence[Event], block: int) -> Pot:
    """Each demand's deposit stays until whoever has it in the end withdraws it."""
    oversight = contracts.oversight
    demands = [event for event in events if isinstance(event, Demanded)]
    entered = (await oversight.deposit()).times(len(demands))
    left = _sum(e.amount for e in events if isinstance(e, CreditWithdrawn))
    return Pot(
        contract="Oversight",
        token=NATIVE,
        entered=entered,
        left=left,
        held=await contracts.rpc.balance(oversight.address, block),
        owed=await _demands_owed(contracts, demands, block),
    )


async def _demands_owed(contracts: Contracts, demands: Sequence[Demanded], block: int) -> Amount:
    oversight = contracts.oversight
    senders = await _senders(contracts.rpc, demands, (Demanded,))
    people = senders | {demand.judge for demand in demands}
    credits_ = _sum([await oversight.credit(who, block) for who in sorted(people)])
    made = [await oversight.demand_of(demand.demand_id, block) for demand in demands]
    still_open = sum(not demand.closed for demand in made)
    return credits_ + (await oversight.deposit()).times(still_open)


async def _senders(
    rpc: Rpc, events: Sequence[Event], kinds: tuple[type[Event], ...]
) -> set[Address]:
    """Who sent the transactions that told such events."""
    transactions = {e.place.transaction for e in events if isinstance(e, kinds)}
    sent = [await rpc.request("eth_getTransactionByHash", [hex32(one)]) for one in transactions]
    return {address(transaction["from"]) for transaction in sent}


def _named(event: Event) -> tuple[Address, ...]:
    """Whom of those who can have money in the market an event names."""
    match event:
        case Deposited(account=who) | Bonded(validator=who) | SweepOpened(buyer=who):
            return (who,)
        case Awarded(seller=who) | Committed(relayer=who):
            return (who,)
        case DisputeResolved(paid=seats):
            return seats
        case _:
            return ()


async def _balance(rpc: Rpc, token: Address, holder: Address, block: int) -> Amount:
    if token == NATIVE:
        return await rpc.balance(holder, block)
    asked = _BALANCE_OF + bytes.fromhex(holder[2:]).rjust(32, b"\0")
    return Amount(int.from_bytes(await rpc.call(token, asked, block=block), "big"))


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, ZERO)
