"""What a seller commits: state digests, segment leaves, receipts and the result root."""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.ids import (
    ZERO32,
    Address,
    AwardId,
    ClassId,
    Digest,
    abi_hash,
    keccak,
)
from compute_swarm.domain.merkle import leaf_hash, merkle_proof, merkle_root, verify_proof
from compute_swarm.domain.packing import MOST_INDEX, MOST_REPLICA, TrialKey
from compute_swarm.domain.wire import Bits
from compute_swarm.errors import DocumentInvalid, SwarmError

__all__ = [
    "Boundary",
    "Receipt",
    "StateHashes",
    "TrialLeaf",
    "best_receipt",
    "eval_hash",
    "evidence_root",
    "float_bits",
    "laid_out",
    "leaf_order",
    "mean_loss",
    "merkle_proof",
    "merkle_root",
    "read_receipts",
    "rebuilds",
    "rescore_evidence_leaf",
    "result_root",
    "state_digest",
    "state_evidence_leaf",
    "verify_proof",
]

MOST_LOSS: Final = 2.0**128  # beyond float32: no training ends there, infinity aside
MOST_CID: Final = 128  # characters
MOST_SEGMENTS: Final = 2**16 - 1  # of a trial, as a bid can say
MOST_OFFSET: Final = 2**32 - 1  # within an award, as it can count


@dataclass(frozen=True, slots=True)
class StateHashes:
    """SHA-256 of the canonical bytes of the weights and both Adam moments; secret at first."""

    w: Digest
    m: Digest
    v: Digest


def state_digest(k: int, hashes: StateHashes, step: int) -> Digest:
    types = ["uint256", "bytes32", "bytes32", "bytes32", "uint256"]
    return Digest(abi_hash(types, [k, hashes.w, hashes.m, hashes.v, step]))


def float_bits(value: float) -> int:
    """IEEE 754 bits of a float64 as an unsigned integer."""
    return int.from_bytes(_packed(value), "big")


def eval_hash(losses: Iterable[float] | None) -> Digest:
    """Hash of the losses per shard; zero where a boundary has no evaluation."""
    if losses is None:
        return ZERO32
    return Digest(keccak(b"".join(map(_packed, losses))))


def mean_loss(losses: Sequence[float]) -> float:
    """Mean of the losses per shard; whatever a stranger says, it is a number, perhaps a NaN."""
    try:
        return math.fsum(losses) / len(losses)
    except (OverflowError, ValueError):  # too large together, or both infinities
        return sum(losses) / len(losses)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The end of segment k - 1, or at the award's start the state that it began from.

    A rung begins with the last boundary of the award that it goes on from, word for word.
    """

    k: Annotated[int, Bits(32)]
    digest: Digest
    loss: float  # mean training loss of the segment; 0 where k is
    eval_losses: tuple[float, ...] | None = None  # per shard

    @property
    def eval_loss(self) -> float | None:
        if self.eval_losses is None:
            return None
        return mean_loss(self.eval_losses)

    def leaf(self) -> Digest:
        types = ["uint256", "bytes32", "uint64", "bytes32"]
        evaluation = eval_hash(self.eval_losses)
        return leaf_hash(types, [self.k, self.digest, float_bits(self.loss), evaluation])


@dataclass(frozen=True, slots=True)
class TrialLeaf:
    """What a seller claims about one trial; field for field the contracts'."""

    award_id: AwardId
    seller: Address
    trial: int
    replica: int
    trial_hash: Digest
    start: Digest  # of the state that it starts from
    first: int  # the k of that state
    offset: int  # segments of the award's leaves before this one
    done: int
    segment_root: Digest
    adapter_digest: Digest
    claims_digest: Digest

    @property
    def hash(self) -> Digest:
        types = ["bytes32", "address", "uint256", "uint256", "bytes32", "bytes32"]
        types += ["uint256", "uint256", "uint256", "bytes32", "bytes32", "bytes32"]
        return leaf_hash(types, self.abi())

    def abi(self) -> tuple[Any, ...]:
        numbers = (self.trial, self.replica, self.trial_hash, self.start)
        place = (self.first, self.offset, self.done)
        ends = (self.segment_root, self.adapter_digest, self.claims_digest)
        return (self.award_id, self.seller, *numbers, *place, *ends)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one trial within one award."""

    award_id: AwardId
    seller: Address
    key: TrialKey
    trial_hash: Digest
    start: Digest  # d of the first boundary
    offset: Annotated[int, Bits(32)]  # see `laid_out`
    boundaries: tuple[Boundary, ...]
    adapter_digest: Digest  # SHA-256 of the weights at the end
    adapter_cid: str
    metrics_digest: Digest  # SHA-256 of the file of metrics
    class_id: ClassId  # of the machine that trained

    @property
    def first(self) -> int:
        return self.boundaries[0].k

    @property
    def done(self) -> int:
        """Whole segments trained."""
        return len(self.boundaries) - 1

    @property
    def final_loss(self) -> float | None:
        """The metric: the evaluation of the last boundary, None without one.

        An earlier evaluation is not the adapter's, so no re-score could check it.
        """
        return self.boundaries[-1].eval_loss if self.done else None

    @property
    def claims_digest(self) -> Digest:
        """What else the seller answers for: a leaf has one word for all of it."""
        cid = keccak(self.adapter_cid.encode())
        types = ["bytes32", "bytes32", "bytes32"]
        return Digest(abi_hash(types, [self.metrics_digest, cid, self.class_id]))

    def segment_root(self) -> Digest:
        return merkle_root([boundary.leaf() for boundary in self.boundaries])

    def trial_leaf(self) -> TrialLeaf:
        return TrialLeaf(
            award_id=self.award_id,
            seller=self.seller,
            trial=self.key.index,
            replica=self.key.replica,
            trial_hash=self.trial_hash,
            start=self.start,
            first=self.first,
            offset=self.offset,
            done=self.done,
            segment_root=self.segment_root(),
            adapter_digest=self.adapter_digest,
            claims_digest=self.claims_digest,
        )

    def leaf(self) -> Digest:
        return self.trial_leaf().hash

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = wire.encode(self)
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Receipt":
        """Read a stranger's receipt: boundaries in sequence, whether true or not."""
        receipt = wire.decode(cls, document)
        numbers = [boundary.k for boundary in receipt.boundaries]
        if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise DocumentInvalid("boundaries", "a sequence without gaps")
        if any(boundary.eval_losses == () for boundary in receipt.boundaries):
            raise DocumentInvalid("boundaries", "evaluated on at least one shard")
        if not all(_possible(loss) for at in receipt.boundaries for loss in _losses(at)):
            raise DocumentInvalid("boundaries", "losses that float32 can hold")
        if not receipt.adapter_cid.isascii() or len(receipt.adapter_cid) > MOST_CID:
            raise DocumentInvalid("adapter_cid", f"at most {MOST_CID} ASCII characters")
        return receipt


