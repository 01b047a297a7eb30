"""The one error tree.

SwarmError
├── BadInput            2  SpecInvalid (one leaf per way to be wrong), DatasetInvalid, PriceInvalid,
│                          DocumentInvalid, AddressInvalid, TrialsInvalid, AnswersInvalid,
│                          NotKnown, LimitReached
├── ConfigurationError  3  WrongChain, NoKey, NoDeployment, DatabaseInUse, DatabaseTooNew
├── ChainError          4  ChainRefused (FreeTooSmall, TooFewTrialsAwarded, TooEarly, TooLate,
│                          SeedUnknown, WrongStatus, NothingToDo, AlreadyPosted,
│                          SignatureRefused, AboveCap, NoQuorum, NotBuyer, BuyerValidates,
│                          BondTooSmall, NothingToClaim, AllowanceTooSmall), RpcUnavailable,
│                          TooLittleBalance, TooFewValidators
├── NoOffers            5
├── SweepFailed         6
├── TransferError       6  BlockUnavailable, BlockCorrupt, BlockTooLarge, DagInvalid,
│                          PeerUnreachable, PeerRefused, AnswerTooLarge, AnswerInvalid
├── ResourceError       3  ModelDoesNotFit, ModelUnsupported, DiskTooSmall,
│                          WorkerFailed
└── AuthError           3  AuthMalformed, AuthStale, AuthWrongSigner, AuthReplayed, NotAllowed

A leaf is a decision that a caller can take; it carries values, and words them only for people.
"""

from collections.abc import Sequence
from typing import ClassVar


class SwarmError(Exception):
    """What went wrong as a code, one sentence and one action."""

    code: ClassVar[str] = "swarm"
    exit_status: ClassVar[int] = 1

    @property
    def sentence(self) -> str:
        return "Something went wrong."

    @property
    def action(self) -> str:
        return "Run `swarm doctor`."

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} {self.action}"


# --- input -----------------------------------------------------------------------------------


class BadInput(SwarmError):
    """What was handed in cannot be used."""

    code = "input"
    exit_status = 2


class SpecInvalid(BadInput):
    """A sweep's document is wrong at `path`."""

    code = "spec"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class SpecUnknownKey(SpecInvalid):
    code = "spec.unknown_key"

    def __init__(self, path: str, known: Sequence[str]) -> None:
        super().__init__(path)
        self.known = tuple(known)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is not a key of a sweep."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.known)}."


class SpecMissingKey(SpecInvalid):
    code = "spec.missing_key"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is missing."

    @property
    def action(self) -> str:
        return "Add it; it has no default."


class SpecWrongType(SpecInvalid):
    code = "spec.wrong_type"

    def __init__(self, path: str, want: str, got: object) -> None:
        super().__init__(path)
        self.want, self.got = want, got

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.got!r} ({type(self.got).__name__})."

    @property
    def action(self) -> str:
        return f"Give {self.want}."


class SpecNotFinite(SpecInvalid):
    code = "spec.not_finite"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is not a finite number."

    @property
    def action(self) -> str:
        return "Give a number other than NaN and infinity."


class SpecOutOfRange(SpecInvalid):
    """Bounds are inclusive unless `open_low` says that the lower one is not."""

    code = "spec.out_of_range"

    def __init__(
        self, path: str, value: float, least: float, most: float, open_low: bool = False
    ) -> None:
        super().__init__(path)
        self.value, self.least, self.most, self.open_low = value, least, most, open_low

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}."

    @property
    def action(self) -> str:
        low = f"above {self.least}" if self.open_low else f"at least {self.least}"
        return f"Give a value {low} and at most {self.most}."


class SpecNotOneOf(SpecInvalid):
    code = "spec.not_one_of"

    def __init__(self, path: str, value: object, allowed: Sequence[str]) -> None:
        super().__init__(path)
        self.value, self.allowed = value, tuple(allowed)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value!r}."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.allowed)}."


class SpecUnsupported(SpecInvalid):
    code = "spec.unsupported"

    def __init__(self, path: str, value: object, only: object) -> None:
        super().__init__(path)
        self.value, self.only = value, only

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}, which this version does not support."

    @property
    def action(self) -> str:
        return f"Use {self.only}, or leave the key out."


