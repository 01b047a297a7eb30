"""What the contracts refuse, by the decision that a caller can take."""

from compute_swarm.errors.amounts import amount_of, ether
from compute_swarm.errors.chain import ChainRefused


class FreeTooSmall(ChainRefused):
    code = "chain.free_too_small"

    def __init__(self, who: str, token: str, need: int, have: int) -> None:
        super().__init__("FreeTooSmall", who, token, need, have)
        self.who, self.token, self.need, self.have = who, token, need, have

    @property
    def sentence(self) -> str:
        return (
            f"The account {self.who} has {amount_of(self.have, self.token)} free in the market "
            f"and needs {amount_of(self.need, self.token)}."
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

    def __init__(self, point: int) -> None:
        super().__init__("SeedUnknown", point)
        self.point = point

    @property
    def sentence(self) -> str:
        return f"The randomness for block or round {self.point} is not known."

    @property
    def action(self) -> str:
        return "Try again a little later; where it is long past, `expire` is open."


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
    """Somebody was first, or there never was anything to do."""

    code = "chain.nothing_to_do"

    @property
    def sentence(self) -> str:
        return f"The call would change nothing ({self.error})."

    @property
    def action(self) -> str:
        return "Read the chain again: somebody else may have done this already."


class AlreadyPosted(ChainRefused):
    code = "chain.already_posted"

    def __init__(self, commit_id: bytes, share: int, seat: int) -> None:
        super().__init__("AlreadyPosted", commit_id, share, seat)
        self.commit_id, self.share, self.seat = commit_id, share, seat

    @property
    def sentence(self) -> str:
        place = f"seat {self.seat} of share {self.share} of commit 0x{self.commit_id.hex()}"
        return f"A verdict for {place} is on the chain already."

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
        return (
            f"The price {self.price} is above the token's cap of {self.cap} "
            "(in wei, or the token's base units)."
        )

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
        votes = f"{self.upheld} seats upheld, {self.refuted} did not"
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
        return f"The bond would be {ether(self.bond)}; the least is {ether(self.least)}."

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


class TooMuchAtOnce(ChainRefused):
    code = "chain.too_much_at_once"

    def __init__(self, have: int, most: int) -> None:
        super().__init__("TooMuchAtOnce", have, most)
        self.have, self.most = have, most

    @property
    def sentence(self) -> str:
        return f"These are {self.have} in one transaction, and {self.most} are taken at most."

    @property
    def action(self) -> str:
        return "Do it in several parts."


class TokenNotListed(ChainRefused):
    code = "chain.token_not_listed"

    def __init__(self, token: str) -> None:
        super().__init__("TokenNotListed", token)
        self.token = token

    @property
    def sentence(self) -> str:
        return f"The market does not take {self.token} as a payment token."

    @property
    def action(self) -> str:
        return "Use one of those that `swarm net info` shows."


class WrongValue(ChainRefused):
    code = "chain.wrong_value"

    def __init__(self, sent: int, expected: int) -> None:
        super().__init__("WrongValue", sent, expected)
        self.sent, self.expected = sent, expected

    @property
    def sentence(self) -> str:
        return f"{ether(self.sent)} came along and {ether(self.expected)} was expected."

    @property
    def action(self) -> str:
        return "Send exactly what is expected."


class TransferFailed(ChainRefused):
    code = "chain.transfer_failed"

    def __init__(self, to: str, amount: int) -> None:
        super().__init__("TransferFailed", to, amount)
        self.to, self.amount = to, amount

    @property
    def sentence(self) -> str:
        return f"{self.to} did not take {ether(self.amount)}."

    @property
    def action(self) -> str:
        return "Name another address to be paid at."


class UnknownAward(ChainRefused):
    code = "chain.unknown_award"

    def __init__(self, award_id: bytes) -> None:
        super().__init__("UnknownAward", award_id)
        self.award_id = award_id

    @property
    def sentence(self) -> str:
        return f"The award 0x{self.award_id.hex()} is not on the chain as it was passed."

    @property
    def action(self) -> str:
        return "Read the award and its commit again: the chain may have been reorganised."


class StillOpen(ChainRefused):
    code = "chain.still_open"

    def __init__(self, award_id: bytes) -> None:
        super().__init__("StillOpen", award_id)
        self.award_id = award_id

    @property
    def sentence(self) -> str:
        return f"The award 0x{self.award_id.hex()} can still be settled."

    @property
    def action(self) -> str:
        return "Settle it, or have its silent judges summoned."


class VerdictNotPosted(ChainRefused):
    code = "chain.verdict_not_posted"

    def __init__(self, commit_id: bytes, share: int) -> None:
        super().__init__("VerdictNotPosted", commit_id, share)
        self.commit_id, self.share = commit_id, share

    @property
    def sentence(self) -> str:
        share = f"share {self.share} of commit 0x{self.commit_id.hex()}"
        return f"For {share} only what is posted counts, and this verdict is not."

    @property
    def action(self) -> str:
        return "Bring along the posted verdict, or none for this share."


class AnswersRefused(ChainRefused):
    """A verdict's answers are not as many or not as formed as its share wants them."""

    code = "chain.answers_refused"

    @property
    def sentence(self) -> str:
        return f"The verdict's answers are not proper ones ({self.error})."

    @property
    def action(self) -> str:
        return "Leave this verdict out; its judge has to sign another one."


class PreimageRefused(ChainRefused):
    code = "chain.preimage_refused"

    def __init__(self, demand_id: bytes) -> None:
        super().__init__("PreimageRefused", demand_id)
        self.demand_id = demand_id

    @property
    def sentence(self) -> str:
        return f"The preimage does not meet the demand 0x{self.demand_id.hex()}."

    @property
    def action(self) -> str:
        return "Open the item that was demanded, as it was replayed."


class NoFault(ChainRefused):
    """What was shown is nothing that a judge answers for."""

    code = "chain.no_fault"

    @property
    def sentence(self) -> str:
        return f"This shows no fault of the judge ({self.error})."

    @property
    def action(self) -> str:
        return "Hold the verdict against the item and the dispute that it is about."


class SetFull(ChainRefused):
    code = "chain.set_full"

    def __init__(self, most: int) -> None:
        super().__init__("SetFull", most)
        self.most = most

    @property
    def sentence(self) -> str:
        return f"All {self.most} places of validators are taken by bonds as great as this."

    @property
    def action(self) -> str:
        return "Bond more than the smallest of them."


class SessionClosed(ChainRefused):
    """A spend session can't award any more, or not yet."""

    code = "chain.session_closed"

    @property
    def sentence(self) -> str:
        return f"The spend session is not open ({self.error})."

    @property
    def action(self) -> str:
        return (
            "Have its buyer go on, or open another one with something that is still to be bought."
        )


class SessionOutdated(ChainRefused):
    code = "chain.session_outdated"

    def __init__(self, session_id: bytes, number: int, last: int) -> None:
        super().__init__("SessionOutdated", session_id, number, last)
        self.session_id, self.number, self.last = session_id, number, last

    @property
    def sentence(self) -> str:
        return f"The session's message {self.number} comes after message {self.last}."

    @property
    def action(self) -> str:
        return f"Sign it again with a number above {self.last}."


class OutsideSession(ChainRefused):
    """An award that the session's buyer did not allow: its sweep, price or seller."""

    code = "chain.outside_session"

    @property
    def sentence(self) -> str:
        return f"The spend session does not allow this award ({self.error})."

    @property
    def action(self) -> str:
        return "Leave that bid out, or have the buyer award it."


class SessionCapReached(ChainRefused):
    code = "chain.session_cap"

    def __init__(self, cost: int, left: int) -> None:
        super().__init__("SessionCapReached", cost, left)
        self.cost, self.left = cost, left

    @property
    def sentence(self) -> str:
        return (
            f"This costs {self.cost}, and {self.left} of the session's cap is left "
            "(in wei, or the token's base units)."
        )

    @property
    def action(self) -> str:
        return "Award less, or have the buyer go on."
