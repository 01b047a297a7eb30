"""Silent judges, challenges and panels that don't come: who stands in, and where the money goes."""

from chain_life import PRICE, SEGMENTS, Life, told
from compute_swarm.chain.books import BURNED, read_books
from compute_swarm.chain.events import (
    DepositHeld,
    DepositLost,
    DepositReturned,
    DisputeLapsed,
    DisputeResolved,
    Fined,
    PanelRedrawn,
    Refunded,
    Settled,
    Slashed,
    Summoned,
)
from compute_swarm.chain.status import DisputeKind
from compute_swarm.chain.transactions import send
from compute_swarm.domain.audit import award_answers, award_shares, share_items
from compute_swarm.domain.bonds import audit_fee, bond, deposit, panel_fee
from compute_swarm.domain.dispute import Subject, challengers_part, silence_penalty
from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.domain.settlement import Judged, settlement
from compute_swarm.domain.status import AwardStatus

ONE, WHOLE = 0, 3 * SEGMENTS


async def posted(life: Life) -> Life:
    """One award of three trials, all of it done."""
    await life.award(await life.bid(life.cast.sellers[0], (0, 1, 2)))
    await life.post_results(WHOLE)
    return life


async def status(life: Life) -> AwardStatus:
    return (await life.contracts.market.award_slot(life.awards[ONE].id)).status


async def panel_price(life: Life) -> Amount:
    terms = await life.contracts.market.token_terms()
    seats = life.contracts.deployment.profile.rules.seats
    return panel_fee(PRICE, seats, terms.panel_floor)


async def stranger_with_money(life: Life) -> None:
    stranger = life.cast.stranger
    call = life.contracts.market.deposit(stranger.address, parse_amount("1 ETH"))
    await send(stranger, call)


def a_share(life: Life) -> int:
    return next(iter(award_shares(life.items, ONE)))


async def summoned(life: Life) -> int:
    await posted(life)
    life.net.advance(121)
    share = a_share(life)
    (event,) = told(await life.summon(share), Summoned)
    assert event.judge == (await life.judges())[share]
    assert (await life.contracts.court.share(life.commit_id, share)).summoned_at > 0
    return share


async def test_substitutes_are_drawn_the_same_in_python_and_on_chain(life):
    share = await summoned(life)
    court = life.contracts.court
    drawn = [await court.judge_of(life.sweep, life.commit, share, seat) for seat in range(1, 7)]
    assert drawn == list(await life.substitutes(share))


async def test_a_summoned_judge_may_still_be_posted_in_its_time(life):
    share = await summoned(life)
    verdicts = await life.verdicts()
    await life.post(verdicts[share])
    await life.settle(verdicts)
    assert await status(life) is AwardStatus.SETTLED
    assert (await read_books(life.contracts)).balanced


async def test_two_substitutes_stand_in_and_split_what_their_judge_loses_as_much_again(life):
    share = await summoned(life)
    judge = (await life.judges())[share]
    before = await life.contracts.validators.validator(judge)
    life.net.advance(61)
    holders = await life.substitutes(share)
    receipts = [await life.post(life.verdict(share, holders[n - 1]), seat=n) for n in (1, 2)]
    ids = (life.commit_id, life.awards[ONE].id)
    found = await life.contracts.court.stand_ins(life.sweep, *ids, share)
    assert found == holders[:2]

    own = len(share_items(life.items, share))
    judged = Judged(award_answers(life.items, ONE) - own, [own])
    terms = await life.contracts.market.token_terms()
    due = settlement(life.commit.awards[ONE], judged, terms.tip)
    rates = (life.contracts.deployment.profile.least_bond, terms.cap)
    penalty = silence_penalty(due.per_answer.times(own), *rates)
    (fined,) = told(receipts[0], Fined)
    assert (fined.validator, fined.amount, fined.burned) == (judge, penalty.amount, fined.amount)
    after = await life.contracts.validators.validator(judge)
    assert before.bond - after.bond == penalty.amount

    others = [one for one in await life.verdicts() if one.verdict.share != share]
    (settled,) = told(await life.settle(others), Settled)
    assert (settled.paid, settled.refunded, settled.fees) == (due.seller, due.buyer, due.fees)
    assert (await read_books(life.contracts)).balanced


async def test_one_substitute_has_the_whole_fee_once_nobody_else_may_speak(life):
    share = await summoned(life)
    life.net.advance(61)
    (first, *_) = await life.substitutes(share)
    await life.post(life.verdict(share, first), seat=1)
    ids = (life.commit_id, life.awards[ONE].id)
    court = life.contracts.court
    assert await court.stand_ins(life.sweep, *ids, share) is None
    life.net.advance(3 * 120)
    assert await court.stand_ins(life.sweep, *ids, share) == (first, first)
    assert not await court.ran_out(life.sweep, *ids, share)

    own = len(share_items(life.items, share))
    judged = Judged(award_answers(life.items, ONE) - own, [own])
    terms = await life.contracts.market.token_terms()
    due = settlement(life.commit.awards[ONE], judged, terms.tip)
    others = [one for one in await life.verdicts() if one.verdict.share != share]
    (settled,) = told(await life.settle(others), Settled)
    assert (settled.paid, settled.refunded, settled.fees) == (due.seller, due.buyer, due.fees)
    assert (await read_books(life.contracts)).balanced


