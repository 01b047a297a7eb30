"""What a payment brings along: as little as the free balance leaves, in coin or by token."""

from typing import Final

from compute_swarm.chain.tokens import NO_PERMIT, Permit
from compute_swarm.chain.transactions import Call
from compute_swarm.domain.ids import NATIVE, Address
from compute_swarm.domain.money import ZERO, Amount
from compute_swarm.errors import AllowanceTooSmall, ChainRefused, TooLittleBalance
from compute_swarm.sdk.session import Session

GAS_ALLOWANCE: Final = Amount(2 * 10**15)  # kept back from the price, for gas
PERMIT_S: Final = 3_600  # longer than any transaction waits for its block


async def lacking(session: Session, cost: Amount, token: Address) -> Amount:
    """Return what to bring along; refuse before anything is signed what this wallet can't pay.

    A session's key brings nothing along: it spends what its buyer has free.
    """
    if session.allowance is not None:
        await check_wallet(session, ZERO, token)
        return ZERO
    account = await session.contracts.market.account(session.wallet.address, token)
    missing = max(cost - account.free, ZERO)
    await check_wallet(session, missing, token)
    return missing


async def check_wallet(session: Session, amount: Amount, token: Address) -> None:
    """Refuse what the wallet does not hold, gas included."""
    who = session.wallet.address
    coins = GAS_ALLOWANCE + (amount if token == NATIVE else ZERO)
    have = await session.contracts.rpc.balance(who)
    if have < coins:
        raise TooLittleBalance(coins, have, who=who)
    if token != NATIVE and amount:
        held, coin = await session.token(token).balance(who), await session.coin(token)
        if held < amount:
            raise TooLittleBalance(amount, held, f"base units of {coin.symbol}", who)


async def permit_for(session: Session, amount: Amount, token: Address) -> Permit:
    """Sign an allowance where the market has none; tokens without permits need `approve`."""
    market = session.contracts.market.address
    if token == NATIVE or not amount:
        return NO_PERMIT
    payment = session.token(token)
    allowed = await payment.allowance(session.wallet.address, market)
    if allowed >= amount:
        return NO_PERMIT
    deadline = (await session.contracts.rpc.head()).time + PERMIT_S
    try:
        return await payment.permit(session.wallet, market, amount, deadline)
    except ChainRefused:
        raise AllowanceTooSmall(market, allowed, amount) from None


async def deposit_call(session: Session, amount: Amount, token: Address) -> Call:
    """Return the call that puts an amount into this wallet's free balance."""
    await check_wallet(session, amount, token)
    market, who = session.contracts.market, session.wallet.address
    permit = await permit_for(session, amount, token)
    if permit is NO_PERMIT:
        return market.deposit(who, amount, token)
    return market.deposit_with_permit(who, amount, token, permit)
