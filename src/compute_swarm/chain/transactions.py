"""Sending: simulate, estimate, sign, hand over, wait. The only place that spends a nonce."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from eth_utils.address import to_checksum_address

from compute_swarm.chain import artefacts
from compute_swarm.chain.codec import Entry
from compute_swarm.chain.outbox import NO_OUTBOX, Outbox, Sent
from compute_swarm.chain.refusals import refusal
from compute_swarm.chain.rpc import BlockTag, Log, Rpc, tag
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import Address, hex32
from compute_swarm.domain.money import Amount
from compute_swarm.errors import (
    ChainError,
    RpcRefused,
    RpcUnavailable,
    SwarmError,
    TooLittleBalance,
    TransactionUnconfirmed,
)

# State may move between the estimate and the block: an epoch's first bond writes a checkpoint more.
GAS_MARGIN_BPS: Final = 12_500
GAS_SPARE: Final = 60_000
WAIT_S: Final = 120.0
DEARER_AFTER_S: Final = 45.0  # some blocks: by then its fee is the likely reason
_POLL_S: Final = 0.15
_PAUSES_S: Final = (0.125, 0.25, 0.5, 0.0)  # after each answer that is lost when handing over
_LAG_S: Final = 10.0  # that a lookup may be behind, at another machine of the endpoint
_LOOK_AGAIN_S: Final = 0.5
_HAND_OVER_TRIES: Final = 3
_USUAL_TIP: Final = 10**9  # wei a unit of gas


@dataclass(frozen=True, slots=True)
class Call:
    """A contract call as a value: nothing happens until it is sent or read."""

    rpc: Rpc = field(repr=False, compare=False)
    to: Address | None  # None creates a contract
    data: bytes
    function: Entry
    value: Amount = Amount(0)

    def with_value(self, value: Amount) -> "Call":
        """The same call with native coin along."""
        return replace(self, value=value)

    async def read(
        self, sender: Address | None = None, block: BlockTag = "latest"
    ) -> tuple[Any, ...]:
        """Run it without sending and return its outputs; a revert raises its refusal."""
        return self.function.decode_outputs(await self.run(sender, block))

    async def run(self, sender: Address | None, block: BlockTag) -> bytes:
        """The raw output of a simulation."""
        try:
            output: str = await self.rpc.request("eth_call", [_fields(self, sender), tag(block)])
        except RpcRefused as refused:
            raise await _explained(self, sender, refused) from None
        return bytes.fromhex(output.removeprefix("0x"))


def call_of(rpc: Rpc, address: Address, contract: str, name: str, arguments: Sequence[Any]) -> Call:
    """A call of one of our contracts' functions."""
    function = artefacts.function(contract, name)
    return Call(rpc, address, function.encode_call(arguments), function)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that succeeded."""

    transaction: bytes
    block_number: int
    block_hash: bytes
    gas_used: int
    gas_price: Amount
    logs: tuple[Log, ...]
    contract: Address | None  # the one it created
    returned: tuple[Any, ...] = ()  # as simulated just before sending

    @property
    def cost(self) -> Amount:
        """What the sender paid for gas."""
        return self.gas_price.times(self.gas_used)


async def send(
    wallet: Wallet,
    call: Call,
    *,
    once: str = "",
    outbox: Outbox = NO_OUTBOX,
    timeout: float = WAIT_S,
    dearer_after: float = DEARER_AFTER_S,
) -> Receipt:
    """Send a call and return its receipt; a refusal is raised before anything is spent.

    What no block takes for a while is replaced by the same at a higher fee, so that nothing of
    this wallet has to queue behind it.

    With `once` and an outbox, a program that was stopped between sending and hearing of it may
    call again with the same key: it gets the first transaction's receipt, never a second payment.
    """
    slot = _Slot(f"{call.rpc.chain_id}:{wallet.address}:{once}", outbox if once else NO_OUTBOX)
    earlier = slot.sent()
    if earlier is not None and await _still_stands(call.rpc, wallet.address, earlier):
        return await _wait(wallet, call, earlier, slot, (timeout, dearer_after))
    output = await call.run(wallet.address, "pending")
    fields = await _priced(call, wallet.address)
    sent = await _hand_over(wallet, call, fields, slot)
    receipt = await _wait(wallet, call, sent, slot, (timeout, dearer_after))
    returned = () if call.to is None else call.function.decode_outputs(output)
    return replace(receipt, returned=returned)


@dataclass(frozen=True, slots=True)
class _Slot:
    """The place in the outbox of one call."""

    key: str
    outbox: Outbox

    def sent(self) -> Sent | None:
        return self.outbox.sent(self.key)

    def keep(self, sent: Sent) -> None:
        self.outbox.keep(self.key, sent)

    def drop(self) -> None:
        self.outbox.drop(self.key)


async def _still_stands(rpc: Rpc, sender: Address, sent: Sent) -> bool:
    """Hand an earlier transaction over again; False where its nonce went to another one."""
    if await _receipt(rpc, sent) is not None:
        return True
    # Only a block's word counts: what may yet get into one could else be paid for twice.
    return await _taken(rpc, sender, sent, by="latest", doubtful=True)


async def _priced(call: Call, sender: Address) -> dict[str, Any]:
    rpc, transaction = call.rpc, _fields(call, sender)
    try:
        gas = int(await rpc.request("eth_estimateGas", [transaction, "pending"]), 16)
    except RpcRefused as refused:
        raise await _explained(call, sender, refused) from None
    tip, most = await _fees(rpc)
    fields = {
        "chainId": rpc.chain_id,
        "type": 2,
        "gas": gas * GAS_MARGIN_BPS // 10_000 + GAS_SPARE,
        "maxPriorityFeePerGas": tip,
        "maxFeePerGas": most,
        "data": call.data,
        "value": int(call.value),
    }
    return fields if call.to is None else fields | {"to": call.to}


async def _fees(rpc: Rpc) -> tuple[int, int]:
    """The tip, and the most in all, to offer for a unit of gas at present."""
    head = await rpc.head()
    tip = await _tip(rpc)
    return tip, 2 * head.base_fee + tip


async def _tip(rpc: Rpc) -> int:
    try:
        return int(await rpc.request("eth_maxPriorityFeePerGas", []), 16)
    except RpcRefused:  # not every node offers an opinion
        return _USUAL_TIP


async def _explained(call: Call, sender: Address | None, refused: RpcRefused) -> SwarmError:
    """A revert by its error, an account that cannot pay by the two sums."""
    answer = refusal(refused)
    if answer is refused and sender is not None:
        have = await call.rpc.balance(sender)
        if have < call.value:
            return TooLittleBalance(int(call.value), have, who=sender)
    return answer


async def _hand_over(wallet: Wallet, call: Call, fields: dict[str, Any], slot: _Slot) -> Sent:
    """Give the transaction to the node under the wallet's next nonce.

    Where the key was used elsewhere meanwhile, the chain's nonce is tried instead.
    """
    for _ in range(_HAND_OVER_TRIES):
        async with wallet.turn(call.rpc) as turn:
            raw, transaction = wallet.sign_transaction(fields | {"nonce": turn.nonce})
            sent = Sent(transaction, raw, turn.nonce)
            slot.keep(sent)
            try:
                taken = await _taken(call.rpc, wallet.address, sent, by="pending")
            except RpcRefused:
                slot.drop()
                raise
            except RpcUnavailable:  # it may have arrived before the line went dead
                raise TransactionUnconfirmed(hex32(transaction), 0) from None
            if taken:
                turn.used()
                return sent
            slot.drop()
    raise RpcRefused("eth_sendRawTransaction", 0, "the key is in use elsewhere", b"")


async def _taken(
    rpc: Rpc, sender: Address, sent: Sent, *, by: BlockTag, doubtful: bool = False
) -> bool:
    """Hand raw bytes over; False where their nonce went to another transaction.

    A refusal is told by comparing nonces, not by reading its message. It is `doubtful` once an
    answer was lost: what is refused then may be what arrived the first time.
    """
    for pause in _PAUSES_S:
        try:
            await rpc.request("eth_sendRawTransaction", [hex32(sent.raw)])
        except RpcRefused:
            if await _known(rpc, sent, _LAG_S if doubtful else 0.0):
                return True
            if await rpc.nonce(sender, by) <= sent.nonce:
                raise
            return False
        except RpcUnavailable:
            doubtful = True
            await asyncio.sleep(pause)
        else:
            return True
    raise RpcUnavailable(rpc.url)


async def _known(rpc: Rpc, sent: Sent, patience: float) -> bool:
    """Whether the endpoint has the transaction; with patience, until even a slow part of it has."""
    deadline = time.monotonic() + patience
    while True:
        found = await rpc.request("eth_getTransactionByHash", [hex32(sent.transaction)])
        if found is not None or await _receipt(rpc, sent) is not None:
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _wait(
    wallet: Wallet, call: Call, sent: Sent, slot: _Slot, patience: tuple[float, float]
) -> Receipt:
    timeout, dearer_after = patience
    began = time.monotonic()
    dearer_at = began + dearer_after
    while time.monotonic() < began + timeout:
        found = await _receipt_if_reachable(call.rpc, sent)
        if found is not None and int(found["status"], 16) == 1:
            return await _receipt_of(call.rpc, found)
        if found is not None:
            slot.drop()
            raise await _failure(wallet, call, found)
        if time.monotonic() >= dearer_at:
            sent = await _dearer(wallet, call.rpc, sent, slot)
            dearer_at = time.monotonic() + dearer_after
        await asyncio.sleep(_POLL_S)
    wallet.forget_nonce(call.rpc.chain_id)
    raise TransactionUnconfirmed(hex32(sent.transaction), timeout)


async def _dearer(wallet: Wallet, rpc: Rpc, sent: Sent, slot: _Slot) -> Sent:
    """Replace a transaction by the same at a higher fee, if it is the one that blocks wait for.

    Both have one nonce, so one of them at most takes effect; both are remembered.
    """
    try:
        if await rpc.nonce(wallet.address, "latest") != sent.nonce:
            return sent
        fees = await _fees(rpc)
    except ChainError:  # what was sent stays sent, and may need no more
        return sent
    raw, transaction = wallet.sign_dearer(sent.raw, *fees)
    fresh = Sent(transaction, raw, sent.nonce, sent.hashes)
    slot.keep(fresh)
    try:
        await rpc.request("eth_sendRawTransaction", [hex32(raw)])
    except RpcRefused:  # for too little balance, or because a block took the first one just now
        fresh = replace(sent, earlier=(*sent.earlier, transaction))
        slot.keep(fresh)
    except RpcUnavailable:
        pass  # it may have arrived
    return fresh


async def _receipt_if_reachable(rpc: Rpc, sent: Sent) -> dict[str, Any] | None:
    try:
        return await _receipt(rpc, sent)
    except RpcUnavailable:  # what was sent stays sent: keep looking until the deadline
        return None


async def _failure(wallet: Wallet, call: Call, found: dict[str, Any]) -> SwarmError:
    """Why a transaction failed in its block: run it again on that block's state."""
    try:
        await call.run(wallet.address, int(found["blockNumber"], 16))
    except SwarmError as refused:
        return refused
    return RpcRefused("eth_sendRawTransaction", 0, "failed in its block and not after it", b"")


async def _receipt(rpc: Rpc, sent: Sent) -> dict[str, Any] | None:
    for transaction in sent.hashes:
        found: dict[str, Any] | None = await rpc.request(
            "eth_getTransactionReceipt", [hex32(transaction)]
        )
        if found and found.get("blockNumber"):
            return found
    return None


def _fields(call: Call, sender: Address | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"data": hex32(call.data), "value": hex(call.value)}
    if call.to is not None:
        fields["to"] = call.to
    if sender is not None:
        fields["from"] = sender
    return fields


async def _receipt_of(rpc: Rpc, found: dict[str, Any]) -> Receipt:
    created = found.get("contractAddress")
    return Receipt(
        transaction=bytes.fromhex(found["transactionHash"][2:]),
        block_number=int(found["blockNumber"], 16),
        block_hash=bytes.fromhex(found["blockHash"][2:]),
        gas_used=int(found["gasUsed"], 16),
        gas_price=Amount(int(found["effectiveGasPrice"], 16)),
        logs=await rpc.read_logs(found["logs"]),
        contract=to_checksum_address(created) if created else None,
    )