async def test_a_share_that_nobody_answers_refunds_the_award_and_pays_who_judged(life):
    share = await summoned(life)
    life.net.advance(60 + 3 * 120 + 1)
    ran_out = life.contracts.court.ran_out
    assert await ran_out(life.sweep, life.commit_id, life.awards[ONE].id, share)
    others = [one for one in await life.verdicts() if one.verdict.share != share]
    call = life.contracts.market.expire_posted(life.sweep, life.commit, ONE, others)
    (refunded,) = told(await send(life.cast.stranger, call), Refunded)

    answers = award_answers(life.items, ONE)
    per_answer = audit_fee(life.awards[ONE].total) // answers
    heard = answers - len(share_items(life.items, share))
    assert refunded.fees == per_answer * heard > 0
    assert await status(life) is AwardStatus.REFUNDED
    relayer = await life.contracts.market.account(life.cast.relayer.address)
    assert relayer.free == (await life.contracts.market.token_terms()).tip
    assert (await read_books(life.contracts)).balanced


async def test_a_challenge_that_is_right_gets_its_deposit_and_a_quarter_more(life):
    await posted(life)
    await stranger_with_money(life)
    (held,) = told(await life.challenge(ONE, 30), DepositHeld)
    panel = await panel_price(life)
    assert held.amount == deposit(life.awards[ONE].total, panel)
    subject = Subject.challenged(30)
    dispute = await life.contracts.court.dispute(life.id_of(ONE, subject))
    assert dispute.kind is DisputeKind.CHALLENGE
    assert dispute.accuser == life.cast.stranger.address
    place = (life.sweep, life.commit, ONE, subject)
    assert await life.contracts.court.panel_of(*place) == await life.panel_about(ONE, subject)

    receipt = await life.resolve_about(ONE, subject, upheld=False)
    (slashed,) = told(receipt, Slashed)
    (returned,) = told(receipt, DepositReturned)
    own = bond(PRICE, life.awards[ONE].segments, SEGMENTS, panel)
    account = await life.contracts.market.account(life.cast.stranger.address)
    assert returned.amount == held.amount
    assert account.free == parse_amount("1 ETH") + challengers_part(held.amount)
    assert (slashed.bond, account.locked) == (own, 0)
    books = await read_books(life.contracts)
    assert books.balanced
    assert books.awards.deposits[life.sweep.terms.token, life.cast.stranger.address].locked == 0


async def test_a_challenge_that_is_wrong_pays_its_panel_and_the_rest_is_burned(life):
    await posted(life)
    await stranger_with_money(life)
    await life.challenge(ONE, 0)
    receipt = await life.resolve_about(ONE, Subject.challenged(0), upheld=True)
    (lost,) = told(receipt, DepositLost)
    (resolved,) = told(receipt, DisputeResolved)
    held = deposit(life.awards[ONE].total, await panel_price(life))
    assert lost.amount == held
    assert lost.burned == held - resolved.tokens.times(len(resolved.paid))
    assert (await life.contracts.market.account(BURNED)).free == lost.burned
    life.net.advance(16)
    await life.settle(await life.verdicts())
    assert await status(life) is AwardStatus.SETTLED
    assert (await read_books(life.contracts)).balanced


async def test_panels_that_do_not_come_are_drawn_anew_twice_and_then_the_award_is_refunded(life):
    await posted(life)
    item = next(item for item in life.items if item.award_index == ONE)
    verdicts = await life.verdicts(refuted=item)
    await life.post(verdicts[item.share])
    panels = []
    for round_ in (1, 2):
        panels.append(await life.panel(item))
        life.net.advance(122)
        (redrawn,) = told(await life.expire(ONE, life.subject(item)), PanelRedrawn)
        assert redrawn.round == round_
        life.net.mine(3)
    place = (life.sweep, life.commit, ONE, life.subject(item))
    assert await life.contracts.court.panel_of(*place) == await life.panel(item)

    life.net.advance(122)
    receipt = await life.expire(ONE, life.subject(item))
    assert len(told(receipt, DisputeLapsed)) == len(told(receipt, Refunded)) == 1
    assert await status(life) is AwardStatus.REFUNDED
    assert (await read_books(life.contracts)).balanced


async def test_a_challenge_that_no_panel_answers_costs_a_panels_fee(life):
    await posted(life)
    await stranger_with_money(life)
    await life.challenge(ONE, 5)
    subject = Subject.challenged(5)
    for _ in range(2):
        life.net.advance(122)
        await life.expire(ONE, subject)
        life.net.mine(3)
    life.net.advance(122)
    receipt = await life.expire(ONE, subject)
    panel = await panel_price(life)
    (lost,) = told(receipt, DepositLost)
    assert (lost.amount, lost.burned) == (panel, panel)
    assert await status(life) is AwardStatus.POSTED
    await life.settle(await life.verdicts())
    assert (await read_books(life.contracts)).balanced
