"""Losses on the evaluation rows, shard by shard.

A forward pass never mixes shards and its size depends on the specification alone, so a shard
evaluated by itself gives the bits that it has within the whole. Whoever evaluates comes through
`evaluate`, which alone knows in which dtype the specification wants it.
"""

import math
from typing import Final

import torch

from compute_swarm.engine.data import Rows
from compute_swarm.engine.loss import IGNORED, shifted, token_losses
from compute_swarm.engine.pack import Pack

_TOKENS: Final = 256  # of one trial in a forward pass, at least one row


def evaluate(pack: Pack, shard: int | None = None) -> list[tuple[float, ...]]:
    """Return for each trial its mean loss per shard: of all shards, or of the one named."""
    numbers = range(pack.tokens.shards) if shard is None else (shard,)
    pack = pack.evaluating()
    by_shard = [_shard_losses(pack, pack.tokens.shard(number)) for number in numbers]
    return [tuple(losses[place] for losses in by_shard) for place in pack.order]


def _shard_losses(pack: Pack, rows: Rows) -> list[float]:
    count = max(1, _TOKENS // rows.ids.shape[1])
    sums, tokens = [0.0] * pack.size, 0
    for first in range(0, len(rows), count):
        part = Rows(rows.ids[first : first + count], rows.labels[first : first + count])
        tokens += int((part.labels[:, 1:] != IGNORED).sum())
        for place, losses in enumerate(_row_losses(pack, part)):
            for loss in losses:
                sums[place] += loss
    return [math.nan if math.isnan(total) else total / tokens for total in sums]


@torch.no_grad()
def _row_losses(pack: Pack, rows: Rows) -> list[list[float]]:
    """Return the summed loss of every row (b) for each place of the buffers."""
    device = pack.base.device
    ids = torch.from_numpy(rows.ids).to(device).repeat(pack.size, 1)  # (K · b, T)
    targets = shifted(torch.from_numpy(rows.labels).to(device))  # (b, T)
    with pack.base.adapted(pack.leaves(pack.size)):
        hidden = pack.base.hidden(ids)
    hidden = hidden.view(pack.size, -1, hidden.shape[-1])  # (K, b · T, H)
    losses = [token_losses(own, pack.base.head, targets.view(-1)) for own in hidden]
    return [own.view(targets.shape).sum(dim=1).tolist() for own in losses]
