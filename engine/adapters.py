"""A trained trial as a PEFT folder that any tool loads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.numpy

from compute_swarm.domain.spec import SweepSpec
from compute_swarm.domain.trial import Trial
from compute_swarm.engine.checkpoints import write_whole
from compute_swarm.engine.state import State

Card = Mapping[str, str | float | int]  # facts for the model card: metrics, receipt, seller


def save_peft(
    state: State, trial: Trial, spec: SweepSpec, directory: Path, card: Card | None = None
) -> Path:
    """Write adapter_config.json, adapter_model.safetensors and a model card; return the folder."""
    config = json.dumps(adapter_config(trial, spec), indent=2, sort_keys=True) + "\n"
    weights = safetensors.numpy.save(dict(state.w), {"format": "pt"})
    write_whole(directory / "adapter_config.json", config.encode())
    write_whole(directory / "adapter_model.safetensors", weights)
    write_whole(directory / "README.md", model_card(trial, spec, card or {}).encode())
    return directory


def adapter_config(trial: Trial, spec: SweepSpec) -> dict[str, Any]:
    return {
        "base_model_name_or_path": spec.model.id,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "lora_alpha": trial.params.alpha,
        "lora_dropout": 0.0,
        "peft_type": "LORA",
        "r": trial.params.r,
        "revision": spec.model.revision,
        "target_modules": sorted(spec.lora.target_modules),
        "task_type": "CAUSAL_LM",
    }


def model_card(trial: Trial, spec: SweepSpec, card: Card) -> str:
    """Return a README with the front matter that the hub reads."""
    params = trial.params
    facts = {
        "learning rate": params.lr,
        "rank": params.r,
        "alpha": params.alpha,
        "weight decay": params.weight_decay,
        "warm-up steps": params.warmup_steps,
        "accumulation": params.accumulation,
        "steps": spec.training.steps,
        "schedule": spec.training.schedule,
        "dtype": spec.numeric.dtype,
        **card,
    }
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return f"""---
library_name: peft
base_model: {json.dumps(spec.model.id)}
pipeline_tag: text-generation
tags:
- lora
- compute-swarm
metrics:
- loss
---

# LoRA adapter: trial {trial.index}, replica {trial.replica}

One trial of a hyper-parameter sweep on compute-swarm. The dataset is `{spec.dataset.cid}`.

| | |
|---|---|
{rows}
"""
