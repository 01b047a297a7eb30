import math
import struct
from dataclasses import replace

import pytest

from compute_swarm.domain.commitment import (
    Boundary,
    Receipt,
    StateHashes,
    best_receipt,
    eval_hash,
    evidence_root,
    float_bits,
    laid_out,
    leaf_order,
    mean_loss,
    merkle_root,
    rebuilds,
    result_root,
    state_digest,
    state_evidence_leaf,
)
from compute_swarm.domain.ids import ZERO32, abi_hash, keccak
from compute_swarm.domain.packing import TrialKey
from compute_swarm.errors import DocumentInvalid
from examples import SELLER, account, digest, receipt

HASHES = StateHashes(digest("w"), digest("m"), digest("v"))


def test_a_state_digest_is_of_all_that_a_segment_starts_from():
    types = ["uint256", "bytes32", "bytes32", "bytes32", "uint256"]
    assert state_digest(3, HASHES, 30) == abi_hash(types, [3, *parts(HASHES), 30])


@pytest.mark.parametrize(
    "other",
    [
        state_digest(4, HASHES, 30),
        state_digest(3, HASHES, 31),
        state_digest(3, replace(HASHES, v=digest("x")), 30),
    ],
)
def test_another_state_has_another_digest(other):
    assert other != state_digest(3, HASHES, 30)


def test_losses_enter_as_their_bits():
    assert float_bits(1.0) == 0x3FF0000000000000
    assert float_bits(-0.0) != float_bits(0.0)


def test_evaluations_are_hashed_shard_by_shard():
    assert eval_hash((1.0, 2.0)) == keccak(struct.pack(">dd", 1.0, 2.0))
    assert eval_hash(None) == ZERO32


def test_a_leaf_is_hashed_twice():
    boundary = Boundary(2, digest("d"), 1.5)
    types = ["uint256", "bytes32", "uint64", "bytes32"]
    inner = abi_hash(types, [2, boundary.digest, float_bits(1.5), ZERO32])
    assert boundary.leaf() == keccak(inner)


def test_a_receipt_counts_whole_segments_from_its_start():
    some = receipt(done=5, first=4)
    assert (some.first, some.done, len(some.boundaries)) == (4, 5, 6)


@pytest.mark.parametrize(
    "change",
    [
        {"seller": account("other")},
        {"key": TrialKey(0, 1)},
        {"trial_hash": ZERO32},
        {"start": ZERO32},
        {"offset": 1},
        {"adapter_digest": ZERO32},
        {"metrics_digest": ZERO32},
        {"adapter_cid": "bafkreib"},
        {"class_id": ZERO32},
    ],
)
def test_a_trial_leaf_depends_on_what_it_records(change):
    assert replace(receipt(), **change).leaf() != receipt().leaf()


def test_a_leaf_tells_where_the_trial_starts_and_lies():
    leaf = replace(receipt(3, done=5, first=4), offset=64).trial_leaf()
    assert (leaf.trial, leaf.replica, leaf.first, leaf.offset, leaf.done) == (3, 0, 4, 64, 5)


def test_receipts_are_laid_out_end_to_end_whole_trials_first():
    some = [receipt(0, done=5), receipt(2), receipt(1)]
    ordered = laid_out(some, 32)
    assert [(one.key.index, one.offset) for one in ordered] == [(1, 0), (2, 32), (0, 64)]


def test_one_changed_loss_changes_the_root():
    some = receipt()
    last = replace(some.boundaries[-1], loss=0.5)
    changed = replace(some, boundaries=(*some.boundaries[:-1], last))
    assert result_root([changed]) != result_root([some])


def test_complete_trials_come_first():
    some = [receipt(2, done=8), receipt(1), receipt(0, done=8), receipt(3)]
    assert [r.key.index for r in leaf_order(some, 32)] == [1, 3, 0, 2]


def test_the_result_root_is_over_the_leaves_in_their_order():
    a, b = receipt(0), receipt(1)
    assert result_root([a, b]) == merkle_root([a.leaf(), b.leaf()])


