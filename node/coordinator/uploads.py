"""Datasets that buyers hand over so that sellers can fetch them while the buyer is away.

Who has a sweep with money behind it shares the space with its like; all others have a small one.
"""

import time
from collections.abc import Callable
from typing import Final

from compute_swarm.domain.ids import Address
from compute_swarm.errors import BlockTooLarge, BlockUnavailable, DagInvalid, LimitReached
from compute_swarm.node.coordinator.store import Limits
from compute_swarm.node.database import Database
from compute_swarm.storage.blocks import BlockStore
from compute_swarm.storage.cid import Cid
from compute_swarm.storage.unixfs import BLOCK_LIMIT

LEAST_SIZE: Final = 4096  # bytes that the smallest block takes on a disk
_KNOWN: Final = "owner IN (SELECT buyer FROM sweeps WHERE standing > 0)"


class Uploads:
    """Blocks with a limit for each owner; what no sweep names is collected after a while."""

    def __init__(
        self,
        database: Database,
        blocks: BlockStore,
        limits: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blocks = blocks
        self._limits = limits
        self._clock = clock

    def put(self, owner: Address, cid: Cid, block: bytes) -> None:
        """Take a block; one that is there already costs its second owner nothing."""
        if len(block) > BLOCK_LIMIT:
            raise BlockTooLarge(str(cid), BLOCK_LIMIT)
        if self._database.one("SELECT 1 FROM uploads WHERE cid = ?", str(cid)) is None:
            size = max(len(block), LEAST_SIZE)
            self._check(owner, size)
            self._blocks.put(cid, block)
            self._database.write(
                "INSERT OR IGNORE INTO uploads VALUES (?, ?, ?, ?)",
                *(str(cid), owner, size, self._clock()),
            )

    def keep(self, root: str) -> bool:
        """Pin a dataset if all of it is here; returns whether it is."""
        self._database.write("INSERT OR IGNORE INTO datasets VALUES (?)", root)
        try:
            self._blocks.pin(Cid.parse(root))
        except (BlockUnavailable, DagInvalid):
            return False
        return True

    def collect_garbage(self) -> int:
        """Drop blocks of no sweep that hangs; returns the bytes freed."""
        over = "SELECT root FROM datasets WHERE root NOT IN (SELECT dataset FROM sweeps)"
        for row in self._database.all(over):
            self._blocks.unpin(Cid.parse(row["root"]))
            self._database.write("DELETE FROM datasets WHERE root = ?", row["root"])
        freed = self._blocks.collect_garbage()
        for row in self._database.all("SELECT cid FROM uploads"):
            if not self._blocks.has(Cid.parse(row["cid"])):
                self._database.write("DELETE FROM uploads WHERE cid = ?", row["cid"])
        return freed

    def _check(self, owner: Address, size: int) -> None:
        limits = self._limits
        known = self._database.number(
            "SELECT count(*) FROM sweeps WHERE buyer = ? AND standing > 0", owner
        )
        most, most_own, whose = (
            (limits.uploaded_bytes, limits.uploaded_bytes_of_owner, _KNOWN)
            if known
            else (limits.strangers_bytes, limits.strangers_bytes_of_owner, f"NOT {_KNOWN}")
        )
        whole = self._database.number(f"SELECT sum(size) FROM uploads WHERE {whose}")
        own = self._database.number("SELECT sum(size) FROM uploads WHERE owner = ?", owner)
        if whole + size > most:
            raise LimitReached("uploaded bytes", most)
        if own + size > most_own:
            raise LimitReached("bytes of one uploader", most_own)
