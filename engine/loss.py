"""Cross entropy on a frozen head: one trial's logits alive at a time."""

from typing import Any, Final

import torch
from torch import Tensor

IGNORED: Final = -100  # label of a position that carries no loss


def shifted(labels: Tensor) -> Tensor:
    """Return for each position of (rows, T) the label that it has to predict."""
    rest = torch.full_like(labels[:, :1], IGNORED)
    return torch.cat([labels[:, 1:], rest], dim=1)


def packed_loss(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss of each trial (K,) from hidden (K, n, H) and targets (K, n)."""
    losses: Tensor = _PackedLoss.apply(hidden, head, targets)
    return losses


def token_losses(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """Return fp32 losses (n,) from hidden (n, H): 0 where a position carries none."""
    logs = torch.log_softmax(torch.matmul(hidden, head.t()), dim=-1, dtype=torch.float32)
    chosen = logs.gather(1, targets.clamp(min=0).unsqueeze(1)).squeeze(1)
    return torch.where(targets == IGNORED, torch.zeros_like(chosen), -chosen)


class _PackedLoss(torch.autograd.Function):
    """Computes the gradient with the loss, so that no logits wait for backward."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        gradient = torch.empty_like(hidden)
        losses = torch.empty(hidden.shape[0], dtype=torch.float32, device=hidden.device)
        for k in range(hidden.shape[0]):
            losses[k], gradient[k] = _one_trial(hidden[k], head, targets[k])
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0].view(-1, 1, 1).to(gradient.dtype), None, None


def _one_trial(hidden: Tensor, head: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    counted = targets != IGNORED
    weight = counted.to(torch.float32) / counted.sum().clamp(min=1)  # (n,)
    index = targets.clamp(min=0)
    positions = torch.arange(index.shape[0], device=index.device)
    logs = torch.log_softmax(torch.matmul(hidden, head.t()), dim=-1, dtype=torch.float32)  # (n, V)
    chosen = logs[positions, index]
    loss = -(chosen * weight).sum()
    probabilities = logs.exp_()
    probabilities[positions, index] = chosen.exp() - 1
    probabilities.mul_(weight.unsqueeze(1))
    return loss, torch.matmul(probabilities.to(hidden.dtype), head)
