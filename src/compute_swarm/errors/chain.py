"""The chain, or the way to it, says no; what contracts refuse by name is in refused.py."""

from compute_swarm.errors.amounts import in_unit
from compute_swarm.errors.root import SwarmError


class ChainError(SwarmError):
    """The chain, or the way to it, said no."""

    code = "chain"
    exit_status = 4


class ChainRefused(ChainError):
    """A contract reverted: an answer, so asking again gives the same one."""

    code = "chain.refused"

    def __init__(self, error: str, *values: object) -> None:
        super().__init__(error, *values)
        self.error, self.values = error, values

    @property
    def sentence(self) -> str:
        return f"The contract refused: {self.error}({', '.join(map(str, self.values))})."

    @property
    def action(self) -> str:
        return "Look its name up in contracts/src/interfaces; sent again, it is refused again."


class RpcUnavailable(ChainError):
    """Paths, queries and users of such URLs are often keys, so only the host is named."""

    code = "chain.rpc_unavailable"

    def __init__(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        host = rest.split("/")[0].split("?")[0].split("#")[0].rpartition("@")[2]
        self.url = f"{scheme}://{host}" if host else "without an address"
        super().__init__(self.url)

    @property
    def sentence(self) -> str:
        return f"The RPC {self.url} does not answer."

    @property
    def action(self) -> str:
        return "Check the connection, or name another RPC with `--rpc` or SWARM_RPC."


class RpcRefused(ChainError):
    """The node answered with an error that is no contract's; `data` is what it sent along."""

    code = "chain.rpc_refused"

    def __init__(self, method: str, number: int, message: str, data: bytes) -> None:
        super().__init__(method, number, message)
        self.method, self.number, self.message, self.data = method, number, message, data

    @property
    def sentence(self) -> str:
        return f"The RPC refused {self.method}: {self.message} ({self.number})."

    @property
    def action(self) -> str:
        return "Check the account with `swarm wallet balance` and the RPC with `swarm net info`."


class TransactionUnconfirmed(ChainError):
    """It was sent and may still arrive: look it up before sending anything like it again."""

    code = "chain.unconfirmed"

    def __init__(self, transaction: str, waited_s: float) -> None:
        super().__init__(transaction, waited_s)
        self.transaction, self.waited_s = transaction, waited_s

    @property
    def sentence(self) -> str:
        return f"Transaction {self.transaction} is in no block after {self.waited_s:.0f} s."

    @property
    def action(self) -> str:
        return "Look it up before sending it again: it may still be taken."


class TooLittleBalance(ChainError):
    """In wei, unless another unit is told."""

    code = "chain.too_little_balance"

    def __init__(
        self, need: int, have: int, symbol: str = "wei", who: str = "this account"
    ) -> None:
        super().__init__(need, have, symbol, who)
        self.need, self.have, self.symbol, self.who = need, have, symbol, who

    @property
    def sentence(self) -> str:
        unit = self.symbol
        return (
            f"{in_unit(self.need, unit)} is needed and {self.who} has {in_unit(self.have, unit)}."
        )

    @property
    def action(self) -> str:
        return f"Add {in_unit(self.need - self.have, self.symbol)} to {self.who}."


class TooFewValidators(ChainError):
    code = "chain.too_few_validators"

    def __init__(self, need: int, have: int) -> None:
        super().__init__(need, have)
        self.need, self.have = need, have

    @property
    def sentence(self) -> str:
        return f"{self.have} validators are eligible and {self.need} are needed."

    @property
    def action(self) -> str:
        return "Ask for less VRAM, or wait for validators to join."
