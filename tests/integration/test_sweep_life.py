"""Sweeps from award to the last withdrawal, and the contracts' draws against Python's."""

from dataclasses import replace

import pytest

from chain_life import PRICE, SEGMENTS, Life, told
from compute_swarm.chain.books import BURNED, read_books
from compute_swarm.chain.events import (
    BidSkipped,
    Committed,
    DisputeResolved,
    Docked,
    Settled,
    Slashed,
)
from compute_swarm.chain.status import BidFault, DisputeKind, DisputeStatus
from compute_swarm.chain.transactions import send
from compute_swarm.domain.audit import award_answers, share_items
from compute_swarm.domain.bonds import award_cost, bond, panel_fee, sellers_part
from compute_swarm.domain.dispute import refuter_penalty, withholder_penalty
from compute_swarm.domain.draw import commit_seed
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.domain.settlement import Judged, settlement
from compute_swarm.domain.slot import posted_tag
from compute_swarm.domain.status import AwardStatus
from compute_swarm.domain.verdict import Outcome
from compute_swarm.errors import TooFewValidators, UnknownAward


async def awarded(life: Life) -> Life:
    """Two sellers' bids awarded: three trials and two."""
    await life.award(
        await life.bid(life.cast.sellers[0], (0, 1, 2)),
        await life.bid(life.cast.sellers[1], (3, 4)),
    )
    return life


async def posted(life: Life) -> Life:
    """Results in: all of the first award, one trial and ten segments of the second."""
    await awarded(life)
    await life.post_results(3 * SEGMENTS, SEGMENTS + 10)
    return life


async def status(life: Life, index: int = 0) -> AwardStatus:
    return (await life.contracts.market.award_slot(life.awards[index].id)).status


async def test_an_award_locks_price_and_bonds(life):
    before = await life.contracts.rpc.balance(life.contracts.market.address)
    await awarded(life)

    terms = await life.contracts.market.token_terms()
    costs = [award_cost(award.total, terms.tip) for award in life.awards]
    after = await life.contracts.rpc.balance(life.contracts.market.address)
    assert after - before == sum(costs)
    locked = bond(PRICE, 3 * SEGMENTS, SEGMENTS, panel_fee(PRICE, 3, terms.panel_floor))
    assert (await life.contracts.market.account(life.cast.sellers[0].address)).locked == locked
    assert await status(life) is AwardStatus.AWARDED


async def test_the_draw_is_the_same_in_python_and_on_chain(life):
    await posted(life)
    docket = await life.contracts.market.docket(life.sweep, life.commit)
    moment = (life.commit.block_number, life.commit.time)
    entropy = await life.contracts.randomness.entropy(*moment)

    assert docket.commit_id == life.commit_id
    assert docket.sweep_id == life.sweep_id
    assert docket.seed == commit_seed(entropy, life.commit_id)
    assert docket.shares == life.shares == 3
    assert not docket.marked
    assert list(docket.sizes) == [len(share_items(life.items, share)) for share in range(3)]
    tags = [
        posted_tag(life.sweep_id, posted, life.commit_id, life.commit.time, life.commit.relayer)
        for posted in life.commit.awards
    ]
    assert [slot.tag for slot in docket.slots] == tags
    ends = [sum(item.award_index <= index for item in life.items) for index in range(2)]
    assert list(docket.ends) == ends
    on_chain = [
        await life.contracts.court.judge_of(life.sweep, life.commit, share) for share in range(3)
    ]
    assert on_chain == list(await life.judges())


@pytest.mark.parametrize(("trials", "done"), [((0,), 1), ((0,), 24), ((0, 1), 40), ((7,), 5)])
async def test_small_commits_are_drawn_the_same_too(life, trials, done):
    await life.award(await life.bid(life.cast.sellers[0], trials))
    await life.post_results(done)
    docket = await life.contracts.market.docket(life.sweep, life.commit)

    assert (docket.shares, docket.ends[0]) == (life.shares, len(life.items))
    for share, judge in enumerate(await life.judges()):
        assert await life.contracts.court.judge_of(life.sweep, life.commit, share) == judge


async def test_too_few_validators_of_the_tier_are_refused_before_any_money_moves(life):
    small = life.cast.validators[0]
    await send(small, life.contracts.validators.bond(8, ZERO))
    life.net.advance(6)
    with pytest.raises(TooFewValidators) as refused:
        await life.award(await life.bid(life.cast.sellers[0], (0,)))
    assert (refused.value.need, refused.value.have) == (5, 4)


async def test_a_bid_that_cannot_be_taken_is_skipped_with_its_reason(life):
    one, two = life.cast.sellers
    late = await life.bid(two, (1,), expiry=await life.now() - 1)
    receipt = await life.award(await life.bid(one, (0,)), late)
    (skipped,) = told(receipt, BidSkipped)
    assert (skipped.seller, BidFault(skipped.reason)) == (two.address, BidFault.LATE)
    assert (await read_books(life.contracts)).difference == 0


