"""Each network in JAX, one compiled function for cost and gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from nets import Arrays, Block, Kind, LeNet, Net, Recurrent, Stack, activations

Cost = Callable[..., jax.Array]

FUNCTIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "identity": lambda z: z,
}


def quadratic(a: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.sum((a - y) ** 2) / (2 * a[..., 0].size)


def cross_entropy(z: jax.Array, y: jax.Array) -> jax.Array:
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))


def stack(kind: Stack, params: tuple[jax.Array, ...], a: jax.Array, y: jax.Array) -> jax.Array:
    for weight, bias, name in zip(params[::2], params[1::2], activations(kind), strict=True):
        a = FUNCTIONS[name](a @ weight.T + bias)
    return cross_entropy(a, y) if kind.has_labels else quadratic(a, y)


def convolution(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    z = lax.conv_general_dilated(x, weight, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return z + bias[:, None, None]


def pooled(a: jax.Array) -> jax.Array:
    count, channels, height, width = a.shape
    return a.reshape(count, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5))


def lenet(kind: LeNet, params: tuple[jax.Array, ...], x: jax.Array, y: jax.Array) -> jax.Array:
    W1, b1, W3, b3, *dense, weight, bias = params
    a = pooled(jnp.tanh(convolution(pooled(jnp.tanh(convolution(x, W1, b1))), W3, b3))).reshape(len(x), -1)
    for W, b in zip(dense[::2], dense[1::2], strict=True):
        a = jnp.tanh(a @ W.T + b)
    return cross_entropy(a @ weight.T + bias, y)


def recurrent(kind: Recurrent, params: tuple[jax.Array, ...], x: jax.Array, y: jax.Array) -> jax.Array:
    W, U, b = params

    def step(before: jax.Array, given: jax.Array) -> tuple[jax.Array, jax.Array]:
        state = jnp.tanh(given + before @ U.T)
        return state, state

    _, states = lax.scan(step, jnp.zeros((len(x), kind.units), x.dtype), (x @ W.T + b).swapaxes(0, 1))
    return quadratic(states.swapaxes(0, 1), y)


def layer_norm(x: jax.Array, gain: jax.Array, bias: jax.Array, eps: float) -> jax.Array:
    return gain * (x - x.mean(-1, keepdims=True)) * lax.rsqrt(x.var(-1, keepdims=True) + eps) + bias


def after_block(kind: Block, params: tuple[jax.Array, ...], x: jax.Array) -> jax.Array:
    g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2 = params
    normal = layer_norm(x, g1, c1, kind.eps)
    q, k, v = (jnp.einsum("nti,hdi->nhtd", normal, W) for W in (Wq, Wk, Wv))
    p = jax.nn.softmax(q @ k.mT / q.shape[-1] ** 0.5)
    r = x + jnp.einsum("nhtd,ihd->nti", p @ v, Wo)
    hidden = jax.nn.gelu(layer_norm(r, g2, c2, kind.eps) @ W1.T + b1, approximate=False)
    return r + hidden @ W2.T + b2


def block(kind: Block, params: tuple[jax.Array, ...], x: jax.Array, y: jax.Array) -> jax.Array:
    return quadratic(after_block(kind, params, x), y)


def cost_of(kind: Kind) -> Cost:
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
    weights, given, targets = tuple(map(jnp.asarray, params)), jnp.asarray(x), jnp.asarray(y)
    function = jax.jit(jax.value_and_grad(cost_of(net.kind)))
    return lambda: jax.block_until_ready(function(weights, given, targets))
