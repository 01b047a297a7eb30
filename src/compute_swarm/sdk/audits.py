"""Who audits what of a sweep, and what they said: the draw done again, the verdicts checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compute_swarm.domain.audit import (
    Item,
    ItemKind,
    commit_seed,
    items,
    judges,
    locate,
    share_count,
    share_items,
)
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import Address, AwardId, CommitId, hex32
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.signature import typed_signer
from compute_swarm.domain.typed_data import typed_verdict
from compute_swarm.domain.verdict import Answer, SignedVerdict, unpack_answers
from compute_swarm.errors import SwarmError
from compute_swarm.sdk.awarding import Order
from compute_swarm.sdk.ledger import CommitRecord, Ledger
from compute_swarm.sdk.session import Session

Receipts = Mapping[AwardId, Mapping[TrialKey, Receipt]]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One item of a commit: a segment to replay, or an evaluation to do again."""

    commit: str
    number: int
    award_id: AwardId
    seller: Address
    kind: ItemKind
    key: TrialKey | None  # None until the receipts are known, and for a re-score
    segment: int | None
    judge: Address
    answer: Answer | None  # None before the judge has spoken

    @property
    def word(self) -> str:
        """The answer as people see it; which refuted item was named is of no interest to them."""
        if self.answer is None:
            return "waiting"
        return "refuted" if self.answer.outcome.refutes else self.answer.outcome.name.lower()

    def document(self) -> dict[str, Any]:
        return {
            "commit": self.commit,
            "item": self.number,
            "award": hex32(self.award_id),
            "seller": self.seller,
            "kind": self.kind.name.lower(),
            "trial": None if self.key is None else str(self.key),
            "segment": self.segment,
            "judge": self.judge,
            "answer": self.word,
        }


@dataclass(frozen=True, slots=True)
class _Drawn:
    items: tuple[Item, ...]
    judges: tuple[Address, ...]


@dataclass(slots=True)
class AuditDesk:
    """Follows the audits of one sweep; draws and verdicts that were seen once are kept."""

    session: Session
    order: Order
    _drawn: dict[CommitId, _Drawn] = field(default_factory=dict)
    _signed: dict[tuple[CommitId, int], bytes] = field(default_factory=dict)  # answers, by share

    async def rows(self, ledger: Ledger, receipts: Receipts) -> tuple[AuditRow, ...]:
        """Return the items of all commits whose draw is known."""
        rows: list[AuditRow] = []
        for record in ledger.commits:
            drawn = self._drawn.get(record.id) or await self._draw(record)
            if drawn is not None:
                self._drawn[record.id] = drawn
                rows += await self._rows(record, drawn, receipts)
        return tuple(rows)

    async def _draw(self, record: CommitRecord) -> _Drawn | None:
        contracts, commit = self.session.contracts, record.commit
        delay = contracts.deployment.profile.rules.draw_delay
        entropy = await contracts.randomness.entropy(commit.block_number + delay)
        block = await contracts.rpc.block(commit.block_number)
        if entropy is None or block is None:
            return None
        seed = commit_seed(entropy, record.id)
        entries = await contracts.validators.set_at(block.time)
        parties = {self.order.sweep.buyer} | {posted.award.seller for posted in commit.awards}
        terms = self.order.sweep.terms
        drawn = judges(seed, entries, parties, terms.vram_gib, share_count(commit))
        return _Drawn(items(seed, commit, terms.segments), drawn)

    async def _rows(
        self, record: CommitRecord, drawn: _Drawn, receipts: Receipts
    ) -> list[AuditRow]:
        answers = await self._answers(record, drawn)
        segments = self.order.sweep.terms.segments
        rows = []
        for item in drawn.items:
            award = record.commit.awards[item.award_index].award
            key, segment = _place(item, list(receipts.get(award.id, {}).values()), segments)
            rows.append(
                AuditRow(
                    commit=hex32(record.id),
                    number=item.number,
                    award_id=award.id,
                    seller=award.seller,
                    kind=item.kind,
                    key=key,
                    segment=segment,
                    judge=drawn.judges[item.share],
                    answer=answers.get(item.number),
                )
            )
        return rows

    async def _answers(self, record: CommitRecord, drawn: _Drawn) -> dict[int, Answer]:
        """Answers by item: those that stand on chain, else those that the drawn judge signed."""
        shares = range(len(drawn.judges))
        known = {*record.posted_answers, *(s for s in shares if (record.id, s) in self._signed)}
        if len(known) < len(drawn.judges):
            await self._ask_board(record, drawn)
        told = {s: self._signed[record.id, s] for s in shares if (record.id, s) in self._signed}
        found: dict[int, Answer] = {}
        for share, packed in (told | dict(record.posted_answers)).items():
            own = share_items(drawn.items, share)
            answers = unpack_answers(packed, len(own))
            found |= {item.number: answer for item, answer in zip(own, answers, strict=True)}
        return found

    async def _ask_board(self, record: CommitRecord, drawn: _Drawn) -> None:
        try:
            verdicts = await self.session.coordinator.verdicts(record.id)
        except SwarmError:
            return  # the chain alone still tells what was posted
        for signed in verdicts:
            share = signed.verdict.share
            known = share < len(drawn.judges)
            if known and _signer(self.session, signed) == drawn.judges[share]:
                self._signed[record.id, share] = signed.verdict.answers


def _place(
    item: Item, receipts: Sequence[Receipt], segments: int
) -> tuple[TrialKey | None, int | None]:
    if item.kind is ItemKind.RESCORE or not receipts:
        return None, None
    return locate(receipts, item.position, segments)


def _signer(session: Session, signed: SignedVerdict) -> Address | None:
    deployment = session.contracts.deployment
    typed = typed_verdict(deployment.chain_id, deployment.court, signed.verdict)
    return typed_signer(typed, signed.signature)
