"""Commits as the court sees them: asked about those alone that it has a record of."""

from dataclasses import dataclass, replace

from compute_swarm.chain.contracts import Contracts
from compute_swarm.domain.ids import AwardId
from compute_swarm.domain.seats import JUDGE
from compute_swarm.node.chronicle import Chronicle, CommitEntry, Record
from compute_swarm.node.draw import Draws
from compute_swarm.node.hearing import PAIRS, Case

Answered = set[tuple[AwardId, int]]  # award and share


@dataclass(frozen=True, slots=True)
class Cases:
    contracts: Contracts
    draws: Draws

    async def of(self, chronicle: Chronicle, entry: CommitEntry, now: int) -> Case | None:
        """Return the case, or None while its draw is not known (or is lost)."""
        draw = await self.draws.of_commit(chronicle, entry)
        if draw is None:
            return None
        record = chronicle.records.get(entry.id, Record())
        case = Case(
            entry=entry,
            sweep=chronicle.sweeps[entry.sweep_id],
            draw=draw,
            rules=self.contracts.deployment.profile.rules,
            statuses=chronicle.statuses(entry),
            record=record,
        )
        return replace(
            case,
            cleared=await self._cleared(chronicle, entry),
            stood_in=await self._stood_in(case),
            ran_out=await self._ran_out(case, now),
        )

    async def _cleared(self, chronicle: Chronicle, entry: CommitEntry) -> Answered:
        """Return what panels upheld against a judge."""
        court = self.contracts.court
        decided = {
            (dispute.award_id, dispute.subject.share)
            for dispute in chronicle.disputes.values()
            if dispute.commit_id == entry.id
            and not dispute.open
            and not dispute.subject.is_challenge
        }
        return {place for place in decided if await court.cleared(entry.id, *place)}

    async def _stood_in(self, case: Case) -> Answered:
        """Return what substitutes upheld in a silent judge's place: two, or one in the end."""
        court = self.contracts.court
        posted = {share for share, seat in case.record.posted if seat != JUDGE}
        return {
            (award, share)
            for share in posted
            for award in _awards(case, share)
            if await court.stand_ins(case.sweep, case.id, award, share) is not None
        }

    async def _ran_out(self, case: Case, now: int) -> Answered:
        """Return what nobody answered in time."""
        court, last = self.contracts.court, 2 * PAIRS  # the seat with the last turn
        over = [
            share
            for share, summoned in case.record.summoned.items()
            if case.silent(share) and now >= case.turn(summoned, last).stop
        ]
        return {
            (award, share)
            for share in over
            for award in _awards(case, share)
            if await court.ran_out(case.sweep, case.id, award, share)
        }


def _awards(case: Case, share: int) -> list[AwardId]:
    return [case.award_id(index) for index in sorted(case.open_awards(share))]
