"""What a restart finds: the cursor's place and the outbox."""

import pytest

from compute_swarm.chain.cursor_store import KEPT_BLOCKS, Mark, SqliteCursorStore
from compute_swarm.chain.outbox import NO_OUTBOX, Sent, SqliteOutbox
from compute_swarm.chain.rpc import Log
from compute_swarm.domain.ids import address

WHO = address("0x" + "12" * 20)


def mark(number):
    return Mark(number, number.to_bytes(32, "big"))


def log(number, index=0):
    topics = (b"\x01" * 32, b"\x02" * 32)
    where = (number, number.to_bytes(32, "big"), 10 * number, b"\x03" * 32, index)
    return Log(WHO, topics, b"data", *where)


@pytest.fixture
def open_store(tmp_path):
    stores = []

    def open_anew(name="events"):
        stores.append(SqliteCursorStore(tmp_path / "cursor.db", name))
        return stores[-1]

    yield open_anew
    for store in stores:
        store.close()


def test_marks_and_logs_outlive_a_restart(open_store):
    open_store().apply(-1, [mark(3), mark(5)], [log(3), log(5)])
    again = open_store()
    assert again.marks() == (mark(5), mark(3))
    assert again.logs_above(-1) == (log(5), log(3))


def test_what_lies_above_the_ancestor_is_forgotten(open_store):
    store = open_store()
    store.apply(-1, [mark(3), mark(5)], [log(3), log(5)])
    store.apply(3, [mark(4)], [log(4)])
    assert store.marks() == (mark(4), mark(3))
    assert store.logs_above(3) == (log(4),)


def test_the_same_batch_twice_changes_nothing(open_store):
    store = open_store()
    for _ in range(2):
        store.apply(-1, [mark(3)], [log(3), log(3, 1)])
    assert store.marks() == (mark(3),)
    assert len(store.logs_above(-1)) == 2


def test_old_blocks_are_dropped_and_the_place_is_kept(open_store):
    store = open_store()
    store.apply(-1, [mark(1)], [log(1)])
    store.apply(1, [mark(1 + 2 * KEPT_BLOCKS)], [])
    assert store.marks() == (mark(1 + 2 * KEPT_BLOCKS),)
    assert store.logs_above(-1) == ()


def test_cursors_of_one_file_are_apart(open_store):
    first, second = open_store("first"), open_store("second")
    first.apply(-1, [mark(3)], [log(3)])
    assert second.marks() == ()
    assert second.logs_above(-1) == ()


def test_an_outbox_keeps_until_it_is_told_to_drop(tmp_path):
    sent = Sent(b"\x01" * 32, b"raw", 4)
    outbox = SqliteOutbox(tmp_path / "outbox.db")
    outbox.keep("deposit", sent)
    outbox.close()
    again = SqliteOutbox(tmp_path / "outbox.db")
    assert again.sent("deposit") == sent
    assert again.sent("other") is None
    again.drop("deposit")
    assert again.sent("deposit") is None
    again.close()


def test_no_outbox_remembers_nothing():
    NO_OUTBOX.keep("deposit", Sent(b"", b"", 0))
    assert NO_OUTBOX.sent("deposit") is None
