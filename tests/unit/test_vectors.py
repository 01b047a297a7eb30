"""The Python side of tests/vectors; contracts/test holds the same against Solidity."""

import subprocess
import sys

import pytest

from compute_swarm.domain import (
    audit,
    bid,
    bonds,
    commitment,
    dispute,
    draw,
    merkle,
    seats,
    settlement,
    slot,
)
from compute_swarm.domain.ids import NATIVE, ZERO32, AwardId
from compute_swarm.domain.money import Amount
from compute_swarm.domain.status import AwardStatus
from examples import vectors


def the_award(case):
    return bid.Award(
        case["awardId"],
        case["seller"],
        case["trials"],
        case["segments"],
        Amount(case["price"]),
        case["deadline"],
    )


def the_commit(case):
    names = ["awardIds", "sellers", "trials", "awardSegments", "prices", "deadlines"]
    rows = zip(*(case[name] for name in names), case["roots"], case["dones"], strict=True)
    return bid.Commit(
        case["blockNumber"],
        case["time"],
        case["relayer"],
        tuple(bid.Posted(bid.Award(*fields), root, done) for *fields, root, done in rows),
    )


def test_the_files_are_what_the_reference_writes(root):
    written = [sys.executable, root / "tools" / "write_vectors.py", "--check"]
    assert subprocess.run(written, check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("case", vectors("ids", "sweeps"))
def test_sweep_ids(case):
    terms = bid.Terms(case["token"], case["segments"], case["verdictTime"], case["vramGib"])
    sweep = bid.Sweep(case["buyer"], case["specHash"], terms)
    assert bid.sweep_id(case["chainId"], case["market"], sweep) == case["id"]


@pytest.mark.parametrize("case", vectors("ids", "bids"))
def test_award_ids(case):
    names = ["sweepId", "seller", "trials", "first", "segments", "price", "start"]
    some = bid.Bid(*(case[name] for name in [*names, "deadline", "expiry", "nonce"]))
    award = bid.Award.of(bid.bid_digest(case["chainId"], case["market"], some), some)
    assert (award.id, award.segments) == (case["awardId"], case["awardSegments"])


@pytest.mark.parametrize("case", vectors("ids", "commits"))
def test_commit_ids(case):
    assert bid.commit_id(case["chainId"], case["market"], the_commit(case)) == case["id"]


@pytest.mark.parametrize("case", vectors("ids", "slots"))
def test_award_slots(case):
    posted = bid.Posted(the_award(case), case["root"], case["done"])
    tag = (
        slot.awarded_tag(case["sweepId"], posted.award)
        if case["status"] == AwardStatus.AWARDED
        else slot.posted_tag(
            case["sweepId"], posted, case["commitId"], case["commitTime"], case["relayer"]
        )
    )
    status, flags = AwardStatus(case["status"]), (case["marked"], case["docked"])
    assert slot.AwardSlot(status, case["time"], tag, *flags).word == case["word"]


@pytest.mark.parametrize("case", vectors("draw", "items"), ids=lambda case: case["name"])
def test_items(case):
    found = audit.items(case["seed"], the_commit(case), case["segments"])
    assert [item.award_index for item in found] == case["itemAwards"]
    assert [item.position for item in found] == case["positions"]
    assert [item.share for item in found] == case["itemShares"]
    lists = [audit.share_items(found, share) for share in range(case["shares"])]
    assert [len(list_) for list_ in lists] == case["sizes"]
    assert [item.number for list_ in lists for item in list_] == case["lists"]
    awards = range(len(case["answers"]))
    assert [audit.award_answers(found, index) for index in awards] == case["answers"]


@pytest.mark.parametrize("case", vectors("draw", "seats"))
def test_seats(case):
    rows = zip(case["validators"], case["vramGibs"], case["bonds"], strict=True)
    entries = [seats.ValidatorEntry(*row) for row in rows]
    parties, tier, judge = case["parties"], case["tier"], case["panelSkips"]
    drawn = seats.judges(case["seed"], entries, parties, tier, case["shares"])
    assert list(drawn) == case["judges"]
    last = case["shares"] - 1
    drawn = seats.substitutes(case["seed"], entries, parties, case["judges"][last], tier, last)
    assert list(drawn) == case["substitutes"]
    drawn = seats.panel(case["panelSeed"], entries, parties, judge, tier, case["seats"])
    assert list(drawn) == case["panel"]


@pytest.mark.parametrize("case", vectors("ids", "seeds"))
def test_seeds(case):
    assert draw.commit_seed(case["entropy"], case["subject"]) == case["seed"]
    assert draw.panel_seed(case["entropy"], case["subject"]) == case["seed"]


@pytest.mark.parametrize("case", vectors("ids", "disputes"))
def test_dispute_ids(case):
    ids = (case["commitId"], case["awardId"])
    judged = dispute.Subject.judged(case["share"], case["item"])
    assert (judged, dispute.dispute_id(*ids, judged)) == (case["subject"], case["id"])
    challenged = dispute.Subject.challenged(case["position"])
    assert challenged == case["challenge"]
    assert dispute.dispute_id(*ids, challenged) == case["challengeId"]


@pytest.mark.parametrize("case", vectors("leaves", "evidence"))
def test_evidence(case):
    rows = zip(case["items"], case["w"], case["m"], case["v"], strict=True)
    leaves = [
        commitment.state_evidence_leaf(item, commitment.StateHashes(*hashes))
        for item, *hashes in rows
    ]
    assert commitment.evidence_root(leaves) == case["root"]


@pytest.mark.parametrize("case", vectors("leaves", "states"))
def test_state_digests(case):
    hashes = commitment.StateHashes(case["w"], case["m"], case["v"])
    assert commitment.state_digest(case["k"], hashes, case["step"]) == case["digest"]


@pytest.mark.parametrize("case", vectors("leaves", "segments"))
def test_segment_leaves(case):
    types = ["uint256", "bytes32", "uint64", "bytes32"]
    values = [case["k"], case["digest"], case["bits"], case["evalHash"]]
    assert merkle.leaf_hash(types, values) == case["leaf"]


@pytest.mark.parametrize("case", vectors("leaves", "trees"))
def test_trees(case):
    leaves, index = case["leaves"], case["index"]
    assert merkle.merkle_root(leaves) == case["root"]
    assert merkle.verify_proof(case["root"], leaves[index], case["proof"])


@pytest.mark.parametrize("case", vectors("bonds", "awards"))
def test_money(case):
    price, floor = Amount(case["price"]), Amount(case["panelFloor"])
    panel = bonds.panel_fee(price, case["seats"], floor)
    award = bid.Award(AwardId(ZERO32), NATIVE, 1, case["segments"], price, 0)
    judged = settlement.Judged(case["byJudges"], case["byStandIns"], case["byPanels"])
    posted = bid.Posted(award, ZERO32, case["done"])
    closed = settlement.settlement(posted, judged, Amount(case["tip"]))
    assert bonds.bond(price, case["segments"], case["wholeTrial"], panel) == case["bond"]
    deposit = bonds.deposit(award.total, panel)
    assert deposit == case["deposit"]
    assert dispute.challengers_part(deposit) == case["challengersPart"]
    assert (closed.seller, closed.buyer) == (case["paid"], case["refunded"])
    assert (closed.fees, closed.dust) == (case["fees"], case["dust"])
    assert closed.total == case["cost"]
    rates = (Amount(case["leastBond"]), Amount(case["cap"]))
    refuter = dispute.refuter_penalty(award.total, panel, *rates)
    assert (refuter.amount, refuter.panel) == (case["refuterPenalty"], case["refutersPanel"])
