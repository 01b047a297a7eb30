"""The demo's page: looks at a sweep on 127.0.0.1 and can change nothing."""

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

from nicegui import app, core, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from compute_swarm.domain.money import format_amount
from compute_swarm.sdk.settings import Settings
from compute_swarm.sdk.view import SweepView
from compute_swarm.ui.charts import DARK, LIGHT, curves, parallel
from compute_swarm.ui.lookout import Lookout, Sight

HOST: Final = "127.0.0.1"
LOOK_S: Final = 0.5
BLUE: Final = "#1d4ed8"

# Quasar's headings are posters, and its tables scroll where no keyboard gets.
STYLE: Final = """
h1 { font-size: 1.4rem; line-height: 1.6; font-weight: 600; }
h2 { font-size: 1.15rem; line-height: 1.8; font-weight: 600; }
.q-table__container, .q-table__middle { overflow: visible; }
"""

TRIALS: Final = ("trial", "lr", "r", "state", "done", "train loss", "eval loss", "seller", "award")
AUDITS: Final = ("item", "what", "seller", "judge", "answer")
MONEY: Final = {
    "entered": "entered the contracts: price, audit fees, tips, bonds",
    "sellers": "sellers: earnings and bonds back",
    "buyers": "buyer: change and refunds",
    "validators": "validators: audit and panel fees",
    "tips": "tips for commit and settle",
    "burned": "burned from slashed bonds",
    "held": "still held",
    "difference": "difference",
}


class Sighted(Protocol):
    """Whatever holds the newest sight of a sweep."""

    @property
    def sight(self) -> Sight | None: ...


class DemoPage:
    """One browser's page; it sends only what changed since its last look."""

    def __init__(self, lookout: Sighted) -> None:
        self._lookout = lookout
        self._seen: Sight | None = None
        self._theme = LIGHT
        ui.colors(primary=BLUE)
        ui.add_css(STYLE)
        self._dark = ui.dark_mode(value=False)
        with ui.header().classes("items-center justify-between bg-primary"):
            ui.html("<h1>compute-swarm demo</h1>", sanitize=False)
            ui.button("Dark or light", on_click=self._turn).props("outline color=white")
        with ui.element("div").classes("w-full max-w-7xl mx-auto p-4 flex flex-col gap-6"):
            self._build()

    async def follow(self) -> None:
        """Take the browser's preference, then look twice a second."""
        asked = "matchMedia('(prefers-color-scheme: dark)').matches"
        client = ui.context.client
        try:
            await client.connected()
            self._set_dark(bool(await ui.run_javascript(asked, timeout=5.0)))
        except TimeoutError:
            return  # nobody looks: it was fetched by a program
        if client.has_socket_connection:
            ui.timer(LOOK_S, self._look)

    def _build(self) -> None:
        self._status = ui.label("Waiting for the sweep …").props("role=status").classes("text-lg")
        self._trials = _table("Trials", TRIALS)
        with ui.element("section").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-6"):
            self._curves = _chart("Learning curves", "training loss of each trial by segment")
            self._parallel = _chart("Parallel coordinates", "what was searched, and the loss")
        with ui.element("section").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-6"):
            self._audits = _table("Who audits what", AUDITS)
            self._money = _table("Where the money is", ("place", "amount"))

    def _turn(self) -> None:
        self._set_dark(not self._dark.value)

    def _set_dark(self, dark: bool) -> None:
        self._dark.set_value(dark)
        self._theme = DARK if dark else LIGHT
        if self._seen is not None:
            self._draw(self._seen)

    def _look(self) -> None:
        sight = self._lookout.sight
        if sight is None or sight == self._seen:
            return
        before, self._seen = self._seen, sight
        self._status.set_text(sentence(sight))
        _show_rows(self._trials, trial_rows(sight.view))
        _show_rows(self._audits, audit_rows(sight))
        _show_rows(self._money, money_rows(sight))
        if before is None or before.curves != sight.curves or before.view != sight.view:
            self._draw(sight)

    def _draw(self, sight: Sight) -> None:
        _redraw(self._curves, curves(sight.view, sight.curves, self._theme))
        _redraw(self._parallel, parallel(sight.view, self._theme))


