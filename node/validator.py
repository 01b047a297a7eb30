"""The validator's role: judge the shares it is drawn for, vote on the panels it is drawn for.

A verdict or vote is in the journal before it leaves the node, and from then on it is the one that
is sent, however often: two different ones for the same share would cost the bond.
"""

import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from compute_swarm.chain.transactions import send
from compute_swarm.domain import wire
from compute_swarm.domain.audit import disputed_items
from compute_swarm.domain.ids import CommitId, DisputeId, hex32
from compute_swarm.domain.status import NodeStatus
from compute_swarm.domain.typed_data import typed_verdict, typed_vote
from compute_swarm.domain.verdict import SignedVerdict, SignedVote, Vote
from compute_swarm.errors import ChainError, TransferError
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DisputeEntry
from compute_swarm.node.draw import Draw
from compute_swarm.node.examination import Examination
from compute_swarm.node.gathering import drop
from compute_swarm.node.rounds import contain, every
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.dossier import Report
from compute_swarm.verifier.judge import UNAVAILABLE, judge, vote

log = logging.getLogger(__name__)

WITHHELD_AFTER: Final = 0.5  # of the time to answer: what has not come by then is withheld
AGAIN_SECONDS: Final = 5.0  # between two requests for what did not come
LEAST_SECONDS: Final = 15.0  # for sellers to send, even where a validator comes late
MOST_SECONDS: Final = 60.0  # after which others' cases are looked at; what has come stays
LAST_CALL_SECONDS: Final = 20  # before unposted verdicts stop to count


