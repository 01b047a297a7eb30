"""What a seed decides: numbers of 256 bits, each for one purpose."""

from enum import IntEnum

from compute_swarm.domain.ids import CommitId, Digest, DisputeId, abi_hash


class Tag(IntEnum):
    """What a draw is for."""

    SEGMENT = 1  # the segment of a block
    SHARD = 2  # the evaluation shard of an audit
    JUDGE = 3  # a seat of a share: its judge or a substitute
    PANEL = 4  # a seat that decides a dispute
    DOUBLE = 5  # which audits two judges replay


def commit_seed(entropy: bytes, commit: CommitId) -> Digest:
    """The seed of a commit's draws, from the entropy that follows it."""
    return Digest(abi_hash(["bytes32", "bytes32"], [entropy, commit]))


def panel_seed(entropy: bytes, dispute: DisputeId) -> Digest:
    """The seed of a dispute's panel; one that is drawn anew has other entropy."""
    return Digest(abi_hash(["bytes32", "bytes32"], [entropy, dispute]))


def draw(seed: Digest, tag: Tag, a: bytes, b: int) -> int:
    types = ["bytes32", "uint256", "bytes32", "uint256"]
    return int.from_bytes(abi_hash(types, [seed, int(tag), a, b]), "big")
