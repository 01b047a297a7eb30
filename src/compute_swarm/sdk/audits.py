"""Who audits what of a sweep, and what they said: the draw done again, the verdicts checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compute_swarm.domain.audit import Item, ItemKind, items, locate, share_count, share_items
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.draw import commit_seed
from compute_swarm.domain.ids import Address, AwardId, CommitId, hex32
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.seats import JUDGE, judges
from compute_swarm.domain.signature import typed_signer
from compute_swarm.domain.typed_data import typed_verdict
from compute_swarm.domain.verdict import Answer, SignedVerdict, unpack_answers
from compute_swarm.errors import AnswersInvalid, SwarmError
from compute_swarm.sdk.awarding import Order
from compute_swarm.sdk.ledger import CommitRecord, Ledger, PostedAnswers
from compute_swarm.sdk.session import Session

Receipts = Mapping[AwardId, Mapping[TrialKey, Receipt]]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One answer to one item of a commit: a segment replayed, or an evaluation done again.

    A doubled item has two rows, and one of a share that substitutes answered has one for each.
    """

    commit: str
    number: int
    award_id: AwardId
    seller: Address
    kind: ItemKind
    key: TrialKey | None  # None until the receipts are known, and for a re-score
    segment: int | None
    share: int
    seat: int  # of the share: 0 is its judge, the others are substitutes
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
            "share": self.share,
            "seat": self.seat,
            "judge": self.judge,
            "answer": self.word,
        }


@dataclass(frozen=True, slots=True)
class _Drawn:
    items: tuple[Item, ...]
    judges: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class _Seat:
    """One who answers a share, and what it said."""

    share: int
    seat: int
    judge: Address
    answers: bytes | None


@dataclass(slots=True)
class AuditDesk:
    """Follows the audits of one sweep; draws and verdicts that were seen once are kept."""

    session: Session
    order: Order
    _drawn: dict[CommitId, _Drawn] = field(default_factory=dict)
    _signed: dict[tuple[CommitId, int], bytes] = field(default_factory=dict)  # answers, by share

    async def rows(self, ledger: Ledger, receipts: Receipts) -> tuple[AuditRow, ...]:
        """Return the answers to all items of the commits whose draw is known."""
        rows: list[AuditRow] = []
        for record in ledger.commits:
            drawn = self._drawn.get(record.id) or await self._draw(record)
            if drawn is not None:
                self._drawn[record.id] = drawn
                for seat in await self._seats(record, drawn):
                    rows += self._rows(record, drawn, seat, receipts)
        return tuple(sorted(rows, key=lambda row: (row.commit, row.number, row.share, row.seat)))

    async def _draw(self, record: CommitRecord) -> _Drawn | None:
        contracts, commit = self.session.contracts, record.commit
        entropy = await contracts.randomness.entropy(commit.block_number, commit.time)
        if entropy is None:
            return None
        seed = commit_seed(entropy, record.id)
        entries = await contracts.validators.set_at(commit.time)
        parties = {self.order.sweep.buyer} | commit.sellers
        terms = self.order.sweep.terms
        drawn = judges(seed, entries, parties, terms.vram_gib, share_count(commit))
        return _Drawn(items(seed, commit, terms.segments), drawn)

    def _rows(
        self, record: CommitRecord, drawn: _Drawn, seat: _Seat, receipts: Receipts
    ) -> list[AuditRow]:
        own, segments = share_items(drawn.items, seat.share), self.order.sweep.terms.segments
        answers = (
            [None] * len(own) if seat.answers is None else unpack_answers(seat.answers, len(own))
        )
        rows = []
        for item, answer in zip(own, answers, strict=True):
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
                    share=seat.share,
                    seat=seat.seat,
                    judge=seat.judge,
                    answer=answer,
                )
            )
        return rows

    async def _seats(self, record: CommitRecord, drawn: _Drawn) -> list[_Seat]:
        """The judge of each share, and the substitutes that were posted.

        What stands on chain counts before what a judge signed.
        """
        posted = {(one.share, one.seat): one for one in record.posted}
        shares = range(len(drawn.judges))
        known = {s for s in shares if (s, JUDGE) in posted or (record.id, s) in self._signed}
        if len(known) < len(drawn.judges):
            await self._ask_board(record, drawn)
        seats = [self._judge(record, drawn, s, posted.get((s, JUDGE))) for s in shares]
        stood_in = [one for one in record.posted if one.seat != JUDGE]
        return seats + [_Seat(one.share, one.seat, one.judge, one.answers) for one in stood_in]

    def _judge(
        self, record: CommitRecord, drawn: _Drawn, share: int, posted: PostedAnswers | None
    ) -> _Seat:
        signed = self._signed.get((record.id, share))
        answers = signed if posted is None else posted.answers
        return _Seat(share, JUDGE, drawn.judges[share], answers)

    async def _ask_board(self, record: CommitRecord, drawn: _Drawn) -> None:
        try:
            verdicts = await self.session.coordinator.verdicts(record.id)
        except SwarmError:
            return  # the chain alone still tells what was posted
        for signed in verdicts:
            share = signed.verdict.share
            if not (share < len(drawn.judges) and _fits(drawn, signed)):
                continue
            if _signer(self.session, signed) == drawn.judges[share]:
                self._signed[record.id, share] = signed.verdict.answers


def _place(
    item: Item, receipts: Sequence[Receipt], segments: int
) -> tuple[TrialKey | None, int | None]:
    if item.kind is ItemKind.RESCORE or not receipts:
        return None, None
    return locate(receipts, item.position, segments)


def _fits(drawn: _Drawn, signed: SignedVerdict) -> bool:
    """Whether it answers its share at all; a judge may sign any bytes."""
    try:
        unpack_answers(signed.verdict.answers, len(share_items(drawn.items, signed.verdict.share)))
    except AnswersInvalid:
        return False
    return True


def _signer(session: Session, signed: SignedVerdict) -> Address | None:
    deployment = session.contracts.deployment
    typed = typed_verdict(deployment.chain_id, deployment.court, signed.verdict)
    return typed_signer(typed, signed.signature)
