"""What all tests share: tools on PATH, and an account of what was left out.

A test that lacks a tool skips with a reason. The reasons are told at the end; with
REQUIRE_ALL=1, as in CI, each of them is a failure.
"""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from foundry import search_path  # tools/foundry.py

ROOT = Path(__file__).resolve().parents[1]
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"

# For a bare `pytest`; make has done it already.
os.environ["PATH"] = os.pathsep.join([search_path(), os.environ["PATH"]])


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected = hasattr(report, "wasxfail")
    if REQUIRE_ALL and report.skipped and not expected:
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skip: {reason(report)}"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.getreports("skipped")
    if left_out:
        terminalreporter.section("left out (REQUIRE_ALL=1 makes these failures)")
    for report in left_out:
        terminalreporter.line(f"{report.nodeid}: {reason(report)}")


def required_binary(name: str, package: str) -> Path:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on PATH (install {package})")
    return Path(found)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's top level."""
    return ROOT


@pytest.fixture(scope="session")
def forge() -> Path:
    return required_binary("forge", "the npm packages: make setup")


@pytest.fixture(scope="session")
def anvil_binary() -> Path:
    return required_binary("anvil", "the npm packages: make setup")


@pytest.fixture(scope="session")
def chromium() -> Path:
    return required_binary("chromium", "Debian's package chromium")
