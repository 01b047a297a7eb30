"""A validator on panels: it examines what is disputed, votes, and sees to the decision."""

import logging
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from compute_swarm.chain.profiles import Rules
from compute_swarm.domain import wire
from compute_swarm.domain.ids import DisputeId, hex32
from compute_swarm.domain.typed_data import typed_vote
from compute_swarm.domain.verdict import Outcome, SignedVote, Vote
from compute_swarm.node.chronicle import Chronicle, DisputeEntry
from compute_swarm.node.duties import WITHHELD_AFTER
from compute_swarm.node.examination import Examination
from compute_swarm.node.hearing import Case
from compute_swarm.node.panel import count, is_over, panel_items, place_of
from compute_swarm.node.rounds import Patience
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.judge import vote

log = logging.getLogger(__name__)

Round: TypeAlias = tuple[DisputeId, int]  # of a dispute: one panel, and a vote of each member


@dataclass(slots=True)
class Voting:
    workplace: Workplace
    _sent: set[Round] = field(default_factory=set)
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(self.workplace.settings.patience_s)

    async def sits(self, chronicle: Chronicle, dispute: DisputeEntry, now: int) -> bool:
        """Whether this validator is on the panel called last, and may still decide."""
        if is_over(dispute, self._rules, now):
            return False
        seats = await self.workplace.draws.of_dispute(chronicle, dispute)
        return seats is not None and self.workplace.address in seats

    def is_due(self, dispute: DisputeEntry) -> bool:
        """Whether it has not voted in this round: what was missing may be there in the next."""
        return self.workplace.journal.vote(*_round(dispute)) is None

    def due(self, dispute: DisputeEntry) -> int:
        return dispute.time + self._rules.panel_time

    async def examine(self, case: Case, dispute: DisputeEntry) -> None:
        """Vote, unless the seller may still deliver what is missing.

        A vote names the item by its number, so it waits until that can't become another segment.
        """
        if not await self.workplace.draws.is_final(case.entry):
            return
        items = panel_items(case, dispute)
        spec = await self.workplace.spec(case.entry.sweep_id, case.sweep)
        examination = Examination(self.workplace, case.entry, spec, case.draw, items)
        withheld = dispute.time + WITHHELD_AFTER * self._rules.panel_time
        examined = await examination.run(withheld)
        if examined is None:
            return
        report = examined.report
        # A panel's word covers the whole award, so it must hold all that an upheld one delivers.
        delivered = place_of(case, dispute) in report.complete
        outcome = vote(items, report.findings, report.failures, delivered=delivered)
        log.info("dispute %s: %s", hex32(dispute.id), outcome.name.lower())
        self._sign(_round(dispute), outcome)

    async def speak(self, chronicle: Chronicle, dispute: DisputeEntry) -> None:
        """Show the vote to the relayer; where it decides nothing, do it ourselves."""
        round_ = _round(dispute)
        document = self.workplace.journal.vote(*round_)
        if document is None:
            return
        if round_ not in self._sent:
            await self.workplace.board.post_vote(wire.decode(SignedVote, document))
            self._sent.add(round_)
        if self.patience.ended(round_):
            await self._resolve(chronicle, dispute)

    async def _resolve(self, chronicle: Chronicle, dispute: DisputeEntry) -> None:
        seats = await self.workplace.draws.of_dispute(chronicle, dispute)
        votes = await self.workplace.board.votes(dispute.id)
        ballot = count(seats or (), dispute.round, votes)
        if not ballot.decided(self._rules.quorum):
            return
        entry = chronicle.commits[dispute.commit_id]
        index = entry.commit.index_of(dispute.award_id)
        place = (chronicle.sweeps[entry.sweep_id], entry.commit, index, dispute.subject)
        call = self.workplace.contracts.court.resolve(*place, ballot.votes)
        await self.workplace.try_send(call, f"dispute {hex32(dispute.id)}")

    def _sign(self, round_: Round, outcome: Outcome) -> dict[str, Any]:
        workplace, deployment = self.workplace, self.workplace.contracts.deployment
        said = Vote(*round_, outcome)
        typed = typed_vote(deployment.chain_id, deployment.court, said)
        signed = SignedVote(said, workplace.address, workplace.wallet.sign_typed(typed))
        return workplace.journal.vote_signed(*round_, outcome, wire.encode(signed))

    @property
    def _rules(self) -> Rules:
        return self.workplace.contracts.deployment.profile.rules


def _round(dispute: DisputeEntry) -> Round:
    return dispute.id, dispute.round
