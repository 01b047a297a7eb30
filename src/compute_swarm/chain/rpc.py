"""One connection to a chain: JSON-RPC over HTTP, with the chain's id checked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from aiohttp import ClientError, ClientSession, ClientTimeout
from eth_utils.address import to_checksum_address
from web3 import AsyncHTTPProvider
from web3.providers.rpc.utils import REQUEST_RETRY_ALLOWLIST, ExceptionRetryConfiguration
from web3.types import RPCEndpoint

from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import Amount
from compute_swarm.errors import RpcRefused, RpcUnavailable, WrongChain

# Whoever sends has to know whether it was the first time: see transactions.py.
_REPEATED: Final = tuple(set(REQUEST_RETRY_ALLOWLIST) - {"eth_sendRawTransaction"})

BlockTag = int | Literal["latest", "pending", "earliest", "finalized"]


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a block's header that the program reads."""

    number: int
    hash: bytes
    time: int  # seconds since 1970, the chain's own clock
    base_fee: int


@dataclass(frozen=True, slots=True)
class Log:
    """One event as the chain tells it, not yet decoded."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    time: int  # of the block
    transaction: bytes
    index: int  # of the log within its block


class Rpc:
    """Requests to one endpoint. A refusal by the node and a lost connection are two errors."""

    def __init__(self, url: str, chain_id: int, timeout: float = 20.0, retries: int = 4) -> None:
        self.url = url
        self.chain_id = chain_id
        self._provider = AsyncHTTPProvider(
            url,
            request_kwargs={"timeout": ClientTimeout(total=timeout)},
            exception_retry_configuration=ExceptionRetryConfiguration(
                errors=(ClientError, TimeoutError), retries=retries, method_allowlist=_REPEATED
            ),
        )

    @classmethod
    async def connect(cls, url: str, chain_id: int, timeout: float = 20.0) -> Self:
        """Open a connection and refuse a chain other than the expected one."""
        rpc = cls(url, chain_id, timeout)
        # web3's own session opens a connection a request, and soon uses up a machine's ports.
        await rpc._provider.cache_async_session(ClientSession(raise_for_status=True))
        try:
            found = await rpc.found_chain_id()
            if found != chain_id:
                raise WrongChain(chain_id, found)
        except BaseException:
            await rpc.close()
            raise
        return rpc

    async def close(self) -> None:
        """Close the sockets."""
        await self._provider.disconnect()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def request(self, method: str, params: Sequence[object]) -> Any:
        """Ask the node; raise RpcRefused for its errors and RpcUnavailable when it is silent."""
        try:
            answer = await self._provider.make_request(RPCEndpoint(method), list(params))
        except (ClientError, TimeoutError, OSError, ValueError):
            # A ValueError is of what does not speak JSON. None of them is told along: aiohttp's
            # name the whole URL, and its path or query is often a key.
            raise RpcUnavailable(self.url) from None
        error = answer.get("error")
        if error is not None:
            raise RpcRefused(method, _code(error), _message(error), _revert_data(error))
        return answer["result"]

    async def found_chain_id(self) -> int:
        """The chain that the endpoint serves."""
        return int(await self.request("eth_chainId", []), 16)

    async def block(self, which: BlockTag = "latest") -> Block | None:
        """The header of a block, None where the chain has none at that height."""
        found = await self.request("eth_getBlockByNumber", [tag(which), False])
        return None if found is None else _block(found)

    async def head(self) -> Block:
        """The newest block."""
        block = await self.block("latest")
        if block is None:
            raise RpcUnavailable(self.url)
        return block

    async def call(
        self,
        to: Address,
        data: bytes,
        *,
        sender: Address | None = None,
        value: int = 0,
        block: BlockTag = "latest",
    ) -> bytes:
        """Run a call without sending it; RpcRefused carries the revert's data."""
        transaction = {"to": to, "data": "0x" + data.hex(), "value": hex(value)}
        if sender is not None:
            transaction["from"] = sender
        return _bytes(await self.request("eth_call", [transaction, tag(block)]))

    async def code(self, address: Address) -> bytes:
        """The code at an address, empty where there is none."""
        return _bytes(await self.request("eth_getCode", [address, "latest"]))

    async def balance(self, address: Address, block: BlockTag = "latest") -> Amount:
        """Native coin of an address."""
        return Amount(int(await self.request("eth_getBalance", [address, tag(block)]), 16))

    async def nonce(self, address: Address, block: BlockTag = "pending") -> int:
        """The next free nonce; by default with the transactions that wait for their block."""
        found = await self.request("eth_getTransactionCount", [address, tag(block)])
        return int(found, 16)

    async def logs(self, addresses: Sequence[Address], first: int, last: int) -> tuple[Log, ...]:
        """All logs of some contracts in a closed range of blocks, in the chain's order."""
        wanted = {"address": list(addresses), "fromBlock": hex(first), "toBlock": hex(last)}
        found = await self.request("eth_getLogs", [wanted])
        logs = await self.read_logs(found)
        return tuple(sorted(logs, key=lambda log: (log.block_number, log.index)))

    async def read_logs(self, found: Sequence[Mapping[str, Any]]) -> tuple[Log, ...]:
        """Logs from their JSON form. Most nodes tell the block's time along; else it is asked."""
        times: dict[str, int] = {}
        for log in found:
            told, block_hash = log.get("blockTimestamp"), log["blockHash"]
            if block_hash not in times:
                times[block_hash] = int(told, 16) if told else await self._time_of(block_hash)
        return tuple(_log(log, times[log["blockHash"]]) for log in found)

    async def _time_of(self, block_hash: str) -> int:
        found = await self.request("eth_getBlockByHash", [block_hash, False])
        if found is None:  # reorganised away since, or not yet at this endpoint
            raise RpcUnavailable(self.url)
        return int(found["timestamp"], 16)


def _log(found: Mapping[str, Any], time: int) -> Log:
    return Log(
        address=to_checksum_address(found["address"]),
        topics=tuple(_bytes(topic) for topic in found["topics"]),
        data=_bytes(found["data"]),
        block_number=int(found["blockNumber"], 16),
        block_hash=_bytes(found["blockHash"]),
        time=time,
        transaction=_bytes(found["transactionHash"]),
        index=int(found["logIndex"], 16),
    )


def _block(found: dict[str, Any]) -> Block:
    return Block(
        number=int(found["number"], 16),
        hash=_bytes(found["hash"] or "0x"),
        time=int(found["timestamp"], 16),
        base_fee=int(found.get("baseFeePerGas") or "0x0", 16),
    )


def tag(block: BlockTag) -> str:
    """A block as JSON-RPC names it."""
    return hex(block) if isinstance(block, int) else block


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _code(error: object) -> int:
    return int(error.get("code", 0)) if isinstance(error, dict) else 0


def _message(error: object) -> str:
    return str(error.get("message", "")) if isinstance(error, dict) else str(error)


def _revert_data(error: object) -> bytes:
    """Clients put the revert's data at `data`, or one level deeper."""
    data = error.get("data") if isinstance(error, dict) else None
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    if not isinstance(data, str) or not data.startswith("0x"):
        return b""
    try:
        return _bytes(data)
    except ValueError:
        return b""
