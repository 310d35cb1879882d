"""Networks that attend, and those that carry a state in place of it: example by example, step by step."""

from __future__ import annotations

import math

import numpy as np

from .functions import Array, cross_entropy, normal, relu, sigmoid, softmax


def set_transformer(x: Array, y: Array, S: Array, K: Array, V: Array, O: Array, F: Array) -> Array:  # noqa: E741
    total = 0
    for elements, right in zip(x, y, strict=True):
        heads = [S[h] + softmax(elements @ K[h].T @ S[h] / np.sqrt(S.shape[1])) @ (elements @ V[h].T) for h in range(len(S))]
        joined = sum(O[:, h] @ head for h, head in enumerate(heads))
        total += ((joined + relu(F @ joined) - right) ** 2).sum()
    return total / len(x)


def vision_transformer(
    x: Array, y: Array, P: Array, first: Array, place: Array, Q: Array, K: Array, V: Array, gain: Array, W: Array
) -> Array:
    z = []
    for image in x:
        squares = [image[:, i : i + 2, j : j + 2] for i in range(0, image.shape[1], 2) for j in range(0, image.shape[2], 2)]
        e = np.array([first, *(np.einsum("dcpq,cpq->d", P, square) for square in squares)]) + place
        u = gain * normal(e)
        attended = softmax(u @ Q.T @ (u @ K.T).T / np.sqrt(5)) @ (u @ V.T)
        z.append(W @ (e + attended)[0])
    return cross_entropy(np.array(z), y)


def linear_attention(x: Array, y: Array, Q: Array, K: Array, V: Array) -> Array:
    """In the form with all pairs of places, without a state."""

    def feature(u: Array) -> Array:
        return np.where(u.real > 0, u + 1, np.exp(u))

    total = 0
    for steps, right in zip(x, y, strict=True):
        pairs = np.tril(feature(steps @ Q.T) @ feature(steps @ K.T).T)
        total += ((pairs / pairs.sum(1, keepdims=True) @ (steps @ V.T) - right) ** 2).sum()
    return total / len(x)


def retention(x: Array, y: Array, Q: Array, K: Array, V: Array, G: Array, O: Array) -> Array:  # noqa: E741
    """In the recurrent form, S := γ S + k vᵀ."""
    errors = []
    for steps, right in zip(x, y, strict=True):
        states = [np.zeros((Q.shape[1], V.shape[1]), complex) for _ in Q]
        for step, wanted in zip(steps, right, strict=True):
            out = 0
            for h, decay in enumerate((1 - 2.0**-5, 1 - 2.0**-6)):
                states[h] = decay * states[h] + np.outer(K[h] @ step, V[h] @ step)
                gate = G[h] @ step
                out = out + O[:, h] @ (gate * sigmoid(gate) * normal(Q[h] @ step @ states[h]))
            errors.append((out - wanted) ** 2)
    return np.mean(errors)


def time_mixing(
    x: Array,
    y: Array,
    mr: Array,
    mk: Array,
    mv: Array,
    R: Array,
    K: Array,
    V: Array,
    O: Array,  # noqa: E741
    w: Array,
    u: Array,
) -> Array:
    """With sums over all places before, as the paper defines them."""
    errors = []
    for steps, right in zip(x, y, strict=True):
        before = np.vstack([0 * steps[:1], steps[:-1]])
        r, k, v = (mixed @ M.T for mixed, M in ((m * steps + (1 - m) * before, M) for m, M in ((mr, R), (mk, K), (mv, V))))
        for t in range(len(steps)):
            weights = [np.exp(-(t - 1 - i) * np.exp(w) + k[i]) for i in range(t)] + [np.exp(u + k[t])]
            mean = sum(weight * v[i] for i, weight in enumerate(weights)) / sum(weights)
            errors.append((O @ (sigmoid(r[t]) * mean) - right[t]) ** 2)
    return np.mean(errors)


