"""The validator's role: judge the shares it is drawn for, vote on panels, prove its word.

Three loops, for an examination may take long: meanwhile verdicts are posted, demands are met, and
others' words are held against each other.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from compute_swarm.domain.ids import CommitId, hex32, sha256
from compute_swarm.domain.status import NodeStatus
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DisputeEntry
from compute_swarm.node.demands import Demands
from compute_swarm.node.files import case_folder
from compute_swarm.node.judging import Judging
from compute_swarm.node.reckoning import Reckoning
from compute_swarm.node.rounds import Backoff, Patience, contain, every
from compute_swarm.node.rungs import Ends
from compute_swarm.node.seeds import Moment
from compute_swarm.node.voting import Voting
from compute_swarm.node.workplace import Workplace

log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 5.0  # between two requests for what did not come
SEED_SECONDS: Final = 30.0  # between two looks whether a seed has to be kept
PLACES: Final = 4  # the times of patience over which validators bring a seed, one after another


@dataclass(frozen=True, slots=True)
class Work:
    """Something to examine; each takes the whole machine, so they come one at a time."""

    key: Hashable
    name: str
    due: int
    run: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Validator:
    workplace: Workplace
    judging: Judging
    voting: Voting
    demands: Demands
    reckoning: Reckoning
    patience: Patience
    status: NodeStatus = NodeStatus.WAITING
    rests: Backoff = field(default_factory=lambda: Backoff(AGAIN_SECONDS, AGAIN_SECONDS))
    seeds: Backoff = field(default_factory=lambda: Backoff(SEED_SECONDS, SEED_SECONDS))
    _closed: set[CommitId] = field(default_factory=set)
    _tried: dict[Hashable, float] = field(default_factory=dict)  # work, and when it ended last

    @classmethod
    def at(cls, workplace: Workplace) -> "Validator":
        roles = (Judging(workplace), Voting(workplace), Demands(workplace), Reckoning(workplace))
        return cls(workplace, *roles, Patience(workplace.settings.patience_s))

    async def run(self) -> None:
        """Work until cancelled."""
        pause = self.workplace.settings.poll_s
        async with asyncio.TaskGroup() as group:
            group.create_task(every(pause, self.speak, "chain"))
            group.create_task(every(pause, self.work, "work"))
            group.create_task(every(pause, self.reckon, "others' words"))

    def progress(self) -> dict[str, Any]:
        return {"status": str(self.status), "trials": []}

    # --- what is known already ---------------------------------------------------------------

    async def speak(self) -> None:
        """Bring verdicts, votes and proofs to where they are due."""
        chronicle, now = await self.workplace.chronicle(), await self.workplace.now()
        for demand in list(chronicle.open_demands(self.workplace.address)):
            meet = partial(self.demands.meet, chronicle, demand, now)
            await contain(meet, f"demand {hex32(demand.id)}")
        for entry in list(chronicle.open_commits()):
            judge = partial(self._judge, chronicle, entry, now)
            await contain(judge, f"commit {hex32(entry.id)}")
        for dispute in list(chronicle.open_disputes()):
            vote = partial(self._vote, chronicle, dispute, now)
            await contain(vote, f"dispute {hex32(dispute.id)}")
        self._tidy(chronicle)

    async def reckon(self) -> None:
        """Hold the other judges to their word."""
        chronicle, now = await self.workplace.chronicle(), await self.workplace.now()
        await self.reckoning.step(chronicle, now)

    async def _judge(self, chronicle: Chronicle, entry: CommitEntry, now: int) -> None:
        case = await self.workplace.cases.of(chronicle, entry, now)
        # A fee of ours hangs on the seed; while it isn't there, it may be anybody's.
        if case is None or case.draw.shares_of(self.workplace.address):
            await self._keep_seed(Moment(entry.commit.block_number, entry.commit.time))
        if case is not None:
            await self.judging.speak(case, now)

    async def _vote(self, chronicle: Chronicle, dispute: DisputeEntry, now: int) -> None:
        panel = await self.workplace.draws.of_dispute(chronicle, dispute)
        if panel is None or dispute.accuser == self.workplace.address:  # our word hangs on it
            await self._keep_seed(Moment(dispute.block_number, dispute.time))
        if await self.voting.sits(chronicle, dispute, now):
            await self.voting.speak(chronicle, dispute)

    async def _keep_seed(self, moment: Moment) -> None:
        """Keep it where nobody did, each validator at a time of its own: one is enough to pay."""
        place = sha256(f"{self.workplace.address}/{moment}".encode())[0] / 256
        longer = place * PLACES * self.patience.seconds
        if self.patience.over(moment, longer) and self.seeds.ready(moment, time.monotonic()):
            self.seeds.failed(moment, time.monotonic())
            await self.workplace.keep_seed(moment)

    # --- what has to be examined -------------------------------------------------------------

    async def work(self) -> None:
        """Examine what is most urgent; what waits for others rests meanwhile."""
        work = self._first(await self._found())
        if work is not None:
            await self._examine(work)

    async def _examine(self, work: Work) -> None:
        self.status = NodeStatus.WORKING
        try:
            await contain(work.run, work.name)
        finally:
            self._tried[work.key] = time.monotonic()
            self.rests.failed(work.key, time.monotonic())
            self.status = NodeStatus.WAITING

    async def _found(self) -> list[Work]:
        chronicle, now = await self.workplace.chronicle(), await self.workplace.now()
        found: list[Work] = []
        for entry in list(chronicle.open_commits()):
            add = partial(self._add_shares, chronicle, entry, now, found)
            await contain(add, f"commit {hex32(entry.id)}")
        for dispute in list(chronicle.open_disputes()):
            add = partial(self._add_dispute, chronicle, dispute, now, found)
            await contain(add, f"dispute {hex32(dispute.id)}")
        return found

    def _first(self, found: Sequence[Work]) -> Work | None:
        """Return what is most urgent of what was not tried, else what was tried longest ago.

        So who keeps us waiting, again and again, can't keep us from all others.
        """
        keys = {work.key for work in found}
        self._tried = {key: at for key, at in self._tried.items() if key in keys}
        ready = [work for work in found if self.rests.ready(work.key, time.monotonic())]
        return min(ready, key=lambda work: (self._tried.get(work.key, 0.0), work.due), default=None)

    async def _add_shares(
        self, chronicle: Chronicle, entry: CommitEntry, now: int, found: list[Work]
    ) -> None:
        case = await self.workplace.cases.of(chronicle, entry, now)
        if case is None:
            return
        for duty in self.judging.duties(case, now):
            key, name = (entry.id, duty.share), f"commit {hex32(entry.id)}"
            found.append(Work(key, name, duty.due, partial(self.judging.examine, case, duty)))

    async def _add_dispute(
        self, chronicle: Chronicle, dispute: DisputeEntry, now: int, found: list[Work]
    ) -> None:
        voting = self.voting
        if not voting.is_due(dispute) or not await voting.sits(chronicle, dispute, now):
            return
        entry = chronicle.commits[dispute.commit_id]
        case = await self.workplace.cases.of(chronicle, entry, now)
        if case is not None:
            run = partial(voting.examine, case, dispute)
            found.append(Work(dispute.id, f"dispute {hex32(dispute.id)}", voting.due(dispute), run))

    def _tidy(self, chronicle: Chronicle) -> None:
        """Forget what lies about of commits that are over, their disputes too.

        Adapters stay in the block store, and for a while the ends that a rung may go on from.
        """
        ends, home = Ends(self.workplace), self.workplace.settings.home
        ends.tidy()
        busy = {entry.id for entry in chronicle.open_commits()}
        busy |= {dispute.commit_id for dispute in chronicle.open_disputes()}
        for entry in chronicle.commits.values():
            if entry.id not in busy and entry.id not in self._closed:
                segments = chronicle.sweeps[entry.sweep_id].terms.segments
                for posted in entry.commit.awards:
                    folder = case_folder(home, posted.award.id)
                    ends.keep(folder, posted.award.id, segments)
                self.judging.forget(entry.id)
                self._closed.add(entry.id)
