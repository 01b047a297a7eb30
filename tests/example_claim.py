"""A small, honest claim as a seller makes it, for tests to spoil."""

from dataclasses import replace

from compute_swarm.domain.bid import FRESH, Award, Bid, Posted, bid_digest
from compute_swarm.domain.commitment import Boundary, Receipt, laid_out, result_root
from compute_swarm.domain.ids import ClassId, Digest, SweepId, address, sha256
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey, pack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trial_hash, trials
from compute_swarm.verifier.assertions import Claim

MARKET = address("0x" + "11" * 20)
SELLER = address("0x" + "22" * 20)
CHAIN = 31337
CLASS = ClassId(sha256(b"class"))
SWEEP = SweepId(sha256(b"sweep"))


def example_spec(
    trials: int = 3, segments: int = 24, eval_every: int = 12, **space: object
) -> SweepSpec:
    return SweepSpec.from_document(
        {
            "model": {
                "id": "tiny",
                "revision": "local",
                "digest": "0x" + "01" * 32,
                "tokenizer_digest": "0x" + "02" * 32,
            },
            "dataset": {
                "cid": "bafkreib",
                "digest": "0x" + "03" * 32,
                "format": "text",
                "train_rows": 40,
                "eval_rows": 4,
                "max_length": 32,
            },
            "lora": {"target_modules": ["q_proj", "v_proj"]},
            "training": {"steps": 48, "segments": segments, "eval_every": eval_every},
            "search": {"trials": trials, "space": {"lr": {"log": [1e-4, 1e-2]}, "r": 4} | space},
            "budget": {"max_spend": "1000000000000000000", "verdict_time": 120},
        }
    )


def digest(*parts: object) -> Digest:
    return Digest(sha256(repr(parts).encode()))


def boundary(spec: SweepSpec, key: TrialKey, k: int) -> Boundary:
    evaluated = k % spec.training.eval_every == 0
    losses = tuple(3.0 - 0.01 * k + 0.1 * key.index for _ in range(spec.dataset.shards))
    return Boundary(k, digest(key, k), 0.0 if k == 0 else 3.0, losses if evaluated else None)


def example_claim(spec: SweepSpec | None = None, done: int = 24) -> Claim:
    """Return a claim of all the spec's trials, with `done` segments each."""
    spec = spec or example_spec()
    keys = tuple(trial.key for trial in trials(spec))
    segments = spec.training.segments
    bid = Bid(
        *(SWEEP, SELLER, pack_trials(keys), 0, segments, Amount(10), FRESH),
        *(2_000_000_000, 2_000_000_000, 0),
    )
    award = Award.of(bid_digest(CHAIN, MARKET, bid), bid)
    receipts = tuple(
        Receipt(
            award_id=award.id,
            seller=SELLER,
            key=trial.key,
            trial_hash=trial_hash(spec.hash, trial.params),
            start=digest(trial.key, 0),
            offset=0,
            boundaries=tuple(boundary(spec, trial.key, k) for k in range(done + 1)),
            adapter_digest=digest(trial.key, "adapter"),
            adapter_cid="bafkreia",
            metrics_digest=digest(trial.key, "metrics"),
            class_id=CLASS,
        )
        for trial in trials(spec)
    )
    return posted_as_said(Claim(spec, SWEEP, bid, Posted(award, Digest(b""), 0), receipts))


def posted_as_said(claim: Claim) -> Claim:
    """Return the claim laid out, with root and sum on chain as its receipts have them."""
    ordered = laid_out(claim.receipts, claim.spec.training.segments)
    done = sum(receipt.done for receipt in ordered)
    posted = Posted(claim.posted.award, result_root(ordered), done)
    return replace(claim, posted=posted, receipts=ordered)
