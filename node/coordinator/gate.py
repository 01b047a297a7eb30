"""Whom the chain vouches for. Without it, made-up keys could fill the board's limits."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from compute_swarm.chain.contracts import Contracts
from compute_swarm.domain.ids import Address, AwardId
from compute_swarm.domain.session import Session
from compute_swarm.domain.status import AwardStatus

REMEMBERED_SECONDS: Final = 10.0


class Gate(Protocol):
    async def judges(self, who: Address) -> bool:
        """Return whether this is a validator with a bond."""

    async def awarded(self, award: AwardId) -> bool:
        """Return whether there is or was such an award."""

    async def spends(self, session: Session) -> bool:
        """Return whether a buyer opened such a session, and it still holds."""


class OpenGate:
    """Lets everybody in: for a board whose participants are known."""

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
        self._bonded_at: dict[Address, float] = {}

    async def judges(self, who: Address) -> bool:
        # One that is leaving may still have a share to judge.
        known = self._bonded_at.get(who)
        if known is not None and self._clock() - known < REMEMBERED_SECONDS:
            return True
        found = await self._contracts.validators.validator(who)
        if found.bond + found.unbonding == 0:
            return False
        self._bonded_at[who] = self._clock()
        return True

    async def awarded(self, award: AwardId) -> bool:
        slot = await self._contracts.market.award_slot(award)
        return slot.status is not AwardStatus.NONE

    async def spends(self, session: Session) -> bool:
        return (await self._contracts.sessions.left(session)).usable
