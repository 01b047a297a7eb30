"""What the chain, a contract or the way to them says no to."""

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
        return "Run `swarm explain chain.refused`."


class FreeTooSmall(ChainRefused):
    code = "chain.free_too_small"

    def __init__(self, who: str, token: str, need: int, have: int) -> None:
        super().__init__("FreeTooSmall", who, token, need, have)
        self.who, self.token, self.need, self.have = who, token, need, have

    @property
    def sentence(self) -> str:
        return (
            f"The account {self.who} has {self.have} free in the market and {self.need} are needed."
        )

    @property
    def action(self) -> str:
        return "Deposit the difference, or wait until bonds are released."


class TooFewTrialsAwarded(ChainRefused):
    code = "chain.too_few_trials"

    def __init__(self, awarded: int, least: int) -> None:
        super().__init__("TooFewTrialsAwarded", awarded, least)
        self.awarded, self.least = awarded, least

    @property
    def sentence(self) -> str:
        return f"{self.awarded} trials could be awarded and {self.least} were asked for."

    @property
    def action(self) -> str:
        return "Ask for bids again: some expired, or their sellers' balances changed."


class TooEarly(ChainRefused):
    code = "chain.too_early"

    def __init__(self, opens: int) -> None:
        super().__init__("TooEarly", opens)
        self.opens = opens

    @property
    def sentence(self) -> str:
        return f"This is possible from {self.opens} on (seconds since 1970, the chain's clock)."

    @property
    def action(self) -> str:
        return "Try again then."


class TooLate(ChainRefused):
    code = "chain.too_late"

    def __init__(self, ended: int) -> None:
        super().__init__("TooLate", ended)
        self.ended = ended

    @property
    def sentence(self) -> str:
        return f"This was possible until {self.ended} (seconds since 1970, the chain's clock)."

    @property
    def action(self) -> str:
        return "Use the matching `expire` to get the money out."


class SeedUnknown(ChainRefused):
    code = "chain.seed_unknown"

    def __init__(self, block_number: int) -> None:
        super().__init__("SeedUnknown", block_number)
        self.block_number = block_number

    @property
    def sentence(self) -> str:
        return f"The randomness of block {self.block_number} is not known."

    @property
    def action(self) -> str:
        return "Try again a block later; where it is long past, `expire` is open."


class WrongStatus(ChainRefused):
    code = "chain.wrong_status"

    def __init__(self, award_id: bytes, status: int) -> None:
        super().__init__("WrongStatus", award_id, status)
        self.award_id, self.status = award_id, status

    @property
    def sentence(self) -> str:
        return f"The award 0x{self.award_id.hex()} is in status {self.status}."

    @property
    def action(self) -> str:
        return "Read its status: somebody else may have done this already."


class NothingToDo(ChainRefused):
    code = "chain.nothing_to_do"

    def __init__(self, error: str) -> None:
        super().__init__(error)

    @property
    def sentence(self) -> str:
        return f"The call would change nothing ({self.error})."

    @property
    def action(self) -> str:
        return "Read the awards' status: somebody else may have done this already."


class AlreadyPosted(ChainRefused):
    code = "chain.already_posted"

    def __init__(self, commit_id: bytes, share: int) -> None:
        super().__init__("AlreadyPosted", commit_id, share)
        self.commit_id, self.share = commit_id, share

    @property
    def sentence(self) -> str:
        commit = f"commit 0x{self.commit_id.hex()}"
        return f"A verdict for share {self.share} of {commit} is on the chain already."

    @property
    def action(self) -> str:
        return "Use the one that is posted."


class SignatureRefused(ChainRefused):
    code = "chain.signature_refused"

    def __init__(self, subject: bytes, signer: str) -> None:
        super().__init__("SignatureRefused", subject, signer)
        self.subject, self.signer = subject, signer

    @property
    def sentence(self) -> str:
        return f"The signature for 0x{self.subject.hex()} is not that of {self.signer}."

    @property
    def action(self) -> str:
        return "Have it signed again by the right key, for this chain and contract."


class AboveCap(ChainRefused):
    code = "chain.above_cap"

    def __init__(self, price: int, cap: int) -> None:
        super().__init__("AboveCap", price, cap)
        self.price, self.cap = price, cap

    @property
    def sentence(self) -> str:
        return f"The price {self.price} is above the token's cap of {self.cap}."

    @property
    def action(self) -> str:
        return "Award or commit in several parts."


class NoQuorum(ChainRefused):
    code = "chain.no_quorum"

    def __init__(self, upheld: int, refuted: int, quorum: int) -> None:
        super().__init__("NoQuorum", upheld, refuted, quorum)
        self.upheld, self.refuted, self.quorum = upheld, refuted, quorum

    @property
    def sentence(self) -> str:
        votes = f"{self.upheld} seats upheld, {self.refuted} refuted"
        return f"{votes}, {self.quorum} concurring ones decide."

    @property
    def action(self) -> str:
        return "Collect more votes of the panel."


class NotBuyer(ChainRefused):
    code = "chain.not_buyer"

    def __init__(self, caller: str, buyer: str) -> None:
        super().__init__("NotBuyer", caller, buyer)
        self.caller, self.buyer = caller, buyer

    @property
    def sentence(self) -> str:
        return f"The sweep belongs to {self.buyer}, not to {self.caller}."

    @property
    def action(self) -> str:
        return "Send it from the buyer's account."


class BuyerValidates(ChainRefused):
    code = "chain.buyer_validates"

    def __init__(self, buyer: str) -> None:
        super().__init__("BuyerValidates", buyer)
        self.buyer = buyer

    @property
    def sentence(self) -> str:
        return f"{self.buyer} is a validator and can't buy."

    @property
    def action(self) -> str:
        return "Use another address for buying."


class BondTooSmall(ChainRefused):
    code = "chain.bond_too_small"

    def __init__(self, bond: int, least: int) -> None:
        super().__init__("BondTooSmall", bond, least)
        self.bond, self.least = bond, least

    @property
    def sentence(self) -> str:
        return f"The bond would be {self.bond} and has to be {self.least} at least."

    @property
    def action(self) -> str:
        return "Bond more, or leave with all of it."


class NothingToClaim(ChainRefused):
    code = "chain.nothing_to_claim"

    def __init__(self, validator: str) -> None:
        super().__init__("NothingToClaim", validator)
        self.validator = validator

    @property
    def sentence(self) -> str:
        return f"{self.validator} has nothing to claim yet."

    @property
    def action(self) -> str:
        return "Wait until the unbonding time is over."


class AllowanceTooSmall(ChainRefused):
    code = "chain.allowance_too_small"

    def __init__(self, spender: str, have: int, need: int) -> None:
        super().__init__("AllowanceTooSmall", spender, have, need)
        self.spender, self.have, self.need = spender, have, need

    @property
    def sentence(self) -> str:
        return f"{self.spender} may pull {self.have} base units and {self.need} are needed."

    @property
    def action(self) -> str:
        return "Approve the amount first, or sign a permit."


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
        return "Check the connection, or set another with `swarm config set rpc_url`."


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
        return "Check the account's balance and the RPC with `swarm doctor`."


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
    code = "chain.too_little_balance"

    def __init__(self, need: int, have: int, symbol: str = "wei") -> None:
        super().__init__(need, have, symbol)
        self.need, self.have, self.symbol = need, have, symbol

    @property
    def sentence(self) -> str:
        return f"{self.need} {self.symbol} are needed and {self.have} are there."

    @property
    def action(self) -> str:
        return f"Add {self.need - self.have} {self.symbol} to this account."


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