class SpecRepeated(SpecInvalid):
    code = "spec.repeated"

    @property
    def sentence(self) -> str:
        return f"`{self.path}` names something twice."

    @property
    def action(self) -> str:
        return "Name each value once."


class SpecNotMultiple(SpecInvalid):
    code = "spec.not_multiple"

    def __init__(self, path: str, value: int, of: int) -> None:
        super().__init__(path)
        self.value, self.of = value, of

    @property
    def fits(self) -> tuple[int, int]:
        """The nearest values that would do."""
        below = self.value // self.of * self.of
        return max(below, self.of), below + self.of

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.value}, no multiple of the {self.of} segments."

    @property
    def action(self) -> str:
        low, high = self.fits
        return f"Use {low} or {high}, or change training.segments."


class SpecEmptyRange(SpecInvalid):
    code = "spec.empty_range"

    def __init__(self, path: str, low: float, high: float) -> None:
        super().__init__(path)
        self.low, self.high = low, high

    @property
    def sentence(self) -> str:
        return f"`{self.path}` runs from {self.low} to {self.high} and holds nothing."

    @property
    def action(self) -> str:
        return "Give the lower end first, or a plain constant."


class SpecGridTooSmall(SpecInvalid):
    code = "spec.grid_too_small"

    def __init__(self, path: str, asked: int, has: int) -> None:
        super().__init__(path)
        self.asked, self.has = asked, has

    @property
    def sentence(self) -> str:
        return f"`{self.path}` asks for {self.asked} trials of a grid of {self.has}."

    @property
    def action(self) -> str:
        return f"Ask for at most {self.has}, or widen search.space."


class SpecGridUneven(SpecInvalid):
    """A grid over ranges has the same number of points on each."""

    code = "spec.grid_uneven"

    def __init__(self, path: str, asked: int, fits: Sequence[int]) -> None:
        super().__init__(path)
        self.asked, self.fits = asked, tuple(fits)

    @property
    def sentence(self) -> str:
        return f"`{self.path}` is {self.asked}, which no even grid over these ranges has."

    @property
    def action(self) -> str:
        return f"Use {' or '.join(map(str, self.fits))}, or the random method."


class DatasetInvalid(BadInput):
    """Line numbers start at 1; 0 means the file as a whole."""

    code = "dataset"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line, self.why = line, why

    @property
    def sentence(self) -> str:
        where = f"Line {self.line} of the dataset" if self.line else "The dataset"
        return f"{where} {self.why}."

    @property
    def action(self) -> str:
        return "Write one JSON object a line: text, or prompt and completion, or messages."


class PriceInvalid(BadInput):
    code = "price"

    def __init__(self, text: str, units: Sequence[str]) -> None:
        super().__init__(text)
        self.text, self.units = text, tuple(units)

    @property
    def sentence(self) -> str:
        return f"{self.text!r} is not an amount."

    @property
    def action(self) -> str:
        return f"Write a number and a unit ({', '.join(self.units)}), such as 0.05 ETH."


class DocumentInvalid(BadInput):
    """JSON from another party does not have the promised form."""

    code = "document"

    def __init__(self, path: str, want: str) -> None:
        super().__init__(path, want)
        self.path, self.want = path, want

    @property
    def sentence(self) -> str:
        return f"`{self.path or 'document'}` is not {self.want}."

    @property
    def action(self) -> str:
        return "Check that both sides run the same version."


class AddressInvalid(BadInput):
    code = "address"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    @property
    def sentence(self) -> str:
        return f"{self.text!r} is not an address."

    @property
    def action(self) -> str:
        return "Give 0x and 40 hexadecimal digits."


class TrialsInvalid(BadInput):
    """A packed list of trials is cut short, out of order or out of range."""

    code = "trials"

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place

    @property
    def sentence(self) -> str:
        return f"The list of trials is wrong at entry {self.place}."

    @property
    def action(self) -> str:
        return "Give strictly increasing (trial, replica) pairs."


