"""Who was drawn for what: the same for a validator that asks and a seller that is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from compute_swarm.chain.contracts import Contracts
from compute_swarm.domain.audit import (
    Item,
    ValidatorEntry,
    commit_seed,
    drawn_shard,
    items,
    judges,
    panel,
    panel_seed,
    share_count,
    share_items,
)
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.ids import Address, AwardId, CommitId, Digest, DisputeId
from compute_swarm.errors import TooFewValidators
from compute_swarm.node.chronicle import Chronicle, CommitEntry, DisputeEntry


@dataclass(frozen=True, slots=True)
class Draw:
    """A commit's items and the judge of each share."""

    seed: Digest
    items: tuple[Item, ...]
    judges: tuple[Address, ...]
    time: int  # of the commit

    def shares_of(self, validator: Address) -> tuple[int, ...]:
        return tuple(share for share, judge in enumerate(self.judges) if judge == validator)

    def share(self, number: int) -> tuple[Item, ...]:
        return share_items(self.items, number)

    def shards(self, entry: CommitEntry, count: int) -> dict[int, int]:
        """Return the evaluation shard of each item; a re-score's means nothing."""
        ids = [posted.award.id for posted in entry.commit.awards]
        return {
            item.number: drawn_shard(self.seed, ids[item.award_index], item.block, count)
            for item in self.items
        }


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
        entropy = await self._entropy(entry.commit.block_number)
        if entropy is None:
            return None
        key = (entry.id, entropy)
        if key not in self._draws:
            draw = await self._read_draw(chronicle.sweeps[entry.sweep_id], entry, entropy)
            if draw is None:
                return None
            self._draws[key] = draw
        return self._draws[key]

    async def of_dispute(
        self, chronicle: Chronicle, dispute: DisputeEntry
    ) -> tuple[Address, ...] | None:
        """Return the panel's seats, or None while its block is not there."""
        entropy = await self._entropy(dispute.block_number)
        if entropy is None:
            return None
        key = (dispute.id, entropy)
        if key not in self._panels:
            seats = await self._read_panel(chronicle, dispute, entropy)
            if seats is None:
                return None
            self._panels[key] = seats
        return self._panels[key]

    async def may_read(self, chronicle: Chronicle, caller: Address, award_id: AwardId) -> bool:
        """Whether the caller judges a share of the award's commit or sits on a panel about it."""
        award = chronicle.awards.get(award_id)
        if award is None or award.commit_id is None:
            return False
        entry = chronicle.commits[award.commit_id]
        draw = await self.of_commit(chronicle, entry)
        if draw is not None and caller in draw.judges:
            return True
        for dispute in chronicle.disputes.values():
            if dispute.award_id == award_id:
                seats = await self.of_dispute(chronicle, dispute)
                if seats is not None and caller in seats:
                    return True
        return False

    async def _read_draw(self, sweep: Sweep, entry: CommitEntry, entropy: Digest) -> Draw | None:
        seed, terms = commit_seed(entropy, entry.id), sweep.terms
        found = await self._set_of(entry)
        if found is None:
            return None
        time, entries = found
        parties = entry.sellers | {sweep.buyer}
        shares = share_count(entry.commit)
        try:
            drawn = judges(seed, entries, parties, terms.vram_gib, shares)
        except TooFewValidators:
            drawn = ()  # nobody may judge it: it will expire
        return Draw(seed, items(seed, entry.commit, terms.segments), drawn, time)

    async def _read_panel(
        self, chronicle: Chronicle, dispute: DisputeEntry, entropy: Digest
    ) -> tuple[Address, ...] | None:
        entry = chronicle.commits[dispute.commit_id]
        sweep = chronicle.sweeps[entry.sweep_id]
        found = await self._set_of(entry)
        if found is None:
            return None
        _, entries = found
        rules = self._contracts.deployment.profile.rules
        parties = entry.sellers | {sweep.buyer}
        seed, tier = panel_seed(entropy, dispute.id), sweep.terms.vram_gib
        return panel(seed, entries, parties, dispute.judge, tier, rules.seats)

    async def _set_of(self, entry: CommitEntry) -> tuple[int, Sequence[ValidatorEntry]] | None:
        """Return the commit's time and the validators of its epoch.

        None where this endpoint doesn't know the block yet, though another one showed its events.
        """
        block = await self._contracts.rpc.block(entry.commit.block_number)
        if block is None:
            return None
        return block.time, await self._contracts.validators.set_at(block.time)

    async def _entropy(self, block_number: int) -> Digest | None:
        delay = self._contracts.deployment.profile.rules.draw_delay
        return await self._contracts.randomness.entropy(block_number + delay)
