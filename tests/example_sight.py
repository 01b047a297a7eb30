"""A sweep of eight trials at one moment, and a process that shows it: `python -m example_sight`."""

import sys
from types import SimpleNamespace

from compute_swarm.domain.audit import ItemKind
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import AwardId, CommitId, DisputeId, address, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.status import SweepStatus, TrialStatus
from compute_swarm.domain.trial import TrialParams
from compute_swarm.domain.verdict import Answer, Outcome
from compute_swarm.sdk.audits import AuditRow
from compute_swarm.sdk.ledger import DisputeRecord
from compute_swarm.sdk.view import SweepView, TrialRow
from compute_swarm.ui.lookout import Sight

AWARD = AwardId(b"a" * 32)
COMMIT = CommitId(b"c" * 32)
DISPUTE, SUBJECT = DisputeId(b"d" * 32), Subject.judged(2, 2)
SELLER, JUDGE = address("0x" + "51" * 20), address("0x" + "7a" * 20)
BOOKS = ("entered", "sellers", "buyers", "validators", "tips", "burned", "held", "difference")


def row(index: int) -> TrialRow:
    settled = index < 5
    return TrialRow(
        trial=index,
        replica=0,
        params=TrialParams(10 ** (-5 + index / 2), 8, 16.0, 0.0, 0, 1),
        status=TrialStatus.SETTLED if settled else TrialStatus.RUNNING,
        segments=32 if settled else 4 * index,
        of_segments=32,
        attempts=1,
        seller=SELLER,
        award_id=AWARD,
        train_loss=3.5 - 0.1 * index,
        eval_loss=3.6 - 0.05 * index if settled else None,
        base_eval_loss=3.7 if settled else None,
        price=Amount(10**15),
        adapter_cid=None,
    )


def sight() -> Sight:
    rows = tuple(map(row, range(8)))
    view = SweepView("0x" + "ab" * 32, SweepStatus.RUNNING, rows, Amount(10**16), Amount(10**17))
    return Sight(
        view=view,
        curves=tuple({k: 3.7 - 0.01 * k * n for k in range(1, 30)} for n in range(8)),
        audits=tuple(map(audit, range(4))),
        disputes=(DisputeRecord(DISPUTE, AWARD, COMMIT, SUBJECT, JUDGE, "refuted"),),
        books={f"{name}_wei": str(10**15) for name in BOOKS},
    )


def audit(number: int) -> AuditRow:
    answer = Answer(Outcome.NAMED if number == 2 else Outcome.UPHELD, exact=True)
    key = TrialKey(number, 0)
    place = (hex32(COMMIT), number, AWARD, SELLER, ItemKind.AUDIT, key, 7)
    return AuditRow(*place, number % 3, 0, JUDGE, answer)


if __name__ == "__main__":
    from compute_swarm.ui.demo import run

    shown = SimpleNamespace(sight=sight())
    run(shown, int(sys.argv[1]))
