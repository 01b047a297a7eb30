"""A commit of two awards with its draw, as those who act on it see it."""

from collections.abc import Mapping
from dataclasses import replace

from compute_swarm.chain.profiles import DEMO
from compute_swarm.domain.audit import items
from compute_swarm.domain.bid import Commit, Sweep, Terms
from compute_swarm.domain.ids import NATIVE, ZERO32, Address, CommitId, SweepId
from compute_swarm.domain.seats import SUBSTITUTES
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Answer, Outcome, SignedVerdict, Verdict, pack_answers
from compute_swarm.node.chronicle import CommitEntry, PostedVerdict, Record
from compute_swarm.node.draw import Draw
from compute_swarm.node.hearing import Case
from examples import RELAYER, account, digest, posted

S = 32
TIME = 1_000  # of the commit
SETTLE, SUMMON = TIME + 15, TIME + 120  # from then on, by the demo's rules
SWEEP = Sweep(account("buyer"), digest("spec"), Terms(NATIVE, S, 120, 0))
COMMIT = Commit(100, TIME, RELAYER, (posted("a", 3 * S, 3), posted("b", 2 * S, 2)))
ENTRY = CommitEntry(CommitId(digest("commit")), SweepId(digest("sweep")), COMMIT)
A, B = (one.award.id for one in COMMIT.awards)
SHARES = range(3)
JUDGES = tuple(account(f"judge {share}") for share in SHARES)


def substitute(share: int, seat: int) -> Address:
    return account(f"substitute {seat} of {share}")


DRAW = Draw(
    digest("seed"),
    items(digest("seed"), COMMIT, S),
    JUDGES,
    tuple(tuple(substitute(share, seat) for seat in SUBSTITUTES) for share in SHARES),
)


def case(**changes: object) -> Case:
    """Both awards posted and nothing on record, unless something else is said."""
    statuses = (AwardStatus.POSTED, AwardStatus.POSTED)
    return replace(Case(ENTRY, SWEEP, DRAW, DEMO.rules, statuses, Record()), **changes)


def verdict(share: int, outcomes: Mapping[int, Outcome] | None = None) -> SignedVerdict:
    """All of a share upheld, but for some items by number."""
    answers = [
        Answer((outcomes or {}).get(item.number, Outcome.UPHELD), exact=True)
        for item in DRAW.share(share)
    ]
    said = Verdict(ENTRY.id, share, pack_answers(answers), ZERO32)
    return SignedVerdict(said, b"signed")


def record(
    summoned: Mapping[int, int] | None = None,
    posted: Mapping[tuple[int, int], SignedVerdict] | None = None,
) -> Record:
    """What the court was told: summons by share, verdicts by share and seat."""
    return Record(
        {
            place: PostedVerdict(_holder(*place), one.verdict)
            for place, one in (posted or {}).items()
        },
        dict(summoned or {}),
    )


def _holder(share: int, seat: int) -> Address:
    return JUDGES[share] if seat == 0 else substitute(share, seat)
