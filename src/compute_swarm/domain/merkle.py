"""Merkle trees in OpenZeppelin's layout: an array of 2n - 1, leaf i at 2n - 2 - i."""

from collections.abc import Sequence
from typing import Any

from compute_swarm.domain.ids import Digest, abi_hash, keccak


def leaf_hash(types: Sequence[str], values: Sequence[Any]) -> Digest:
    """Hashed twice, so that an inner node can't pass for a leaf."""
    return Digest(keccak(abi_hash(types, values)))


def merkle_root(leaves: Sequence[Digest]) -> Digest:
    return _tree(leaves)[0]


def merkle_proof(leaves: Sequence[Digest], index: int) -> tuple[Digest, ...]:
    """Return the siblings from leaf `index` up to the root."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    tree, at = _tree(leaves), 2 * len(leaves) - 2 - index
    proof = []
    while at > 0:
        proof.append(tree[at + 1 if at % 2 else at - 1])
        at = (at - 1) // 2
    return tuple(proof)


def verify_proof(root: Digest, leaf: Digest, proof: Sequence[Digest]) -> bool:
    node = leaf
    for sibling in proof:
        node = _parent(node, sibling)
    return node == root


def _tree(leaves: Sequence[Digest]) -> list[Digest]:
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    inner = len(leaves) - 1
    tree = [Digest(b"")] * inner + list(reversed(leaves))
    for at in range(inner - 1, -1, -1):
        tree[at] = _parent(tree[2 * at + 1], tree[2 * at + 2])
    return tree


def _parent(a: Digest, b: Digest) -> Digest:
    return Digest(keccak(a + b if a < b else b + a))
