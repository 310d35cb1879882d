"""Each network by hand in NumPy, as textbooks write it: the formulas forwards and backwards, a new array for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from nets import Arrays, Block, Kind, LeNet, Net, Recurrent, Stack, activations

Result = tuple[float, list[np.ndarray]]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0)


def identity(z: np.ndarray) -> np.ndarray:
    return z


#: The slope of each function from its value.
SLOPES: dict[str, Callable[[np.ndarray], Any]] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: a > 0,
    "identity": np.ones_like,
}
FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "identity": identity}


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def quadratic(a: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The cost, a mean over everything but the last axis, and its slope in a."""
    count = a[..., 0].size
    return float(np.sum((a - y) ** 2) / 2 / count), (a - y) / count


def cross_entropy(z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Of the softmax of z, and its slope in z."""
    count = len(z)
    p = softmax(z)
    # Not log p of the label: p may have become 0 where its logarithm is still a good number.
    shifted = z - z.max(axis=1, keepdims=True)
    cost = np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(count), y])
    slope = p.copy()
    slope[np.arange(count), y] -= 1
    return float(cost), slope / count


def dense_forward(params: Arrays, names: list[str], x: np.ndarray) -> list[np.ndarray]:
    values = [x]
    for weight, bias, name in zip(params[::2], params[1::2], names, strict=True):
        values.append(FUNCTIONS[name](values[-1] @ weight.T + bias))
    return values


def dense_backward(params: Arrays, names: list[str], values: list[np.ndarray], slope: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """The gradients, and the slope behind the first layer's sum."""
    gradients: list[np.ndarray] = []
    for number in reversed(range(len(names))):
        dz = slope if names[number] == "identity" else slope * SLOPES[names[number]](values[number + 1])
        gradients = [dz.T @ values[number], dz.sum(axis=0), *gradients]
        if number:
            slope = dz @ params[2 * number]
    return gradients, dz


def stack(kind: Stack, params: Arrays, x: np.ndarray, y: np.ndarray) -> Result:
    names = activations(kind)
    values = dense_forward(params, names, x)
    cost, slope = (cross_entropy if kind.has_labels else quadratic)(values[-1], y)
    return cost, dense_backward(params, names, values, slope)[0]


def columns_of(x: np.ndarray, kernel: int) -> np.ndarray:
    """(N, C, H, W) to (C·kernel·kernel, N·rows·columns): every window as a column."""
    count, channels, height, width = x.shape
    rows, columns = height - kernel + 1, width - kernel + 1
    result = np.empty((channels, kernel, kernel, count, rows, columns), x.dtype)
    for p in range(kernel):
        for q in range(kernel):
            result[:, p, q] = x[:, :, p : p + rows, q : q + columns].transpose(1, 0, 2, 3)
    return result.reshape(channels * kernel * kernel, -1)


def image_of(columns: np.ndarray, shape: tuple[int, ...], kernel: int) -> np.ndarray:
    """The transpose of `columns_of`: what every window has at a pixel, added."""
    count, channels, height, width = shape
    rows, across = height - kernel + 1, width - kernel + 1
    windows = columns.reshape(channels, kernel, kernel, count, rows, across)
    result = np.zeros(shape, columns.dtype)
    for p in range(kernel):
        for q in range(kernel):
            result[:, :, p : p + rows, q : q + across] += windows[:, p, q].transpose(1, 0, 2, 3)
    return result


def convolution(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kernel = weight.shape[-1]
    columns = columns_of(x, kernel)
    z = weight.reshape(len(weight), -1) @ columns + bias[:, None]
    rows, across = x.shape[2] - kernel + 1, x.shape[3] - kernel + 1
    return z.reshape(len(weight), len(x), rows, across).transpose(1, 0, 2, 3), columns


def pooled(a: np.ndarray) -> np.ndarray:
    count, channels, height, width = a.shape
    return a.reshape(count, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5))


def spread(slope: np.ndarray) -> np.ndarray:
    """The transpose of `pooled`."""
    return slope.repeat(2, axis=2).repeat(2, axis=3) / 4


def lenet(kind: LeNet, params: Arrays, x: np.ndarray, y: np.ndarray) -> Result:
    W1, b1, W3, b3, *dense = params
    z1, columns1 = convolution(x, W1, b1)
    a1 = np.tanh(z1)
    a2 = pooled(a1)
    z3, columns3 = convolution(a2, W3, b3)
    a3 = np.tanh(z3)
    a4 = pooled(a3)
    names = ["tanh"] * (len(kind.units) - 1) + ["identity"]
    values = dense_forward(tuple(dense), names, a4.reshape(len(x), -1))
    cost, slope = cross_entropy(values[-1], y)
    gradients, dz6 = dense_backward(tuple(dense), names, values, slope)
    da4 = (dz6 @ dense[0]).reshape(a4.shape)
    dz3 = spread(da4) * (1 - a3**2)
    flat3 = dz3.transpose(1, 0, 2, 3).reshape(len(W3), -1)
    da2 = image_of(W3.reshape(len(W3), -1).T @ flat3, a2.shape, kind.kernel)
    dz1 = spread(da2) * (1 - a1**2)
    flat1 = dz1.transpose(1, 0, 2, 3).reshape(len(W1), -1)
    first = [(flat1 @ columns1.T).reshape(W1.shape), flat1.sum(axis=1)]
    second = [(flat3 @ columns3.T).reshape(W3.shape), flat3.sum(axis=1)]
    return cost, [*first, *second, *gradients]


def recurrent(kind: Recurrent, params: Arrays, x: np.ndarray, y: np.ndarray) -> Result:
    """Each step by itself (backpropagation through time)."""
    W, U, b = params
    states = [np.zeros((len(x), kind.units), x.dtype)]
    for t in range(kind.steps):
        states.append(np.tanh(x[:, t] @ W.T + states[-1] @ U.T + b))
    cost, slope = quadratic(np.stack(states[1:], axis=1), y)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    later = np.zeros_like(states[0])
    for t in reversed(range(kind.steps)):
        dz = (slope[:, t] + later) * (1 - states[t + 1] ** 2)
        dW += dz.T @ x[:, t]
        dU += dz.T @ states[t]
        db += dz.sum(axis=0)
        later = dz @ U
    return cost, [dW, dU, db]


def layer_norm(x: np.ndarray, gain: np.ndarray, bias: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    u = (x - x.mean(axis=-1, keepdims=True)) / deviation
    return gain * u + bias, u, deviation


def layer_norm_backward(slope: np.ndarray, u: np.ndarray, deviation: np.ndarray, gain: np.ndarray) -> tuple[np.ndarray, ...]:
    """The slopes in x, gain and bias."""
    du = slope * gain
    dx = (du - du.mean(axis=-1, keepdims=True) - u * (du * u).mean(axis=-1, keepdims=True)) / deviation
    return dx, (slope * u).sum(axis=(0, 1)), slope.sum(axis=(0, 1))


def block(kind: Block, erf: Callable[[np.ndarray], np.ndarray], params: Arrays, x: np.ndarray, y: np.ndarray) -> Result:
    g1, c1, Wq, Wk, Wv, Wo, g2, c2, W1, b1, W2, b2 = params
    count, steps, features = x.shape
    part = features // kind.heads
    shape, scale = (count, steps, kind.heads, part), part**-0.5

    def by_head(flat: np.ndarray) -> np.ndarray:
        return flat.reshape(shape).transpose(0, 2, 1, 3)

    def together(heads: np.ndarray) -> np.ndarray:
        return heads.transpose(0, 2, 1, 3).reshape(x.shape)

    def weight_gradient(slope: np.ndarray, values: np.ndarray) -> np.ndarray:
        return slope.reshape(-1, slope.shape[-1]).T @ values.reshape(-1, values.shape[-1])

    query, key, value = (W.reshape(features, features) for W in (Wq, Wk, Wv))
    output = Wo.reshape(features, features)
    y1, u1, deviation1 = layer_norm(x, g1, c1, kind.eps)
    q, k, v = by_head(y1 @ query.T), by_head(y1 @ key.T), by_head(y1 @ value.T)
    p = softmax(q @ k.transpose(0, 1, 3, 2) * scale)
    w = together(p @ v)
    r = x + w @ output.T
    y2, u2, deviation2 = layer_norm(r, g2, c2, kind.eps)
    f = y2 @ W1.T + b1
    normal = (1 + erf(f / 2**0.5)) / 2
    e = f * normal
    cost, da = quadratic(r + e @ W2.T + b2, y)

    df = (da @ W2) * (normal + f * np.exp(-(f**2) / 2) / (2 * np.pi) ** 0.5)
    dr, dg2, dc2 = layer_norm_backward(df @ W1, u2, deviation2, g2)
    dr = dr + da
    dw = by_head(dr @ output)
    dp = dw @ v.transpose(0, 1, 3, 2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) * scale
    dq, dk, dv = together(ds @ k), together(ds.transpose(0, 1, 3, 2) @ q), together(p.transpose(0, 1, 3, 2) @ dw)
    _, dg1, dc1 = layer_norm_backward(dq @ query + dk @ key + dv @ value, u1, deviation1, g1)
    attention = [weight_gradient(slope, y1).reshape(Wq.shape) for slope in (dq, dk, dv)]
    attention.append(weight_gradient(dr, w).reshape(Wo.shape))
    network = [weight_gradient(df, y2), df.sum(axis=(0, 1)), weight_gradient(da, e), da.sum(axis=(0, 1))]
    return cost, [dg1, dc1, *attention, dg2, dc2, *network]


def function_of(kind: Kind, erf: Callable[[np.ndarray], np.ndarray]) -> Callable[[Arrays, np.ndarray, np.ndarray], Result]:
    """The cost and all gradients from parameters, inputs and targets. NumPy itself has no error function, so one is given."""
    match kind:
        case Stack():
            return partial(stack, kind)
        case LeNet():
            return partial(lenet, kind)
        case Recurrent():
            return partial(recurrent, kind)
        case Block():
            return partial(block, kind, erf)


def prepare(net: Net, params: Arrays, x: np.ndarray, y: np.ndarray, erf: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Result]:
    function = function_of(net.kind, erf)
    return lambda: function(params, x, y)
