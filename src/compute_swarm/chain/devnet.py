"""A local chain: anvil on a free port, stopped by its process id whatever happens."""

import asyncio
import atexit
import ctypes
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Self

import httpx
from eth_account import Account

from compute_swarm.chain.contracts import Contracts
from compute_swarm.chain.transactions import send
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.money import Amount, parse_amount
from compute_swarm.errors import NoBinary, PortTaken, RpcRefused, RpcUnavailable

# anvil's own published test mnemonic: its accounts hold coins on local chains only.
MNEMONIC = "test test test test test test test test test test test junk"
CHAIN_ID = 31337
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class DevnetOptions:
    """How the local chain runs; the defaults suit tests, `block_time=1` a demo."""

    block_time: float = 0.2  # seconds
    accounts: int = 40
    balance: int = 10_000  # coins an account
    state: Path | None = None  # kept over restarts when given
    port: int = 0  # 0: any free one
    log: Path | None = None
    genesis: int | None = None  # the first block's time; a fixed one makes all hashes repeat
    traces: bool = False  # keep every step of each transaction


@dataclass(frozen=True, slots=True)
class Stake:
    """What each validator of a local chain bonds."""

    amount: Amount = parse_amount("2 ETH")
    vram_gib: int = 24


def native_binary(tool: str) -> Path:
    """Find foundry's native binary: `SWARM_<TOOL>`, then PATH, then node_modules upwards.

    npm's launchers in `node_modules/.bin` always exit 0 and leave the child running when killed,
    so they are passed over wherever they turn up.
    """
    named = os.environ.get(f"SWARM_{tool.upper()}")
    if named:
        return _existing(tool, Path(named))
    on_path = shutil.which(tool)
    if on_path and ".bin" not in Path(on_path).parts:
        return Path(on_path)
    architecture = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    system = {"darwin": "darwin", "win32": "win32"}.get(sys.platform, "linux")
    package = Path("node_modules") / "@foundry-rs" / f"{tool}-{system}-{architecture}" / "bin"
    for folder in (Path.cwd(), *Path.cwd().parents):
        for name in (tool, f"{tool}.exe"):
            if (folder / package / name).is_file():
                return folder / package / name
    raise NoBinary(tool)


def _existing(tool: str, path: Path) -> Path:
    if not path.is_file():
        raise NoBinary(tool)
    return path


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(port) from None


class Devnet:
    """A running anvil. Use it as a context manager, or call `stop` yourself."""

    def __init__(self, options: DevnetOptions | None = None) -> None:
        self.options = options or DevnetOptions()
        self.port = self.options.port or free_port()
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, timeout: float = 20.0) -> Self:
        """Start the chain and wait until it answers."""
        # Otherwise a stranger's chain at that port would answer in place of ours.
        _require_free(self.port)
        self._log = self.options.log.open("ab") if self.options.log else None
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=self._log or subprocess.DEVNULL,
            stderr=self._log or subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to handle: the state is saved by `stop`
            # One system call, between fork and exec of the main thread only.
            preexec_fn=_die_with_parent() if _can_watch_parent() else None,  # noqa: PLW1509
        )
        atexit.register(self.stop)  # for a caller that forgets, and where nobody watches it
        try:
            self._wait_until_answering(timeout)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Let anvil write its state and end; kill it when it does not within the timeout."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout)
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wallet(self, index: int) -> Wallet:
        """The wallet of one of the rich accounts."""
        return dev_wallet(index)

    def request(self, method: str, *params: object) -> object:
        """One JSON-RPC request, for anvil's own methods."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = httpx.post(self.url, json=body, timeout=10, trust_env=False).json()
        if "error" in answer:
            raise RpcRefused(method, answer["error"]["code"], answer["error"]["message"], b"")
        result: object = answer["result"]
        return result

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks at once."""
        self.request("anvil_mine", hex(blocks))

    def advance(self, seconds: int) -> None:
        """Move the chain's clock and mine a block at the new time."""
        self.request("evm_increaseTime", seconds)
        self.mine()

    def reorganise(self, depth: int) -> None:
        """Replace the last blocks by empty ones."""
        self.request("anvil_reorg", depth, [])

    def _command(self) -> list[str]:
        options = self.options
        command = [
            str(native_binary("anvil")),
            *("--host", "127.0.0.1", "--port", str(self.port), "--mnemonic", MNEMONIC),
            *("--accounts", str(options.accounts), "--balance", str(options.balance)),
            *("--block-time", str(options.block_time), "--chain-id", str(CHAIN_ID), "--quiet"),
            *("--slots-in-an-epoch", "1"),  # a block is final two blocks later, not after a minute
        ]
        if options.genesis is not None:
            command += ["--timestamp", str(options.genesis)]
        if options.traces:
            command.append("--steps-tracing")
        if options.state is not None:
            # The interval is for a power cut: an orderly end writes the state by itself.
            command += ["--state", str(options.state), "--state-interval", "10"]
        return command

    def _wait_until_answering(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                self.request("eth_chainId")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RpcUnavailable(self.url)


async def populate(contracts: Contracts, validators: Sequence[Wallet], stake: Stake) -> None:
    """Bond validators, and wait for the epoch in which they count."""
    bond = contracts.validators.bond(stake.vram_gib, stake.amount)
    await asyncio.gather(*(send(wallet, bond) for wallet in validators))
    while True:
        head = await contracts.rpc.head()
        counted = await contracts.validators.eligible(head.time, stake.vram_gib)
        if counted.validators >= len(validators):
            return
        await asyncio.sleep(0.2)


def dev_wallet(index: int) -> Wallet:
    """A fresh wallet of anvil's account `index`; it knows no nonce yet."""
    return Wallet.from_key(_dev_key(index))


@cache
def _dev_key(index: int) -> bytes:
    Account.enable_unaudited_hdwallet_features()
    account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return bytes(account.key)


@contextmanager
def devnet(options: DevnetOptions | None = None) -> Iterator[Devnet]:
    """A local chain for the time of a `with` block."""
    with Devnet(options) as chain:
        yield chain


def _can_watch_parent() -> bool:
    # The signal comes when the *thread* that started the child ends, so only the main one may ask.
    return sys.platform == "linux" and threading.current_thread() is threading.main_thread()


def _die_with_parent() -> Callable[[], object]:
    # The library is loaded before the fork: only one system call is left for the child.
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
