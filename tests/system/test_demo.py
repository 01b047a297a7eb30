"""The demo as a person runs it, with the model that trains in seconds."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compute_swarm.cli.demo_plan import text_file
from stock_peft import delivered_loss

COMMAND = (sys.executable, "-m", "compute_swarm.cli", "demo", "--tiny")
SECONDS = 900  # on a machine that does other things besides

pytestmark = pytest.mark.timeout(SECONDS + 60)


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--folder", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_of(folder: Path) -> list[int]:
    """Processes that were told of the folder: all of the demo's are, but the chain."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory, anvil_binary):
    folder = tmp_path_factory.mktemp("demo") / "run"
    process = start(folder)
    try:
        output, _ = process.communicate(timeout=SECONDS)
    finally:
        process.terminate()
        process.wait(60)
    assert process.returncode == 0, output
    return folder, output


@pytest.fixture(scope="module")
def report(finished):
    return json.loads((finished[0] / "report.json").read_text())


def test_every_trial_is_settled(report):
    assert report["sweep"]["settled"] == report["sweep"]["trials"] == 8


def test_the_best_adapter_is_there_and_beats_the_base_model(report):
    best = report["sweep"]["best"]
    names = {path.name for path in Path(best["adapter_dir"]).iterdir()}
    assert best["eval_loss"] < report["sweep"]["base_eval_loss"]
    assert {"adapter_config.json", "adapter_model.safetensors", "receipts.json"} <= names


# peft asks transformers by an older name.
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")
def test_stock_peft_finds_the_loss_that_was_paid_for(report, root):
    best = report["sweep"]["best"]
    dataset = text_file().read_bytes()
    found = delivered_loss(root / "build/models/tiny", Path(best["adapter_dir"]), dataset)
    assert found == pytest.approx(best["eval_loss"], abs=2e-3)


def test_the_cheater_is_caught_and_the_buyer_made_whole(report):
    cheater = report["cheater"]
    assert cheater["slashed"] is True
    assert cheater["bond_lost_wei"] > 0
    assert cheater["refunded_wei"] > 0
    assert re.match(r"0x[0-9a-fA-F]{40}", cheater["detected_by"])


def test_every_complete_trial_was_audited(report):
    audit = report["audit"]
    assert audit["segments_claimed"] == 32 * audit["segments_audited"]
    assert audit["segments_disputed"] >= 1


def test_the_books_close_to_the_wei(report):
    books = report["books"]
    outs = ("sellers_wei", "buyers_wei", "validators_wei", "tips_wei", "burned_wei", "held_wei")
    assert books["entered_wei"] == sum(books[name] for name in outs)
    assert books["difference_wei"] == books["held_wei"] == 0
    assert books["burned_wei"] > 0


def test_the_table_and_the_books_are_printed(finished):
    _, output = finished
    assert "8 of 8 settled" in output
    assert "difference" in output


def test_nothing_is_left_running(finished):
    assert processes_of(finished[0]) == []


def test_an_interrupted_demo_ends_all_its_processes(tmp_path, anvil_binary):
    folder = tmp_path / "run"
    process = start(folder)
    try:
        deadline = time.monotonic() + 240
        while not (folder / "logs" / "seller-1.log").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0
    assert processes_of(folder) == []
