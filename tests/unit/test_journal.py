import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from compute_swarm.domain.commitment import Boundary
from compute_swarm.domain.ids import AwardId, CommitId, Digest, DisputeId, SweepId
from compute_swarm.domain.packing import TrialKey
from compute_swarm.domain.verdict import Outcome
from compute_swarm.errors import DatabaseInUse, DatabaseTooNew
from compute_swarm.node.journal import AwardStage, BidRecord, Cursor, Journal, ResultRecord

AWARD = AwardId(b"a" * 32)
SWEEP = SweepId(b"s" * 32)
KEY = TrialKey(3, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as journal:
        yield journal


def boundary(k: int, loss: float = 1.5, evaluation: tuple[float, ...] | None = None) -> Boundary:
    return Boundary(k, Digest(bytes([k]) * 32), loss, evaluation)


def test_what_was_recorded_is_there_after_reopening(path):
    with Journal(path) as journal:
        journal.awarded(AWARD, SWEEP, {"trials": [3]})
        journal.started(AWARD, KEY)
        journal.boundary_reached(AWARD, KEY, boundary(0, 0.0, (2.0, 2.5)))
        journal.boundary_reached(AWARD, KEY, boundary(1))
    with Journal(path) as journal:
        (award,) = journal.awards(AwardStage.TRAINING)
        assert award.document == {"trials": [3]}
        assert journal.boundaries(AWARD, KEY) == [boundary(0, 0.0, (2.0, 2.5)), boundary(1)]
        assert journal.trials(AWARD)[0].boundary == 1


def test_a_record_is_durable_before_the_method_returns(journal, path):
    journal.noted("capacity", 4)
    copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert copy.execute("SELECT value FROM notes").fetchone() == ("4",)
    copy.close()


def test_a_second_writer_is_refused(journal, path):
    with pytest.raises(DatabaseInUse):
        Journal(path)


def test_a_reader_sees_what_the_writer_records_and_cannot_record(journal, path):
    with Journal.read_only(path) as reader:
        journal.awarded(AWARD, SWEEP, {})
        assert [award.award_id for award in reader.awards()] == [AWARD]
        with pytest.raises(sqlite3.OperationalError):
            reader.noted("key", 1)


def test_a_newer_schema_is_refused_and_left_alone(path):
    Journal(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(DatabaseTooNew) as caught:
        Journal(path)
    assert caught.value.version == 99


def test_a_journal_from_before_rungs_opens_without_what_nobody_can_award_or_pay(path):
    old, new = AwardId(b"o" * 32), AwardId(b"n" * 32)
    with Journal(path) as journal:
        for award, bid in ((old, {"bid": {}}), (new, {"bid": {"first": 0}})):
            journal.bid_signed(BidRecord(award, SWEEP, bid, 2_000))
        journal.awarded(old, SWEEP, {"bid": {"bid": {}}})
        journal.awarded(AWARD, SWEEP, {"bid": {"bid": {"first": 0}}})
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 1")
    database.close()
    with Journal(path) as journal:
        assert [bid.award_id for bid in journal.open_bids(1_000)] == [new]
        assert journal.award(old).stage is AwardStage.CLOSED
        assert journal.award(AWARD).stage is AwardStage.WON


def test_a_diverged_trials_losses_keep_their_bits(journal):
    journal.boundary_reached(AWARD, KEY, boundary(2, math.nan, (math.inf, math.nan)))
    (read,) = journal.boundaries(AWARD, KEY)
    assert read.leaf() == boundary(2, math.nan, (math.inf, math.nan)).leaf()


def test_an_award_goes_through_its_stages(journal):
    stages = []
    journal.awarded(AWARD, SWEEP, {})
    stages.append(journal.award(AWARD).stage)
    journal.started(AWARD, KEY)
    stages.append(journal.award(AWARD).stage)
    journal.finished(AWARD, KEY, {"done": 32})
    journal.result_signed(ResultRecord(AWARD, Digest(b"r" * 32), 32, {}))
    stages.append(journal.award(AWARD).stage)
    journal.award_closed(AWARD)
    journal.started(AWARD, KEY)
    stages.append(journal.award(AWARD).stage)
    assert stages == ["won", "training", "signed", "closed"]
    assert journal.trials(AWARD)[0].receipt == {"done": 32}


def test_an_award_seen_twice_keeps_its_stage(journal):
    journal.awarded(AWARD, SWEEP, {})
    journal.started(AWARD, KEY)
    journal.awarded(AWARD, SWEEP, {})
    assert journal.award(AWARD).stage is AwardStage.TRAINING


def test_only_the_first_signed_result_counts(journal):
    first = ResultRecord(AWARD, Digest(b"1" * 32), 32, {"n": 1})
    second = ResultRecord(AWARD, Digest(b"2" * 32), 31, {"n": 2})
    assert journal.result_signed(first) == first
    assert journal.result_signed(second) == first


def test_only_the_first_verdict_and_vote_count(journal):
    commit, dispute = CommitId(b"c" * 32), DisputeId(b"d" * 32)
    journal.verdict_signed(commit, 0, {"answers": "0x11"})
    assert journal.verdict_signed(commit, 0, {"answers": "0x22"}) == {"answers": "0x11"}
    journal.vote_signed(dispute, 0, Outcome.UPHELD, {"n": 1})
    assert journal.vote_signed(dispute, 0, Outcome.REFUTED, {"n": 2}) == {"n": 1}


def test_each_round_of_a_dispute_has_a_vote(journal):
    dispute = DisputeId(b"d" * 32)
    journal.vote_signed(dispute, 0, Outcome.UNAVAILABLE, {"n": 1})
    assert journal.vote(dispute, 1) is None
    assert journal.vote_signed(dispute, 1, Outcome.UPHELD, {"n": 2}) == {"n": 2}
    assert journal.vote(dispute, 0) == {"n": 1}


def test_a_journal_of_the_first_version_is_led_on(path):
    commit, dispute = CommitId(b"c" * 32), DisputeId(b"d" * 32)
    with Journal(path) as journal:
        journal.verdict_signed(commit, 0, {"answers": "0x11"})
    old = sqlite3.connect(path)
    old.executescript(
        "DROP TABLE votes; CREATE TABLE votes (dispute BLOB PRIMARY KEY, upheld INTEGER NOT NULL,"
        " document TEXT NOT NULL, at REAL NOT NULL); PRAGMA user_version = 1"
    )
    old.execute("INSERT INTO votes VALUES (?, 1, '{}', 0)", (dispute,))
    old.commit()
    old.close()
    with Journal(path) as journal:
        assert journal.verdict(commit, 0) == {"answers": "0x11"}
        assert journal.vote(dispute, 0) is None
        assert journal.vote_signed(dispute, 0, Outcome.UPHELD, {"n": 1}) == {"n": 1}
    with Journal(path) as journal:  # once
        assert journal.vote(dispute, 0) == {"n": 1}


def test_a_bid_is_open_until_it_expires_or_is_awarded(journal):
    late = AwardId(b"l" * 32)
    journal.bid_signed(BidRecord(AWARD, SWEEP, {}, expiry=100))
    journal.bid_signed(BidRecord(late, SWEEP, {}, expiry=200))
    assert [bid.award_id for bid in journal.open_bids(150)] == [late]
    journal.awarded(late, SWEEP, {})
    assert journal.open_bids(150) == []


def test_the_cursor_moves(journal):
    assert journal.cursor("market") is None
    journal.cursor_moved("market", Cursor(7, b"h" * 32))
    journal.cursor_moved("market", Cursor(9, b"i" * 32))
    assert journal.cursor("market") == Cursor(9, b"i" * 32)
