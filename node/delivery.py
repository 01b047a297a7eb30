"""A signed result on its way: to the board, to the chain if need be, and to its end.

The relayer commits and settles for everybody. Where it doesn't, a seller with some gas does it for
itself, so that nobody's absence keeps its money.
"""

import logging
import time
from dataclasses import dataclass, field

from compute_swarm.chain.transactions import Call
from compute_swarm.domain import wire
from compute_swarm.domain.bid import Submission
from compute_swarm.domain.ids import AwardId, CommitId, DisputeId, hex32
from compute_swarm.domain.seats import JUDGE
from compute_swarm.domain.status import AwardStatus
from compute_swarm.errors import SwarmError, TransferError
from compute_swarm.node.chronicle import AwardEntry, Chronicle, CommitEntry, DisputeEntry
from compute_swarm.node.files import award_folder
from compute_swarm.node.fulfilment import Order
from compute_swarm.node.hearing import (
    Brought,
    Case,
    Verdicts,
    expirable,
    heard,
    in_order,
    settleable,
    signed,
    to_post,
    to_summon,
)
from compute_swarm.node.journal import AwardRecord
from compute_swarm.node.panel import is_over
from compute_swarm.node.rounds import Backoff, Patience
from compute_swarm.node.rungs import Ends
from compute_swarm.node.seeds import Moment
from compute_swarm.node.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivery:
    workplace: Workplace
    rests: Backoff = field(default_factory=Backoff)
    _on_board: set[AwardId] = field(default_factory=set)
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(self.workplace.settings.patience_s)

    async def step(self, chronicle: Chronicle, record: AwardRecord) -> None:
        """Do the next thing for an award, whatever the chain says of it."""
        entry = chronicle.awards.get(record.award_id)
        if entry is None:
            return  # the chain was reorganised and has not said it again yet
        disputes = [d for d in chronicle.open_disputes() if d.award_id == record.award_id]
        if entry.status is AwardStatus.AWARDED:
            await self._awarded(entry, record)
        elif not entry.status.terminal:
            await self._posted(chronicle, entry)
        elif not disputes:
            # A slashed award's other disputes go on, and their panels ask for states too.
            self._close(entry, chronicle.sweeps[entry.sweep_id].terms.segments)
        for dispute in disputes:
            await self._disputed(chronicle, dispute)

    # --- a result ----------------------------------------------------------------------------

    async def _awarded(self, entry: AwardEntry, record: AwardRecord) -> None:
        order, rules = Order.of(record), self.workplace.contracts.deployment.profile.rules
        key = ("awarded", entry.award.id)
        if await self.workplace.now() > entry.award.deadline + rules.grace:
            if self.patience.ended(key):
                market = self.workplace.contracts.market
                await self._send(entry.award.id, market.expire_award(order.sweep, entry.award))
            return
        result = self.workplace.journal.result(record.award_id)
        if result is None:
            return
        submission = wire.decode(Submission, result.document["submission"])
        await self._hand_in(order, submission)
        if self.patience.ended(key):
            call = self.workplace.contracts.market.commit(order.sweep, [submission])
            await self._send(entry.award.id, call)

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

    # --- verdicts ----------------------------------------------------------------------------

    async def _posted(self, chronicle: Chronicle, entry: AwardEntry) -> None:
        """Do what is due about the award alone; about its commit's others their sellers do it."""
        assert entry.commit_id is not None
        commit, now = chronicle.commits[entry.commit_id], await self.workplace.now()
        await self._keep_seed(Moment(commit.commit.block_number, commit.commit.time))
        index = commit.commit.index_of(entry.award.id)
        case = await self.workplace.cases.of(chronicle, commit, now)
        if case is None:
            await self._seedless(chronicle, entry, commit, index)
            return
        if now < case.settle_from:
            return  # whatever the judges say, the relayer has its time
        said = signed(case, await self._brought(case))
        await self._hurry_judges(case, said, index, now)
        await self._end(case, heard(case, said), index)

    async def _hurry_judges(self, case: Case, said: Verdicts, index: int, now: int) -> None:
        """Call on judges that are silent, and post what summoned ones had signed before."""
        court, about = self.workplace.contracts.court, case.draw.shares_about(index)
        for share in about & set(to_summon(case, said, now)):
            if self.patience.ended(("summon", case.id, share)):
                await self._send(case.id, court.summon(case.sweep, case.commit, share))
        for one in to_post(case, said, now):
            share = one.verdict.share
            # Patience could outlast a summoned judge's time.
            late = share in case.record.summoned and self._half_time(case, share, now)
            if share in about and late and self.rests.ready((case.id, share), time.monotonic()):
                self.rests.failed((case.id, share), time.monotonic())
                await self._send(case.id, court.post(case.sweep, case.commit, one, JUDGE))

    async def _end(self, case: Case, verdicts: Verdicts, index: int) -> None:
        market, key = self.workplace.contracts.market, ("end", case.award_id(index))
        brought = in_order(verdicts)
        if index in settleable(case, verdicts):
            if self.patience.ended(key):
                call = market.settle(case.sweep, case.commit, brought)
                await self._send(case.award_id(index), call)
        elif index in expirable(case) and self.patience.ended(key):
            call = market.expire_posted(case.sweep, case.commit, index, brought)
            await self._send(case.award_id(index), call)

    async def _seedless(
        self, chronicle: Chronicle, entry: AwardEntry, commit: CommitEntry, index: int
    ) -> None:
        """Take the bond back where the entropy that seeds the draw is lost."""
        contracts, posted = self.workplace.contracts, commit.commit
        lost = await contracts.randomness.lost(posted.block_number, posted.time)
        if lost and self.patience.ended(("seedless", entry.award.id)):
            sweep = chronicle.sweeps[entry.sweep_id]
            call = contracts.market.expire_posted(sweep, commit.commit, index)
            await self._send(entry.award.id, call)

    async def _keep_seed(self, moment: Moment) -> None:
        """Without its seed an award of ours is never paid, and a dispute about it never decided."""
        if self.patience.ended(("seed", moment)):
            await self.workplace.keep_seed(moment)

    async def _brought(self, case: Case) -> Brought:
        """What hangs on the board; what is on chain counts without any."""
        try:
            return await self.workplace.brought(case.id, case.draw)
        except SwarmError as error:
            log.warning("verdicts on %s: %s", hex32(case.id), error)
            return []

    # --- disputes ----------------------------------------------------------------------------

    async def _disputed(self, chronicle: Chronicle, dispute: DisputeEntry) -> None:
        """End a panel that did not decide in time; another is drawn, or the dispute lapses."""
        rules = self.workplace.contracts.deployment.profile.rules
        key = ("expire", dispute.id, dispute.round)
        await self._keep_seed(Moment(dispute.block_number, dispute.time))
        over = is_over(dispute, rules, await self.workplace.now())
        if not over or not self.patience.ended(key):
            return
        entry = chronicle.commits[dispute.commit_id]
        index = entry.commit.index_of(dispute.award_id)
        place = (chronicle.sweeps[entry.sweep_id], entry.commit, index, dispute.subject)
        await self._send(dispute.id, self.workplace.contracts.court.expire(*place))

    # --- how ---------------------------------------------------------------------------------

    async def _send(self, id_: AwardId | CommitId | DisputeId, call: Call) -> None:
        """Send it ourselves; whoever was first, or has no gas, tries again after a while."""
        await self.workplace.try_send(call, hex32(id_))

    def _half_time(self, case: Case, share: int, now: int) -> bool:
        """Whether a summoned judge let half of its time pass."""
        summoned = case.record.summoned[share]
        return now >= summoned + case.rules.judge_time / 2

    def _close(self, entry: AwardEntry, segments: int) -> None:
        """Nothing can be asked of the states any more, but of the ends that a rung may go on from.

        Adapters stay for the buyer.
        """
        id_, home = entry.award.id, self.workplace.settings.home
        Ends(self.workplace).keep(award_folder(home, id_), id_, segments)
        self.workplace.journal.award_closed(id_)
        log.info("award %s: %s", hex32(entry.award.id), entry.status.name.lower())
