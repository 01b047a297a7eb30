"""What whole sweeps cost step by step, on a chain whose blocks repeat exactly.

Times, keys and the order of requests are fixed, so block hashes, which decide the draws, are the
same in each run. A draw is taken only where it costs about as much as the middle of all, so that
other code does not show as other luck.
"""

import asyncio
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from compute_swarm.chain.artefacts import Artefact
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.deployment import deploy
from compute_swarm.chain.devnet import (
    CHAIN_ID,
    Devnet,
    DevnetOptions,
    Stake,
    dev_wallet,
    devnet,
    native_binary,
)
from compute_swarm.chain.events import Awarded, Committed, Settled, commit_of, decode_all
from compute_swarm.chain.profiles import DEMO
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import Call, Receipt, send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.audit import items, share_count, share_items
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
from compute_swarm.domain.bonds import audit_fee, award_cost
from compute_swarm.domain.ids import NATIVE, Address, Digest, hex32, keccak
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.seats import judges
from compute_swarm.domain.typed_data import typed_bid, typed_result, typed_verdict
from compute_swarm.domain.verdict import Answer, Outcome, SignedVerdict, Verdict, pack_answers

ROOT: Final = Path(__file__).resolve().parent.parent
BASELINE: Final = "StructPerTrial"
GENESIS: Final = 2_000_000_000  # later than any clock, so that no run begins elsewhere
SEGMENTS: Final = 32
PRICE: Final = Amount(10**12)  # per segment
COIN: Final = Amount(10**18)
STAKE: Final = Stake()
BY_HAND: Final = 10**6  # seconds between blocks that nobody asked for
_MOST_DRAWS: Final = 1_000
_BATCH: Final = 100  # transactions a block


@dataclass(frozen=True, slots=True)
class Shape:
    """A sweep by its trials and sellers."""

    trials: int
    sellers: int

    def __str__(self) -> str:
        return f"{self.trials}/{self.sellers}"


@dataclass(frozen=True, slots=True)
class Cost:
    """The gas of one sweep by its steps."""

    trials: int
    transactions: int
    steps: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.steps.values())


# --- the chain and the people ----------------------------------------------------------------


class OrderedRpc(Rpc):
    """One request at a time, first come, first served: what is sent together repeats in order."""

    def __init__(self, url: str, chain_id: int, timeout: float = 20.0, retries: int = 4) -> None:
        super().__init__(url, chain_id, timeout, retries)
        self._turn = asyncio.Lock()

    async def request(self, method: str, params: Sequence[object]) -> Any:
        async with self._turn:
            return await super().request(method, params)


class Cast:
    """Everybody who takes part, each with a key of its own name."""

    def __init__(self, sellers: int, validators: int) -> None:
        self.buyer, self.relayer = _wallet("buyer"), _wallet("relayer")
        self.sellers = [_wallet(f"seller {n}") for n in range(sellers)]
        self.validators = [_wallet(f"validator {n}") for n in range(validators)]

    @property
    def all(self) -> list[Wallet]:
        return [self.buyer, self.relayer, *self.sellers, *self.validators]

    def wallet(self, address: Address) -> Wallet:
        return next(wallet for wallet in self.all if wallet.address == address)


def _wallet(name: str) -> Wallet:
    return Wallet.from_key(keccak(name.encode()))


@dataclass(frozen=True, slots=True)
class Town:
    """The chain, the contracts on it and the people."""

    net: Devnet
    contracts: Contracts
    cast: Cast

    @classmethod
    async def found(cls, net: Devnet, rpc: Rpc, cast: Cast) -> Self:
        """Deploy, and give everybody something; each transaction is a block of its own."""
        net.request("evm_setIntervalMining", 0)
        net.request("evm_setAutomine", True)
        net.request("anvil_setBlockTimestampInterval", 1)
        net.request("anvil_autoImpersonateAccount", True)
        town = cls(net, Contracts(rpc, await deploy(rpc, dev_wallet(0), DEMO)), cast)
        market = town.contracts.market
        for wallet in cast.all:
            net.request("anvil_setBalance", wallet.address, hex(1_000 * COIN))
            await send(wallet, market.deposit(wallet.address, COIN))
        return town

    async def now(self) -> int:
        return (await self.contracts.rpc.head()).time

    async def until(self, time: int) -> None:
        """Go on to a time, unless it is over."""
        if time > await self.now():
            self.net.request("evm_setNextBlockTimestamp", time)
            self.net.mine()

    async def bond(self, count: int) -> None:
        """Bond validators until there are so many, and wait for the epoch in which they count."""
        there = await self.contracts.validators.eligible(await self.now(), STAKE.vram_gib)
        call = self.contracts.validators.bond(STAKE.vram_gib, STAKE.amount)
        for wallet in self.cast.validators[there.validators : count]:
            await send(wallet, call)
        await self.until(await self.now() + DEMO.epoch)


