"""Sending through one wallet: nothing lost, nothing paid twice, refusals before the spending."""

import asyncio
from dataclasses import replace

import pytest

from compute_swarm.chain.devnet import CHAIN_ID, DevnetOptions, dev_wallet, devnet
from compute_swarm.chain.outbox import SqliteOutbox
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import send
from compute_swarm.domain.ids import hex32
from compute_swarm.domain.money import Amount
from compute_swarm.errors import (
    BuyerValidates,
    FreeTooSmall,
    RpcUnavailable,
    TooLittleBalance,
    TransactionUnconfirmed,
    WrongChain,
)

ONE = Amount(10**15)


async def free(contracts, wallet):
    return (await contracts.market.account(wallet.address)).free


async def test_twenty_at_once_through_one_wallet_all_arrive(contracts):
    wallet = dev_wallet(20)
    deposit = contracts.market.deposit(wallet.address, ONE)
    receipts = await asyncio.gather(*(send(wallet, deposit) for _ in range(20)))
    assert len({receipt.transaction for receipt in receipts}) == 20
    assert await free(contracts, wallet) == ONE.times(20)


async def test_a_refusal_is_told_by_its_error_and_costs_no_nonce(contracts):
    wallet = dev_wallet(20)
    with pytest.raises(FreeTooSmall) as refused:
        await send(wallet, contracts.market.withdraw(ONE, wallet.address))
    assert (refused.value.need, refused.value.have) == (ONE, 0)
    assert refused.value.who == wallet.address
    assert await contracts.rpc.nonce(wallet.address) == 0


async def test_a_validator_is_told_that_it_cannot_buy(contracts, life):
    validator = life.cast.validators[0]
    life.cast.buyer = validator
    with pytest.raises(BuyerValidates):
        await life.award(await life.bid(life.cast.sellers[0], (0,)))


async def test_a_key_used_elsewhere_is_noticed(contracts):
    wallet, twin = dev_wallet(20), dev_wallet(20)
    deposit = contracts.market.deposit(wallet.address, ONE)
    await send(wallet, deposit)
    await send(twin, deposit)
    await send(wallet, deposit)
    assert await free(contracts, wallet) == ONE.times(3)


async def test_too_little_money_is_told_in_numbers(contracts):
    wallet = dev_wallet(20)
    have = await contracts.rpc.balance(wallet.address)
    with pytest.raises(TooLittleBalance) as refused:
        await send(wallet, contracts.market.deposit(wallet.address, have + 1))
    assert (refused.value.need, refused.value.have) == (have + 1, have)


async def test_the_receipt_holds_what_the_call_returned(life):
    bids = [
        await life.bid(life.cast.sellers[0], (0, 1)),
        await life.bid(life.cast.sellers[1], (2,)),
    ]
    receipt = await life.award(*bids)
    assert receipt.returned == (3,)
    assert receipt.cost > 0


async def test_a_transaction_that_no_block_takes_is_given_up_in_time(net, contracts):
    wallet = dev_wallet(20)
    net.request("evm_setIntervalMining", 0)
    with pytest.raises(TransactionUnconfirmed):
        await send(wallet, contracts.market.deposit(wallet.address, ONE), timeout=0.5)
    net.mine()
    net.request("evm_setIntervalMining", 1)
    await send(wallet, contracts.market.deposit(wallet.address, ONE))
    assert await free(contracts, wallet) == ONE.times(2)


async def test_after_a_stop_the_same_key_finds_its_transaction(net, contracts, tmp_path):
    deposit = contracts.market.deposit(dev_wallet(20).address, ONE)
    net.request("evm_setIntervalMining", 0)
    outbox = SqliteOutbox(tmp_path / "outbox.db")
    with pytest.raises(TransactionUnconfirmed):
        await send(dev_wallet(20), deposit, once="top-up 1", outbox=outbox, timeout=0.5)
    outbox.close()
    net.mine()

    outbox = SqliteOutbox(tmp_path / "outbox.db")
    first = await send(dev_wallet(20), deposit, once="top-up 1", outbox=outbox)
    again = await send(dev_wallet(20), deposit, once="top-up 1", outbox=outbox)
    outbox.close()
    assert first.transaction == again.transaction
    assert await free(contracts, dev_wallet(20)) == ONE


async def test_a_kept_transaction_whose_nonce_went_elsewhere_is_made_anew(net, contracts, tmp_path):
    wallet = dev_wallet(20)
    deposit = contracts.market.deposit(wallet.address, ONE)
    outbox = SqliteOutbox(tmp_path / "outbox.db")
    net.request("evm_setIntervalMining", 0)
    with pytest.raises(TransactionUnconfirmed):
        await send(wallet, deposit, once="top-up", outbox=outbox, timeout=0.5)
    net.request("anvil_dropAllTransactions")
    net.request("evm_setIntervalMining", 1)
    await send(wallet, contracts.market.deposit(wallet.address, Amount(7)))

    await send(wallet, deposit, once="top-up", outbox=outbox)
    outbox.close()
    assert await free(contracts, wallet) == ONE + 7


