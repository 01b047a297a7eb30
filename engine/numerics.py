"""What decides bits besides the specification, and whether this machine keeps its promises.

Two machines of one class compute the same state digests; between classes only tolerances hold.
"""

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from compute_swarm.domain.commitment import StateHashes
from compute_swarm.domain.ids import ClassId, SweepId, keccak
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial, TrialParams, trial_seed
from compute_swarm.engine.arithmetic import ATTENTION, DTYPES, THREADS, fix
from compute_swarm.engine.data import Rows, TokenSet
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.model import Base
from compute_swarm.engine.pack import Pack
from compute_swarm.engine.training import run_segment

__all__ = ["ENGINE_VERSION", "MachineClass", "class_id", "faster_dtype", "fix", "self_test"]

ENGINE_VERSION: Final = "1"  # changes whenever the same specification gives other bits

# GEMM libraries choose their kernels by these.
_ISA_FLAGS: Final = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_tile")


@dataclass(frozen=True, slots=True)
class MachineClass:
    """Everything outside the specification that may change a bit of a state."""

    engine: str
    device: str
    kernels: str
    dtype: str
    threads: int
    attention: str
    libraries: Mapping[str, str]

    @property
    def id(self) -> ClassId:
        document = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return ClassId(keccak(document.encode()))


def machine_class(dtype: str, device: str = "cpu") -> MachineClass:
    """Describe this machine as far as it decides bits."""
    name, kernels = _cuda(device) if device.startswith("cuda") else _cpu()
    return MachineClass(
        engine=ENGINE_VERSION,
        device=name,
        kernels=kernels,
        dtype=dtype,
        threads=THREADS,
        attention=ATTENTION,
        libraries={
            "numpy": np.__version__,
            "torch": torch.__version__,
            "transformers": version("transformers"),
        },
    )


def class_id(dtype: str, device: str = "cpu") -> ClassId:
    return machine_class(dtype, device).id


def self_test(base: Base, eval_dtype: str | None = None, tokens: int = 32) -> bool:
    """Whether a trial gets the same bits alone as in a pack of four, on this base and device.

    Its state and its evaluation are compared. Where they differ, packs of one remain right.
    """
    spec = _test_spec(base, eval_dtype)
    data = _test_tokens(base, tokens)
    params = [TrialParams(1e-3 * (i + 1), 4 * (i + 1), 16.0, 0.01, 1, 1) for i in range(4)]
    trials = [Trial(i, 0, own) for i, own in enumerate(params)]
    packed = _trained(base, spec, data, trials)
    return all(
        _trained(base, spec, data, [trials[i]]) == [packed[i]]
        for i in (0, 3)  # the lowest rank and the highest; the others lie between them
    )


def faster_dtype(directory: Path, tokens: int = 64) -> str:
    """Time two random layers of the model in both dtypes and name the faster one."""
    fix()
    return min(DTYPES, key=lambda dtype: _layer_seconds(directory, DTYPES[dtype], tokens))


def _trained(
    base: Base, spec: SweepSpec, data: TokenSet, trials: list[Trial]
) -> list[tuple[StateHashes, tuple[float, ...]]]:
    sweep = SweepId(bytes(32))
    pack = Pack.fresh(base, spec, data, [(t, trial_seed(sweep, t.key)) for t in trials])
    run_segment(pack)
    hashes = [state.hashes() for state in pack.states()]
    return list(zip(hashes, evaluate(pack), strict=True))


def _test_spec(base: Base, eval_dtype: str | None) -> SweepSpec:
    dtype = next(name for name, torch_dtype in DTYPES.items() if torch_dtype == base.dtype)
    targets = [t for t in ("q_proj", "v_proj", "down_proj", "c_attn") if base.has(t)]
    zero = "0x" + "00" * 32
    return SweepSpec.from_document(
        {
            "model": {"id": "test", "revision": "test", "digest": zero, "tokenizer_digest": zero},
            "dataset": {
                "cid": "test",
                "digest": zero,
                "format": "text",
                "train_rows": 4,
                "eval_rows": 1,
                "max_length": 64,
            },
            "lora": {"target_modules": targets},
            "training": {"steps": 48, "segments": 24},
            "numeric": {"dtype": dtype, "eval_dtype": eval_dtype or dtype},
            "search": {"space": {"lr": 1e-3}, "trials": 1},
            "budget": {"max_spend": "0"},
        }
    )


def _test_tokens(base: Base, length: int) -> TokenSet:
    words = np.random.Philox(key=1).random_raw(4 * length) % np.uint64(base.head.shape[0])
    ids = words.astype(np.int64).reshape(4, length)
    rows = Rows(ids, ids)
    return TokenSet(rows, Rows(ids[:1], ids[:1]), np.zeros(1, dtype=np.int64), 1)


def _layer_seconds(directory: Path, dtype: torch.dtype, tokens: int) -> float:
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    config.num_hidden_layers = 2
    config.layer_types = None
    auto: Any = AutoModelForCausalLM  # this method of it is untyped
    model = auto.from_config(config, attn_implementation=ATTENTION)
    decoder = model.get_decoder().to(dtype).requires_grad_(False)
    x = torch.zeros(1, tokens, config.hidden_size, dtype=dtype, requires_grad=True)
    seconds = []
    for _ in range(4):  # the first builds the kernels
        started = time.process_time()
        torch.autograd.backward(decoder(inputs_embeds=x, use_cache=False)[0].sum())
        seconds.append(time.process_time() - started)
    return min(seconds[1:])


def _cuda(device: str) -> tuple[str, str]:
    import pynvml

    pynvml.nvmlInit()
    try:
        driver = str(pynvml.nvmlSystemGetDriverVersion())
    finally:
        pynvml.nvmlShutdown()
    properties = torch.cuda.get_device_properties(torch.device(device))
    capability = f"sm_{properties.major}{properties.minor}"
    return properties.name, f"{capability} driver {driver} cuda {torch.version.cuda}"


def _cpu() -> tuple[str, str]:
    # oneDNN and MKL pick blockings by vendor, model and ISA, so the model number counts too.
    info = _cpuinfo(Path("/proc/cpuinfo"))
    flags = info.get("flags", "").split()
    vendor = info.get("vendor_id", platform.machine())
    model = info.get("model", platform.processor())
    name = f"{vendor} {info.get('cpu family', '')} {model}"
    environment = (os.environ.get("MKL_CBWR", ""), os.environ.get("ONEDNN_MAX_CPU_ISA", ""))
    isa = [torch.backends.cpu.get_cpu_capability(), *(f for f in _ISA_FLAGS if f in flags)]
    return name, " ".join([*isa, *(word for word in environment if word)])


def _cpuinfo(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    first = path.read_text().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
