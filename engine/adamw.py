"""AdamW over all trials of a pack, each with its own rate, decay and step count."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

from compute_swarm.engine.lora import Adapters

BETA1: Final = 0.9
BETA2: Final = 0.999
EPSILON: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Update:
    """One trial's part of an optimiser step; `number` starts at 1 for bias correction."""

    lr: float
    weight_decay: float
    number: int
    accumulation: int


@torch.no_grad()
def apply(adapters: Adapters, updates: Sequence[Update]) -> None:
    """Change weights and moments by the summed gradients.

    Rows are taken one by one: a trial's buffers then stay in the cache, and no element's
    arithmetic can depend on how many trials there are.
    """
    scratch = torch.empty_like(adapters.w[0])
    for k, update in enumerate(updates):
        w, g, m, v = adapters.w[k], adapters.g[k], adapters.m[k], adapters.v[k]
        if update.accumulation > 1:
            g.mul_(1 / update.accumulation)
        m.mul_(BETA1).add_(g, alpha=1 - BETA1)
        v.mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
        torch.sqrt(v, out=scratch)
        scratch.mul_(1 / math.sqrt(1 - BETA2**update.number)).add_(EPSILON)
        if update.weight_decay:
            w.mul_(1 - update.lr * update.weight_decay)
        w.addcdiv_(m, scratch, value=-update.lr / (1 - BETA1**update.number))
    adapters.round()
