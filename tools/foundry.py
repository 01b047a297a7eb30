"""Where the native forge, cast and anvil lie; printed as entries for PATH.

npm brings them for Linux on x86-64. Elsewhere the folders stay empty and the tools of the same
version that are on PATH already are found. Foundry's npm launchers (`@foundry-rs/forge` and so
on, without a platform in the name) are no replacement: they exit with 0 when the tool fails
and, killed, leave the tool running.
"""

import os
import platform
from pathlib import Path

TOOLS = ("forge", "cast", "anvil")
ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
PACKAGES = Path(__file__).resolve().parents[1] / "node_modules" / "@foundry-rs"


def search_path() -> str:
    """The folders of the three tools on this platform, whether npm has filled them yet or not."""
    machine = platform.machine()
    target = f"{platform.system().lower()}-{ARCHITECTURES.get(machine, machine)}"
    return os.pathsep.join(str(PACKAGES / f"{tool}-{target}" / "bin") for tool in TOOLS)


if __name__ == "__main__":
    print(search_path())
