"""What of a commit is audited, and by which share: the reference for the Solidity `Deal`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from compute_swarm.domain.bid import Commit
from compute_swarm.domain.commitment import Receipt, leaf_order
from compute_swarm.domain.draw import Tag, draw
from compute_swarm.domain.ids import ZERO32, AwardId, Digest
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Outcome, unpack_answers
from compute_swarm.errors import AnswersInvalid

MOST_SHARES: Final = 3
MOST_ITEMS: Final = 1_024  # of a commit, each partial block counted
DOUBLED_OF: Final = 10  # one audit of so many is replayed twice


class ItemKind(IntEnum):
    AUDIT = 0  # replay one segment
    RESCORE = 1  # evaluate the award's best adapter again


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check; `block` and `position` of a re-score are 0 and mean nothing."""

    number: int  # j, over the commit
    award_index: int  # in the commit
    kind: ItemKind
    block: int  # of the award
    position: int  # of the segment, in the award's laid-out order
    share: int
    second: int | None = None  # the other share that answers it, where it is doubled

    @property
    def shares(self) -> tuple[int, ...]:
        """Whose answers count."""
        return (self.share,) if self.second is None else (self.share, self.second)


def share_count(commit: Commit) -> int:
    """V: how many shares the items are dealt to."""
    return min(MOST_SHARES, sum(posted.award.trials for posted in commit.awards))


def most_items(commit: Commit, segments: int) -> int:
    """Items that a commit could have, which MOST_ITEMS bounds."""
    return sum(-(-posted.done // segments) + 1 for posted in commit.awards)


def items(seed: Digest, commit: Commit, segments: int) -> tuple[Item, ...]:
    """All items of a commit, award by award, its audits before its re-score."""
    shares, found = share_count(commit), list[Item]()
    for index, posted in enumerate(commit.awards):
        for block, position in _audits(seed, posted.award.id, posted.done, segments):
            number = len(found)
            found.append(Item(number, index, ItemKind.AUDIT, block, position, number % shares))
        number = len(found)
        found.append(Item(number, index, ItemKind.RESCORE, 0, 0, number % shares))
    doubled = _doubled(seed, found, shares)
    return tuple(
        replace(item, second=(item.number + 1) % shares) if item.number in doubled else item
        for item in found
    )


def _audits(seed: Digest, award: AwardId, done: int, segments: int) -> Iterable[tuple[int, int]]:
    """Yield (block, position); a last block of r segments is audited with probability r / S."""
    for block in range(-(-done // segments)):
        position = block * segments + draw(seed, Tag.SEGMENT, award, block) % segments
        if position < done:
            yield block, position


def _doubled(seed: Digest, found: Sequence[Item], shares: int) -> set[int]:
    """Return the numbers of the doubled items: every tenth audit, from a drawn one on."""
    audits = [item.number for item in found if item.kind is ItemKind.AUDIT]
    most = len(audits) // DOUBLED_OF
    if shares == 1 or most == 0:
        return set()
    offset = draw(seed, Tag.DOUBLE, ZERO32, 0) % DOUBLED_OF
    return set(audits[offset::DOUBLED_OF][:most])


def share_items(all_items: Sequence[Item], share: int) -> tuple[Item, ...]:
    """What a share answers, in this order: its own items, then those that it doubles."""
    own = (item for item in all_items if item.share == share)
    doubled = (item for item in all_items if item.second == share)
    return (*own, *doubled)


def award_shares(all_items: Iterable[Item], award_index: int) -> frozenset[int]:
    """The shares that have to uphold an award."""
    touching = (item.shares for item in all_items if item.award_index == award_index)
    return frozenset(share for shares in touching for share in shares)


def award_answers(all_items: Iterable[Item], award_index: int) -> int:
    """How many answers an award needs, over which its audit fee is split."""
    return sum(len(item.shares) for item in all_items if item.award_index == award_index)


def drawn_shard(seed: Digest, award: AwardId, block: int, shards: int) -> int:
    return draw(seed, Tag.SHARD, award, block) % shards


def locate(receipts: Iterable[Receipt], position: int, segments: int) -> tuple[TrialKey, int]:
    """Return the trial at a position, and the boundary at which the segment starts."""
    rest = position
    for receipt in leaf_order(receipts, segments):
        if rest < receipt.done:
            return receipt.key, receipt.first + rest
        rest -= receipt.done
    raise IndexError(position)


# --- answers ---------------------------------------------------------------------------------


def disputed_items(share: Sequence[Item], data: bytes) -> tuple[Item, ...]:
    """The subject of a dispute about each award that the answers don't uphold.

    It is the one item that the judge names of those that it refutes; where it refutes none, the
    first that it could not get.
    """
    answers = unpack_answers(data, len(share))
    awards: dict[int, dict[Outcome, list[Item]]] = {}
    for item, answer in zip(share, answers, strict=True):
        awards.setdefault(item.award_index, {}).setdefault(answer.outcome, []).append(item)
    subjects: list[Item] = []
    for by_outcome in awards.values():
        named = by_outcome.get(Outcome.NAMED, [])
        if len(named) > 1 or (Outcome.REFUTED in by_outcome and not named):
            raise AnswersInvalid(len(share), data)
        subjects += named or by_outcome.get(Outcome.UNAVAILABLE, [])[:1]
    return tuple(subjects)


def upholds(share: Sequence[Item], data: bytes, award_index: int) -> bool:
    """Whether every item of the award in this share is upheld."""
    answers = unpack_answers(data, len(share))
    return all(
        answer.outcome is Outcome.UPHELD
        for item, answer in zip(share, answers, strict=True)
        if item.award_index == award_index
    )
