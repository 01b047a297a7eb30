"""What draws hang on, kept from being lost: block hashes are pinned, drand's rounds are brought.

Anybody may do it, and whose money waits for a draw has a reason to: where a seed is lost, all of it
goes back.
"""

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from compute_swarm.chain.artefacts import BEACON
from compute_swarm.chain.beacon import CHAIN_HASH, begins, prove, round_after
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.rpc import Block
from compute_swarm.chain.transactions import Call
from compute_swarm.domain.jsontext import parse_json
from compute_swarm.errors import BadInput, ChainRefused

log = logging.getLogger(__name__)

ENDPOINTS: Final = ("https://api.drand.sh", "https://drand.cloudflare.com")
PIN_BLOCKS: Final = 4_096  # half of the block hashes that a chain keeps: the relayer's time
LATE_PIN_BLOCKS: Final = 6_144  # and when others no longer wait for it
PUBLISHED_S: Final = 2  # after a round begins
ANSWER_S: Final = 10.0  # of all endpoints, asked at once
AGAIN_S: Final = 5.0  # before the endpoints are asked for the same round once more
MOST_BYTES: Final = 4_096
UNREADABLE: Final = (BadInput, LookupError, TypeError, ValueError)  # what an answer may turn out


@dataclass(frozen=True, slots=True)
class Moment:
    """A block and its time, whose entropy a draw waits for."""

    block_number: int
    time: int


@dataclass(frozen=True, slots=True)
class Beacon:
    """Rounds of drand as its endpoints publish them; the contract says whether they are true."""

    endpoints: Sequence[str] = ENDPOINTS
    answer_s: float = ANSWER_S

    async def signatures(self, number: int) -> list[bytes]:
        """Return what the endpoints say of a round, each answer once."""
        # Inflated, a small answer may be a huge one.
        headers = {"Accept-Encoding": "identity"}
        async with httpx.AsyncClient(timeout=ANSWER_S, headers=headers) as client:
            asked = [self._ask(client, endpoint, number) for endpoint in self.endpoints]
            found = await asyncio.gather(*asked)
        return list(dict.fromkeys(one for one in found if one is not None))

    async def _ask(self, client: httpx.AsyncClient, endpoint: str, number: int) -> bytes | None:
        url = f"{endpoint.rstrip('/')}/{CHAIN_HASH}/public/{number}"
        try:
            async with (
                asyncio.timeout(self.answer_s),  # httpx's own is between two bytes
                client.stream("GET", url) as response,
            ):
                response.raise_for_status()
                body = bytearray()
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ValueError("too long")
            document: Any = parse_json(bytes(body))
            return bytes.fromhex(document["signature"]) if document["round"] == number else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, *UNREADABLE) as error:
            log.warning("round %d at %s: %r", number, endpoint, error)
            return None


@dataclass(slots=True)
class Seeds:
    contracts: Contracts
    beacon: Beacon = field(default_factory=Beacon)
    pin_blocks: int = PIN_BLOCKS
    _kept: set[Moment] = field(default_factory=set)
    _asked: dict[Moment, float] = field(default_factory=dict)

    async def due(self, moment: Moment, head: Block) -> Call | None:
        """Return what has to be sent now for a moment's entropy to be there, and stay."""
        if moment in self._kept:
            return None
        if self.contracts.deployment.profile.entropy.contract == BEACON:
            return await self._proof(moment, head)
        if head.number - moment.block_number <= self.pin_blocks:
            return None
        return self.contracts.randomness.pin(moment.block_number, moment.time)

    def kept(self, moment: Moment) -> None:
        """It was sent; where the chain is reorganised it is asked for again."""
        self._kept.add(moment)

    def forget(self) -> None:
        self._kept.clear()
        self._asked.clear()

    async def _proof(self, moment: Moment, head: Block) -> Call | None:
        randomness, entropy = self.contracts.randomness, self.contracts.deployment.profile.entropy
        number = round_after(moment.time, entropy.delay)
        asked, now = self._asked.get(moment, -math.inf), time.monotonic()
        if head.time < begins(number) + PUBLISHED_S or now - asked < AGAIN_S:
            return None
        self._asked[moment] = now
        if await randomness.entropy(moment.block_number, moment.time) is not None:
            self.kept(moment)
            return None
        for signature in await self.beacon.signatures(number):
            try:
                call = prove(self.contracts.rpc, randomness.address, number, signature)
                await call.read()
            except (BadInput, ChainRefused) as refused:
                log.warning("round %d: %s", number, refused)
            else:
                return call
        return None
