"""The demo's base model, made ready in a process of its own: the demo itself never loads torch."""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from compute_swarm.cli.demo_plan import text_file
from compute_swarm.errors import DemoFailed

TINY_STEPS = 120  # of pre-training, so that a learning rate can be right or wrong


@dataclass(frozen=True, slots=True)
class ReadyModel:
    folder: Path
    dtype: str  # the faster one here


async def ready_model(models: Path, tiny: bool, log: Path) -> ReadyModel:
    """Convert or make the model if it isn't there, and find the faster dtype."""
    command = [
        sys.executable,
        "-m",
        "compute_swarm.cli.demo_model",
        str(models),
        *(["--tiny"] if tiny else []),
    ]
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=errors
        )
        try:
            answer, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode:
        raise DemoFailed("the base model could not be made ready", f"see {log}")
    found = json.loads(answer.splitlines()[-1])
    return ReadyModel(Path(found["folder"]), found["dtype"])


def main() -> None:
    from compute_swarm.engine import weights
    from compute_swarm.engine.numerics import faster_dtype

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    folder = _tiny(given.models) if given.tiny else weights.smollm2(given.models)
    print(json.dumps({"folder": str(folder), "dtype": faster_dtype(folder)}))  # noqa: T201


def _tiny(models: Path) -> Path:
    from compute_swarm.engine.tiny import tiny

    folder = models / "tiny"
    if not (folder / "config.json").is_file():
        tiny(folder, text=text_file().read_text(), steps=TINY_STEPS)
    return folder


if __name__ == "__main__":
    main()
