"""What the cases are made of: values that depend on their label alone, and how they are written."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

from compute_swarm.domain import bid, commitment
from compute_swarm.domain.ids import Address, AwardId, Digest, address, hex32
from compute_swarm.domain.money import Amount

CHAINS = (31337, 11155111, 84532)


class Stream:
    """Pseudo-random values that depend on their label and order only."""

    def __init__(self, label: str) -> None:
        self._label, self._count = label, 0

    def bytes32(self) -> bytes:
        self._count += 1
        return hashlib.sha256(f"{self._label}/{self._count}".encode()).digest()

    def digest(self) -> Digest:
        return Digest(self.bytes32())

    def address(self) -> Address:
        return address(hex32(self.bytes32()[:20]))

    def below(self, bound: int) -> int:
        return int.from_bytes(self.bytes32(), "big") % bound

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)


def some_commit(random: Stream, shape: Sequence[tuple[int, int]]) -> bid.Commit:
    where = (random.below(2**32), random.below(2**40), random.address())
    return bid.Commit(*where, tuple(some_posted(random, *one) for one in shape))


def some_posted(random: Stream, done: int, trials: int) -> bid.Posted:
    award = bid.Award(
        id=AwardId(random.bytes32()),
        seller=random.address(),
        trials=trials,
        segments=done + random.below(8),
        price=Amount(random.between(1, 10**16)),
        deadline=random.below(2**40),
    )
    return bid.Posted(award, random.digest(), done)


def some_boundary(random: Stream, k: int, evaluated: bool) -> commitment.Boundary:
    losses = tuple(random.below(10**9) / 10**8 for _ in range(k % 32 + 1)) if evaluated else None
    loss = {1: math.nan, 2: math.inf}[k] if k in (1, 2) else random.below(10**9) / 10**8
    return commitment.Boundary(k, random.digest(), loss, losses)


def award_row(posted: bid.Posted) -> dict[str, Any]:
    names = ("awardId", "seller", "trials", "segments", "price", "deadline")
    row = dict(zip(names, posted.award.abi(), strict=True))
    return {**row, "root": posted.root, "done": posted.done}


def commit_columns(commit: bid.Commit) -> dict[str, Any]:
    rows = [award_row(posted) for posted in commit.awards]
    plural = {
        "awardId": "awardIds",
        "seller": "sellers",
        "trials": "trials",
        "segments": "awardSegments",
        "price": "prices",
        "deadline": "deadlines",
        "root": "roots",
        "done": "dones",
    }
    columns = {plural[name]: [row[name] for row in rows] for name in plural}
    where = {"blockNumber": commit.block_number, "time": commit.time, "relayer": commit.relayer}
    return {**where, **columns}


def cases(found: Any) -> dict[str, Any]:
    rows = [{key: written(value) for key, value in case.items()} for case in found]
    return {"count": str(len(rows)), "list": rows}


def written(value: object) -> Any:
    match value:
        case bytes():
            return hex32(value)
        case bool():
            return value
        case int():
            return str(int(value))
        case list() | tuple():
            return [written(item) for item in value]
        case _:
            return value
