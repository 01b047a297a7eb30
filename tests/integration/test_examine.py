"""Validators' work against real training on a tiny model, honest and forged."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.commitment import best_receipt, state_digest
from compute_swarm.domain.ids import CommitId, SweepId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Outcome
from compute_swarm.engine.data import Rows, TokenSet
from compute_swarm.verifier.assertions import Claim, Failure, Fault
from compute_swarm.verifier.comparison import Rule
from compute_swarm.verifier.examine import Case, Docket, Examination, examine
from compute_swarm.verifier.judge import StateName, judge
from compute_swarm.verifier.layout import ADAPTER_FILE, adapter_folder, state_file
from compute_swarm.verifier.openings import openings
from compute_swarm.verifier.replay import Bench
from example_claim import digest, example_spec, posted_as_said
from example_training import (
    Run,
    claim_of,
    deliver,
    example_bench,
    rung_of,
    train,
    with_boundary,
)

FIRST = Item(0, 0, ItemKind.AUDIT, 0, 0, 0)  # starts from the seed's state
MIDDLE = Item(1, 0, ItemKind.AUDIT, 1, 24 + 11, 0)  # ends at an evaluated boundary
LAST = Item(2, 0, ItemKind.AUDIT, 2, 48 + 5, 0)
RESCORE = Item(3, 0, ItemKind.RESCORE, 0, 0, 0)
ITEMS = (FIRST, MIDDLE, LAST, RESCORE)
SHARDS = {0: 1, 1: 2, 2: 3}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return example_bench(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def honest(bench: Bench) -> tuple[Run, ...]:
    return train(bench)


@pytest.fixture
def delivered(tmp_path: Path, honest: tuple[Run, ...]) -> Path:
    deliver(tmp_path, honest)
    return tmp_path


def examined(bench: Bench, claim: Claim, folder: Path, rule: Rule = Rule.EXACT) -> Examination:
    return examine(bench, Docket(ITEMS, SHARDS, {0: Case(claim, rule, folder)}))


def outcomes(examination: Examination) -> list[Outcome]:
    return [examination.findings[item.number].outcome for item in ITEMS]


def test_honest_work_is_upheld_to_the_bit(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    assert outcomes(found) == [Outcome.UPHELD] * 4
    assert all(finding.exact for finding in found.findings.values())
    assert found.failures == {0: ()}
    hashes = honest[1].states[12].hashes()
    assert found.findings[MIDDLE.number].evidence == hashes


def test_what_a_replay_found_opens_the_state_that_the_seller_claims(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    claim = claim_of(bench.spec, honest)
    found = examined(bench, claim, delivered)
    judgement = judge(CommitId(digest("commit")), 0, ITEMS, found.findings, found.failures)
    opened = openings(ITEMS, judgement, {0: claim})
    assert set(opened) == {FIRST.number, MIDDLE.number, LAST.number}
    for item in (FIRST, MIDDLE, LAST):
        opening, (key, k) = opened[item.number], locate(claim.receipts, item.position, 24)
        boundary = next(one for one in claim.receipts if one.key == key).boundaries[k + 1]
        assert state_digest(k + 1, opening.hashes, opening.step) == boundary.digest


def test_half_the_tokens_are_refuted_wherever_the_draw_falls(bench: Bench, tmp_path: Path) -> None:
    rows, half = bench.tokens.train, bench.spec.dataset.max_length // 2
    short = Rows(rows.ids[:, :half], rows.labels[:, :half])
    forged = train(bench, replace_train(bench.tokens, short))
    deliver(tmp_path, forged)
    found = examined(bench, claim_of(bench.spec, forged), tmp_path)
    assert outcomes(found)[:3] == [Outcome.REFUTED] * 3


def test_half_the_tokens_are_refuted_by_tolerance_too(bench: Bench, tmp_path: Path) -> None:
    rows, half = bench.tokens.train, bench.spec.dataset.max_length // 2
    short = Rows(rows.ids[:, :half], rows.labels[:, :half])
    forged = train(bench, replace_train(bench.tokens, short))
    deliver(tmp_path, forged)
    found = examined(bench, claim_of(bench.spec, forged), tmp_path, Rule.FLOAT32)
    assert outcomes(found)[:3] == [Outcome.REFUTED] * 3


def replace_train(tokens: TokenSet, rows: Rows) -> TokenSet:
    return replace(tokens, train=rows)


def test_a_state_that_does_not_come_is_unavailable(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    state_file(delivered, TrialKey(1, 0), 11).unlink()
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    assert outcomes(found)[1] is Outcome.UNAVAILABLE
    assert "11 of 1/0" in found.findings[MIDDLE.number].why


def test_other_bytes_than_committed_are_unavailable(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    other = state_file(delivered, TrialKey(2, 0), 5)
    shutil.copy(other, state_file(delivered, TrialKey(1, 0), 11))
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    assert outcomes(found)[1] is Outcome.UNAVAILABLE


def test_a_training_loss_that_was_not_seen_is_refuted(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    claim = with_boundary(claim_of(bench.spec, honest), 1, 12, loss=0.5)
    found = examined(bench, claim, delivered)
    assert outcomes(found)[1] is Outcome.REFUTED
    assert "another loss" in found.findings[MIDDLE.number].why


def test_a_better_final_loss_than_the_adapters_is_refuted(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    claim = claim_of(bench.spec, honest)
    best = best_receipt(claim.receipts)
    assert best is not None
    lower = tuple(loss - 1 for loss in best.boundaries[-1].eval_losses or ())
    found = examined(bench, with_boundary(claim, best.key.index, 24, eval_losses=lower), delivered)
    assert outcomes(found) == [*[Outcome.UPHELD] * 3, Outcome.REFUTED]


def test_an_adapter_that_does_not_come_is_unavailable(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    (adapter_folder(delivered, TrialKey(0, 0)) / ADAPTER_FILE).unlink()
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    unavailable, upheld = Outcome.UNAVAILABLE, Outcome.UPHELD
    assert outcomes(found) == [unavailable, upheld, upheld, unavailable]


def test_weights_of_another_digest_speak_against_nobody(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    wrong = {name: np.zeros_like(tensor) for name, tensor in honest[2].states[-1].w.items()}
    safetensors.numpy.save_file(wrong, adapter_folder(delivered, TrialKey(2, 0)) / ADAPTER_FILE)
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    assert found.failures[0] == ()
    assert found.undelivered[0] == (TrialKey(2, 0),)
    assert RESCORE.number in found.findings
    assert found.findings[RESCORE.number].outcome is Outcome.UNAVAILABLE


def test_a_start_of_ones_own_choice_is_a_fault(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    chosen = honest[1].boundaries[0].digest
    claim = with_boundary(claim_of(bench.spec, honest), 0, 0, digest=chosen)
    first, *rest = claim.receipts
    claim = posted_as_said(replace(claim, receipts=(replace(first, start=chosen), *rest)))
    found = examined(bench, claim, delivered)
    assert [failure.fault for failure in found.failures[0]] == [Fault.START]


@pytest.fixture
def rung(bench: Bench, honest: tuple[Run, ...]) -> Claim:
    """A claim of the second half, which goes on from the first."""
    return rung_of(bench.spec, honest, 12)


LATER = (replace(FIRST, position=3), replace(RESCORE, number=1))


def judged(bench: Bench, claim: Claim, folder: Path) -> Examination:
    shards = {item.number: 1 for item in LATER}
    return examine(bench, Docket(LATER, shards, {0: Case(claim, Rule.EXACT, folder)}))


def test_an_honest_rung_is_upheld_from_the_earlier_end(
    bench: Bench, rung: Claim, delivered: Path
) -> None:
    found = judged(bench, rung, delivered)
    assert found.failures == {0: ()}
    assert [finding.outcome for finding in found.findings.values()] == [Outcome.UPHELD] * 2


def test_a_rung_whose_beginning_nobody_shows_is_unavailable(
    bench: Bench, rung: Claim, delivered: Path
) -> None:
    found = judged(bench, replace(rung, earlier=None), delivered)
    assert (found.findings, found.failures) == ({}, {})
    judgement = judge(CommitId(digest("commit")), 0, LATER, found.findings, found.failures)
    assert {answer.outcome for answer in judgement.answers} == {Outcome.UNAVAILABLE}


def test_a_rung_from_another_state_than_the_earlier_end_is_a_fault(
    bench: Bench, rung: Claim, delivered: Path
) -> None:
    other = digest("own choice")
    claim = with_boundary(rung, 0, 0, digest=other)
    first, *rest = claim.receipts
    claim = posted_as_said(replace(claim, receipts=(replace(first, start=other), *rest)))
    found = judged(bench, claim, delivered)
    assert found.failures == {0: (Failure(Fault.START, first.key),)}
    judgement = judge(CommitId(digest("commit")), 0, LATER, found.findings, found.failures)
    assert judgement.refutes


@pytest.mark.parametrize(
    "spoil",
    [
        lambda earlier: replace(earlier, sweep_id=SweepId(digest("other"))),
        lambda earlier: replace(earlier, receipts=earlier.receipts[1:]),
    ],
    ids=["another sweep", "another trial"],
)
def test_a_rung_goes_on_from_its_own_sweep_and_trial(
    bench: Bench, rung: Claim, delivered: Path, spoil
) -> None:
    found = judged(bench, replace(rung, earlier=spoil(rung.earlier)), delivered)
    assert {failure.fault for failure in found.failures[0]} == {Fault.START}


def test_what_cannot_be_located_is_not_replayed(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    claim = claim_of(bench.spec, honest)
    more = replace(claim, posted=replace(claim.posted, done=claim.posted.done + 1))
    found = examined(bench, more, delivered)
    assert found.findings == {}
    assert {failure.fault for failure in found.failures[0]} == {Fault.SUM}


def test_receipts_that_nobody_signed_speak_against_nobody(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    claim = claim_of(bench.spec, honest)
    found = examined(bench, replace(claim, receipts=claim.receipts[:1]), delivered)
    assert (found.findings, found.failures) == ({}, {})


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 64, safetensors.numpy.save({"a": np.zeros(3, np.float64)})]
)
def test_an_unreadable_file_is_that_awards_alone(
    bench: Bench, honest: tuple[Run, ...], delivered: Path, tmp_path_factory, data: bytes
) -> None:
    claim, spoilt = claim_of(bench.spec, honest), tmp_path_factory.mktemp("spoilt")
    deliver(spoilt, honest)
    (adapter_folder(spoilt, TrialKey(0, 0)) / ADAPTER_FILE).write_bytes(data)
    state_file(spoilt, TrialKey(1, 0), 11).write_bytes(data)
    cases = {0: Case(claim, Rule.EXACT, delivered), 1: Case(claim, Rule.EXACT, spoilt)}
    others = tuple(replace(item, number=item.number + 4, award_index=1) for item in ITEMS)
    shards = SHARDS | {number + 4: shard for number, shard in SHARDS.items()}
    found = examine(bench, Docket(ITEMS + others, shards, cases))
    assert outcomes(found) == [Outcome.UPHELD] * 4
    assert found.failures == {0: (), 1: ()}
    said = [found.findings[item.number].outcome for item in others]
    unavailable = Outcome.UNAVAILABLE
    assert said == [unavailable, unavailable, Outcome.UPHELD, unavailable]


def test_other_names_around_the_right_bytes_are_unavailable(
    bench: Bench, honest: tuple[Run, ...], delivered: Path
) -> None:
    state = honest[1].states[11]
    w, m, v = ({f"x.{name}": t for name, t in p.items()} for p in (state.w, state.m, state.v))
    renamed = replace(state, w=w, m=m, v=v)
    state_file(delivered, TrialKey(1, 0), 11).write_bytes(renamed.to_bytes())
    found = examined(bench, claim_of(bench.spec, honest), delivered)
    assert outcomes(found)[1] is Outcome.UNAVAILABLE


# --- another class of machine: compared by tolerance -----------------------------------------


def drifted(runs: tuple[Run, ...], by: float) -> tuple[Run, ...]:
    """Return the runs as if trial 1 had ended segment 11 a little elsewhere."""
    run = runs[1]
    end = run.states[12]
    moved = {name: (tensor * np.float32(1 + by)).astype("f4") for name, tensor in end.w.items()}
    state = replace(end, w=moved)
    boundary = replace(run.boundaries[12], digest=state.digest(12))
    states = (*run.states[:12], state, *run.states[13:])
    boundaries = (*run.boundaries[:12], boundary, *run.boundaries[13:])
    return (runs[0], replace(run, states=states, boundaries=boundaries), *runs[2:])


@pytest.mark.parametrize(
    ("by", "rule", "outcome"),
    [
        (1e-7, Rule.FLOAT32, Outcome.UPHELD),
        (1e-7, Rule.EXACT, Outcome.REFUTED),
        (1e-1, Rule.FLOAT32, Outcome.REFUTED),
    ],
)
def test_drift_passes_by_tolerance_and_not_in_the_same_class(
    bench: Bench,
    honest: tuple[Run, ...],
    tmp_path: Path,
    by: float,
    rule: Rule,
    outcome: Outcome,
) -> None:
    claimed = drifted(honest, by)
    deliver(tmp_path, claimed)
    found = examined(bench, claim_of(bench.spec, claimed), tmp_path, rule)
    finding = found.findings[MIDDLE.number]
    assert finding.outcome is outcome
    assert finding.exact is (rule is Rule.EXACT)


def test_the_end_state_is_asked_for_only_after_the_replay(
    bench: Bench, honest: tuple[Run, ...], tmp_path: Path
) -> None:
    claimed = drifted(honest, 1e-7)
    deliver(tmp_path, claimed)
    state_file(tmp_path, TrialKey(1, 0), 12).unlink()
    found = examined(bench, claim_of(bench.spec, claimed), tmp_path, Rule.FLOAT32)
    assert found.findings[MIDDLE.number].wanted == StateName(TrialKey(1, 0), 12)


# --- trained in bf16, evaluated in fp32 ------------------------------------------------------


@pytest.fixture(scope="module")
def rounded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, tuple[Run, ...], Path]:
    """An honest award of such a sweep, delivered."""
    spec = example_spec()
    numeric = replace(spec.numeric, dtype="bfloat16", eval_dtype="float32")
    bench = example_bench(tmp_path_factory.mktemp("base"), replace(spec, numeric=numeric))
    runs = train(bench)
    folder = tmp_path_factory.mktemp("delivered")
    deliver(folder, runs)
    return bench, runs, folder


@pytest.mark.parametrize("together", [1, 8])
def test_finer_evaluation_is_repeated_to_the_bit(
    rounded: tuple[Bench, tuple[Run, ...], Path], together: int
) -> None:
    bench, runs, folder = rounded
    found = examined(replace(bench, most_together=together), claim_of(bench.spec, runs), folder)
    assert outcomes(found) == [Outcome.UPHELD] * 4
    assert all(finding.exact for finding in found.findings.values())


@pytest.mark.parametrize(
    ("by", "outcome"), [(1e-5, Outcome.UPHELD), (1e-2, Outcome.REFUTED)], ids=["drift", "lie"]
)
def test_finer_evaluation_lets_another_class_see_a_small_lie(
    rounded: tuple[Bench, tuple[Run, ...], Path], by: float, outcome: Outcome
) -> None:
    bench, runs, folder = rounded
    claim = claim_of(bench.spec, runs)
    best = best_receipt(claim.receipts)
    assert best is not None
    lower = tuple(loss - by for loss in best.boundaries[-1].eval_losses or ())
    claim = with_boundary(claim, best.key.index, 24, eval_losses=lower)
    assert outcomes(examined(bench, claim, folder, Rule.BFLOAT16))[3] is outcome
