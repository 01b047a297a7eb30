import math

import pytest

from compute_swarm.domain.ids import sha256
from compute_swarm.domain.metrics import (
    Metric,
    MetricEvent,
    from_jsonl,
    metrics_digest,
    to_jsonl,
)
from compute_swarm.errors import DocumentInvalid


def event(value=2.5, name=Metric.TRAIN_LOSS, step=3):
    return MetricEvent(0, 1, step, 1700000000.25, name, value)


def test_an_event_is_one_line():
    assert event().line() == (
        '{"trial":0,"replica":1,"step":3,"time":1700000000.25,"name":"train/loss","value":2.5}'
    )


@pytest.mark.parametrize("value", [0.1, -1.0, math.inf, -math.inf])
def test_an_event_is_read_from_its_line(value):
    assert MetricEvent.from_line(event(value).line()) == event(value)


def test_a_diverged_loss_is_kept():
    read = MetricEvent.from_line(event(math.nan).line())
    assert isinstance(read.value, float)
    assert math.isnan(read.value)


def test_a_status_is_a_word():
    some = event("running", Metric.TRIAL_STATUS)
    assert MetricEvent.from_line(some.line()) == some


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{",
        event().line().replace("train/loss", "loss"),
        event().line().replace("2.5", '"x"'),
        event().line().replace("2.5", "[]"),
    ],
)
def test_what_is_no_event_is_refused(line):
    with pytest.raises(DocumentInvalid):
        MetricEvent.from_line(line)


def test_a_line_still_being_written_is_left():
    data = to_jsonl([event(step=1), event(step=2)])
    assert [e.step for e in from_jsonl(data + b'{"tri')] == [1, 2]


def test_the_digest_is_of_the_files_bytes():
    data = to_jsonl([event()])
    assert metrics_digest(data) == sha256(data)
