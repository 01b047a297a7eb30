import pytest
import torch
from torch import nn

from compute_swarm.engine import adamw
from compute_swarm.engine.lora import Adapters, Layout, PackedLinear

SHAPES = {"b": (24, 16), "a": (16, 16)}


def adapters(scales: list[float], rank: int = 8, first: int = 0) -> Adapters:
    made = Adapters(Layout.of(SHAPES, rank), first, scales, torch.float32, torch.device("cpu"))
    made.w.copy_(torch.randn(made.w.shape, generator=torch.Generator().manual_seed(5)) / 10)
    return made


def test_rows_end_on_whole_registers_and_hold_every_layer_once() -> None:
    layout = Layout.of({"x": (3, 5)}, 7)
    assert layout.size == 64
    assert [slot.path for slot in Layout.of(SHAPES, 8).slots] == ["a", "b"]


def test_views_share_the_buffer() -> None:
    own = adapters([1.0, 2.0])
    own.w.zero_()
    for _, a, b in own.layout.views(own.w):
        a.add_(1)
        b.add_(2)
    assert sorted(set(own.w.flatten().tolist())) == [1.0, 2.0]


@pytest.mark.parametrize("scales", [[2.0], [2.0, 0.5, 1.0]])
def test_layer_and_gradients_are_those_of_plain_autograd(scales: list[float]) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(16, 24).requires_grad_(False)
    own, count = adapters(scales), len(scales)
    x = torch.randn(count * 2, 5, 16, requires_grad=True)
    layer = PackedLinear(linear)
    layer.leaves = (dict(own.leaves(count))["b"],)
    y = layer(x)
    y.pow(2).sum().backward()

    a, b = next((a, b) for slot, a, b in own.layout.views(own.w.clone()) if slot.path == "b")
    a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
    plain = x.detach().clone().requires_grad_()
    rows = plain.view(count, 10, 16)
    expected = linear(rows) + torch.tensor(scales).view(-1, 1, 1) * (rows @ a.mT @ b.mT)
    expected.pow(2).sum().backward()

    torch.testing.assert_close(y.view(count, 10, 24), expected)
    torch.testing.assert_close(x.grad, plain.grad)
    torch.testing.assert_close(layer.leaves[0].grad_a, a.grad)
    torch.testing.assert_close(layer.leaves[0].grad_b, b.grad)


def test_a_layer_without_adapters_is_the_base() -> None:
    linear = nn.Linear(16, 24).requires_grad_(False)
    x = torch.randn(2, 5, 16)
    assert torch.equal(PackedLinear(linear)(x), linear(x))


def test_groups_of_different_rank_serve_their_own_rows() -> None:
    linear = nn.Linear(16, 24).requires_grad_(False)
    first, second = adapters([1.0, 1.0], rank=8), adapters([3.0], rank=16, first=2)
    leaves = tuple(dict(group.leaves(group.size))["b"] for group in (first, second))
    x = torch.randn(3, 5, 16)
    together, alone = PackedLinear(linear), PackedLinear(linear)
    together.leaves = leaves
    alone.leaves = (dict(adapters([3.0], rank=16).leaves(1))["b"],)
    assert torch.equal(together(x)[2:], alone(x[2:]))


def test_the_optimiser_is_adamw() -> None:
    own = adapters([1.0, 1.0])
    theirs = [row.clone().requires_grad_() for row in own.w]
    optimisers = [
        torch.optim.AdamW([row], lr=lr, weight_decay=decay)
        for row, lr, decay in zip(theirs, (1e-2, 3e-3), (0.0, 0.1), strict=True)
    ]
    for number in range(1, 6):
        own.g.copy_(torch.randn(own.g.shape, generator=torch.Generator().manual_seed(number)))
        for row, gradient, optimiser in zip(theirs, own.g, optimisers, strict=True):
            row.grad = gradient.clone()
            optimiser.step()
        adamw.apply(own, [adamw.Update(1e-2, 0.0, number, 1), adamw.Update(3e-3, 0.1, number, 1)])
    torch.testing.assert_close(own.w, torch.stack(theirs).detach())


def test_accumulated_gradients_are_averaged() -> None:
    once, thrice = adapters([1.0]), adapters([1.0])
    once.g.fill_(0.5)
    thrice.g.fill_(1.5)
    adamw.apply(once, [adamw.Update(1e-2, 0.0, 1, 1)])
    adamw.apply(thrice, [adamw.Update(1e-2, 0.0, 1, 3)])
    torch.testing.assert_close(once.m, thrice.m)
    torch.testing.assert_close(once.w, thrice.w)
