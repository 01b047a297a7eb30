"""Fifty trials over five sellers on a real chain: three transactions, and books without a rest."""

from contextlib import AsyncExitStack

import pytest

from compute_swarm.cli.demo_books import read_books
from compute_swarm.cli.demo_model import ready_model
from compute_swarm.cli.demo_network import raise_network
from compute_swarm.cli.demo_plan import Cast, DemoPlan, Party
from compute_swarm.cli.demo_run import leave
from compute_swarm.errors import NoOffers
from compute_swarm.sdk.swarm import AsyncSwarm

pytestmark = pytest.mark.timeout(1200)

SELLERS = tuple(Party.at(10 + n, f"seller-{n}", "20000 gwei") for n in range(1, 6))


async def test_fifty_trials_take_three_transactions(tmp_path, root, anvil_binary):
    plan = DemoPlan(tmp_path, root / "build" / "models", tiny=True)
    plan.logs.mkdir()
    async with AsyncExitStack() as stack:
        network = await raise_network(stack, plan, Cast.of(*SELLERS))
        network.start_coordinator()
        await network.fund()
        model = await ready_model(plan.models, tiny=True, log=plan.logs / "model.log")
        network.start_nodes()
        await network.ready()
        buyer = network.cast.buyer
        swarm = await AsyncSwarm.open(network.settings("buyer"), buyer.wallet())
        stack.push_async_callback(swarm.aclose)
        await too_poor(swarm, plan.sweep(model.folder, model.dtype) | fifty())
        sweep = await swarm.sweep(**plan.sweep(model.folder, model.dtype) | fifty())
        await sweep.start()
        view = await sweep.watch(lambda _: network.stage.check())
        ledger = await sweep.ledger()
        assert view.settled == 50
        assert len({row.seller for row in view.rows}) == 5
        assert len(ledger.transactions) == 3
        await elsewhere(network, sweep.id, await sweep.trials())
        await again(swarm, plan.sweep(model.folder, model.dtype) | fifty())
        await leave(network, swarm)
        parties = network.cast.parties
        books = await read_books(
            network.contracts, parties, network.first_block, await swarm.events()
        )
        assert (books.difference, books.held, books.burned) == (0, 0, 0)


async def too_poor(swarm, options):
    """Who pays too little is told which limit leaves the sellers out, and signs nothing."""
    sweep = await swarm.sweep(**options | {"max_spend": "1 gwei"})
    (quote,) = await sweep.quote(wait_s=10)
    assert len(quote.excluded) == 5
    assert all("price" in one.limit for one in quote.excluded)
    with pytest.raises(NoOffers):
        await sweep.start()
    assert not (await sweep.ledger()).books.lines


async def elsewhere(network, id_, trials):
    """Another machine with the same key finds the sweep and sees the same table."""
    settings, key = network.settings("elsewhere"), network.cast.buyer.wallet()
    async with await AsyncSwarm.open(settings, key) as swarm:
        found = await swarm.attach(id_[:10])
        assert await found.trials() == trials
        assert [summary.id for summary in await swarm.list_sweeps()] == [id_]


async def again(swarm, options):
    """The same words once more are the same sweep, and cost nothing."""
    before = await swarm.balance()
    sweep = await swarm.sweep(**options)
    view = await sweep.start()
    assert view.settled == 50
    assert len((await sweep.ledger()).transactions) == 3
    assert await swarm.balance() == before


def fifty():
    space = {"lr": {"log": [1e-4, 1e-2]}, "r": [4, 8], "alpha": 16.0}
    return {"space": space, "method": "random", "trials": 50, "max_spend": "0.5 ETH"}
