"""An award brought to its signed result: fetch, train in a worker, write receipts, sign.

Everything may stop anywhere. The worker goes on from its last boundary, receipts are made from the
journal, and of two results the first one signed stays.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.bid import Award, Bid, Leg, SignedBid, Submission, Sweep
from compute_swarm.domain.commitment import Boundary, Receipt, laid_out, result_root
from compute_swarm.domain.ids import ClassId, Digest, hex32, parse_hex
from compute_swarm.domain.metrics import Metric, MetricEvent, metrics_digest
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, trial_hash, trials
from compute_swarm.domain.typed_data import typed_result
from compute_swarm.engine.resources import ModelShape, place
from compute_swarm.errors import WorkerFailed
from compute_swarm.node.capacity import Capacity, speed_note
from compute_swarm.node.files import award_folder
from compute_swarm.node.journal import AwardRecord, ResultRecord
from compute_swarm.node.rungs import Rungs, state_limits
from compute_swarm.node.workplace import Workplace
from compute_swarm.node.workshop import WORKER, Job, worker_log
from compute_swarm.storage.unixfs import add_path
from compute_swarm.verifier.layout import adapter_folder, metrics_file

log = logging.getLogger(__name__)

# Before the deadline, to sign and to be committed: a tenth of the time, but no more than this.
HAND_IN_SECONDS: Final = 30

OnMetric = Callable[[AwardRecord, MetricEvent], None]


@dataclass(frozen=True, slots=True)
class Order:
    """An award's papers, as the journal keeps them."""

    sweep: Sweep
    signed: SignedBid
    award: Award

    @property
    def bid(self) -> Bid:
        return self.signed.bid

    def document(self, seconds: float) -> dict[str, Any]:
        return {
            "sweep": wire.encode(self.sweep),
            "bid": wire.encode(self.signed),
            "award": wire.encode(self.award),
            "seconds": seconds,  # that training was thought to take
        }

    @classmethod
    def of(cls, record: AwardRecord) -> "Order":
        document = record.document
        return cls(
            wire.decode(Sweep, document["sweep"]),
            wire.decode(SignedBid, document["bid"]),
            wire.decode(Award, document["award"]),
        )


@dataclass(frozen=True, slots=True)
class Adapter:
    """What the worker wrote for a trial: the boundary reached, and the weights' digest there."""

    key: TrialKey
    k: int
    digest: Digest