def test_receipts_rebuild_their_root_and_nothing_rebuilds_any():
    root = result_root([receipt()])
    assert rebuilds([receipt()], root, 4)
    assert not rebuilds([replace(receipt(), offset=1)], root, 4)
    assert not rebuilds([replace(receipt(), offset=2**32)], root, 4)
    assert not rebuilds([], ZERO32, 4)


def test_the_metric_is_the_evaluation_of_the_last_boundary():
    assert receipt(loss=1.5).final_loss == 1.5


def test_an_older_evaluation_than_the_adapters_is_no_result():
    some = receipt(loss=None)
    middle = replace(some.boundaries[8], eval_losses=(1.0, 2.0))
    boundaries = (*some.boundaries[:8], middle, *some.boundaries[9:])
    assert replace(some, boundaries=boundaries).final_loss is None


@pytest.mark.parametrize("losses", [(1e308, 1e308), (math.inf, -math.inf), (math.nan, 1.0)])
def test_a_mean_is_a_number_whatever_is_said(losses):
    assert not math.isfinite(mean_loss(losses))


def test_a_nan_is_one_nan_in_every_hash():
    negative = struct.unpack(">d", bytes.fromhex("fff8000000000001"))[0]
    assert float_bits(negative) == float_bits(math.nan)
    assert eval_hash((negative,)) == eval_hash((math.nan,))


@pytest.mark.parametrize("change", [{"loss": 1e300}, {"adapter_cid": "\ud800"}])
def test_a_receipt_says_what_can_be(change):
    some = receipt(done=3)
    last = replace(some.boundaries[-1], loss=change.get("loss", 1.0))
    cid = change.get("adapter_cid", "bafkreia")
    some = replace(some, boundaries=(*some.boundaries[:-1], last), adapter_cid=cid)
    with pytest.raises(DocumentInvalid):
        Receipt.from_document(some.to_document())


def test_the_base_models_evaluation_is_no_result():
    some = receipt(loss=None)
    first = replace(some.boundaries[0], eval_losses=(1.0,))
    assert replace(some, boundaries=(first, *some.boundaries[1:])).final_loss is None


def test_the_best_trial_is_the_lowest_of_the_least_loss():
    some = [receipt(3, loss=1.0), receipt(1, loss=1.0), receipt(0, loss=2.0)]
    assert best_receipt(some) == some[1]


def test_a_diverged_trial_is_best_only_where_all_diverged():
    bad, good = receipt(0, loss=math.nan), receipt(1, loss=math.inf)
    assert best_receipt([bad, good]) == good
    assert best_receipt([bad]) == bad


def test_without_any_evaluation_there_is_no_best():
    assert best_receipt([receipt(loss=None)]) is None


@pytest.mark.parametrize("loss", [2.0, None, math.inf, -math.inf])
def test_a_receipt_goes_through_its_document(loss):
    some = receipt(done=3, loss=loss)
    assert Receipt.from_document(some.to_document()) == some


def test_a_nan_keeps_its_bits_through_the_document():
    some = receipt(done=3, loss=math.nan)
    assert Receipt.from_document(some.to_document()).leaf() == some.leaf()


@pytest.mark.parametrize("keep", [[], [0, 2], [1, 0]])
def test_boundaries_have_no_gaps(keep):
    document = receipt(done=3).to_document()
    document["boundaries"] = [document["boundaries"][at] for at in keep]
    with pytest.raises(DocumentInvalid):
        Receipt.from_document(document)


def test_an_evaluation_has_shards():
    document = receipt(done=1).to_document()
    document["boundaries"][1]["eval_losses"] = []
    with pytest.raises(DocumentInvalid):
        Receipt.from_document(document)


def test_evidence_needs_the_preimages():
    leaves = [state_evidence_leaf(0, HASHES), state_evidence_leaf(3, HASHES)]
    assert evidence_root(leaves) == merkle_root(leaves)
    assert leaves[0] != leaves[1]
    assert evidence_root([]) == ZERO32


def test_receipts_name_their_seller():
    assert receipt().seller == SELLER


def parts(hashes):
    return (hashes.w, hashes.m, hashes.v)
