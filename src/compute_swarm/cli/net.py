"""`swarm net`: the contracts of a network, and what its validators are good for."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compute_swarm.cli.options import AsJson, settings_of
from compute_swarm.cli.output import console, show_json, show_pairs, show_table
from compute_swarm.domain.ids import NATIVE
from compute_swarm.domain.money import Amount, format_amount
from compute_swarm.errors import DeploymentDiffers
from compute_swarm.sdk.settings import Settings

if TYPE_CHECKING:
    from compute_swarm.chain.deployment import Creation, Deployment
    from compute_swarm.chain.profiles import Entropy, Profile
    from compute_swarm.chain.rpc import Rpc
    from compute_swarm.chain.wallet import Wallet

CARTELS = (0.1, 0.2, 0.3)  # shares of the stake
AS_BUILT = "as built"

app = typer.Typer(no_args_is_help=True, help="Networks: deploy the contracts, look at one.")


@app.command()
def deploy(
    context: typer.Context,
    profile: Annotated[
        str, typer.Option(help="demo, sepolia, base-sepolia or production")
    ] = "demo",
    edition: Annotated[str, typer.Option(help="another one lies beside those before it")] = "v1",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Deploy the contracts with this wallet and keep their record under the network's name.

    Says before what it will do and cost. A deployment that broke off goes on; the contracts have
    no owner, so whoever deploys them holds nothing afterwards.
    """
    from compute_swarm.chain.profiles import PROFILES
    from compute_swarm.cli.prompts import ask_password
    from compute_swarm.sdk.session import open_wallet

    if profile not in PROFILES:
        raise typer.BadParameter(f"one of {', '.join(PROFILES)}", param_hint="--profile")
    settings = settings_of(context)
    wallet = open_wallet(settings, ask=ask_password)
    deployment = asyncio.run(_deploy(settings, wallet, PROFILES[profile], edition, yes))
    path = settings.record
    aside = put_aside(path, deployment)
    deployment.save(path)
    shown = {"record": path, "earlier record": aside} if aside else {"record": path}
    show_pairs({**shown, "market": deployment.market, "first block": deployment.block})


@app.command()
def info(context: typer.Context, json: AsJson = False) -> None:
    """Hold the contracts against this release; show profile, validators and a cartel's odds.

    Needs no key. What differs from the committed builds is named, and makes the status 3.
    """
    found = asyncio.run(_look(settings_of(context)))
    if json:
        show_json(found)
    else:
        _show(found)
    if any(contract["state"] != AS_BUILT for contract in found["contracts"]):
        raise typer.Exit(DeploymentDiffers.exit_status)


async def describe(rpc: "Rpc", deployment: "Deployment") -> dict[str, Any]:
    """What a person wants to know of a network before paying on it."""
    from compute_swarm.chain.artefacts import DEPLOYER, VALIDATORS
    from compute_swarm.chain.deployment import differences, source_of

    profile = deployment.profile
    why = {found.contract: found.why for found in await differences(rpc, deployment)}
    head = await rpc.head()
    return {
        "chain": {"id": rpc.chain_id, "block": head.number, "time": head.time},
        "deployment": {
            "profile": profile.name,
            "edition": deployment.edition,
            "by": deployment.sender,
            "first_block": deployment.block,
            "source": deployment.source,
            "source_here": source_of(profile),
        },
        "contracts": [
            {"name": name, "address": place, "state": why.get(name, AS_BUILT)}
            for name, place in {DEPLOYER: deployment.deployer, **deployment.contracts}.items()
        ],
        "rules": asdict(profile.rules)
        | {
            "epoch": profile.epoch,
            "unbonding": profile.unbonding,
            "least_bond": format_amount(profile.least_bond),
            "demand_deposit": format_amount(profile.demand_deposit),
            "entropy": entropy_text(profile.entropy),
        },
        "tokens": [_token(listing.token, listing.terms) for listing in profile.tokens],
        **({} if VALIDATORS in why else await _validators(rpc, deployment, head.time)),
    }


async def _validators(rpc: "Rpc", deployment: "Deployment", time: int) -> dict[str, Any]:
    from compute_swarm.chain.contracts import Contracts

    rules = deployment.profile.rules
    entries = await Contracts(rpc, deployment).validators.set_at(time)
    return {
        "stake": {
            "validators": len(entries),
            "least_validators": rules.least_validators,
            "bonded": format_amount(sum(entry.bond for entry in entries)),
            "panel_falls_to_a_cartel_of": {
                f"{x:.0%}": f"{capture(x, rules.seats, rules.quorum):.2%}" for x in CARTELS
            },
        },
        "validators": [
            {"validator": e.validator, "vram_gib": e.vram_gib, "bond": format_amount(e.bond)}
            for e in entries
        ],
    }


