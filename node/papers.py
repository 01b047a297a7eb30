"""An award's receipts as anybody tells them: of the size that they may have, read off the loop."""

import asyncio
import logging
from typing import Final

from compute_swarm.domain.bid import Posted
from compute_swarm.domain.commitment import MOST_CID, Receipt, read_receipts
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.jsontext import parse_json
from compute_swarm.domain.spec import MOST_SHARDS
from compute_swarm.errors import SwarmError
from compute_swarm.mesh.peer import JSON_LIMIT, Peer

log = logging.getLogger(__name__)

ANSWER_BYTES: Final = 1_024  # the root, and what else the answer says
RECEIPT_BYTES: Final = 1_024 + MOST_CID  # without its boundaries
BOUNDARY_BYTES: Final = 256 + 32 * MOST_SHARDS  # a digest and losses


async def ask_receipts(peer: Peer, posted: Posted, segments: int) -> tuple[Receipt, ...] | None:
    """Return the receipts of the root on chain, or None where the peer shows no such ones."""
    id_ = hex32(posted.award.id)
    try:
        data = await peer.get_bytes(f"/v1/awards/{id_}/result", receipts_limit(posted))
    except SwarmError as error:
        log.info("result of %s: %s", id_, error)
        return None
    found = await asyncio.to_thread(_read_answer, data, posted, segments)
    if found is None:
        # The answer has no signature: whoever gave it, it isn't what the seller committed.
        log.warning("result of %s at %s: not of the posted root", id_, peer.url)
    return found


def receipts_limit(posted: Posted) -> int:
    """Return the bytes that an honest answer has at most: a boundary more than segments a trial."""
    trials, boundaries = posted.award.trials, posted.done + posted.award.trials
    size = ANSWER_BYTES + trials * RECEIPT_BYTES + boundaries * BOUNDARY_BYTES
    return min(size, JSON_LIMIT)


def _read_answer(data: bytes, posted: Posted, segments: int) -> tuple[Receipt, ...] | None:
    try:
        documents = parse_json(data)["receipts"]
    except (SwarmError, LookupError, TypeError):
        return None
    return read_receipts(documents, posted.root, segments)
