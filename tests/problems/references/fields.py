"""Networks as functions of a place or of a set, and those whose weights come from elsewhere."""

from __future__ import annotations

import numpy as np

from .functions import Array, constant, cross_entropy, log_sum, relu, sigmoid, softmax


def deep_sets(x: Array, y: Array, W: Array, b: Array, V: Array, c: Array, w: Array) -> Array:
    return np.mean([(w @ relu(V @ sum(np.tanh(W @ row + b) for row in rows) + c) - right) ** 2 for rows, right in zip(x, y, strict=True)])


def kolmogorov_arnold(x: Array, y: Array, S: Array, W: Array) -> Array:
    """Cubic splines of knots half apart by their formula: B(u) = Σ_k (−1)^k binom(4, k) max(u − k, 0)³/6."""
    out = W @ (x * sigmoid(x)).T
    for a in range(S.shape[2]):
        u = (x + 2) / 0.5 - a
        spline = sum((-1) ** k * binomial * relu(u - k) ** 3 for k, binomial in enumerate((1, 4, 6, 4, 1))) / 6
        out = out + S[:, :, a] @ spline.T
    return ((out.T - y) ** 2).sum(1).mean()


def siren(x: Array, f: Array, slope: Array, W: Array, b: Array, V: Array, c: Array, w: Array) -> Array:
    total = 0
    for place, value, along in zip(x, f, slope, strict=True):
        first = 3.0 * W @ place + b
        second = 3.0 * V @ np.sin(first) + c
        jacobian = np.diag(np.cos(second)) @ (3.0 * V) @ np.diag(np.cos(first)) @ (3.0 * W)
        total += (w @ np.sin(second) - value) ** 2 + ((w @ jacobian - along) ** 2).sum()
    return total / len(x)


def hypernetwork(x: Array, y: Array, e: Array, A: Array, b: Array, B: Array, c: Array) -> Array:
    h = x
    for layer in e:
        h = np.tanh(h @ (B @ np.tanh(A @ layer + b)).T + c)
    return ((h - y) ** 2).sum(1).mean()


def distillation(x: Array, teacher: Array, y: Array, W: Array, V: Array) -> Array:
    z = relu(x @ W.T) @ V.T
    soft = -(softmax(teacher / 3.0) * (z / 3.0 - log_sum(z / 3.0)[:, None])).sum(1).mean()
    return 0.3 * cross_entropy(z, y) + 0.7 * 9.0 * soft


def physics_informed(
    t: Array, x: Array, t0: Array, x0: Array, u0: Array, a: Array, b: Array, c: Array, W: Array, d: Array, v: Array
) -> Array:
    """tanh″ = −2 tanh (1 − tanh²), through both layers by hand."""

    def layers(t: Array, x: Array) -> tuple[Array, Array]:
        h = np.tanh(a * t + b * x + c)
        return h, np.tanh(W @ h + d)

    inside, given = 0, 0
    for time, place in zip(t, x, strict=True):
        h, g = layers(time, place)
        first, second = 1 - h**2, -2 * h * (1 - h**2)
        along_t, along_x, bent = W @ (first * a), W @ (first * b), W @ (second * b**2)
        ut, ux = v @ ((1 - g**2) * along_t), v @ ((1 - g**2) * along_x)
        uxx = v @ (-2 * g * (1 - g**2) * along_x**2 + (1 - g**2) * bent)
        inside += (ut + v @ g * ux - 0.1 * uxx) ** 2
    for time, place, right in zip(t0, x0, u0, strict=True):
        given += (v @ layers(time, place)[1] - right) ** 2
    return inside / len(t) + given / len(t0)


def hamiltonian(q: Array, p: Array, speed: Array, push: Array, A: Array, B: Array, b: Array, w: Array) -> Array:
    total = 0
    for place, impulse, moving, pushed in zip(q, p, speed, push, strict=True):
        slope = w * (1 - np.tanh(A @ place + B @ impulse + b) ** 2)
        total += ((slope @ B - moving) ** 2 + (slope @ A + pushed) ** 2).sum()
    return total / len(q)


def invariant_risk(x: Array, y: Array, W: Array, v: Array) -> Array:
    total = 0
    for examples, right in zip(x, y, strict=True):
        z = np.tanh(examples @ W.T) @ v
        total += (np.log(1 + np.exp(z)) - right * z).mean() + 0.7 * ((sigmoid(z) - right) * z).mean() ** 2
    return total


def low_rank_adaptation(x: Array, W0: Array, y: Array, A: Array, B: Array) -> Array:
    return cross_entropy(x @ (W0 + 4.0 / len(A) * B @ A).T, y)


def sinkhorn(x: Array, y: Array, W: Array) -> Array:
    M = np.array([[((W @ a - b) ** 2).sum() for b in y] for a in x])
    plan = np.exp(-M / 1.5)
    for _ in range(5):
        plan = plan / plan.sum(1, keepdims=True) / len(x)
        plan = plan / plan.sum(0) / len(y)
    return (plan * M).sum()


def gumbel_softmax(x: Array, draw: Array, W: Array, V: Array) -> Array:
    total = 0
    for row, drawn in zip(x, draw, strict=True):
        p = softmax((W @ row - np.log(-np.log(drawn))) / 0.7)
        hard = np.eye(len(p))[np.argmax(p.real)]
        total += ((V @ (p + constant(hard - p)) - row) ** 2).sum()
    return total / len(x)
