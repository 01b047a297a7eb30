"""The contracts' events, decoded; field for field those of the ABI."""

from dataclasses import dataclass
from typing import TypeAlias

from compute_swarm.domain.bid import Terms
from compute_swarm.domain.ids import Address, AwardId, CommitId, Digest, DisputeId, SweepId
from compute_swarm.domain.money import Amount


@dataclass(frozen=True, slots=True)
class SweepOpened:
    sweep_id: SweepId
    buyer: Address
    spec_hash: Digest
    terms: Terms


@dataclass(frozen=True, slots=True)
class Awarded:
    sweep_id: SweepId
    award_id: AwardId
    seller: Address
    trials: int
    segments: int
    price: Amount
    deadline: int
    bond: Amount
    cost: Amount


@dataclass(frozen=True, slots=True)
class BidSkipped:
    award_id: AwardId
    seller: Address
    reason: int


@dataclass(frozen=True, slots=True)
class CommitEntry:
    award_id: AwardId
    root: Digest
    done: int


@dataclass(frozen=True, slots=True)
class Committed:
    sweep_id: SweepId
    commit_id: CommitId
    relayer: Address
    entries: tuple[CommitEntry, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    award_id: AwardId
    seller: Address
    paid: Amount
    refunded: Amount
    fees: Amount


@dataclass(frozen=True, slots=True)
class Disputed:
    award_id: AwardId
    dispute_id: DisputeId


@dataclass(frozen=True, slots=True)
class Restored:
    award_id: AwardId


@dataclass(frozen=True, slots=True)
class Slashed:
    award_id: AwardId
    seller: Address
    bond: Amount
    refunded: Amount
    burned: Amount


@dataclass(frozen=True, slots=True)
class Refunded:
    award_id: AwardId


@dataclass(frozen=True, slots=True)
class Expired:
    award_id: AwardId


@dataclass(frozen=True, slots=True)
class Deposited:
    token: Address
    account: Address
    source: Address  # `from` in the ABI
    amount: Amount


@dataclass(frozen=True, slots=True)
class Withdrawn:
    token: Address
    account: Address
    to: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class VerdictPosted:
    commit_id: CommitId
    share: int
    judge: Address
    answers: bytes
    evidence: Digest


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    dispute_id: DisputeId
    commit_id: CommitId
    award_id: AwardId
    item: int
    judge: Address


@dataclass(frozen=True, slots=True)
class DisputeResolved:
    dispute_id: DisputeId
    upheld: bool
    paid: tuple[Address, ...]
    each_wei: Amount


@dataclass(frozen=True, slots=True)
class DisputeLapsed:
    dispute_id: DisputeId


@dataclass(frozen=True, slots=True)
class Bonded:
    validator: Address
    amount: Amount
    vram_gib: int


@dataclass(frozen=True, slots=True)
class Unbonding:
    validator: Address
    amount: Amount
    claimable_at: int


@dataclass(frozen=True, slots=True)
class Claimed:
    validator: Address
    to: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class Fined:
    validator: Address
    amount: Amount


MarketEvent: TypeAlias = (
    SweepOpened
    | Awarded
    | BidSkipped
    | Committed
    | Settled
    | Disputed
    | Restored
    | Slashed
    | Refunded
    | Expired
    | Deposited
    | Withdrawn
)
CourtEvent: TypeAlias = VerdictPosted | DisputeOpened | DisputeResolved | DisputeLapsed
SetEvent: TypeAlias = Bonded | Unbonding | Claimed | Fined
Event: TypeAlias = MarketEvent | CourtEvent | SetEvent
