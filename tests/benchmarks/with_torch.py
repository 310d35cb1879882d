"""Each network in PyTorch, of its own functions where it has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from nets import Arrays, Block, Kind, LeNet, Net, Recurrent, Stack, activations
from torch.nn import functional

Tensor = torch.Tensor
Cost = Callable[..., Tensor]

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "identity": lambda z: z,
}


def quadratic(a: Tensor, y: Tensor) -> Tensor:
    return ((a - y) ** 2).sum() / (2 * a[..., 0].numel())


def stack(kind: Stack) -> Cost:
    functions = [FUNCTIONS[name] for name in activations(kind)]
    cost = functional.cross_entropy if kind.has_labels else quadratic

    def value(params: tuple[Tensor, ...], a: Tensor, y: Tensor) -> Tensor:
        for weight, bias, function in zip(params[::2], params[1::2], functions, strict=True):
            a = function(functional.linear(a, weight, bias))
        return cost(a, y)

    return value


def lenet(kind: LeNet) -> Cost:
    def value(params: tuple[Tensor, ...], x: Tensor, y: Tensor) -> Tensor:
        W1, b1, W3, b3, *dense, weight, bias = params
        a = functional.avg_pool2d(torch.tanh(functional.conv2d(x, W1, b1)), 2)
        a = functional.avg_pool2d(torch.tanh(functional.conv2d(a, W3, b3)), 2).flatten(1)
        for W, b in zip(dense[::2], dense[1::2], strict=True):
            a = torch.tanh(functional.linear(a, W, b))
        return functional.cross_entropy(functional.linear(a, weight, bias), y)

    return value


def recurrent(kind: Recurrent) -> Cost:
    def value(params: tuple[Tensor, ...], x: Tensor, y: Tensor) -> Tensor:
        W, U, b = params
        # PyTorch's layer has a second bias.
        none, before = torch.zeros_like(b), x.new_zeros(1, len(x), kind.units)
        states, _ = torch.rnn_tanh(x, before, (W, U, b, none), True, 1, 0.0, True, False, True)
        return quadratic(states, y)

    return value


def block(kind: Block) -> Cost:
    features = (kind.features,)

    def value(params: tuple[Tensor, ...], x: Tensor, y: Tensor) -> Tensor:
        g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2 = params
        normal = functional.layer_norm(x, features, g1, c1, kind.eps)
        parts = (functional.linear(normal, W.flatten(0, 1)).unflatten(-1, (kind.heads, -1)).transpose(1, 2) for W in (Wq, Wk, Wv))
        w = functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
        r = x + functional.linear(w, Wo.flatten(1))
        hidden = functional.gelu(functional.linear(functional.layer_norm(r, features, g2, c2, kind.eps), W1, b1))
        return quadratic(r + functional.linear(hidden, W2, b2), y)

    return value


def cost_of(kind: Kind) -> Cost:
    match kind:
        case Stack():
            return stack(kind)
        case LeNet():
            return lenet(kind)
        case Recurrent():
            return recurrent(kind)
        case Block():
            return block(kind)


def prepare(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray, compiled: bool = False) -> Callable[[], Any]:
    weights = tuple(torch.tensor(array, requires_grad=True) for array in params)
    given, targets = torch.tensor(x), torch.tensor(y)
    function = torch.compile(cost_of(net.kind)) if compiled else cost_of(net.kind)

    def run() -> tuple[Tensor, tuple[Tensor, ...]]:
        cost = function(weights, given, targets)
        return cost.detach(), torch.autograd.grad(cost, weights)

    return run