# --- a sweep ---------------------------------------------------------------------------------


class Run:
    """One sweep from `award` to `settle`, with the receipt of each transaction."""

    def __init__(self, town: Town, shape: Shape, name: str) -> None:
        self.town, self.shape = town, shape
        self.market = town.contracts.market
        terms = Terms(NATIVE, SEGMENTS, DEMO.rules.verdict_time_least, STAKE.vram_gib)
        self.sweep = Sweep(town.cast.buyer.address, Digest(keccak(name.encode())), terms)
        self.receipts: dict[str, Receipt] = {}

    async def cost(self) -> Cost:
        awards = await self._award()
        commit = await self._commit(awards)
        await self._settle(commit)
        gas = {step: receipt.gas_used for step, receipt in self.receipts.items()}
        return Cost(self.shape.trials, len(self.receipts), gas)

    async def _award(self) -> tuple[Award, ...]:
        bids = await self._bids()
        tip = (await self.market.token_terms()).tip
        awards = [Award.of(bid_digest(CHAIN_ID, self.market.address, b.bid), b.bid) for b in bids]
        cost = sum((award_cost(award.total, tip) for award in awards), ZERO)
        call = self.market.award(self.sweep, bids, self.shape.trials, cost)
        receipt = await self._send("award", self.town.cast.buyer, call)
        assert len(_told(receipt, Awarded)) == self.shape.sellers
        return tuple(awards)

    async def _bids(self) -> list[SignedBid]:
        now, each = await self.town.now(), self.shape.trials // self.shape.sellers
        sellers = self.town.cast.sellers[: self.shape.sellers]
        return [self._bid(seller, i * each, each, now) for i, seller in enumerate(sellers)]

    def _bid(self, seller: Wallet, first: int, count: int, now: int) -> SignedBid:
        bid = Bid(
            sweep_id=sweep_id(CHAIN_ID, self.market.address, self.sweep),
            seller=seller.address,
            trials=pack_trials(TrialKey(first + i, 0) for i in range(count)),
            first=0,
            segments=SEGMENTS,
            price=PRICE,
            start=FRESH,
            deadline=now + 600,
            expiry=now + 300,
            nonce=0,
        )
        return SignedBid(bid, seller.sign_typed(typed_bid(CHAIN_ID, self.market.address, bid)))

    async def _commit(self, awards: Sequence[Award]) -> Commit:
        call = self.market.commit(self.sweep, [self._submission(award) for award in awards])
        receipt = await self._send("commit", self.town.cast.relayer, call)
        (told,) = _told(receipt, Committed)
        return commit_of(told, {award.id: award for award in awards})

    def _submission(self, award: Award) -> Submission:
        root, done = Digest(keccak(b"root of " + award.id)), award.segments
        typed = typed_result(CHAIN_ID, self.market.address, award.id, root, done)
        return Submission(award, root, done, self.town.cast.wallet(award.seller).sign_typed(typed))

    async def _settle(self, commit: Commit) -> None:
        verdicts = await self._verdicts(commit)
        await self.town.until(await self.market.settle_from(self.sweep.terms, commit.time))
        call = self.market.settle(self.sweep, commit, verdicts)
        receipt = await self._send("settle", self.town.cast.relayer, call)
        assert len(_told(receipt, Settled)) == self.shape.sellers

    async def _verdicts(self, commit: Commit) -> list[SignedVerdict]:
        """All upheld, share by share."""
        id_, court = commit_id(CHAIN_ID, self.market.address, commit), self.town.contracts.court
        seed, drawn = await self._draw(commit)
        audited, verdicts = items(seed, commit, SEGMENTS), []
        for share, judge in enumerate(drawn):
            answers = [Answer(Outcome.UPHELD, exact=True) for _ in share_items(audited, share)]
            evidence = Digest(keccak(f"evidence {share}".encode()))
            verdict = Verdict(id_, share, pack_answers(answers), evidence)
            typed = typed_verdict(CHAIN_ID, court.address, verdict)
            verdicts.append(SignedVerdict(verdict, self.town.cast.wallet(judge).sign_typed(typed)))
        return verdicts

    async def _draw(self, commit: Commit) -> tuple[Digest, tuple[Address, ...]]:
        """Mine the block that decides, at another time again until the draw is a usual one."""
        net, entries = self.town.net, await self.town.contracts.validators.set_at(commit.time)
        order = [entry.validator for entry in entries]
        for wait in range(1, _MOST_DRAWS):
            before = net.request("evm_snapshot")
            net.request("evm_setNextBlockTimestamp", commit.time + wait)
            net.mine(DEMO.entropy.delay + 1)
            seed = (await self.market.docket(self.sweep, commit)).seed
            shares = share_count(commit)
            drawn = judges(seed, entries, (), self.sweep.terms.vram_gib, shares)
            if usual([order.index(judge) for judge in drawn], len(order)):
                return seed, drawn
            net.request("evm_revert", before)
        raise AssertionError("one draw in ten is a usual one")

    async def _send(self, step: str, wallet: Wallet, call: Call) -> Receipt:
        receipt = self.receipts[step] = await send(wallet, call)
        return receipt


