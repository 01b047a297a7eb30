"""What a buyer says of a sweep, and the complete document that it becomes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from compute_swarm.domain.ids import NATIVE, Address, hex32
from compute_swarm.domain.money import ETHER, Amount, Coin
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.errors import SpecMissingKey, SpecOutOfRange, SpecUnknownKey
from compute_swarm.sdk.dataset import PreparedData
from compute_swarm.sdk.model import ModelFiles
from compute_swarm.sdk.space import space_document

Rows = Sequence[Mapping[str, Any]]

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
METRICS = {"eval_loss": "eval/loss"}  # as Python names it, as the vocabulary does


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """A sweep as a person writes it. What is left out gets the value that stands here.

    `steps` defaults to one pass over the rows, rounded up to whole segments; `verdict_time` to
    the hour that most sweeps need, within what the network allows.
    """

    model: str | Path  # a known name or a local folder of safetensors
    data: str | Path | Rows  # a .jsonl file, or the rows themselves
    space: Mapping[str, Any]
    max_spend: str | Amount
    trials: int | None = None  # None: the whole grid
    metric: str = "eval_loss"
    method: str = "random"
    replicas: int = 1
    seed: int = 0
    steps: int | None = None
    segments: int = 32
    micro_batch: int = 1
    max_length: int = 512
    eval_rows: int | None = None  # None: a tenth of the rows
    eval_every: int | None = None  # segments; None: at the end only
    schedule: str = "constant"
    dtype: str = "float32"
    eval_dtype: str | None = None  # None: the same as `dtype`
    target_modules: Sequence[str] = TARGETS
    vram_gib: int = 0
    reachability: str = "any"
    deadline_s: int = 3_600
    verdict_time: int | None = None
    token: Address = NATIVE
    salt: str = "0x" + "00" * 32  # another one makes the same sweep a new one

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read options by name; unknown and missing ones are refused by name."""
        known = [field.name for field in fields(cls)]
        for name in options:
            if name not in known:
                raise SpecUnknownKey(name, known)
        for name in ("model", "data", "space", "max_spend"):
            if options.get(name) is None:
                raise SpecMissingKey(name)
        return cls(**options)


def build_spec(
    request: SweepRequest,
    model: ModelFiles,
    data: PreparedData,
    verdict_times: tuple[int, int],
    coin: Coin = ETHER,
) -> SweepSpec:
    """Return the checked spec with every default filled in; `coin` is the token's."""
    spec = SweepSpec.from_document(
        {
            "model": {
                "id": model.id,
                "revision": model.revision,
                "digest": hex32(model.digest),
                "tokenizer_digest": hex32(model.tokenizer_digest),
            },
            "dataset": data.document(request.max_length),
            "lora": {"target_modules": list(request.target_modules)},
            "training": _training(request, data),
            "numeric": _numeric(request),
            "search": _search(request),
            "requirements": {
                "vram_gib": request.vram_gib,
                "reachability": request.reachability,
            },
            "budget": _budget(request, verdict_times, coin),
            "metric": METRICS.get(request.metric, request.metric),
            "salt": request.salt,
        }
    )
    time, (least, most) = spec.budget.verdict_time, verdict_times
    if not least <= time <= most:
        raise SpecOutOfRange("budget.verdict_time", time, least, most)
    return spec


def _training(request: SweepRequest, data: PreparedData) -> dict[str, Any]:
    one_pass = math.ceil(data.train_rows / max(request.micro_batch, 1))
    whole = math.ceil(one_pass / max(request.segments, 1)) * request.segments
    return {
        "steps": whole if request.steps is None else request.steps,
        "segments": request.segments,
        "micro_batch": request.micro_batch,
        "eval_every": request.segments if request.eval_every is None else request.eval_every,
        "schedule": request.schedule,
    }


def _numeric(request: SweepRequest) -> dict[str, Any]:
    document = {"dtype": request.dtype}
    return document if request.eval_dtype is None else document | {"eval_dtype": request.eval_dtype}


def _search(request: SweepRequest) -> dict[str, Any]:
    document = {
        "method": request.method,
        "replicas": request.replicas,
        "seed": request.seed,
        "space": space_document(request.space),
    }
    return document if request.trials is None else document | {"trials": request.trials}


def _budget(request: SweepRequest, verdict_times: tuple[int, int], coin: Coin) -> dict[str, Any]:
    spend = request.max_spend
    amount = coin.parse(spend) if isinstance(spend, str) else spend
    least, most = verdict_times
    usual = min(max(3_600, least), most)
    return {
        "token": request.token,
        "max_spend": str(int(amount)),
        "deadline_s": request.deadline_s,
        "verdict_time": usual if request.verdict_time is None else request.verdict_time,
    }