def sentence(sight: Sight) -> str:
    """The sweep in one line."""
    view = sight.view
    spent, most = view.coin.text(view.spent), view.coin.text(view.most)
    parts = [f"{view.settled} of {len(view.rows)} trials settled", f"{spent} of {most}"]
    if view.best is not None:
        best = view.best
        parts.append(f"best so far: lr {best.params.lr:.3g}, eval loss {best.rank:.4f}")
    outcomes = Counter(dispute.outcome for dispute in sight.disputes)
    parts += [f"{count} disputed items {outcome}" for outcome, count in outcomes.items()]
    return f"Sweep {view.id[:10]} is {view.status}: " + "; ".join(parts) + "."


def trial_rows(view: SweepView) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{row.trial}/{row.replica}",
            "trial": f"{row.trial}{' ★' if row is view.best else ''}",
            "lr": f"{row.params.lr:.3g}",
            "r": row.params.r,
            "state": str(row.status),
            "done": f"{row.segments}/{row.of_segments}",
            "train loss": _loss(row.train_loss),
            "eval loss": _loss(row.eval_loss),
            "seller": _short(row.seller),
            "award": row.attempts,
        }
        for row in view.rows
    ]


def audit_rows(sight: Sight) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{audit.commit}/{audit.number}",
            "item": audit.number,
            "what": _what(audit.key, audit.segment),
            "seller": _short(audit.seller),
            "judge": _short(audit.judge),
            "answer": audit.word,
        }
        for audit in sight.audits
    ]


def money_rows(sight: Sight) -> list[dict[str, Any]]:
    return [
        {"id": name, "place": text, "amount": format_amount(int(sight.books[f"{name}_wei"]))}
        for name, text in MONEY.items()
    ]


def _what(key: object, segment: int | None) -> str:
    if segment is None:
        return "best loss, evaluated again"
    return f"trial {key}, segment {segment + 1}"


def _loss(loss: float | None) -> str:
    return "–" if loss is None else f"{loss:.4f}"


def _short(address: str | None) -> str:
    return "–" if address is None else f"{address[:8]}…"


def _table(title: str, columns: Sequence[str]) -> ui.table:
    fields = [{"name": c, "label": c, "field": c, "align": "left"} for c in columns]
    with ui.element("div").classes("w-full min-w-0"):
        _heading(title)
        region = ui.element("div").classes("w-full overflow-x-auto")
        with region.props(f'role=region aria-label="{title}" tabindex=0'):
            table = ui.table(rows=[], columns=fields, row_key="id")
            return table.props("flat dense hide-pagination").classes("w-full")


def _chart(title: str, said: str) -> ui.echart:
    with ui.element("div").classes("w-full min-w-0"):
        _heading(title)
        chart = ui.echart({"series": []}, renderer="svg").classes("w-full h-80")
        return chart.props(f'role=img aria-label="{said}"')


def _heading(title: str) -> None:
    ui.html(f"<h2>{title}</h2>", sanitize=False)


def _show_rows(table: ui.table, rows: list[dict[str, Any]]) -> None:
    """Hand over rows only where one differs from what is shown."""
    if table.rows != rows:
        table.rows = rows


def _redraw(chart: ui.echart, options: dict[str, Any]) -> None:
    """Send the parts of the options that changed."""
    changed = {key: value for key, value in options.items() if chart.options.get(key) != value}
    if changed:
        chart.options.update(changed)
        chart.update()


def serve(settings: Settings, sweep: str, port: int) -> None:
    """Serve the page until the process is ended."""
    lookout = Lookout(settings, sweep)
    app.on_startup(lookout.start)
    app.on_shutdown(lookout.stop)
    run(lookout, port)


def run(lookout: Sighted, port: int) -> None:
    """Run the server with its one page."""

    @ui.page("/")
    async def page() -> None:
        await DemoPage(lookout).follow()

    guard(port)
    ui.run(
        host=HOST,
        port=port,
        title="compute-swarm demo",
        language="en-GB",
        show=False,
        reload=False,
        show_welcome_message=False,
    )


def guard(port: int) -> None:
    """Answer this machine's own names only, and sockets of the page's own origin."""
    names = [HOST, "localhost"]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names)
    core.sio.eio.cors_allowed_origins = [f"http://{name}:{port}" for name in names]


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m compute_swarm.ui.demo`: the process that `swarm demo --ui` starts."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    for name in ("network", "rpc", "coordinator", "home", "sweep"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = vars(parser.parse_args(arguments))
    sweep, port = given.pop("sweep"), given.pop("port")
    serve(Settings(**given), sweep, port)


if __name__ == "__main__":
    main()
