"""K adapters on one frozen base: flat buffers, leaf views and the layer that uses them.

The base weight lies in memory once; A and B of all trials go through batched matmul. Ranks are
padded to a bucket: what is above the true rank starts at 0 and stays exactly 0, so no masks are
needed. Trials of different padded ranks are multiplied apart, because a longer inner dimension
was seen to add up the same numbers in another order.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Shapes = Mapping[str, tuple[int, int]]  # path of a linear layer -> (out, in)

_ROUND: Final = 64  # rows end on whole vector registers: no element is computed by a scalar tail


def tensor_names(path: str) -> tuple[str, str]:
    """Return PEFT's names of a layer's A and B."""
    return f"base_model.model.{path}.lora_A.weight", f"base_model.model.{path}.lora_B.weight"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one layer's A (rank, in) and B (out, rank) lie in a row of the flat buffers."""

    path: str
    out: int
    into: int
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A row of the flat buffers: every target layer's A and B at the rank bucket."""

    rank: int
    slots: tuple[Slot, ...]
    size: int

    @classmethod
    def of(cls, shapes: Shapes, rank: int) -> "Layout":
        slots, end = [], 0
        for path in sorted(shapes):
            out, into = shapes[path]
            slots.append(Slot(path, out, into, end, end + rank * into))
            end += rank * (into + out)
        return cls(rank, tuple(slots), math.ceil(end / _ROUND) * _ROUND)

    def views(self, buffer: Tensor) -> Iterator[tuple[Slot, Tensor, Tensor]]:
        """Yield every layer with its A (K, rank, in) and B (K, out, rank) inside `buffer`."""
        count = buffer.shape[0]
        for slot in self.slots:
            a = buffer[:, slot.a : slot.b].view(count, self.rank, slot.into)
            end = slot.b + self.rank * slot.out
            b = buffer[:, slot.b : end].view(count, slot.out, self.rank)
            yield slot, a, b


@dataclass(frozen=True, slots=True)
class Leaf:
    """One layer's adapters of the trials at `rows`: compute views, fp32 gradients, alpha / r."""

    rows: slice
    a: Tensor  # (K, rank, in)
    b: Tensor  # (K, out, rank)
    grad_a: Tensor
    grad_b: Tensor
    scale: Tensor  # (K, 1, 1) fp32


class Adapters:
    """Weights, gradients and moments of trials of one padded rank in flat (K, P) buffers."""

    def __init__(
        self,
        layout: Layout,
        first: int,
        scales: Sequence[float],
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        shape = (len(scales), layout.size)
        self.layout, self.first, self.size = layout, first, len(scales)
        self.w, self.g, self.m, self.v = (torch.zeros(shape, device=device) for _ in range(4))
        self.scale = torch.tensor(scales, dtype=torch.float32, device=device).view(-1, 1, 1)
        # Where layers compute in bf16 they read a rounded copy; fp32 reads the weights themselves.
        self.compute = self.w if dtype == torch.float32 else self.w.to(dtype)

    def round(self) -> None:
        """Refresh the compute copy after the weights changed."""
        if self.compute is not self.w:
            self.compute.copy_(self.w)

    def leaves(self, count: int) -> Iterator[tuple[str, Leaf]]:
        """Yield each layer with its views of the first `count` trials."""
        rows = slice(self.first, self.first + count)
        values = self.layout.views(self.compute[:count])
        grads = self.layout.views(self.g[:count])
        for (slot, a, b), (_, grad_a, grad_b) in zip(values, grads, strict=True):
            yield slot.path, Leaf(rows, a, b, grad_a, grad_b, self.scale[:count])


class PackedLinear(nn.Module):
    """A frozen linear layer that adds to each trial's rows that trial's adapter."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = linear.weight
        self.bias = linear.bias
        self.leaves: tuple[Leaf, ...] = ()
        # Makes autograd visit this layer also where its input needs no gradient.
        self._anchor = torch.zeros((), device=linear.weight.device, requires_grad=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (K · b, T, in) to (K · b, T, out); the rows of one trial lie together."""
        if not self.leaves:
            return F.linear(x, self.weight, self.bias)
        rows = x.reshape(self.leaves[-1].rows.stop, -1, x.shape[-1])  # (K, b · T, in)
        y: Tensor = _Packed.apply(rows, self._anchor, self.weight, self.bias, self.leaves)
        return y.view(*x.shape[:-1], -1)


class _Packed(torch.autograd.Function):
    """Base and adapters of K trials; gradients of A and B go straight into the flat buffers.

    Written there, micro-batches add up in fp32 also where the layers compute in bf16.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        anchor: Tensor,  # noqa: ARG004 - only its need of a gradient counts
        weight: Tensor,
        bias: Tensor | None,
        leaves: tuple[Leaf, ...],
    ) -> Tensor:
        y = F.linear(x, weight, bias)  # (K, n, out)
        lows = []
        for leaf in leaves:
            low = torch.bmm(x[leaf.rows], leaf.a.transpose(1, 2))  # (K, n, rank)
            low = (low * leaf.scale).to(x.dtype)
            y[leaf.rows].baddbmm_(low, leaf.b.transpose(1, 2))
            lows.append(low)
        ctx.save_for_backward(x, weight, *lows)
        ctx.leaves = leaves
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        (dy,) = grads  # (K, n, out)
        x, weight, *lows = ctx.saved_tensors
        dx = torch.matmul(dy, weight) if ctx.needs_input_grad[0] else None
        for leaf, low in zip(ctx.leaves, lows, strict=True):
            own = dy[leaf.rows]
            d_low = (torch.bmm(own, leaf.b) * leaf.scale).to(x.dtype)  # (K, n, rank)
            leaf.grad_b.add_(torch.bmm(own.transpose(1, 2), low))
            leaf.grad_a.add_(torch.bmm(d_low.transpose(1, 2), x[leaf.rows]))
            if dx is not None:
                dx[leaf.rows].baddbmm_(d_low, leaf.a)
        return dx, None, None, None, None
