"""The commands of `swarm` in one tree; what each needs is imported when it runs."""

from collections.abc import Sequence

import typer

from compute_swarm.cli.coordinator import app as coordinator
from compute_swarm.cli.demo import demo
from compute_swarm.cli.explain import explain
from compute_swarm.cli.net import app as net
from compute_swarm.cli.node import app as node
from compute_swarm.cli.options import connection
from compute_swarm.cli.output import refuse
from compute_swarm.cli.sweep import app as sweep
from compute_swarm.cli.validator import app as validator
from compute_swarm.cli.wallet import app as wallet
from compute_swarm.errors import SwarmError

app = typer.Typer(
    name="swarm",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="""Fine-tune many LoRA adapters on other people's GPUs, settled by contract.

    Try it without a wallet or a GPU: [bold]swarm demo[/bold] starts a local chain, sellers,
    validators and a cheater, runs a real sweep and prints where every wei went.
    """,
    epilog="Exit status: 0 ok, 2 usage, 3 configuration, 4 chain, 5 no offers, 6 sweep failed.",
)
app.callback()(connection)
app.command("demo")(demo)
app.add_typer(sweep, name="sweep")
app.add_typer(node, name="node")
app.add_typer(validator, name="validator")
app.add_typer(coordinator, name="coordinator")
app.add_typer(wallet, name="wallet")
app.add_typer(net, name="net")
app.command("explain")(explain)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, the process's own by default, and return its exit status."""
    try:
        app(arguments)
    except SwarmError as error:
        return refuse(error)
    return 0
