"""The evaluation loss as stock PEFT finds it: transformers and peft, none of the engine's model."""

import json
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from compute_swarm.domain.commitment import mean_loss
from compute_swarm.domain.dataset import parse_rows
from compute_swarm.domain.spec import SweepSpec
from compute_swarm.engine.data import Rows, TokenSet, prepare
from compute_swarm.sdk.adapter import RECEIPTS


def delivered_loss(model: Path, adapter: Path, dataset: bytes) -> float:
    """The loss of an adapter as a buyer got it, on the rows that its sweep evaluates."""
    spec = SweepSpec.from_document(json.loads((adapter / RECEIPTS).read_text())["spec"])
    rows = parse_rows(dataset)
    return stock_loss(model, adapter, prepare(rows, spec, AutoTokenizer.from_pretrained(model)))


def stock_loss(model: Path, adapter: Path, tokens: TokenSet) -> float:
    """The mean of the shards' losses, in fp32."""
    plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    adapted = PeftModel.from_pretrained(plain, str(adapter)).eval()
    return mean_loss([_loss(adapted, tokens.shard(number)) for number in range(tokens.shards)])


def _loss(model: Any, rows: Rows) -> float:
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(rows.ids)).logits[:, :-1]
    labels = torch.from_numpy(rows.labels)[:, 1:].flatten()
    return float(torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels))
