"""Verdicts and votes: a share's answers packed into nibbles."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Final

from compute_swarm.domain.ids import Address, CommitId, Digest, DisputeId
from compute_swarm.domain.wire import Bits
from compute_swarm.errors import AnswersInvalid

_OUTCOME: Final = 0b0011
_EXACT: Final = 0b0100
_SPARE: Final = 0b1000
_WHOLE: Final = b"\xff"  # in place of a list: every item is upheld, and was compared exactly


class Outcome(IntEnum):
    UNAVAILABLE = 0  # the states could not be had
    UPHELD = 1  # the replay agrees
    REFUTED = 2  # it does not
    NAMED = 3  # it does not, and this item is the dispute's subject

    @property
    def refutes(self) -> bool:
        return self in (Outcome.REFUTED, Outcome.NAMED)


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    exact: bool  # compared bit by bit, not by tolerance


_UPHELD_EXACTLY: Final = Answer(Outcome.UPHELD, exact=True)


@dataclass(frozen=True, slots=True)
class Verdict:
    commit_id: CommitId
    share: Annotated[int, Bits(8)]
    answers: bytes
    evidence: Digest


@dataclass(frozen=True, slots=True)
class SignedVerdict:
    verdict: Verdict
    signature: bytes

    def abi(self) -> tuple[Any, ...]:
        """As the contract takes it: the commit id is passed beside it."""
        verdict = self.verdict
        return (verdict.share, verdict.answers, verdict.evidence, self.signature)


@dataclass(frozen=True, slots=True)
class Vote:
    """What a member of the panel that was called in a round found; it counts in no other."""

    dispute_id: DisputeId
    round: Annotated[int, Bits(8)]
    outcome: Outcome  # never NAMED


@dataclass(frozen=True, slots=True)
class SignedVote:
    vote: Vote
    validator: Address
    signature: bytes

    def abi(self) -> tuple[Any, ...]:
        return (self.validator, int(self.vote.outcome), self.signature)


def pack_answers(answers: Sequence[Answer]) -> bytes:
    """One nibble an item, the first in the high one; a spare low nibble is 0.

    Where every item is upheld and was compared exactly, one byte says it for all.
    """
    if _is_whole(answers):
        return _WHOLE
    nibbles = [answer.outcome | (_EXACT if answer.exact else 0) for answer in answers]
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def unpack_answers(data: bytes, count: int) -> tuple[Answer, ...]:
    """The reverse: whatever `pack_answers` does not give is refused."""
    if data == _WHOLE and count:
        return (_UPHELD_EXACTLY,) * count
    nibbles = [nibble for byte in data for nibble in (byte >> 4, byte & 0xF)]
    spare = nibbles[count:]
    if len(data) != (count + 1) // 2 or any(spare) or any(n & _SPARE for n in nibbles):
        raise AnswersInvalid(count, data)
    found = tuple(Answer(Outcome(n & _OUTCOME), bool(n & _EXACT)) for n in nibbles[:count])
    if _is_whole(found):
        raise AnswersInvalid(count, data)
    return found


def _is_whole(answers: Sequence[Answer]) -> bool:
    return bool(answers) and all(answer == _UPHELD_EXACTLY for answer in answers)
