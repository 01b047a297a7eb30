"""The demo from the first block to the last wei. Nothing in it is scripted.

The verdicts come from the replays, the amounts from the chain; what is checked at the end is
what the protocol promises, and a promise that is not kept is an error.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.chain.devnet import free_port
from compute_swarm.chain.transactions import send
from compute_swarm.cli.demo_books import DemoBooks, read_books
from compute_swarm.cli.demo_model import ReadyModel, ready_model
from compute_swarm.cli.demo_network import DemoNetwork, raise_network
from compute_swarm.cli.demo_plan import DemoPlan, Party, demo_cast
from compute_swarm.domain.audit import ItemKind
from compute_swarm.domain.status import AwardStatus
from compute_swarm.errors import DemoFailed
from compute_swarm.sdk.audits import AuditRow
from compute_swarm.sdk.ledger import Ledger
from compute_swarm.sdk.swarm import AsyncSwarm
from compute_swarm.sdk.sweep import AsyncSweep, Best
from compute_swarm.sdk.view import SweepView

SWEEP_S: Final = 900.0  # more than any machine that can run it needs

Say = Callable[[str], None]
Show = Callable[[SweepView], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a run reports to, and whether it has a page."""

    say: Say
    show: Show
    done: Callable[[SweepView, dict[str, Any]], None]
    page: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Finale:
    """All that a run came to."""

    view: SweepView
    ledger: Ledger
    audits: tuple[AuditRow, ...]
    books: DemoBooks
    best: Best
    adapter: str
    seconds: float

    def report(self, cheater: Party) -> dict[str, Any]:
        """The report as build/demo/report.json has it."""
        best = self.best.row
        replays = [audit for audit in self.audits if audit.kind is ItemKind.AUDIT]
        return {
            "seconds": round(self.seconds, 1),
            "transactions": len(self.ledger.transactions),
            "sweep": {
                "trials": len(self.view.rows),
                "settled": self.view.settled,
                "base_eval_loss": best.base_eval_loss,
                "best": {
                    "trial": best.trial,
                    "lr": best.params.lr,
                    "eval_loss": best.eval_loss,
                    "adapter_cid": best.adapter_cid,
                    "adapter_dir": self.adapter,
                },
            },
            "cheater": cheater_report(self.ledger, cheater),
            "audit": {
                "segments_claimed": sum(p.done for p in self.ledger.posted.values()),
                "segments_audited": sum(audit.answer is not None for audit in replays),
                "segments_disputed": len(self.ledger.disputes),
            },
            "books": self.books.document(),
        }


def cheater_report(ledger: Ledger, cheater: Party) -> dict[str, Any]:
    """What became of the cheater, from the chain."""
    lines = [line for line in ledger.books.lines if line.seller == cheater.address]
    slashed = [line for line in lines if line.status is AwardStatus.SLASHED]
    ids = {line.award_id for line in slashed}
    judges = sorted({d.accuser for d in ledger.disputes.values() if d.award_id in ids})
    return {
        "slashed": bool(slashed) and len(slashed) == len(lines),
        "bond_lost_wei": sum(int(line.bond) for line in slashed),
        "refunded_wei": sum(int(line.refunded) for line in slashed),
        "detected_by": ", ".join(judges) or None,
    }


async def perform(plan: DemoPlan, scene: Scene) -> None:
    """Run the demo, hand over its report, and refuse one in which a promise was not kept."""
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        cast = demo_cast()
        (cheater,) = (party for party in cast.sellers if party.cheats)
        scene.say("a local chain with one-second blocks, and the contracts on it")
        network = await raise_network(stack, plan, cast)
        model = await _open_market(network, scene)
        swarm = await AsyncSwarm.open(network.settings("buyer"), network.cast.buyer.wallet())
        stack.push_async_callback(swarm.aclose)
        sweep = await _buy(network, swarm, model, scene)
        finale = await _finish(network, swarm, sweep, scene, started)
        report = finale.report(cheater)
        scene.done(finale.view, report)
        check(report)
        if scene.keep:
            scene.say("the chain and the page stay up; Ctrl-C ends them")
            await asyncio.Event().wait()


