"""`swarm wallet`: keys on this machine, encrypted; a key is never printed."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compute_swarm.cli.options import AsJson, settings_of, with_swarm
from compute_swarm.cli.output import show_json, show_pairs, show_table
from compute_swarm.cli.prompts import ask_new_password

if TYPE_CHECKING:
    from compute_swarm.sdk import AsyncSwarm

app = typer.Typer(no_args_is_help=True, help="Keys of this machine: make, list, look at a balance.")


@app.command()
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="what the key is called")] = "keystore",
) -> None:
    """Make a key and keep it encrypted in the home folder.

    The password comes from SWARM_PASSWORD_FILE or SWARM_PASSWORD, else from a prompt.
    """
    from compute_swarm.chain.wallet import Wallet

    path = replace(settings_of(context), wallet=name).keystore
    wallet = Wallet.create(path, _new_password())
    show_pairs({"address": wallet.address, "keystore": path})


@app.command("list")
def list_(context: typer.Context, json: AsJson = False) -> None:
    """List the keys by name and address."""
    found = [_described(path) for path in sorted(settings_of(context).folder.glob("*.json"))]
    keys = [key for key in found if key["address"]]
    if json:
        show_json(keys)
    else:
        show_table("Keys", ("name", "address"), [(key["name"], key["address"]) for key in keys])


@app.command()
def balance(context: typer.Context, json: AsJson = False) -> None:
    """Show what the address holds, and what is free and locked in the market."""

    async def ask(swarm: "AsyncSwarm") -> dict[str, object]:
        return (await swarm.balance()).document()

    found = with_swarm(context, ask)
    if json:
        show_json(found)
    else:
        show_pairs(found)


def _new_password() -> str:
    from compute_swarm.chain.keystore import password_from
    from compute_swarm.errors import NoKey

    try:
        return password_from(os.environ)
    except NoKey:
        return ask_new_password()


def _described(path: Path) -> dict[str, Any]:
    from json import loads

    document = loads(path.read_text())
    address = document.get("address", "") if isinstance(document, dict) else ""
    return {"name": path.stem, "address": f"0x{address.removeprefix('0x')}" if address else ""}