class AnswersInvalid(BadInput):
    """A verdict's answers do not fit its share."""

    code = "answers"

    def __init__(self, items: int, data: bytes) -> None:
        super().__init__(items, data)
        self.items, self.data = items, data

    @property
    def sentence(self) -> str:
        return f"0x{self.data.hex()} does not answer {self.items} items."

    @property
    def action(self) -> str:
        return "Answer each item of the share once, and name one refuted item an award."


class NotKnown(BadInput):
    """The service holds nothing under this id."""

    code = "unknown"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name)
        self.kind, self.name = kind, name

    @property
    def sentence(self) -> str:
        return f"There is no {self.kind} {self.name}."

    @property
    def action(self) -> str:
        return "Check the id; it may have been closed."


class LimitReached(BadInput):
    """A service protects itself: this would be more than it keeps."""

    code = "limit"

    def __init__(self, what: str, most: int) -> None:
        super().__init__(what, most)
        self.what, self.most = what, most

    @property
    def sentence(self) -> str:
        return f"At most {self.most} {self.what} are taken."

    @property
    def action(self) -> str:
        return "Send less, or wait."


class SettingUnknown(BadInput):
    code = "config.setting_unknown"

    def __init__(self, name: str, where: str, known: Sequence[str]) -> None:
        super().__init__(name, where)
        self.name, self.where, self.known = name, where, tuple(known)

    @property
    def sentence(self) -> str:
        return f"{self.where} sets {self.name!r}, which is no setting."

    @property
    def action(self) -> str:
        return f"Use one of {', '.join(self.known)}."


class SettingWrong(BadInput):
    code = "config.setting_wrong"

    def __init__(self, name: str, value: str, want: str) -> None:
        super().__init__(name, value, want)
        self.name, self.value, self.want = name, value, want

    @property
    def sentence(self) -> str:
        return f"{self.name} is {self.value!r}."

    @property
    def action(self) -> str:
        return f"Give {self.want}."


class CodeUnknown(BadInput):
    code = "cli.code_unknown"

    def __init__(self, asked: str, near: Sequence[str]) -> None:
        super().__init__(asked, near)
        self.asked, self.near = asked, tuple(near)

    @property
    def sentence(self) -> str:
        return f"No error has the code {self.asked!r}."

    @property
    def action(self) -> str:
        return f"Near it: {', '.join(self.near)}." if self.near else "List them: `swarm explain`."


class SweepUnknown(BadInput):
    code = "sweep.unknown"

    def __init__(self, asked: str, known: int) -> None:
        super().__init__(asked, known)
        self.asked, self.known = asked, known

    @property
    def sentence(self) -> str:
        return f"{self.asked!r} names none, or more than one, of {self.known} sweeps."

    @property
    def action(self) -> str:
        return "Give a whole id; `swarm sweep list` shows them."


# --- configuration ---------------------------------------------------------------------------


class ConfigurationError(SwarmError):
    """This machine is not set up for what was asked."""

    code = "config"
    exit_status = 3


class WrongChain(ConfigurationError):
    code = "config.wrong_chain"

    def __init__(self, want: int, got: int) -> None:
        super().__init__(want, got)
        self.want, self.got = want, got

    @property
    def sentence(self) -> str:
        return f"The RPC serves chain {self.got}, the network is chain {self.want}."

    @property
    def action(self) -> str:
        return "Change the RPC, or choose the network with `swarm net use`."


class NoKey(ConfigurationError):
    code = "config.no_key"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f"There is no key named {self.name!r}."

    @property
    def action(self) -> str:
        return "Make one with `swarm wallet new`, or import it."


class NoDeployment(ConfigurationError):
    code = "config.no_deployment"

    def __init__(self, network: str) -> None:
        super().__init__(network)
        self.network = network

    @property
    def sentence(self) -> str:
        return f"No contracts are recorded for the network {self.network!r}."

    @property
    def action(self) -> str:
        return "Deploy them with `swarm net deploy`, or choose another network."


class DatabaseInUse(ConfigurationError):
    code = "config.database_in_use"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"Another process writes to {self.path}."

    @property
    def action(self) -> str:
        return "Stop it, or choose another data folder."


