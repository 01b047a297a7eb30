"""Ids, digests and slots: `ids.json`."""

from collections.abc import Sequence
from typing import Any

from compute_swarm.domain import bid, dispute, draw, oversight, session, slot, typed_data, verdict
from compute_swarm.domain.ids import NATIVE, AwardId, CommitId, DisputeId, SweepId, domain_separator
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials, unpack_trials
from compute_swarm.domain.status import AwardStatus
from vector_cases.cases import CHAINS, Stream, award_row, cases, commit_columns, some_commit

BID_FIELDS = ["sweepId", "seller", "trials", "first", "segments", "price"]
BID_FIELDS += ["start", "deadline", "expiry", "nonce"]
SESSION_FIELDS = ["buyer", "sweepId", "key", "cap", "highestPrice", "sellers", "expiry", "nonce"]


def tables() -> dict[str, Any]:
    return {
        "trials": cases([*map(trials_case, LISTS.values()), *map(refused_case, REFUSED)]),
        "sweeps": cases(sweep_case(n) for n in range(6)),
        "bids": cases(bid_case(n) for n in range(8)),
        "results": cases(result_case(n) for n in range(4)),
        "verdicts": cases(verdict_case(n) for n in range(6)),
        "votes": cases(vote_case(n) for n in range(6)),
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
    outcome = verdict.Outcome(n % 3)
    vote = verdict.Vote(DisputeId(random.bytes32()), (0, 1, 2, 255)[n % 4], outcome)
    return {
        "chainId": chain_id,
        "court": court,
        "disputeId": vote.dispute_id,
        "round": vote.round,
        "outcome": vote.outcome,
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
