import torch
import torch.nn.functional as F

from compute_swarm.engine.loss import IGNORED, packed_loss, shifted, token_losses


def example() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    hidden = torch.randn(3, 12, 16, generator=generator)
    head = torch.randn(40, 16, generator=generator)
    targets = torch.randint(0, 40, (3, 12), generator=generator)
    targets[1, 4:] = IGNORED
    return hidden, head, targets


def test_loss_and_gradient_are_those_of_cross_entropy() -> None:
    hidden, head, targets = example()
    ours, theirs = hidden.clone().requires_grad_(), hidden.clone().requires_grad_()
    losses = packed_loss(ours, head, targets)
    torch.autograd.backward(losses.sum())
    pairs = zip(theirs, targets, strict=True)
    expected = torch.stack([F.cross_entropy(h @ head.T, t) for h, t in pairs])
    torch.autograd.backward(expected.sum())
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_gradients_scale_with_what_comes_from_above() -> None:
    hidden, head, targets = example()
    hidden.requires_grad_()
    only_second = packed_loss(hidden, head, targets) * torch.tensor([0.0, 1.0, 0.0])
    torch.autograd.backward(only_second.sum())
    assert hidden.grad is not None
    assert hidden.grad[0].abs().max() == hidden.grad[2].abs().max() == 0
    assert hidden.grad[1, :4].abs().max() > 0
    assert hidden.grad[1, 4:].abs().max() == 0


def test_token_losses_are_zero_where_none_is_due() -> None:
    hidden, head, targets = example()
    losses = token_losses(hidden[1], head, targets[1])
    assert losses[4:].tolist() == [0.0] * 8
    torch.testing.assert_close(losses[:4].mean(), F.cross_entropy(hidden[1] @ head.T, targets[1]))


def test_a_position_predicts_the_next_label() -> None:
    assert shifted(torch.tensor([[1, 2, 3]])).tolist() == [[2, 3, IGNORED]]
