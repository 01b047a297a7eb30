"""`Swarm` and `Sweep`: the same names as the asynchronous ones, without `await`."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.live import Live

from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import NATIVE, Address, address
from compute_swarm.domain.money import Amount
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.sdk.allowance import Allowance, Limits
from compute_swarm.sdk.audits import AuditRow
from compute_swarm.sdk.books import SweepBooks
from compute_swarm.sdk.loop import background
from compute_swarm.sdk.quote import Quote
from compute_swarm.sdk.rungs import Keep
from compute_swarm.sdk.swarm import AsyncSwarm, Balance
from compute_swarm.sdk.sweep import AsyncSweep, Best, Show
from compute_swarm.sdk.view import SweepView, TrialRow, view_table


class SavedBest:
    """The best settled trial of a sweep."""

    def __init__(self, best: Best) -> None:
        self._best = best

    def __repr__(self) -> str:
        row = self._best.row
        return f"<best trial {row.trial}: eval loss {row.eval_loss}, lr {row.params.lr:g}>"

    @property
    def row(self) -> TrialRow:
        return self._best.row

    def save(self, folder: str | Path) -> Path:
        """Fetch the adapter, check it against the chain and write a PEFT folder."""
        return background().run(self._best.save(folder))


class Sweep:
    """A sweep for notebooks and scripts."""

    def __init__(self, sweep: AsyncSweep) -> None:
        self._sweep = sweep

    def __repr__(self) -> str:
        return repr(self._sweep)

    def _repr_html_(self) -> str:
        return view_html(background().run(self._sweep.view()))

    @property
    def id(self) -> str:
        return self._sweep.id

    @property
    def spec(self) -> SweepSpec:
        return self._sweep.spec

    def quote(self, segments: int | None = None) -> Quote | tuple[Quote, ...]:
        """Ask for offers; nothing is signed. One quote per kind of trial."""
        quotes = background().run(self._sweep.quote(segments=segments))
        return quotes[0] if len(quotes) == 1 else quotes

    def start(self, segments: int | None = None) -> "Sweep":
        """Pay in one transaction, or attach if it was paid for before.

        With `segments` only the first ones of each trial are bought; `rung` goes on from there.
        """
        background().run(self._sweep.start(segments))
        return self

    def watch(self) -> SweepView | None:
        """Show the sweep until it is over. Ctrl-C stops looking; the sellers go on."""
        return self._shown(self._sweep.watch)

    def allow(
        self, key: str, cap: str | Amount, segments: int | None = None, **limits: Any
    ) -> Allowance:
        """Start the sweep, and let a key award more of it up to a cap, as `Limits` says.

        With `segments` only the first ones of each trial are bought: the key goes on with `rung`.
        """
        allowed = Limits(address(key), cap, **limits)
        return background().run(self._sweep.allow(allowed, segments))

    def revoke(self, allowance: Allowance) -> None:
        """End a session at once and for ever."""
        background().run(self._sweep.revoke(allowance))

    def sessions(self) -> list[dict[str, Any]]:
        """Return the keys that may award more, and what each has left."""
        return background().run(self._sweep.sessions())

    def survivors(self, segments: int, keep: Keep) -> tuple[TrialKey, ...]:
        """Return the part of the trials that was best when so many segments were done."""
        return background().run(self._sweep.survivors(segments, keep))

    def rung(self, trials: Iterable[int | TrialKey], segments: int) -> "Sweep":
        """Pay for these trials to go on until so many of their segments are done in all."""
        background().run(self._sweep.rung(trials, segments))
        return self

    def halve(self, rungs: Sequence[int], keep: Keep) -> SweepView | None:
        """All trials to the first rung, the best part on to the next, and so on; shown."""
        return self._shown(partial(self._sweep.halve, rungs, keep))

    def _shown(self, work: Callable[[Show], Coroutine[Any, Any, SweepView]]) -> SweepView | None:
        with Live(auto_refresh=False) as live:
            try:
                return background().run(
                    work(lambda view: live.update(view_table(view), refresh=True))
                )
            except KeyboardInterrupt:
                live.console.print("the sweep runs on; watch() looks again")
                return None

    def view(self) -> SweepView:
        return background().run(self._sweep.view())

    def trials(self) -> Any:
        """Return a row per trial: a DataFrame where pandas is installed, else dicts."""
        rows = background().run(self._sweep.trials())
        if find_spec("pandas") is None:
            return rows
        return import_module("pandas").DataFrame(rows)

    @property
    def best(self) -> SavedBest:
        return SavedBest(background().run(self._sweep.best()))

    def books(self) -> SweepBooks:
        return background().run(self._sweep.books())

    def audits(self) -> tuple[AuditRow, ...]:
        """Return who audits what, and what they said so far."""
        return background().run(self._sweep.audits())


class Sweeps(Mapping[str, Sweep]):
    """This wallet's sweeps by id; the first digits of one are enough."""

    def __init__(self, swarm: AsyncSwarm) -> None:
        self._swarm = swarm

    def __getitem__(self, ref: str) -> Sweep:
        return Sweep(background().run(self._swarm.attach(ref)))

    def __iter__(self) -> Iterator[str]:
        return iter([summary.id for summary in background().run(self._swarm.list_sweeps())])

    def __len__(self) -> int:
        return len(list(iter(self)))


class Swarm:
    """A connection for notebooks and scripts."""

    def __init__(self, swarm: AsyncSwarm) -> None:
        self._swarm = swarm

    def __repr__(self) -> str:
        return repr(self._swarm)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        background().run(self._swarm.aclose())

    @property
    def address(self) -> Address:
        return self._swarm.address

    @property
    def sweeps(self) -> Sweeps:
        return Sweeps(self._swarm)

    def sweep(self, **options: Any) -> Sweep:
        """Describe a sweep; the names are those of `SweepRequest`."""
        return Sweep(background().run(self._swarm.sweep(**options)))

    def balance(self, token: Address = NATIVE) -> Balance:
        return background().run(self._swarm.balance(token))

    def deposit(self, amount: Amount, token: Address = NATIVE) -> None:
        """Put money into the market ahead of its use; sweeps take the free balance first."""
        background().run(self._swarm.deposit(amount, token))

    def withdraw(
        self, amount: Amount | None = None, to: Address | None = None, token: Address = NATIVE
    ) -> Amount:
        """Take free money out of the market, all of it by default."""
        return background().run(self._swarm.withdraw(amount, to, token))


def connect(
    network: str | None = None,
    *,
    coordinator: str | None = None,
    wallet: Wallet | str | None = None,
    rpc: str | None = None,
    home: str | None = None,
    session: str | None = None,
) -> Swarm:
    """Connect to a network by its name or by the path of its deployment record.

    With `session`, the file of a spend session, the wallet is its capped key.
    """
    given = {"coordinator": coordinator, "rpc": rpc, "home": home, "session": session}
    return Swarm(background().run(AsyncSwarm.connect(network, wallet=wallet, **given)))


def view_html(view: SweepView) -> str:
    """The table of a view for notebooks."""
    rows = [row.document() for row in view.rows]
    names = ("trial", "lr", "r", "status", "segments", "train_loss", "eval_loss", "seller")
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in names) + "</tr>" for row in rows
    )
    title = f"sweep {view.id[:10]}: {view.status}, {view.settled} of {len(rows)} settled"
    title = "<br>".join(map(escape, (title, *view.notices)))
    return f"<table><caption>{title}</caption><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str("–" if value is None else value)
