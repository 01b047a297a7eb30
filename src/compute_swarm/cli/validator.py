"""`swarm validator`: judge what was drawn, vote on panels, be paid a share of the audit fees."""

from typing import TYPE_CHECKING, Annotated

import typer

from compute_swarm.cli.node import run_node
from compute_swarm.cli.options import settings_of, with_swarm
from compute_swarm.cli.output import show_pairs
from compute_swarm.domain.money import format_amount, parse_amount

if TYPE_CHECKING:
    from compute_swarm.sdk import AsyncSwarm

app = typer.Typer(
    no_args_is_help=True,
    help="""A validator: re-runs drawn segments of other people's trials and signs what it saw.

    Its bond is at stake: a verdict that a panel overturns costs part of it.
    """,
)


@app.command()
def start(
    context: typer.Context,
    models: Annotated[str | None, typer.Option(help="folder of base models")] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda")] = None,
) -> None:
    """Judge until told to stop. SWARM_NODE_* set whatever is not given here."""
    given = {"models": models, "device": device}
    run_node(settings_of(context), "validator", {k: v for k, v in given.items() if v is not None})


@app.command()
def bond(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="such as '4 ETH'")],
    vram: Annotated[
        int | None,
        typer.Option(help="GiB of video memory, for sweeps that ask for it; as before by default"),
    ] = None,
) -> None:
    """Add to the bond; it counts from the next epoch on."""
    from compute_swarm.chain.transactions import send

    async def add(swarm: "AsyncSwarm") -> None:
        validators = swarm.contracts.validators
        # `bond` writes the tier anew, and without video memory nothing that asks for some is drawn.
        tier = (await validators.validator(swarm.address)).vram_gib if vram is None else vram
        await send(swarm.wallet, validators.bond(tier, parse_amount(amount)))
        bonded = await validators.validator(swarm.address)
        show_pairs(
            {
                "validator": swarm.address,
                "bond": format_amount(bonded.bond),
                "video memory": f"{bonded.vram_gib} GiB",
            }
        )

    with_swarm(context, add)


@app.command()
def leave(context: typer.Context) -> None:
    """Unbond everything; it may be claimed with `swarm validator claim` after the delay."""
    from compute_swarm.chain.transactions import send

    async def unbond(swarm: "AsyncSwarm") -> None:
        validators = swarm.contracts.validators
        bonded = await validators.validator(swarm.address)
        await send(swarm.wallet, validators.unbond(bonded.bond))
        after = await validators.validator(swarm.address)
        show_pairs({"unbonding": format_amount(after.unbonding), "claimable": after.claimable_at})

    with_swarm(context, unbond)


@app.command()
def claim(context: typer.Context) -> None:
    """Take what was unbonded long enough ago, and what panels paid."""
    from compute_swarm.chain.transactions import send

    async def take(swarm: "AsyncSwarm") -> None:
        await send(swarm.wallet, swarm.contracts.validators.claim(swarm.address))
        show_pairs({"claimed to": swarm.address})

    with_swarm(context, take)
