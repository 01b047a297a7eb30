"""A wallet owns a key and that key's nonce on each chain; nobody else signs or counts."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from eth_account import Account
from eth_account.datastructures import SignedMessage
from eth_account.messages import SignableMessage, encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from compute_swarm.chain import keystore
from compute_swarm.chain.rpc import Rpc
from compute_swarm.domain import auth
from compute_swarm.domain.ids import Address
from compute_swarm.errors import NoKey


class Wallet:
    """Signs messages and transactions of one account, and hands out its nonces in order."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account
        self._turns: dict[int, _Turns] = {}

    @classmethod
    def from_key(cls, key: bytes) -> Self:
        """The wallet of a raw private key."""
        return cls(Account.from_key(key))

    @classmethod
    def create(cls, path: Path, password: str, rounds: int = keystore.SCRYPT_ROUNDS) -> Self:
        """Make a new key and keep it, encrypted, in a file that must not exist yet."""
        account = Account.create()
        keystore.write(path, bytes(account.key), password, rounds)
        return cls(account)

    @classmethod
    def load(cls, path: Path, password: str) -> Self:
        """Open a keystore file."""
        return cls.from_key(keystore.read(path, password))

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Open what `SWARM_KEYSTORE` (+ password) or `SWARM_PRIVATE_KEY` name."""
        path = environ.get("SWARM_KEYSTORE")
        if path:
            return cls.load(Path(path), keystore.password_from(environ))
        digits = environ.get("SWARM_PRIVATE_KEY", "").removeprefix("0x")
        if not re.fullmatch("[0-9a-fA-F]{64}", digits):
            raise NoKey("SWARM_KEYSTORE or SWARM_PRIVATE_KEY")
        return cls.from_key(bytes.fromhex(digits))

    @property
    def address(self) -> Address:
        """The account's checksummed address."""
        return self._account.address

    def __repr__(self) -> str:
        return f"Wallet({self.address})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a wallet is not pickled: its key would leave the process")

    def sign_typed(self, message: Mapping[str, Any]) -> bytes:
        """Sign an EIP-712 message given in full (types, primaryType, domain, message)."""
        return bytes(self.sign_message(encode_typed_data(full_message=dict(message))).signature)

    def sign_text(self, text: str) -> bytes:
        """Sign a text by EIP-191, as wallets show it to people."""
        return bytes(self.sign_message(encode_defunct(text=text)).signature)

    def sign_message(self, signable_message: SignableMessage, /) -> SignedMessage:
        """Sign a prepared message, as eth_account's own accounts do."""
        return self._account.sign_message(signable_message)

    def auth_header(self, call: auth.Call, now: float | None = None) -> str:
        """The value of `X-Swarm-Auth` for a request, good for a minute."""
        return auth.sign(self, call, time.time() if now is None else now)

    def sign_transaction(self, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """The raw bytes of a transaction and its hash."""
        signed = self._account.sign_transaction(dict(fields))
        return bytes(signed.raw_transaction), bytes(signed.hash)

    def sign_dearer(self, raw: bytes, tip: int, most: int) -> tuple[bytes, bytes]:
        """Sign a transaction of ours once more, all the same but for its fees.

        Both rise by an eighth at least: no node takes a replacement for much less.
        """
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        told = {name: fields[name] for name in fields if name not in ("v", "r", "s")}
        least = {name: told[name] * 9 // 8 + 1 for name in ("maxPriorityFeePerGas", "maxFeePerGas")}
        return self.sign_transaction(
            told
            | {
                "maxPriorityFeePerGas": max(tip, least["maxPriorityFeePerGas"]),
                "maxFeePerGas": max(most, least["maxFeePerGas"]),
            }
        )

    @asynccontextmanager
    async def turn(self, rpc: Rpc) -> AsyncIterator["Turn"]:
        """Take the next nonce. It counts as used only when `Turn.used` was called."""
        turns = self._turns.setdefault(rpc.chain_id, _Turns())
        async with turns.lock:
            if turns.next is None:
                turns.next = await rpc.nonce(self.address)
            turn = Turn(turns.next)
            try:
                yield turn
            finally:
                # Whatever went wrong, the chain knows best: ask it at the next turn.
                turns.next = turn.nonce + 1 if turn.was_used else None

    def forget_nonce(self, chain_id: int) -> None:
        """Ask the chain at the next turn: a transaction was lost or sent elsewhere."""
        self._turns.setdefault(chain_id, _Turns()).next = None


class Turn:
    """One nonce, held while its transaction is handed to the node."""

    def __init__(self, nonce: int) -> None:
        self.nonce = nonce
        self.was_used = False

    def used(self) -> None:
        """The node has taken the transaction."""
        self.was_used = True


class _Turns:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.next: int | None = None
