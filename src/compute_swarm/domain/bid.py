"""Sweeps as the chain sees them, bids and what becomes of them; field for field the contract's."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from eth_abi.abi import encode as abi_encode

from compute_swarm.domain.ids import (
    NATIVE,
    ZERO32,
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
from compute_swarm.domain.packing import TrialKey, count_trials, unpack_trials
from compute_swarm.domain.wire import Bits

U16: TypeAlias = Annotated[int, Bits(16)]
U32: TypeAlias = Annotated[int, Bits(32)]
U40: TypeAlias = Annotated[int, Bits(40)]
U64: TypeAlias = Annotated[int, Bits(64)]
U112: TypeAlias = Annotated[Amount, Bits(112)]
U128: TypeAlias = Annotated[Amount, Bits(128)]

FRESH: Final = AwardId(ZERO32)  # the start of a bid that goes on from no other award

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

    @property
    def pays_coin(self) -> bool:
        """Whether it is paid in the native coin, which comes along as a transaction's value."""
        return self.terms.token == NATIVE

    def abi(self) -> tuple[Any, ...]:
        return (self.buyer, self.spec_hash, self.terms.abi())


@dataclass(frozen=True, slots=True)
class Rung:
    """Which segments of each trial a bid is for, and the award whose end states they go on from."""

    start: AwardId  # or FRESH
    first: U16  # the k that it starts from
    segments: U16

    @classmethod
    def whole(cls, whole_trial: int) -> "Rung":
        return cls(FRESH, 0, whole_trial)

    @property
    def end(self) -> int:
        """The k of the last boundary."""
        return self.first + self.segments

    @property
    def fresh(self) -> bool:
        return self.start == FRESH

    def fits(self, whole_trial: int) -> bool:
        """Whether it lies within a trial of S segments, and is fresh exactly at the beginning."""
        within = self.segments > 0 and self.end <= whole_trial
        return within and self.fresh == (self.first == 0)


@dataclass(frozen=True, slots=True)
class Leg:
    """Trials to be brought further together: what a call asks for and one bid may hold."""

    trials: tuple[TrialKey, ...]
    rung: Rung


@dataclass(frozen=True, slots=True)
class Bid:
    """A seller's offer for trials of one kind."""

    sweep_id: SweepId
    seller: Address
    trials: bytes  # runs, see packing.py
    first: U16  # absolute number of the boundary it starts from
    segments: U16  # per trial
    price: U128  # per segment
    start: AwardId  # whose end states it goes on from, or FRESH
    deadline: U40
    expiry: U40
    nonce: U32

    @property
    def keys(self) -> tuple[TrialKey, ...]:
        return unpack_trials(self.trials)

    @property
    def rung(self) -> Rung:
        return Rung(self.start, self.first, self.segments)

    @property
    def total_segments(self) -> int:
        return count_trials(self.trials) * self.segments

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
        count = count_trials(bid.trials)
        return cls(award_id, bid.seller, count, count * bid.segments, bid.price, bid.deadline)

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
    """What one transaction posted, as later calls pass it again."""

    block_number: U64
    time: U40  # the block's
    relayer: Address  # who sent it
    awards: tuple[Posted, ...]

    def index_of(self, award_id: AwardId) -> int:
        """Return an award's place in the commit."""
        return [posted.award.id for posted in self.awards].index(award_id)

    @property
    def sellers(self) -> frozenset[Address]:
        return frozenset(posted.award.seller for posted in self.awards)

    def abi(self) -> tuple[Any, ...]:
        posted = [posted.abi() for posted in self.awards]
        return (self.block_number, self.time, self.relayer, posted)


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

    cap: Amount  # of the prices of one commit; zero where the token is not listed
    panel_floor: Amount
    tip: Amount
    least_price: Amount  # per segment

    @property
    def listed(self) -> bool:
        return self.cap > 0


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
