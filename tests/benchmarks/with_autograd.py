"""Each network in HIPS autograd, in the NumPy that it records."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad
from autograd.scipy.special import erf, logsumexp
from nets import Arrays, Block, Kind, LeNet, Net, Recurrent, Stack, activations

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0),
    "identity": lambda z: z,
}


def quadratic(a: Any, y: Any) -> Any:
    return anp.sum((a - y) ** 2) / (2 * (a.size // a.shape[-1]))


def cross_entropy(z: Any, y: Any) -> Any:
    return anp.mean(logsumexp(z, axis=1) - z[np.arange(len(y)), y])


def stack(kind: Stack, params: Any, a: Any, y: Any) -> Any:
    for weight, bias, name in zip(params[::2], params[1::2], activations(kind), strict=True):
        a = FUNCTIONS[name](anp.dot(a, weight.T) + bias)
    return cross_entropy(a, y) if kind.has_labels else quadratic(a, y)


def convolution(x: Any, weight: Any, bias: Any) -> Any:
    """The windows, one place of the kernel after the other, then one product."""
    kernel, rows, columns = weight.shape[-1], x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1
    places = itertools.product(range(kernel), repeat=2)
    windows = anp.stack([x[:, :, p : p + rows, q : q + columns] for p, q in places], axis=2)
    flat = anp.reshape(weight, (*weight.shape[:2], kernel * kernel))
    return anp.transpose(anp.tensordot(flat, windows, ((1, 2), (1, 2))), (1, 0, 2, 3)) + bias[:, None, None]


def pooled(a: Any) -> Any:
    count, channels, height, width = a.shape
    return anp.mean(anp.reshape(a, (count, channels, height // 2, 2, width // 2, 2)), axis=(3, 5))


def lenet(kind: LeNet, params: Any, x: Any, y: Any) -> Any:
    W1, b1, W3, b3, *dense, weight, bias = params
    a = pooled(anp.tanh(convolution(pooled(anp.tanh(convolution(x, W1, b1))), W3, b3)))
    a = anp.reshape(a, (len(x), -1))
    for W, b in zip(dense[::2], dense[1::2], strict=True):
        a = anp.tanh(anp.dot(a, W.T) + b)
    return cross_entropy(anp.dot(a, weight.T) + bias, y)


def recurrent(kind: Recurrent, params: Any, x: Any, y: Any) -> Any:
    W, U, b = params
    given = anp.dot(x, W.T) + b
    state, states = np.zeros((len(x), kind.units), x.dtype), []
    for t in range(kind.steps):
        state = anp.tanh(given[:, t] + anp.dot(state, U.T))
        states.append(state)
    return quadratic(anp.stack(states, axis=1), y)


def layer_norm(x: Any, gain: Any, bias: Any, eps: float) -> Any:
    centred = x - anp.mean(x, axis=-1, keepdims=True)
    return gain * centred / anp.sqrt(anp.mean(centred**2, axis=-1, keepdims=True) + eps) + bias


def block(kind: Block, params: Any, x: Any, y: Any) -> Any:
    g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2 = params
    normal = layer_norm(x, g1, c1, kind.eps)
    q, k, v = (anp.transpose(anp.tensordot(normal, W, ((2,), (2,))), (0, 2, 1, 3)) for W in (Wq, Wk, Wv))
    s = anp.matmul(q, anp.transpose(k, (0, 1, 3, 2))) / q.shape[-1] ** 0.5
    e = anp.exp(s - anp.max(s, axis=-1, keepdims=True))
    p = e / anp.sum(e, axis=-1, keepdims=True)
    r = x + anp.tensordot(anp.matmul(p, v), Wo, ((1, 3), (1, 2)))
    f = anp.dot(layer_norm(r, g2, c2, kind.eps), W1.T) + b1
    return quadratic(r + anp.dot(f * (1 + erf(f / 2**0.5)) / 2, W2.T) + b2, y)


def cost_of(kind: Kind) -> Callable[..., Any]:
    match kind:
        case Stack():
            return partial(stack, kind)
        case LeNet():
            return partial(lenet, kind)
        case Recurrent():
            return partial(recurrent, kind)
        case Block():
            return partial(block, kind)


def prepare(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    function = value_and_grad(cost_of(net.kind))
    return lambda: function(params, x, y)
