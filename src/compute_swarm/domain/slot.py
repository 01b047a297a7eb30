"""The one storage slot that the market keeps of an award."""

from dataclasses import dataclass
from typing import Final

from compute_swarm.domain.bid import Award, Posted
from compute_swarm.domain.ids import CommitId, SweepId, abi_hash
from compute_swarm.domain.status import AwardStatus

_TAG_BITS: Final = 208
_TIME_BITS: Final = 40
_AWARD: Final = ("bytes32", "address", "uint32", "uint32", "uint128", "uint40")


@dataclass(frozen=True, slots=True)
class AwardSlot:
    status: AwardStatus
    time: int  # of the last transition
    tag: int  # low bits of the hash of what the next call has to repeat; kept once closed

    @classmethod
    def of(cls, word: int) -> "AwardSlot":
        status = AwardStatus(word >> (_TAG_BITS + _TIME_BITS))
        return cls(status, word >> _TAG_BITS & _mask(_TIME_BITS), word & _mask(_TAG_BITS))

    @property
    def word(self) -> int:
        return self.status << (_TAG_BITS + _TIME_BITS) | self.time << _TAG_BITS | self.tag


def awarded_tag(sweep_id: SweepId, award: Award) -> int:
    return _tag(abi_hash(["bytes32", *_AWARD], [sweep_id, *award.abi()]))


def posted_tag(sweep_id: SweepId, posted: Posted, commit_id: CommitId) -> int:
    """Tag of POSTED and DISPUTED."""
    types = ["bytes32", *_AWARD, "bytes32", "uint32", "bytes32"]
    values = [sweep_id, *posted.award.abi(), posted.root, posted.done, commit_id]
    return _tag(abi_hash(types, values))


def _tag(digest: bytes) -> int:
    return int.from_bytes(digest, "big") & _mask(_TAG_BITS)


def _mask(bits: int) -> int:
    return (1 << bits) - 1
