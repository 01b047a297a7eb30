"""What a judge may be asked to prove of its verdict, and the proof."""

from dataclasses import dataclass
from typing import Any

from compute_swarm.domain.commitment import StateHashes, TrialLeaf
from compute_swarm.domain.ids import Address, DemandId, Digest, abi_hash
from compute_swarm.domain.verdict import SignedVerdict


@dataclass(frozen=True, slots=True)
class Word:
    """A judge's signed word on one item of its share."""

    verdict: SignedVerdict
    judge: Address
    item: int


@dataclass(frozen=True, slots=True)
class Preimage:
    """The state that a judge's replay ended in, and that it is the one that the seller claims."""

    hashes: StateHashes
    step: int
    evidence: tuple[Digest, ...]  # of the judge's leaf under its verdict's evidence root
    loss_bits: int  # of the claimed boundary, as is what follows
    eval_hash: Digest
    boundary: tuple[Digest, ...]  # of its leaf under the trial's segment root
    trial: TrialLeaf
    result: tuple[Digest, ...]  # of the trial's leaf under the award's result root

    def abi(self) -> tuple[Any, ...]:
        return (
            *(self.hashes.w, self.hashes.m, self.hashes.v, self.step),
            list(self.evidence),
            *(self.loss_bits, self.eval_hash),
            list(self.boundary),
            self.trial.abi(),
            list(self.result),
        )


def demand_id(verdict_hash: Digest, judge: Address, item: int) -> DemandId:
    """`verdict_hash` is the EIP-712 struct hash of the verdict."""
    return DemandId(abi_hash(["bytes32", "address", "uint256"], [verdict_hash, judge, item]))
