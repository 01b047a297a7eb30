"""`swarm demo`: a whole network on this machine, a real sweep, a real cheat, and the books."""

import asyncio
import shutil
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

FOLDER = Path("build/demo")
MODELS = Path("build/models")
INTERRUPTED = 130  # as a shell counts SIGINT


def demo(
    ui: Annotated[bool, typer.Option("--ui", help="serve a page to watch it on")] = False,
    tiny: Annotated[bool, typer.Option("--tiny", help="a model that trains in seconds")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="stay up at the end until Ctrl-C, for the page")
    ] = False,
    seed: Annotated[int, typer.Option(help="of the sweep's trials")] = 0,
    folder: Annotated[Path, typer.Option(help="logs, report and adapter go here")] = FOLDER,
) -> None:
    """Run the whole protocol here: local chain, sellers, validators, and a cheater that is caught.

    A buyer pays for eight learning rates on a real model and real text. One seller trains on half
    of its tokens and reports full ones: a replay finds it, a panel confirms it, its bond is lost,
    the buyer is refunded and the trials are awarded again. The end is the table of trials and the
    books, in which every wei is found again.
    """
    from compute_swarm.cli.demo_plan import DemoPlan
    from compute_swarm.cli.demo_run import Scene, perform
    from compute_swarm.cli.demo_screen import Screen

    shutil.rmtree(folder, ignore_errors=True)
    plan = DemoPlan(folder.resolve(), MODELS.resolve(), tiny, seed)
    plan.logs.mkdir(parents=True)
    with Screen(folder / "report.json") as screen:
        scene = Scene(screen.say, screen.show, screen.done, page=ui, keep=keep)
        run_until_told(perform(plan, scene))


def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until SIGINT or SIGTERM; no child outlives the demo either way.

    Both are handled by hand, because a program started in the background inherits SIGINT ignored.
    """

    async def main() -> None:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await task

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        raise typer.Exit(INTERRUPTED) from None
