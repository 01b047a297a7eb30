"""One vocabulary of metrics from the trainer to every screen; one JSON event a line."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from compute_swarm.domain.ids import Digest, sha256
from compute_swarm.domain.jsontext import parse_json
from compute_swarm.errors import DocumentInvalid

_NON_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Metric(StrEnum):
    TRAIN_LOSS = "train/loss"
    TRAIN_LR = "train/lr"
    TRAIN_GRAD_NORM = "train/grad_norm"
    TRAIN_STEP = "train/step"
    TRAIN_TOKENS_SEEN = "train/tokens_seen"
    EVAL_LOSS = "eval/loss"
    EVAL_PERPLEXITY = "eval/perplexity"
    PERF_TOKENS_PER_S = "perf/tokens_per_s"
    PERF_STEP_MS = "perf/step_ms"
    MEM_PEAK_RSS_MB = "mem/peak_rss_mb"
    MEM_PEAK_VRAM_MB = "mem/peak_vram_mb"
    PACK_K = "pack/k"
    TRIAL_STATUS = "trial/status"


@dataclass(frozen=True, slots=True)
class MetricEvent:
    trial: int
    replica: int
    step: int
    time: float  # unix seconds
    name: Metric
    value: float | str  # a word for trial/status only

    def line(self) -> str:
        """One JSON object without a line break; what JSON lacks (NaN, infinity) as a word."""
        document = asdict(self)
        document["value"] = _written(self.value)
        return json.dumps(document, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_line(cls, line: str) -> "MetricEvent":
        try:
            document = parse_json(line)
            return cls(
                trial=int(document["trial"]),
                replica=int(document["replica"]),
                step=int(document["step"]),
                time=float(document["time"]),
                name=(name := Metric(document["name"])),
                value=_read(name, document["value"]),
            )
        except (DocumentInvalid, ValueError, TypeError, KeyError, OverflowError):
            raise DocumentInvalid(line[:80], "a metric event") from None


def to_jsonl(events: Iterable[MetricEvent]) -> bytes:
    return "".join(event.line() + "\n" for event in events).encode()


def from_jsonl(data: bytes) -> Iterator[MetricEvent]:
    """Yield the events of whole lines; a last line without its end is still being written."""
    for line in data.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield MetricEvent.from_line(line.decode("utf-8", "replace"))


def metrics_digest(jsonl: bytes) -> Digest:
    return Digest(sha256(jsonl))


def _written(value: float | str) -> Any:
    if isinstance(value, str) or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _read(name: Metric, value: Any) -> float | str:
    if name is Metric.TRIAL_STATUS:
        return str(value)
    if isinstance(value, str):
        return _NON_FINITE[value]
    return float(value)