async def test_a_bumped_nonce_cancels_open_bids(life):
    seller = life.cast.sellers[0]
    old = await life.bid(seller, (0,))
    await send(seller, life.contracts.market.bump_nonce())
    receipt = await life.award(old, await life.bid(seller, (1,), nonce=1))
    (skipped,) = told(receipt, BidSkipped)
    assert BidFault(skipped.reason) is BidFault.NONCE


async def test_an_upheld_sweep_pays_everybody_and_leaves_nothing(life):
    await posted(life)
    life.net.advance(16)
    receipt = await life.settle(await life.verdicts())

    terms = await life.contracts.market.token_terms()
    judged = [Judged(award_answers(life.items, index)) for index in range(2)]
    due = [settlement(life.commit.awards[i], judged[i], terms.tip) for i in range(2)]
    settled = told(receipt, Settled)
    assert [event.paid for event in settled] == [part.seller for part in due]
    assert [event.refunded for event in settled] == [part.buyer for part in due]
    assert [event.fees for event in settled] == [part.fees for part in due]
    assert await status(life, 0) is await status(life, 1) is AwardStatus.SETTLED
    relayer = await life.contracts.market.account(life.cast.relayer.address)
    assert relayer.free == 2 * terms.tip
    caller = await life.contracts.market.account(life.cast.stranger.address)
    assert caller.free == 2 * terms.tip + sum(part.dust for part in due)

    for wallet in life.cast.all:
        account = await life.contracts.market.account(wallet.address)
        if account.free:
            await send(wallet, life.contracts.market.withdraw(account.free, wallet.address))
    books = await read_books(life.contracts)
    assert books.difference == 0
    assert books.balanced
    assert books.pots[0].held == 0


async def test_a_refuted_award_is_slashed_and_its_buyer_made_whole(life):
    await posted(life)
    item = next(item for item in life.items if item.award_index == 0)
    verdict = (await life.verdicts(refuted=item))[item.share]
    await life.post(verdict)
    assert await status(life) is AwardStatus.DISPUTED

    panel = await life.panel(item)
    place = (life.sweep, life.commit, 0, life.subject(item))
    assert await life.contracts.court.panel_of(*place) == panel
    receipt = await life.resolve(item, upheld=False)

    terms = await life.contracts.market.token_terms()
    (slashed,) = told(receipt, Slashed)
    assert slashed.refunded == award_cost(life.awards[0].total, terms.tip)
    assert await status(life) is AwardStatus.SLASHED
    assert (await life.contracts.market.account(BURNED)).free == slashed.burned > 0
    (resolved,) = told(receipt, DisputeResolved)
    assert sorted(resolved.paid) == sorted(panel)
    assert (await read_books(life.contracts)).difference == 0


async def test_the_other_award_of_a_slashed_ones_commit_still_settles(life):
    await posted(life)
    item = next(item for item in life.items if item.award_index == 0)
    verdicts = await life.verdicts(refuted=item)
    await life.post(verdicts[item.share])
    await life.resolve(item, upheld=False)
    life.net.advance(16)
    await life.settle(verdicts)

    assert await status(life, 1) is AwardStatus.SETTLED
    books = await read_books(life.contracts)
    assert books.balanced


async def test_a_commit_is_known_by_its_time_and_relayer_too(life):
    await posted(life)
    for change in ({"time": life.commit.time + 1}, {"relayer": life.cast.buyer.address}):
        with pytest.raises(UnknownAward):
            await life.contracts.market.docket(life.sweep, replace(life.commit, **change))


async def rates(life):
    """A panel's fee, and what a token's amount is worth in coins."""
    terms = await life.contracts.market.token_terms()
    profile = life.contracts.deployment.profile
    fee = panel_fee(PRICE, profile.rules.seats, terms.panel_floor)
    return fee, profile.least_bond, terms.cap


async def test_a_dismissed_dispute_leaves_the_award_as_it_was_and_fines_the_judge(life):
    await posted(life)
    slot = await life.contracts.market.award_slot(life.awards[0].id)
    item = next(item for item in life.items if item.award_index == 0)
    verdicts = await life.verdicts(refuted=item)
    judge = (await life.judges())[item.share]
    before = await life.contracts.validators.validator(judge)
    await life.post(verdicts[item.share])
    life.net.advance(5)
    await life.resolve(item, upheld=True)

    after = await life.contracts.market.award_slot(life.awards[0].id)
    assert (after.status, after.tag) == (slot.status, slot.tag)
    assert after.time > slot.time
    assert (await life.contracts.market.docket(life.sweep, life.commit)).marked
    dispute = await life.contracts.court.dispute(life.dispute_id(item))
    assert (dispute.status, dispute.kind) == (DisputeStatus.DISMISSED, DisputeKind.REFUTATION)
    penalty = refuter_penalty(life.awards[0].total, *await rates(life))
    now = await life.contracts.validators.validator(judge)
    assert before.bond - now.bond == penalty.amount
    life.net.advance(16)
    await life.settle(verdicts)
    assert await status(life) is AwardStatus.SETTLED
    assert (await read_books(life.contracts)).balanced


