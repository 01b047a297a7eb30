"""Handles of the four contracts: what changes the chain is a `Call`, what reads it is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from compute_swarm.chain import artefacts
from compute_swarm.chain.deployment import Deployment
from compute_swarm.chain.rpc import BlockTag, Rpc
from compute_swarm.chain.status import DisputeStatus
from compute_swarm.chain.tokens import NO_PERMIT, Permit
from compute_swarm.chain.transactions import Call
from compute_swarm.domain.audit import ValidatorEntry
from compute_swarm.domain.bid import Award, Commit, SignedBid, Submission, Sweep, Terms, TokenTerms
from compute_swarm.domain.ids import (
    NATIVE,
    Address,
    AwardId,
    CommitId,
    Digest,
    DisputeId,
    SweepId,
)
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, SignedVote

_TAG_BITS: Final = 208
_TIME_BITS: Final = 40


@dataclass(frozen=True, slots=True)
class Account:
    """Money of one address in one token, and the nonce that its bids carry."""

    free: Amount
    locked: Amount
    nonce: int


class AwardSlot(NamedTuple):
    """All that the chain keeps of an award."""

    status: AwardStatus
    time: int  # of the last transition; a disputed award keeps its commit's
    tag: int  # low 208 bits of the hash of what happened

    @classmethod
    def of(cls, word: int) -> "AwardSlot":
        time = word >> _TAG_BITS & ((1 << _TIME_BITS) - 1)
        return cls(AwardStatus(word >> _TAG_BITS + _TIME_BITS), time, word & ((1 << _TAG_BITS) - 1))


@dataclass(frozen=True, slots=True)
class Docket:
    """What follows from a commit, worked out by the contract."""

    sweep_id: SweepId
    commit_id: CommitId
    time: int
    seed: Digest  # zero while the draw's block is unknown
    shares: int
    ends: tuple[int, ...]  # items of the awards up to and including each
    slots: tuple[AwardSlot, ...]


class Times(NamedTuple):
    """When `settle` opens, and until when signed verdicts count without being posted."""

    settle_from: int
    answer_by: int


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator's money and tier as they are now."""

    bond: Amount
    vram_gib: int
    claimable_at: int
    unbonding: Amount
    credit: Amount