def diagonal_state_space(x: Array, y: Array, logdt: Array, logre: Array, im: Array, cre: Array, cim: Array, D: Array) -> Array:
    """As a convolution: 2 Re(Σ_s c_s exp(t Δ a_s)) Δ at the distance t, its real part by cosines and sines."""
    steps, dt = x.shape[1], np.exp(logdt)
    t = np.arange(steps)[:, None, None]
    size, angle = np.exp(-np.exp(logre) * dt[:, None] * t), im * dt[:, None] * t
    kernel = 2 * (size * (cre * np.cos(angle) - cim * np.sin(angle))).sum(2) * dt
    out = np.array([[sum(kernel[t - s] * row[s] for s in range(t + 1)) + D * row[t] for t in range(steps)] for row in x])
    return ((out - y) ** 2).mean()


def extended_memory(x: Array, y: Array, Wz: Array, Rz: Array, Wi: Array, Ri: Array, Wf: Array, Rf: Array, Wo: Array, Ro: Array) -> Array:
    """Without the stabiliser, which changes no number: h = o c/n."""
    errors = []
    for steps, right in zip(x, y, strict=True):
        c, n, h = (np.zeros(len(Wz), complex) for _ in range(3))
        for t, (step, wanted) in enumerate(zip(steps, right, strict=True)):
            forget, entering = np.exp(Wf @ step + Rf @ h), np.exp(Wi @ step + Ri @ h)
            value, out = np.tanh(Wz @ step + Rz @ h), sigmoid(Wo @ step + Ro @ h)
            c, n = (forget * c if t else c) + entering * value, (forget * n if t else n) + entering
            h = out * c / n
            errors.append((h - wanted) ** 2)
    return np.mean(errors)


def mlp_mixer(x: Array, y: Array, A: Array, B: Array, D: Array, E: Array) -> Array:
    total = 0
    for places, right in zip(x, y, strict=True):
        mixed = places + B @ gaussian_unit(A @ normal(places))
        out = mixed + gaussian_unit(normal(mixed) @ D.T) @ E.T
        total += ((out.mean(0) - right) ** 2).sum()
    return total / len(x)


def gaussian_unit(u: Array) -> Array:
    """u Φ(u), and its slope Φ(u) + u φ(u) times a small imaginary part."""
    share = (1 + np.vectorize(math.erf)(u.real / np.sqrt(2))) / 2
    slope = share + u.real * np.exp(-(u.real**2) / 2) / np.sqrt(2 * np.pi)
    return u.real * share + 1j * u.imag * slope


def delta_rule(x: Array, y: Array, Q: Array, K: Array, V: Array, b: Array) -> Array:
    """S := S (1 − β k kᵀ) + β v kᵀ."""
    errors = []
    for steps, right in zip(x, y, strict=True):
        S = np.zeros((len(V), len(K)), complex)
        for step, wanted in zip(steps, right, strict=True):
            k, beta = K @ step, sigmoid(b @ step)
            k = k / np.sqrt((k**2).sum())
            S = S @ (np.eye(len(k)) - beta * np.outer(k, k)) + beta * np.outer(V @ step, k)
            errors.append((S @ (Q @ step) - wanted) ** 2)
    return np.mean(errors)


def linear_biases(x: Array, y: Array, Q: Array, K: Array, V: Array) -> Array:
    errors = []
    for steps, right in zip(x, y, strict=True):
        for t, (step, wanted) in enumerate(zip(steps, right, strict=True)):
            out = 0
            for h, slope in enumerate((2.0**-4, 2.0**-8)):
                scores = [Q[h] @ step @ (K[h] @ steps[s]) / np.sqrt(Q.shape[1]) - slope * (t - s) for s in range(t + 1)]
                out = out + softmax(np.array(scores)) @ (steps[: t + 1] @ V[h].T)
            errors.append((out - wanted) ** 2)
    return np.mean(errors)
