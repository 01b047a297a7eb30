from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from compute_swarm.domain.dataset import ChatRow, Message, PromptRow, Row, TextRow
from compute_swarm.engine.data import TokenSet, batch_rows, prepare
from compute_swarm.engine.loss import IGNORED
from compute_swarm.errors import DatasetInvalid
from small_sweep import small_rows, small_spec, small_tokens, tiny_base

SEED = bytes(range(32))


def tokenised(rows: list[Row], evaluation: int = 1, length: int = 16) -> TokenSet:
    spec = small_spec()
    dataset = replace(
        spec.dataset, train_rows=len(rows) - evaluation, eval_rows=evaluation, max_length=length
    )
    return prepare(rows, replace(spec, dataset=dataset), tiny_base().tokenizer)


def text(ids: np.ndarray) -> str:
    return str(tiny_base().tokenizer.decode(ids))


def labelled(tokens: TokenSet, row: int = 0) -> str:
    labels = tokens.train.labels[row]
    return text(labels[labels != IGNORED])


def test_training_text_is_one_stream_without_its_rest() -> None:
    tokens = tokenised([TextRow("a" * 10), TextRow("b" * 13), TextRow("e")])
    assert text(tokens.train.ids[0]) == "a" * 10 + "<|end|>" + "b" * 5
    assert tokens.train.ids.shape == (1, 16)
    assert np.array_equal(tokens.train.ids, tokens.train.labels)


def test_text_shorter_than_a_row_is_padded() -> None:
    tokens = tokenised([TextRow("abc"), TextRow("e")])
    assert labelled(tokens) == "abc<|end|>"
    assert tokens.train.ids.shape == (1, 16)


def test_evaluation_rows_stay_apart_and_fill_their_shards() -> None:
    rows: list[Row] = [TextRow("t" * 20), TextRow("x" * 20), TextRow("y"), TextRow("z" * 16)]
    tokens = tokenised(rows, evaluation=3)
    assert tokens.shards == 3
    assert tokens.shard_of.tolist() == [0, 0, 1, 2]  # z's end would stand alone and is left out
    assert text(tokens.shard(0).ids[1])[:4] == "xxxx"


def test_no_shard_is_empty_whatever_the_tokenizer() -> None:
    tokens = small_tokens(small_spec())
    assert set(tokens.shard_of.tolist()) == set(range(tokens.shards))


def test_rows_beyond_the_shards_wrap_around() -> None:
    tokens = tokenised([TextRow("text")] * 41, evaluation=40)
    assert tokens.shards == 32
    assert Counter(tokens.shard_of.tolist()) == {i: 2 if i < 8 else 1 for i in range(32)}


def test_only_completions_carry_loss() -> None:
    tokens = tokenised([PromptRow("1+1=", "2"), PromptRow("e", "e")])
    assert labelled(tokens) == "2<|end|>"
    assert text(tokens.train.ids[0])[:12] == "1+1=2<|end|>"


def test_only_the_last_message_carries_loss() -> None:
    chat = ChatRow((Message("user", "hi"), Message("assistant", "yo")))
    tokens = tokenised([chat, chat], length=64)
    assert labelled(tokens) == "yo\n"
    assert text(tokens.train.ids[0]).startswith("user: hi\nassistant: yo\n")


def test_an_answer_is_cut_at_the_length() -> None:
    tokens = tokenised([PromptRow("p" * 10, "c" * 10), PromptRow("e", "e")])
    assert labelled(tokens) == "c" * 6


def test_a_row_without_room_for_its_answer_is_named() -> None:
    with pytest.raises(DatasetInvalid) as error:
        tokenised([PromptRow("e", "e"), PromptRow("p" * 16, "c"), PromptRow("e", "e")])
    assert error.value.line == 2


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(DatasetInvalid):
        prepare(small_rows(29), small_spec(), tiny_base().tokenizer)


def test_an_epoch_shows_every_row_once() -> None:
    seen = [int(row) for start in range(0, 20, 4) for row in batch_rows(SEED, 10, start, 4)]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]


def test_any_place_of_the_stream_can_be_asked_for_by_itself() -> None:
    stream = batch_rows(SEED, 7, 0, 30)
    assert np.array_equal(stream[13:17], batch_rows(SEED, 7, 13, 4))
