"""Writes tests/vectors from the Python reference; the same code gives the same bytes."""

import argparse
import hashlib
import json
import math
import struct
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from compute_swarm.domain import (
    audit,
    bid,
    bonds,
    commitment,
    dispute,
    draw,
    oversight,
    seats,
    session,
    settlement,
    slot,
    typed_data,
    verdict,
)
from compute_swarm.domain.ids import (
    NATIVE,
    ZERO32,
    Address,
    AwardId,
    ClassId,
    CommitId,
    Digest,
    DisputeId,
    SweepId,
    address,
    domain_separator,
    hex32,
)
from compute_swarm.domain.merkle import merkle_proof, merkle_root
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials, unpack_trials
from compute_swarm.domain.status import AwardStatus

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
BID_FIELDS = ["sweepId", "seller", "trials", "first", "segments", "price"]
BID_FIELDS += ["start", "deadline", "expiry", "nonce"]
SESSION_FIELDS = ["buyer", "sweepId", "key", "cap", "highestPrice", "sellers", "expiry", "nonce"]
CHAINS = (31337, 11155111, 84532)


class Stream:
    """Pseudo-random values that depend on their label and order only."""

    def __init__(self, label: str) -> None:
        self._label, self._count = label, 0

    def bytes32(self) -> bytes:
        self._count += 1
        return hashlib.sha256(f"{self._label}/{self._count}".encode()).digest()

    def digest(self) -> Digest:
        return Digest(self.bytes32())

    def address(self) -> Address:
        return address(hex32(self.bytes32()[:20]))

    def below(self, bound: int) -> int:
        return int.from_bytes(self.bytes32(), "big") % bound

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)


# --- ids -------------------------------------------------------------------------------------


def ids() -> dict[str, Any]:
    return {
        "trials": cases([*map(trials_case, LISTS.values()), *map(refused_case, REFUSED)]),
        "sweeps": cases(sweep_case(n) for n in range(6)),
        "bids": cases(bid_case(n) for n in range(8)),
        "results": cases(result_case(n) for n in range(4)),
        "verdicts": cases(verdict_case(n) for n in range(6)),
        "votes": cases(vote_case(n) for n in range(4)),
        "commits": cases(commit_case(n) for n in range(5)),
        "disputes": cases(dispute_case(n) for n in range(4)),
        "seeds": cases(seed_case(n) for n in range(4)),
        "slots": cases(slot_case(n) for n in range(8)),
        "sessions": cases(session_case(n) for n in range(4)),
        "demands": cases(demand_case(n) for n in range(3)),
    }


# (first trial, trials, first replica, replicas) of each run
LISTS: dict[str, list[tuple[int, int, int, int]]] = {
    "one": [(0, 1, 0, 1)],
    "many": [(0, 50, 0, 1)],
    "replicas": [(3, 4, 1, 5)],
    "gaps": [(0, 2, 0, 1), (5, 1, 0, 3), (6, 1, 0, 2), (9, 7, 2, 2)],
    "a trial goes on": [(4, 1, 0, 1), (4, 1, 2, 3), (4, 2, 7, 1)],
    "the ends": [(0, 1, 255, 1), (2**24 - 2, 2, 254, 2)],
    "word by word": [(at * 3, 2, at, 1) for at in range(9)],
}
REFUSED = (
    "",
    "00",
    "0000000000000100",  # no trials
    "0000000000010000",  # no replicas
    "0000000000010001" * 2,  # the same again
    "00000000000100010000",  # ragged
    "00000500000100010000040000010001",  # an earlier trial
    "00000400000200010000050000010201",  # into a run of several trials
    "00000400000100030000040000010201",  # a replica that was there
    "ffffff0000020001",  # past the last trial
    "000000000001ff02",  # past the last replica
)


def trials_case(runs: Sequence[tuple[int, int, int, int]]) -> dict[str, Any]:
    words = [t << 40 | n << 16 | r << 8 | m for t, n, r, m in runs]
    listed = b"".join(word.to_bytes(8, "big") for word in words)
    keys = unpack_trials(listed)
    return {
        "trials": listed,
        "count": len(keys),
        "indices": [key.index for key in keys],
        "replicas": [key.replica for key in keys],
    }


def refused_case(listed: str) -> dict[str, Any]:
    return {"trials": bytes.fromhex(listed), "count": 0, "indices": [], "replicas": []}


