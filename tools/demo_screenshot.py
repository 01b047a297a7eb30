"""Takes docs/demo.png: a real run of the demo, as its page shows it at the end.

python tools/demo_screenshot.py [--tiny] [-o docs/demo.png]
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

COMMAND: Final = (sys.executable, "-m", "compute_swarm.cli", "demo", "--ui", "--keep")
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
ALL_SETTLED: Final = "8 of 8 trials settled"
RUN_MS: Final = 900_000.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/demo.png"))
    given = parser.parse_args()
    command = [*COMMAND, *(["--tiny"] if given.tiny else [])]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        photograph(page_url(demo), given.output)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)


def page_url(demo: "subprocess.Popen[str]") -> str:
    assert demo.stdout is not None
    for line in demo.stdout:
        print(line, end="")
        if found := re.search(r"the page is at (\S+)", line):
            return found[1]
    raise SystemExit("the demo ended before its page was up")


def photograph(url: str, output: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.get_by_text(ALL_SETTLED).wait_for(timeout=RUN_MS)
        page.wait_for_timeout(2_000)  # the charts are drawn in the next look
        output.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=output, full_page=True)
        browser.close()
    print(f"{output} is taken")


if __name__ == "__main__":
    main()