class DatabaseTooNew(ConfigurationError):
    code = "config.database_too_new"

    def __init__(self, path: str, version: int, known: int) -> None:
        super().__init__(path, version, known)
        self.path, self.version, self.known = path, version, known

    @property
    def sentence(self) -> str:
        return f"{self.path} has version {self.version}, and {self.known} is the newest known here."

    @property
    def action(self) -> str:
        return "Update compute-swarm."


class KeystoreExists(ConfigurationError):
    code = "config.keystore_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"{self.path} holds a key already; it was left as it is."

    @property
    def action(self) -> str:
        return "Choose another file, or use the key that is there."


class WrongPassword(ConfigurationError):
    code = "config.wrong_password"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    @property
    def sentence(self) -> str:
        return f"The password does not open {self.path}."

    @property
    def action(self) -> str:
        return "Check SWARM_PASSWORD_FILE or SWARM_PASSWORD."


class NoBinary(ConfigurationError):
    code = "config.no_binary"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f"The program {self.name} was not found."

    @property
    def action(self) -> str:
        return f"Run `make setup`, or set SWARM_{self.name.upper()} to its path."


class PortTaken(ConfigurationError):
    code = "config.port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port

    @property
    def sentence(self) -> str:
        return f"Port {self.port} of this machine is in use."

    @property
    def action(self) -> str:
        return "Stop what uses it, or choose another port."


class DeploymentDiffers(ConfigurationError):
    """What lies at an address is not the build that this release was made with."""

    code = "config.deployment_differs"

    def __init__(self, contract: str, address: str, why: str) -> None:
        super().__init__(contract, address, why)
        self.contract, self.address, self.why = contract, address, why

    @property
    def sentence(self) -> str:
        return f"{self.contract} at {self.address} differs from this release: {self.why}."

    @property
    def action(self) -> str:
        return "Choose the network that this release belongs to, or update."


class ModelNotFound(ConfigurationError):
    code = "config.model_not_found"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    @property
    def sentence(self) -> str:
        return f"The base model {self.name!r} was not found: {self.why}."

    @property
    def action(self) -> str:
        return "Give the folder of a model: config, safetensors and tokenizer."


# --- chain -----------------------------------------------------------------------------------


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


# --- the sweep -------------------------------------------------------------------------------


class NoOffers(SwarmError):
    code = "sweep.no_offers"
    exit_status = 5

    def __init__(self, sellers: int) -> None:
        super().__init__(sellers)
        self.sellers = sellers

    @property
    def sentence(self) -> str:
        return f"None of {self.sellers} sellers offered on this sweep."

    @property
    def action(self) -> str:
        return "Raise the budget or loosen the requirements; `swarm sweep quote` says which."


class OverBudget(NoOffers):
    """The offers are there, and too dear."""

    code = "sweep.over_budget"

    def __init__(self, need: int, most: int, symbol: str = "wei") -> None:
        SwarmError.__init__(self, need, most)
        self.need, self.most, self.symbol = need, most, symbol

    @property
    def sentence(self) -> str:
        return f"The sweep costs {self.need} {self.symbol} and max_spend is {self.most}."

    @property
    def action(self) -> str:
        return "Raise max_spend, or ask for fewer trials or steps."


class BidUnusable(NoOffers):
    """A seller's signed bid is not what was asked for."""

    code = "sweep.bid_unusable"

    def __init__(self, seller: str, why: str) -> None:
        SwarmError.__init__(self, seller, why)
        self.seller, self.why = seller, why

    @property
    def sentence(self) -> str:
        return f"The bid of {self.seller} cannot be used: {self.why}."

    @property
    def action(self) -> str:
        return "Quote again; the seller may be busy, or gone."


class SweepFailed(SwarmError):
    code = "sweep.failed"
    exit_status = 6

    def __init__(self, settled: int, trials: int) -> None:
        super().__init__(settled, trials)
        self.settled, self.trials = settled, trials

    @property
    def sentence(self) -> str:
        return f"{self.settled} of {self.trials} trials settled."

    @property
    def action(self) -> str:
        return "What was not settled is refunded; add the trials again with `swarm sweep add`."


class DemoFailed(SweepFailed):
    """Something in the demo is not as the protocol promises."""

    code = "demo.failed"

    def __init__(self, what: str, seen: object = "") -> None:
        SwarmError.__init__(self, what, seen)
        self.what, self.seen = what, seen

    @property
    def sentence(self) -> str:
        return f"The demo failed: {self.what}{f' ({self.seen})' if self.seen else ''}."

    @property
    def action(self) -> str:
        return "Read build/demo/logs, and report it if it fails again."