class Eligible(NamedTuple):
    """How many may judge, and their bonds' sum."""

    validators: int
    total: Amount


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as the court keeps it."""

    status: DisputeStatus
    time: int
    block_number: int
    judge: Address
    withheld: bool  # the judge could not get the item, and did not refute it


@dataclass(frozen=True, slots=True)
class Market:
    """Balances, awards, commits and settlement."""

    rpc: Rpc
    address: Address

    def deposit(self, to: Address, amount: Amount, token: Address = NATIVE) -> Call:
        """Credit an account; for a token other than the coin an allowance must be there."""
        call = self._call("deposit", token, to, int(amount))
        return call.with_value(amount) if token == NATIVE else call

    def withdraw(self, amount: Amount, to: Address, token: Address = NATIVE) -> Call:
        return self._call("withdraw", token, int(amount), to)

    def bump_nonce(self, token: Address = NATIVE) -> Call:
        """Cancel all of the sender's open bids in a token."""
        return self._call("bumpNonce", token)

    def deposit_with_permit(
        self, to: Address, amount: Amount, token: Address, permit: Permit
    ) -> Call:
        """Credit an account with a token, by a signature in place of an allowance."""
        return self._call("depositWithPermit", token, to, int(amount), *permit.abi())

    def award(
        self,
        sweep: Sweep,
        bids: Sequence[SignedBid],
        least_trials: int,
        funding: Amount = ZERO,
        permit: Permit = NO_PERMIT,
    ) -> Call:
        """Accept bids. Funding is brought along; what lacks comes from the free balance."""
        offers = [bid.abi() for bid in bids]
        brought = (int(funding), permit.abi())
        call = self._call("award", sweep.abi(), offers, least_trials, brought)
        return call.with_value(funding) if sweep.terms.token == NATIVE else call

    def commit(self, sweep: Sweep, submissions: Sequence[Submission]) -> Call:
        """Post results; its block number is part of what later calls pass."""
        return self._call("commit", sweep.abi(), [item.abi() for item in submissions])

    def settle(self, sweep: Sweep, commit: Commit, verdicts: Sequence[SignedVerdict]) -> Call:
        """Pay the upheld awards of a commit."""
        return self._call(
            "settle", sweep.abi(), commit.abi(), [verdict.abi() for verdict in verdicts]
        )

    def expire_award(self, sweep: Sweep, award: Award) -> Call:
        """Money back where nothing was delivered in time."""
        return self._call("expireAward", sweep.abi(), award.abi())

    def expire_posted(self, sweep: Sweep, commit: Commit, index: int) -> Call:
        """Money back where nobody judged in time."""
        return self._call("expirePosted", sweep.abi(), commit.abi(), index)

    async def account(
        self, who: Address, token: Address = NATIVE, block: BlockTag = "latest"
    ) -> Account:
        free, locked, nonce = await self._call("account", who, token).read(block=block)
        return Account(Amount(free), Amount(locked), nonce)

    async def award_slot(self, award_id: AwardId) -> AwardSlot:
        (word,) = await self._call("awardSlot", award_id).read()
        return AwardSlot.of(word)

    async def docket(self, sweep: Sweep, commit: Commit) -> Docket:
        """Hold a commit against the slots; refused where a word of it is not as posted."""
        (found,) = await self._call("docket", sweep.abi(), commit.abi()).read()
        return Docket(
            sweep_id=SweepId(found["sweep_id"]),
            commit_id=CommitId(found["commit_id"]),
            time=found["time"],
            seed=Digest(found["seed"]),
            shares=found["shares"],
            ends=found["ends"],
            slots=tuple(map(AwardSlot.of, found["slots"])),
        )

    async def token_terms(self, token: Address = NATIVE) -> TokenTerms:
        (found,) = await self._call("tokenTerms", token).read()
        money = {name: Amount(found[name]) for name in found if name != "listed"}
        return TokenTerms(**money, listed=found["listed"])

    async def times(self, terms: Terms, commit_time: int) -> Times:
        return Times(*await self._call("times", terms.abi(), commit_time).read())

    def _call(self, name: str, *arguments: Any) -> Call:
        return _call(self.rpc, self.address, artefacts.MARKET, name, arguments)


@dataclass(frozen=True, slots=True)
class Validators:
    """Bonds of validators and the set of every epoch."""

    rpc: Rpc
    address: Address

    def bond(self, vram_gib: int, amount: Amount) -> Call:
        """Add to the sender's bond and name its tier; counts from the next epoch on."""
        return self._call("bond", vram_gib).with_value(amount)

    def unbond(self, amount: Amount) -> Call:
        return self._call("unbond", int(amount))

    def claim(self, to: Address) -> Call:
        """Take credits, and what was unbonded long enough ago."""
        return self._call("claim", to)

    async def validator(self, who: Address, block: BlockTag = "latest") -> Validator:
        (found,) = await self._call("validator", who).read(block=block)
        return Validator(
            bond=Amount(found["bond"]),
            vram_gib=found["vram_gib"],
            claimable_at=found["claimable_at"],
            unbonding=Amount(found["unbonding"]),
            credit=Amount(found["credit"]),
        )

    async def set_at(self, time: int) -> tuple[ValidatorEntry, ...]:
        """The set of the epoch that a time lies in, in the order that draws use."""
        (found,) = await self._call("setAt", time).read()
        return tuple(ValidatorEntry(**entry) for entry in found)

    async def eligible(self, time: int, vram_gib: int, skip: Sequence[Address] = ()) -> Eligible:
        found = await self._call("eligible", time, vram_gib, list(skip)).read()
        return Eligible(found[0], Amount(found[1]))

    def _call(self, name: str, *arguments: Any) -> Call:
        return _call(self.rpc, self.address, artefacts.VALIDATORS, name, arguments)


