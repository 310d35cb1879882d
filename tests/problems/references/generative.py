"""Models of densities, and of images, as NumPy has them: from arrays to a cost, which may be complex."""

from __future__ import annotations

import numpy as np

from .functions import Array, absolute, log_sum, sigmoid, softmax, softplus


def variational_autoencoder(
    x: Array,
    noise: Array,
    W: Array,
    b: Array,
    M: Array,
    m: Array,
    S: Array,
    s: Array,
    V: Array,
    c: Array,
    U: Array,
    u: Array,
) -> Array:
    h = np.tanh(x @ W.T + b)
    mean, deviation = h @ M.T + m, np.exp((h @ S.T + s) / 2)
    z = mean + deviation * noise
    p = sigmoid(np.tanh(z @ V.T + c) @ U.T + u)
    unlikely = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum()
    divergence = ((deviation**2 + mean**2 - 1) / 2 - np.log(deviation)).sum()
    return (unlikely + 1.5 * divergence) / len(x)


def real_nvp(x: Array, m: Array, A: Array, S: Array, T: Array, B: Array, R: Array, Q: Array) -> Array:
    total, kept, changed = 0, m == 1, m == 0
    for row in x:
        z = np.array(row, complex)
        hidden = np.tanh(A[:, kept] @ z[kept])
        scale = np.tanh(S @ hidden)[changed]
        z[changed] = z[changed] * np.exp(scale) + (T @ hidden)[changed]
        hidden = np.tanh(B[:, changed] @ z[changed])
        scale2 = np.tanh(R @ hidden)[kept]
        z[kept] = z[kept] * np.exp(scale2) + (Q @ hidden)[kept]
        total += (z**2 + np.log(2 * np.pi)).sum() / 2 - scale.sum() - scale2.sum()
    return total / len(x)


def planar_flow(x: Array, w: Array, u: Array, b: Array) -> Array:
    z, volume = np.array(x), 0
    for layer in range(len(w)):
        along = w[layer] @ u[layer]
        # ŵ = u + (m(w·u) − w·u) w/|w|² with m(a) = softplus(a) − 1, of the paper's appendix
        v = u[layer] + (softplus(along) - 1 - along) * w[layer] / (w[layer] ** 2).sum()
        h = np.tanh(z @ w[layer] + b[layer])
        z = z + np.outer(h, v)
        determinants = [np.eye(x.shape[1]) + np.outer(v, (1 - slope**2) * w[layer]) for slope in h]
        volume += sum(np.log(absolute(determinant(matrix))) for matrix in determinants)
    return ((z**2).sum() / 2 - volume) / len(x)


def determinant(matrix: Array) -> Array:
    """By Laplace, along the first row."""
    if len(matrix) == 1:
        return matrix[0, 0]
    minors = (np.delete(matrix[1:], column, axis=1) for column in range(len(matrix)))
    return sum((-1) ** column * matrix[0, column] * determinant(minor) for column, minor in enumerate(minors))


def denoising_diffusion(x: Array, noise: Array, step: Array, beta: Array, W: Array, E: Array, b: Array, V: Array, c: Array) -> Array:
    errors = []
    for row, added, t in zip(x, noise, step, strict=True):
        kept = np.prod(1 - beta[: t + 1])
        a = W @ (np.sqrt(kept) * row + np.sqrt(1 - kept) * added) + E[t] + b
        errors.append((added - V @ (a / (1 + np.exp(-a))) - c) ** 2)
    return np.mean(errors)


def free_energy(v: Array, draw: Array, draw2: Array, W: Array, b: Array, c: Array) -> Array:
    made = (draw2 < sigmoid((draw < sigmoid(v @ W.T + c).real) @ W + b).real).astype(float)

    def energy(state: Array) -> Array:
        return -(state @ b) - np.log(1 + np.exp(state @ W.T + c)).sum(1)

    return (energy(v) - energy(made)).mean()


def modern_hopfield(q: Array, y: Array, M: Array) -> Array:
    s = q
    for _ in range(3):
        s = softmax(2.0 * s @ M.T) @ M
    energy = -log_sum(2.0 * s @ M.T) / 2.0 + (s**2).sum(1) / 2
    return ((s - y) ** 2).sum(1).mean() + energy.mean() / 10