class NothingSettled(SweepFailed):
    """There is no best trial before one is upheld and paid for."""

    code = "sweep.nothing_settled"

    @property
    def sentence(self) -> str:
        return f"None of {self.trials} trials has settled yet."

    @property
    def action(self) -> str:
        return "Wait for the audits: `swarm sweep watch`."


# --- transfer --------------------------------------------------------------------------------


class TransferError(SwarmError):
    """Bytes did not arrive, or not the right ones."""

    code = "transfer"
    exit_status = 6


class BlockUnavailable(TransferError):
    code = "transfer.unavailable"

    def __init__(self, cid: str, asked: int) -> None:
        super().__init__(cid, asked)
        self.cid, self.asked = cid, asked

    @property
    def sentence(self) -> str:
        return f"{self.cid} was not found at any of {self.asked} sources."

    @property
    def action(self) -> str:
        return "Try again once a node that holds it is online."


class BlockCorrupt(TransferError):
    code = "transfer.corrupt"

    def __init__(self, cid: str, source: str) -> None:
        super().__init__(cid, source)
        self.cid, self.source = cid, source

    @property
    def sentence(self) -> str:
        return f"{self.source} sent bytes that are not {self.cid}."

    @property
    def action(self) -> str:
        return "Use another source."


class BlockTooLarge(TransferError):
    code = "transfer.too_large"

    def __init__(self, cid: str, most: int) -> None:
        super().__init__(cid, most)
        self.cid, self.most = cid, most

    @property
    def sentence(self) -> str:
        return f"{self.cid} is larger than the {self.most} bytes allowed."

    @property
    def action(self) -> str:
        return "Check what was announced, or raise the limit."


class DagInvalid(TransferError):
    """The bytes are those of the CID, but no UnixFS that this version reads."""

    code = "transfer.dag_invalid"

    def __init__(self, cid: str, why: str) -> None:
        super().__init__(cid, why)
        self.cid, self.why = cid, why

    @property
    def sentence(self) -> str:
        return f"{self.cid} is not a file or folder that can be read: {self.why}."

    @property
    def action(self) -> str:
        return "Add the content again as UnixFS."


class PeerUnreachable(TransferError):
    code = "transfer.peer_unreachable"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(url, why)
        self.url, self.why = url, why

    @property
    def sentence(self) -> str:
        return f"{self.url} does not answer: {self.why}."

    @property
    def action(self) -> str:
        return "Check that the peer is online."


class PeerRefused(TransferError):
    """The peer answered with an error of its own: `reason` is its code, `said` its sentence."""

    code = "transfer.peer_refused"

    def __init__(self, url: str, status: int, reason: str, said: str) -> None:
        super().__init__(url, status, reason, said)
        self.url, self.status, self.reason, self.said = url, status, reason, said

    @property
    def sentence(self) -> str:
        return f"{self.url} refused ({self.reason}): {self.said}"

    @property
    def action(self) -> str:
        return "Correct the request."


class AnswerTooLarge(TransferError):
    code = "transfer.answer_too_large"

    def __init__(self, url: str, most: int) -> None:
        super().__init__(url, most)
        self.url, self.most = url, most

    @property
    def sentence(self) -> str:
        return f"{self.url} sent more than {self.most} bytes."

    @property
    def action(self) -> str:
        return "Use another peer."


class AnswerInvalid(TransferError):
    code = "transfer.answer_invalid"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(url, why)
        self.url, self.why = url, why

    @property
    def sentence(self) -> str:
        return f"{self.url} sent an answer that cannot be used: {self.why}."

    @property
    def action(self) -> str:
        return "Use another peer."


class AdapterCorrupt(TransferError):
    """The bytes are the CID's, and not the trial's."""

    code = "transfer.adapter_corrupt"

    def __init__(self, cid: str, why: str) -> None:
        super().__init__(cid, why)
        self.cid, self.why = cid, why

    @property
    def sentence(self) -> str:
        return f"The adapter {self.cid} {self.why}."

    @property
    def action(self) -> str:
        return "Challenge the award while its window is open; do not use the adapter."


