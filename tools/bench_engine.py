"""Packed training against stock PEFT: CPU milliseconds per trial and step, as a small table.

Compare figures of one table only: machines differ, and so does the same machine from hour to
hour. CPU seconds are taken, not wall time, because others may share the cores.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from compute_swarm.domain.dataset import TextRow
from compute_swarm.domain.ids import SweepId
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import trial_seed, trials
from compute_swarm.engine.arithmetic import ATTENTION, DTYPES, fix
from compute_swarm.engine.data import TokenSet, prepare
from compute_swarm.engine.model import load_base
from compute_swarm.engine.pack import Pack
from compute_swarm.engine.resources import peak_rss
from compute_swarm.engine.tiny import tiny
from compute_swarm.engine.training import run_segment
from compute_swarm.engine.weights import smollm2

LENGTH = 64  # tokens a step
RATES = [1e-4 * 1.5**i for i in range(16)]


@dataclass(frozen=True)
class Line:
    what: str
    dtype: str
    k: int
    ms: float


def main() -> None:
    arguments = _arguments()
    fix()
    folder = tiny(arguments.cache / "tiny") if arguments.tiny else smollm2(arguments.cache)
    lines = []
    for dtype in arguments.dtypes:
        spec = bench_spec(dtype, arguments.steps)
        lines.append(Line("peft", dtype, 1, peft_ms(folder, spec)))
        lines += [Line("packed", dtype, k, packed_ms(folder, spec, k)) for k in arguments.packs]
    for text in table(lines):
        print(text)
    print(f"\npeak memory of the whole run: {peak_rss() / 2**30:.2f} GiB")


def table(lines: Sequence[Line]) -> list[str]:
    """Return the lines of a Markdown table; speed-ups are over PEFT in the same dtype."""
    alone = {line.dtype: line.ms for line in lines if line.what == "peft"}
    head = ["| trainer | dtype | K | CPU ms a trial-step | x PEFT |", "|---|---|---|---|---|"]
    return head + [
        f"| {line.what} | {line.dtype} | {line.k} | {line.ms:.0f} "
        f"| {alone[line.dtype] / line.ms:.2f} |"
        for line in lines
    ]


def bench_spec(dtype: str, steps: int) -> SweepSpec:
    """Return a sweep whose segment is `steps` steps."""
    zero = "0x" + "00" * 32
    return SweepSpec.from_document(
        {
            "model": {"id": "bench", "revision": "1", "digest": zero, "tokenizer_digest": zero},
            "dataset": {
                "cid": "bench",
                "digest": zero,
                "format": "text",
                "train_rows": 1,
                "eval_rows": 1,
                "max_length": LENGTH,
            },
            "lora": {"target_modules": ["q_proj", "v_proj"]},
            "training": {"steps": 24 * steps, "segments": 24},
            "numeric": {"dtype": dtype},
            "search": {"method": "grid", "space": {"lr": {"choice": RATES}}},
            "budget": {"max_spend": "0"},
        }
    )


def packed_ms(folder: Path, spec: SweepSpec, k: int) -> float:
    base = load_base(folder, spec.numeric)
    tokens = _tokens(spec, base.tokenizer)
    sweep = SweepId(bytes(32))
    chosen = [(t, trial_seed(sweep, t.key)) for t in trials(spec)[:k]]
    pack = Pack.fresh(base, spec, tokens, chosen)
    return _cpu_ms(lambda: run_segment(pack)) / spec.steps_per_segment / k


def peft_ms(folder: Path, spec: SweepSpec) -> float:
    """Time the plain loop that people write with peft and transformers."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    plain: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype=DTYPES[spec.numeric.dtype], attn_implementation=ATTENTION
    )
    config = LoraConfig(
        r=8, lora_alpha=16, target_modules=list(spec.lora.target_modules), task_type="CAUSAL_LM"
    )
    model = get_peft_model(plain, config)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    rows = _tokens(spec, AutoTokenizer.from_pretrained(folder)).train
    ids = torch.from_numpy(rows.ids[:1])

    def segment() -> None:
        for _ in range(spec.steps_per_segment):
            torch.autograd.backward(model(input_ids=ids, labels=ids).loss)
            optimiser.step()
            optimiser.zero_grad()

    return _cpu_ms(segment) / spec.steps_per_segment


def _tokens(spec: SweepSpec, tokenizer: Any) -> TokenSet:
    text = " ".join(f"Line {i} of a text that only has to be long enough." for i in range(90))
    return prepare([TextRow(text), TextRow("End.")], spec, tokenizer)


def _cpu_ms(segment: Callable[[], object]) -> float:
    """Return the least of three runs; the first of all builds the kernels and is left out."""
    seconds = []
    for _ in range(4):
        started = time.process_time()
        segment()
        seconds.append(time.process_time() - started)
    return 1000 * min(seconds[1:])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("build/bench"))
    parser.add_argument("--tiny", action="store_true", help="the tiny Llama, for a smoke run")
    parser.add_argument("--steps", type=int, default=2, help="steps that are timed together")
    parser.add_argument("--packs", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--dtypes", nargs="+", choices=sorted(DTYPES), default=["bfloat16"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
