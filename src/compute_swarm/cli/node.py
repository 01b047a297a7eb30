"""`swarm node`: a seller on this machine, what it does and what it has earned."""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compute_swarm.cli.options import AsJson, settings_of, with_swarm
from compute_swarm.cli.output import show_json, show_pairs, show_table
from compute_swarm.cli.prompts import ask_password
from compute_swarm.domain.ids import NATIVE, Address
from compute_swarm.domain.money import ETHER, Coin, format_amount, parse_amount

if TYPE_CHECKING:
    from compute_swarm.node.settings import NodeSettings
    from compute_swarm.sdk import AsyncSwarm
    from compute_swarm.sdk.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="""A seller: trains other people's sweeps on this machine and is paid by the contract.

    Its stake is what it has deposited in the market; bids lock parts of it until they are settled.
    """,
)


@app.command()
def start(
    context: typer.Context,
    price: Annotated[
        str | None, typer.Option(help="least price of a segment, such as '20000 gwei'")
    ] = None,
    models: Annotated[str | None, typer.Option(help="folder of base models")] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda")] = None,
) -> None:
    """Offer, train and deliver until told to stop. SWARM_NODE_* set whatever is not given here."""
    given = {"price": price, "models": models, "device": device}
    run_node(settings_of(context), "seller", {k: v for k, v in given.items() if v is not None})


@app.command()
def status(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="where the node answers")] = "",
    json: AsJson = False,
) -> None:
    """Show what the node of this wallet is doing."""

    async def ask(swarm: "AsyncSwarm") -> dict[str, Any]:
        return await swarm.node_status(url or None)

    found = with_swarm(context, ask)
    if json:
        show_json(found)
    else:
        show_pairs(found)


@app.command()
def earnings(context: typer.Context, json: AsJson = False) -> None:
    """Show what awards have paid this wallet, by payment token, and what is free and locked."""

    async def ask(swarm: "AsyncSwarm") -> None:
        from compute_swarm.sdk.earnings import earnings_of

        earned = earnings_of(await swarm.events(), swarm.address)
        balance = (await swarm.balance()).document()
        if json:
            show_json({"earned": earned, **balance})
            return
        coins = [await _coin(swarm, line["token"]) for line in earned]
        rows = [_told(line, coin) for line, coin in zip(earned, coins, strict=True)]
        show_table("Awards", tuple(rows[0]), [tuple(row.values()) for row in rows])
        show_pairs(_told(balance, ETHER))

    with_swarm(context, ask)


async def _coin(swarm: "AsyncSwarm", token: Address) -> Coin:
    from compute_swarm.chain.tokens import Token

    return ETHER if token == NATIVE else await Token(swarm.contracts.rpc, token).coin()


def _told(values: Mapping[str, Any], coin: Coin) -> dict[str, object]:
    """Amounts as people write them."""
    return {
        name.removesuffix("_wei"): coin.text(int(value)) if name.endswith("_wei") else value
        for name, value in values.items()
    }


@app.command()
def withdraw(
    context: typer.Context,
    amount: Annotated[str | None, typer.Argument(help="such as '0.1 ETH'; all by default")] = None,
) -> None:
    """Take free money out of the market to this wallet."""

    async def take(swarm: "AsyncSwarm") -> None:
        taken = await swarm.withdraw(None if amount is None else parse_amount(amount))
        show_pairs({"withdrawn": format_amount(taken), "to": swarm.address})

    with_swarm(context, take)


def run_node(settings: "Settings", role: str, given: dict[str, str]) -> None:
    """Run a node of either role in this process."""
    from compute_swarm.node import agent
    from compute_swarm.sdk.session import open_wallet

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    wallet = open_wallet(settings, ask=ask_password)
    asyncio.run(agent.run(node_settings(settings, role, given), wallet))


def node_settings(settings: "Settings", role: str, given: dict[str, str]) -> "NodeSettings":
    """A command's own options, then SWARM_NODE_*, then what the network's settings say."""
    from compute_swarm.node.settings import PREFIX, NodeSettings
    from compute_swarm.sdk.session import deployment_path

    environment = {k: v for k, v in os.environ.items() if k.startswith(PREFIX)}
    usual = {
        "home": settings.folder / role,
        "deployment": deployment_path(settings),
        "rpc": environment.get(f"{PREFIX}RPC") or settings.endpoint,
        "coordinator": settings.coordinator,
        "models": settings.folder / "models",
    }
    told = {PREFIX + name.upper(): str(value) for name, value in given.items()}
    layers = {PREFIX + name.upper(): str(value) for name, value in usual.items()}
    return NodeSettings.from_env({**layers, **environment, **told, f"{PREFIX}ROLE": role})