def check(report: dict[str, Any]) -> None:
    """Refuse a run in which a promise was not kept."""
    sweep, cheater = report["sweep"], report["cheater"]
    audit, books = report["audit"], report["books"]
    promises = {
        "every trial is settled": sweep["settled"] == sweep["trials"],
        "the best trial beats the base model": (
            sweep["best"]["eval_loss"] < sweep["base_eval_loss"]
        ),
        "the cheater lost its bond": cheater["slashed"] and cheater["bond_lost_wei"] > 0,
        "the buyer was refunded": cheater["refunded_wei"] > 0,
        "a judge found the cheat": cheater["detected_by"] is not None,
        "a segment of every trial was audited, and few more": (
            sweep["trials"] <= audit["segments_audited"] <= 0.04 * audit["segments_claimed"]
        ),
        "the books close": books["difference_wei"] == 0 and books["held_wei"] == 0,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    if broken:
        raise DemoFailed(f"not so: {'; '.join(broken)}", report)


async def _open_market(network: DemoNetwork, scene: Scene) -> ReadyModel:
    """Bring up everybody while the model is made ready."""
    plan = network.plan
    scene.say("a coordinator, five validators, three sellers (one of them cheats)")
    network.start_coordinator()
    await network.fund()
    model = await ready_model(plan.models, plan.tiny, plan.logs / "model.log")
    network.start_nodes()
    await network.ready()
    scene.say(f"the base model is {model.folder.name} in {model.dtype}")
    return model


async def _buy(
    network: DemoNetwork, swarm: AsyncSwarm, model: ReadyModel, scene: Scene
) -> AsyncSweep:
    sweep = await swarm.sweep(**network.plan.sweep(model.folder, model.dtype))
    for quote in await sweep.quote():
        scene.say(f"the quote: {quote}")
    await sweep.start()
    scene.say(f"sweep {sweep.id[:10]} is paid for in one transaction")
    if scene.page:
        scene.say(f"the page is at {await _start_page(network, sweep)}")
    return sweep


async def _start_page(network: DemoNetwork, sweep: AsyncSweep) -> str:
    settings, port = network.settings("page"), free_port()
    options = {
        "network": settings.network,
        "rpc": settings.rpc,
        "coordinator": settings.coordinator,
        "home": settings.home,
        "sweep": sweep.id,
        "port": port,
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    network.stage.start("page", ("compute_swarm.ui.demo", *arguments), {})
    url = f"http://127.0.0.1:{port}/"
    await network.answers(url)
    return url


async def _finish(
    network: DemoNetwork, swarm: AsyncSwarm, sweep: AsyncSweep, scene: Scene, started: float
) -> Finale:
    """Watch to the end, fetch the best adapter, let everybody leave, and do the books."""

    def look(view: SweepView) -> None:
        network.stage.check()
        scene.show(view)

    async with asyncio.timeout(SWEEP_S):
        view = await sweep.watch(look)
    best = await sweep.best()
    adapter = await best.save(network.plan.folder / "adapter")
    audits, ledger = await sweep.audits(), await sweep.ledger()
    scene.say("everybody withdraws")
    await leave(network, swarm)
    events = await swarm.events()
    books = await read_books(network.contracts, network.cast.parties, network.first_block, events)
    return Finale(
        view=view,
        ledger=ledger,
        audits=audits,
        books=books,
        best=best,
        adapter=str(adapter),
        seconds=time.monotonic() - started,
    )


async def leave(network: DemoNetwork, swarm: AsyncSwarm) -> None:
    """End the nodes, then take everybody's money out; validators wait for their delay."""
    cast, stage = network.cast, network.stage
    nodes = [actor for actor in stage.actors if actor.name != "page"]
    await stage.end_quietly(nodes)
    await swarm.withdraw()
    validators = network.contracts.validators
    others = (*cast.sellers, *cast.validators, cast.relayer)
    await asyncio.gather(*(_withdraw(network, party) for party in others))
    await _unbond_all(network, cast.validators)
    network.net.advance(network.contracts.deployment.profile.unbonding + 1)
    await asyncio.gather(
        *(send(party.wallet(), validators.claim(party.address)) for party in cast.validators)
    )


async def _withdraw(network: DemoNetwork, party: Party) -> None:
    market = network.contracts.market
    free = (await market.account(party.address)).free
    if free:
        await send(party.wallet(), market.withdraw(free, party.address))


async def _unbond_all(network: DemoNetwork, parties: Sequence[Party]) -> None:
    validators = network.contracts.validators
    bonds = [(await validators.validator(party.address)).bond for party in parties]
    await asyncio.gather(
        *(
            send(party.wallet(), validators.unbond(bond))
            for party, bond in zip(parties, bonds, strict=True)
        )
    )