def capture(share: float, seats: int, quorum: int) -> float:
    """The chance that a cartel with this share of the stake gets `quorum` of the seats.

    Seats are independent draws weighted by bond, so this is a binomial tail.
    """
    return sum(
        comb(seats, held) * share**held * (1 - share) ** (seats - held)
        for held in range(quorum, seats + 1)
    )


def entropy_text(entropy: "Entropy") -> str:
    """Where seeds come from, and whom that trusts."""
    from compute_swarm.chain.artefacts import BEACON

    if entropy.contract == BEACON:
        return f"drand quicknet, the first round more than {entropy.delay} s later"
    return (
        f"the hash of the block {entropy.delay} later: who makes blocks, on a rollup its "
        "sequencer, can withhold one"
    )


def put_aside(path: Path, deployment: "Deployment") -> Path | None:
    """Move the record of another deployment out of the way: there is money to withdraw from it."""
    if not path.is_file() or _market_in(path) == deployment.market:
        return None
    number = 1
    while (aside := path.with_name(f"{path.stem}-{number}.json")).exists():
        number += 1
    return path.replace(aside)


def _market_in(path: Path) -> Any:
    from json import loads

    try:
        return loads(path.read_text(encoding="utf-8")).get("market")
    except (ValueError, AttributeError):
        return None


async def _deploy(
    settings: Settings, wallet: "Wallet", profile: "Profile", edition: str, yes: bool
) -> "Deployment":
    from compute_swarm.chain.deployment import deploy as create
    from compute_swarm.chain.deployment import planned, to_do
    from compute_swarm.chain.rpc import Rpc

    url = settings.endpoint
    async with Rpc(url, 0) as probe:
        chain_id = await probe.found_chain_id()
    async with await Rpc.connect(url, chain_id) as rpc:
        steps = await to_do(rpc, planned(chain_id, wallet.address, profile, edition))
        _show_steps(steps)
        if not all(step.there for step in steps):
            console.print(await _price(rpc, wallet, steps), markup=False, highlight=False)
            console.print(f"Seeds: {entropy_text(profile.entropy)}.", highlight=False)
            if not yes:
                typer.confirm("Deploy?", abort=True, err=True)
        return await create(rpc, wallet, profile, edition)


async def _price(rpc: "Rpc", wallet: "Wallet", steps: Sequence["Creation"]) -> str:
    from compute_swarm.chain.deployment import gas_of

    gas = await gas_of(rpc, wallet.address, steps)
    price = int(await rpc.request("eth_gasPrice", []), 16)
    have = await rpc.balance(wallet.address)
    return (
        f"{sum(not step.there for step in steps)} transactions of {wallet.address} on chain "
        f"{rpc.chain_id}: about {gas:,} gas, {_rounded(gas * price)} at the present price (and "
        f"what a rollup takes for data). It has {_rounded(have)}."
    )


def _rounded(amount: int) -> str:
    return format_amount(amount - amount % 10**12)


def _show_steps(steps: Sequence["Creation"]) -> None:
    rows = [(step.name, step.place, "is there" if step.there else "to do") for step in steps]
    show_table("Contracts", ("contract", "address", ""), rows)


async def _look(settings: Settings) -> dict[str, Any]:
    from compute_swarm.chain.deployment import Deployment
    from compute_swarm.chain.rpc import Rpc
    from compute_swarm.sdk.session import deployment_path

    deployment = Deployment.load(deployment_path(settings))
    async with await Rpc.connect(settings.endpoint, deployment.chain_id) as rpc:
        return await describe(rpc, deployment)


def _token(token: str, terms: Sequence[Amount]) -> dict[str, str]:
    names = ("cap", "panel_floor", "tip", "least_price")
    told = format_amount if token == NATIVE else str
    return {"token": token} | {n: told(amount) for n, amount in zip(names, terms, strict=True)}


def _show(found: dict[str, Any]) -> None:
    for part in ("chain", "deployment", "rules", "stake"):
        if part in found:
            console.print(f"\n{part.capitalize()}", style="bold")
            show_pairs({name: _line(value) for name, value in found[part].items()})
    for part in ("contracts", "tokens", "validators"):
        rows = found.get(part, [])
        if rows:
            show_table(f"\n{part.capitalize()}", tuple(rows[0]), [row.values() for row in rows])


def _line(value: object) -> object:
    """A mapping in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items())
    return value
