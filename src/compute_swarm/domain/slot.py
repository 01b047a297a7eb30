"""The one storage slot that the market keeps of an award."""

from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.bid import Award, Posted
from compute_swarm.domain.ids import Address, CommitId, SweepId, abi_hash
from compute_swarm.domain.status import AwardStatus

_TAG_BITS: Final = 208
_TIME_BITS: Final = 40
_STATUS_BITS: Final = 6
_STATUS_AT: Final = _TAG_BITS + _TIME_BITS
_DOCKED: Final = 1 << 254
_MARKED: Final = 1 << 255
_AWARD: Final = ("bytes32", "address", "uint32", "uint32", "uint128", "uint40")


@dataclass(frozen=True, slots=True)
class AwardSlot:
    """All that the chain keeps of an award."""

    status: AwardStatus
    time: int  # of the last transition
    tag: int  # low bits of the hash of what the next call has to repeat; kept once closed
    marked: bool = False  # the first award of a commit that the court has a record of
    docked: bool = False  # its bond has paid its part of a panel

    @classmethod
    def of(cls, word: int) -> "AwardSlot":
        return cls(
            status=AwardStatus(word >> _STATUS_AT & _mask(_STATUS_BITS)),
            time=word >> _TAG_BITS & _mask(_TIME_BITS),
            tag=word & _mask(_TAG_BITS),
            marked=bool(word & _MARKED),
            docked=bool(word & _DOCKED),
        )

    @property
    def word(self) -> int:
        flags = (_MARKED if self.marked else 0) | (_DOCKED if self.docked else 0)
        return flags | self.status << _STATUS_AT | self.time << _TAG_BITS | self.tag


def awarded_tag(sweep_id: SweepId, award: Award) -> int:
    return _tag(abi_hash(["bytes32", *_AWARD], [sweep_id, *award.abi()]))


def posted_tag(
    sweep_id: SweepId, posted: Posted, commit_id: CommitId, time: int, relayer: Address
) -> int:
    """The tag from `commit` on, of whatever status; `time` and `relayer` are the commit's."""
    types = ["bytes32", *_AWARD, "bytes32", "uint32", "bytes32", "uint256", "address"]
    result = [posted.root, posted.done, commit_id, time, relayer]
    return _tag(abi_hash(types, [sweep_id, *posted.award.abi(), *result]))


def _tag(digest: bytes) -> int:
    return int.from_bytes(digest, "big") & _mask(_TAG_BITS)


def _mask(bits: int) -> int:
    return (1 << bits) - 1
