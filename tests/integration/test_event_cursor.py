"""Following events over restarts and reorganisations."""

import asyncio

import pytest

from compute_swarm.chain.cursor import EventCursor, history
from compute_swarm.chain.cursor_store import SqliteCursorStore
from compute_swarm.chain.devnet import dev_wallet
from compute_swarm.chain.events import Deposited
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.domain.money import Amount


@pytest.fixture
def open_cursor(contracts, tmp_path):
    """Open the same cursor anew, as a restarted program does."""
    stores = []

    def open_anew(name="test"):
        stores.append(SqliteCursorStore(tmp_path / "cursor.db", name))
        deployment = contracts.deployment
        addresses = tuple(deployment.contracts.values())
        return EventCursor(contracts.rpc, addresses, stores[-1], deployment.block)

    yield open_anew
    for store in stores:
        store.close()


async def deposit(contracts, amount):
    wallet = dev_wallet(21)
    return await send(wallet, contracts.market.deposit(wallet.address, Amount(amount)))


def amounts(events):
    return [event.amount for event in events if isinstance(event, Deposited)]


async def caught_up(cursor):
    cursor.done(await cursor.read())
    return cursor


async def test_it_tells_everything_since_the_deployment(contracts, open_cursor):
    batch = await open_cursor().read()
    assert [type(event).__name__ for event in batch.added].count("Bonded") == 5
    assert batch.behind == 0


async def test_a_restart_goes_on_where_the_last_one_was_done(contracts, open_cursor):
    await caught_up(open_cursor())
    await deposit(contracts, 11)
    assert amounts((await open_cursor().read()).added) == [11]


async def test_what_was_not_done_is_told_again(contracts, open_cursor):
    await caught_up(open_cursor())
    await deposit(contracts, 11)
    cursor = open_cursor()
    await cursor.read()
    assert amounts((await open_cursor().read()).added) == [11]


async def test_what_was_done_is_not_told_again(contracts, open_cursor):
    cursor = await caught_up(open_cursor())
    await deposit(contracts, 11)
    await caught_up(cursor)
    assert not await cursor.read()


async def test_a_reorganisation_takes_back_and_tells_anew(net, contracts, open_cursor):
    await deposit(contracts, 5)
    first = await deposit(contracts, 11)
    await deposit(contracts, 12)
    net.request("evm_setIntervalMining", 0)
    await caught_up(open_cursor())
    head = await contracts.rpc.head()
    net.reorganise(head.number - first.block_number + 1)
    net.request("evm_setIntervalMining", 1)
    await deposit(contracts, 13)

    cursor = open_cursor()
    batch = await cursor.read()
    assert amounts(batch.removed) == [12, 11]
    assert amounts(batch.added)[-1] == 13
    assert 5 not in amounts(batch.added)
    cursor.done(batch)
    assert not await cursor.read()


async def test_two_cursors_in_one_file_do_not_meet(contracts, open_cursor):
    await caught_up(open_cursor("first"))
    assert (await open_cursor("second").read()).added


async def test_follow_hands_out_batches_until_it_is_left(contracts, open_cursor):
    cursor = await caught_up(open_cursor())
    heard = []

    async def listen():
        async for batch in cursor.follow(pause=0.05):
            heard.extend(amounts(batch.added))
            if len(heard) == 2:
                return

    listening = asyncio.create_task(listen())
    await deposit(contracts, 1)
    await deposit(contracts, 2)
    await asyncio.wait_for(listening, 10)
    assert heard == [1, 2]


async def test_following_survives_a_restart_of_the_chain(net, contracts, open_cursor):
    cursor = await caught_up(open_cursor())
    heard = []

    async def listen():
        async for batch in cursor.follow(pause=0.05):
            heard.extend(amounts(batch.added))
            if len(heard) == 2:
                return

    listening = asyncio.create_task(listen())
    await deposit(contracts, 1)
    await asyncio.to_thread(net.stop)
    await asyncio.sleep(0.3)
    net.start()
    await deposit(contracts, 2)
    await asyncio.wait_for(listening, 20)
    assert heard == [1, 2]


class Terse(Rpc):
    """An endpoint that tells no times with its logs."""

    async def request(self, method, params):
        found = await super().request(method, params)
        if method == "eth_getLogs":
            return [{k: v for k, v in log.items() if k != "blockTimestamp"} for log in found]
        return found


async def test_an_event_knows_its_blocks_time_whether_or_not_the_endpoint_tells_it(net, contracts):
    receipt = await deposit(contracts, 11)
    block = await contracts.rpc.block(receipt.block_number)
    addresses = (contracts.deployment.market,)
    async with await Terse.connect(net.url, contracts.rpc.chain_id) as terse:
        for rpc in (contracts.rpc, terse):
            (event,) = await history(rpc, addresses, receipt.block_number, receipt.block_number)
            assert event.place.time == block.time
    assert [log.time for log in receipt.logs] == [block.time]
