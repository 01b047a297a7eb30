"""What people see of a sweep: one row per trial, the same for notebook, terminal and page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

from compute_swarm.domain.bid import Bid
from compute_swarm.domain.commitment import Receipt
from compute_swarm.domain.ids import Address, AwardId, hex32
from compute_swarm.domain.money import ETHER, ZERO, Amount, Coin
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.status import AwardStatus, SweepStatus, TrialStatus
from compute_swarm.domain.trial import Trial, TrialParams, trials
from compute_swarm.errors import NothingSettled, ResultsNotShown
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.rungs import course, steps

_TRIAL_STATUS = {
    AwardStatus.AWARDED: TrialStatus.RUNNING,
    AwardStatus.POSTED: TrialStatus.AUDITING,
    AwardStatus.DISPUTED: TrialStatus.AUDITING,
    AwardStatus.SETTLED: TrialStatus.SETTLED,
    AwardStatus.SLASHED: TrialStatus.REFUTED,
    AwardStatus.REFUNDED: TrialStatus.EXPIRED,
    AwardStatus.EXPIRED: TrialStatus.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a seller says a trial is; shown while it runs, and believed by nobody."""

    segments: int
    loss: float | None
    eval_loss: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the awards beside the chain: who trains what, and what they delivered."""

    bids: Mapping[AwardId, Bid]
    receipts: Mapping[AwardId, Mapping[TrialKey, Receipt]]  # held against the posted roots
    progress: Mapping[tuple[AwardId, TrialKey], Progress]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial. Losses of a settled one are those that the chain's roots commit to."""

    trial: int
    replica: int
    params: TrialParams
    status: TrialStatus
    segments: int
    of_segments: int
    attempts: int  # awards so far, those apart that it goes on from
    seller: Address | None
    award_id: AwardId | None
    train_loss: float | None
    eval_loss: float | None
    base_eval_loss: float | None
    price: Amount  # of all its segments that were bought
    adapter_cid: str | None

    @property
    def key(self) -> TrialKey:
        return TrialKey(self.trial, self.replica)

    @property
    def hidden(self) -> bool:
        """Whether it is settled, and nobody shows the receipt that its root holds."""
        return self.status is TrialStatus.SETTLED and self.adapter_cid is None

    @property
    def rank(self) -> float:
        """The loss to sort by; without one, or diverged, last."""
        loss = self.eval_loss
        return math.inf if loss is None or math.isnan(loss) else loss

    def document(self) -> dict[str, Any]:
        """A flat row, the same in DataFrame, CSV and JSON."""
        return {
            "trial": self.trial,
            "replica": self.replica,
            **asdict(self.params),
            "status": str(self.status),
            "segments": self.segments,
            "of_segments": self.of_segments,
            "attempts": self.attempts,
            "train_loss": _plain(self.train_loss),
            "eval_loss": _plain(self.eval_loss),
            "base_eval_loss": _plain(self.base_eval_loss),
            "price_wei": str(int(self.price)),
            "seller": self.seller,
            "award": None if self.award_id is None else hex32(self.award_id),
            "adapter_cid": self.adapter_cid,
        }


@dataclass(frozen=True, slots=True)
class SweepView:
    """A sweep at one moment."""

    id: str
    status: SweepStatus
    rows: tuple[TrialRow, ...]
    spent: Amount
    most: Amount
    coin: Coin = ETHER
    notices: tuple[str, ...] = ()  # what whoever looks should know

    @property
    def settled(self) -> int:
        return sum(row.status is TrialStatus.SETTLED for row in self.rows)

    @property
    def best(self) -> TrialRow | None:
        """The settled trial of least loss, the first one of equals; hidden ones can't compare."""
        done = [row for row in self.rows if row.status is TrialStatus.SETTLED and not row.hidden]
        return min(done, key=lambda row: (row.rank, row.key), default=None)

    def winner(self) -> TrialRow:
        """Return the best row. Raises `NothingSettled`, or `ResultsNotShown`."""
        if self.best is not None:
            return self.best
        raise ResultsNotShown(self.hidden) if self.hidden else NothingSettled(0, len(self.rows))

    @property
    def hidden(self) -> str:
        """The settled trials whose results nobody shows, by name."""
        return ", ".join(str(row.key) for row in self.rows if row.hidden)

    @property
    def finished(self) -> bool:
        return self.status in (
            SweepStatus.SETTLED,
            SweepStatus.PARTLY_SETTLED,
            SweepStatus.REFUNDED,
        )

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": str(self.status),
            "trials": [row.document() for row in self.rows],
            "settled": self.settled,
            "spent_wei": str(int(self.spent)),
            "max_spend_wei": str(int(self.most)),
            "notices": list(self.notices),
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield view_table(self)


