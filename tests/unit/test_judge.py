from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from compute_swarm.domain.audit import Item, ItemKind, disputed_items
from compute_swarm.domain.commitment import StateHashes, evidence_root, state_evidence_leaf
from compute_swarm.domain.ids import ZERO32, CommitId, Digest, sha256
from compute_swarm.domain.verdict import Outcome, unpack_answers
from compute_swarm.verifier.assertions import Failure, Fault
from compute_swarm.verifier.judge import CERTAIN, Finding, Judgement, judge, vote

COMMIT = CommitId(sha256(b"commit"))
UPHELD = Finding(Outcome.UPHELD, exact=True)
ROOT = (Failure(Fault.SUM),)


@dataclass(frozen=True)
class Share:
    """Items of two awards: two audits and the re-score of the first, one audit of the second."""

    items: tuple[Item, ...] = (
        Item(1, 0, ItemKind.AUDIT, 0, 3, 1),
        Item(4, 0, ItemKind.AUDIT, 1, 30, 1),
        Item(7, 0, ItemKind.RESCORE, 0, 0, 1),
        Item(10, 1, ItemKind.AUDIT, 0, 5, 1),
    )


SHARE = Share().items


def refuted(certainty: float) -> Finding:
    return Finding(Outcome.REFUTED, exact=False, certainty=certainty, why="differs")


def outcomes(judgement: Judgement, share: Sequence[Item] = SHARE) -> list[Outcome]:
    answers = unpack_answers(judgement.verdict.answers, len(share))
    return [answer.outcome for answer in answers]


def all_upheld() -> dict[int, Finding]:
    return {item.number: UPHELD for item in SHARE}


def test_an_honest_share_is_upheld_and_says_it_compared_exactly() -> None:
    judgement = judge(COMMIT, 1, SHARE, all_upheld(), {})
    assert outcomes(judgement) == [Outcome.UPHELD] * 4
    assert all(answer.exact for answer in judgement.answers)
    assert judgement.verdict.share == 1
    assert not judgement.refutes


def test_what_was_not_found_is_unavailable() -> None:
    found = all_upheld()
    del found[4]
    judgement = judge(COMMIT, 1, SHARE, found, {})
    assert outcomes(judgement)[1] is Outcome.UNAVAILABLE
    assert not judgement.refutes


def test_one_refuted_item_is_named() -> None:
    judgement = judge(COMMIT, 1, SHARE, all_upheld() | {4: refuted(2)}, {})
    assert outcomes(judgement)[1] is Outcome.NAMED
    assert judgement.reasons == {4: "differs"}


def test_the_surest_of_an_awards_refuted_items_is_named() -> None:
    found = all_upheld() | {1: refuted(2), 4: refuted(30), 10: refuted(3)}
    judgement = judge(COMMIT, 1, SHARE, found, {})
    assert outcomes(judgement) == [Outcome.REFUTED, Outcome.NAMED, Outcome.UPHELD, Outcome.NAMED]


def test_among_equally_sure_items_the_first_is_named() -> None:
    found = all_upheld() | {1: refuted(CERTAIN), 4: refuted(CERTAIN)}
    assert outcomes(judge(COMMIT, 1, SHARE, found, {}))[:2] == [Outcome.NAMED, Outcome.REFUTED]


def test_the_contract_reads_one_named_item_an_award() -> None:
    found = all_upheld() | {1: refuted(2), 4: refuted(30), 10: refuted(3)}
    judgement = judge(COMMIT, 1, SHARE, found, {})
    assert [item.number for item in disputed_items(SHARE, judgement.verdict.answers)] == [4, 10]


def test_a_fault_of_the_award_refutes_its_re_score() -> None:
    judgement = judge(COMMIT, 1, SHARE, all_upheld(), {0: ROOT})
    assert outcomes(judgement)[2] is Outcome.NAMED
    assert judgement.reasons == {7: "sum"}


def test_doubled_items_are_answered_after_the_shares_own() -> None:
    share = (*SHARE[:2], Item(0, 0, ItemKind.AUDIT, 2, 70, 0, second=1))
    judgement = judge(COMMIT, 1, share, {1: UPHELD, 4: UPHELD, 0: refuted(2)}, {})
    assert outcomes(judgement, share) == [Outcome.UPHELD, Outcome.UPHELD, Outcome.NAMED]
    assert judgement.verdict.share == 1


def test_without_the_re_score_a_fault_refutes_an_audit() -> None:
    judgement = judge(COMMIT, 1, SHARE, all_upheld(), {1: ROOT})
    assert outcomes(judgement)[3] is Outcome.NAMED


def test_a_fault_outweighs_states_that_did_not_arrive() -> None:
    judgement = judge(COMMIT, 1, SHARE, {}, {0: ROOT})
    assert outcomes(judgement)[:3] == [Outcome.UNAVAILABLE, Outcome.UNAVAILABLE, Outcome.NAMED]


def test_the_evidence_is_the_root_over_replayed_states_in_item_order() -> None:
    hashes = StateHashes(*(Digest(sha256(part)) for part in (b"w", b"m", b"v")))
    found = {
        4: Finding(Outcome.UPHELD, evidence=hashes),
        1: Finding(Outcome.UPHELD, evidence=hashes),
    }
    leaves = [state_evidence_leaf(1, hashes), state_evidence_leaf(4, hashes)]
    judgement = judge(COMMIT, 1, SHARE, found, {})
    assert judgement.verdict.evidence == evidence_root(leaves)
    assert judgement.evidence == {1: hashes, 4: hashes}


def test_a_share_that_found_nothing_has_no_evidence() -> None:
    assert judge(COMMIT, 1, SHARE, {}, {}).verdict.evidence == ZERO32


@pytest.mark.parametrize(
    ("finding", "failures", "delivered", "outcome"),
    [
        (UPHELD, {}, True, Outcome.UPHELD),
        (UPHELD, {1: ROOT}, True, Outcome.UPHELD),
        (UPHELD, {0: ROOT}, True, Outcome.REFUTED),
        (refuted(2), {}, True, Outcome.REFUTED),
        (refuted(2), {}, False, Outcome.REFUTED),
        (UPHELD, {}, False, Outcome.UNAVAILABLE),
        (Finding(Outcome.UNAVAILABLE), {}, True, Outcome.UNAVAILABLE),
        (Finding(Outcome.UNAVAILABLE), {0: ROOT}, False, Outcome.REFUTED),
    ],
)
def test_a_panelist_refutes_where_it_saw_a_difference_and_upholds_what_it_has_all_of(
    finding: Finding,
    failures: dict[int, tuple[Failure, ...]],
    delivered: bool,
    outcome: Outcome,
) -> None:
    assert vote(SHARE[:1], {1: finding}, failures, delivered=delivered) is outcome


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        ({1: UPHELD, 4: UPHELD}, Outcome.UPHELD),
        ({1: UPHELD, 4: refuted(2)}, Outcome.REFUTED),
        ({4: refuted(2)}, Outcome.REFUTED),
        ({1: UPHELD}, Outcome.UNAVAILABLE),
    ],
)
def test_a_panelist_looks_at_every_item(findings: dict[int, Finding], outcome: Outcome) -> None:
    assert vote(SHARE[:2], findings, {}, delivered=True) is outcome
