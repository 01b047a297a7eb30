"""Buying on a real chain: what is bought, by whom it was bought before, and what goes wrong."""

from contextlib import AsyncExitStack

import pytest
from test_sdk_awarding import SpecLife, known, open_session, order

from compute_swarm.sdk.session import Session
from compute_swarm.sdk.sweep import AsyncSweep
from square import Square, Stall, stall


@pytest.fixture
def life(net, contracts):
    return SpecLife(net, contracts)


@pytest.fixture
def square():
    return Square()


@pytest.fixture
async def seller(life, square):
    async with stall(square, Stall(life, life.cast.sellers[0])) as opened:
        yield opened


@pytest.fixture
async def buyer(life, square, tmp_path):
    async with AsyncExitStack() as stack:
        yield await on_square(stack, life, square, tmp_path)


async def on_square(stack, life, square, home) -> Session:
    session = open_session(life, home)
    stack.push_async_callback(close, session)
    session.coordinator = square
    session.journal.remember(known(life), "0x")
    return session


async def close(session) -> None:
    for peer in (*session._peers.values(), *session._readers.values()):
        await peer.aclose()
    session.outbox.close()


def sweep_of(session, life) -> AsyncSweep:
    return AsyncSweep(session, order(life), None)


async def test_of_two_processes_of_one_home_one_pays(life, square, seller, buyer, tmp_path):
    async with AsyncExitStack() as stack:
        other = sweep_of(await on_square(stack, life, square, tmp_path), life)

        async def meanwhile() -> None:
            await other.start()

        square.before_offers = meanwhile
        await sweep_of(buyer, life).start()
        ledger = await other.ledger()
    assert len(ledger.transactions) == 1
    assert len(buyer.journal.payments(order(life).name)) == 1
