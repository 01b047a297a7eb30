"""A tiny base model, real text and sweeps on them: seconds of training, all promises kept."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.dataset import Row, TextRow
from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, trial_seed, trials
from compute_swarm.engine.data import TokenSet, prepare
from compute_swarm.engine.model import Base, load_base
from compute_swarm.engine.pack import Pack
from compute_swarm.engine.tiny import tiny
from compute_swarm.engine.training import run_segment

SWEEP_ID = SweepId(hashlib.sha256(b"small sweep").digest())
VERSES = (
    "The gate is shut, the lamp is lit, the kettle sings upon the fire.",
    "Rain fell all night on slate and stone and filled the barrel to the brim.",
    "We walked beside the low canal and counted boats that wore no name.",
    "A crow that knew the baker's hours came early for the broken crust.",
    "Snow hid the road, and so the post arrived by sledge a day too late.",
    "The orchard wall was warm till ten; the cat lay there and missed no sun.",
)
_FOLDER = TemporaryDirectory()  # lives as long as the process


def small_spec(
    dtype: str = "float32",
    targets: Sequence[str] = ("q_proj", "v_proj", "down_proj"),
    eval_dtype: str | None = None,
    **space: Any,
) -> SweepSpec:
    """Return 24 segments of 2 steps on rows of 32 tokens; `space` is that of the search."""
    zero = "0x" + "00" * 32
    return SweepSpec.from_document(
        {
            "model": {"id": "tiny", "revision": "1", "digest": zero, "tokenizer_digest": zero},
            "dataset": {
                "cid": "verses",
                "digest": zero,
                "format": "text",
                "train_rows": 24,
                "eval_rows": 6,
                "max_length": 32,
            },
            "lora": {"target_modules": list(targets)},
            "training": {"steps": 48, "segments": 24, "schedule": "cosine", "eval_every": 8},
            "numeric": {"dtype": dtype, "eval_dtype": eval_dtype or dtype},
            "search": {"method": "grid", "space": {"lr": 3e-3, **space}},
            "budget": {"max_spend": "0"},
        }
    )


def mixed_spec(dtype: str = "float32", eval_dtype: str | None = None) -> SweepSpec:
    """Eight trials of different rates, ranks and accumulations."""
    return small_spec(
        dtype,
        eval_dtype=eval_dtype,
        lr={"choice": [1e-3, 1e-2]},
        r={"choice": [4, 12]},
        accumulation={"choice": [1, 3]},
        weight_decay=0.1,
        warmup_steps=3,
    )


def small_rows(count: int = 30) -> list[Row]:
    return [TextRow(f"{VERSES[i % 6]} ({i})") for i in range(count)]


@cache
def tiny_folder() -> Path:
    return tiny(Path(_FOLDER.name) / "tiny", text=" ".join(VERSES), steps=30)


@cache
def tiny_base(dtype: str = "float32") -> Base:
    return load_base(tiny_folder(), small_spec(dtype).numeric)


def small_tokens(spec: SweepSpec) -> TokenSet:
    return prepare(small_rows(), spec, tiny_base(spec.numeric.dtype).tokenizer)


def fresh_pack(spec: SweepSpec, indices: Iterable[int]) -> Pack:
    """Return these trials of the sweep at boundary 0."""
    table = trials(spec)
    base = tiny_base(spec.numeric.dtype)
    return Pack.fresh(base, spec, small_tokens(spec), [seeded(table[i]) for i in indices])


def seeded(trial: Trial) -> tuple[Trial, bytes]:
    return trial, trial_seed(SWEEP_ID, trial.key)


def advance(pack: Pack, segments: int) -> Pack:
    for _ in range(segments):
        run_segment(pack)
    return pack


def hashes(pack: Pack) -> list[StateHashes]:
    return [state.hashes() for state in pack.states()]
