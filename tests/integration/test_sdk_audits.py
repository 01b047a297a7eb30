"""What a buyer sees of its audits, against a local chain: who answers what, and what they said."""

from collections import Counter

import pytest

from chain_life import SEGMENTS, Life
from compute_swarm.chain.outbox import SqliteOutbox
from compute_swarm.domain.audit import ItemKind
from compute_swarm.domain.bid import Sweep
from compute_swarm.domain.ids import SweepId
from compute_swarm.mesh.peer import Peer
from compute_swarm.mesh.transport import Loopback
from compute_swarm.sdk.audits import AuditDesk
from compute_swarm.sdk.awarding import Order, ledger_of
from compute_swarm.sdk.coordinator import Coordinator
from compute_swarm.sdk.history import History
from compute_swarm.sdk.journal import SweepJournal
from compute_swarm.sdk.session import Session
from compute_swarm.sdk.settings import Settings
from example_sweep import SPEC

NOBODY = "http://127.0.0.1:9"  # where no coordinator answers


class Watched(Life):
    """A life of the example's sweep that its buyer looks at."""

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.cast.buyer.address, SPEC.hash, SPEC.terms)

    async def rows(self):
        ledger = await ledger_of(self.desk.session, SweepId(self.sweep_id))
        return await self.desk.rows(ledger, {})


@pytest.fixture
async def life(net, contracts, tmp_path):
    made, transport = Watched(net, contracts), Loopback()
    session = Session(
        settings=Settings(home=str(tmp_path)),
        wallet=made.cast.buyer,
        contracts=contracts,
        coordinator=Coordinator(Peer(NOBODY, transport), Peer(NOBODY, transport)),
        transport=transport,
        journal=SweepJournal(tmp_path / "sweeps.sqlite"),
        outbox=SqliteOutbox(tmp_path / "outbox.sqlite"),
        history=History(contracts),
    )
    made.desk = AuditDesk(session, Order(SweepId(made.sweep_id), made.sweep, SPEC))
    one, two = made.cast.sellers
    await made.award(await made.bid(one, range(5)), await made.bid(two, range(5, 10)))
    await made.post_results(5 * SEGMENTS, 5 * SEGMENTS)
    yield made
    session.outbox.close()


async def test_each_answer_has_a_row_and_a_doubled_item_two(life):
    rows = await life.rows()
    audits = Counter(row.number for row in rows if row.kind is ItemKind.AUDIT)
    assert (len(rows), sorted(audits.values())) == (13, [1] * 9 + [2])
    (doubled,) = (item for item in life.items if item.second is not None)
    shares = [row.share for row in rows if row.number == doubled.number]
    assert sorted(shares) == sorted(doubled.shares)
    judges = await life.judges()
    assert all(row.judge == judges[row.share] for row in rows)
    assert {row.word for row in rows} == {"waiting"}


async def test_what_is_posted_is_shown(life):
    item = life.items[0]
    await life.post((await life.verdicts(refuted=item))[item.share])
    words = {row.number: row.word for row in await life.rows() if row.share == item.share}
    assert words.pop(item.number) == "refuted"
    assert set(words.values()) == {"upheld"}


async def test_substitutes_are_shown_beside_the_judge_that_was_silent(life):
    life.net.advance(121)
    await life.summon(0)
    life.net.advance(61)
    holder = (await life.substitutes(0))[1]
    await life.post(life.verdict(0, holder), seat=2)
    rows = [row for row in await life.rows() if row.share == 0]
    seats = {row.seat: (row.judge, row.word) for row in rows}
    assert seats == {0: ((await life.judges())[0], "waiting"), 2: (holder, "upheld")}
    assert rows[0].document()["seat"] == 0
