from dataclasses import replace

import pytest

from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.commitment import (
    Boundary,
    StateHashes,
    float_bits,
    state_digest,
    state_evidence_leaf,
    verify_proof,
)
from compute_swarm.domain.ids import CommitId, Digest, sha256
from compute_swarm.domain.merkle import leaf_hash
from compute_swarm.domain.oversight import Preimage
from compute_swarm.domain.verdict import Outcome
from compute_swarm.verifier.assertions import Claim
from compute_swarm.verifier.evidence import of_rescore
from compute_swarm.verifier.judge import Finding, judge
from compute_swarm.verifier.openings import openings
from example_claim import digest, example_claim, posted_as_said

COMMIT = CommitId(sha256(b"commit"))
SHARE = (
    Item(2, 0, ItemKind.AUDIT, 0, 11, 2),
    Item(5, 0, ItemKind.AUDIT, 1, 24 + 3, 2),
    Item(8, 0, ItemKind.RESCORE, 0, 0, 2),
    Item(4, 0, ItemKind.AUDIT, 2, 48 + 23, 1, second=2),
)


def hashes(position: int) -> StateHashes:
    return StateHashes(*(digest(part, position) for part in "wmv"))


@pytest.fixture
def claim() -> Claim:
    """A claim whose audited boundaries are the states that the judge's replays end in."""
    claim = example_claim()
    for item in SHARE:
        if item.kind is ItemKind.AUDIT:
            claim = _with_state(claim, item.position)
    return posted_as_said(claim)


def _with_state(claim: Claim, position: int) -> Claim:
    key, k = locate(claim.receipts, position, 24)
    receipts = list(claim.receipts)
    at = next(n for n, receipt in enumerate(receipts) if receipt.key == key)
    boundaries = list(receipts[at].boundaries)
    step = (k + 1) * claim.spec.steps_per_segment
    state = state_digest(k + 1, hashes(position), step)
    boundaries[k + 1] = replace(boundaries[k + 1], digest=state)
    receipts[at] = replace(receipts[at], boundaries=tuple(boundaries))
    return replace(claim, receipts=tuple(receipts))


def upheld(exact: bool = True) -> dict[int, Finding]:
    found = {
        item.number: Finding(Outcome.UPHELD, exact, evidence=hashes(item.position))
        for item in SHARE
    }
    return found | {8: Finding(Outcome.UPHELD, exact, evidence=of_rescore([1.0]))}


def opened(claim: Claim, found: dict[int, Finding]) -> dict[int, Preimage]:
    return openings(SHARE, judge(COMMIT, 2, SHARE, found, {}), {0: claim})


def test_every_audit_that_was_upheld_exactly_can_be_opened(claim: Claim) -> None:
    found = upheld()
    assert set(opened(claim, found)) == {2, 5, 4}
    assert set(opened(claim, found | {5: Finding(Outcome.UNAVAILABLE)})) == {2, 4}
    assert opened(claim, upheld(exact=False)) == {}


@pytest.mark.parametrize("item", [item for item in SHARE if item.kind is ItemKind.AUDIT])
def test_what_opens_an_audit_leads_to_the_verdict_and_to_the_sellers_root(
    claim: Claim, item: Item
) -> None:
    verdict = judge(COMMIT, 2, SHARE, upheld(), {}).verdict
    found = opened(claim, upheld())[item.number]
    evidence = state_evidence_leaf(item.number, found.hashes)
    assert verify_proof(verdict.evidence, evidence, found.evidence)
    k = found.trial.first + item.position - found.trial.offset + 1
    assert verify_proof(found.trial.segment_root, _boundary(found, k), found.boundary)
    assert verify_proof(claim.posted.root, found.trial.hash, found.result)


def _boundary(found: Preimage, k: int) -> Digest:
    """The boundary's leaf as the oversight hashes it."""
    state = state_digest(k, found.hashes, found.step)
    types = ["uint256", "bytes32", "uint64", "bytes32"]
    return leaf_hash(types, [k, state, found.loss_bits, found.eval_hash])


def test_an_opening_holds_the_claimed_loss(claim: Claim) -> None:
    boundary: Boundary = claim.receipts[0].boundaries[12]
    assert opened(claim, upheld())[2].loss_bits == float_bits(boundary.loss)
