"""Handles of the contracts: what changes the chain is a `Call`, what reads it is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from compute_swarm.chain import artefacts
from compute_swarm.chain.deployment import Deployment
from compute_swarm.chain.oversight import Oversight
from compute_swarm.chain.rpc import BlockTag, Rpc
from compute_swarm.chain.sessions import Sessions
from compute_swarm.chain.status import DisputeKind, DisputeStatus
from compute_swarm.chain.tokens import NO_PERMIT, Permit
from compute_swarm.chain.transactions import Call, call_of
from compute_swarm.domain.bid import Award, Commit, SignedBid, Submission, Sweep, Terms, TokenTerms
from compute_swarm.domain.dispute import Subject
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
from compute_swarm.domain.seats import JUDGE, ValidatorEntry
from compute_swarm.domain.slot import AwardSlot
from compute_swarm.domain.verdict import SignedVerdict, SignedVote


@dataclass(frozen=True, slots=True)
class Account:
    """Money of one address in one token, and the nonce that its bids carry."""

    free: Amount
    locked: Amount
    nonce: int


@dataclass(frozen=True, slots=True)
class Docket:
    """What follows from a commit, worked out by the contract."""

    sweep_id: SweepId
    commit_id: CommitId
    seed: Digest  # zero while the draw's entropy is unknown
    shares: int
    marked: bool  # the court has a record of the commit
    ends: tuple[int, ...]  # items of the awards up to and including each
    places: tuple[int, ...]  # of each award's answers in each share's list, as `Deal` packs them
    sizes: tuple[int, ...]  # answers of each share
    slots: tuple[AwardSlot, ...]


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
    kind: DisputeKind
    round: int  # panels without a quorum so far
    time: int  # when its panel was called
    block_number: int  # in which its panel was called
    accuser: Address  # the judge, or who challenged


@dataclass(frozen=True, slots=True)
class Share:
    """What the court keeps of a commit's share."""

    summoned_at: int  # 0 where its judge was not summoned
    seats: int  # bit s: seat s has posted
    upholding: int  # substitutes that upheld all of it

    def posted(self, seat: int) -> bool:
        return bool(self.seats >> seat & 1)


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
        return call.with_value(funding) if sweep.pays_coin else call

    def multicall(self, calls: Sequence[Call]) -> Call:
        """Several calls of the market in one transaction: all succeed or none does."""
        return self._call("multicall", [call.data for call in calls])

    def commit(self, sweep: Sweep, submissions: Sequence[Submission]) -> Call:
        """Post results; its block, time and sender are part of what later calls pass."""
        return self._call("commit", sweep.abi(), [item.abi() for item in submissions])

    def settle(self, sweep: Sweep, commit: Commit, verdicts: Sequence[SignedVerdict]) -> Call:
        """Pay the upheld awards of a commit."""
        return self._call(
            "settle", sweep.abi(), commit.abi(), [verdict.abi() for verdict in verdicts]
        )

    def expire_award(self, sweep: Sweep, award: Award) -> Call:
        """Money back where nothing was delivered in time."""
        return self._call("expireAward", sweep.abi(), award.abi())

    def expire_posted(
        self, sweep: Sweep, commit: Commit, index: int, verdicts: Sequence[SignedVerdict] = ()
    ) -> Call:
        """Money back where nobody judged in time; who did all the same is paid by `verdicts`."""
        brought = [verdict.abi() for verdict in verdicts]
        return self._call("expirePosted", sweep.abi(), commit.abi(), index, brought)

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
            seed=Digest(found["seed"]),
            shares=found["shares"],
            marked=found["marked"],
            ends=found["ends"],
            places=found["places"],
            sizes=found["sizes"],
            slots=tuple(map(AwardSlot.of, found["slots"])),
        )

    async def token_terms(self, token: Address = NATIVE) -> TokenTerms:
        (found,) = await self._call("tokenTerms", token).read()
        return TokenTerms(**{name: Amount(amount) for name, amount in found.items()})

    async def settle_from(self, terms: Terms, commit_time: int) -> int:
        """When `settle` opens, and challenges end."""
        (time,) = await self._call("settleFrom", terms.abi(), commit_time).read()
        return int(time)

    def _call(self, name: str, *arguments: Any) -> Call:
        return call_of(self.rpc, self.address, artefacts.MARKET, name, arguments)


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
        return call_of(self.rpc, self.address, artefacts.VALIDATORS, name, arguments)


