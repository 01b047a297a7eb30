"""Whom the chain vouches for. Keys cost nothing; only what is at stake takes up room for long."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from compute_swarm.chain.contracts import Contracts
from compute_swarm.domain.ids import Address, AwardId
from compute_swarm.domain.session import Session
from compute_swarm.domain.status import AwardStatus

REMEMBERED_SECONDS: Final = 10.0


class Gate(Protocol):
    async def sells(self, who: Address) -> bool:
        """Return whether it could lock the bond of an award, or has one locked."""

    async def judges(self, who: Address) -> bool:
        """Return whether this is a validator with a bond."""

    async def awarded(self, award: AwardId) -> bool:
        """Return whether there is or was such an award."""

    async def spends(self, session: Session) -> bool:
        """Return whether a buyer opened such a session, and it still holds."""


class OpenGate:
    """Lets everybody in: for a board whose participants are known."""

    async def sells(self, who: Address) -> bool:
        return True

    async def judges(self, who: Address) -> bool:
        return True

    async def awarded(self, award: AwardId) -> bool:
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

    async def awarded(self, award: AwardId) -> bool:
        slot = await self._contracts.market.award_slot(award)
        return slot.status is not AwardStatus.NONE

    async def spends(self, session: Session) -> bool:
        return (await self._contracts.sessions.left(session)).usable

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
