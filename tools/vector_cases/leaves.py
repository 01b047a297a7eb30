"""Leaves, trees and evidence: `leaves.json`."""

import struct
from dataclasses import replace
from typing import Any

from compute_swarm.domain import commitment
from compute_swarm.domain.ids import ZERO32, AwardId, ClassId
from compute_swarm.domain.merkle import merkle_proof, merkle_root
from compute_swarm.domain.packing import TrialKey
from vector_cases.cases import Stream, cases, some_boundary


def tables() -> dict[str, Any]:
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
