"""Judges and panels that say nothing: who is called upon, who answers, and how it ends."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chain_life import SEGMENTS
from compute_swarm.chain.books import read_books
from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.devnet import Devnet
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.audit import Item
from compute_swarm.domain.ids import Address
from compute_swarm.domain.seats import JUDGE
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome
from court_session import Session, remember, session
from node_town import until

SHARE = 0
VERDICT_TIME, JUDGE_TIME, PANEL_TIME = 120, 60, 120


@pytest.fixture
async def court(net: Devnet, contracts: Contracts, tmp_path: Path) -> AsyncIterator[Session]:
    """An award whose judges have all spoken, but for that of one share."""
    async with session(net, contracts, tmp_path) as life:
        await life.award(await life.bid(life.cast.sellers[0], range(3)))
        await life.post_results(3 * SEGMENTS)
        judges = await life.judges()
        for share in range(life.shares):
            if share != SHARE:
                remember(life.node(judges[share]), life, [life.verdict(share, judges[share])])
        yield life


async def bond(life: Session, who: Address) -> int:
    return int((await life.contracts.validators.validator(who)).bond)


async def summoned(life: Session, net: Devnet) -> None:
    """Let the verdict time pass, and the relayer call on the silent judge."""
    board, court = life.validators[0].workplace.board, life.contracts.court
    seats = set(enumerate(await life.judges()))

    async def others_spoke() -> bool:
        await life.speak()
        return len(await board.verdicts(life.commit_id, seats)) == life.shares - 1

    await until(others_spoke, 20)
    net.advance(VERDICT_TIME + 1)

    async def called() -> bool:
        return (await court.share(life.commit_id, SHARE)).summoned_at > 0

    await until(called, 20)


async def posted(life: Session, seat: int) -> bool:
    return (await life.contracts.court.share(life.commit_id, SHARE)).posted(seat)


async def test_two_substitutes_stand_in_for_a_silent_judge_which_is_fined(
    court: Session, net: Devnet
) -> None:
    judge, holders = (await court.judges())[SHARE], await court.substitutes(SHARE)
    for holder in sorted(set(holders[:2])):
        remember(court.node(holder), court, [court.verdict(SHARE, holder)])
    await summoned(court, net)
    before = await bond(court, judge)
    await court.speak()
    assert not await posted(court, 1)
    net.advance(JUDGE_TIME + 1)
    await court.becomes(AwardStatus.SETTLED, examining=False)
    assert await posted(court, 1)
    assert await posted(court, 2)
    assert await bond(court, judge) < before
    assert (await read_books(court.contracts)).balanced


async def test_a_share_that_nobody_answers_runs_out_and_all_money_goes_back(
    court: Session, net: Devnet
) -> None:
    await summoned(court, net)
    net.advance(JUDGE_TIME + 3 * VERDICT_TIME + 1)
    await court.becomes(AwardStatus.REFUNDED, examining=False)
    books = await read_books(court.contracts)
    assert books.balanced
    seller = await court.contracts.market.account(court.cast.sellers[0].address)
    assert seller.locked == 0
    judges = [judge for share, judge in enumerate(await court.judges()) if share != SHARE]
    assert [(await court.contracts.market.account(judge)).free > 0 for judge in judges] == [
        True
    ] * 2


async def test_a_summoned_judge_that_speaks_up_in_time_is_heard_and_keeps_its_bond(
    court: Session, net: Devnet
) -> None:
    judge = (await court.judges())[SHARE]
    before = await bond(court, judge)
    await summoned(court, net)
    remember(court.node(judge), court, [court.verdict(SHARE, judge)])
    await court.becomes(AwardStatus.SETTLED, examining=False)
    assert await posted(court, JUDGE)
    assert await bond(court, judge) == before


async def test_substitutes_examine_and_accuse_a_seller_that_serves_nobody(
    court: Session, net: Devnet
) -> None:
    await summoned(court, net)
    net.advance(JUDGE_TIME + VERDICT_TIME // 2 + 2)
    await court.becomes(AwardStatus.DISPUTED, examining=True)
    assert await posted(court, 1) or await posted(court, 2)


async def test_a_panel_that_does_not_come_is_drawn_anew_and_the_next_one_decides(
    court: Session, net: Devnet
) -> None:
    item = await disputed(court)
    await redrawn(court, net, item)
    await decided(court, item)
    assert (await read_books(court.contracts)).balanced


async def test_who_could_not_get_it_in_a_former_round_looks_again(
    court: Session, net: Devnet
) -> None:
    item = await disputed(court)
    net.mine(3)
    id_, (first, *_) = court.dispute_id(item), await court.panel(item)
    node = court.node(first)
    node.voting._sign((id_, 0), Outcome.UNAVAILABLE)
    assert not node.voting.is_due((await node.workplace.chronicle()).disputes[id_])
    await redrawn(court, net, item)
    assert node.voting.is_due((await node.workplace.chronicle()).disputes[id_])
    await decided(court, item)


async def disputed(life: Session) -> Item:
    """Let the judge that was silent so far refute an item."""
    item = next(item for item in life.items if item.share == SHARE)
    judge = (await life.judges())[SHARE]
    remember(life.node(judge), life, [(await life.verdicts(refuted=item))[SHARE]])
    await life.becomes(AwardStatus.DISPUTED, examining=False)
    return item


async def redrawn(life: Session, net: Devnet, item: Item) -> None:
    """Let the first panel's time pass, and the second be called."""
    net.advance(PANEL_TIME + 1)

    async def called() -> bool:
        return (await life.contracts.court.dispute(life.dispute_id(item))).round == 1

    await until(called, 20)
    net.mine(3)


async def decided(life: Session, item: Item) -> None:
    """Let the members of the panel called last vote by what stands in their journals."""
    await vote(life, item)
    await life.becomes(AwardStatus.SETTLED, examining=False)


async def vote(life: Session, item: Item) -> None:
    id_ = life.dispute_id(item)
    round_ = (id_, (await life.contracts.court.dispute(id_)).round)
    for member in sorted(set(await life.panel(item))):
        life.node(member).voting._sign(round_, Outcome.UPHELD)


async def test_where_no_relayer_does_it_a_panels_members_bring_their_votes_to_the_chain(
    net: Devnet, contracts: Contracts, tmp_path: Path
) -> None:
    penniless = Wallet.from_key(b"\x01" * 32)
    async with session(net, contracts, tmp_path, penniless) as life:
        await life.award(await life.bid(life.cast.sellers[0], range(3)))
        await life.post_results(3 * SEGMENTS)
        item = next(item for item in life.items if item.share == SHARE)
        await life.post((await life.verdicts(refuted=item))[SHARE])
        assert await life.status() is AwardStatus.DISPUTED
        await vote(life, item)
        await life.becomes(AwardStatus.POSTED, examining=False)
        books = await read_books(contracts)
        assert books.balanced
