"""A signed result on its way: to the board, to the chain if need be, and to its end.

The relayer commits and settles for everybody. Where it doesn't, a seller with some gas does it for
itself, so that nobody's absence keeps its money.
"""

import logging
import shutil
import time
from dataclasses import dataclass, field
from typing import Final

from compute_swarm.chain.events import VerdictPosted
from compute_swarm.chain.transactions import Call, send
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Submission
from compute_swarm.domain.ids import AwardId, CommitId, hex32
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import SignedVerdict, Verdict
from compute_swarm.errors import ChainError, TransferError
from compute_swarm.node.chronicle import AwardEntry, Chronicle, CommitEntry
from compute_swarm.node.files import award_folder
from compute_swarm.node.fulfilment import Order
from compute_swarm.node.journal import AwardRecord
from compute_swarm.node.release import judges_verdicts
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.layout import states_folder

log = logging.getLogger(__name__)

_REMEMBERED_BLOCKS: Final = 256  # by every chain; some remember more, and then refuse


@dataclass(slots=True)
class Delivery:
    workplace: Workplace
    _on_board: set[AwardId] = field(default_factory=set)
    _since: dict[tuple[AwardId, AwardStatus], float] = field(default_factory=dict)

    async def step(self, chronicle: Chronicle, record: AwardRecord) -> None:
        """Do the next thing for an award, whatever the chain says of it."""
        entry = chronicle.awards.get(record.award_id)
        if entry is None:
            return  # the chain was reorganised and has not said it again yet
        if entry.status.terminal:
            # A slashed award's other disputes go on, and their panels ask for states too.
            if not any(d.award_id == record.award_id for d in chronicle.open_disputes()):
                self._close(entry)
        elif entry.status is AwardStatus.POSTED:
            await self._posted(chronicle, entry)
        elif entry.status is AwardStatus.AWARDED:
            await self._awarded(chronicle, entry, record)

    async def _awarded(self, chronicle: Chronicle, entry: AwardEntry, record: AwardRecord) -> None:
        order, rules = Order.of(record), self.workplace.contracts.deployment.profile.rules
        if await self.workplace.now() > entry.award.deadline + rules.grace:
            if self._patience_ended(entry):
                market = self.workplace.contracts.market
                await self._send(entry, market.expire_award(order.sweep, entry.award))
            return
        result = self.workplace.journal.result(record.award_id)
        if result is None:
            return
        submission = wire.decode(Submission, result.document["submission"])
        await self._hand_in(order, submission)
        if self._patience_ended(entry):
            call = self.workplace.contracts.market.commit(order.sweep, [submission])
            await self._send(entry, call)

    async def _hand_in(self, order: Order, submission: Submission) -> None:
        """Show the result to the relayer; without a board we wait and then commit it ourselves."""
        if submission.award.id in self._on_board:
            return
        try:
            await self.workplace.board.result(order.signed, submission)
        except TransferError as error:
            log.warning("award %s: %s", hex32(submission.award.id), error)
        else:
            self._on_board.add(submission.award.id)

    async def _posted(self, chronicle: Chronicle, entry: AwardEntry) -> None:
        assert entry.commit_id is not None
        commit = chronicle.commits[entry.commit_id]
        index = [posted.award.id for posted in commit.commit.awards].index(entry.award.id)
        draw = await self.workplace.draws.of_commit(chronicle, commit)
        if draw is None:
            await self._seedless(chronicle, entry, commit, index)
            return
        sweep, market = chronicle.sweeps[entry.sweep_id], self.workplace.contracts.market
        times = await market.times(sweep.terms, draw.time)
        now, patience = await self.workplace.now(), self.workplace.settings.patience_s
        if now < times.settle_from + patience or not self._patience_ended(entry):
            return
        late = now > times.answer_by
        if late:  # only what is on chain counts, and no coordinator is needed
            verdicts = await self._posted_verdicts(commit.id)
        else:
            verdicts = await judges_verdicts(self.workplace, commit, draw)
        if {item.share for item in draw.items if item.award_index == index} <= set(verdicts):
            chosen = [verdicts[share] for share in sorted(verdicts)]
            await self._send(entry, market.settle(sweep, commit.commit, chosen))
        elif late:
            await self._send(entry, market.expire_posted(sweep, commit.commit, index))

    async def _seedless(
        self, chronicle: Chronicle, entry: AwardEntry, commit: CommitEntry, index: int
    ) -> None:
        """Take the bond back where the block that seeds the draw is out of the chain's reach."""
        contracts = self.workplace.contracts
        seeded = commit.commit.block_number + contracts.deployment.profile.rules.draw_delay
        head = await contracts.rpc.head()
        if head.number > seeded + _REMEMBERED_BLOCKS and self._patience_ended(entry):
            sweep = chronicle.sweeps[entry.sweep_id]
            await self._send(entry, contracts.market.expire_posted(sweep, commit.commit, index))

    async def _posted_verdicts(self, id_: CommitId) -> dict[int, SignedVerdict]:
        """Return what judges put on chain, by share; there it needs no signature any more."""
        return {
            event.share: SignedVerdict(
                Verdict(event.commit_id, event.share, event.answers, event.evidence), b""
            )
            for event in await self.workplace.history.events()
            if isinstance(event, VerdictPosted) and event.commit_id == id_
        }

    async def _send(self, entry: AwardEntry, call: Call) -> None:
        """Send it ourselves; whoever was first, or has no gas, tries again after a while."""
        try:
            await send(self.workplace.wallet, call)
        except ChainError as refused:
            log.warning("award %s: %s", hex32(entry.award.id), refused)

    def _patience_ended(self, entry: AwardEntry) -> bool:
        """Whether others have had their time; asked again it starts anew."""
        key, now = (entry.award.id, entry.status), time.monotonic()
        since = self._since.setdefault(key, now)
        if now - since < self.workplace.settings.patience_s:
            return False
        self._since[key] = now
        return True

    def _close(self, entry: AwardEntry) -> None:
        """Nothing can be asked of the states any more; adapters stay for the buyer."""
        folder = award_folder(self.workplace.settings.home, entry.award.id)
        shutil.rmtree(states_folder(folder), ignore_errors=True)
        self.workplace.journal.award_closed(entry.award.id)
        log.info("award %s: %s", hex32(entry.award.id), entry.status.name.lower())
