"""Whom the chain vouches for. Keys cost nothing; only what is at stake takes up room for long."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.status import DisputeStatus
from compute_swarm.chain.tokens import Token
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import NATIVE, Address, AwardId, DisputeId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session
from compute_swarm.domain.status import AwardStatus

REMEMBERED_SECONDS: Final = 10.0


class Gate(Protocol):
    async def sells(self, who: Address) -> bool:
        """Return whether it could lock the bond of an award, or has one locked."""

    async def judges(self, who: Address) -> bool:
        """Return whether this is a validator with a bond."""

    async def pays(self, sweep: Sweep) -> bool:
        """Return whether the buyer has what a trial of its sweep costs at least."""

    async def awarded(self, award: AwardId) -> bool:
        """Return whether there is or was such an award."""

    async def disputed(self, dispute: DisputeId) -> bool:
        """Return whether there is or was such a dispute."""

    async def spends(self, session: Session) -> bool:
        """Return whether a buyer opened such a session, and it still holds."""


class OpenGate:
    """Lets everybody in: for a board whose participants are known."""

    async def sells(self, who: Address) -> bool:
        return True

    async def judges(self, who: Address) -> bool:
        return True

    async def pays(self, sweep: Sweep) -> bool:
        return True

    async def awarded(self, award: AwardId) -> bool:
        return True

    async def disputed(self, dispute: DisputeId) -> bool:
        return True

    async def spends(self, session: Session) -> bool:
        return True


class ChainGate:
    def __init__(self, contracts: Contracts, clock: Callable[[], float] = time.monotonic) -> None:
        self._contracts = contracts
        self._clock = clock
        self._vouched: dict[tuple[str, Address], float] = {}  # for what, whom: when

    async def sells(self, who: Address) -> bool:
        return await self._vouch("seller", who, self._has_stake)

    async def judges(self, who: Address) -> bool:
        return await self._vouch("judge", who, self._has_bond)

    async def pays(self, sweep: Sweep) -> bool:
        contracts, token = self._contracts, sweep.terms.token
        for listing in contracts.deployment.profile.tokens:
            if listing.token == token:
                price = listing.least_price.times(sweep.terms.segments)
                free = (await contracts.market.account(sweep.buyer, token)).free
                return free + await self._held(sweep.buyer, token) >= award_cost(price, listing.tip)
        return False

    async def awarded(self, award: AwardId) -> bool:
        slot = await self._contracts.market.award_slot(award)
        return slot.status is not AwardStatus.NONE

    async def disputed(self, dispute: DisputeId) -> bool:
        found = await self._contracts.court.dispute(dispute)
        return found.status is not DisputeStatus.NONE

    async def spends(self, session: Session) -> bool:
        return (await self._contracts.sessions.left(session)).usable

    async def _held(self, who: Address, token: Address) -> Amount:
        rpc = self._contracts.rpc
        return await (rpc.balance(who) if token == NATIVE else Token(rpc, token).balance(who))

    async def _has_stake(self, who: Address) -> bool:
        for listing in self._contracts.deployment.profile.tokens:
            account = await self._contracts.market.account(who, listing.token)
            # A bond is two panels' fees and more, whatever the award.
            if account.locked or account.free >= listing.panel_floor.times(2):
                return True
        return False

    async def _has_bond(self, who: Address) -> bool:
        # One that is leaving may still have a share to judge.
        found = await self._contracts.validators.validator(who)
        return found.bond + found.unbonding > 0

    async def _vouch(
        self, what: str, who: Address, ask: Callable[[Address], Awaitable[bool]]
    ) -> bool:
        """Ask the chain, unless it has said yes a moment ago."""
        known = self._vouched.pop((what, who), None)
        now = self._clock()
        if known is None or now - known >= REMEMBERED_SECONDS:
            if not await ask(who):
                return False
            known = now
        self._vouched[what, who] = known
        return True
