"""ERC-20 payment tokens: balances, allowances, and permits that spare a transaction."""

from dataclasses import dataclass
from typing import Any, Final

from compute_swarm.chain import artefacts
from compute_swarm.chain.rpc import Rpc
from compute_swarm.chain.transactions import Call
from compute_swarm.chain.wallet import Wallet
from compute_swarm.domain.ids import Address
from compute_swarm.domain.money import Amount, Coin

_DOMAIN_FIELDS: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_PERMIT_FIELDS: Final = [
    {"name": "owner", "type": "address"},
    {"name": "spender", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]


@dataclass(frozen=True, slots=True)
class Permit:
    """An allowance by signature (ERC-2612), for one amount and until a deadline."""

    deadline: int
    v: int
    r: bytes
    s: bytes

    def abi(self) -> tuple[int, int, bytes, bytes]:
        return (self.deadline, self.v, self.r, self.s)


NO_PERMIT: Final = Permit(0, 0, bytes(32), bytes(32))  # what the market takes for none


@dataclass(frozen=True, slots=True)
class Token:
    """A payment token of the allow-list."""

    rpc: Rpc
    address: Address

    def approve(self, spender: Address, amount: Amount) -> Call:
        """Let a contract pull up to an amount."""
        return self._call("approve", spender, int(amount))

    async def balance(self, who: Address) -> Amount:
        (found,) = await self._call("balanceOf", who).read()
        return Amount(found)

    async def allowance(self, owner: Address, spender: Address) -> Amount:
        (found,) = await self._call("allowance", owner, spender).read()
        return Amount(found)

    async def coin(self) -> Coin:
        """How people write its amounts."""
        (symbol,) = await self._call("symbol").read()
        (decimals,) = await self._call("decimals").read()
        return Coin(str(symbol), int(decimals))

    async def permit(
        self, owner: Wallet, spender: Address, amount: Amount, deadline: int
    ) -> Permit:
        """Sign an allowance; the version is "1", as with all tokens that do not tell theirs."""
        (name,) = await self._call("name").read()
        (nonce,) = await self._call("nonces", owner.address).read()
        signature = owner.sign_typed(
            {
                "types": {"EIP712Domain": _DOMAIN_FIELDS, "Permit": _PERMIT_FIELDS},
                "primaryType": "Permit",
                "domain": {
                    "name": name,
                    "version": "1",
                    "chainId": self.rpc.chain_id,
                    "verifyingContract": self.address,
                },
                "message": {
                    "owner": owner.address,
                    "spender": spender,
                    "value": int(amount),
                    "nonce": nonce,
                    "deadline": deadline,
                },
            }
        )
        return Permit(deadline, signature[64], signature[:32], signature[32:64])

    def _call(self, name: str, *arguments: Any) -> Call:
        function = artefacts.function(artefacts.TOKEN, name)
        return Call(self.rpc, self.address, function.encode_call(arguments), function)