def usual(places: Sequence[int], count: int) -> bool:
    """Whether judges are as many as shares, and stand at the middle of the set on average.

    One who is drawn twice saves an account's write, and a draw walks through the set up to its
    judge.
    """
    off = 2 * sum(places) - len(places) * (count - 1)
    return len(set(places)) == len(places) and abs(off) <= max(1, count // 10)


def _told(receipt: Receipt, kind: type[Any]) -> list[Any]:
    return [event for event in decode_all(receipt.logs) if isinstance(event, kind)]


# --- the baseline ----------------------------------------------------------------------------


class Escrow:
    """The struct-per-trial contract: a transaction of each party for each trial."""

    def __init__(self, town: Town, build: Artefact, place: Address, judges: int) -> None:
        self.town, self.build, self.place = town, build, place
        self.judges = town.cast.validators[:judges]

    @classmethod
    async def open(cls, town: Town, judges: int) -> Self:
        """Deploy it, and stake for the sellers."""
        build = baseline_build()
        allowed = [wallet.address for wallet in town.cast.validators[:judges]]
        creation = Call(town.contracts.rpc, None, build.creation([allowed]), build.constructor)
        receipt = await send(dev_wallet(0), creation)
        assert receipt.contract is not None
        escrow = cls(town, build, receipt.contract, judges)
        await escrow.sent("stake", [(seller, (), 10 * COIN) for seller in town.cast.sellers])
        return escrow

    async def cost(self, shape: Shape) -> Cost:
        cast, first = self.town.cast, 1 + await self._count()
        numbers = range(first, first + shape.trials)
        each = shape.trials // shape.sellers
        sellers = [cast.sellers[i // each] for i in range(shape.trials)]
        judging = [self.judges[n % len(self.judges)] for n in numbers]
        price, deadline = int(PRICE) * SEGMENTS, await self.town.now() + 10_000
        due = price + int(audit_fee(Amount(price)))
        result = keccak(b"a result")

        awards = [(cast.buyer, (one.address, price, deadline), due) for one in sellers]
        gas = {"award": await self.sent("award", awards)}
        results = [(one, (n, result), 0) for one, n in zip(sellers, numbers, strict=True)]
        gas["submit"] = await self.sent("submit", results)
        verdicts = [(one, (n, True), 0) for one, n in zip(judging, numbers, strict=True)]
        gas["judge"] = await self.sent("judge", verdicts)
        await self.town.until(await self.town.now() + DEMO.rules.window_least)
        gas["settle"] = await self.sent("settle", [(cast.relayer, (n,), 0) for n in numbers])
        return Cost(shape.trials, len(gas) * shape.trials, gas)

    async def _count(self) -> int:
        function = self.build.function("count")
        call = Call(self.town.contracts.rpc, self.place, function.encode_call(()), function)
        return int((await call.read())[0])

    async def sent(self, name: str, calls: Sequence[tuple[Wallet, tuple[Any, ...], int]]) -> int:
        """Send calls of one function, many in a block, and sum up their gas."""
        net, rpc, function = self.town.net, self.town.contracts.rpc, self.build.function(name)
        gas = 0
        net.request("evm_setAutomine", False)
        for at in range(0, len(calls), _BATCH):
            batch = calls[at : at + _BATCH]
            for wallet, arguments, value in batch:
                data = hex32(function.encode_call(arguments))
                fields = {"from": wallet.address, "to": self.place, "data": data}
                limits = {"value": hex(value), "gas": hex(250_000)}
                await rpc.request("eth_sendTransaction", [fields | limits])
            net.mine()
            receipts = await rpc.request("eth_getBlockReceipts", ["latest"])
            assert [int(one["status"], 16) for one in receipts] == [1] * len(batch)
            gas += sum(int(one["gasUsed"], 16) for one in receipts)
        net.request("evm_setAutomine", True)
        return gas


def baseline_build() -> Artefact:
    """Compile the baseline with the contracts' own settings, in folders of its own."""
    build = ROOT / "build" / "bench"
    folders = ("--out", build / "out", "--cache-path", build / "cache")
    source = f"contracts/bench/{BASELINE}.sol"
    forge = native_binary("forge")
    command: list[str | Path] = [forge, "build", "--root", ROOT, "--quiet", *folders, source]
    subprocess.run(command, check=True, timeout=300, stdin=subprocess.DEVNULL)
    found = json.loads((build / "out" / f"{BASELINE}.sol" / f"{BASELINE}.json").read_text())
    code, deployed = (found[part]["object"] for part in ("bytecode", "deployedBytecode"))
    return Artefact(BASELINE, found["abi"], bytes.fromhex(code[2:]), bytes.fromhex(deployed[2:]))


# --- all of it -------------------------------------------------------------------------------


def measure(
    shapes: Sequence[Shape], validators: int, beside: Sequence[int]
) -> tuple[dict[int, dict[Shape, Cost]], dict[Shape, Cost]]:
    """The shapes' cost for each number of eligible validators, and what the baseline costs."""
    sellers = max(shape.sellers for shape in shapes)
    cast = Cast(sellers, max((validators, *beside)))
    options = DevnetOptions(block_time=BY_HAND, accounts=1, genesis=GENESIS)

    async def run(net: Devnet) -> tuple[dict[int, dict[Shape, Cost]], dict[Shape, Cost]]:
        async with await OrderedRpc.connect(net.url, CHAIN_ID) as rpc:
            town = await Town.found(net, rpc, cast)
            counts = sorted((validators, *beside))
            sweeps = {count: await _sweeps(town, shapes, count) for count in counts}
            return sweeps, await _baseline(town, shapes, validators)

    with devnet(options) as net:
        return asyncio.run(run(net))


async def _sweeps(town: Town, shapes: Sequence[Shape], validators: int) -> dict[Shape, Cost]:
    """The first sweep is not counted: in the long run every account has something in it."""
    await town.bond(validators)
    await Run(town, _widest(shapes), f"first of {validators}").cost()
    return {shape: await Run(town, shape, f"{shape} of {validators}").cost() for shape in shapes}


async def _baseline(town: Town, shapes: Sequence[Shape], judges: int) -> dict[Shape, Cost]:
    escrow = await Escrow.open(town, judges)
    await escrow.cost(_widest(shapes))
    return {shape: await escrow.cost(shape) for shape in shapes}


def _widest(shapes: Sequence[Shape]) -> Shape:
    return max(shapes, key=lambda shape: shape.sellers)
