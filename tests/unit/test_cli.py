import json
import re
import subprocess
import sys

import pytest

from compute_swarm.cli.app import app, run
from compute_swarm.cli.net import capture
from compute_swarm.cli.sweep import read_sweep_file, show_trials
from compute_swarm.domain.money import Amount, format_amount
from compute_swarm.domain.status import SweepStatus, TrialStatus
from compute_swarm.domain.trial import TrialParams
from compute_swarm.errors import NothingSettled, SpecWrongType
from compute_swarm.sdk.payment import GAS_ALLOWANCE
from compute_swarm.sdk.view import SweepView, TrialRow


def row(trial, status, loss):
    none = dict.fromkeys(("seller", "award_id", "base_eval_loss"))
    counts = {"replica": 0, "segments": 8, "of_segments": 8, "attempts": 1}
    losses = {"train_loss": loss, "eval_loss": loss}
    params = TrialParams(1e-4, 8, 16.0, 0.0, 0, 1)
    return TrialRow(
        trial=trial,
        params=params,
        status=status,
        price=Amount(1),
        adapter_cid="bafy",
        **counts,
        **losses,
        **none,
    )


def view(*rows):
    return SweepView("0x12", SweepStatus.SETTLED, rows, Amount(1), Amount(2))


@pytest.fixture
def swarm(monkeypatch, capsys, tmp_path):
    """Run the command line with a home of its own; returns (status, out, err)."""

    def call(*arguments):
        try:
            status = run(["--home", str(tmp_path), *arguments])
        except SystemExit as ended:
            status = ended.code or 0
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    monkeypatch.setenv("SWARM_PASSWORD", "correct horse")
    monkeypatch.setenv("COLUMNS", "120")
    return call


def test_help_teaches_where_to_start(swarm):
    status, out, _ = swarm("--help")
    assert status == 0
    assert "swarm demo" in out
    assert "5 no offers" in re.sub(r"\s+", " ", out)


@pytest.mark.parametrize(
    "command", ["demo", "sweep", "node", "validator", "coordinator", "wallet", "net", "explain"]
)
def test_every_command_explains_itself(swarm, command):
    status, out, _ = swarm(command, "--help")
    assert status == 0
    assert len(out) > 200


def test_a_wrong_word_is_a_matter_of_usage(swarm):
    assert swarm("sweep", "fly")[0] == 2


def test_a_code_is_explained(swarm):
    status, out, _ = swarm("explain", "chain.too_little_balance")
    assert status == 0
    assert "<need>" in out


def test_every_code_can_be_explained(swarm):
    _, out, _ = swarm("explain", "--json")
    entries = json.loads(out)
    assert all(entry["code"] == code for code, entry in entries.items())
    assert {"sweep.no_offers", "config.no_key", "spec.unknown_key"} <= set(entries)


def test_every_command_that_a_refusal_names_is_there(swarm):
    entries = json.loads(swarm("explain", "--json")[1]).values()
    said = " ".join(entry["says"] + entry["do"] for entry in entries)
    commands = set(re.findall(r"`swarm ([a-z ]+)[^`]*`", said))
    assert len(commands) > 5
    for command in commands:
        assert swarm(*command.split(), "--help")[0] == 0, command


def test_what_to_do_about_a_refusal_is_not_to_ask_for_it_again(swarm):
    entries = json.loads(swarm("explain", "--json")[1])
    assert all(f"explain {code}`" not in entry["do"] for code, entry in entries.items())


def test_an_unknown_code_is_refused_in_three_lines(swarm):
    status, out, err = swarm("explain", "chain.nonsense")
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == "cli.code_unknown"
    assert "chain.refused" in err


def test_a_missing_key_is_a_matter_of_configuration(swarm):
    status, _, err = swarm("sweep", "list")
    assert status == 3
    assert "config.no_key" in err
    assert "Traceback" not in err


@pytest.mark.timeout(60)
def test_a_key_is_made_once_and_listed(swarm, tmp_path):
    status, out, _ = swarm("wallet", "new", "buyer")
    assert status == 0
    assert (tmp_path / "buyer.json").stat().st_mode & 0o777 == 0o600
    (listed,) = json.loads(swarm("wallet", "list", "--json")[1])
    assert listed["name"] == "buyer"
    assert listed["address"].lower() in out.lower()
    assert swarm("wallet", "new", "buyer")[0] == 3


def test_a_sweep_file_is_read_beside_its_data(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text('model = "m"\ndata = "rows.jsonl"\n[space]\nlr = { log = [1e-5, 1e-3] }\n')
    options = read_sweep_file(path)
    assert options["data"] == tmp_path / "rows.jsonl"
    assert options["space"] == {"lr": {"log": [1e-5, 1e-3]}}


def test_a_broken_sweep_file_is_refused(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text("model = ")
    with pytest.raises(SpecWrongType):
        read_sweep_file(path)


def test_what_a_sessions_key_needs_for_gas_is_told(swarm):
    assert format_amount(GAS_ALLOWANCE) in re.sub(r"\s+", " ", swarm("sweep", "allow", "--help")[1])


def test_nothing_is_fetched_into_a_folder_that_is_there(swarm, tmp_path):
    status, _, err = swarm("sweep", "pull", "0x1234", "--output", str(tmp_path))
    assert (status, err.splitlines()[0]) == (2, "cli.folder_taken")


@pytest.mark.parametrize("form", ["", "json", "csv"])
def test_the_best_trial_is_shown_alone(capsys, form):
    rows = [row(0, TrialStatus.SETTLED, 2.0), row(1, TrialStatus.SETTLED, 1.5)]
    show_trials(view(*rows), True, form)
    out = capsys.readouterr().out
    assert "1.5" in out
    assert "2.0" not in out


def test_without_a_settled_trial_there_is_no_best_one():
    with pytest.raises(NothingSettled):
        show_trials(view(row(0, TrialStatus.RUNNING, 2.0)), True, "json")


def test_the_odds_of_a_cartel_are_those_of_the_design():
    assert [round(100 * capture(x, 7, 4), 1) for x in (0.1, 0.2, 0.3)] == [0.3, 3.3, 12.6]


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'web3', 'nicegui', 'aiohttp', 'numpy'}"
    program = f"import sys, compute_swarm.cli.app; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_app_is_one_tree():
    assert {group.name for group in app.registered_groups} >= {"sweep", "node", "net"}
