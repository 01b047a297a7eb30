"""The contracts' events, decoded; field for field those of the ABI."""

from dataclasses import dataclass
from typing import TypeAlias

from compute_swarm.domain.bid import Terms
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import (
    Address,
    AwardId,
    CommitId,
    DemandId,
    Digest,
    DisputeId,
    SessionId,
    SweepId,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.session import Session
from compute_swarm.domain.verdict import Outcome


@dataclass(frozen=True, slots=True)
class SweepOpened:
    sweep_id: SweepId
    buyer: Address
    spec_hash: Digest
    terms: Terms
    brought: Amount  # into the buyer's account, with the call


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
    fees: Amount  # what of the audit fee does not divide is in none of the three


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
    fees: Amount  # to those who judged all the same


@dataclass(frozen=True, slots=True)
class Docked:
    award_id: AwardId
    amount: Amount  # of the bond, to a panel


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
class NonceBumped:
    token: Address
    account: Address
    nonce: int


@dataclass(frozen=True, slots=True)
class DepositHeld:
    token: Address
    account: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class DepositReturned:
    token: Address
    account: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class DepositLost:
    token: Address
    account: Address
    amount: Amount
    burned: Amount  # of it; the rest is a panel's


@dataclass(frozen=True, slots=True)
class VerdictPosted:
    commit_id: CommitId
    share: int
    seat: int  # 0 is the judge
    judge: Address
    answers: bytes
    evidence: Digest


@dataclass(frozen=True, slots=True)
class Summoned:
    commit_id: CommitId
    share: int
    judge: Address


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    dispute_id: DisputeId
    commit_id: CommitId
    award_id: AwardId
    subject: Subject
    accuser: Address


@dataclass(frozen=True, slots=True)
class PanelRedrawn:
    dispute_id: DisputeId
    round: int


@dataclass(frozen=True, slots=True)
class DisputeResolved:
    dispute_id: DisputeId
    outcome: Outcome  # unavailable where a quorum saw no difference, but did not uphold
    paid: tuple[Address, ...]  # seat by seat
    tokens: Amount  # to each
    coins: Amount  # to each, by a judge that was wrong


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
    burned: Amount  # of it; the rest is the payees'


@dataclass(frozen=True, slots=True)
class SessionOpened:
    session_id: SessionId
    buyer: Address
    sweep_id: SweepId
    session: Session


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class SessionSpent:
    session_id: SessionId
    number: int  # of the message; 0 is the opening
    cost: Amount  # prices, audit fees and tips, the relayer's included
    left: Amount


@dataclass(frozen=True, slots=True)
class Demanded:
    demand_id: DemandId
    commit_id: CommitId
    judge: Address
    verdict: Digest  # its struct hash
    share: int
    item: int


@dataclass(frozen=True, slots=True)
class Met:
    demand_id: DemandId
    judge: Address


@dataclass(frozen=True, slots=True)
class Unmet:
    demand_id: DemandId
    judge: Address


@dataclass(frozen=True, slots=True)
class Contradicted:
    commit_id: CommitId
    share: int
    judge: Address


@dataclass(frozen=True, slots=True)
class Overturned:
    dispute_id: DisputeId
    share: int
    judge: Address


@dataclass(frozen=True, slots=True)
class CreditWithdrawn:
    """`Withdrawn` of the oversight: deposits of demands, earned or come back."""

    account: Address
    to: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class Pinned:
    point: int  # a block, or a beacon's round
    entropy: Digest


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
    | Docked
    | Expired
    | Deposited
    | Withdrawn
    | NonceBumped
    | DepositHeld
    | DepositReturned
    | DepositLost
)
CourtEvent: TypeAlias = (
    VerdictPosted | Summoned | DisputeOpened | PanelRedrawn | DisputeResolved | DisputeLapsed
)
SetEvent: TypeAlias = Bonded | Unbonding | Claimed | Fined
SessionEvent: TypeAlias = SessionOpened | SessionRevoked | SessionSpent
OversightEvent: TypeAlias = Demanded | Met | Unmet | Contradicted | Overturned | CreditWithdrawn
Event: TypeAlias = MarketEvent | CourtEvent | SetEvent | SessionEvent | OversightEvent | Pinned
