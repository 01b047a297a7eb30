"""The root of the error tree."""

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
        return "Run `swarm explain` with its code."

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} {self.action}"
