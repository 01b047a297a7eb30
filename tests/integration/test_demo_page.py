"""The demo's page in a real browser, showing a fixed sweep."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from compute_swarm.chain.devnet import free_port

pytest.importorskip("playwright")

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
TESTS = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.timeout(120)


def wait_for(url: str, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def url():
    port = free_port()
    # NiceGUI takes a test of ours for one of its own where it sees pytest's variable.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    command = [sys.executable, "-m", "example_sight", str(port)]
    process = subprocess.Popen(command, cwd=TESTS, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser, url):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(url)
    page.get_by_text("5 of 8 trials settled").wait_for(timeout=20_000)
    yield page
    page.close()


def test_it_shows_trials_audits_and_money(page):
    text = page.inner_text("main")
    for shown in ("settled", "running", "refuted", "burned from slashed bonds", "difference"):
        assert shown in text


def test_it_has_a_language_and_one_heading_of_the_first_level(page):
    assert page.get_attribute("html", "lang") == "en-GB"
    assert page.locator("h1").count() == 1


def test_the_curves_are_drawn(page):
    page.wait_for_selector("[role=img] svg path", state="attached")


def test_it_can_change_nothing(page):
    assert page.get_by_role("button").all_inner_texts() == ["DARK OR LIGHT"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser, url, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(url)
    page.get_by_text("5 of 8 trials settled").wait_for(timeout=20_000)
    page.wait_for_timeout(700)
    found = axe.Axe().run(page)
    page.close()
    assert found.violations_count == 0, found.generate_report()


def test_another_host_name_is_refused(url):
    answer = httpx.get(url, headers={"Host": "evil.example"}, trust_env=False)
    assert answer.status_code == 400
