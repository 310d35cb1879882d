"""Costs of examples and of pairs of them, and what chooses between parts of a network."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .functions import Array, cross_entropy, length, relu, sigmoid, softmax


def direct_preference(better: Array, worse: Array, before_better: Array, before_worse: Array, W: Array) -> Array:
    p = np.log(softmax(W))

    def likely(text: Array) -> Array:
        return sum(p[first, second] for first, second in pairwise(text))

    pairs = zip(better, worse, before_better, before_worse, strict=True)
    return -np.mean([np.log(sigmoid(0.5 * (likely(w) - a - likely(v) + b))) for w, v, a, b in pairs])


def sim_clr(x: Array, W: Array, b: Array, P: Array, c: Array) -> Array:
    rows = (relu(x @ W.T + b) @ P.T + c).reshape(-1, len(P))
    u = rows / length(rows)
    count, total = len(u), 0
    for i in range(count):
        similar = {j: u[i] @ u[j] / 0.5 for j in range(count) if j != i}
        total += np.log(sum(np.exp(s) for s in similar.values())) - similar[(i + count // 2) % count]
    return total / count


def arc_face(x: Array, y: Array, F: Array, W: Array) -> Array:
    f = x @ F.T
    c = (f / length(f)) @ (W / length(W)).T
    z = np.array(c)
    for row, label in enumerate(y):
        # cos(θ + m) = cos θ cos m − sin θ sin m
        z[row, label] = c[row, label] * np.cos(0.5) - np.sqrt(1 - c[row, label] ** 2) * np.sin(0.5)
    return cross_entropy(4.0 * z, y)


def mixture_of_experts(x: Array, y: Array, G: Array, W: Array, V: Array) -> Array:
    total, importance = 0, np.zeros(len(G), complex)
    for row, right in zip(x, y, strict=True):
        g = G @ row
        best = np.argsort(-g.real)[:2]
        shares = softmax(g[best])
        importance[best] += shares
        out = sum(share * (V[e] @ relu(W[e] @ row)) for share, e in zip(shares, best, strict=True))
        total += ((out - right) ** 2).sum()
    spread = ((importance - importance.mean()) ** 2).mean()
    return total / len(x) + spread / importance.mean() ** 2 / 10


def neural_ode(x: Array, y: Array, W: Array, b: Array, V: Array) -> Array:
    def slope(z: Array) -> Array:
        return np.tanh(z @ W.T + b) @ V.T

    z, h = x, 0.25
    for _ in range(4):
        k1 = slope(z)
        k2 = slope(z + h * k1 / 2)
        k3 = slope(z + h * k2 / 2)
        z = z + h * (k1 + 2 * k2 + 2 * k3 + slope(z + h * k3)) / 6
    return ((z - y) ** 2).sum(1).mean()


def barlow_twins(x: Array, y: Array, W: Array) -> Array:
    first, second = (standard(view @ W.T) for view in (x, y))
    c = first.T @ second / len(x)
    return sum((1 - c[d, e]) ** 2 if d == e else 0.05 * c[d, e] ** 2 for d, e in np.ndindex(c.shape))


def standard(u: Array) -> Array:
    away = u - u.mean(0)
    return away / np.sqrt((away**2).mean(0))


def language_image(x: Array, y: Array, W: Array, V: Array, logscale: Array) -> Array:
    u, v = x @ W.T, y @ V.T
    s = np.exp(logscale) * (u / length(u)) @ (v / length(v)).T
    pairs = np.arange(len(x))
    return (cross_entropy(s, pairs) + cross_entropy(s.T, pairs)) / 2
