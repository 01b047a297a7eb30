"""Judges held to their word: by demands, by two verdicts for one share, by a panel's decision."""

from dataclasses import replace

import pytest

from chain_life import PRICE, SEGMENTS, told
from compute_swarm.chain.books import read_books
from compute_swarm.chain.events import (
    Contradicted,
    CreditWithdrawn,
    Demanded,
    Fined,
    Met,
    Overturned,
    Unmet,
)
from compute_swarm.chain.transactions import send
from compute_swarm.domain.audit import ItemKind
from compute_swarm.domain.bonds import fine
from compute_swarm.domain.oversight import Word, demand_id
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.typed_data import struct_hash, typed_verdict
from compute_swarm.domain.verdict import Outcome
from compute_swarm.errors import NoFault, NothingToDo, PreimageRefused, TooEarly
from overseen_life import OverseenLife, hashes


@pytest.fixture
async def life(net, contracts):
    made = OverseenLife(net, contracts)
    await made.award(await made.bid(made.cast.sellers[0], (0, 1, 2)))
    await made.post_results(3 * SEGMENTS)
    return made


async def demanded(life: OverseenLife):
    """A word of a judge on an audit, and the demand for what it is worth."""
    item = next(item for item in life.items if item.kind is ItemKind.AUDIT)
    judge = (await life.judges())[item.share]
    word = Word(await life.said(item.share), judge, item.number)
    oversight = life.contracts.oversight
    call = oversight.demand(life.sweep, life.commit, word, await oversight.deposit())
    receipt = await send(life.cast.stranger, call)
    (event,) = told(receipt, Demanded)
    typed = typed_verdict(life.chain_id, life.contracts.court.address, word.verdict.verdict)
    assert event.verdict == struct_hash(typed)
    assert event.demand_id == demand_id(event.verdict, judge, item.number)
    return item, word, event


async def test_a_judge_that_replayed_meets_a_demand_and_earns_its_deposit(life):
    item, word, event = await demanded(life)
    oversight = life.contracts.oversight
    assert (await oversight.demand_of(event.demand_id)).demander == life.cast.stranger.address
    call = oversight.meet(life.sweep, life.commit, word, life.preimage(item))
    (met,) = told(await send(life.cast.relayer, call), Met)
    assert met.demand_id == event.demand_id
    assert await oversight.credit(word.judge) == await oversight.deposit()
    assert (await read_books(life.contracts)).balanced

    paid = await send(life.cast.wallet(word.judge), oversight.withdraw(word.judge))
    assert len(told(paid, CreditWithdrawn)) == 1
    assert (await read_books(life.contracts)).balanced


async def test_another_states_preimage_meets_nothing(life):
    item, word, _ = await demanded(life)
    wrong = replace(life.preimage(item), hashes=hashes(TrialKey(9, 9), 1))
    oversight = life.contracts.oversight
    with pytest.raises(PreimageRefused):
        await send(life.cast.relayer, oversight.meet(life.sweep, life.commit, word, wrong))


async def test_a_demand_that_is_not_met_costs_the_whole_bond(life):
    item, word, event = await demanded(life)
    oversight, before = life.contracts.oversight, await validator(life, word.judge)
    call = oversight.expire(event.verdict, word.judge, item.number)
    with pytest.raises(TooEarly):
        await send(life.cast.relayer, call)
    life.net.advance(61)
    receipt = await send(life.cast.relayer, call)
    (unmet,), (fined,) = told(receipt, Unmet), told(receipt, Fined)
    assert (unmet.judge, fined.validator, fined.amount) == (word.judge, word.judge, before.bond)
    assert (await validator(life, word.judge)).bond == 0
    tenth = before.bond // 10
    assert (await validator(life, life.cast.stranger.address)).credit == tenth
    books = await read_books(life.contracts)
    assert (books.difference, books.balanced) == (0, True)


async def test_the_same_is_not_demanded_twice(life):
    _, word, _ = await demanded(life)
    oversight = life.contracts.oversight
    call = oversight.demand(life.sweep, life.commit, word, await oversight.deposit())
    with pytest.raises(NothingToDo):
        await send(life.cast.relayer, call)


async def test_two_verdicts_for_one_share_cost_the_whole_bond(life):
    one = await life.said(0)
    other = await life.said(0, Outcome.UNAVAILABLE)
    judge, oversight = (await life.judges())[0], life.contracts.oversight
    with pytest.raises(NoFault):
        await send(life.cast.stranger, oversight.contradict(one, one, judge))
    receipt = await send(life.cast.stranger, oversight.contradict(one, other, judge))
    assert len(told(receipt, Contradicted)) == 1
    assert (await validator(life, judge)).bond == 0
    assert (await read_books(life.contracts)).balanced


async def test_an_upheld_item_that_a_panel_refutes_costs_its_judge_a_fine(life):
    item = next(item for item in life.items if item.kind is ItemKind.AUDIT)
    refuted = (await life.verdicts(refuted=item))[item.share]
    await life.post(refuted)
    await life.resolve(item, upheld=False)
    upheld, judge = await life.said(item.share), (await life.judges())[item.share]
    place = (life.sweep, life.commit, 0, life.subject(item))
    before = await validator(life, judge)
    call = life.contracts.oversight.overturn(*place, upheld, judge)
    receipt = await send(life.cast.stranger, call)
    assert len(told(receipt, Overturned)) == 1
    terms = await life.contracts.market.token_terms()
    profile = life.contracts.deployment.profile
    total = PRICE.times(3 * SEGMENTS)
    amount = fine(total, profile.least_bond, terms.cap)
    assert before.bond - (await validator(life, judge)).bond == amount
    assert (await read_books(life.contracts)).balanced


async def validator(life: OverseenLife, who):
    return await life.contracts.validators.validator(who)
