"""What a judge keeps of its work, to prove later that it did it: `Oversight.meet` takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from compute_swarm.domain.audit import Item, ItemKind, locate
from compute_swarm.domain.commitment import (
    StateHashes,
    eval_hash,
    float_bits,
    merkle_proof,
    state_evidence_leaf,
)
from compute_swarm.domain.ids import Digest
from compute_swarm.domain.oversight import Preimage
from compute_swarm.domain.verdict import Answer, Outcome
from compute_swarm.verifier.assertions import Claim
from compute_swarm.verifier.judge import Judgement

_DEMANDABLE = Answer(Outcome.UPHELD, exact=True)


def openings(
    share: Sequence[Item], judgement: Judgement, claims: Mapping[int, Claim]
) -> dict[int, Preimage]:
    """Return what opens each audit that was upheld as compared exactly; no other is demanded.

    `claims` are by the award's index: sellers may be gone by the time that somebody asks.
    """
    numbers = sorted(judgement.evidence)
    leaves = [state_evidence_leaf(number, judgement.evidence[number]) for number in numbers]
    papers = {index: _Papers(claim) for index, claim in claims.items()}
    found: dict[int, Preimage] = {}
    for item, answer in zip(share, judgement.answers, strict=True):
        if item.kind is ItemKind.AUDIT and answer == _DEMANDABLE:
            proof = merkle_proof(leaves, numbers.index(item.number))
            hashes = judgement.evidence[item.number]
            found[item.number] = papers[item.award_index].preimage(item.position, hashes, proof)
    return found


@dataclass(frozen=True)
class _Papers:
    """An award's leaves, each hashed once."""

    claim: Claim

    @cached_property
    def leaves(self) -> list[Digest]:
        return [receipt.leaf() for receipt in self.claim.ordered]

    def preimage(
        self, position: int, hashes: StateHashes, evidence: tuple[Digest, ...]
    ) -> Preimage:
        spec, ordered = self.claim.spec, self.claim.ordered
        key, k = locate(ordered, position, spec.training.segments)
        index = [receipt.key for receipt in ordered].index(key)
        receipt, end = ordered[index], k + 1 - ordered[index].first
        boundaries = [boundary.leaf() for boundary in receipt.boundaries]
        claimed = receipt.boundaries[end]
        return Preimage(
            hashes=hashes,
            step=(k + 1) * spec.steps_per_segment,
            evidence=evidence,
            loss_bits=float_bits(claimed.loss),
            eval_hash=eval_hash(claimed.eval_losses),
            boundary=merkle_proof(boundaries, end),
            trial=receipt.trial_leaf(),
            result=merkle_proof(self.leaves, index),
        )
