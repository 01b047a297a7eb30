"""The audit draw, verdicts and votes: the reference for the Solidity of the same name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from compute_swarm.domain.bid import Commit
from compute_swarm.domain.commitment import Receipt, leaf_order
from compute_swarm.domain.ids import Address, AwardId, CommitId, Digest, DisputeId, abi_hash
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import (
    Answer,
    Outcome,
    SignedVerdict,
    SignedVote,
    Verdict,
    Vote,
    pack_answers,
    unpack_answers,
)
from compute_swarm.errors import AnswersInvalid, TooFewValidators

__all__ = [
    "MOST_ITEMS",
    "Answer",
    "Item",
    "ItemKind",
    "Outcome",
    "SignedVerdict",
    "SignedVote",
    "Tag",
    "ValidatorEntry",
    "Verdict",
    "Vote",
    "commit_seed",
    "dispute_id",
    "disputed_items",
    "draw",
    "drawn_shard",
    "eligible",
    "items",
    "judges",
    "locate",
    "most_items",
    "pack_answers",
    "panel",
    "panel_seed",
    "seat",
    "share_count",
    "share_items",
    "unpack_answers",
    "upholds",
]

MOST_SHARES: Final = 3
MOST_ITEMS: Final = 1_024  # of a commit, each partial block counted


class Tag(IntEnum):
    """What a draw is for."""

    SEGMENT = 1  # the segment of a block
    SHARD = 2  # the evaluation shard of an audit
    JUDGE = 3  # a seat that judges a share
    PANEL = 4  # a seat that decides a dispute
    DOUBLED = 5  # audits that two judges replay


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


@dataclass(frozen=True, slots=True)
class ValidatorEntry:
    """A validator in the set of an epoch."""

    validator: Address
    vram_gib: int
    bond: int  # wei


def commit_seed(entropy: bytes, commit: CommitId) -> Digest:
    """The seed of a commit's draws, from a later block's entropy."""
    return Digest(abi_hash(["bytes32", "bytes32"], [entropy, commit]))


def panel_seed(entropy: bytes, dispute: DisputeId) -> Digest:
    return Digest(abi_hash(["bytes32", "bytes32"], [entropy, dispute]))


def dispute_id(commit: CommitId, award: AwardId, item: int) -> DisputeId:
    return DisputeId(abi_hash(["bytes32", "bytes32", "uint256"], [commit, award, item]))


def draw(seed: Digest, tag: Tag, a: bytes, b: int) -> int:
    types = ["bytes32", "uint256", "bytes32", "uint256"]
    return int.from_bytes(abi_hash(types, [seed, int(tag), a, b]), "big")


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
    return tuple(found)


def _audits(seed: Digest, award: AwardId, done: int, segments: int) -> Iterable[tuple[int, int]]:
    """Yield (block, position); a last block of r segments is audited with probability r / S."""
    for block in range(-(-done // segments)):
        position = block * segments + draw(seed, Tag.SEGMENT, award, block) % segments
        if position < done:
            yield block, position


def share_items(all_items: Iterable[Item], share: int) -> tuple[Item, ...]:
    return tuple(item for item in all_items if item.share == share)


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


# --- seats -----------------------------------------------------------------------------------


def eligible(
    entries: Iterable[ValidatorEntry], parties: Collection[Address], tier: int
) -> tuple[ValidatorEntry, ...]:
    """Those whose VRAM covers the tier and who are no party, in the set's order."""
    return tuple(e for e in entries if e.vram_gib >= tier and e.validator not in parties)


def seat(seed: Digest, tag: Tag, a: int, number: int, entries: Sequence[ValidatorEntry]) -> Address:
    """One draw weighted by bond, with replacement, from entries that are eligible."""
    total = sum(entry.bond for entry in entries)
    if total == 0:
        raise TooFewValidators(1, 0)
    x = draw(seed, tag, a.to_bytes(32, "big"), number) % total
    running = 0
    for entry in entries:
        running += entry.bond
        if running > x:
            return entry.validator
    raise AssertionError("x is below the total")


def judges(
    seed: Digest,
    entries: Iterable[ValidatorEntry],
    parties: Collection[Address],
    tier: int,
    shares: int,
) -> tuple[Address, ...]:
    """The judge of each share."""
    able = eligible(entries, parties, tier)
    return tuple(seat(seed, Tag.JUDGE, share, 0, able) for share in range(shares))


def panel(
    seed: Digest,
    entries: Iterable[ValidatorEntry],
    parties: Collection[Address],
    judge: Address,
    tier: int,
    seats: int,
) -> tuple[Address, ...]:
    """A validator for each seat of a dispute's panel; one may hold several."""
    able = eligible(entries, {*parties, judge}, tier)
    return tuple(seat(seed, Tag.PANEL, 0, number, able) for number in range(seats))


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