@dataclass(slots=True)
class Fulfilment:
    """The work on one award; the demo's cheater brings another `worker`."""

    workplace: Workplace
    capacity: Capacity
    record: AwardRecord
    on_metric: OnMetric
    worker: Sequence[str] = WORKER

    @property
    def order(self) -> Order:
        return Order.of(self.record)

    @property
    def folder(self) -> Path:
        return award_folder(self.workplace.settings.home, self.record.award_id)

    async def run(self) -> None:
        """Train what is left by the deadline and sign the result, or give the award up."""
        left = await self._seconds_at_most()
        if left <= 0:
            self._give_up()
            return
        try:
            async with asyncio.timeout(left):  # leaving a job's block early ends its worker
                await self._deliver()
        except TimeoutError:
            raise WorkerFailed("deadline", "it had not handed in by then") from None

    async def _deliver(self) -> None:
        order = self.order
        spec = await self.workplace.spec(self.record.sweep_id, order.sweep)
        base = await self.workplace.library.acquire(spec)
        dataset = await self.workplace.library.dataset(spec, [self.workplace.coordinator])
        for key in order.bid.keys:
            self.workplace.journal.started(self.record.award_id, key)
        starts = await self._starts(spec, base)
        left = await self._time_left(spec)
        if left <= 0 and not self._has_segment():
            self._give_up()
            return
        trained = await self._train(self._job(spec, base, dataset, starts), spec, left)
        made = [await self._receipt(spec, adapter) for adapter in trained]
        receipts = laid_out(made, spec.training.segments)
        for receipt in receipts:
            document = receipt.to_document()
            self.workplace.journal.finished(self.record.award_id, receipt.key, document)
        if receipts:
            self._sign(receipts)

    async def _starts(self, spec: SweepSpec, base: Path) -> list[dict[str, Any]]:
        """Bring here what a rung goes on from; tell the worker by which word to check it."""
        bid = self.order.bid
        if bid.rung.fresh:
            return []
        rungs = Rungs(self.workplace)
        ends = await rungs.ends(self.record.sweep_id, Leg(bid.keys, bid.rung))
        known = self.workplace.journal.trials(self.record.award_id)
        waiting = [trial.key for trial in known if trial.boundary is None]
        if waiting:
            shape = await asyncio.to_thread(ModelShape.of, base)
            limits = state_limits(shape, spec)
            wanted = {key: limits[key] for key in waiting}
            await rungs.fetch(self.order.signed, self.folder, wanted)
        return [{"key": wire.encode(key), "boundary": wire.encode(ends[key])} for key in bid.keys]

    async def _train(self, job: dict[str, Any], spec: SweepSpec, left: float) -> list[Adapter]:
        """Run the worker to the end of the work or of the time; return what it has trained."""
        log_file = worker_log(self.workplace.settings.home)
        async with Job(job, log_file, self.worker) as work:
            # Whole segments are handed in rather than nothing when the deadline comes close.
            alarm = asyncio.get_running_loop().call_later(max(left, 0), work.stop)
            done: dict[str, Any] = {}
            try:
                async for event in work.events():
                    self._heard(spec, event)
                    done = event
            finally:
                alarm.cancel()
        return [wire.decode(Adapter, one) for one in done["adapters"]]

    async def _seconds_at_most(self) -> float:
        """Return how long work makes sense: past the deadline only to hand in what is trained."""
        now, deadline = await self.workplace.now(), self.order.award.deadline
        if now >= deadline and self._has_segment():
            deadline += self.workplace.contracts.deployment.profile.rules.grace
        return deadline - now

    def _give_up(self) -> None:
        self.workplace.journal.award_given_up(self.record.award_id)
        log.warning("award %s: given up, it is too late", hex32(self.record.award_id))

    async def _time_left(self, spec: SweepSpec) -> float:
        margin = min(HAND_IN_SECONDS, spec.budget.deadline_s / 10)
        return self.order.award.deadline - margin - await self.workplace.now()

    def _has_segment(self) -> bool:
        known, first = self.workplace.journal.trials(self.record.award_id), self.order.bid.first
        return any((trial.boundary or 0) > first for trial in known)

    def _job(
        self, spec: SweepSpec, base: Path, dataset: Path, starts: list[dict[str, Any]]
    ) -> dict[str, Any]:
        bid = self.order.bid
        chosen = _chosen(spec, bid.keys)
        machine = self.capacity.now().machine
        known = self.workplace.journal.trials(self.record.award_id)
        return {
            "job": "train",
            "spec": spec.document(),
            "sweep_id": hex32(self.record.sweep_id),
            "base": str(base),
            "dataset": str(dataset),
            "folder": str(self.folder),
            "trials": hex32(bid.trials),
            "first": bid.first,
            "last": bid.rung.end,
            "starts": starts,
            "device": self.workplace.settings.device,
            "pack_size": place(ModelShape.of(base), spec, chosen, machine).pack_size,
            "known": {str(t.key): t.boundary for t in known if t.boundary is not None},
        }

    def _heard(self, spec: SweepSpec, event: Mapping[str, Any]) -> None:
        journal, award_id = self.workplace.journal, self.record.award_id
        if event["event"] == "boundary":
            key = wire.decode(TrialKey, event["key"])
            boundary = wire.decode(Boundary, event["boundary"])
            journal.boundary_reached(award_id, key, boundary)
        elif event["event"] == "metric":
            metric = MetricEvent.from_line(json.dumps(event["metric"]))
            if metric.name is Metric.PERF_TOKENS_PER_S:
                journal.noted(speed_note(spec, self.workplace.settings.device), metric.value)
            self.on_metric(self.record, metric)

    async def _receipt(self, spec: SweepSpec, adapter: Adapter) -> Receipt:
        """Return a trial's receipt; its offset follows once all of them are there."""
        workplace, award_id, key = self.workplace, self.record.award_id, adapter.key
        added = await asyncio.to_thread(
            add_path, adapter_folder(self.folder, key), workplace.blocks.put
        )
        await asyncio.to_thread(workplace.blocks.pin, added.cid)
        workplace.journal.delivers(award_id, str(added.cid))
        # A boundary is told before its file is written, so the journal may be one ahead.
        told = workplace.journal.boundaries(award_id, key)
        boundaries = tuple(boundary for boundary in told if boundary.k <= adapter.k)
        path = metrics_file(self.folder, key)
        return Receipt(
            award_id=award_id,
            seller=workplace.address,
            key=key,
            trial_hash=trial_hash(spec.hash, _chosen(spec, [key])[0].params),
            start=boundaries[0].digest,
            offset=0,
            boundaries=boundaries,
            adapter_digest=adapter.digest,
            adapter_cid=str(added.cid),
            metrics_digest=metrics_digest(path.read_bytes() if path.exists() else b""),
            class_id=ClassId(parse_hex(self.capacity.classes[spec.numeric.dtype], 32)),
        )

    def _sign(self, receipts: Sequence[Receipt]) -> None:
        workplace, award = self.workplace, self.order.award
        root = result_root(receipts)
        done = sum(receipt.done for receipt in receipts)
        deployment = workplace.contracts.deployment
        typed = typed_result(deployment.chain_id, deployment.market, award.id, root, done)
        submission = Submission(award, root, done, workplace.wallet.sign_typed(typed))
        document = {"submission": wire.encode(submission)}
        workplace.journal.result_signed(ResultRecord(award.id, root, done, document))
        log.info("award %s: signed %d segments", hex32(award.id), done)


def _chosen(spec: SweepSpec, keys: Sequence[TrialKey]) -> list[Trial]:
    table = {trial.key: trial for trial in trials(spec)}
    return [table[key] for key in keys]
