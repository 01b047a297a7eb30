"""Who may have an adapter: judges once they are drawn, who buys once it is upheld."""

from compute_swarm.domain.ids import Address, AwardId
from compute_swarm.domain.status import AwardStatus
from compute_swarm.node.chronicle import Chronicle, CommitEntry
from compute_swarm.node.hearing import heard, settleable, signed
from compute_swarm.node.workplace import Workplace
from compute_swarm.storage.cid import Cid


class Release:
    """Decides for one node. What was released once stays so."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def may_read(self, caller: Address, cid: Cid) -> bool:
        """Whether a block belongs to an adapter that the caller has a right to."""
        for root in self._workplace.blocks.holders(cid):
            for award_id in self._workplace.journal.delivering(str(root)):
                if await self.allowed(caller, award_id):
                    return True
        return False

    async def allowed(self, caller: Address, award_id: AwardId) -> bool:
        chronicle = await self._workplace.recent_chronicle()
        entry = chronicle.awards.get(award_id)
        if entry is None:
            return False
        if chronicle.buys(entry.sweep_id, caller):
            return await self.released(chronicle, award_id)
        return await self._workplace.draws.may_read(chronicle, caller, award_id)

    async def released(self, chronicle: Chronicle, award_id: AwardId) -> bool:
        """Whether every share with an item of the award is upheld, or it is settled."""
        key = f"released/{award_id.hex()}"
        if self._workplace.journal.note(key):
            return True
        entry = chronicle.awards[award_id]
        released = entry.status is AwardStatus.SETTLED
        if entry.status is AwardStatus.POSTED and entry.commit_id is not None:
            released = await self._upheld(chronicle, chronicle.commits[entry.commit_id], award_id)
        if released:
            self._workplace.journal.noted(key, True)
        return released

    async def _upheld(self, chronicle: Chronicle, entry: CommitEntry, award_id: AwardId) -> bool:
        now = await self._workplace.now()
        case = await self._workplace.cases.of(chronicle, entry, now)
        if case is None:
            return False
        said = signed(case, await self._workplace.brought(entry.id, case.draw))
        return award_id in {case.award_id(index) for index in settleable(case, heard(case, said))}
