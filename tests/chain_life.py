"""The whole life of a sweep on a local chain, step by step, with everybody's keys at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet, dev_wallet
from compute_swarm.chain.events import Awarded, Committed, Event, decode_all
from compute_swarm.chain.transactions import Receipt, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain import audit
from compute_swarm.domain.audit import Item
from compute_swarm.domain.bid import (
    Award,
    Bid,
    Commit,
    SignedBid,
    Submission,
    Sweep,
    Terms,
    award_cost,
    bid_digest,
    commit_id,
    sweep_id,
)
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

SEGMENTS = 24
PRICE = Amount(10**12)  # per segment


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
    commit: Commit = field(default_factory=lambda: Commit(0, ()))
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
            "start": ZERO32,
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
        posted = tuple(submission.posted for submission in submissions)
        self.commit = Commit(receipt.block_number, posted)
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
        docket = await self.contracts.market.docket(self.sweep, self.commit)
        entries = await self.contracts.validators.set_at(docket.time)
        tier = self.sweep.terms.vram_gib
        return audit.judges(self.seed, entries, self.parties, tier, self.shares)

    async def verdicts(
        self, refuted: Item | None = None, withheld: Item | None = None
    ) -> tuple[SignedVerdict, ...]:
        """What the judges say: all upheld, but for an item that differs or never came."""
        others = {refuted: Outcome.NAMED, withheld: Outcome.UNAVAILABLE}
        judges = await self.judges()
        return tuple(self._verdict(share, judges[share], others) for share in range(self.shares))

    def _verdict(
        self, share: int, judge: Address, others: Mapping[Item | None, Outcome]
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

    async def post(self, verdict: SignedVerdict) -> Receipt:
        """Post a verdict, and wait until the panel that it may call for is known."""
        call = self.contracts.court.post(self.sweep, self.commit, verdict)
        receipt = await self._send(self.cast.relayer, call)
        self.net.mine(3)
        return receipt

    def dispute_id(self, item: Item) -> DisputeId:
        award = self.commit.awards[item.award_index].award
        return audit.dispute_id(self.commit_id, award.id, item.number)

    async def panel(self, item: Item) -> tuple[Address, ...]:
        """The panel as Python draws it."""
        dispute = await self.contracts.court.dispute(self.dispute_id(item))
        docket = await self.contracts.market.docket(self.sweep, self.commit)
        delay = self.contracts.deployment.profile.rules.draw_delay
        entropy = await self.contracts.randomness.entropy(dispute.block_number + delay)
        assert entropy is not None
        return audit.panel(
            audit.panel_seed(entropy, self.dispute_id(item)),
            await self.contracts.validators.set_at(docket.time),
            self.parties,
            dispute.judge,
            self.sweep.terms.vram_gib,
            self.contracts.deployment.profile.rules.seats,
        )

    async def resolve(self, item: Item, upheld: bool) -> Receipt:
        """Let the whole panel vote one way."""
        vote = Vote(self.dispute_id(item), upheld)
        typed = typed_vote(self.chain_id, self.contracts.court.address, vote)
        votes = [
            SignedVote(vote, member, self.cast.wallet(member).sign_typed(typed))
            for member in sorted(set(await self.panel(item)))
        ]
        call = self.contracts.court.resolve(self.sweep, self.commit, item.number, votes)
        return await self._send(self.cast.relayer, call)

    async def _send(self, wallet: Wallet, call: object) -> Receipt:
        receipt = await send(wallet, call)  # type: ignore[arg-type]
        self.receipts.append(receipt)
        return receipt


def told(receipt: Receipt, kind: type[Event]) -> list[Event]:
    """The events of one kind in a receipt."""
    return [event for event in decode_all(receipt.logs) if isinstance(event, kind)]
