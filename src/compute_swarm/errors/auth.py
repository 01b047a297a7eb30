"""Requests whose sender is not who it should be."""

from compute_swarm.errors.root import SwarmError


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
