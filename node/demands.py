"""A validator that is asked to prove what it upheld: it opens what it kept, in time."""

import logging
import time
from dataclasses import dataclass, field

from compute_swarm.domain import wire
from compute_swarm.domain.ids import Digest, hex32
from compute_swarm.domain.oversight import Preimage, Word
from compute_swarm.domain.typed_data import struct_hash, typed_verdict
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.node.chronicle import Chronicle, DemandEntry
from compute_swarm.node.rounds import Backoff
from compute_swarm.node.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Demands:
    workplace: Workplace
    rests: Backoff = field(default_factory=lambda: Backoff(longest_s=15.0))

    async def meet(self, chronicle: Chronicle, demand: DemandEntry, now: int) -> None:
        """Answer a demand from the journal: unmet it costs the whole bond."""
        rules = self.workplace.contracts.deployment.profile.rules
        rested = self.rests.ready(demand.id, time.monotonic())
        if now > demand.time + rules.demand_time or not rested:
            return
        self.rests.failed(demand.id, time.monotonic())
        found = self._kept(demand)
        if found is None:
            log.error("demand %s: this journal has no such verdict", hex32(demand.id))
            return
        word, preimage = found
        entry = chronicle.commits[demand.commit_id]
        sweep, oversight = chronicle.sweeps[entry.sweep_id], self.workplace.contracts.oversight
        call = oversight.meet(sweep, entry.commit, word, preimage)
        await self.workplace.try_send(call, f"demand {hex32(demand.id)}")

    def _kept(self, demand: DemandEntry) -> tuple[Word, Preimage] | None:
        """Return the verdict that the demand is about, and what opens its item."""
        document = self.workplace.journal.verdict(demand.commit_id, demand.share)
        if document is None:
            return None
        signed = wire.decode(SignedVerdict, document["signed"])
        opening = document["openings"].get(str(demand.item))
        if opening is None or self._hash(signed) != demand.verdict:
            return None
        word = Word(signed, self.workplace.address, demand.item)
        return word, wire.decode(Preimage, opening)

    def _hash(self, signed: SignedVerdict) -> Digest:
        deployment = self.workplace.contracts.deployment
        return struct_hash(typed_verdict(deployment.chain_id, deployment.court, signed.verdict))