@dataclass(slots=True)
class Validator:
    workplace: Workplace
    status: NodeStatus = NodeStatus.WAITING
    _sent: set[tuple[bytes, int]] = field(default_factory=set)
    _since: dict[tuple[CommitId, int], float] = field(default_factory=dict)
    _asked: dict[tuple[CommitId, tuple[int, ...]], float] = field(default_factory=dict)
    _closed: set[CommitId] = field(default_factory=set)

    async def run(self) -> None:
        """Work until cancelled. Case work is one at a time: each takes the whole machine."""
        await every(self.workplace.settings.poll_s, self.look, "chain")

    def progress(self) -> dict[str, Any]:
        return {"status": str(self.status), "trials": []}

    async def look(self) -> None:
        """Do what is due in every open dispute and commit."""
        chronicle = await self.workplace.chronicle()
        for dispute in list(chronicle.open_disputes()):
            await contain(
                partial(self._dispute, chronicle, dispute), f"dispute {hex32(dispute.id)}"
            )
        for entry in list(chronicle.open_commits()):
            await contain(partial(self._commit, chronicle, entry), f"commit {hex32(entry.id)}")
        self._tidy(chronicle)

    # --- shares ------------------------------------------------------------------------------

    async def _commit(self, chronicle: Chronicle, entry: CommitEntry) -> None:
        draw = await self.workplace.draws.of_commit(chronicle, entry)
        if draw is None:
            return
        for share in draw.shares_of(self.workplace.address):
            if not draw.share(share):
                continue
            document = self.workplace.journal.verdict(entry.id, share)
            if document is None:
                document = await self._judge(chronicle, entry, draw, share)
            if document is not None:
                signed = wire.decode(SignedVerdict, document["signed"])
                await self._send(chronicle, entry, draw, signed)

    async def _judge(
        self, chronicle: Chronicle, entry: CommitEntry, draw: Draw, share: int
    ) -> dict[str, Any] | None:
        """Examine a share and sign; None while the seller may still deliver what is missing."""
        sweep, items = chronicle.sweeps[entry.sweep_id], draw.share(share)
        spec = await self.workplace.spec(entry.sweep_id, sweep)
        withheld = draw.time + WITHHELD_AFTER * sweep.terms.verdict_time
        examination = Examination(self.workplace, entry, spec, draw, items)
        report = await self._examined(examination, withheld)
        if report is None:
            return None
        judgement = judge(entry.id, items, report.findings, report.failures)
        deployment = self.workplace.contracts.deployment
        typed = typed_verdict(deployment.chain_id, deployment.court, judgement.verdict)
        signed = SignedVerdict(judgement.verdict, self.workplace.wallet.sign_typed(typed))
        document = {
            "signed": wire.encode(signed),
            # Whoever demands the evidence later gets these preimages.
            "findings": wire.encode(report.items),
            "reasons": {str(number): why for number, why in judgement.reasons.items()},
        }
        for number, why in judgement.reasons.items():
            log.warning("item %d of commit %s: %s", number, hex32(entry.id), why)
        return self.workplace.journal.verdict_signed(entry.id, share, document)

    async def _examined(self, examination: Examination, withheld: float) -> Report | None:
        """Examine now, or return None where the last try is too recent or something is missing."""
        numbers = tuple(item.number for item in examination.items)
        key, now = (examination.entry.id, numbers), time.monotonic()
        if now < self._asked.get(key, 0.0) + AGAIN_SECONDS:
            return None
        self.status = NodeStatus.WORKING
        try:
            left = withheld - await self.workplace.now()
            seconds = min(max(left, LEAST_SECONDS), MOST_SECONDS)
            return await examination.report(left < 0, seconds)
        finally:
            self._asked[key] = time.monotonic()
            self.status = NodeStatus.WAITING

    async def _send(
        self, chronicle: Chronicle, entry: CommitEntry, draw: Draw, signed: SignedVerdict
    ) -> None:
        """Hang the verdict on the board; put it on the chain where it has to be and isn't."""
        key = (entry.id, signed.verdict.share)
        if key not in self._sent:
            try:
                await self.workplace.board.post_verdict(signed)
                self._sent.add(key)
            except TransferError as error:  # the chain takes a verdict without any board
                log.warning("verdict on %s: %s", hex32(entry.id), error)
        since = self._since.setdefault(key, time.monotonic())
        if key in chronicle.posted_shares:
            return
        patience_ended = time.monotonic() - since > self.workplace.settings.patience_s
        if (_disputes(draw, signed) and patience_ended) or await self._last_call(
            chronicle, entry, draw
        ):
            await self._post(chronicle, entry, signed)

    async def _last_call(self, chronicle: Chronicle, entry: CommitEntry, draw: Draw) -> bool:
        """Whether nobody has settled, and soon only posted verdicts will count."""
        terms = chronicle.sweeps[entry.sweep_id].terms
        rules = self.workplace.contracts.deployment.profile.rules
        answer_by = draw.time + rules.answer_by(terms.verdict_time)
        return answer_by - LAST_CALL_SECONDS < await self.workplace.now() <= answer_by

    async def _post(self, chronicle: Chronicle, entry: CommitEntry, signed: SignedVerdict) -> None:
        sweep = chronicle.sweeps[entry.sweep_id]
        call = self.workplace.contracts.court.post(sweep, entry.commit, signed)
        self._since[entry.id, signed.verdict.share] = time.monotonic()
        try:
            await send(self.workplace.wallet, call)
        except ChainError as refused:
            log.warning("posting a verdict: %s", refused)

    # --- panels ------------------------------------------------------------------------------

    async def _dispute(self, chronicle: Chronicle, dispute: DisputeEntry) -> None:
        seats = await self.workplace.draws.of_dispute(chronicle, dispute)
        if seats is None or self.workplace.address not in seats:
            return
        document = self.workplace.journal.vote(dispute.id)
        if document is None:
            document = await self._vote(chronicle, dispute)
        if document is not None and (dispute.id, 0) not in self._sent:
            await self.workplace.board.post_vote(wire.decode(SignedVote, document))
            self._sent.add((dispute.id, 0))

    async def _vote(self, chronicle: Chronicle, dispute: DisputeEntry) -> dict[str, Any] | None:
        entry = chronicle.commits[dispute.commit_id]
        draw = await self.workplace.draws.of_commit(chronicle, entry)
        opened = await self.workplace.contracts.rpc.block(dispute.block_number)
        if draw is None or opened is None:
            return None
        sweep, item = chronicle.sweeps[entry.sweep_id], draw.items[dispute.item]
        spec = await self.workplace.spec(entry.sweep_id, sweep)
        panel_time = self.workplace.contracts.deployment.profile.rules.panel_time
        examination = Examination(self.workplace, entry, spec, draw, (item,))
        report = await self._examined(examination, opened.time + WITHHELD_AFTER * panel_time)
        if report is None:
            return None
        finding = report.findings.get(item.number, UNAVAILABLE)
        # A panel's word covers the whole award, so it must hold all that an upheld one delivers.
        delivered = item.award_index in report.complete
        upheld = delivered and vote(item, finding, report.failures)
        log.info("dispute %s: %s", hex32(dispute.id), "upheld" if upheld else "not upheld")
        return self._signed_vote(dispute.id, upheld)

    def _signed_vote(self, id_: DisputeId, upheld: bool) -> dict[str, Any]:
        workplace, deployment = self.workplace, self.workplace.contracts.deployment
        said = Vote(id_, upheld)
        typed = typed_vote(deployment.chain_id, deployment.court, said)
        signed = SignedVote(said, workplace.address, workplace.wallet.sign_typed(typed))
        return workplace.journal.vote_signed(id_, upheld, wire.encode(signed))

    def _tidy(self, chronicle: Chronicle) -> None:
        open_ids = {entry.id for entry in chronicle.open_commits()}
        for entry in chronicle.commits.values():
            if entry.id not in open_ids and entry.id not in self._closed:
                drop(self.workplace.settings.home, entry)
                self._closed.add(entry.id)


def _disputes(draw: Draw, signed: SignedVerdict) -> bool:
    share = draw.share(signed.verdict.share)
    return bool(disputed_items(share, signed.verdict.answers))
