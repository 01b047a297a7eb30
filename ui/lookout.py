"""Looks at one sweep for all browsers together, at most twice a second."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.chain.wallet import Wallet
from compute_swarm.errors import SwarmError
from compute_swarm.sdk.audits import AuditRow
from compute_swarm.sdk.ledger import DisputeRecord
from compute_swarm.sdk.settings import Settings
from compute_swarm.sdk.swarm import AsyncSwarm
from compute_swarm.sdk.sweep import AsyncSweep
from compute_swarm.sdk.view import SweepView

PERIOD_S: Final = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sight:
    """The sweep at one moment, complete: chain, sellers' accounts and the audits so far."""

    view: SweepView
    curves: tuple[Mapping[int, float], ...]  # of the view's rows
    audits: tuple[AuditRow, ...]
    disputes: tuple[DisputeRecord, ...]
    books: Mapping[str, Any]


class Lookout:
    """Connects, attaches and holds the newest sight. The page signs nothing that holds money.

    `start` belongs to the server's start, `stop` to its end.
    """

    def __init__(self, settings: Settings, sweep: str) -> None:
        self._settings = settings
        self._sweep = sweep
        self._task: asyncio.Task[None] | None = None
        self._sight: Sight | None = None

    @property
    def sight(self) -> Sight | None:
        return self._sight

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        wallet = Wallet.from_key(secrets.token_bytes(32))  # of this process alone
        async with await AsyncSwarm.open(self._settings, wallet) as swarm:
            sweep = await swarm.attach(self._sweep)
            while True:
                try:
                    self._sight = await look(sweep)
                except SwarmError as error:
                    log.warning("%s", error)  # the page shows the last sight until it works again
                await asyncio.sleep(PERIOD_S)


async def look(sweep: AsyncSweep) -> Sight:
    """Put together what is known of a sweep now."""
    view = await sweep.view()
    ledger = await sweep.ledger()
    return Sight(
        view=view,
        curves=tuple(sweep.curve(row) for row in view.rows),
        audits=await sweep.audits(),
        disputes=tuple(ledger.disputes.values()),
        books=(await sweep.books()).document(),
    )
