"""An award's trials in the worker: what the engine tells, put on disk and passed on as events."""

import json
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from compute_swarm.domain import wire
from compute_swarm.domain.commitment import Boundary, mean_loss
from compute_swarm.domain.dataset import parse_rows
from compute_swarm.domain.ids import SweepId, parse_hex
from compute_swarm.domain.metrics import MetricEvent
from compute_swarm.domain.packing import TrialKey, unpack_trials
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, trials
from compute_swarm.engine.adapters import save_peft
from compute_swarm.engine.checkpoints import Checkpoint, Checkpoints
from compute_swarm.engine.data import TokenSet, prepare
from compute_swarm.engine.executor import Work, run
from compute_swarm.engine.invariance import most_together
from compute_swarm.engine.model import load_base
from compute_swarm.engine.state import State
from compute_swarm.errors import BadInput, BlockCorrupt
from compute_swarm.verifier.layout import (
    adapter_folder,
    metrics_file,
    start_file,
    states_folder,
)

Document = dict[str, Any]
Emit = Callable[[Document], None]


def train_award(
    job: Document,
    emit: Emit,
    stop: threading.Event,
    variant: Callable[[TokenSet], TokenSet] | None = None,
) -> Document:
    """Train until all trials are done or `stop` is set; then write the adapters of what there is.

    `variant` changes what is trained on: the demo's cheater passes one, nobody else does.
    """
    folder, spec = Path(job["folder"]), SweepSpec.from_document(job["spec"])
    chosen = _chosen(spec, unpack_trials(parse_hex(job["trials"])))
    store = Checkpoints(states_folder(folder))
    base = load_base(Path(job["base"]), spec.numeric, job["device"])
    rows = parse_rows(Path(job["dataset"]).read_bytes())
    tokens = prepare(rows, spec, base.tokenizer)
    work = Work(
        base=base,
        spec=spec,
        tokens=tokens if variant is None else variant(tokens),
        sweep_id=SweepId(parse_hex(job["sweep_id"], 32)),
        trials=chosen,
        last=job["last"],
        pack_size=most_together(base, spec, job["pack_size"]),
    )
    _begin_rung(folder, store, chosen, job["starts"])
    _tell_unheard(store, chosen, job["known"], emit)
    metrics = _Metrics(folder, emit)

    def on_boundary(
        key: TrialKey, k: int, state: State, loss: float, losses: tuple[float, ...] | None
    ) -> None:
        emit(_boundary_event(key, Checkpoint(k, state, loss, losses)))

    complete = run(work, store, on_boundary, metrics.append, stop.is_set)
    return {"complete": complete, "adapters": _adapters(work, job["first"], store, folder)}


def _chosen(spec: SweepSpec, keys: Sequence[TrialKey]) -> tuple[Trial, ...]:
    table = {trial.key: trial for trial in trials(spec)}
    return tuple(table[key] for key in keys)


def _begin_rung(
    folder: Path, store: Checkpoints, chosen: Sequence[Trial], starts: Sequence[Document]
) -> None:
    """Take what was fetched for the start of each trial, where it is the earlier award's end.

    What is not is dropped, so that it is fetched again: the bytes may have come from anybody.
    """
    boundaries = {wire.decode(TrialKey, one["key"]): one["boundary"] for one in starts}
    for trial in chosen:
        if trial.key not in boundaries or store.boundaries(trial.key):
            continue
        end = wire.decode(Boundary, boundaries[trial.key])
        path = start_file(folder, trial.key)
        try:
            state = State.from_bytes(path.read_bytes())
            same = state.digest(end.k) == end.digest
        except (BadInput, LookupError, ValueError, struct.error):
            same = False
        if not same:
            path.unlink()
            raise BlockCorrupt(f"state {end.k} of {trial.key}", "the award it goes on from")
        store.save(trial.key, Checkpoint(end.k, state, end.loss, end.eval_losses))


def _tell_unheard(
    store: Checkpoints, chosen: Sequence[Trial], known: Mapping[str, int], emit: Emit
) -> None:
    """Report boundaries on disk beyond those that the node's journal has.

    They were reported when they were reached, but the node may have been dead by then.
    """
    for trial in chosen:
        for k in store.boundaries(trial.key):
            if k > known.get(str(trial.key), -1):
                emit(_boundary_event(trial.key, store.load(trial.key, k)))


def _boundary_event(key: TrialKey, at: Checkpoint) -> Document:
    boundary = Boundary(at.k, at.state.digest(at.k), at.loss, at.eval_losses)
    return {"event": "boundary", "key": wire.encode(key), "boundary": wire.encode(boundary)}


def _adapters(work: Work, first: int, store: Checkpoints, folder: Path) -> list[Document]:
    """Write the adapter of every trial that has a segment, and return what they are."""
    written = []
    for trial in work.trials:
        reached = store.boundaries(trial.key)
        if not reached or reached[-1] == first:
            continue
        last = store.load(trial.key, reached[-1])
        save_peft(last.state, trial, work.spec, adapter_folder(folder, trial.key), _card(last))
        digest = wire.encode(last.state.hashes().w)
        written.append({"key": wire.encode(trial.key), "k": last.k, "digest": digest})
    return written


def _card(last: Checkpoint) -> dict[str, str | float | int]:
    facts: dict[str, str | float | int] = {"segments": last.k, "train/loss": last.loss}
    if last.eval_losses is not None:
        facts["eval/loss"] = mean_loss(last.eval_losses)
    return facts


class _Metrics:
    """One file of events a trial, and a copy of each event for the node."""

    def __init__(self, folder: Path, emit: Emit) -> None:
        self._folder = folder
        self._emit = emit
        self._whole: set[TrialKey] = set()

    def append(self, event: MetricEvent) -> None:
        key = TrialKey(event.trial, event.replica)
        path = metrics_file(self._folder, key)
        if key not in self._whole:
            _drop_torn_line(path)
            self._whole.add(key)
        with path.open("a", encoding="utf-8") as file:
            file.write(event.line() + "\n")
        self._emit({"event": "metric", "metric": json.loads(event.line())})


def _drop_torn_line(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        path.write_bytes(whole)
