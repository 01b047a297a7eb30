"""Who was drawn for what: the same for a validator that asks and a seller that is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

from compute_swarm.chain.artefacts import RANDOMNESS
from compute_swarm.chain.contracts import Contracts
from compute_swarm.domain.audit import (
    Item,
    award_shares,
    drawn_shard,
    items,
    share_count,
    share_items,
)
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.draw import commit_seed, panel_seed
from compute_swarm.domain.ids import Address, AwardId, CommitId, Digest, DisputeId
from compute_swarm.domain.seats import SUBSTITUTES, judges, panel, substitutes
from compute_swarm.errors import TooFewValidators
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DisputeEntry

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Draw:
    """A commit's items, the judge of each share and who may stand in for it.

    Where nobody is eligible there is none.
    """

    seed: Digest
    items: tuple[Item, ...]
    judges: tuple[Address, ...]
    substitutes: tuple[tuple[Address, ...], ...]  # by share, from seat 1 on

    def shares_of(self, validator: Address) -> tuple[int, ...]:
        """The shares that it judges."""
        return tuple(share for share, judge in enumerate(self.judges) if judge == validator)

    def seats_of(self, validator: Address, share: int) -> tuple[int, ...]:
        """The seats of a share in which it may stand in for the judge."""
        holders = self.substitutes[share] if share < len(self.substitutes) else ()
        held = zip(SUBSTITUTES, holders, strict=False)
        return tuple(seat for seat, holder in held if holder == validator)

    @property
    def seats(self) -> frozenset[tuple[int, Address]]:
        """Who may say something, each with the share that it is about."""
        judging = enumerate(self.judges)
        others = ((share, who) for share, held in enumerate(self.substitutes) for who in held)
        return frozenset((*judging, *others))

    def share(self, number: int) -> tuple[Item, ...]:
        return share_items(self.items, number)

    def shares_about(self, award_index: int) -> frozenset[int]:
        return award_shares(self.items, award_index)

    def shard(self, entry: CommitEntry, item: Item, count: int) -> int:
        """The evaluation shard of an audit; a re-score's means nothing."""
        award = entry.commit.awards[item.award_index].award
        return drawn_shard(self.seed, award.id, item.block, count)


class Draws:
    """Draws by commit and panels by dispute.

    They are kept by their entropy too: a reorganised chain may hold the same commit in another
    block.
    """

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts
        self._draws: dict[tuple[CommitId, Digest], Draw] = {}
        self._panels: dict[tuple[DisputeId, Digest], tuple[Address, ...]] = {}

    async def of_commit(self, chronicle: Chronicle, entry: CommitEntry) -> Draw | None:
        """Return the draw, or None while its block is not there (or is lost)."""
        entropy = await self._entropy(entry.commit.block_number, entry.commit.time)
        if entropy is None:
            return None
        key = (entry.id, entropy)
        if key not in self._draws:
            sweep = chronicle.sweeps[entry.sweep_id]
            self._draws[key] = await self._read_draw(sweep, entry, entropy)
        return self._draws[key]

    async def is_final(self, entry: CommitEntry) -> bool:
        """Whether no reorganisation can draw the commit anew.

        Its id does not hold its seed: who signs earlier may have to sign another verdict for the
        same share, and two of them cost the bond.
        """
        entropy = self._contracts.deployment.profile.entropy
        ahead = entropy.delay if entropy.contract == RANDOMNESS else 0  # else it is in seconds
        final = await self._contracts.rpc.block("finalized")
        return final is not None and entry.commit.block_number + ahead <= final.number

    async def of_dispute(
        self, chronicle: Chronicle, dispute: DisputeEntry
    ) -> tuple[Address, ...] | None:
        """Return the seats of the panel called last, or None while its block is not there."""
        entropy = await self._entropy(dispute.block_number, dispute.time)
        if entropy is None:
            return None
        key = (dispute.id, entropy)
        if key not in self._panels:
            self._panels[key] = await self._read_panel(chronicle, dispute, entropy)
        return self._panels[key]

    async def may_read(self, chronicle: Chronicle, caller: Address, award_id: AwardId) -> bool:
        """Whether the caller judges a share of the award's commit or sits on a panel about it.

        The substitutes of a judge that was summoned count with the judges.
        """
        award = chronicle.awards.get(award_id)
        if award is None or award.commit_id is None:
            return False
        entry = chronicle.commits[award.commit_id]
        draw = await self.of_commit(chronicle, entry)
        if draw is not None and _answers(chronicle, entry, draw, caller):
            return True
        for dispute in chronicle.disputes.values():
            if dispute.award_id == award_id:
                seats = await self.of_dispute(chronicle, dispute)
                if seats is not None and caller in seats:
                    return True
        return False

    async def _read_draw(self, sweep: Sweep, entry: CommitEntry, entropy: Digest) -> Draw:
        seed, terms, commit = commit_seed(entropy, entry.id), sweep.terms, entry.commit
        entries = await self._contracts.validators.set_at(commit.time)
        parties = commit.sellers | {sweep.buyer}
        tier, shares = terms.vram_gib, share_count(commit)
        first = _drawn(judges, seed, entries, parties, tier, shares)
        others = tuple(
            _drawn(substitutes, seed, entries, parties, judge, tier, share)
            for share, judge in enumerate(first)
        )
        return Draw(seed, items(seed, commit, terms.segments), first, others)

    async def _read_panel(
        self, chronicle: Chronicle, dispute: DisputeEntry, entropy: Digest
    ) -> tuple[Address, ...]:
        entry = chronicle.commits[dispute.commit_id]
        sweep, commit = chronicle.sweeps[entry.sweep_id], entry.commit
        entries = await self._contracts.validators.set_at(commit.time)
        rules = self._contracts.deployment.profile.rules
        parties = commit.sellers | {sweep.buyer}
        seed, tier = panel_seed(entropy, dispute.id), sweep.terms.vram_gib
        return _drawn(panel, seed, entries, parties, dispute.accuser, tier, rules.seats)

    async def _entropy(self, block_number: int, time: int) -> Digest | None:
        return await self._contracts.randomness.entropy(block_number, time)


def _answers(chronicle: Chronicle, entry: CommitEntry, draw: Draw, caller: Address) -> bool:
    record = chronicle.records.get(entry.id)
    summoned = () if record is None else record.summoned
    stands_in = any(draw.seats_of(caller, share) for share in summoned)
    return caller in draw.judges or stands_in


def _drawn(
    draw: Callable[P, tuple[Address, ...]], *args: P.args, **kwargs: P.kwargs
) -> tuple[Address, ...]:
    """The seats, none where nobody is eligible: what waits for them will be refunded."""
    try:
        return draw(*args, **kwargs)
    except TooFewValidators:
        return ()
