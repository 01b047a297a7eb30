"""What a sweep's gas goes into, summed over the steps of its transactions as anvil traces them."""

import asyncio
from collections import Counter
from typing import Any, Final

from compute_swarm.chain.devnet import CHAIN_ID, Devnet, DevnetOptions, devnet
from compute_swarm.domain.ids import hex32
from gas_runs import BY_HAND, GENESIS, Cast, OrderedRpc, Run, Shape, Town

PARTS: Final = (
    *("transaction", "calldata", "storage", "signatures", "other contracts", "logs"),
    *("hashes and copies", "computing"),
)
_CALLS: Final = ("CALL", "STATICCALL", "DELEGATECALL")
_COPIES: Final = ("KECCAK256", "CALLDATACOPY", "CODECOPY", "RETURNDATACOPY", "MCOPY")
_ECRECOVER: Final = 1


def parts(shape: Shape, validators: int) -> dict[str, Counter[str]]:
    """The gas of each step of a sweep by its parts; every account has something in it already."""

    async def run(net: Devnet) -> dict[str, Counter[str]]:
        async with await OrderedRpc.connect(net.url, CHAIN_ID) as rpc:
            town = await Town.found(net, rpc, Cast(shape.sellers, validators))
            await town.bond(validators)
            await Run(town, shape, "first").cost()
            sweep = Run(town, shape, "second")
            await sweep.cost()
            receipts = sweep.receipts.items()
            found = {step: _parts(net, hex32(one.transaction)) for step, one in receipts}
            assert all(found[step].total() == one.gas_used for step, one in receipts)
            return found

    with devnet(DevnetOptions(BY_HAND, accounts=1, genesis=GENESIS, traces=True)) as net:
        return asyncio.run(run(net))


def _parts(net: Devnet, transaction: str) -> Counter[str]:
    data = net.request("eth_getTransactionByHash", transaction)["input"]
    trace = net.request("debug_traceTransaction", transaction, {"disableStorage": True})
    found = Counter(transaction=21_000)
    found["calldata"] = sum(16 if byte else 4 for byte in bytes.fromhex(data[2:]))
    steps = trace["structLogs"]
    callers: list[tuple[dict[str, Any], int]] = []  # with what was found before each
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        deeper = 0 if after is None else after["depth"] - step["depth"]
        if deeper > 0:
            callers.append((step, found.total()))
            continue
        same = after is not None and deeper == 0
        _add(found, step, step["gas"] - after["gas"] if same else step["gasCost"])
        if deeper < 0:
            caller, before = callers.pop()
            _add(found, caller, caller["gas"] - after["gas"] - (found.total() - before))
    return found


def _add(found: Counter[str], step: dict[str, Any], gas: int) -> None:
    name = step["op"]
    if name in ("SLOAD", "SSTORE"):
        part = "storage"
    elif name in _CALLS:
        callee = int(step["stack"][-2], 16)
        part = "signatures" if callee == _ECRECOVER else "other contracts"
    elif name.startswith("EXTCODE"):
        part = "other contracts"
    elif name.startswith("LOG"):
        part = "logs"
    else:
        part = "hashes and copies" if name in _COPIES else "computing"
    found[part] += gas
