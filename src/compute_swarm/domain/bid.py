"""Sweeps as the chain sees them, bids and what becomes of them; field for field the contract's."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from eth_abi.abi import encode as abi_encode

from compute_swarm.domain.ids import (
    Address,
    AwardId,
    CommitId,
    Digest,
    SweepId,
    abi_hash,
    domain_separator,
    eip712_digest,
    keccak,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, unpack_trials
from compute_swarm.domain.wire import Bits

AUDIT_FEE_BPS: Final = 800
BOND_BPS: Final = 2_500

U16: TypeAlias = Annotated[int, Bits(16)]
U32: TypeAlias = Annotated[int, Bits(32)]
U40: TypeAlias = Annotated[int, Bits(40)]
U64: TypeAlias = Annotated[int, Bits(64)]
U112: TypeAlias = Annotated[Amount, Bits(112)]
U128: TypeAlias = Annotated[Amount, Bits(128)]

BID_TYPE: Final = (
    "Bid(bytes32 sweepId,address seller,bytes trials,uint16 first,uint16 segments,"
    "uint128 price,bytes32 start,uint40 deadline,uint40 expiry,uint32 nonce)"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract has to know of a spec."""

    token: Address  # the zero address is the native coin
    segments: U16  # S, of a whole trial
    verdict_time: U32  # seconds
    vram_gib: U16

    def abi(self) -> tuple[Any, ...]:
        return (self.token, self.segments, self.verdict_time, self.vram_gib)


@dataclass(frozen=True, slots=True)
class Sweep:
    buyer: Address
    spec_hash: Digest
    terms: Terms

    def abi(self) -> tuple[Any, ...]:
        return (self.buyer, self.spec_hash, self.terms.abi())


@dataclass(frozen=True, slots=True)
class Bid:
    """A seller's offer for trials of one kind."""

    sweep_id: SweepId
    seller: Address
    trials: bytes  # packed, see packing.py
    first: U16  # absolute number of the boundary it starts from
    segments: U16  # per trial
    price: U128  # per segment
    start: Digest  # award it continues; zero for a fresh start
    deadline: U40
    expiry: U40
    nonce: U32

    @property
    def keys(self) -> tuple[TrialKey, ...]:
        return unpack_trials(self.trials)

    @property
    def total_segments(self) -> int:
        return len(self.trials) // 4 * self.segments

    def abi(self) -> tuple[Any, ...]:
        return (
            self.sweep_id,
            self.seller,
            self.trials,
            self.first,
            self.segments,
            int(self.price),
            self.start,
            self.deadline,
            self.expiry,
            self.nonce,
        )


@dataclass(frozen=True, slots=True)
class SignedBid:
    bid: Bid
    signature: bytes

    def abi(self) -> tuple[Any, ...]:
        return (self.bid.abi(), self.signature)


@dataclass(frozen=True, slots=True)
class Award:
    id: AwardId
    seller: Address
    trials: U32  # (trial, replica) pairs
    segments: U32  # over all of them
    price: U128  # per segment
    deadline: U40

    @classmethod
    def of(cls, award_id: AwardId, bid: Bid) -> "Award":
        count = len(bid.trials) // 4
        return cls(award_id, bid.seller, count, bid.total_segments, bid.price, bid.deadline)

    @property
    def total(self) -> Amount:
        return self.price.times(self.segments)

    def abi(self) -> tuple[Any, ...]:
        return (
            self.id,
            self.seller,
            self.trials,
            self.segments,
            int(self.price),
            self.deadline,
        )


@dataclass(frozen=True, slots=True)
class Posted:
    award: Award
    root: Digest
    done: U32  # segments

    def abi(self) -> tuple[Any, ...]:
        return (self.award.abi(), self.root, self.done)


@dataclass(frozen=True, slots=True)
class Commit:
    block_number: U64
    awards: tuple[Posted, ...]

    def abi(self) -> tuple[Any, ...]:
        return (self.block_number, [posted.abi() for posted in self.awards])


@dataclass(frozen=True, slots=True)
class Submission:
    """An award's result root with its seller's signature, as a relayer hands it in."""

    award: Award
    root: Digest
    done: U32
    signature: bytes

    @property
    def posted(self) -> Posted:
        return Posted(self.award, self.root, self.done)

    def abi(self) -> tuple[Any, ...]:
        return (self.award.abi(), self.root, self.done, self.signature)


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """What a deployment fixed for a payment token."""

    least_price: Amount  # per segment
    cap: Amount  # of the prices of one commit
    panel_floor: Amount
    tip: Amount
    listed: bool


def sweep_id(chain_id: int, market: Address, sweep: Sweep) -> SweepId:
    terms = sweep.terms
    types = ["uint256", "address", "address", "bytes32", "address", "uint16", "uint32", "uint16"]
    return SweepId(
        abi_hash(
            types,
            [
                chain_id,
                market,
                sweep.buyer,
                sweep.spec_hash,
                terms.token,
                terms.segments,
                terms.verdict_time,
                terms.vram_gib,
            ],
        )
    )


def bid_digest(chain_id: int, market: Address, bid: Bid) -> AwardId:
    """EIP-712 digest that the seller signs, and the id of the award that it becomes."""
    types = ["bytes32", "bytes32", "address", "bytes32", "uint16", "uint16", "uint128"]
    types += ["bytes32", "uint40", "uint40", "uint32"]
    values = list(bid.abi())
    values[2] = keccak(bid.trials)
    struct_hash = abi_hash(types, [keccak(BID_TYPE.encode()), *values])
    return AwardId(eip712_digest(domain_separator(chain_id, market), struct_hash))


def commit_id(chain_id: int, market: Address, commit: Commit) -> CommitId:
    entries = b"".join(
        abi_encode(["bytes32", "bytes32", "uint256"], [posted.award.id, posted.root, posted.done])
        for posted in commit.awards
    )
    types = ["uint256", "address", "uint256", "bytes32"]
    return CommitId(abi_hash(types, [chain_id, market, commit.block_number, keccak(entries)]))


def panel_fee(price: Amount, seats: int, floor: Amount) -> Amount:
    """Two segments a seat, at least the token's floor."""
    return max(price.times(2 * seats), floor)


def bond(price: Amount, segments: int, whole_trial: int, panel: Amount) -> Amount:
    """What a seller locks for an award of `segments`; `whole_trial` is S, `panel` its fee."""
    return max(
        price.times(2 * whole_trial),
        price.times(segments).mul_bps_up(BOND_BPS),
        panel.times(2),
    )


def audit_fee(total: Amount) -> Amount:
    """The judges' part on top of the price of an award, or of what was done of it."""
    return total.mul_bps_up(AUDIT_FEE_BPS)


def award_cost(total: Amount, tip: Amount) -> Amount:
    """What `award` pulls: the price, the audit fee, a tip for `commit` and one for `settle`."""
    return total + audit_fee(total) + tip.times(2)
