"""A validator's case work: gather what was drawn, have a worker examine it, ask again for more."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compute_swarm.domain import wire
from compute_swarm.domain.audit import Item
from compute_swarm.domain.ids import Address, AwardId
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.resources import ModelShape
from compute_swarm.node.chronicle import CommitEntry, Record
from compute_swarm.node.draw import Draw
from compute_swarm.node.files import case_folder
from compute_swarm.node.gathering import Gathering
from compute_swarm.node.hearing import upholders
from compute_swarm.node.workplace import Workplace
from compute_swarm.node.workshop import Job, worker_log
from compute_swarm.verifier.dossier import CaseFile, Dossier, DrawnItem, Report
from compute_swarm.verifier.judge import StateName
from compute_swarm.verifier.layout import state_file

LEAST_SECONDS: Final = 15.0  # for sellers to send, even where a validator comes late
MOST_SECONDS: Final = 60.0  # after which others' cases are looked at; what has come stays


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, and by the award's index the papers that it was found in."""

    report: Report
    files: Mapping[int, CaseFile]


NOTHING = Examined(Report((), ()), {})


@dataclass(slots=True)
class Examination:
    """Some items of one commit."""

    workplace: Workplace
    entry: CommitEntry
    spec: SweepSpec
    draw: Draw
    items: tuple[Item, ...]

    async def run(self, withheld: float) -> Examined | None:
        """Return what was found, or None where it is worth asking for the rest once more.

        From the time `withheld` on nothing is: what did not come counts as kept back.
        """
        left = withheld - await self.workplace.now()
        return await self._run(left < 0, min(max(left, LEAST_SECONDS), MOST_SECONDS))

    async def _run(self, patience_ended: bool, seconds: float) -> Examined | None:
        """`seconds` are what the sellers have to send, each time that they are asked."""
        witnesses = await self._witnesses()
        gathering = Gathering(self.workplace, self.entry, self.spec, self.items, seconds, witnesses)
        files = await gathering.papers()
        if not patience_ended and len(files) < len(gathering.indices):
            return None
        if not files:
            return NOTHING  # no worker, hence no torch, for sellers that say nothing
        base = await self.workplace.library.acquire(self.spec)
        shape = await asyncio.to_thread(ModelShape.of, base)
        complete = await gathering.parts(files, shape, {})
        if not patience_ended and not complete:
            return None
        report = await self._examine(files.values(), base)
        wanted = self._wanted(report)
        if not wanted:
            return Examined(report, files)
        # End states travel only where the claim is of another class, and only after the replay.
        self._drop(wanted)
        complete = await gathering.parts(files, shape, wanted)
        if not patience_ended and not complete:
            return None
        report = await self._examine(files.values(), base)
        still = self._wanted(report)
        self._drop(still)
        return Examined(report, files) if patience_ended or not still else None

    async def _witnesses(self) -> dict[int, list[Address]]:
        """Return who upheld each award, and so had all that its seller has to show."""
        chronicle = await self.workplace.chronicle()
        record = chronicle.records.get(self.entry.id, Record())
        words = [(said.judge, said.verdict) for said in record.posted.values()]
        brought = await self.workplace.brought(self.entry.id, self.draw)
        words += [(judge, one.verdict) for judge, one in brought]
        awards = sorted({item.award_index for item in self.items})
        return {index: upholders(self.draw, words, index) for index in awards}

    async def _examine(self, files: Iterable[CaseFile], base: Path) -> Report:
        workplace, settings = self.workplace, self.workplace.settings
        dataset = await workplace.library.dataset(self.spec, [workplace.coordinator])
        shards = self.spec.dataset.shards
        dossier = Dossier(
            spec=json.dumps(self.spec.document()),
            sweep_id=self.entry.sweep_id,
            base=str(base),
            dataset=str(dataset),
            device=settings.device,
            items=tuple(
                DrawnItem(item, self.draw.shard(self.entry, item, shards)) for item in self.items
            ),
            cases=tuple(files),
        )
        document = {"job": "examine", "dossier": wire.encode(dossier)}
        async with Job(document, worker_log(settings.home)) as job:
            # Later than this nobody waits for the answer.
            found = await job.result(self.spec.budget.verdict_time)
        return wire.decode(Report, {name: found[name] for name in ("items", "awards")})

    def _wanted(self, report: Report) -> dict[int, tuple[StateName, ...]]:
        """Return by award which states the worker lacked."""
        wanted: dict[int, tuple[StateName, ...]] = {}
        for item in self.items:
            finding = report.findings.get(item.number)
            if finding is not None and finding.wanted is not None:
                earlier = wanted.get(item.award_index, ())
                wanted[item.award_index] = (*earlier, finding.wanted)
        return wanted

    def _drop(self, wanted: dict[int, tuple[StateName, ...]]) -> None:
        """Remove files that are there and still were no use: they were other bytes."""
        for index, names in wanted.items():
            folder = self._folder(self.entry.commit.awards[index].award.id)
            for name in names:
                state_file(folder, name.key, name.k).unlink(missing_ok=True)

    def _folder(self, award_id: AwardId) -> Path:
        return case_folder(self.workplace.settings.home, award_id)
