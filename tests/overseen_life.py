"""A sweep whose seller has real leaves and whose judges have evidence: they can prove it."""

from chain_life import SEGMENTS, Life
from compute_swarm.domain.audit import Item, ItemKind, locate, share_items
from compute_swarm.domain.bid import Submission
from compute_swarm.domain.commitment import (
    Boundary,
    Receipt,
    StateHashes,
    eval_hash,
    evidence_root,
    float_bits,
    laid_out,
    merkle_proof,
    result_root,
    state_digest,
    state_evidence_leaf,
)
from compute_swarm.domain.ids import ClassId, Digest, keccak
from compute_swarm.domain.oversight import Preimage
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.typed_data import typed_result, typed_verdict
from compute_swarm.domain.verdict import Answer, Outcome, SignedVerdict, Verdict, pack_answers


def hashes(key: TrialKey, k: int) -> StateHashes:
    return StateHashes(*(Digest(keccak(f"{part}/{key}/{k}".encode())) for part in "wmv"))


class OverseenLife(Life):
    """A life in which the seller's leaves are real ones, and judges have evidence."""

    @property
    def receipts_made(self) -> tuple[Receipt, ...]:
        award = self.awards[0]
        made = [self._receipt(award.id, award.seller, TrialKey(index, 0)) for index in range(3)]
        return laid_out(made, SEGMENTS)

    def _receipt(self, award_id, seller, key: TrialKey) -> Receipt:
        boundaries = tuple(
            Boundary(k, state_digest(k, hashes(key, k), 2 * k), float(k))
            for k in range(SEGMENTS + 1)
        )
        return Receipt(
            award_id=award_id,
            seller=seller,
            key=key,
            trial_hash=Digest(keccak(b"trial")),
            start=boundaries[0].digest,
            offset=0,
            boundaries=boundaries,
            adapter_digest=Digest(keccak(b"adapter")),
            adapter_cid="bafkreia",
            metrics_digest=Digest(keccak(b"metrics")),
            class_id=ClassId(keccak(b"class")),
        )

    def submission(self, award, done):
        root = result_root(self.receipts_made)
        typed = typed_result(self.chain_id, self.contracts.market.address, award.id, root, done)
        return Submission(award, root, done, self.cast.wallet(award.seller).sign_typed(typed))

    def end_of(self, item) -> tuple[Receipt, int]:
        """The receipt of an audit, and the boundary at which its segment ends."""
        key, k = locate(self.receipts_made, item.position, SEGMENTS)
        return next(one for one in self.receipts_made if one.key == key), k + 1

    def evidence(self, share: int) -> list[Digest]:
        audits = [item for item in self.share(share) if item.kind is ItemKind.AUDIT]
        found = {item.number: self.end_of(item) for item in audits}
        return [
            state_evidence_leaf(number, hashes(receipt.key, k))
            for number, (receipt, k) in sorted(found.items())
        ]

    async def said(self, share: int, outcome: Outcome = Outcome.UPHELD) -> SignedVerdict:
        answers = pack_answers([Answer(outcome, exact=True)] * len(self.share(share)))
        verdict = Verdict(self.commit_id, share, answers, evidence_root(self.evidence(share)))
        return await self.signed(verdict)

    async def signed(self, verdict: Verdict) -> SignedVerdict:
        judge = (await self.judges())[verdict.share]
        typed = typed_verdict(self.chain_id, self.contracts.court.address, verdict)
        return SignedVerdict(verdict, self.cast.wallet(judge).sign_typed(typed))

    def share(self, share: int) -> tuple[Item, ...]:
        return share_items(self.items, share)

    def preimage(self, item) -> Preimage:
        receipt, k = self.end_of(item)
        ordered = self.receipts_made
        evidence = self.evidence(item.share)
        own = state_evidence_leaf(item.number, hashes(receipt.key, k))
        leaves = [boundary.leaf() for boundary in receipt.boundaries]
        return Preimage(
            hashes=hashes(receipt.key, k),
            step=2 * k,
            evidence=merkle_proof(evidence, evidence.index(own)),
            loss_bits=float_bits(receipt.boundaries[k].loss),
            eval_hash=eval_hash(None),
            boundary=merkle_proof(leaves, k),
            trial=receipt.trial_leaf(),
            result=merkle_proof([one.leaf() for one in ordered], ordered.index(receipt)),
        )
