"""`swarm net`: the contracts of a network, and what its validators are good for."""

import asyncio
from math import comb
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compute_swarm.cli.options import AsJson, settings_of, with_swarm
from compute_swarm.cli.output import show_json, show_pairs
from compute_swarm.domain.money import format_amount
from compute_swarm.errors import NoDeployment
from compute_swarm.sdk.settings import Settings

if TYPE_CHECKING:
    from compute_swarm.chain.deployment import Deployment
    from compute_swarm.chain.wallet import Wallet
    from compute_swarm.sdk import AsyncSwarm

CARTELS = (0.1, 0.2, 0.3)  # shares of the stake

app = typer.Typer(no_args_is_help=True, help="Networks: deploy the contracts, look at one.")


@app.command()
def deploy(
    context: typer.Context,
    profile: Annotated[str, typer.Option(help="demo or production")] = "demo",
) -> None:
    """Deploy the contracts with this wallet and keep their record under the network's name.

    The contracts have no owner: whoever deploys them holds nothing afterwards.
    """
    from compute_swarm.cli.prompts import ask_password
    from compute_swarm.sdk.session import open_wallet

    settings = settings_of(context)
    wallet = open_wallet(settings, ask=ask_password)
    deployment = asyncio.run(_deploy(settings, wallet, profile))
    path = settings.folder / "networks" / f"{settings.network}.json"
    deployment.save(path)
    show_pairs({**deployment.document(), "record": path})


@app.command()
def info(context: typer.Context, json: AsJson = False) -> None:
    """Show contracts, profile and validators, and the odds that a cartel decides a panel."""

    async def ask(swarm: "AsyncSwarm") -> dict[str, Any]:
        return await describe(swarm)

    found = with_swarm(context, ask)
    if json:
        show_json(found)
    else:
        show_pairs(found)


async def describe(swarm: "AsyncSwarm") -> dict[str, Any]:
    """What a person wants to know of a network before paying on it."""
    contracts = swarm.contracts
    rules = contracts.deployment.profile.rules
    head = await contracts.rpc.head()
    entries = await contracts.validators.set_at(head.time)
    odds = {f"{x:.0%}": f"{capture(x, rules.seats, rules.quorum):.2%}" for x in CARTELS}
    return {
        **contracts.deployment.document(),
        "block": head.number,
        "validators_now": len(entries),
        "least_validators": rules.least_validators,
        "stake": format_amount(sum(entry.bond for entry in entries)),
        "panel_falls_to_a_cartel_of": odds,
    }


def capture(share: float, seats: int, quorum: int) -> float:
    """The chance that a cartel with this share of the stake gets `quorum` of the seats.

    Seats are independent draws weighted by bond, so this is a binomial tail.
    """
    return sum(
        comb(seats, held) * share**held * (1 - share) ** (seats - held)
        for held in range(quorum, seats + 1)
    )


async def _deploy(settings: Settings, wallet: "Wallet", profile: str) -> "Deployment":
    from compute_swarm.chain.deployment import deploy as create
    from compute_swarm.chain.profiles import PROFILES
    from compute_swarm.chain.rpc import Rpc
    from compute_swarm.sdk.session import LOCAL_RPC

    if profile not in PROFILES:
        raise NoDeployment(profile)
    url = settings.rpc or LOCAL_RPC
    probe = Rpc(url, 0)
    try:
        chain_id = await probe.found_chain_id()
    finally:
        await probe.close()
    async with await Rpc.connect(url, chain_id) as rpc:
        return await create(rpc, wallet, PROFILES[profile])
