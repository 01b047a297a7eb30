"""The contracts' events, kept in a file that programs share and that reorganisations reach."""

import logging

import pytest

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.cursor_store import KEPT_BLOCKS
from compute_swarm.chain.devnet import CHAIN_ID, dev_wallet
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.domain.money import Amount
from compute_swarm.sdk import history
from compute_swarm.sdk.history import History

WHO = dev_wallet(20).address


async def deposit(contracts):
    await send(dev_wallet(20), contracts.market.deposit(WHO, Amount(10**9)))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.sqlite"


class CountingRpc(Rpc):
    """A connection that remembers from which block on logs were asked."""

    async def request(self, method, params):
        if method == "eth_getLogs":
            self.asked = [*getattr(self, "asked", []), int(params[0]["fromBlock"], 16)]
        return await super().request(method, params)


async def test_the_next_program_reads_on_where_the_last_one_stopped(net, contracts, file):
    first = History(contracts, file)
    told = await first.events()
    first.close()
    async with await CountingRpc.connect(net.url, CHAIN_ID) as rpc:
        seen = (await rpc.head()).number
        second = History(Contracts(rpc, contracts.deployment), file)
        assert await second.events() == told != ()
        second.close()
        assert all(block >= seen - 5 for block in getattr(rpc, "asked", []))


async def test_two_programs_share_what_was_read(contracts, file):
    one, other = History(contracts, file), History(contracts, file)
    await one.events()
    for reader, late in ((other, one), (one, other)):
        await deposit(contracts)
        assert await reader.events() == await late.events()
    assert len(await one.events()) == len(set(await one.events()))
    one.close()
    other.close()


async def test_what_was_reorganised_away_leaves_the_file(net, contracts, file):
    before = History(contracts, file)
    told = await before.events()
    snapshot = net.request("evm_snapshot")
    await deposit(contracts)
    assert len(await before.events()) == len(told) + 1
    before.close()
    net.request("evm_revert", snapshot)
    net.mine(3)
    after = History(contracts, file)
    assert await after.events() == told
    after.close()


def test_events_older_than_the_marks_are_kept(tmp_path):
    from compute_swarm.chain.cursor_store import Mark, SqliteCursorStore
    from compute_swarm.chain.rpc import Log

    store = SqliteCursorStore(tmp_path / "kept.sqlite", "whole", whole=True)
    old = Log(WHO, (), b"", 1, b"h" * 32, 0, b"t" * 32, 0)
    store.apply(0, [Mark(1, b"h" * 32)], [old])
    store.apply(1, [Mark(KEPT_BLOCKS + 9, b"i" * 32)], [])
    assert store.logs_above(-1) == (old,)
    assert [mark.number for mark in store.marks()] == [KEPT_BLOCKS + 9]
    store.close()


async def test_a_long_reading_tells_how_far_it_is(net, contracts, file, monkeypatch, caplog):
    monkeypatch.setattr(history, "TOLD_S", 0.0)
    caplog.set_level(logging.INFO, "compute_swarm.sdk.history")
    for _ in range(7):  # all at once takes longer than a request may
        net.request("anvil_mine", hex(300))
    reader = History(contracts, file)
    await reader.events()
    reader.close()
    assert "blocks to go" in caplog.text
