"""What the engine trained, loaded by stock PEFT."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from compute_swarm.domain.commitment import mean_loss
from compute_swarm.domain.trial import trials
from compute_swarm.engine.adapters import save_peft
from compute_swarm.engine.data import TokenSet
from compute_swarm.engine.evaluation import evaluate
from compute_swarm.engine.pack import Pack
from small_sweep import advance, fresh_pack, small_spec, tiny_folder


def peft_loss(folder: Path, base: Path, dtype: torch.dtype, tokens: TokenSet) -> float:
    """Return the mean loss over the shards by transformers and peft alone."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    plain = AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
    model: Any = PeftModel.from_pretrained(plain, str(folder)).eval()
    losses = []
    for number in range(tokens.shards):
        rows = tokens.shard(number)
        labels = torch.from_numpy(rows.labels)
        with torch.no_grad():
            losses.append(float(model(input_ids=torch.from_numpy(rows.ids), labels=labels).loss))
    return mean_loss(losses)


def trained(dtype: str) -> Pack:
    spec = small_spec(dtype, r={"choice": [5, 8]}, alpha=12.0)
    return advance(fresh_pack(spec, [0, 1]), 8)


# peft asks transformers by an older name.
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_stock_peft_finds_the_same_loss(tmp_path: Path, dtype: str) -> None:
    pack = trained(dtype)
    torch_dtype = pack.base.dtype
    scores = evaluate(pack)
    for state, trial, losses in zip(pack.states(), trials(pack.spec), scores, strict=True):
        folder = save_peft(state, trial, pack.spec, tmp_path / str(trial.index))
        found = peft_loss(folder, tiny_folder(), torch_dtype, pack.tokens)
        assert found == pytest.approx(mean_loss(losses), abs=2e-3)


def test_the_folder_says_what_it_is(tmp_path: Path) -> None:
    pack = trained("float32")
    trial = trials(pack.spec)[0]
    save_peft(pack.states()[0], trial, pack.spec, tmp_path, {"eval loss": 1.25})
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (5, 12.0)
    assert config["base_model_name_or_path"] == "tiny"
    card = (tmp_path / "README.md").read_text()
    assert card.startswith('---\nlibrary_name: peft\nbase_model: "tiny"\n')
    assert "| eval loss | 1.25 |" in card
    assert "| rank | 5 |" in card