@dataclass(frozen=True, slots=True)
class Court:
    """Posted verdicts, summons, disputes and panels."""

    rpc: Rpc
    address: Address

    def post(self, sweep: Sweep, commit: Commit, verdict: SignedVerdict, seat: int = JUDGE) -> Call:
        """Put a verdict on the chain; whatever it does not uphold opens a dispute."""
        return self._call("post", sweep.abi(), commit.abi(), verdict.abi(), seat)

    def summon(self, sweep: Sweep, commit: Commit, share: int) -> Call:
        """Call on a silent judge; its substitutes are next."""
        return self._call("summon", sweep.abi(), commit.abi(), share)

    def challenge(self, sweep: Sweep, commit: Commit, index: int, position: int) -> Call:
        """Dispute a segment of an award, with a deposit out of the sender's free balance."""
        return self._call("challenge", sweep.abi(), commit.abi(), index, position)

    def resolve(
        self,
        sweep: Sweep,
        commit: Commit,
        index: int,
        subject: Subject,
        votes: Sequence[SignedVote],
    ) -> Call:
        """Decide a dispute about the award at `index` by its panel's votes."""
        cast = [vote.abi() for vote in votes]
        return self._call("resolve", sweep.abi(), commit.abi(), index, int(subject), cast)

    def expire(self, sweep: Sweep, commit: Commit, index: int, subject: Subject) -> Call:
        """End a panel that did not decide in time: another is drawn, the third time none."""
        return self._call("expire", sweep.abi(), commit.abi(), index, int(subject))

    async def dispute(self, dispute_id: DisputeId) -> Dispute:
        (found,) = await self._call("dispute", dispute_id).read()
        return Dispute(
            status=DisputeStatus(found["status"]),
            kind=DisputeKind(found["kind"]),
            round=found["round"],
            time=found["time"],
            block_number=found["block_number"],
            accuser=found["accuser"],
        )

    async def share(self, commit_id: CommitId, share: int) -> Share:
        (found,) = await self._call("share", commit_id, share).read()
        return Share(**found)

    async def posted_verdict(
        self, commit_id: CommitId, share: int, seat: int = JUDGE
    ) -> Digest | None:
        """The struct hash of the verdict posted for a seat, None without one."""
        (found,) = await self._call("postedVerdict", commit_id, share, seat).read()
        return Digest(found) if any(found) else None

    async def cleared(self, commit_id: CommitId, award_id: AwardId, share: int) -> bool:
        """Whether a panel upheld the award against the share's judge or substitute."""
        (found,) = await self._call("cleared", commit_id, award_id, share).read()
        return bool(found)

    async def stand_ins(
        self, sweep: Sweep, commit_id: CommitId, award_id: AwardId, share: int
    ) -> tuple[Address, Address] | None:
        """Who upheld an award in a silent judge's place: two, or one twice; None without."""
        found = await self._call("standIns", sweep.abi(), commit_id, award_id, share).read()
        return None if found[0] == NATIVE else (found[0], found[1])

    async def ran_out(
        self, sweep: Sweep, commit_id: CommitId, award_id: AwardId, share: int
    ) -> bool:
        """Whether a share was summoned and nothing posted in time answers it for an award."""
        (found,) = await self._call("ranOut", sweep.abi(), commit_id, award_id, share).read()
        return bool(found)

    async def judge_of(
        self, sweep: Sweep, commit: Commit, share: int, seat: int = JUDGE
    ) -> Address:
        found = await self._call("judgeOf", sweep.abi(), commit.abi(), share, seat).read()
        return Address(found[0])

    async def panel_of(
        self, sweep: Sweep, commit: Commit, index: int, subject: Subject
    ) -> tuple[Address, ...]:
        """The panel's seats in order; one validator may hold several."""
        place = (index, int(subject))
        (found,) = await self._call("panelOf", sweep.abi(), commit.abi(), *place).read()
        return tuple(found)

    def _call(self, name: str, *arguments: Any) -> Call:
        return call_of(self.rpc, self.address, artefacts.COURT, name, arguments)


@dataclass(frozen=True, slots=True)
class Randomness:
    """The entropy that follows a moment: a block's number and its time."""

    rpc: Rpc
    address: Address

    def pin(self, block_number: int, time: int) -> Call:
        """Keep a moment's entropy beyond the chain's history."""
        return self._call("pin", block_number, time)

    async def entropy(self, block_number: int, time: int) -> Digest | None:
        """What follows a moment, None while it is unknown or once it is lost."""
        (found,) = await self._call("entropy", block_number, time).read()
        return Digest(found) if any(found) else None

    async def lost(self, block_number: int, time: int) -> bool:
        (found,) = await self._call("lost", block_number, time).read()
        return bool(found)

    def _call(self, name: str, *arguments: Any) -> Call:
        return call_of(self.rpc, self.address, artefacts.RANDOMNESS, name, arguments)


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

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.rpc, self.deployment.sessions)

    @property
    def oversight(self) -> Oversight:
        return Oversight(self.rpc, self.deployment.oversight)
