from compute_swarm.domain.commitment import (
    StateHashes,
    eval_hash,
    evidence_root,
    rescore_evidence_leaf,
    state_evidence_leaf,
)
from compute_swarm.domain.ids import ZERO32
from compute_swarm.verifier import evidence
from examples import digest

HASHES = StateHashes(digest("w"), digest("m"), digest("v"))
LOSSES = (3.5, 2.25)


def test_nothing_found_has_no_root() -> None:
    assert evidence.root({}) == ZERO32


def test_a_re_scores_evidence_has_the_protocols_leaf() -> None:
    expected = rescore_evidence_leaf(4, eval_hash(LOSSES))
    assert evidence.root({4: evidence.of_rescore(LOSSES)}) == expected


def test_leaves_stand_in_order_of_their_items() -> None:
    found = {7: evidence.of_rescore(LOSSES), 1: HASHES}
    leaves = [state_evidence_leaf(1, HASHES), rescore_evidence_leaf(7, eval_hash(LOSSES))]
    assert evidence.root(found) == evidence_root(leaves)