def sweep_case(n: int) -> dict[str, Any]:
    random = Stream(f"sweep/{n}")
    chain_id, market = CHAINS[n % 3], random.address()
    token = random.address() if n % 2 else NATIVE
    terms = bid.Terms(token, random.between(24, 1024), random.between(1, 86_400), n * 12)
    sweep = bid.Sweep(random.address(), random.digest(), terms)
    return {
        "chainId": chain_id,
        "market": market,
        "buyer": sweep.buyer,
        "specHash": sweep.spec_hash,
        "token": token,
        "segments": terms.segments,
        "verdictTime": terms.verdict_time,
        "vramGib": terms.vram_gib,
        "id": bid.sweep_id(chain_id, market, sweep),
    }


def bid_case(n: int) -> dict[str, Any]:
    random = Stream(f"bid/{n}")
    chain_id, market = CHAINS[n % 3], random.address()
    keys = [TrialKey(at // 2 * (n // 2 + 1), at % 2) for at in range(1 + 3 * n)]
    some = bid.Bid(
        sweep_id=SweepId(random.bytes32()),
        seller=random.address(),
        trials=pack_trials(keys),
        first=n % 3 * 8,
        segments=random.between(1, 1024),
        price=Amount(random.below(2 ** (16 * (n + 1)))),
        start=AwardId(random.bytes32()) if n % 3 else bid.FRESH,
        deadline=random.below(2**40),
        expiry=random.below(2**40),
        nonce=random.below(2**32),
    )
    award = bid.Award.of(bid.bid_digest(chain_id, market, some), some)
    return {
        "chainId": chain_id,
        "market": market,
        "domain": domain_separator(chain_id, market),
        **dict(zip(BID_FIELDS, some.abi(), strict=True)),
        "awardId": award.id,
        "awardTrials": award.trials,
        "awardSegments": award.segments,
    }


def result_case(n: int) -> dict[str, Any]:
    random = Stream(f"result/{n}")
    chain_id, market = CHAINS[n % 3], random.address()
    award_id, root, done = AwardId(random.bytes32()), random.digest(), random.below(2**32)
    typed = typed_data.typed_result(chain_id, market, award_id, root, done)
    return {
        "chainId": chain_id,
        "market": market,
        "awardId": award_id,
        "root": root,
        "done": done,
        "digest": typed_data.digest(typed),
    }


WHOLE_VERDICT = 5  # the case in which one byte answers all


def verdict_case(n: int) -> dict[str, Any]:
    random = Stream(f"verdict/{n}")
    chain_id, court = CHAINS[n % 3], random.address()
    outcomes = [random.below(4) for _ in range(3 * n + 1)]
    exact = [random.below(2) for _ in outcomes]
    if n == WHOLE_VERDICT:
        outcomes, exact = [int(verdict.Outcome.UPHELD)] * len(outcomes), [1] * len(exact)
    answers = verdict.pack_answers(
        [verdict.Answer(verdict.Outcome(o), bool(e)) for o, e in zip(outcomes, exact, strict=True)]
    )
    said = verdict.Verdict(CommitId(random.bytes32()), n % 3, answers, random.digest())
    typed = typed_data.typed_verdict(chain_id, court, said)
    return {
        "chainId": chain_id,
        "court": court,
        "commitId": said.commit_id,
        "share": said.share,
        "outcomes": outcomes,
        "exact": exact,
        "answers": answers,
        "evidence": said.evidence,
        "hash": typed_data.struct_hash(typed),
        "digest": typed_data.digest(typed),
    }


def vote_case(n: int) -> dict[str, Any]:
    random = Stream(f"vote/{n}")
    chain_id, court = CHAINS[n % 3], random.address()
    vote = verdict.Vote(DisputeId(random.bytes32()), bool(n % 2))
    return {
        "chainId": chain_id,
        "court": court,
        "disputeId": vote.dispute_id,
        "upheld": vote.upheld,
        "digest": typed_data.digest(typed_data.typed_vote(chain_id, court, vote)),
    }


def commit_case(n: int) -> dict[str, Any]:
    random = Stream(f"commit/{n}")
    chain_id, market = CHAINS[n % 3], random.address()
    commit = some_commit(random, [(32 * (at + 1), at + 1) for at in range(n + 1)])
    return {
        "chainId": chain_id,
        "market": market,
        **commit_columns(commit),
        "id": bid.commit_id(chain_id, market, commit),
    }


def dispute_case(n: int) -> dict[str, Any]:
    random = Stream(f"dispute/{n}")
    commit_id, award_id = CommitId(random.bytes32()), AwardId(random.bytes32())
    share, item, position = n % 3, n * 341, n * 100_003
    judged = dispute.Subject.judged(share, item)
    challenged = dispute.Subject.challenged(position)
    return {
        "commitId": commit_id,
        "awardId": award_id,
        "share": share,
        "item": item,
        "subject": judged,
        "id": dispute.dispute_id(commit_id, award_id, judged),
        "position": position,
        "challenge": challenged,
        "challengeId": dispute.dispute_id(commit_id, award_id, challenged),
    }


def seed_case(n: int) -> dict[str, Any]:
    random = Stream(f"seed/{n}")
    entropy, subject = random.bytes32(), random.bytes32()
    return {
        "entropy": entropy,
        "subject": subject,  # a commit id, or for a panel a dispute id
        "seed": draw.commit_seed(entropy, CommitId(subject)),
    }


def slot_case(n: int) -> dict[str, Any]:
    random = Stream(f"slot/{n}")
    sweep_id, commit_id = SweepId(random.bytes32()), CommitId(random.bytes32())
    commit_time, relayer = random.below(2**40), random.address()
    posted = some_commit(random, [(32 * n + 1, n + 1)]).awards[0]
    status = AwardStatus(1 + n % 3)
    if status is AwardStatus.AWARDED:
        tag = slot.awarded_tag(sweep_id, posted.award)
    else:
        tag = slot.posted_tag(sweep_id, posted, commit_id, commit_time, relayer)
    time, marked, docked = random.below(2**40), n % 4 > 1, n % 8 > 3
    return {
        "sweepId": sweep_id,
        "commitId": commit_id,
        "commitTime": commit_time,
        "relayer": relayer,
        **award_row(posted),
        "status": int(status),
        "time": time,
        "marked": marked,
        "docked": docked,
        "tag": tag,
        "word": slot.AwardSlot(status, time, tag, marked, docked).word,
    }


def session_case(n: int) -> dict[str, Any]:
    random = Stream(f"session/{n}")
    chain_id, contract = CHAINS[n % 3], random.address()
    sellers = sorted((random.address() for _ in range(n)), key=str.lower)
    some = session.Session(
        buyer=random.address(),
        sweep_id=SweepId(random.bytes32()),
        key=random.address(),
        cap=Amount(random.below(2**128)),
        highest_price=Amount(random.below(2**128)),
        sellers=session.sellers_hash(sellers),
        expiry=random.below(2**40),
        nonce=random.below(2**32),
    )
    awards = [AwardId(random.bytes32()) for _ in range(n + 1)]
    id_, hash_ = session.session_id(chain_id, contract, some), session.awards_hash(awards)
    least, number = random.below(2**20), n + 1
    opening, spend = session.Opening(id_, hash_, least), session.Spend(id_, number, hash_, least)
    return {
        "chainId": chain_id,
        "sessions": contract,
        **dict(zip(SESSION_FIELDS, some.abi(), strict=True)),
        "sellerList": sellers,
        "id": id_,
        "awardIds": awards,
        "awards": hash_,
        "leastTrials": least,
        "number": number,
        "opening": typed_data.digest(typed_data.typed_opening(chain_id, contract, opening)),
        "spend": typed_data.digest(typed_data.typed_spend(chain_id, contract, spend)),
    }


def demand_case(n: int) -> dict[str, Any]:
    random = Stream(f"demand/{n}")
    hash_, judge, item = random.digest(), random.address(), n * 341
    return {
        "verdict": hash_,
        "judge": judge,
        "item": item,
        "id": oversight.demand_id(hash_, judge, item),
    }


# --- draws -----------------------------------------------------------------------------------

SHAPES: dict[str, tuple[int, list[tuple[int, int]]]] = {
    # S, then (segments done, trials) of each award
    "one trial": (32, [(32, 1)]),
    "one segment": (32, [(1, 1)]),
    "partial trial": (32, [(31, 2)]),
    "several awards": (32, [(128, 4), (64, 2), (32, 1)]),
    "odd blocks": (24, [(25, 2), (47, 2), (12, 1), (24, 1), (1, 1), (23, 1)]),
    "rungs": (32, [(44, 11), (33, 3)]),
    "many": (32, [(1600, 50)]),
    "many sellers": (24, [(24 * n + n % 5, n + 1) for n in range(1, 9)]),
    "ten audits": (32, [(192, 6), (128, 4)]),
    "twenty-nine audits": (24, [(240, 10), (456, 19)]),
    "a share alone": (32, [(640, 1)]),
    "two shares": (32, [(640, 1), (33, 1)]),
    "few of each": (24, [(24, 1)] * 12),
    "long trials": (1024, [(2048, 2), (1536, 2)]),
}


def draws() -> dict[str, Any]:
    return {
        "draws": cases(draw_case(n) for n in range(20)),
        "items": cases(
            items_case(f"{name}/{n}", *SHAPES[name]) for name in SHAPES for n in range(2)
        ),
        "seats": cases(seats_case(n) for n in range(12)),
    }


def draw_case(n: int) -> dict[str, Any]:
    random = Stream(f"draw/{n}")
    seed, tag, a = random.digest(), draw.Tag(1 + n % 5), random.bytes32()
    b = random.below(2 ** (1 + 12 * n))
    return {"seed": seed, "tag": int(tag), "a": a, "b": b, "value": draw.draw(seed, tag, a, b)}


def items_case(name: str, segments: int, shape: list[tuple[int, int]]) -> dict[str, Any]:
    random = Stream(f"items/{name}")
    seed, commit, shards = random.digest(), some_commit(random, shape), random.between(1, 32)
    found = audit.items(seed, commit, segments)
    ids = [commit.awards[item.award_index].award.id for item in found]
    shares = audit.share_count(commit)
    lists = [audit.share_items(found, share) for share in range(shares)]
    return {
        "name": name,
        "seed": seed,
        "segments": segments,
        "shards": shards,
        **commit_columns(commit),
        "shares": shares,
        "mostItems": audit.most_items(commit, segments),
        "items": len(found),
        "itemAwards": [item.award_index for item in found],
        "kinds": [int(item.kind) for item in found],
        "blocks": [item.block for item in found],
        "positions": [item.position for item in found],
        "itemShares": [item.share for item in found],
        "seconds": [shares if item.second is None else item.second for item in found],
        "sizes": [len(list_) for list_ in lists],
        "lists": [item.number for list_ in lists for item in list_],  # one after the other
        "answers": [audit.award_answers(found, index) for index in range(len(shape))],
        "itemShards": [
            audit.drawn_shard(seed, award, item.block, shards)
            if item.kind is audit.ItemKind.AUDIT
            else 0
            for award, item in zip(ids, found, strict=True)
        ],
    }


def seats_case(n: int) -> dict[str, Any]:
    """A set of validators in tiers, some of them parties, its judges and a panel."""
    random = Stream(f"seats/{n}")
    least = 32 * 10**18
    entries = [
        seats.ValidatorEntry(
            random.address(), random.below(4) * 8, least * random.between(1, 9) + random.below(7)
        )
        for _ in range(5 + 5 * n)
    ]
    tier = n % 4 * 8 if n > 2 else 0
    skipped = [entries[at].validator for at in range(0, n, 3)]
    parties = [random.address(), *skipped]
    able = seats.eligible(entries, parties, tier)
    seed, shares, panel_seats = random.digest(), n % 3 + 1, (3, 7)[n % 2]
    judges = seats.judges(seed, entries, parties, tier, shares)
    last = shares - 1
    return {
        "seed": seed,
        "validators": [entry.validator for entry in entries],
        "vramGibs": [entry.vram_gib for entry in entries],
        "bonds": [entry.bond for entry in entries],
        "parties": parties,
        "tier": tier,
        "eligibleCount": len(able),
        "eligibleTotal": sum(entry.bond for entry in able),
        "shares": shares,
        "judges": judges,
        "substitutes": seats.substitutes(seed, entries, parties, judges[last], tier, last),
        "seats": panel_seats,
        "panelSeed": (panel_seed := random.digest()),
        "panelSkips": judges[0],
        "panel": seats.panel(panel_seed, entries, parties, judges[0], tier, panel_seats),
    }


# --- leaves ----------------------------------------------------------------------------------


def leaves() -> dict[str, Any]:
    return {
        "states": cases(state_case(n) for n in range(4)),
        "segments": cases(segment_case(n) for n in range(8)),
        "trials": cases(trial_case(n) for n in range(5)),
        "trees": cases(tree_case(n) for n in (1, 2, 3, 4, 5, 7, 8, 33)),
        "evidence": cases(evidence_case(n) for n in range(4)),
    }


def state_case(n: int) -> dict[str, Any]:
    random = Stream(f"state/{n}")
    hashes = commitment.StateHashes(random.digest(), random.digest(), random.digest())
    k, step = n * 11, n * 330
    return {
        "k": k,
        "w": hashes.w,
        "m": hashes.m,
        "v": hashes.v,
        "step": step,
        "digest": commitment.state_digest(k, hashes, step),
    }


def segment_case(n: int) -> dict[str, Any]:
    random = Stream(f"segment/{n}")
    boundary = some_boundary(random, n, n % 2 == 0)
    evaluated = boundary.eval_losses or ()
    return {
        "k": boundary.k,
        "digest": boundary.digest,
        "bits": commitment.float_bits(boundary.loss),
        "shards": b"".join(struct.pack(">d", loss) for loss in evaluated),
        "evalHash": commitment.eval_hash(boundary.eval_losses),
        "leaf": boundary.leaf(),
    }


def trial_case(n: int) -> dict[str, Any]:
    random = Stream(f"trial/{n}")
    first = n % 2 * 4
    boundaries = [some_boundary(random, first + at, at in (0, n + 1)) for at in range(n + 2)]
    boundaries[0] = replace(boundaries[0], loss=0.0)
    receipt = commitment.Receipt(
        award_id=AwardId(random.bytes32()),
        seller=random.address(),
        key=TrialKey(random.below(2**24), random.below(2**8)),
        trial_hash=random.digest(),
        start=boundaries[0].digest,
        offset=random.below(2**20),
        boundaries=tuple(boundaries),
        adapter_digest=random.digest(),
        adapter_cid="",
        metrics_digest=random.digest(),
        class_id=ClassId(random.digest()),
    )
    return {
        "awardId": receipt.award_id,
        "seller": receipt.seller,
        "trial": receipt.key.index,
        "replica": receipt.key.replica,
        "trialHash": receipt.trial_hash,
        "start": receipt.start,
        "first": receipt.first,
        "offset": receipt.offset,
        "segmentsDone": receipt.done,
        "segmentLeaves": [boundary.leaf() for boundary in boundaries],
        "segmentRoot": receipt.segment_root(),
        "adapterDigest": receipt.adapter_digest,
        "metricsDigest": receipt.claims_digest,
        "leaf": receipt.leaf(),
    }


def tree_case(size: int) -> dict[str, Any]:
    random = Stream(f"tree/{size}")
    some, index = [random.digest() for _ in range(size)], random.below(size)
    return {
        "leaves": some,
        "root": merkle_root(some),
        "index": index,
        "proof": merkle_proof(some, index),
    }


def evidence_case(n: int) -> dict[str, Any]:
    random = Stream(f"evidence/{n}")
    items = [n + 3 * at for at in range(n + 1)]
    rows = [commitment.StateHashes(*(random.digest() for _ in range(3))) for _ in items]
    # The last item of a share is a re-score where there are several.
    rows[-1] = commitment.StateHashes(random.digest(), ZERO32, ZERO32) if n else rows[-1]
    found = [
        commitment.state_evidence_leaf(item, row) for item, row in zip(items, rows, strict=True)
    ]
    return {
        "items": items,
        "w": [row.w for row in rows],
        "m": [row.m for row in rows],
        "v": [row.v for row in rows],
        "leaves": found,
        "root": commitment.evidence_root(found),
    }


# --- bonds -----------------------------------------------------------------------------------


def money() -> dict[str, Any]:
    return {"awards": cases(bond_case(n) for n in range(40))}


def bond_case(n: int) -> dict[str, Any]:
    random = Stream(f"bond/{n}")
    whole = (24, 32, 100, 1024)[n % 4]
    trials = (1, 2, 8, 50, 500)[n % 5]
    price = Amount(1 + random.below(2 ** (2 * n + 1)))
    floor, tip, seats_ = Amount(random.below(10**15)), Amount(random.below(10**14)), (3, 7)[n % 2]
    segments = random.between(1, trials * whole)
    award = bid.Award(AwardId(ZERO32), NATIVE, trials, segments, price, 0)
    done = random.between(1, segments)
    some = settlement.Judged(1 + done // whole, [n % 3, n % 7][: n % 3], n % 4)
    panel = bonds.panel_fee(price, seats_, floor)
    closed = settlement.settlement(bid.Posted(award, ZERO32, done), some, tip)
    least_bond, cap = Amount(32 * 10**18), Amount(award.total * 4 + 1)
    refuter = dispute.refuter_penalty(award.total, panel, least_bond, cap)
    withholder = dispute.withholder_penalty(award.total, panel, least_bond, cap)
    return {
        "price": price,
        "wholeTrial": whole,
        "segments": segments,
        "seats": seats_,
        "panelFloor": floor,
        "tip": tip,
        "panelFee": panel,
        "bond": bonds.bond(price, segments, whole, panel),
        "auditFee": bonds.audit_fee(award.total),
        "cost": bonds.award_cost(award.total, tip),
        "deposit": bonds.deposit(award.total, panel),
        "challengersPart": dispute.challengers_part(bonds.deposit(award.total, panel)),
        "done": done,
        "byJudges": some.by_judges,
        "byStandIns": list(some.by_stand_ins),
        "byPanels": some.by_panels,
        "paid": closed.seller,
        "perAnswer": closed.per_answer,
        "fees": closed.fees,
        "refunded": closed.buyer,
        "dust": closed.dust,
        "leastBond": least_bond,
        "cap": cap,
        "worth": bonds.worth(closed.fees, least_bond, cap),
        "fine": bonds.fine(award.total, least_bond, cap),
        "refuterPenalty": refuter.amount,
        "refutersPanel": refuter.panel,
        "withholderPenalty": withholder.amount,
        "withholdersPanel": withholder.panel,
        "docked": bonds.sellers_part(award.total, panel),
    }


# --- shared ----------------------------------------------------------------------------------


def some_commit(random: Stream, shape: Sequence[tuple[int, int]]) -> bid.Commit:
    where = (random.below(2**32), random.below(2**40), random.address())
    return bid.Commit(*where, tuple(some_posted(random, *one) for one in shape))


def some_posted(random: Stream, done: int, trials: int) -> bid.Posted:
    award = bid.Award(
        id=AwardId(random.bytes32()),
        seller=random.address(),
        trials=trials,
        segments=done + random.below(8),
        price=Amount(random.between(1, 10**16)),
        deadline=random.below(2**40),
    )
    return bid.Posted(award, random.digest(), done)


def some_boundary(random: Stream, k: int, evaluated: bool) -> commitment.Boundary:
    losses = tuple(random.below(10**9) / 10**8 for _ in range(k % 32 + 1)) if evaluated else None
    loss = {1: math.nan, 2: math.inf}[k] if k in (1, 2) else random.below(10**9) / 10**8
    return commitment.Boundary(k, random.digest(), loss, losses)


def award_row(posted: bid.Posted) -> dict[str, Any]:
    names = ("awardId", "seller", "trials", "segments", "price", "deadline")
    row = dict(zip(names, posted.award.abi(), strict=True))
    return {**row, "root": posted.root, "done": posted.done}


def commit_columns(commit: bid.Commit) -> dict[str, Any]:
    rows = [award_row(posted) for posted in commit.awards]
    plural = {
        "awardId": "awardIds",
        "seller": "sellers",
        "trials": "trials",
        "segments": "awardSegments",
        "price": "prices",
        "deadline": "deadlines",
        "root": "roots",
        "done": "dones",
    }
    columns = {plural[name]: [row[name] for row in rows] for name in plural}
    where = {"blockNumber": commit.block_number, "time": commit.time, "relayer": commit.relayer}
    return {**where, **columns}


def cases(found: Any) -> dict[str, Any]:
    rows = [{key: written(value) for key, value in case.items()} for case in found]
    return {"count": str(len(rows)), "list": rows}


def written(value: object) -> Any:
    match value:
        case bytes():
            return hex32(value)
        case bool():
            return value
        case int():
            return str(int(value))
        case list() | tuple():
            return [written(item) for item in value]
        case _:
            return value


FILES = {"ids": ids, "draw": draws, "leaves": leaves, "bonds": money}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 if one differs")
    check = parser.parse_args().check
    stale = []
    for name, build in FILES.items():
        path, text = VECTORS / f"{name}.json", json.dumps(build(), indent=1) + "\n"
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"stale: {', '.join(stale)}; run tools/write_vectors.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
