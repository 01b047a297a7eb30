from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from compute_swarm.domain.bid import Posted
from compute_swarm.domain.commitment import Boundary, Receipt, result_root
from compute_swarm.domain.ids import AwardId, ClassId, address
from compute_swarm.domain.packing import TrialKey
from compute_swarm.verifier.assertions import (
    Claim,
    Fault,
    adapter_failures,
    claim_failures,
    evaluated,
    is_signed,
    start_failures,
)
from example_claim import SELLER, digest, example_claim, example_spec, posted_as_said

WEIGHTS = {"a": np.ones((2, 3), dtype=np.float32)}


def faults(claim: Claim) -> set[Fault]:
    return {failure.fault for failure in claim_failures(claim)}


def spoil(change: Callable[[Receipt], Receipt]) -> Claim:
    """Return a claim whose first receipt is changed, and posted so."""
    honest = example_claim()
    first, *rest = honest.receipts
    return posted_as_said(replace(honest, receipts=(change(first), *rest)))


def gap(boundaries: tuple[Boundary, ...]) -> tuple[Boundary, ...]:
    return (*boundaries[:5], *boundaries[6:])


def longer(boundaries: tuple[Boundary, ...]) -> tuple[Boundary, ...]:
    return (*boundaries, replace(boundaries[-1], k=boundaries[-1].k + 1))


def test_an_honest_claim_has_no_fault() -> None:
    assert claim_failures(example_claim()) == ()


def test_an_honest_partial_claim_has_no_fault() -> None:
    assert claim_failures(example_claim(done=7)) == ()


def test_receipts_are_the_sellers_only_if_they_rebuild_the_root() -> None:
    honest = example_claim()
    assert is_signed(honest)
    assert not is_signed(replace(honest, receipts=()))
    first, *rest = honest.receipts
    for change in ({"adapter_cid": "bafkreib"}, {"class_id": bytes(32)}, {"start": bytes(32)}):
        assert not is_signed(replace(honest, receipts=(replace(first, **change), *rest)))


def test_one_machine_signs_one_class() -> None:
    assert faults(spoil(lambda r: replace(r, class_id=ClassId(bytes(32))))) == {Fault.CLASSES}


def test_the_sum_is_what_was_posted() -> None:
    honest = example_claim()
    more = Posted(honest.posted.award, honest.posted.root, honest.posted.done + 1)
    assert faults(replace(honest, posted=more)) == {Fault.SUM}


def test_no_trial_counts_twice() -> None:
    honest = example_claim()
    twice = posted_as_said(replace(honest, receipts=(*honest.receipts, honest.receipts[0])))
    assert faults(twice) == {Fault.REPEATED}


def test_a_leaf_tells_its_own_place_and_the_bids_first() -> None:
    honest = example_claim()
    assert [receipt.offset for receipt in honest.receipts] == [0, 24, 48]
    moved = (replace(honest.receipts[0], offset=1), *honest.receipts[1:])
    posted = replace(honest.posted, root=result_root(moved))
    assert faults(replace(honest, receipts=moved, posted=posted)) == {Fault.OFFSET}
    later = replace(honest.bid, first=4)
    assert faults(replace(honest, bid=later)) == {Fault.BOUNDARIES}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda r: replace(r, award_id=AwardId(bytes(32))), Fault.PARTY),
        (lambda r: replace(r, seller=address("0x" + "33" * 20)), Fault.PARTY),
        (lambda r: replace(r, trial_hash=digest("other")), Fault.TRIAL_HASH),
        (lambda r: replace(r, start=digest("other")), Fault.START),
        (lambda r: replace(r, boundaries=r.boundaries[:1]), Fault.BOUNDARIES),
        (lambda r: replace(r, boundaries=gap(r.boundaries)), Fault.BOUNDARIES),
        (lambda r: replace(r, boundaries=longer(r.boundaries)), Fault.BOUNDARIES),
    ],
)
def test_each_spoilt_receipt_is_named(change: Callable[[Receipt], Receipt], fault: Fault) -> None:
    assert faults(spoil(change)) == {fault}


@pytest.mark.parametrize(
    "change",
    [
        lambda r: replace(r, boundaries=()),
        lambda r: replace(r, key=TrialKey(-1, 0)),
        lambda r: replace(r, offset=-1),
        lambda r: replace(r, key=TrialKey(0, 256)),
        lambda r: replace(r, boundaries=(replace(r.boundaries[0], k=-1),)),
        lambda r: replace(r, boundaries=(replace(r.boundaries[0], k=2**256),)),
    ],
)
def test_numbers_that_cannot_be_hashed_are_nobodys_receipt(
    change: Callable[[Receipt], Receipt],
) -> None:
    honest = example_claim()
    first, *rest = honest.receipts
    assert not is_signed(replace(honest, receipts=(change(first), *rest)))


def test_a_trial_that_was_not_awarded_is_named() -> None:
    assert faults(spoil(lambda r: replace(r, key=TrialKey(99, 0)))) == {
        Fault.NOT_AWARDED,
        Fault.NOT_IN_SWEEP,
    }


def test_an_evaluation_that_the_spec_wants_may_not_be_missing() -> None:
    def without(receipt: Receipt) -> Receipt:
        last = replace(receipt.boundaries[-1], eval_losses=None)
        return replace(receipt, boundaries=(*receipt.boundaries[:-1], last))

    assert faults(spoil(without)) == {Fault.EVALUATIONS}


def test_an_evaluation_covers_every_shard() -> None:
    def short(receipt: Receipt) -> Receipt:
        last = replace(receipt.boundaries[-1], eval_losses=(1.0,))
        return replace(receipt, boundaries=(*receipt.boundaries[:-1], last))

    assert faults(spoil(short)) == {Fault.EVALUATIONS}


def test_the_first_and_last_boundaries_are_evaluated() -> None:
    spec = example_spec(eval_every=7)
    assert [k for k in range(25) if evaluated(spec, k)] == [0, 7, 14, 21, 24]


def test_a_start_that_is_not_the_seeds_is_named() -> None:
    claim = example_claim()
    starts = {receipt.key: receipt.start for receipt in claim.receipts}
    assert start_failures(claim.receipts, starts) == ()
    wrong = TrialKey(1, 0)
    (failure,) = start_failures(claim.receipts, starts | {wrong: digest("other")})
    assert (failure.fault, failure.key) == (Fault.START, wrong)


def test_adapters_have_the_trials_shapes_and_numbers() -> None:
    receipt = example_claim().receipts[0]
    shapes = {"a": (2, 3)}
    assert adapter_failures(receipt, WEIGHTS, shapes) == ()
    (failure,) = adapter_failures(receipt, WEIGHTS, {"a": (4, 3)})
    assert failure.fault is Fault.ADAPTER_SHAPES
    spoilt = {"a": np.full((2, 3), np.nan, dtype=np.float32)}
    (failure,) = adapter_failures(receipt, spoilt, shapes)
    assert failure.fault is Fault.ADAPTER_NOT_FINITE


def test_a_trial_that_says_it_diverged_may_have_no_finite_weights() -> None:
    receipt = example_claim().receipts[0]
    end = replace(receipt.boundaries[-1], eval_losses=(float("nan"),) * 4)
    diverged = replace(receipt, boundaries=(*receipt.boundaries[:-1], end))
    weights = {"a": np.full((2, 3), np.nan, dtype=np.float32)}
    assert adapter_failures(diverged, weights, {"a": (2, 3)}) == ()


def test_the_seller_of_the_example_is_the_bidder() -> None:
    assert example_claim().bid.seller == SELLER
