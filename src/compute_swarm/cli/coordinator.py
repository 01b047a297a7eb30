"""`swarm coordinator`: the node directory, the board and the relayer of one network."""

import asyncio
import logging
from typing import Annotated

import typer

from compute_swarm.cli.options import settings_of
from compute_swarm.cli.output import console
from compute_swarm.cli.prompts import ask_password

app = typer.Typer(
    no_args_is_help=True,
    help="The coordinator: it can refuse service, but forge nothing, and holds no money.",
)


@app.callback()
def coordinator() -> None:
    """Keep `run` a command of its own, so that more can stand beside it."""


@app.command()
def run(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="of its HTTP interface")] = 8700,
    patience: Annotated[
        float, typer.Option(help="seconds that the relayer waits for further results of a sweep")
    ] = 10.0,
    drand: Annotated[
        list[str] | None, typer.Option(help="where drand's rounds are published; may be repeated")
    ] = None,
) -> None:
    """Run a coordinator until it is told to end. Its wallet pays the gas and earns the tips."""
    from compute_swarm.chain.deployment import Deployment
    from compute_swarm.node.coordinator import main
    from compute_swarm.node.seeds import ENDPOINTS
    from compute_swarm.sdk.session import deployment_path, open_wallet

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    settings = settings_of(context)
    wallet = open_wallet(settings, ask=ask_password)
    asked = main.CoordinatorSettings(
        folder=settings.folder / "coordinator",
        deployment=Deployment.load(deployment_path(settings)),
        rpc_url=settings.endpoint,
        port=port,
        patience=patience,
        drand=tuple(drand or ENDPOINTS),
    )

    def ready(running: main.Coordinator) -> None:
        console.print(f"coordinator at {running.url}", highlight=False)

    asyncio.run(main.run(asked, wallet, ready))
