"""Datasets: JSON lines of text, of prompt and completion, or of chat messages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from compute_swarm.domain.jsontext import parse_json
from compute_swarm.errors import DatasetInvalid, DocumentInvalid

MOST_ROW_BYTES: Final = 2**20
MOST_ROWS: Final = 10_000_000
ROLES: Final = ("system", "user", "assistant", "tool")


class Format(StrEnum):
    TEXT = "text"
    PROMPT_COMPLETION = "prompt_completion"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class TextRow:
    text: str


@dataclass(frozen=True, slots=True)
class PromptRow:
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ChatRow:
    messages: tuple[Message, ...]


Row: TypeAlias = TextRow | PromptRow | ChatRow

_FORMATS: Final[Mapping[type[Row], Format]] = {
    TextRow: Format.TEXT,
    PromptRow: Format.PROMPT_COMPLETION,
    ChatRow: Format.MESSAGES,
}


def parse_rows(data: bytes) -> tuple[Row, ...]:
    """Return the rows of a JSONL file; blank lines are skipped, all rows have one format."""
    rows: list[Row] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        rows.append(_row(number, line))
        if type(rows[-1]) is not type(rows[0]):
            found, first = format_of(rows[-1]), format_of(rows[0])
            raise DatasetInvalid(number, f"is {found} after rows of {first}")
        if len(rows) > MOST_ROWS:
            raise DatasetInvalid(number, f"is beyond the {MOST_ROWS} rows allowed")
    if not rows:
        raise DatasetInvalid(0, "has no rows")
    return tuple(rows)


def format_of(row: Row) -> Format:
    return _FORMATS[type(row)]


def split_rows(
    rows: Sequence[Row], train: int, evaluation: int
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The first rows train, those after them evaluate; the order is the file's."""
    if train + evaluation > len(rows):
        raise DatasetInvalid(0, f"has {len(rows)} rows and the sweep uses {train + evaluation}")
    return tuple(rows[:train]), tuple(rows[train : train + evaluation])


def to_jsonl(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as a file; the same rows give the same bytes."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return "".join(line + "\n" for line in lines).encode()


def _row(number: int, line: bytes) -> Row:
    if len(line) > MOST_ROW_BYTES:
        raise DatasetInvalid(number, f"is longer than {MOST_ROW_BYTES} bytes")
    try:
        document = parse_json(line)
    except DocumentInvalid:
        raise DatasetInvalid(number, "is not JSON in UTF-8") from None
    if not isinstance(document, dict):
        raise DatasetInvalid(number, "is not a JSON object")
    keys = set(document)
    if keys == {"text"}:
        return TextRow(_text(number, document, "text"))
    if keys == {"prompt", "completion"}:
        prompt = _text(number, document, "prompt", empty=True)
        return PromptRow(prompt, _text(number, document, "completion"))
    if keys == {"messages"}:
        return ChatRow(_messages(number, document["messages"]))
    raise DatasetInvalid(number, f"has the keys {', '.join(sorted(keys)) or 'of an empty object'}")


def _text(number: int, document: Mapping[str, Any], key: str, empty: bool = False) -> str:
    value = document[key]
    if not isinstance(value, str) or not (value or empty):
        raise DatasetInvalid(number, f"has no text in `{key}`")
    return value


def _messages(number: int, value: object) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise DatasetInvalid(number, "has no messages")
    return tuple(_message(number, message) for message in value)


def _message(number: int, value: object) -> Message:
    if not isinstance(value, dict) or set(value) != {"role", "content"}:
        raise DatasetInvalid(number, "has a message that is not role and content")
    if value["role"] not in ROLES:
        raise DatasetInvalid(number, f"has the role {value['role']!r}, not {', '.join(ROLES)}")
    return Message(value["role"], _text(number, value, "content", empty=True))
