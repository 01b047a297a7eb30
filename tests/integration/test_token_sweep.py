"""A sweep paid in an ERC-20 token, by permit and by allowance; its books next to the coin's."""

import pytest

from chain_life import SEGMENTS, TOKEN_FUNDS
from compute_swarm.chain.books import read_books
from compute_swarm.chain.transactions import send
from compute_swarm.domain.bid import Award, bid_digest
from compute_swarm.domain.bonds import award_cost
from compute_swarm.domain.ids import NATIVE
from compute_swarm.domain.money import Amount
from compute_swarm.errors import AllowanceTooSmall, TooLittleBalance

PRICE = Amount(1_000)  # 0.001 of a token with six decimals


async def fund_seller(life, token):
    seller, market = life.cast.sellers[0], life.contracts.market
    permit = await token.permit(seller, market.address, TOKEN_FUNDS, await life.now() + 600)
    call = market.deposit_with_permit(seller.address, TOKEN_FUNDS, token.address, permit)
    await send(seller, call)
    return seller


async def test_a_token_pays_for_a_whole_sweep_and_the_books_balance(market_of_two, token):
    life, market = market_of_two, market_of_two.contracts.market
    seller = await fund_seller(life, token)
    signed = await life.bid(seller, (0, 1), price=PRICE)
    award = Award.of(bid_digest(life.chain_id, market.address, signed.bid), signed.bid)
    cost = award_cost(award.total, (await market.token_terms(token.address)).tip)
    buyer = life.cast.buyer
    permit = await token.permit(buyer, market.address, cost, await life.now() + 600)
    await send(buyer, market.award(life.sweep, (signed,), 2, cost, permit))
    life.awards = (award,)
    assert await token.balance(buyer.address) == TOKEN_FUNDS - cost

    await life.post_results(2 * SEGMENTS - 5)
    life.net.advance(16)
    await life.settle(await life.verdicts())
    for wallet in life.cast.all:
        account = await market.account(wallet.address, token.address)
        if account.free:
            await send(wallet, market.withdraw(account.free, wallet.address, token.address))
    books = await read_books(life.contracts)
    assert books.balanced
    (pot,) = (pot for pot in books.pots if pot.token == token.address)
    assert (pot.entered, pot.held) == (TOKEN_FUNDS + cost, 0)
    assert {pot.token for pot in books.pots} == {NATIVE, token.address}


async def test_a_missing_allowance_and_missing_money_are_two_errors(market_of_two, token):
    life, market = market_of_two, market_of_two.contracts.market
    buyer = life.cast.buyer
    deposit = market.deposit(buyer.address, TOKEN_FUNDS + 1, token.address)
    with pytest.raises(AllowanceTooSmall) as refused:
        await send(buyer, deposit)
    assert (refused.value.have, refused.value.need) == (0, TOKEN_FUNDS + 1)

    await send(buyer, token.approve(market.address, TOKEN_FUNDS + 1))
    with pytest.raises(TooLittleBalance):
        await send(buyer, deposit)