async def test_a_withheld_item_slashes_its_award_if_the_panel_gets_nothing_either(life):
    await posted(life)
    item = next(item for item in life.items if item.award_index == 1)
    await life.post((await life.verdicts(withheld=item))[item.share])
    dispute = await life.contracts.court.dispute(life.dispute_id(item))
    assert dispute.kind is DisputeKind.WITHHELD
    await life.resolve(item, upheld=False)
    assert await status(life, 1) is AwardStatus.SLASHED
    assert (await read_books(life.contracts)).balanced


async def test_what_reaches_the_panel_costs_judge_and_seller_half_of_it_and_more(life):
    await posted(life)
    item = next(item for item in life.items if item.award_index == 1)
    verdicts = await life.verdicts(withheld=item)
    judge = (await life.judges())[item.share]
    before = await life.contracts.validators.validator(judge)
    await life.post(verdicts[item.share])
    receipt = await life.resolve(item, upheld=True)
    (resolved,) = told(receipt, DisputeResolved)
    assert (resolved.outcome, len(resolved.paid)) == (Outcome.UPHELD, 3)
    panel, *worth = await rates(life)
    after = await life.contracts.validators.validator(judge)
    assert (
        before.bond - after.bond == withholder_penalty(life.awards[1].total, panel, *worth).amount
    )
    (dock,) = told(receipt, Docked)
    assert dock.amount == sellers_part(life.awards[1].total, panel)
    assert (await life.contracts.market.award_slot(life.awards[1].id)).docked
    life.net.advance(16)
    await life.settle(verdicts)
    assert await status(life, 1) is AwardStatus.SETTLED
    assert (await read_books(life.contracts)).balanced


async def test_an_undelivered_award_expires_after_its_grace(life):
    await awarded(life)
    life.net.advance(612)
    await send(life.cast.stranger, life.contracts.market.expire_award(life.sweep, life.awards[0]))

    assert await status(life) is AwardStatus.EXPIRED
    assert (await life.contracts.market.account(life.cast.sellers[0].address)).locked == 0
    assert (await read_books(life.contracts)).balanced


async def test_what_is_brought_too_much_stays_the_buyers(life):
    bid = await life.bid(life.cast.sellers[0], (0,))
    over = Amount(10**18)
    await send(life.cast.buyer, life.contracts.market.award(life.sweep, (bid,), 1, over))
    terms = await life.contracts.market.token_terms()
    cost = award_cost(PRICE.times(SEGMENTS), terms.tip)
    assert (await life.contracts.market.account(life.cast.buyer.address)).free == over - cost
    assert (await read_books(life.contracts)).difference == 0


async def test_a_rung_goes_on_from_a_posted_award_which_settles_with_the_next_commit(life):
    seller, market = life.cast.sellers[0], life.contracts.market
    await life.award(await life.bid(seller, (0, 1), segments=8))
    await life.post_results(16)
    (earlier,), commit, verdicts = life.awards, life.commit, await life.verdicts()
    bid = await life.bid(seller, (0, 1), start=earlier.id, first=8, segments=16)
    assert bid.bid.rung.fits(SEGMENTS)
    await life.award(bid)
    life.net.advance(16)
    (later,) = life.awards
    calls = [
        market.settle(life.sweep, commit, verdicts),
        market.commit(life.sweep, [life.submission(later, 32)]),
    ]
    receipt = await send(life.cast.relayer, market.multicall(calls))
    (settled,), (committed,) = told(receipt, Settled), told(receipt, Committed)
    assert settled.award_id == earlier.id
    assert [entry.award_id for entry in committed.entries] == [later.id]
    assert (await read_books(life.contracts)).balanced


@pytest.mark.parametrize("change", [{"first": 4}, {"start": b"x" * 32, "first": 4}])
async def test_a_rung_that_goes_on_from_nothing_is_skipped(life, change):
    one, two = life.cast.sellers
    bad = await life.bid(two, (1,), segments=8, **change)
    receipt = await life.award(await life.bid(one, (0,)), bad)
    (skipped,) = told(receipt, BidSkipped)
    assert BidFault(skipped.reason) is BidFault.START