def leaf_order(receipts: Iterable[Receipt], segments: int) -> tuple[Receipt, ...]:
    """Trials with all S `segments` done first, then by trial and replica."""
    return tuple(sorted(receipts, key=lambda receipt: (receipt.done != segments, receipt.key)))


def laid_out(receipts: Iterable[Receipt], segments: int) -> tuple[Receipt, ...]:
    """Return an award's receipts in leaf order, each with the segments done before it."""
    ordered, offset = list[Receipt](), 0
    for receipt in leaf_order(receipts, segments):
        ordered.append(replace(receipt, offset=offset))
        offset += receipt.done
    return tuple(ordered)


def result_root(receipts: Sequence[Receipt]) -> Digest:
    """Root over the trial leaves of an award, given in leaf order."""
    return merkle_root([receipt.leaf() for receipt in receipts])


def read_receipts(
    documents: Iterable[Any], root: Digest, segments: int
) -> tuple[Receipt, ...] | None:
    """Return receipts that rebuild a root on chain; anything else says nothing."""
    try:
        receipts = tuple(Receipt.from_document(one) for one in documents)
    except (SwarmError, LookupError, TypeError, AttributeError):
        return None
    return receipts if rebuilds(receipts, root, segments) else None


def rebuilds(receipts: Sequence[Receipt], root: Digest, segments: int) -> bool:
    """Whether receipts from anybody are those of a root on chain; S is `segments`."""
    if not receipts or not all(map(_well_formed, receipts)):
        return False
    return result_root(leaf_order(receipts, segments)) == root


def best_receipt(receipts: Iterable[Receipt]) -> Receipt | None:
    """The trial that the re-score covers: least loss, tie to the lowest key; NaN never wins."""
    scored = [(loss, r) for r in receipts if (loss := r.final_loss) is not None]
    if not scored:
        return None
    return min(scored, key=lambda pair: (_rank(pair[0]), pair[1].key))[1]


def _well_formed(receipt: Receipt) -> bool:
    key, numbers = receipt.key, [boundary.k for boundary in receipt.boundaries]
    fits = 0 <= key.index <= MOST_INDEX and 0 <= key.replica <= MOST_REPLICA
    fits = fits and 0 <= receipt.offset <= MOST_OFFSET
    return fits and bool(numbers) and all(0 <= k <= MOST_SEGMENTS for k in numbers)


def _packed(value: float) -> bytes:
    # A NaN's sign and payload differ from machine to machine, and mean nothing.
    return struct.pack(">d", math.nan if math.isnan(value) else value)


def _losses(boundary: Boundary) -> tuple[float, ...]:
    return (boundary.loss, *(boundary.eval_losses or ()))


def _possible(loss: float) -> bool:
    return not math.isfinite(loss) or abs(loss) <= MOST_LOSS


def _rank(loss: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(loss) else (False, loss)


def state_evidence_leaf(item: int, hashes: StateHashes) -> Digest:
    """Evidence of an audit: the preimages of the state that the replay ended in."""
    types = ["uint256", "bytes32", "bytes32", "bytes32"]
    return leaf_hash(types, [item, hashes.w, hashes.m, hashes.v])


def rescore_evidence_leaf(item: int, evaluation: Digest) -> Digest:
    types = ["uint256", "bytes32", "bytes32", "bytes32"]
    return leaf_hash(types, [item, evaluation, ZERO32, ZERO32])


def evidence_root(leaves: Sequence[Digest]) -> Digest:
    """Root over a share's evidence in order of the items; zero where there is none."""
    return merkle_root(leaves) if leaves else ZERO32
