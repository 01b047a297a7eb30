"""Bytes that did not arrive, or are not what was asked for."""

from compute_swarm.errors.root import SwarmError


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
