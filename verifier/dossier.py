"""A share's papers as one document: what a node hands to its worker, and what comes back."""

import json
from dataclasses import dataclass
from pathlib import Path

from compute_swarm.domain.audit import Item
from compute_swarm.domain.bid import Bid, Posted
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.verifier.assertions import Claim, Earlier, Failure
from compute_swarm.verifier.comparison import rule_for
from compute_swarm.verifier.judge import Finding


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One award: what its seller said, and the folder with what its seller sent."""

    award_index: int
    bid: Bid
    posted: Posted
    receipts: tuple[Receipt, ...]
    folder: str
    earlier: Earlier | None = None  # that a rung goes on from

    def claim(self, spec: SweepSpec, sweep_id: SweepId) -> Claim:
        return Claim(spec, sweep_id, self.bid, self.posted, self.receipts, self.earlier)


@dataclass(frozen=True, slots=True)
class DrawnItem:
    item: Item
    shard: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that an examination depends on."""

    spec: str  # the sweep's document as JSON text
    sweep_id: SweepId
    base: str  # folder of the base model
    dataset: str
    device: str
    items: tuple[DrawnItem, ...]
    cases: tuple[CaseFile, ...]


@dataclass(frozen=True, slots=True)
class ItemFinding:
    item: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class AwardFinding:
    award_index: int
    failures: tuple[Failure, ...]
    undelivered: tuple[TrialKey, ...]  # trials whose adapter did not arrive


@dataclass(frozen=True, slots=True)
class Report:
    items: tuple[ItemFinding, ...]
    awards: tuple[AwardFinding, ...]

    @property
    def findings(self) -> dict[int, Finding]:
        return {found.item: found.finding for found in self.items}

    @property
    def failures(self) -> dict[int, tuple[Failure, ...]]:
        return {found.award_index: found.failures for found in self.awards}

    @property
    def complete(self) -> frozenset[int]:
        """The awards of which every adapter arrived."""
        return frozenset(found.award_index for found in self.awards if not found.undelivered)


def examine_dossier(dossier: Dossier) -> Report:
    """Load the base once and examine all items. Loads torch, so call it in a worker."""
    from compute_swarm.domain.dataset import parse_rows
    from compute_swarm.engine.data import prepare
    from compute_swarm.engine.invariance import most_together
    from compute_swarm.engine.model import load_base
    from compute_swarm.engine.numerics import class_id
    from compute_swarm.verifier.examine import Case, Docket, examine
    from compute_swarm.verifier.replay import MOST_TOGETHER, Bench

    spec = SweepSpec.from_document(json.loads(dossier.spec))
    own_class = class_id(spec.numeric.dtype, dossier.device)
    base = load_base(Path(dossier.base), spec.numeric, dossier.device)
    tokens = prepare(parse_rows(Path(dossier.dataset).read_bytes()), spec, base.tokenizer)
    cases = {
        file.award_index: Case(
            file.claim(spec, dossier.sweep_id),
            rule_for(file.receipts[0].class_id, own_class, spec.numeric.dtype),
            Path(file.folder),
        )
        for file in dossier.cases
        if file.receipts
    }
    items = tuple(drawn.item for drawn in dossier.items)
    shards = {drawn.item.number: drawn.shard for drawn in dossier.items}
    together = most_together(base, spec, MOST_TOGETHER)
    bench = Bench(base, spec, dossier.sweep_id, tokens, together)
    found = examine(bench, Docket(items, shards, cases))
    return Report(
        tuple(ItemFinding(number, finding) for number, finding in found.findings.items()),
        tuple(
            AwardFinding(index, failures, found.undelivered[index])
            for index, failures in found.failures.items()
        ),
    )
