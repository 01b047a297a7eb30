"""Options that several commands share, so that they read the same everywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from compute_swarm.cli.output import tell_progress
from compute_swarm.cli.prompts import ask_password
from compute_swarm.sdk.settings import Settings, current_settings

if TYPE_CHECKING:
    from compute_swarm.sdk import AsyncSwarm, AsyncSweep

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]
SweepRef = Annotated[str, typer.Argument(help="a sweep's id, or the first digits of it")]


def connection(
    context: typer.Context,
    network: Annotated[
        str | None, typer.Option(help="a network's name, or the path of a deployment record")
    ] = None,
    rpc: Annotated[
        str | None, typer.Option(help="the chain's RPC; only the network `local` has a usual one")
    ] = None,
    coordinator: Annotated[str | None, typer.Option(help="the coordinator's address")] = None,
    wallet: Annotated[str | None, typer.Option(help="the name of a key")] = None,
    home: Annotated[str | None, typer.Option(help="folder of keys, journal and cache")] = None,
) -> None:
    """Each is also read from SWARM_NETWORK, SWARM_RPC and so on, and from swarm.toml."""
    context.obj = {
        "network": network,
        "rpc": rpc,
        "coordinator": coordinator,
        "wallet": wallet,
        "home": home,
    }


def settings_of(context: typer.Context) -> Settings:
    return current_settings(**(context.obj or {}))


def with_swarm(context: typer.Context, work: Callable[["AsyncSwarm"], Awaitable[T]]) -> T:
    """Connect, do the work and close."""
    from compute_swarm.sdk import AsyncSwarm

    tell_progress("compute_swarm.sdk.history")

    async def run() -> T:
        async with await AsyncSwarm.open(settings_of(context), ask=ask_password) as swarm:
            return await work(swarm)

    return asyncio.run(run())


def with_sweep(context: typer.Context, ref: str, work: Callable[["AsyncSweep"], Awaitable[T]]) -> T:
    async def attach(swarm: "AsyncSwarm") -> T:
        return await work(await swarm.attach(ref))

    return with_swarm(context, attach)
