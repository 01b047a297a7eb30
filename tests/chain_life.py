"""The whole life of a sweep on a local chain, step by step, with everybody's keys at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.chain.events import Awarded, Committed, Event, commit_of, decode_all
from compute_swarm.chain.transactions import Receipt, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import audit, seats
from compute_swarm.domain.audit import Item
from compute_swarm.domain.bid import (
    FRESH,
    Award,
    Bid,
    Commit,
    SignedBid,
    Submission,
    Sweep,
    Terms,
    bid_digest,
    commit_id,
    sweep_id,
)
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.dispute import Subject, dispute_id
from compute_swarm.domain.draw import panel_seed
from compute_swarm.domain.ids import NATIVE, ZERO32, Address, Digest, DisputeId, keccak
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.typed_data import typed_bid, typed_result, typed_verdict, typed_vote
from compute_swarm.domain.verdict import (
    Answer,
    Outcome,
    SignedVerdict,
    SignedVote,
    Verdict,
    Vote,
    pack_answers,
)

NONE: Mapping[Item | None, Outcome] = {}
SEGMENTS = 24
PRICE = Amount(10**12)  # per segment
TOKEN_FUNDS = Amount(50_000_000)  # of a token with six decimals, to buyer and first seller each


class Cast:
    """Everybody who takes part, with fresh wallets: each chain counts its own nonces."""

    def __init__(self) -> None:
        self.validators = tuple(map(dev_wallet, range(1, 6)))
        self.sellers = tuple(map(dev_wallet, (6, 7)))
        self.buyer, self.relayer, self.stranger = map(dev_wallet, (8, 9, 10))

    @property
    def all(self) -> tuple[Wallet, ...]:
        return (*self.validators, *self.sellers, self.buyer, self.relayer, self.stranger)

    def wallet(self, address: Address) -> Wallet:
        return next(wallet for wallet in self.all if wallet.address == address)


@dataclass
class Life:
    """One sweep and what has become of it so far."""

    net: Devnet
    contracts: Contracts
    token: Address = NATIVE
    cast: Cast = field(default_factory=Cast)
    awards: tuple[Award, ...] = ()
    commit: Commit = field(default_factory=lambda: Commit(0, 0, NATIVE, ()))
    seed: Digest = ZERO32
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def sweep(self) -> Sweep:
        terms = Terms(self.token, SEGMENTS, 120, 24)
        return Sweep(self.cast.buyer.address, Digest(keccak(b"a spec")), terms)

    @property
    def chain_id(self) -> int:
        return self.contracts.rpc.chain_id

    @property
    def sweep_id(self) -> bytes:
        return sweep_id(self.chain_id, self.contracts.market.address, self.sweep)

    async def now(self) -> int:
        return (await self.contracts.rpc.head()).time

    async def bid(self, seller: Wallet, trials: Sequence[int], **changes: object) -> SignedBid:
        now = await self.now()
        fields: dict[str, object] = {
            "sweep_id": self.sweep_id,
            "seller": seller.address,
            "trials": pack_trials(TrialKey(index, 0) for index in trials),
            "first": 0,
            "segments": SEGMENTS,
            "price": PRICE,
            "start": FRESH,
            "deadline": now + 600,
            "expiry": now + 300,
            "nonce": 0,
        }
        bid = Bid(**(fields | changes))  # type: ignore[arg-type]
        market = self.contracts.market.address
        return SignedBid(bid, seller.sign_typed(typed_bid(self.chain_id, market, bid)))

    async def award(self, *bids: SignedBid) -> Receipt:
        """Award the bids, paid for by what is brought along."""
        terms = await self.contracts.market.token_terms()
        market = self.contracts.market.address
        awards = [Award.of(bid_digest(self.chain_id, market, one.bid), one.bid) for one in bids]
        cost = sum((award_cost(award.total, terms.tip) for award in awards), ZERO)
        receipt = await self._send(
            self.cast.buyer, self.contracts.market.award(self.sweep, bids, 1, cost)
        )
        kept = {e.award_id for e in decode_all(receipt.logs) if isinstance(e, Awarded)}
        self.awards = tuple(award for award in awards if award.id in kept)
        return receipt

    async def post_results(self, *done: int) -> Receipt:
        """Commit a result for each award, and wait until its draw is known."""
        submissions = [
            self.submission(award, count) for award, count in zip(self.awards, done, strict=True)
        ]
        receipt = await self._send(
            self.cast.relayer, self.contracts.market.commit(self.sweep, submissions)
        )
        (told,) = (e for e in decode_all(receipt.logs) if isinstance(e, Committed))
        self.commit = commit_of(told, {award.id: award for award in self.awards})
        self.net.mine(3)
        self.seed = (await self.contracts.market.docket(self.sweep, self.commit)).seed
        assert told.commit_id == self.commit_id
        return receipt

    def submission(self, award: Award, done: int) -> Submission:
        root = Digest(keccak(b"root of " + award.id))
        typed = typed_result(self.chain_id, self.contracts.market.address, award.id, root, done)
        return Submission(award, root, done, self.cast.wallet(award.seller).sign_typed(typed))

    @property
    def commit_id(self) -> bytes:
        return commit_id(self.chain_id, self.contracts.market.address, self.commit)

    @property
    def items(self) -> tuple[Item, ...]:
        return audit.items(self.seed, self.commit, SEGMENTS)

    @property
    def shares(self) -> int:
        return audit.share_count(self.commit)

    @property
    def parties(self) -> set[Address]:
        return {self.sweep.buyer} | {posted.award.seller for posted in self.commit.awards}

    async def judges(self) -> tuple[Address, ...]:
        """The judges as Python draws them."""
        entries = await self.contracts.validators.set_at(self.commit.time)
        tier = self.sweep.terms.vram_gib
        return seats.judges(self.seed, entries, self.parties, tier, self.shares)

    async def substitutes(self, share: int) -> tuple[Address, ...]:
        """Who takes a silent judge's place, as Python draws them."""
        entries = await self.contracts.validators.set_at(self.commit.time)
        judge, tier = (await self.judges())[share], self.sweep.terms.vram_gib
        return seats.substitutes(self.seed, entries, self.parties, judge, tier, share)

    async def verdicts(
        self, refuted: Item | None = None, withheld: Item | None = None
    ) -> tuple[SignedVerdict, ...]:
        """What the judges say: all upheld, but for an item that differs or never came."""
        others = {refuted: Outcome.NAMED, withheld: Outcome.UNAVAILABLE}
        judges = await self.judges()
        return tuple(self.verdict(share, judges[share], others) for share in range(self.shares))

    def verdict(
        self, share: int, judge: Address, others: Mapping[Item | None, Outcome] = NONE
    ) -> SignedVerdict:
        answers = [
            Answer(others.get(item, Outcome.UPHELD), exact=True)
            for item in audit.share_items(self.items, share)
        ]
        evidence = Digest(keccak(b"evidence"))
        verdict = Verdict(self.commit_id, share, pack_answers(answers), evidence)
        typed = typed_verdict(self.chain_id, self.contracts.court.address, verdict)
        return SignedVerdict(verdict, self.cast.wallet(judge).sign_typed(typed))

    async def settle(self, verdicts: Sequence[SignedVerdict]) -> Receipt:
        call = self.contracts.market.settle(self.sweep, self.commit, verdicts)
        return await self._send(self.cast.stranger, call)

    async def post(self, verdict: SignedVerdict, seat: int = seats.JUDGE) -> Receipt:
        """Post a verdict, and wait until the panel that it may call for is known."""
        call = self.contracts.court.post(self.sweep, self.commit, verdict, seat)
        receipt = await self._send(self.cast.relayer, call)
        self.net.mine(3)
        return receipt

    async def summon(self, share: int) -> Receipt:
        """Call on a judge, once the time for its verdict is over."""
        call = self.contracts.court.summon(self.sweep, self.commit, share)
        return await self._send(self.cast.stranger, call)

    async def challenge(self, index: int, position: int) -> Receipt:
        """Dispute a segment as a stranger that has some money, and wait for the panel's seed."""
        call = self.contracts.court.challenge(self.sweep, self.commit, index, position)
        receipt = await self._send(self.cast.stranger, call)
        self.net.mine(3)
        return receipt

    def subject(self, item: Item) -> Subject:
        """What its own judge disputes about an item."""
        return Subject.judged(item.share, item.number)

    def dispute_id(self, item: Item) -> DisputeId:
        return self.id_of(item.award_index, self.subject(item))

    def id_of(self, index: int, subject: Subject) -> DisputeId:
        return dispute_id(self.commit_id, self.commit.awards[index].award.id, subject)

    async def panel(self, item: Item) -> tuple[Address, ...]:
        return await self.panel_about(item.award_index, self.subject(item))

    async def panel_about(self, index: int, subject: Subject) -> tuple[Address, ...]:
        """The panel as Python draws it."""
        id_ = self.id_of(index, subject)
        dispute = await self.contracts.court.dispute(id_)
        called = (dispute.block_number, dispute.time)
        entropy = await self.contracts.randomness.entropy(*called)
        assert entropy is not None
        return seats.panel(
            panel_seed(entropy, id_),
            await self.contracts.validators.set_at(self.commit.time),
            self.parties,
            dispute.accuser,
            self.sweep.terms.vram_gib,
            self.contracts.deployment.profile.rules.seats,
        )

    async def resolve(self, item: Item, upheld: bool) -> Receipt:
        return await self.resolve_about(item.award_index, self.subject(item), upheld)

    async def resolve_about(self, index: int, subject: Subject, upheld: bool) -> Receipt:
        outcome = Outcome.UPHELD if upheld else Outcome.REFUTED
        return await self.decide(index, subject, outcome)

    async def decide(self, index: int, subject: Subject, outcome: Outcome) -> Receipt:
        """Let the whole panel vote one way."""
        id_ = self.id_of(index, subject)
        vote = Vote(id_, (await self.contracts.court.dispute(id_)).round, outcome)
        typed = typed_vote(self.chain_id, self.contracts.court.address, vote)
        votes = [
            SignedVote(vote, member, self.cast.wallet(member).sign_typed(typed))
            for member in sorted(set(await self.panel_about(index, subject)))
        ]
        call = self.contracts.court.resolve(self.sweep, self.commit, index, subject, votes)
        return await self._send(self.cast.relayer, call)

    async def expire(self, index: int, subject: Subject) -> Receipt:
        """End a panel whose time is over."""
        call = self.contracts.court.expire(self.sweep, self.commit, index, subject)
        return await self._send(self.cast.stranger, call)

    async def _send(self, wallet: Wallet, call: object) -> Receipt:
        receipt = await send(wallet, call)  # type: ignore[arg-type]
        self.receipts.append(receipt)
        return receipt


def told(receipt: Receipt, kind: type[Event]) -> list[Event]:
    """The events of one kind in a receipt."""
    return [event for event in decode_all(receipt.logs) if isinstance(event, kind)]
