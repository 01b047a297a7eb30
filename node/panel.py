"""What a panel looks at, how long it has, and what its votes come to. Nothing here acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from compute_swarm.chain.profiles import Rules
from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.ids import Address
from compute_swarm.domain.verdict import Outcome, SignedVote, unpack_answers
from compute_swarm.node.chronicle import DisputeEntry
from compute_swarm.node.hearing import Case


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes of a panel so far, by seat."""

    votes: Sequence[SignedVote]  # of its members
    upheld: int
    against: int  # refuted, or could not get something
    seats: int

    def decided(self, quorum: int) -> bool:
        return self.upheld >= quorum or self.against >= quorum

    @property
    def complete(self) -> bool:
        return self.upheld + self.against == self.seats


def count(panel: Sequence[Address], round_: int, votes: Sequence[SignedVote]) -> Ballot:
    """Count each member's vote of the round once for each seat that it holds."""
    valid = [vote for vote in votes if vote.validator in panel and vote.vote.round == round_]
    seats = {
        side: sum(
            panel.count(vote.validator)
            for vote in valid
            if (vote.vote.outcome is Outcome.UPHELD) is side
        )
        for side in (True, False)
    }
    return Ballot(valid, seats[True], seats[False], len(panel))


def is_over(dispute: DisputeEntry, rules: Rules, now: int) -> bool:
    """Whether the panel called last may not decide any more."""
    return now > dispute.time + rules.panel_time


def panel_items(case: Case, dispute: DisputeEntry) -> tuple[Item, ...]:
    """Return what has to be upheld: the subject, and all that the accuser could not get.

    Else a seller could serve the panel the one item that the dispute is named after.
    """
    subject, index = dispute.subject, place_of(case, dispute)
    if subject.is_challenge:
        return (_challenged(case, index, subject.position),)
    withheld = [item for item in _unavailable(case, dispute) if item.award_index == index]
    return (case.draw.items[subject.item], *(i for i in withheld if i.number != subject.item))


def place_of(case: Case, dispute: DisputeEntry) -> int:
    """The index of the disputed award in its commit."""
    return case.commit.index_of(dispute.award_id)


def _challenged(case: Case, index: int, position: int) -> Item:
    """A segment as if it had been drawn; no item of the commit has its number."""
    block = position // case.sweep.terms.segments
    return Item(len(case.draw.items), index, ItemKind.AUDIT, block, position, 0)


def _unavailable(case: Case, dispute: DisputeEntry) -> list[Item]:
    """The items that the accusing verdict could not get."""
    share = dispute.subject.share
    for (number, _), posted in case.record.posted.items():
        if number == share and posted.judge == dispute.accuser:
            items = case.draw.share(share)
            answers = unpack_answers(posted.verdict.answers, len(items))
            return [
                item
                for item, answer in zip(items, answers, strict=True)
                if answer.outcome is Outcome.UNAVAILABLE
            ]
    return []
