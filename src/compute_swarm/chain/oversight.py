"""The handle of the oversight: what holds judges to their word."""

from dataclasses import dataclass
from typing import Any

from compute_swarm.chain import artefacts
from compute_swarm.chain.rpc import BlockTag, Rpc
from compute_swarm.chain.transactions import Call, call_of
from compute_swarm.domain.bid import Commit, Sweep
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import Address, CommitId, DemandId, Digest
from compute_swarm.domain.money import Amount
from compute_swarm.domain.oversight import Preimage, Word
from compute_swarm.domain.verdict import SignedVerdict


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand for a judge's preimage as the oversight keeps it."""

    demander: Address  # the zero address where nobody demanded it
    time: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Oversight:
    """Demands, contradictions and overturned verdicts; it holds the demands' deposits."""

    rpc: Rpc
    address: Address

    def demand(self, sweep: Sweep, commit: Commit, word: Word, deposit: Amount) -> Call:
        """Ask for the preimage of an audit that a signed verdict upholds as compared exactly."""
        call = self._call("demand", sweep.abi(), commit.abi(), *_abi(word))
        return call.with_value(deposit)

    def meet(self, sweep: Sweep, commit: Commit, word: Word, preimage: Preimage) -> Call:
        """Answer a demand: the deposit is the judge's."""
        return self._call("meet", sweep.abi(), commit.abi(), *_abi(word), preimage.abi())

    def expire(self, verdict_hash: Digest, judge: Address, item: int) -> Call:
        """End a demand that was not met in time: the judge's bond is gone."""
        return self._call("expire", verdict_hash, judge, item)

    def contradict(self, one: SignedVerdict, other: SignedVerdict, judge: Address) -> Call:
        """Show two different verdicts of one judge for one share of a commit."""
        commit: CommitId = one.verdict.commit_id
        return self._call("contradict", commit, one.abi(), other.abi(), judge)

    def overturn(
        self,
        sweep: Sweep,
        commit: Commit,
        index: int,
        subject: Subject,
        verdict: SignedVerdict,
        judge: Address,
    ) -> Call:
        """Show a verdict that upholds what a panel refuted; `index` is the award's."""
        dispute = (index, int(subject))
        return self._call("overturn", sweep.abi(), commit.abi(), *dispute, verdict.abi(), judge)

    def withdraw(self, to: Address) -> Call:
        """Pay out the sender's credit."""
        return self._call("withdraw", to)

    async def demand_of(self, demand_id: DemandId, block: BlockTag = "latest") -> Demand:
        (found,) = await self._call("demandOf", demand_id).read(block=block)
        return Demand(**found)

    async def credit(self, who: Address, block: BlockTag = "latest") -> Amount:
        (found,) = await self._call("credit", who).read(block=block)
        return Amount(found)

    async def deposit(self) -> Amount:
        """What a demand takes along."""
        (found,) = await self._call("demandDeposit").read()
        return Amount(found)

    def _call(self, name: str, *arguments: Any) -> Call:
        return call_of(self.rpc, self.address, artefacts.OVERSIGHT, name, arguments)


def _abi(word: Word) -> tuple[Any, ...]:
    return (word.verdict.abi(), word.judge, word.item)
