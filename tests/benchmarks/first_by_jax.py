"""The same by `jax.jit` of `value_and_grad`: import, trace and compilation, one call."""

import time

start = time.perf_counter()
import json  # noqa: E402
import sys  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from first_networks import network_of, peak_memory, result  # noqa: E402

network = network_of(sys.argv[1:])
arrays, x, y = network.arrays()
# Made by NumPy: not even this is to be compiled.
params = [jnp.asarray(array) for array in arrays]


def dense(a, W, b):
    return jnp.tanh(a @ W.T + b)


def layer_norm(x, gain, bias):
    return gain * (x - x.mean(-1, keepdims=True)) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) + bias


def block(x, g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2):
    normal = layer_norm(x, g1, c1)
    q, k, v = (jnp.einsum("nti,hdi->nhtd", normal, W) for W in (Wq, Wk, Wv))
    p = jax.nn.softmax(q @ k.mT / q.shape[-1] ** 0.5)
    x = x + jnp.einsum("nhtd,ihd->nti", p @ v, Wo)
    return x + jax.nn.gelu(layer_norm(x, g2, c2) @ W1.T + b1, approximate=False) @ W2.T + b2


layer, own = (dense, 2) if network.kind == "dense" else (block, 12)


def cost(params, a, y):
    for place in range(0, len(params), own):
        a = layer(a, *params[place : place + own])
    return jnp.sum((a - y) ** 2) / (2 * a[..., 0].size)


value, gradients = jax.block_until_ready(jax.jit(jax.value_and_grad(cost))(params, x, y))
done = time.perf_counter()
print(json.dumps({"total": done - start, "memory": peak_memory()} | result(value, [np.asarray(each) for each in gradients])))
