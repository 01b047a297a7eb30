"""Rows of text as rows of tokens, and which of them a step sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compute_swarm.domain.dataset import ChatRow, Message, PromptRow, Row, TextRow, split_rows
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.loss import IGNORED
from compute_swarm.engine.randomness import permutation
from compute_swarm.errors import DatasetInvalid

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Token ids and labels (N, L); a label of -100 carries no loss."""

    ids: Ids
    labels: Ids

    def __len__(self) -> int:
        return int(self.ids.shape[0])


@dataclass(frozen=True, slots=True)
class TokenSet:
    """A dataset for one tokenizer: every evaluation row is in a shard, and no shard is empty."""

    train: Rows
    evaluation: Rows
    shard_of: NDArray[np.int64]  # of every evaluation row
    shards: int

    def shard(self, number: int) -> Rows:
        chosen = np.flatnonzero(self.shard_of == number)
        return Rows(self.evaluation.ids[chosen], self.evaluation.labels[chosen])


def prepare(rows: Sequence[Row], spec: SweepSpec, tokenizer: Any) -> TokenSet:
    """Tokenise a dataset as its sweep says.

    Training text is one stream cut into rows of `max_length`. Evaluation rows stay apart, each
    padded, so that the dataset's row i lies in shard i % shards whatever the tokenizer does.
    """
    length, shards = spec.dataset.max_length, spec.dataset.shards
    train, evaluation = split_rows(rows, spec.dataset.train_rows, spec.dataset.eval_rows)
    if isinstance(train[0], TextRow):
        trained = _stream([_encoded(row, tokenizer) for row in train], length)
    else:
        trained = [_fitted(i, _encoded(row, tokenizer), length) for i, row in enumerate(train, 1)]
    evaluated, shard_of = [], []
    for i, row in enumerate(evaluation):
        pieces = _pieces(len(train) + i + 1, row, tokenizer, length)
        evaluated += pieces
        shard_of += [i % shards] * len(pieces)
    return TokenSet(
        _padded(trained, length, tokenizer.eos_token_id),
        _padded(evaluated, length, tokenizer.eos_token_id),
        np.array(shard_of, dtype=np.int64),
        shards,
    )


def batch_rows(seed: bytes, size: int, first: int, count: int) -> Ids:
    """Return which of `size` rows stand at places first, first + 1, … of a trial's stream.

    The stream runs through all rows once an epoch, in an order of the seed's.
    """
    places = np.arange(first, first + count)
    orders = {int(epoch): permutation(seed, int(epoch), size) for epoch in set(places // size)}
    return np.array([orders[int(p) // size][int(p) % size] for p in places], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """One row before padding; the first `silent` tokens carry no loss."""

    ids: list[int]
    silent: int = 0


def _encoded(row: Row, tokenizer: Any) -> _Tokens:
    match row:
        case TextRow(text):
            return _Tokens([*_ids(tokenizer, text), tokenizer.eos_token_id])
        case PromptRow(prompt, completion):
            head = _ids(tokenizer, prompt)
            return _Tokens([*head, *_ids(tokenizer, completion), tokenizer.eos_token_id], len(head))
        case ChatRow(messages):
            head = _ids(tokenizer, _chat(tokenizer, messages[:-1], True))
            tail = _chat(tokenizer, messages, False)[len(_chat(tokenizer, messages[:-1], True)) :]
            return _Tokens([*head, *_ids(tokenizer, tail)], len(head))


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False).input_ids)


def _chat(tokenizer: Any, messages: Sequence[Message], prompt: bool) -> str:
    """Return the model's own wording of a conversation, or a plain one where it has none."""
    if not messages:
        return ""
    if tokenizer.chat_template is None:
        lines = [f"{message.role}: {message.content}\n" for message in messages]
        return "".join([*lines, "assistant: "] if prompt else lines)
    plain = [{"role": message.role, "content": message.content} for message in messages]
    text = tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=prompt)
    return str(text)


def _stream(rows: Sequence[_Tokens], length: int) -> list[_Tokens]:
    """Cut all rows, one after another, into whole lengths; a rest is dropped unless it is all."""
    stream = [token for row in rows for token in row.ids]
    whole = max(len(stream) // length, 1)
    return [_Tokens(stream[i * length : (i + 1) * length]) for i in range(whole)]


def _pieces(line: int, row: Row, tokenizer: Any, length: int) -> list[_Tokens]:
    tokens = _encoded(row, tokenizer)
    if not isinstance(row, TextRow):
        return [_fitted(line, tokens, length)]
    cuts = range(0, len(tokens.ids), length)
    # One token alone predicts nothing.
    return [_Tokens(tokens.ids[i : i + length]) for i in cuts if len(tokens.ids) - i > 1]


def _fitted(line: int, tokens: _Tokens, length: int) -> _Tokens:
    if tokens.silent >= min(length, len(tokens.ids)):
        raise DatasetInvalid(line, f"leaves no room for an answer within {length} tokens")
    return _Tokens(tokens.ids[:length], tokens.silent)


def _padded(rows: Sequence[_Tokens], length: int, fill: int) -> Rows:
    ids = np.full((len(rows), length), fill, dtype=np.int64)
    labels = np.full((len(rows), length), IGNORED, dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = row.ids
        labels[i, row.silent : len(row.ids)] = row.ids[row.silent :]
    return Rows(ids, labels)
