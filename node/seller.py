"""The seller's role: offer, train what is awarded, deliver, and see it through to the money."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from compute_swarm.domain import wire
from compute_swarm.domain.bid import SignedBid
from compute_swarm.domain.ids import AwardId, hex32
from compute_swarm.domain.metrics import Metric, MetricEvent
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.status import NodeStatus
from compute_swarm.domain.trial import kind_of, trials
from compute_swarm.engine.resources import ModelShape
from compute_swarm.node.capacity import Capacity, guessed_speed, seconds_per_trial, speed_note
from compute_swarm.node.chronicle import AwardEntry, Chronicle
from compute_swarm.node.delivery import Delivery
from compute_swarm.node.fulfilment import Fulfilment, Order
from compute_swarm.node.journal import AwardRecord, AwardStage
from compute_swarm.node.rounds import Backoff, contain, every
from compute_swarm.node.sales import Sales
from compute_swarm.node.workplace import Workplace
from compute_swarm.node.workshop import WORKER

log = logging.getLogger(__name__)

_UNFINISHED = (AwardStage.WON, AwardStage.TRAINING)
_OPEN = (*_UNFINISHED, AwardStage.SIGNED, AwardStage.GIVEN_UP)  # the bond is still locked


@dataclass(slots=True)
class Seller:
    workplace: Workplace
    capacity: Capacity
    sales: Sales
    delivery: Delivery
    worker: Sequence[str] = WORKER
    status: NodeStatus = NodeStatus.WAITING
    backoff: Backoff = field(default_factory=Backoff)
    _metrics: dict[tuple[AwardId, TrialKey], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def at(
        cls, workplace: Workplace, capacity: Capacity, worker: Sequence[str] = WORKER
    ) -> "Seller":
        sales, delivery = Sales(workplace, capacity), Delivery(workplace)
        return cls(workplace, capacity, sales, delivery, worker)

    async def run(self) -> None:
        """Work until cancelled. Three loops, so that training holds up neither money nor offers."""
        pause = self.workplace.settings.poll_s
        async with asyncio.TaskGroup() as group:
            group.create_task(every(pause, self._look_at_board, "board"))
            group.create_task(every(pause, self._look_at_chain, "chain"))
            group.create_task(every(pause, self._work, "work"))

    def progress(self) -> dict[str, Any]:
        """Return what is being trained and how far it is, for the node's API."""
        rows = [
            row for record in self.workplace.journal.awards(*_OPEN) for row in self._rows(record)
        ]
        declined = {
            hex32(sweep): [str(reason) for reason in why]
            for sweep, why in self.sales.declined.items()
        }
        return {"status": str(self.status), "trials": rows, "declined": declined}

    async def _look_at_board(self) -> None:
        await self.sales.answer_calls(time.time())

    async def _look_at_chain(self) -> None:
        self.delivery.tidy()
        chronicle = await self.workplace.chronicle()
        for entry in chronicle.awards_of(self.workplace.address):
            if self.workplace.journal.award(entry.award.id) is None:
                won = partial(self._won, chronicle, entry)
                await contain(won, f"award {hex32(entry.award.id)}")
        for record in self.workplace.journal.awards(*_OPEN):
            step = partial(self.delivery.step, chronicle, record)
            await contain(step, f"award {hex32(record.award_id)}")

    async def _won(self, chronicle: Chronicle, entry: AwardEntry) -> None:
        """Record an award of one of our bids with all that is needed to go on from the journal."""
        bid = self.workplace.journal.bid(entry.award.id)
        if bid is None:
            log.error("award %s is of a bid that this journal lacks", hex32(entry.award.id))
            return
        sweep = chronicle.sweeps[entry.sweep_id]
        order = Order(sweep, wire.decode(SignedBid, bid.document), entry.award)
        document = order.document(await self._seconds(order, entry))
        self.workplace.journal.awarded(entry.award.id, entry.sweep_id, document)
        log.info("won %s: %d trials", hex32(entry.award.id), entry.award.trials)

    async def _seconds(self, order: Order, entry: AwardEntry) -> float:
        spec = await self.workplace.spec(entry.sweep_id, order.sweep)
        first = next(trial for trial in trials(spec) if trial.key == order.bid.keys[0])
        device = self.workplace.settings.device
        speed = self.workplace.journal.note(speed_note(spec, device))
        if speed is None:
            folder = await self.workplace.library.model(spec)
            speed = guessed_speed(ModelShape.of(folder), device) if folder else 1.0
        part = order.bid.segments / spec.training.segments
        return entry.award.trials * part * seconds_per_trial(kind_of(spec, first), float(speed))

    async def _work(self) -> None:
        """Train the oldest award that can be. One that failed rests, and then goes on."""
        for record in self.workplace.journal.awards(*_UNFINISHED):
            if self.backoff.ready(record.award_id, time.monotonic()) and await self._fulfil(record):
                return  # others may have come first meanwhile

    async def _fulfil(self, record: AwardRecord) -> bool:
        """Whether the award needs no more of us; a failure goes on from the last boundary."""
        work = Fulfilment(self.workplace, self.capacity, record, self._heard, self.worker)
        self.status = NodeStatus.WORKING
        try:
            failure = await contain(work.run, f"award {hex32(record.award_id)}")
        finally:
            self.status = NodeStatus.WAITING
        if failure is None:
            self.backoff.forget(record.award_id)
        else:
            self.backoff.failed(record.award_id, time.monotonic())
        return failure is None

    def _heard(self, record: AwardRecord, event: MetricEvent) -> None:
        key = (record.award_id, TrialKey(event.trial, event.replica))
        # As in the file of metrics: JSON has no NaN, and a diverged trial's loss is one.
        self._metrics.setdefault(key, {})[str(event.name)] = json.loads(event.line())["value"]

    def _rows(self, record: AwardRecord) -> list[dict[str, Any]]:
        return [
            {
                "award_id": hex32(record.award_id),
                "sweep_id": hex32(record.sweep_id),
                "stage": str(record.stage),
                "trial": trial.key.index,
                "replica": trial.key.replica,
                "k": trial.boundary or 0,
                "loss": self._metric(record, trial.key, Metric.TRAIN_LOSS),
                "eval_loss": self._metric(record, trial.key, Metric.EVAL_LOSS),
                "metrics": self._metrics.get((record.award_id, trial.key), {}),
            }
            for trial in self.workplace.journal.trials(record.award_id)
        ]

    def _metric(self, record: AwardRecord, key: TrialKey, name: Metric) -> float | None:
        value = self._metrics.get((record.award_id, key), {}).get(str(name))
        return value if isinstance(value, float) else None
