"""What a validator has to judge now, and by when. Nothing here acts."""

from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.ids import Address
from compute_swarm.domain.seats import JUDGE
from compute_swarm.node.hearing import Case, unanswered

WITHHELD_AFTER: Final = 0.5  # of the time to answer: what has not come by then is withheld
_EARLY: Final = 2  # the seats that begin at the summons, as their judge was silent all the time


@dataclass(frozen=True, slots=True)
class Duty:
    """A share to examine."""

    share: int
    due: int  # the last second in which nobody waits for it
    withheld: float  # from then on what the seller did not send counts as kept back


def duties(case: Case, who: Address, now: int) -> list[Duty]:
    """Return the shares that are the validator's to judge, as judge or as a substitute.

    A share that it has been heard on has its word already: another one would cost the bond.
    """
    spoken = {share for (share, _), posted in case.record.posted.items() if posted.judge == who}
    found = [_duty(case, who, share, now) for share in case.shares if share not in spoken]
    return [duty for duty in found if duty is not None]


def _duty(case: Case, who: Address, share: int, now: int) -> Duty | None:
    if share in case.draw.shares_of(who):
        return _as_judge(case, share, now)
    return _as_substitute(case, who, share, now)


def _as_judge(case: Case, share: int, now: int) -> Duty | None:
    if not case.open_awards(share) or (share, JUDGE) in case.record.posted:
        return None
    withheld = case.commit.time + WITHHELD_AFTER * case.sweep.terms.verdict_time
    summoned = case.record.summoned.get(share)
    if summoned is None:
        return Duty(share, case.summon_from, withheld)
    until = case.judge_until(summoned)
    return Duty(share, until, withheld) if now <= until else None


def _as_substitute(case: Case, who: Address, share: int, now: int) -> Duty | None:
    seats = case.draw.seats_of(who, share)
    if not seats or not unanswered(case, share):
        return None
    summoned, length = case.record.summoned[share], case.sweep.terms.verdict_time
    turn = case.turn(summoned, seats[0])
    begin = summoned if seats[0] <= _EARLY else turn.start
    if not begin <= now < turn.stop:
        return None
    return Duty(share, turn.start + length, turn.start + WITHHELD_AFTER * length)
