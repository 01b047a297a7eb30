"""A tiny sweep trained for real, laid out on disk as a validator finds it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.numpy

from compute_swarm.domain.bid import FRESH, Award, Bid, Posted, bid_digest
from compute_swarm.domain.commitment import Boundary, Receipt
from compute_swarm.domain.dataset import parse_rows
from compute_swarm.domain.ids import Digest
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import pack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, trial_hash, trial_seed, trials
from compute_swarm.engine.data import TokenSet, prepare
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.model import Base, load_base
from compute_swarm.engine.pack import Pack
from compute_swarm.engine.state import State
from compute_swarm.engine.tiny import tiny
from compute_swarm.engine.training import run_segment
from compute_swarm.verifier.assertions import Claim, Earlier, evaluated
from compute_swarm.verifier.layout import ADAPTER_FILE, adapter_folder, state_file
from compute_swarm.verifier.replay import Bench
from example_claim import CHAIN, CLASS, MARKET, SELLER, SWEEP, digest, example_spec, posted_as_said

TEXT = "the quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs. "


def example_rows(count: int = 44) -> bytes:
    rows = [{"text": TEXT[i % 40 :] + str(i)} for i in range(count)]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def example_bench(folder: Path, spec: SweepSpec | None = None) -> Bench:
    spec = spec or example_spec()
    base: Base = load_base(tiny(folder), spec.numeric)
    tokens = prepare(parse_rows(example_rows()), spec, base.tokenizer)
    return Bench(base, spec, SWEEP, tokens)


@dataclass(frozen=True)
class Run:
    """All states and boundaries of one trial."""

    trial: Trial
    states: tuple[State, ...]
    boundaries: tuple[Boundary, ...]


def train(bench: Bench, tokens: TokenSet | None = None) -> tuple[Run, ...]:
    """Train every trial of the sweep as one pack; other `tokens` make it a forgery."""
    chosen = trials(bench.spec)
    seeds = [(trial, trial_seed(SWEEP, trial.key)) for trial in chosen]
    pack = Pack.fresh(bench.base, bench.spec, tokens or bench.tokens, seeds)
    states, losses, scores = [pack.states()], [[0.0] * len(chosen)], [evaluate(pack)]
    for _ in range(bench.spec.training.segments):
        losses.append([run.loss for run in run_segment(pack)])
        states.append(pack.states())
        scores.append(evaluate(pack) if evaluated(bench.spec, len(states) - 1) else [])
    return tuple(
        Run(
            trial,
            tuple(at[i] for at in states),
            tuple(
                Boundary(k, at[i].digest(k), losses[k][i], scores[k][i] if scores[k] else None)
                for k, at in enumerate(states)
            ),
        )
        for i, trial in enumerate(chosen)
    )


def claim_of(spec: SweepSpec, runs: Sequence[Run]) -> Claim:
    keys = pack_trials(run.trial.key for run in runs)
    bid = Bid(SWEEP, SELLER, keys, 0, spec.training.segments, Amount(10), FRESH, 2**31, 2**31, 0)
    award = Award.of(bid_digest(CHAIN, MARKET, bid), bid)
    receipts = tuple(
        Receipt(
            award.id,
            SELLER,
            run.trial.key,
            trial_hash(spec.hash, run.trial.params),
            run.boundaries[0].digest,
            0,
            run.boundaries,
            run.states[-1].hashes().w,
            "bafkreia",
            digest("metrics"),
            CLASS,
        )
        for run in runs
    )
    return posted_as_said(Claim(spec, SWEEP, bid, Posted(award, Digest(b""), 0), receipts))


def rung_of(spec: SweepSpec, runs: Sequence[Run], first: int) -> Claim:
    """Return a claim of the segments from `first` on, as if an award had ended just there."""
    whole = claim_of(spec, runs)
    before = [replace(r, boundaries=r.boundaries[: first + 1]) for r in whole.receipts]
    bid = replace(
        whole.bid, first=first, segments=spec.training.segments - first, start=whole.posted.award.id
    )
    award = Award.of(bid_digest(CHAIN, MARKET, bid), bid)
    receipts = tuple(
        replace(
            receipt,
            award_id=award.id,
            start=receipt.boundaries[first].digest,
            boundaries=receipt.boundaries[first:],
        )
        for receipt in whole.receipts
    )
    earlier = Earlier(whole.sweep_id, tuple(before))
    posted = Posted(award, Digest(b""), 0)
    return posted_as_said(Claim(spec, SWEEP, bid, posted, receipts, earlier))


def deliver(folder: Path, runs: Sequence[Run]) -> None:
    """Write all states and adapters as if the seller had sent them."""
    for run in runs:
        for k, state in enumerate(run.states):
            path = state_file(folder, run.trial.key, k)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(state.to_bytes())
        adapter = adapter_folder(folder, run.trial.key) / ADAPTER_FILE
        adapter.parent.mkdir(parents=True, exist_ok=True)
        safetensors.numpy.save_file(dict(run.states[-1].w), adapter)


def with_boundary(claim: Claim, trial: int, k: int, **changes: object) -> Claim:
    """Return the claim with one boundary told otherwise, and posted so."""
    receipts = list(claim.receipts)
    boundaries = list(receipts[trial].boundaries)
    boundaries[k] = replace(boundaries[k], **changes)  # type: ignore[arg-type]
    receipts[trial] = replace(receipts[trial], boundaries=tuple(boundaries))
    return posted_as_said(replace(claim, receipts=tuple(receipts)))