def view_sweep(
    id_: str, spec: SweepSpec, ledger: Ledger, evidence: Evidence, coin: Coin = ETHER
) -> SweepView:
    """Put chain, receipts and progress together; pure."""
    rows = tuple(_row(spec, trial, ledger, evidence) for trial in trials(spec))
    view = SweepView(
        id=id_,
        status=_sweep_status(rows, ledger),
        rows=rows,
        spent=ledger.committed,
        most=spec.budget.max_spend,
        coin=coin,
    )
    if not view.hidden:
        return view
    why = f"nobody shows the results of trials {view.hidden}: the best is chosen without them"
    return replace(view, notices=(why,))


def view_table(view: SweepView) -> Table:
    """The table that terminal and notebook show, the best trial marked."""
    spent, most = view.coin.text(view.spent), view.coin.text(view.most)
    title = f"sweep {view.id[:10]} · {view.status} · {view.settled} of {len(view.rows)} settled"
    table = Table(title=f"{title} · {spent} of {most}", title_justify="left")
    table.caption = "\n".join(view.notices) or None
    for name in ("trial", "lr", "r", "state", "done", "train", "eval", "seller"):
        table.add_column(name, justify="left" if name in ("state", "seller") else "right")
    best = view.best
    for row in view.rows:
        table.add_row(*_cells(row), style="bold" if row is best else None)
    return table


def _cells(row: TrialRow) -> tuple[str, ...]:
    return (
        f"{row.trial}" if row.replica == 0 else f"{row.trial}/{row.replica}",
        f"{row.params.lr:.3g}",
        str(row.params.r),
        str(row.status) if row.attempts < 2 else f"{row.status} (award {row.attempts})",
        f"{row.segments}/{row.of_segments}",
        _shown(row.train_loss),
        _shown(row.eval_loss),
        "–" if row.seller is None else f"{row.seller[:8]}…",
    )


def _row(spec: SweepSpec, trial: Trial, ledger: Ledger, evidence: Evidence) -> TrialRow:
    taken = steps(trial.key, ledger.books.lines, evidence.bids)
    way = course(taken) or taken[-1:]  # what counts, else the last that failed
    step = way[-1] if way else None
    receipt = progress = first = None
    if step is not None:
        receipt = evidence.receipts.get(step.id, {}).get(trial.key)
        progress = evidence.progress.get((step.id, trial.key))
        first = evidence.receipts.get(way[0].id, {}).get(trial.key)
    line = None if step is None else step.line
    status = _TRIAL_STATUS[line.status] if line else TrialStatus.QUEUED
    segments, train, evaluated = _losses(receipt, progress)
    if step is not None:
        segments = max(segments, step.rung.first)
        if status is TrialStatus.RUNNING and segments == step.rung.end:
            status = TrialStatus.SUBMITTED
    return TrialRow(
        trial=trial.index,
        replica=trial.replica,
        params=trial.params,
        status=status,
        segments=segments,
        of_segments=spec.training.segments,
        attempts=len(taken) - max(len(way) - 1, 0),
        seller=line.seller if line else None,
        award_id=line.award_id if line else None,
        train_loss=train,
        eval_loss=evaluated,
        base_eval_loss=first.boundaries[0].eval_loss if first else None,
        price=sum((one.line.price.times(one.rung.segments) for one in way), ZERO),
        adapter_cid=receipt.adapter_cid if receipt else None,
    )


def _losses(
    receipt: Receipt | None, progress: Progress | None
) -> tuple[int, float | None, float | None]:
    if receipt is not None:
        return receipt.boundaries[-1].k, receipt.boundaries[-1].loss, receipt.final_loss
    if progress is not None:
        return progress.segments, progress.loss, progress.eval_loss
    return 0, None, None


def _sweep_status(rows: Sequence[TrialRow], ledger: Ledger) -> SweepStatus:
    states = {row.status for row in rows}
    if not ledger.books.lines:
        return SweepStatus.DRAFT
    if states == {TrialStatus.SETTLED}:
        return SweepStatus.SETTLED
    if ledger.closed:
        some = TrialStatus.SETTLED in states
        return SweepStatus.PARTLY_SETTLED if some else SweepStatus.REFUNDED
    if TrialStatus.RUNNING in states:
        running = any(row.segments for row in rows)
        return SweepStatus.RUNNING if running else SweepStatus.OPEN
    return SweepStatus.SETTLING


def _plain(loss: float | None) -> float | str | None:
    """JSON has no NaN and no infinity: those as words."""
    return loss if loss is None or math.isfinite(loss) else str(loss)


def _shown(loss: float | None) -> str:
    return "–" if loss is None else f"{loss:.4f}"
