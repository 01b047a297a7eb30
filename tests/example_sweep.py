"""A small sweep, its bids and its events, for tests of what a buyer sees."""

from pathlib import Path

from compute_swarm.chain.events import Awarded, Committed, Place, Settled, Slashed, SweepOpened
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.bid import sweep_id as make_id
from compute_swarm.domain.commitment import Boundary, Receipt
from compute_swarm.domain.events import CommitEntry
from compute_swarm.domain.ids import (
    ZERO32,
    Address,
    AwardId,
    ClassId,
    CommitId,
    Digest,
    address,
    keccak,
)
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.sdk.dataset import prepare_data
from compute_swarm.sdk.model import ModelFiles
from compute_swarm.sdk.request import SweepRequest, build_spec

SEGMENTS = 24
TIP = Amount(100)
PRICE = Amount(10_000)
MODEL = ModelFiles("acme/llama", "main", Path(), Digest(b"m" * 32), Digest(b"t" * 32), 10, 20)
ROWS = [{"text": f"row {number}"} for number in range(40)]
BUYER, MARKET = address("0x" + "b0" * 20), address("0x" + "aa" * 20)
SELLERS = tuple(address("0x" + f"5{n}" * 20) for n in range(3))


def spec(trials: int = 4, buyer_limit: str = "0.05 ETH", **changes: object) -> SweepSpec:
    options = {
        "model": "m",
        "data": ROWS,
        "space": {"lr": [1e-4 * (n + 1) for n in range(trials)]},
        "method": "grid",
        "segments": SEGMENTS,
        "steps": SEGMENTS,
        "max_spend": buyer_limit,
        "verdict_time": 120,
        "vram_gib": 24,
    }
    request = SweepRequest.of({**options, **changes})
    return build_spec(request, MODEL, prepare_data(ROWS, None), (120, 120))


SPEC = spec()
SWEEP = Sweep(BUYER, SPEC.hash, SPEC.terms)
SWEEP_ID = make_id(31337, MARKET, SWEEP)


def award_id(number: int) -> AwardId:
    return AwardId(keccak(b"award %d" % number))


def commit_id(number: int) -> CommitId:
    return CommitId(keccak(b"commit %d" % number))


def place(block: int, index: int = 0) -> Place:
    hashes = (keccak(b"%d" % block), keccak(b"tx %d" % block))
    return Place(MARKET, block, hashes[0], 1_000 + block, hashes[1], index)


def opened(block: int = 1) -> SweepOpened:
    return SweepOpened(SWEEP_ID, BUYER, SPEC.hash, SPEC.terms, Amount(0), place=place(block))


def awarded(number: int, trials: int, seller: Address, block: int = 1) -> Awarded:
    segments = trials * SEGMENTS
    total = PRICE.times(segments)
    cost = total + total.mul_bps_up(800) + TIP.times(2)
    place_ = place(block, number + 1)
    numbers = (trials, segments, PRICE, 10**10, Amount(10**6), cost)
    return Awarded(SWEEP_ID, award_id(number), seller, *numbers, place=place_)


def committed(number: int, *done: tuple[int, int], block: int = 5) -> Committed:
    entries = tuple(CommitEntry(award_id(a), Digest(b"r" * 32), d) for a, d in done)
    return Committed(SWEEP_ID, commit_id(number), BUYER, entries, place=place(block))


def settled(number: int, event: Awarded, block: int = 9) -> Settled:
    total = PRICE.times(event.segments)
    fees = total.mul_bps_up(800)
    return Settled(
        award_id(number), event.seller, total, Amount(0), fees, place=place(block, number)
    )


def slashed(number: int, event: Awarded, block: int = 8) -> Slashed:
    burned = Amount(event.bond - TIP)
    return Slashed(
        award_id(number), event.seller, event.bond, event.cost, burned, place=place(block, number)
    )


def receipt(number: int, trial: int, loss: float, base: float = 3.0) -> Receipt:
    start = Boundary(0, ZERO32, 0.0, (base,))
    middle = [Boundary(k, ZERO32, base - 0.01 * k) for k in range(1, SEGMENTS)]
    end = Boundary(SEGMENTS, ZERO32, loss, (loss,))
    key = TrialKey(trial, 0)
    hashes = (ZERO32, ZERO32)
    boundaries = (start, *middle, end)
    ends = (ZERO32, "cid", ZERO32, ClassId(ZERO32))
    return Receipt(award_id(number), SELLERS[0], key, *hashes, 0, boundaries, *ends)
