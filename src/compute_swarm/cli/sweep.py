"""`swarm sweep`: describe, quote, run, look, fetch."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compute_swarm.cli.options import AsJson, SweepRef, with_swarm, with_sweep
from compute_swarm.cli.output import console, show_json, show_pairs, show_table
from compute_swarm.errors import FolderTaken, NotKnown, SpecWrongType, SweepFailed

if TYPE_CHECKING:
    from compute_swarm.domain.ids import Address
    from compute_swarm.sdk import AsyncSwarm, AsyncSweep
    from compute_swarm.sdk.view import SweepView

app = typer.Typer(
    no_args_is_help=True,
    help="""Sweeps: quote, run, go on with the best, watch, fetch.

    A sweep is a TOML file with the names of the SDK's `swarm.sweep(...)`:

        model = "smollm2"
        data = "train.jsonl"
        trials = 16
        max_spend = "0.05 ETH"
        \\[space]
        lr = { log = [1e-5, 1e-3] }
        r = [4, 8, 16]
    """,
)

NOTHING_LEFT = "Nothing is left to buy of this sweep; `swarm sweep watch` follows it."

SpecFile = Annotated[Path, typer.Argument(help="the sweep as a TOML file", exists=True)]


@app.command()
def quote(
    context: typer.Context,
    file: SpecFile,
    json: AsJson = False,
) -> None:
    """Ask for offers and show price, time and who is left out by what. Nothing is signed."""

    async def ask(swarm: "AsyncSwarm") -> None:
        quotes = await (await swarm.sweep(**read_sweep_file(file))).quote()
        if json:
            show_json([quote.document() for quote in quotes])
        else:
            told = "\n".join(map(str, quotes)) or NOTHING_LEFT
            console.print(told, markup=False, highlight=False)

    with_swarm(context, ask)


@app.command()
def run(
    context: typer.Context,
    file: SpecFile,
    watch: Annotated[bool, typer.Option(help="stay until every trial is settled")] = False,
    segments: Annotated[
        int | None, typer.Option(help="only so many first segments; `swarm sweep rung` goes on")
    ] = None,
) -> None:
    """Quote, pay in one transaction and start. Run again, it attaches and never pays twice."""

    async def start(swarm: "AsyncSwarm") -> None:
        sweep = await swarm.sweep(**read_sweep_file(file))
        await sweep.start(segments)
        console.print(f"sweep {sweep.id} is running", highlight=False)
        if watch:
            await _watch_to_the_end(sweep)

    with_swarm(context, start)


@app.command()
def rung(
    context: typer.Context,
    sweep: SweepRef,
    after: Annotated[int, typer.Option(help="segments by whose evaluation trials are chosen")],
    segments: Annotated[int, typer.Option(help="segments that are done when the rung ends")],
    keep: Annotated[str, typer.Option(help="the part that goes on, such as 0.5 or 1/3")] = "1/2",
    watch: Annotated[bool, typer.Option(help="stay until every trial is settled")] = False,
) -> None:
    """Let the best trials go on, each from its last result. Run again, it never pays twice."""

    async def go_on(found: "AsyncSweep") -> None:
        chosen = await found.survivors(after, keep)
        await found.rung(chosen, segments)
        names = ", ".join(map(str, chosen))
        console.print(f"{len(chosen)} trials go on: {names}", highlight=False)
        if watch:
            await _watch_to_the_end(found)

    with_sweep(context, sweep, go_on)


@app.command()
def allow(
    context: typer.Context,
    file: SpecFile,
    key: Annotated[str, typer.Option(help="address of the key that may award more")],
    cap: Annotated[str, typer.Option(help="most that is spent in all, such as '0.02 ETH'")],
    hours: Annotated[float, typer.Option(help="how long the key may")] = 24.0,
    price: Annotated[
        str | None, typer.Option(help="most that it may pay a segment; the cap by default")
    ] = None,
    seller: Annotated[
        list[str] | None, typer.Option(help="whom it may buy from, anybody by default; repeatable")
    ] = None,
    segments: Annotated[
        int | None, typer.Option(help="only so many first segments; the key goes on with `rung`")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="file to hand to the key's holder")
    ] = Path("session.json"),
) -> None:
    """Start a sweep, and let a key buy more of it: rungs, and trials that failed.

    The cap is brought along at once and lies in your balance in the market, where your other sweeps
    can spend it, too. The file holds no key. Its holder sets SWARM_SESSION to it, with that key as
    the wallet, and goes on with `swarm sweep rung` or `watch`. The key pays its own gas: 0.002 ETH
    is kept back for that, so give it more than this.
    """
    from compute_swarm.domain.ids import address
    from compute_swarm.sdk.allowance import Limits

    limits = Limits(address(key), cap, hours, price, tuple(map(address, seller or ())))

    async def start(swarm: "AsyncSwarm") -> None:
        sweep = await swarm.sweep(**read_sweep_file(file))
        allowance = await sweep.allow(limits, segments=segments)
        console.print(f"sweep {sweep.id} is running", highlight=False)
        console.print(f"{allowance.save(output)}", highlight=False)

    with_swarm(context, start)


@app.command()
def revoke(
    context: typer.Context,
    sweep: SweepRef,
    file: Annotated[
        Path | None, typer.Argument(help="the session's file", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="the key's address, where its file is lost")
    ] = None,
) -> None:
    """End a session at once and for ever, by its file or its key. What the key bought goes on."""
    from compute_swarm.domain.ids import address
    from compute_swarm.sdk.allowance import Allowance

    if (file is None) == (key is None):
        raise typer.BadParameter("give the session's file, or the key by --key")

    async def end(found: "AsyncSweep") -> None:
        if file is not None:
            await found.revoke(Allowance.load(file))
        if key is not None:
            await _revoke_key(found, address(key))
        console.print("the key can buy nothing any more", highlight=False)

    with_sweep(context, sweep, end)


async def _revoke_key(sweep: "AsyncSweep", key: "Address") -> None:
    """End all sessions of a key: the chain tells them, and a key may have several."""
    from compute_swarm.sdk.allowance import Allowance

    records = [one for one in (await sweep.ledger()).sessions if one.session.key == key]
    if not records:
        raise NotKnown("session of this sweep for the key", key)
    for record in records:
        if not record.revoked:
            await sweep.revoke(Allowance(record.session))


@app.command("list")
def list_(
    context: typer.Context,
    json: AsJson = False,
) -> None:
    """List the sweeps of this wallet, the newest first."""

    async def ask(swarm: "AsyncSwarm") -> None:
        found = await swarm.list_sweeps()
        if json:
            show_json([summary.document() for summary in found])
        else:
            rows = [(s.id, s.model, s.trials, s.status) for s in found]
            show_table("Sweeps", ("id", "model", "trials", "state"), rows)

    with_swarm(context, ask)


@app.command()
def show(
    context: typer.Context,
    sweep: SweepRef,
    json: AsJson = False,
) -> None:
    """Show a sweep: state, best trial, where its money is."""

    async def ask(found: "AsyncSweep") -> None:
        books, keys = await found.books(), await found.sessions()
        if json:
            view = (await found.view()).document()
            show_json({"sweep": view, "books": books.document(), "sessions": keys})
        else:
            console.print(await found.view())
            show_pairs(books.document())
            if keys:
                show_table("Sessions", tuple(keys[0]), [tuple(key.values()) for key in keys])

    with_sweep(context, sweep, ask)


@app.command()
def watch(
    context: typer.Context,
    sweep: SweepRef,
) -> None:
    """Follow a sweep. Ctrl-C stops looking, not the sweep."""
    with_sweep(context, sweep, _watch_to_the_end)


@app.command()
def trials(
    context: typer.Context,
    sweep: SweepRef,
    best: Annotated[bool, typer.Option("--best", help="the best trial only")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="print CSV")] = False,
    json: AsJson = False,
) -> None:
    """Print a row per trial."""

    async def ask(found: "AsyncSweep") -> None:
        show_trials(await found.view(), best, "json" if json else "csv" if csv else "")

    with_sweep(context, sweep, ask)


@app.command()
def pull(
    context: typer.Context,
    sweep: SweepRef,
    output: Annotated[Path, typer.Option("--output", "-o", help="folder to make")] = Path("best"),
) -> None:
    """Fetch the best adapter as a PEFT folder, checked against what the chain says."""
    if output.exists():  # looked at now, not after everything was fetched
        raise FolderTaken(str(output))

    async def fetch(found: "AsyncSweep") -> None:
        folder = await (await found.best()).save(output)
        console.print(f"{folder}", highlight=False)

    with_sweep(context, sweep, fetch)


def show_trials(view: "SweepView", best: bool, form: str) -> None:
    """Print all rows or the best one, as JSON, CSV or for people."""
    documents = [row.document() for row in ([view.winner()] if best else view.rows)]
    if form == "json":
        show_json(documents)
    elif form == "csv":
        _show_csv(documents)
    elif best:
        show_pairs(documents[0])
    else:
        console.print(view)


def read_sweep_file(path: Path) -> dict[str, Any]:
    """Return the options of a TOML file; a dataset's path is taken from the file's folder."""
    try:
        options = tomllib.loads(path.read_text())
    except ValueError as error:
        raise SpecWrongType(str(path), "TOML", str(error)) from None
    data = options.get("data")
    if isinstance(data, str) and not Path(data).expanduser().is_absolute():
        options["data"] = path.parent / data
    return options


async def _watch_to_the_end(sweep: "AsyncSweep") -> None:
    view = await sweep.watch()
    if view.settled < len(view.rows):
        raise SweepFailed(view.settled, len(view.rows))


def _show_csv(documents: list[dict[str, Any]]) -> None:
    import csv
    import sys

    if documents:
        writer = csv.DictWriter(sys.stdout, fieldnames=list(documents[0]))
        writer.writeheader()
        writer.writerows(documents)