async def test_a_fee_that_no_block_takes_is_raised_under_the_same_nonce(net, contracts):
    wallet = dev_wallet(20)
    deposit = contracts.market.deposit(wallet.address, ONE)
    net.request("evm_setIntervalMining", 0)
    first = asyncio.create_task(send(wallet, deposit, dearer_after=1.0))
    await asyncio.sleep(0.5)
    net.request("anvil_setNextBlockBaseFeePerGas", hex(10**12))
    net.request("evm_setIntervalMining", 1)
    receipts = [await first, await send(wallet, deposit)]
    assert receipts[0].gas_price > 10**11
    assert await contracts.rpc.nonce(wallet.address) == 2
    assert await free(contracts, wallet) == ONE.times(2)


@pytest.mark.parametrize("wins", [0, 1], ids=["the first", "the replacement"])
async def test_after_a_stop_whichever_of_a_fee_and_a_higher_one_won_is_found(
    net, contracts, tmp_path, wins
):
    outbox, handed_over = SqliteOutbox(tmp_path / "outbox.db"), []
    deposit = contracts.market.deposit(dev_wallet(20).address, ONE)
    net.request("evm_setIntervalMining", 0)
    slot = {"once": "top-up", "outbox": outbox}
    for timeout in (0.2, 1.0):
        with pytest.raises(TransactionUnconfirmed):
            await send(dev_wallet(20), deposit, **slot, timeout=timeout, dearer_after=0.4)
        handed_over.append(outbox.sent(f"{CHAIN_ID}:{dev_wallet(20).address}:top-up"))
    first, second = handed_over
    assert second.earlier[-1] == first.transaction
    net.request("anvil_dropAllTransactions")
    net.request("eth_sendRawTransaction", hex32(handed_over[wins].raw))
    net.mine()

    receipt = await send(dev_wallet(20), deposit, **slot)
    outbox.close()
    assert receipt.transaction == handed_over[wins].transaction
    assert await free(contracts, dev_wallet(20)) == ONE


class ForgetfulRpc(Rpc):
    """An endpoint of several machines: it loses an answer, and some of it hear of things late."""

    lost, late = 1, 3

    async def request(self, method, params):
        found = await super().request(method, params)
        if method == "eth_sendRawTransaction" and self.lost:
            self.lost -= 1
            self.late_now = self.late
            raise RpcUnavailable(self.url)
        lookup = method in ("eth_getTransactionByHash", "eth_getTransactionReceipt")
        if lookup and getattr(self, "late_now", 0):
            self.late_now -= 1
            return None
        return found


async def test_a_lost_answer_and_a_late_lookup_do_not_pay_twice(net, contracts):
    wallet = dev_wallet(20)
    async with await ForgetfulRpc.connect(net.url, CHAIN_ID) as forgetful:
        deposit = replace(contracts.market.deposit(wallet.address, ONE), rpc=forgetful)
        net.request("evm_setIntervalMining", 0)
        net.request("evm_setAutomine", True)  # mined at once, so that the nonce is used up
        await send(wallet, deposit)
    assert await free(contracts, wallet) == ONE


async def test_a_late_lookup_after_a_stop_does_not_pay_twice(net, contracts, tmp_path):
    wallet, outbox = dev_wallet(20), SqliteOutbox(tmp_path / "outbox.db")
    deposit = contracts.market.deposit(wallet.address, ONE)
    first = await send(wallet, deposit, once="top-up", outbox=outbox)
    async with await ForgetfulRpc.connect(net.url, CHAIN_ID) as forgetful:
        forgetful.lost, forgetful.late_now = 0, 3
        deposit = replace(deposit, rpc=forgetful)
        again = await send(wallet, deposit, once="top-up", outbox=outbox)
    outbox.close()
    assert again.transaction == first.transaction
    assert await free(contracts, wallet) == ONE


async def test_another_chain_is_refused(net):
    with pytest.raises(WrongChain) as refused:
        await Rpc.connect(net.url, 1)
    assert (refused.value.want, refused.value.got) == (1, CHAIN_ID)


async def test_a_silent_endpoint_is_no_refusal(anvil_binary):
    with devnet(DevnetOptions()) as net:
        url = net.url
    async with Rpc(url, CHAIN_ID, retries=1) as rpc:
        with pytest.raises(RpcUnavailable):
            await rpc.head()
