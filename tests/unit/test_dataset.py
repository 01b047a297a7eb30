import json

import pytest

from compute_swarm.domain.dataset import (
    ChatRow,
    Format,
    Message,
    PromptRow,
    TextRow,
    format_of,
    parse_rows,
    split_rows,
    to_jsonl,
)
from compute_swarm.domain.spec import FORMATS
from compute_swarm.errors import DatasetInvalid

CHAT = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]}


@pytest.mark.parametrize(
    ("document", "row", "found"),
    [
        ({"text": "a"}, TextRow("a"), Format.TEXT),
        ({"prompt": "", "completion": "b"}, PromptRow("", "b"), Format.PROMPT_COMPLETION),
        (CHAT, ChatRow((Message("user", "Hi"), Message("assistant", "Yes?"))), Format.MESSAGES),
    ],
)
def test_three_formats_are_told_apart(document, row, found):
    rows = parse_rows(to_jsonl([document]))
    assert rows == (row,)
    assert format_of(rows[0]) is found


def test_a_spec_knows_the_same_formats():
    assert tuple(Format) == FORMATS


def test_blank_lines_and_windows_ends_are_no_rows():
    assert parse_rows(b'{"text":"a"}\r\n\n{"text":"b"}') == (TextRow("a"), TextRow("b"))


def test_line_separators_within_a_text_end_no_row():
    text = "a\u2028b\x0cc"
    assert parse_rows(to_jsonl([{"text": text}])) == (TextRow(text),)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "keys of an empty object"),
        (b'{"text":1}', "no text in `text`"),
        (b'{"text":""}', "no text in `text`"),
        (b'{"text":"a","label":1}', "keys label, text"),
        (b'{"prompt":"a"}', "keys prompt"),
        (b'{"messages":[]}', "no messages"),
        (b'{"messages":[{"role":"user"}]}', "not role and content"),
        (json.dumps({"messages": [{"role": "boss", "content": ""}]}).encode(), "role 'boss'"),
        (b'{"prompt":"a","completion":"b"}', "prompt_completion after rows of text"),
        (b'{"text":"' + b"a" * 2**20 + b'"}', "longer than"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(line, why):
    with pytest.raises(DatasetInvalid, match=why) as caught:
        parse_rows(b'{"text":"first"}\n\n' + line)
    assert caught.value.line == 3


def test_a_file_without_rows_is_no_dataset():
    with pytest.raises(DatasetInvalid) as caught:
        parse_rows(b"\n \n")
    assert caught.value.line == 0


def test_the_first_rows_train_and_the_next_evaluate():
    rows = tuple(TextRow(str(at)) for at in range(5))
    assert split_rows(rows, 3, 1) == (rows[:3], rows[3:4])


def test_rows_are_not_used_twice():
    with pytest.raises(DatasetInvalid, match="has 1 rows"):
        split_rows([TextRow("a")], 1, 1)
