"""A validator that shows the others' faults, and is paid a tenth of what they cost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chain_life import SEGMENTS
from compute_swarm.chain.books import read_books
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet, Stake
from compute_swarm.chain.status import DisputeKind, DisputeStatus
from compute_swarm.chain.transactions import send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.audit import Item, ItemKind
from compute_swarm.domain.dispute import Subject
from compute_swarm.domain.ids import Address, CommitId, Digest
from compute_swarm.domain.money import parse_amount
from compute_swarm.domain.oversight import Word
from compute_swarm.domain.typed_data import typed_verdict
from compute_swarm.domain.verdict import Outcome, SignedVerdict, Verdict
from compute_swarm.node.agent import open_workplace
from compute_swarm.node.reckoning import Reckoning, Said, _adds
from compute_swarm.node.settings import NodeSettings, Role
from overseen_life import OverseenLife

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def life(net: Devnet, contracts: Contracts) -> OverseenLife:
    made = OverseenLife(net, contracts)
    await made.award(await made.bid(made.cast.sellers[0], (0, 1, 2)))
    await made.post_results(3 * SEGMENTS)
    return made


@pytest.fixture
def item(life: OverseenLife) -> Item:
    return next(item for item in life.items if item.kind is ItemKind.AUDIT)


@pytest.fixture
async def judge(life: OverseenLife, item: Item) -> Address:
    """Whose word is looked at."""
    return (await life.judges())[item.share]


@pytest.fixture
async def reckoning(life: OverseenLife, judge: Address, tmp_path: Path) -> AsyncIterator[Reckoning]:
    """Another validator's node, without a board."""
    life.contracts.deployment.save(tmp_path / "deployment.json")
    other = next(one for one in life.cast.validators if one.address != judge)
    settings = NodeSettings(
        role=Role.VALIDATOR,
        home=tmp_path / "validator",
        deployment=tmp_path / "deployment.json",
        rpc=life.net.url,
        coordinator=NOWHERE,
    )
    async with open_workplace(settings, other) as workplace:
        yield Reckoning(workplace)


async def look(life: OverseenLife, reckoning: Reckoning) -> None:
    reckoning.rests.first_s = 0.0
    await reckoning.step(await reckoning.workplace.chronicle(), await life.now())


async def lost(life: OverseenLife, judge: Address, reckoning: Reckoning) -> tuple[int, int]:
    """What the judge's bond lacks, and what the node was credited for showing it."""
    validators = life.contracts.validators
    bond = (await validators.validator(judge)).bond
    credit = (await validators.validator(reckoning.workplace.address)).credit
    return int(Stake().amount) - int(bond), int(credit)


def signed_by(life: OverseenLife, who: Wallet, one: SignedVerdict) -> SignedVerdict:
    deployment = life.contracts.deployment
    typed = typed_verdict(deployment.chain_id, deployment.court, one.verdict)
    return SignedVerdict(one.verdict, who.sign_typed(typed))


async def test_who_posts_another_word_than_it_showed_loses_its_bond(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    shown = await life.said(item.share)
    await life.post(await life.said(item.share, Outcome.UNAVAILABLE))
    reckoning._heard[life.commit_id] = [Said(judge, shown)]
    await look(life, reckoning)
    gone, earned = await lost(life, judge, reckoning)
    assert gone > 0
    assert earned > 0
    assert (await read_books(life.contracts)).balanced


async def test_one_word_told_twice_is_no_fault(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    shown = await life.said(item.share, Outcome.UNAVAILABLE)
    await life.post(shown)
    reckoning._heard[life.commit_id] = [Said(judge, shown)]
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)


async def test_words_of_who_has_nothing_to_lose_cost_nobody_a_transaction(
    life: OverseenLife, item: Item, reckoning: Reckoning
) -> None:
    who = Wallet.from_key(b"\x02" * 32)
    words = [await life.said(item.share), await life.said(item.share, Outcome.UNAVAILABLE)]
    signed = [signed_by(life, who, one) for one in words]
    reckoning._heard[life.commit_id] = [Said(who.address, one) for one in signed]
    sender = reckoning.workplace.wallet.address
    before = life.net.request("eth_getTransactionCount", sender, "latest")
    await look(life, reckoning)
    assert life.net.request("eth_getTransactionCount", sender, "latest") == before


def test_of_a_judge_on_a_share_two_words_are_remembered(item: Item, judge: Address) -> None:
    heard: list[Said] = []
    for number in range(5):
        verdict = Verdict(CommitId(bytes(32)), item.share, bytes([number]), Digest(bytes(32)))
        for transaction in (b"", b"posted", b"posted"):
            said = Said(judge, SignedVerdict(verdict, b""), transaction)
            if _adds(heard, said):
                heard.append(said)
    assert [(one.verdict.answers, one.transaction) for one in heard] == [
        (b"\0", b""),
        (b"\0", b"posted"),
        (b"\1", b""),
        (b"\1", b"posted"),
    ]


async def challenged(life: OverseenLife, item: Item) -> Subject:
    """Let a stranger challenge an item; returns what the dispute is about."""
    funds, stranger = parse_amount("0.1 ETH"), life.cast.stranger
    await send(stranger, life.contracts.market.deposit(stranger.address, funds))
    await life.challenge(item.award_index, item.position)
    return Subject.challenged(item.position)


async def test_a_word_that_a_panel_overturned_costs_its_judge_once(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    reckoning._heard[life.commit_id] = [Said(judge, await life.said(item.share))]
    subject = await challenged(life, item)
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)
    await life.resolve_about(item.award_index, subject, upheld=False)
    await look(life, reckoning)
    gone, earned = await lost(life, judge, reckoning)
    assert 0 < earned <= gone
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (gone, earned)
    assert (await read_books(life.contracts)).balanced


async def test_what_a_panel_could_not_get_either_overturns_nobody(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    words = await life.verdicts(withheld=item)
    await life.post(words[item.share])
    await life.resolve(item, upheld=False)
    others = [share for share in range(life.shares) if share != item.share]
    heard = [Said((await life.judges())[share], await life.said(share)) for share in others]
    reckoning._heard[life.commit_id] = heard
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)


async def test_a_challenge_whose_panel_was_starved_overturns_nobody(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    reckoning._heard[life.commit_id] = [Said(judge, await life.said(item.share))]
    subject = await challenged(life, item)
    await life.decide(item.award_index, subject, Outcome.UNAVAILABLE)
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)
    dispute = await life.contracts.court.dispute(life.id_of(item.award_index, subject))
    assert (dispute.status, dispute.kind) == (DisputeStatus.REFUTED, DisputeKind.WITHHELD)
    assert (await read_books(life.contracts)).balanced


async def test_a_demand_of_ours_that_is_not_met_is_ended_and_pays(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    word = Word(await life.said(item.share), judge, item.number)
    oversight = life.contracts.oversight
    call = oversight.demand(life.sweep, life.commit, word, await oversight.deposit())
    await send(reckoning.workplace.wallet, call)
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)
    life.net.advance(61)
    await look(life, reckoning)
    gone, earned = await lost(life, judge, reckoning)
    assert gone == 10 * earned > 0


async def test_demands_of_others_are_theirs_to_end(
    life: OverseenLife, item: Item, judge: Address, reckoning: Reckoning
) -> None:
    word = Word(await life.said(item.share), judge, item.number)
    oversight = life.contracts.oversight
    call = oversight.demand(life.sweep, life.commit, word, await oversight.deposit())
    await send(life.cast.stranger, call)
    life.net.advance(61)
    await look(life, reckoning)
    assert await lost(life, judge, reckoning) == (0, 0)
