"""What a dispute is about, and what it costs whom."""

from dataclasses import dataclass
from typing import Final, Self

from compute_swarm.domain.bonds import accusers_part, fine, worth
from compute_swarm.domain.ids import AwardId, CommitId, DisputeId, abi_hash
from compute_swarm.domain.money import ZERO, Amount

ROUNDS: Final = 3  # panels that are called at most

_CHALLENGE: Final = 1 << 255
_ITEM_BITS: Final = 32
_CHALLENGERS_PART: Final = 4


class Subject(int):
    """One number as the court takes it: an item as a share judged it, or a challenged segment."""

    __slots__ = ()

    @classmethod
    def judged(cls, share: int, item: int) -> Self:
        """What a judge's verdict on its share disputes; `item` is over the commit."""
        return cls(share << _ITEM_BITS | item)

    @classmethod
    def challenged(cls, position: int) -> Self:
        """What anybody disputes: a segment, counted over those done of the award."""
        return cls(_CHALLENGE | position)

    @property
    def is_challenge(self) -> bool:
        return bool(self & _CHALLENGE)

    @property
    def share(self) -> int:
        return int(self) >> _ITEM_BITS

    @property
    def item(self) -> int:
        return int(self) & ((1 << _ITEM_BITS) - 1)

    @property
    def position(self) -> int:
        return int(self) & (_CHALLENGE - 1)


def dispute_id(commit: CommitId, award: AwardId, subject: Subject) -> DisputeId:
    return DisputeId(abi_hash(["bytes32", "bytes32", "uint256"], [commit, award, subject]))


# --- money -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a validator loses, in the native coin; what nobody gets of it is burned."""

    amount: Amount
    panel: Amount  # of it, to the seats of the majority in equal parts


def refuter_penalty(total: Amount, panel: Amount, least_bond: Amount, cap: Amount) -> Penalty:
    """Of a judge whose refutation a panel dismissed; `total` is the award's price."""
    owed = worth(panel, least_bond, cap)
    return Penalty(max(owed, fine(total, least_bond, cap)), owed)


def withholder_penalty(total: Amount, panel: Amount, least_bond: Amount, cap: Amount) -> Penalty:
    """Of a judge that could not get what a panel could; the seller pays the panel's other half."""
    part = accusers_part(total, panel)
    return Penalty(worth(part, least_bond, cap), worth(Amount(panel // 2), least_bond, cap))


def silence_penalty(fee: Amount, least_bond: Amount, cap: Amount) -> Penalty:
    """Of a judge that substitutes had to stand in for; `fee` is its share's, over all awards."""
    return Penalty(worth(fee, least_bond, cap), ZERO)


def challengers_part(deposit: Amount) -> Amount:
    """What a challenger that was right has of the bond, beside its deposit."""
    return Amount(deposit // _CHALLENGERS_PART)