# --- resources -------------------------------------------------------------------------------


class ResourceError(SwarmError):
    """This machine is too small for the work."""

    code = "resource"
    exit_status = 3


class ModelDoesNotFit(ResourceError):
    code = "resource.model_does_not_fit"

    def __init__(self, need_bytes: int, have_bytes: int, where: str) -> None:
        super().__init__(need_bytes, have_bytes, where)
        self.need_bytes, self.have_bytes, self.where = need_bytes, have_bytes, where

    @property
    def sentence(self) -> str:
        need, have = self.need_bytes / 2**30, self.have_bytes / 2**30
        return f"The work needs {need:.1f} GiB of {self.where} and {have:.1f} GiB are free."

    @property
    def action(self) -> str:
        return "Close other programs, or take smaller sweeps."


class ModelUnsupported(ResourceError):
    """The engine cannot train on this base as the protocol demands."""

    code = "resource.model_unsupported"

    def __init__(self, model: str, why: str) -> None:
        super().__init__(model, why)
        self.model, self.why = model, why

    @property
    def sentence(self) -> str:
        return f"{self.model} {self.why}."

    @property
    def action(self) -> str:
        return "Choose another base model or other target modules."


class WorkerFailed(ResourceError):
    """The process that trains or replays ended before its work did."""

    code = "resource.worker_failed"

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(cause, detail)
        self.cause, self.detail = cause, detail

    @property
    def sentence(self) -> str:
        return f"The worker process ended early ({self.cause}): {self.detail}"

    @property
    def action(self) -> str:
        return "Read the worker's log; the work goes on from its last boundary."


class DiskTooSmall(ResourceError):
    code = "resource.disk_too_small"

    def __init__(self, need_bytes: int, have_bytes: int, directory: str) -> None:
        super().__init__(need_bytes, have_bytes, directory)
        self.need_bytes, self.have_bytes, self.directory = need_bytes, have_bytes, directory

    @property
    def sentence(self) -> str:
        need, have = self.need_bytes / 2**30, self.have_bytes / 2**30
        return f"{self.directory} has {have:.1f} GiB free and {need:.1f} GiB are needed."

    @property
    def action(self) -> str:
        return "Free some space, or choose another folder."


# --- authentication --------------------------------------------------------------------------


class AuthError(SwarmError):
    """A request is not signed by whom it says."""

    code = "auth"
    exit_status = 3


class AuthMalformed(AuthError):
    code = "auth.malformed"

    @property
    def sentence(self) -> str:
        return "The X-Swarm-Auth header is missing or malformed."

    @property
    def action(self) -> str:
        return "Send address, unix time and signature, separated by colons."


class AuthStale(AuthError):
    code = "auth.stale"

    def __init__(self, age_s: int, most_s: int) -> None:
        super().__init__(age_s, most_s)
        self.age_s, self.most_s = age_s, most_s

    @property
    def sentence(self) -> str:
        return f"The request was signed {self.age_s} s ago; {self.most_s} s are allowed."

    @property
    def action(self) -> str:
        return "Set the clock and sign again."


class AuthWrongSigner(AuthError):
    code = "auth.wrong_signer"

    def __init__(self, claimed: str) -> None:
        super().__init__(claimed)
        self.claimed = claimed

    @property
    def sentence(self) -> str:
        return f"The signature is not that of {self.claimed}."

    @property
    def action(self) -> str:
        return "Sign this method, path and body with the key of the address named."


class AuthReplayed(AuthError):
    code = "auth.replayed"

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who

    @property
    def sentence(self) -> str:
        return f"This request of {self.who} was received before."

    @property
    def action(self) -> str:
        return "Sign again with a later time."


class NotAllowed(AuthError):
    """Who calls is certain, and has no right to this."""

    code = "auth.not_allowed"

    def __init__(self, who: str, what: str) -> None:
        super().__init__(who, what)
        self.who, self.what = who, what

    @property
    def sentence(self) -> str:
        return f"{self.who} may not {self.what}."

    @property
    def action(self) -> str:
        return "Use the key of a party to it."