@dataclass(frozen=True, slots=True)
class Court:
    """Posted verdicts, disputes and panels."""

    rpc: Rpc
    address: Address

    def post(self, sweep: Sweep, commit: Commit, verdict: SignedVerdict) -> Call:
        """Put a verdict on the chain; one that names an item opens a dispute about it."""
        return self._call("post", sweep.abi(), commit.abi(), verdict.abi())

    def resolve(self, sweep: Sweep, commit: Commit, item: int, votes: Sequence[SignedVote]) -> Call:
        """Decide a dispute by its panel's votes."""
        return self._call(
            "resolve", sweep.abi(), commit.abi(), item, [vote.abi() for vote in votes]
        )

    def expire(self, sweep: Sweep, commit: Commit, item: int) -> Call:
        """Close a dispute that no panel decided in time."""
        return self._call("expire", sweep.abi(), commit.abi(), item)

    async def dispute(self, dispute_id: DisputeId) -> Dispute:
        (found,) = await self._call("dispute", dispute_id).read()
        return Dispute(
            status=DisputeStatus(found["status"]),
            time=found["time"],
            block_number=found["block_number"],
            judge=found["judge"],
            withheld=found["withheld"],
        )

    async def posted_verdict(self, commit_id: CommitId, share: int) -> Digest | None:
        """The struct hash of the verdict posted for a share, None without one."""
        (found,) = await self._call("postedVerdict", commit_id, share).read()
        return Digest(found) if any(found) else None

    async def cleared(self, commit_id: CommitId, award_id: AwardId, share: int) -> bool:
        """Whether a panel upheld the award against the share's judge."""
        (found,) = await self._call("cleared", commit_id, award_id, share).read()
        return bool(found)

    async def judge_of(self, sweep: Sweep, commit: Commit, share: int) -> Address:
        (found,) = await self._call("judgeOf", sweep.abi(), commit.abi(), share).read()
        return Address(found)

    async def panel_of(self, sweep: Sweep, commit: Commit, item: int) -> tuple[Address, ...]:
        """The panel's seats in order; one validator may hold several."""
        (found,) = await self._call("panelOf", sweep.abi(), commit.abi(), item).read()
        return tuple(found)

    def _call(self, name: str, *arguments: Any) -> Call:
        return _call(self.rpc, self.address, artefacts.COURT, name, arguments)


@dataclass(frozen=True, slots=True)
class Randomness:
    """Entropy of past blocks."""

    rpc: Rpc
    address: Address

    def pin(self, block_number: int) -> Call:
        """Keep a block's entropy beyond the chain's history."""
        return self._call("pin", block_number)

    async def entropy(self, block_number: int) -> Digest | None:
        """The entropy of a block, None while it is unknown or once it is lost."""
        (found,) = await self._call("entropy", block_number).read()
        return Digest(found) if any(found) else None

    async def lost(self, block_number: int) -> bool:
        (found,) = await self._call("lost", block_number).read()
        return bool(found)

    def _call(self, name: str, *arguments: Any) -> Call:
        return _call(self.rpc, self.address, artefacts.RANDOMNESS, name, arguments)


@dataclass(frozen=True, slots=True)
class Contracts:
    """All handles of one deployment."""

    rpc: Rpc
    deployment: Deployment

    @property
    def market(self) -> Market:
        return Market(self.rpc, self.deployment.market)

    @property
    def validators(self) -> Validators:
        return Validators(self.rpc, self.deployment.validators)

    @property
    def court(self) -> Court:
        return Court(self.rpc, self.deployment.court)

    @property
    def randomness(self) -> Randomness:
        return Randomness(self.rpc, self.deployment.randomness)


def _call(rpc: Rpc, address: Address, contract: str, name: str, arguments: Sequence[Any]) -> Call:
    function = artefacts.function(contract, name)
    return Call(rpc, address, function.encode_call(arguments), function)
