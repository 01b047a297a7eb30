"""A validator's shares: examined, signed once and for ever, brought to where they are heard.

A verdict is in the journal before it leaves the node, and from then on it is the one that is sent,
however often and in whatever seat: two different ones for the same share would cost the bond.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from compute_swarm.domain import wire
from compute_swarm.domain.ids import CommitId, Digest, hex32
from compute_swarm.domain.seats import JUDGE
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.typed_data import typed_verdict
from compute_swarm.domain.verdict import SignedVerdict
from compute_swarm.errors import TransferError
from compute_swarm.node.duties import Duty, duties
from compute_swarm.node.examination import Examination, Examined
from compute_swarm.node.hearing import Case, seats_due, to_post
from compute_swarm.node.rounds import Backoff, Patience
from compute_swarm.node.workplace import Workplace
from compute_swarm.verifier.judge import judge
from compute_swarm.verifier.openings import openings

log = logging.getLogger(__name__)

Place: TypeAlias = tuple[CommitId, int]  # a share of a commit
Drawn: TypeAlias = tuple[CommitId, int, Digest]  # the same as one seed has it


@dataclass(slots=True)
class Judging:
    workplace: Workplace
    rests: Backoff = field(default_factory=lambda: Backoff(longest_s=15.0))
    _examined: dict[Drawn, Examined] = field(default_factory=dict)
    _words: dict[Place, tuple[str, SignedVerdict]] = field(default_factory=dict)  # with their seed
    _on_board: set[Place] = field(default_factory=set)
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(self.workplace.settings.patience_s)

    def duties(self, case: Case, now: int) -> list[Duty]:
        """Return what has to be examined: nothing that is, whether or not it is signed yet."""
        return [
            duty
            for duty in duties(case, self.workplace.address, now)
            if self._word(case, duty.share) is None
            and _drawn(case, duty.share) not in self._examined
        ]

    async def examine(self, case: Case, duty: Duty) -> None:
        """Examine a share, unless the seller may still deliver what is missing."""
        spec = await self.workplace.spec(case.entry.sweep_id, case.sweep)
        items = case.draw.share(duty.share)
        examination = Examination(self.workplace, case.entry, spec, case.draw, items)
        examined = await examination.run(duty.withheld)
        if examined is not None:
            self._examined[_drawn(case, duty.share)] = examined

    async def speak(self, case: Case, now: int) -> None:
        """Sign what was examined, and bring each verdict to where it is due."""
        for share in case.shares:
            word = self._word(case, share) or await self._sign(case, share)
            if word is None:
                continue
            seed, signed = word
            if seed != hex32(case.draw.seed):
                log.error("commit %s was drawn anew after its verdict", hex32(case.id))
                continue
            if share in case.draw.shares_of(self.workplace.address):
                await self._as_judge(case, signed, now)
            for seat in seats_due(case, self.workplace.address, share, now):
                await self._post(case, signed, seat)

    def forget(self, id_: CommitId) -> None:
        """Let go of what is in memory: the commit is over."""
        self._examined = {key: found for key, found in self._examined.items() if key[0] != id_}
        self._words = {place: word for place, word in self._words.items() if place[0] != id_}

    # --- signing -----------------------------------------------------------------------------

    def _word(self, case: Case, share: int) -> tuple[str, SignedVerdict] | None:
        """Return what the journal has of a share, and the seed that it was signed under."""
        place = (case.id, share)
        if place not in self._words:
            document = self.workplace.journal.verdict(*place)
            if document is None:
                return None
            signed = wire.decode(SignedVerdict, document["signed"])
            self._words[place] = (document["seed"], signed)
        return self._words[place]

    async def _sign(self, case: Case, share: int) -> tuple[str, SignedVerdict] | None:
        """Sign what was found, once no reorganisation can draw other items for the share."""
        examined = self._examined.get(_drawn(case, share))
        if examined is None or not await self.workplace.draws.is_final(case.entry):
            return None
        spec = await self.workplace.spec(case.entry.sweep_id, case.sweep)
        document = await asyncio.to_thread(self._document, case, share, spec, examined)
        self._examined.pop(_drawn(case, share), None)
        self.workplace.journal.verdict_signed(case.id, share, document)
        return self._word(case, share)

    def _document(
        self, case: Case, share: int, spec: SweepSpec, examined: Examined
    ) -> dict[str, Any]:
        items, report = case.draw.share(share), examined.report
        judgement = judge(case.id, share, items, report.findings, report.failures)
        for number, why in judgement.reasons.items():
            log.warning("item %d of commit %s: %s", number, hex32(case.id), why)
        claims = {
            index: file.claim(spec, case.entry.sweep_id) for index, file in examined.files.items()
        }
        deployment = self.workplace.contracts.deployment
        typed = typed_verdict(deployment.chain_id, deployment.court, judgement.verdict)
        signed = SignedVerdict(judgement.verdict, self.workplace.wallet.sign_typed(typed))
        return {
            "seed": hex32(case.draw.seed),
            "signed": wire.encode(signed),
            "findings": wire.encode(report.items),
            "openings": wire.encode(openings(items, judgement, claims)),
            "reasons": wire.encode(judgement.reasons),
        }

    # --- speaking ----------------------------------------------------------------------------

    async def _as_judge(self, case: Case, signed: SignedVerdict, now: int) -> None:
        """Hang the verdict on the board; put it on the chain where it has to be and isn't.

        A relayer has its time to do that, but not where somebody waits for the judge's word.
        """
        place = (case.id, signed.verdict.share)
        await self._hang_up(place, signed)
        if not to_post(case, {signed.verdict.share: signed}, now):
            return
        if signed.verdict.share in case.record.summoned or self.patience.over(place):
            await self._post(case, signed, JUDGE)

    async def _hang_up(self, place: Place, signed: SignedVerdict) -> None:
        if place in self._on_board:
            return
        try:
            await self.workplace.board.post_verdict(signed)
            self._on_board.add(place)
        except TransferError as error:  # the chain takes a verdict without any board
            log.warning("verdict on %s: %s", hex32(place[0]), error)

    async def _post(self, case: Case, signed: SignedVerdict, seat: int) -> None:
        key = (case.id, signed.verdict.share, seat)
        if not self.rests.ready(key, time.monotonic()):
            return
        call = self.workplace.contracts.court.post(case.sweep, case.commit, signed, seat)
        if not await self.workplace.try_send(call, f"verdict on {hex32(case.id)}"):
            self.rests.failed(key, time.monotonic())


def _drawn(case: Case, share: int) -> Drawn:
    return (case.id, share, case.draw.seed)
